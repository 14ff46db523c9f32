"""The numbers of cross-validation folds: our own, which keep formulas together, and Matbench's."""

from heapq import heapify, heapreplace

import numpy as np

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset

N_FOLDS = 5
MATBENCH_SEED = 18012019
"""Matbench v0.1: KFold, or StratifiedKFold for classes, with n_splits=5, shuffle=True and this random_state
(npj Comput Mater 6, 138, 2020, doi 10.1038/s41524-020-00406-3)."""


def group_folds(group: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Group numbers (n,) -> folds (n,) from 1 to 5, equal within a group.

    The largest groups are dealt first, equal ones in random order, each to the fold with the fewest rows.
    How many rows a fold has follows from the sizes of the groups alone. Raises ExperimentError for less
    than five groups.
    """
    sizes = np.bincount(group)
    if len(sizes) < N_FOLDS:
        raise ExperimentError(
            f"The split 'folds' needs at least {N_FOLDS} different formulas; this table has {len(sizes)}. "
            "Choose the random split."
        )
    order = generator.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    loads = [(0, fold) for fold in range(1, N_FOLDS + 1)]
    heapify(loads)
    dealt = []
    for size in sizes[order].tolist():
        load, fold = loads[0]
        dealt.append(fold)
        heapreplace(loads, (load + size, fold))
    fold_of = np.empty(len(sizes), dtype=int)
    fold_of[order] = dealt
    return fold_of[group]


def matbench_folds(dataset: Dataset) -> np.ndarray:
    """Folds (n,) of the rows kept, from 0 to 4 as Matbench numbers them, drawn over all rows of the table.

    Raises ExperimentError where a row lacks its class or a class has less than five rows.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    values = dataset.table_values
    settings = {"n_splits": N_FOLDS, "shuffle": True, "random_state": MATBENCH_SEED}
    if dataset.task == "classification":
        _check_classes(dataset)
        parts = StratifiedKFold(**settings).split(values, values)
    else:
        parts = KFold(**settings).split(values)
    folds = np.empty(len(values), dtype=int)
    for fold, (_, test) in enumerate(parts):
        folds[test] = fold
    return folds[dataset.places]


def matbench_note(dataset: Dataset) -> str:
    """What the folds of this dataset lack; '' where every row of the table is in its fold."""
    n_table, n_lacking = len(dataset.table_values), len(dataset.table_values) - len(dataset)
    if not n_lacking:
        return ""
    return (
        f"The folds are those of all {n_table:,} rows of {dataset.name}; {n_lacking:,} of them were left out "
        "or merged in cleaning and are missing from their fold, while a published score counts every row."
    )


def _check_classes(dataset: Dataset) -> None:
    classless = np.count_nonzero(np.isnan(dataset.table_values))
    if classless:
        raise ExperimentError(
            f"Matbench's folds share out the classes of all rows, and {classless:,} of the "
            f"{len(dataset.table_values):,} rows of {dataset.name} have none; choose another split."
        )
    for code, label in enumerate(dataset.classes):
        n_rows = np.count_nonzero(dataset.table_values == code)
        if n_rows < N_FOLDS:
            raise ExperimentError(
                f"The class {label!r} of {dataset.name} has {n_rows} rows; to stand in each of Matbench's "
                f"folds it needs {N_FOLDS}: choose another split."
            )
