"""What is in a dataset: its values, its chemistry, and what repeated compositions say of its noise."""

from dataclasses import dataclass

import numpy as np

from brnet.materials.dataset import Dataset
from brnet.materials.families import FAMILIES, families
from brnet.materials.fingerprint import fingerprints, known
from brnet.materials.formulas.elements import ATOMIC_NUMBER, SYMBOLS
from brnet.materials.formulas.packing import pack
from brnet.materials.repeats import Repeats, find_repeats

LOG_DECADES = 1.0
"""Positive values over more than one order of magnitude are better learned as logarithms: the 'log rule' of
S. Weisberg, Applied Linear Regression (Wiley)."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The values of the target, as the table holds them. Of classes, 0 and 1."""

    n: int
    low: float
    first_quartile: float
    median: float
    third_quartile: float
    high: float
    mean: float
    zeros: int
    negatives: int
    skewness: float  # third standardised moment; 0 where all values are one
    log_skewness: float | None  # of the logarithms; None where a value is not positive

    @property
    def decades(self) -> float | None:
        """Powers of ten between the least and the greatest value; None where one is not positive."""
        return float(np.log10(self.high) - np.log10(self.low)) if self.low > 0 else None

    @property
    def suggests_log(self) -> bool:
        """All values are positive, span over a decade, and their logarithms are less skewed."""
        if self.log_skewness is None or self.decades is None:
            return False
        return self.decades > LOG_DECADES and abs(self.log_skewness) < abs(self.skewness)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows that have something in common. Of classes, `mean` is the share of the second one."""

    rows: int
    mean: float
    deviation: float  # mean absolute deviation from the mean


@dataclass(frozen=True, kw_only=True, eq=False)
class Chemistry:
    """What the compositions say.

    `elements` and `families` hold those that occur, the commonest first; `sizes` has the number of rows for
    each number of elements. `family` (n,) is each row's place in FAMILIES, `fingerprints` (n,) the number by
    which its composition is found elsewhere. `numbers` (items,) and `counts` (n,) are the atomic numbers
    row by row and how many each row has, both uint8.
    """

    elements: dict[str, Group]
    families: dict[str, Group]
    sizes: dict[int, int]
    repeats: Repeats
    family: np.ndarray
    fingerprints: np.ndarray
    numbers: np.ndarray
    counts: np.ndarray

    def rows_with(self, symbol: str) -> np.ndarray:
        """The rows (m,) that hold an element."""
        return np.repeat(np.arange(len(self.counts)), self.counts)[self.numbers == ATOMIC_NUMBER[symbol]]

    def rows_of(self, family: str) -> np.ndarray:
        """The rows (m,) of a chemical family."""
        return np.flatnonzero(self.family == list(FAMILIES).index(family))


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """A dataset at a glance; `chemistry` is None where there are no compositions, `outliers` (m,) are the
    rows whose values were marked as far from the others."""

    target: Summary
    outliers: np.ndarray
    merged: int  # rows that cleaning merged into others of their composition
    chemistry: Chemistry | None


def profile(dataset: Dataset) -> Profile:
    """Everything that the data page tells about a dataset; the slowest part is the reduced formulas."""
    marked = [row.line for row in dataset.touched if row.rule == "outlier"]
    merged = sum(row.rule in ("repeat", "conflict") for row in dataset.dropped)
    return Profile(
        target=_summary(dataset.values),
        outliers=np.flatnonzero(np.isin(dataset.lines, marked)),
        merged=merged,
        chemistry=_chemistry(dataset) if dataset.compositions else None,
    )


def overlap(dataset: Dataset, seen: np.ndarray) -> np.ndarray:
    """(n,) bool: the rows whose composition has a fingerprint in `seen`, (m,) uint64 in ascending order."""
    if not dataset.compositions:
        return np.zeros(len(dataset), dtype=bool)
    return known(dataset.compositions, seen)


def _summary(values: np.ndarray) -> Summary:
    low, first, median, third, high = np.quantile(values, (0, 0.25, 0.5, 0.75, 1)).tolist()
    return Summary(
        n=len(values),
        low=low,
        first_quartile=first,
        median=median,
        third_quartile=third,
        high=high,
        mean=float(values.mean()),
        zeros=int(np.sum(values == 0)),
        negatives=int(np.sum(values < 0)),
        skewness=_skewness(values),
        log_skewness=_skewness(np.log(values)) if low > 0 else None,
    )


def _skewness(values: np.ndarray) -> float:
    offsets = values - values.mean()
    largest = np.abs(offsets).max()
    if not 0 < largest < np.inf:
        return 0.0
    offsets = offsets / largest  # whose powers neither vanish nor overflow
    return float(np.mean(offsets**3) / np.mean(offsets**2) ** 1.5)


def _chemistry(dataset: Dataset) -> Chemistry:
    packed = pack(dataset.compositions)
    values = dataset.values
    family = families(packed)
    prints = fingerprints(dataset.compositions)
    by_element = _groups(packed.numbers, values[packed.rows])
    sizes = np.bincount(packed.counts)
    names = list(FAMILIES)
    return Chemistry(
        elements={SYMBOLS[number - 1]: group for number, group in by_element.items()},
        families={names[place]: group for place, group in _groups(family, values).items()},
        sizes={int(size): int(sizes[size]) for size in np.flatnonzero(sizes)},
        repeats=find_repeats(prints, values, dataset.compositions, is_class=bool(dataset.classes)),
        family=family,
        fingerprints=prints,
        numbers=packed.numbers.astype(np.uint8),
        counts=packed.counts.astype(np.uint8),
    )


def _groups(keys: np.ndarray, values: np.ndarray) -> dict[int, Group]:
    """Key -> how many of the values (n,) have it, their mean and mean absolute deviation; commonest first."""
    rows = np.bincount(keys)
    means = np.bincount(keys, weights=values) / np.maximum(rows, 1)
    deviations = np.bincount(keys, weights=np.abs(values - means[keys])) / np.maximum(rows, 1)
    return {
        int(key): Group(rows=int(rows[key]), mean=float(means[key]), deviation=float(deviations[key]))
        for key in np.argsort(-rows, kind="stable")
        if rows[key]
    }
