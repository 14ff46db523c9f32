"""Which rows are learned from, which choose the best epoch, which judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset
from brnet.materials.splits.folds import N_FOLDS, matbench_note
from brnet.materials.splits.holdings import Holding, formula_numbers, held_out_rows
from brnet.materials.splits.parts import (
    FEWEST_ROWS,
    TEST,
    TRAIN,
    VALID,
    Split,
    cut,
    cut_groups,
    cut_sorted,
    cut_strata,
    hold_out,
    numbered,
)

FEWEST_TRAINING = 3  # rows that a table of its own split must leave to learn from
FEWEST_OF_A_CLASS = 3  # rows: one to learn from, one to choose the epoch, one to judge
FEWEST_GROUPS = 3
MOST_NAMED = 6  # things that a refusal lists


@dataclass(frozen=True, kw_only=True)
class SplitRule:
    """A way to hold rows back, and what a score on them means.

    `tests` names the test rows in a sentence, with a place for what is held out; `asks` says what that
    is, where one thing must be chosen; `needs_compositions` that there must be some.
    """

    name: str
    label: str
    note: str
    tests: str
    asks: Literal["", "element", "cluster", "fold"] = ""
    needs_compositions: bool = False


SPLITS: dict[str, SplitRule] = {
    rule.name: rule
    for rule in (
        SplitRule(
            name="formula",
            label="Held-out formulas (80/10/10)",
            note="Rows of one reduced formula stay together: the score is for compositions never seen.",
            tests="held-out formulas",
            needs_compositions=True,
        ),
        SplitRule(
            name="random",
            label="Random rows (80/10/10)",
            note="A formula measured twice can be learned and tested: optimistic where formulas repeat.",
            tests="random rows",
        ),
        SplitRule(
            name="system",
            label="Held-out chemical systems (80/10/10)",
            note="All rows of one set of elements stay together: the score is for new chemistry.",
            tests="held-out chemical systems",
            needs_compositions=True,
        ),
        SplitRule(
            name="column",
            label="The table's own 'split' column",
            note="Train, validation and test as the table's column 'split' says; without validation rows "
            "there, a tenth of the training formulas is drawn for it.",
            tests="the test rows of the table's own split",
        ),
        SplitRule(
            name="stratified",
            label="Random rows, stratified by value (80/10/10)",
            note="Each part gets its share of low and high values, or of each class, which chance alone does "
            "not grant a small table. As optimistic as random rows where formulas repeat.",
            tests="random rows, stratified by value",
        ),
        SplitRule(
            name="element",
            label="Leave one element out",
            note="All rows that hold the element are tested, so the score is for an element never seen; "
            "a tenth of the other formulas is for validation.",
            tests="rows with {held_out}",
            asks="element",
            needs_compositions=True,
        ),
        SplitRule(
            name="cluster",
            label="Leave one cluster of compositions out",
            note="Up to ten clusters, by k-means on the mean elemental properties of each formula; one is "
            "tested, so the score is for a kind of material never seen.",
            tests="cluster {held_out} of the compositions",
            asks="cluster",
            needs_compositions=True,
        ),
        SplitRule(
            name="folds",
            label=f"{N_FOLDS}-fold cross-validation",
            note="Rows of one formula stay together. With one seed, the folds 1 to 5 test every row once.",
            tests=f"fold {{held_out}} of {N_FOLDS}",
            asks="fold",
        ),
        SplitRule(
            name="matbench",
            label="Matbench v0.1 folds",
            note="The published folds 0 to 4, where the table is a Matbench task with all its rows in their "
            "order. Formulas that repeat are learned and tested, as there; whole formulas of the training "
            "part are for validation.",
            tests="Matbench fold {held_out}",
            asks="fold",
        ),
    )
}


def split(dataset: Dataset, *, rule: str, seed: int, held_out: str = "") -> Split:
    """The same dataset, rule, seed and thing held out give the same split.

    `held_out` names the element ('Fe'), cluster ('3') or fold ('1') to test, as `holdings` lists them;
    empty takes the first listed. Raises ExperimentError where the split cannot be made.
    """
    _check(dataset, rule)
    generator = np.random.default_rng(seed)
    if SPLITS[rule].asks:
        return _held_out(dataset, rule, held_out, generator)
    if held_out:
        raise ExperimentError(f"The split {rule!r} has nothing to choose; leave {held_out!r} out.")
    if rule == "column":
        return _by_column(dataset, generator)
    if rule in ("random", "stratified"):
        if dataset.task == "classification":
            return cut_strata(_rows_of_classes(dataset), generator)
        if rule == "stratified":
            return cut_sorted(dataset.values, generator)
        return cut(generator.permutation(len(dataset)))
    return cut_groups(_groups(dataset, rule), generator)


def holdings(dataset: Dataset, rule: str) -> tuple[Holding, ...]:
    """What the rule can hold out and leave enough rows to learn from; () where it asks nothing.

    The first is the default: the element or cluster nearest to a tenth of the rows, the first fold.
    Other elements and clusters follow by their rows. Raises ExperimentError where the rule is refused.
    """
    _check(dataset, rule)
    if not SPLITS[rule].asks:
        return ()
    return held_out_rows(dataset, rule, np.random.default_rng(0)).holdings


def rules_for(dataset: Dataset) -> tuple[str, ...]:
    """The rules that the columns of this dataset allow, in the order of SPLITS."""
    return tuple(rule.name for rule in SPLITS.values() if _allows(dataset, rule))


def _check(dataset: Dataset, rule: str) -> None:
    if rule not in SPLITS:
        raise ExperimentError(f"There is no split {rule!r}; choose one of {', '.join(SPLITS)}.")
    if len(dataset) < FEWEST_ROWS:
        raise ExperimentError(
            f"{dataset.name} has {len(dataset)} usable rows; to train and test, {FEWEST_ROWS} are needed."
        )
    if _allows(dataset, SPLITS[rule]):
        return
    if rule == "column":
        raise ExperimentError(dataset.why_no_split)
    raise ExperimentError(
        f"The split {rule!r} goes by compositions, and {dataset.name} has none; "
        f"choose one of {', '.join(rules_for(dataset))}."
    )


def _allows(dataset: Dataset, rule: SplitRule) -> bool:
    if rule.name == "column":
        return dataset.given_split is not None
    return bool(dataset.compositions) or not rule.needs_compositions


def _by_column(dataset: Dataset, generator: np.random.Generator) -> Split:
    train, valid, test = (np.flatnonzero(dataset.given_split == part) for part in (TRAIN, VALID, TEST))
    if len(train) < FEWEST_TRAINING:
        raise ExperimentError(
            f"The column 'split' of {dataset.name} leaves {len(train)} usable training rows; "
            f"at least {FEWEST_TRAINING} are needed: correct it or choose another split."
        )
    if not len(valid):
        return hold_out(np.asarray(dataset.given_split) == TEST, formula_numbers(dataset), generator)
    return Split(train=train, valid=valid, test=test)


def _rows_of_classes(dataset: Dataset) -> list[np.ndarray]:
    rows_of_class = [np.flatnonzero(dataset.values == value) for value in np.unique(dataset.values)]
    for rows in rows_of_class:
        if len(rows) < FEWEST_OF_A_CLASS:
            label = dataset.classes[int(dataset.values[rows[0]])]
            raise ExperimentError(
                f"The class {label!r} of {dataset.name} has {len(rows)} rows; to train, choose and test, "
                f"{FEWEST_OF_A_CLASS} are needed: add some or choose another split."
            )
    return rows_of_class


def _groups(dataset: Dataset, rule: str) -> np.ndarray:
    """The number of each row's formula or chemical system (n,)."""
    if rule == "formula":
        group = formula_numbers(dataset)
    else:
        group = numbered([composition.chemical_system for composition in dataset.compositions])
    n_groups = int(group.max()) + 1
    if n_groups < FEWEST_GROUPS:
        raise ExperimentError(
            f"The split {rule!r} needs at least three different groups; this table has {n_groups}. "
            "Choose the random split."
        )
    return group


def _held_out(dataset: Dataset, rule: str, held_out: str, generator: np.random.Generator) -> Split:
    """The rows of one element, cluster or fold are tested."""
    found = held_out_rows(dataset, rule, generator)
    name = _chosen(dataset, rule, held_out, found.holdings)
    note = matbench_note(dataset) if rule == "matbench" else ""
    return hold_out(found.tested(name), formula_numbers(dataset), generator, note)


def _chosen(dataset: Dataset, rule: str, held_out: str, found: Sequence[Holding]) -> str:
    """The name held out, or the default."""
    names, asks = [holding.name for holding in found], SPLITS[rule].asks
    if not names:
        raise ExperimentError(
            f"There is no {asks} in {dataset.name} without which {FEWEST_ROWS} rows are left to learn from; "
            "choose another split."
        )
    if held_out and held_out not in names:
        shown = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
        raise ExperimentError(
            f"There is no {asks} {held_out!r} in {dataset.name} without which {FEWEST_ROWS} rows are left to "
            f"learn from; choose one of {shown}."
        )
    return held_out or names[0]
