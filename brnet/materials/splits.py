"""Which rows are learned from, which choose the best epoch, which judge."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset

VALID_SHARE = 0.1
TEST_SHARE = 0.1
FEWEST_ROWS = 10


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
            return _by_class(dataset.values, generator)
        return _cut(generator.permutation(len(dataset)))
    key = "reduced" if rule == "formula" else "chemical_system"
    return _by_group([getattr(c, key) for c in dataset.compositions], rule, generator)


def _by_column(dataset: Dataset, generator: np.random.Generator) -> Split:
    if dataset.given_split is None:
        raise ExperimentError(
            f"{dataset.name} has no column 'split' that says train, val or test in every row; "
            "add one or choose another split."
        )
    train, valid, test = (np.flatnonzero(dataset.given_split == part) for part in range(3))
    if not len(valid):
        train = generator.permutation(train)
        n_valid = max(1, round(VALID_SHARE / (1 - TEST_SHARE) * len(train)))
        train, valid = train[n_valid:], train[:n_valid]
    return Split(train=train, valid=valid, test=test)


def _cut(order: np.ndarray) -> Split:
    n_test = max(1, round(TEST_SHARE * len(order)))
    n_valid = max(1, round(VALID_SHARE * len(order)))
    return Split(test=order[:n_test], valid=order[n_test : n_test + n_valid], train=order[n_test + n_valid :])


def _by_class(values: np.ndarray, generator: np.random.Generator) -> Split:
    """Random, each class in its share."""
    parts = [_cut(generator.permutation(np.flatnonzero(values == label))) for label in np.unique(values)]
    return Split(
        **{
            name: generator.permutation(np.concatenate([getattr(part, name) for part in parts]))
            for name in ("train", "valid", "test")
        }
    )


def _by_group(keys: Sequence[Hashable], rule: str, generator: np.random.Generator) -> Split:
    """Whole groups in random order fill the test rows, then the validation rows; the rest is for training."""
    numbers: dict[Hashable, int] = {}
    group = np.array([numbers.setdefault(key, len(numbers)) for key in keys])
    if len(numbers) < 3:
        raise ExperimentError(
            f"The split {rule!r} needs at least three different groups; this table has {len(numbers)}. "
            "Choose the random split."
        )
    shuffled = generator.permutation(len(numbers))
    sizes = np.bincount(group)[shuffled]
    ends = np.cumsum(sizes) / len(group)
    part_of_rank = np.where(ends <= TEST_SHARE, 2, np.where(ends <= TEST_SHARE + VALID_SHARE, 1, 0))
    # A large group at the front must not leave a part empty.
    part_of_rank[0], part_of_rank[-1] = 2, 0
    if not (part_of_rank == 1).any():
        part_of_rank[1] = 1
    part = np.empty(len(numbers), dtype=int)
    part[shuffled] = part_of_rank
    rows = generator.permutation(len(group))
    return Split(
        **{name: rows[part[group[rows]] == code] for code, name in enumerate(("train", "valid", "test"))}
    )
