"""The rows that a baseline learns from and is tested on under a random split and under another."""

from dataclasses import dataclass

import numpy as np

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset
from brnet.materials.splits.parts import TEST_SHARE, Split, numbered
from brnet.materials.splits.rules import SPLITS, split

ALWAYS_THE_SAME_ROWS = ("element", "cluster", "matbench")
"""Rules whose test rows no seed changes: they are found once."""

BY_KIND = ("element", "cluster")
"""Rules that test one kind of material, none of which is learned from."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Arm:
    """Row numbers under one split; `held` (n,) bool says which rows of the dataset it holds out."""

    train: np.ndarray
    test: np.ndarray
    held: np.ndarray
    seed: int


def draw_sample(dataset: Dataset, *, most_rows: int, seed: int) -> np.ndarray:
    """Which rows are used (n,) bool: all, or whole chemical systems, or whole formulas where the systems
    that are small enough do not make up half of the sample, or single rows."""
    n_rows = len(dataset)
    if n_rows <= most_rows:
        return np.ones(n_rows, dtype=bool)
    # Not the generator of a split: with the same draws, the sample would be the rows that it tests.
    generator = np.random.default_rng([seed, most_rows])
    for key in ("chemical_system", "reduced") if dataset.compositions else ():
        group = numbered([getattr(composition, key) for composition in dataset.compositions])
        sizes = np.bincount(group)
        order = generator.permutation(len(sizes))
        order = order[sizes[order] <= most_rows]
        drawn = np.zeros(len(sizes), dtype=bool)
        drawn[order[np.cumsum(sizes[order]) <= most_rows]] = True
        if 2 * sizes[drawn].sum() >= most_rows:
            return drawn[group]
    sample = np.zeros(n_rows, dtype=bool)
    sample[generator.choice(n_rows, size=most_rows, replace=False)] = True
    return sample


def paired_arms(
    dataset: Dataset, *, rule: str, held_out: str, sample: np.ndarray, seeds: range
) -> list[tuple[Arm, Arm]]:
    """For each seed the random and the chosen split, thinned to the sample (n,) bool, the longer training
    part also to the length of the other. Raises ExperimentError where a part is left empty."""
    fixed = None
    if rule in ALWAYS_THE_SAME_ROWS:
        found = split(dataset, rule=rule, seed=seeds.start, held_out=held_out)
        fixed = Split(train=np.concatenate([found.train, found.valid]), valid=found.valid, test=found.test)
    pairs = []
    for seed in seeds:
        chosen = fixed or split(dataset, rule=rule, seed=seed, held_out=held_out)
        pairs.append(_pair(dataset, rule, split(dataset, rule="random", seed=seed), chosen, sample, seed))
    return pairs


def _pair(
    dataset: Dataset, rule: str, random: Split, chosen: Split, sample: np.ndarray, seed: int
) -> tuple[Arm, Arm]:
    generator = np.random.default_rng([seed, 1])
    trains = [generator.permutation(part.train[sample[part.train]]) for part in (random, chosen)]
    tests = [part.test[sample[part.test]] for part in (random, chosen)]
    if rule in BY_KIND:
        tests[1] = _filled_up(tests[1], chosen.test, round(TEST_SHARE * sample.sum()))
    n_train = min(map(len, trains))
    if not n_train or not all(map(len, tests)):
        raise ExperimentError(
            f"The {int(sample.sum()):,} rows of {dataset.name} that are used leave nothing to learn from or "
            f"to test under the split {rule!r} ({SPLITS[rule].label}); choose another split."
        )
    first, second = (
        Arm(train=train[:n_train], test=test, held=_marked(part.test, len(dataset)), seed=seed)
        for part, train, test in zip((random, chosen), trains, tests, strict=True)
    )
    return first, second


def _filled_up(test: np.ndarray, held: np.ndarray, n_rows: int) -> np.ndarray:
    """A rare element or cluster has few rows in the sample: others of the whole table are tested too.
    Nothing leaks, for no row of its formulas is learned from."""
    others = np.setdiff1d(held, test)
    drawn = np.random.default_rng(len(held)).permutation(others)
    return np.concatenate([test, drawn[: max(0, n_rows - len(test))]])


def _marked(rows: np.ndarray, n_rows: int) -> np.ndarray:
    marks = np.zeros(n_rows, dtype=bool)
    marks[rows] = True
    return marks
