"""Rows, or whole groups of rows, divided into those that are learned from, choose the epoch and judge."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

VALID_SHARE = 0.1
TEST_SHARE = 0.1
FEWEST_ROWS = 10
TRAIN, VALID, TEST = range(3)
ROWS_A_BIN = 10
"""Rows next to each other in value, of which one is tested and one chooses: a tenth each."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Row numbers, each row in exactly one of the three; `note` says what a score on them does not count."""

    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray
    note: str = ""


def numbered(keys: Sequence[Hashable]) -> np.ndarray:
    """Keys (n,) -> (n,) int, equal for equal keys, from 0 in order of first appearance."""
    found = np.empty(len(keys), dtype=object)
    found[:] = keys
    return pd.factorize(found)[0]


def cut(order: np.ndarray) -> Split:
    """Rows in random order: the first tenth is tested, the second chooses."""
    n_test = max(1, round(TEST_SHARE * len(order)))
    n_valid = max(1, round(VALID_SHARE * len(order)))
    return Split(test=order[:n_test], valid=order[n_test : n_test + n_valid], train=order[n_test + n_valid :])


def cut_strata(strata: Sequence[np.ndarray], generator: np.random.Generator) -> Split:
    """Each stratum's rows in their share, at least one in each part; a stratum has three rows or more."""
    cuts = [cut(generator.permutation(rows)) for rows in strata]
    train, valid, test = (
        generator.permutation(np.concatenate([getattr(part, name) for part in cuts]))
        for name in ("train", "valid", "test")
    )
    return Split(train=train, valid=valid, test=test)


def cut_sorted(values: np.ndarray, generator: np.random.Generator) -> Split:
    """Of each ten rows next to each other in value (n,) one is tested and one chooses.

    Equal values stand in random order, and a last bin of less than ten rows draws among its places.
    """
    rows = generator.permutation(len(values))
    rows = rows[np.argsort(values[rows], kind="stable")]
    codes = np.array([TEST, VALID] + [TRAIN] * (ROWS_A_BIN - 2))
    n_bins = -(-len(values) // ROWS_A_BIN)
    part = generator.permuted(np.tile(codes, (n_bins, 1)), axis=1).ravel()[: len(values)]
    return _split(part, rows, generator)


def cut_groups(group: np.ndarray, generator: np.random.Generator) -> Split:
    """Group numbers (n,) of at least three groups: whole groups, in random order, go where they still fit:
    test, then validation, else training."""
    sizes = np.bincount(group)
    part = _filled(sizes, generator.permutation(len(sizes)), (TEST, VALID))
    return _split(part[group], np.arange(len(group)), generator)


def hold_out(tested: np.ndarray, group: np.ndarray, generator: np.random.Generator, note: str = "") -> Split:
    """The rows `tested` (n,) bool judge; of the others, whole groups of a tenth of the rows choose.

    Where all others are one group, its rows are drawn one by one.
    """
    rest = np.flatnonzero(~tested)
    present, number = np.unique(group[rest], return_inverse=True)
    if len(present) == 1:
        number = np.arange(len(rest))
    sizes = np.bincount(number)
    part = _filled(sizes, generator.permutation(len(sizes)), (VALID,))
    found = _split(part[number], rest, generator)
    return Split(train=found.train, valid=found.valid, test=np.flatnonzero(tested), note=note)


def _split(part: np.ndarray, rows: np.ndarray, generator: np.random.Generator) -> Split:
    """The part of each of the rows (m,) -> the rows of each part, in random order."""
    order = generator.permutation(len(rows))
    rows, part = rows[order], part[order]
    return Split(train=rows[part == TRAIN], valid=rows[part == VALID], test=rows[part == TEST])


def _filled(sizes: np.ndarray, order: np.ndarray, codes: Sequence[int]) -> np.ndarray:
    """The part of each group (n_groups,): the rows held back do not exceed their share while groups fit."""
    part = np.full(len(sizes), TRAIN)
    share = {TEST: TEST_SHARE, VALID: VALID_SHARE}
    room = {code: share[code] * sizes.sum() for code in codes}
    for number, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        for code in codes:
            if size <= room[code]:
                part[number] = code
                room[code] -= size
                break
    _fill_empty(part, sizes, codes)
    return part


def _fill_empty(part: np.ndarray, sizes: np.ndarray, codes: Sequence[int]) -> None:
    """Validation shares the groups of test; else a part takes the smallest group of training."""
    for code in codes:
        if (part == code).any():
            continue
        tested, learned = np.flatnonzero(part == TEST), np.flatnonzero(part == TRAIN)
        part[tested[1::2] if len(tested) > 1 else learned[np.argmin(sizes[learned])]] = code
