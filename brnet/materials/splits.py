"""Which rows are learned from, which choose the best epoch, which judge."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset

VALID_SHARE = 0.1
TEST_SHARE = 0.1
FEWEST_ROWS = 10
FEWEST_OF_A_CLASS = 3  # rows: one to learn from, one to choose the epoch, one to judge
TRAIN, VALID, TEST = range(3)


@dataclass(frozen=True, kw_only=True)
class SplitRule:
    """A way to hold rows back, and what a score on them means."""

    name: str
    label: str
    note: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Row numbers, each row in exactly one of the three."""

    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray


SPLITS: dict[str, SplitRule] = {
    rule.name: rule
    for rule in (
        SplitRule(
            name="formula",
            label="Held-out formulas (80/10/10)",
            note="Rows of one reduced formula stay together: the score is for compositions never seen.",
        ),
        SplitRule(
            name="random",
            label="Random rows (80/10/10)",
            note="A formula measured twice can be learned and tested: optimistic where formulas repeat.",
        ),
        SplitRule(
            name="system",
            label="Held-out chemical systems (80/10/10)",
            note="All rows of one set of elements stay together: the score is for new chemistry.",
        ),
        SplitRule(
            name="column",
            label="The table's own 'split' column",
            note="Train, validation and test as the table's column 'split' says; without validation rows "
            "there, every ninth training row is drawn for it.",
        ),
    )
}


def split(dataset: Dataset, *, rule: str, seed: int) -> Split:
    """The same dataset, rule and seed give the same split. Raises ExperimentError where it cannot be done."""
    if rule not in SPLITS:
        raise ExperimentError(f"There is no split {rule!r}; choose one of {', '.join(SPLITS)}.")
    if len(dataset) < FEWEST_ROWS:
        raise ExperimentError(
            f"{dataset.name} has {len(dataset)} usable rows; to train and test, {FEWEST_ROWS} are needed."
        )
    generator = np.random.default_rng(seed)
    if rule == "column":
        return _by_column(dataset, generator)
    if rule == "random":
        if dataset.task == "classification":
            return _by_class(dataset, generator)
        return _cut(generator.permutation(len(dataset)))
    key = "reduced" if rule == "formula" else "chemical_system"
    return _by_group([getattr(c, key) for c in dataset.compositions], rule, generator)


def _by_column(dataset: Dataset, generator: np.random.Generator) -> Split:
    if dataset.given_split is None:
        raise ExperimentError(dataset.why_no_split)
    train, valid, test = (np.flatnonzero(dataset.given_split == part) for part in (TRAIN, VALID, TEST))
    if not len(valid):
        train = generator.permutation(train)
        n_valid = max(1, round(VALID_SHARE / (1 - TEST_SHARE) * len(train)))
        train, valid = train[n_valid:], train[:n_valid]
    return Split(train=train, valid=valid, test=test)


def _cut(order: np.ndarray) -> Split:
    n_test = max(1, round(TEST_SHARE * len(order)))
    n_valid = max(1, round(VALID_SHARE * len(order)))
    return Split(test=order[:n_test], valid=order[n_test : n_test + n_valid], train=order[n_test + n_valid :])


def _by_class(dataset: Dataset, generator: np.random.Generator) -> Split:
    """Random, each class in its share."""
    rows_of_class = [np.flatnonzero(dataset.values == value) for value in np.unique(dataset.values)]
    for rows in rows_of_class:
        if len(rows) < FEWEST_OF_A_CLASS:
            label = dataset.classes[int(dataset.values[rows[0]])]
            raise ExperimentError(
                f"The class {label!r} of {dataset.name} has {len(rows)} rows; to train, choose and test, "
                f"{FEWEST_OF_A_CLASS} are needed: add some or choose another split."
            )
    parts = [_cut(generator.permutation(rows)) for rows in rows_of_class]
    return Split(
        **{
            name: generator.permutation(np.concatenate([getattr(part, name) for part in parts]))
            for name in ("train", "valid", "test")
        }
    )


def _by_group(keys: Sequence[Hashable], rule: str, generator: np.random.Generator) -> Split:
    """Whole groups, in random order, go where they still fit: test, then validation, else training."""
    numbers: dict[Hashable, int] = {}
    group = np.array([numbers.setdefault(key, len(numbers)) for key in keys])
    if len(numbers) < 3:
        raise ExperimentError(
            f"The split {rule!r} needs at least three different groups; this table has {len(numbers)}. "
            "Choose the random split."
        )
    sizes = np.bincount(group)
    part = _filled(sizes, generator.permutation(len(numbers)))
    _fill_empty(part, sizes)
    rows = generator.permutation(len(group))
    return Split(
        **{name: rows[part[group[rows]] == code] for code, name in enumerate(("train", "valid", "test"))}
    )


def _filled(sizes: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The part of each group (n_groups,): the rows held back never exceed their share."""
    part = np.full(len(sizes), TRAIN)
    room = {TEST: TEST_SHARE * sizes.sum(), VALID: VALID_SHARE * sizes.sum()}
    for number, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        code = next((code for code in (TEST, VALID) if size <= room[code]), TRAIN)
        if code != TRAIN:
            part[number] = code
            room[code] -= size
    return part


def _fill_empty(part: np.ndarray, sizes: np.ndarray) -> None:
    """Validation shares the groups of test; else a part takes the smallest group of training."""
    for code in (TEST, VALID):
        if (part == code).any():
            continue
        tested, learned = np.flatnonzero(part == TEST), np.flatnonzero(part == TRAIN)
        part[tested[1::2] if len(tested) > 1 else learned[np.argmin(sizes[learned])]] = code
