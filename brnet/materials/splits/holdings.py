"""What can be held out of a dataset: the rows of one element, one cluster of compositions, one fold."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from brnet.materials.dataset import Dataset
from brnet.materials.splits.clusters import find_clusters
from brnet.materials.splits.folds import group_folds, matbench_folds
from brnet.materials.splits.parts import FEWEST_ROWS, TEST_SHARE, numbered


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One thing that can be held out, and how many rows it is."""

    name: str
    label: str
    n_rows: int


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """The things that leave enough rows to learn from, the default first; `tested` gives the rows (n,) bool
    of one by its name."""

    holdings: tuple[Holding, ...]
    tested: Callable[[str], np.ndarray]


def held_out_rows(dataset: Dataset, rule: str, generator: np.random.Generator) -> HeldOut:
    """For the rules 'element', 'cluster', 'folds' and 'matbench'; only 'folds' draws from the generator, and
    how many rows its folds have does not depend on what is drawn.

    Raises ExperimentError where clusters or folds cannot be made.
    """
    if rule == "element":
        return HeldOut(
            holdings=_by_size(dataset, _elements(dataset)), tested=lambda name: _holds(dataset, name)
        )
    if rule == "cluster":
        number, found = _clusters(dataset)
        return HeldOut(holdings=_by_size(dataset, found), tested=lambda name: number == int(name))
    folds = (
        matbench_folds(dataset) if rule == "matbench" else group_folds(formula_numbers(dataset), generator)
    )
    return HeldOut(holdings=_enough(dataset, _folds(folds)), tested=lambda name: folds == int(name))


def formula_numbers(dataset: Dataset) -> np.ndarray:
    """The number of each row's reduced formula (n,), or its own where there are no compositions."""
    if not dataset.compositions:
        return np.arange(len(dataset))
    return numbered([composition.reduced for composition in dataset.compositions])


def _elements(dataset: Dataset) -> list[Holding]:
    counts = Counter(symbol for composition in dataset.compositions for symbol, _ in composition.amounts)
    return [
        Holding(name=symbol, label=f"{symbol}: {_rows(n_rows)}", n_rows=n_rows)
        for symbol, n_rows in counts.items()
    ]


def _holds(dataset: Dataset, symbol: str) -> np.ndarray:
    holds = (symbol in composition.elements for composition in dataset.compositions)
    return np.fromiter(holds, dtype=bool, count=len(dataset))


def _clusters(dataset: Dataset) -> tuple[np.ndarray, list[Holding]]:
    """The cluster of each row (n,), and what can be said of each."""
    found = find_clusters(dataset.compositions, formula_numbers(dataset))
    sizes = np.bincount(found.number)[1:].tolist()
    return found.number, [
        Holding(
            name=str(number),
            label=f"{number}: {_rows(n_rows)}, rich in {', '.join(rich_in)}",
            n_rows=n_rows,
        )
        for number, (n_rows, rich_in) in enumerate(zip(sizes, found.rich_in, strict=True), start=1)
    ]


def _folds(number: np.ndarray) -> list[Holding]:
    folds, sizes = np.unique(number, return_counts=True)
    return [
        Holding(name=str(fold), label=f"Fold {fold}: {_rows(n_rows)}", n_rows=n_rows)
        for fold, n_rows in zip(folds.tolist(), sizes.tolist(), strict=True)
    ]


def _enough(dataset: Dataset, found: Iterable[Holding]) -> tuple[Holding, ...]:
    return tuple(holding for holding in found if len(dataset) - holding.n_rows >= FEWEST_ROWS)


def _by_size(dataset: Dataset, found: Iterable[Holding]) -> tuple[Holding, ...]:
    """The one nearest to a tenth of the rows first, then the largest first."""
    enough = sorted(_enough(dataset, found), key=lambda holding: (-holding.n_rows, holding.name))
    usual = TEST_SHARE * len(dataset)
    first = min(enough, key=lambda holding: abs(holding.n_rows - usual), default=None)
    return tuple(sorted(enough, key=lambda holding: holding is not first))


def _rows(n_rows: int) -> str:
    return f"{n_rows:,} row{'' if n_rows == 1 else 's'}"
