"""Compositions that several rows share, and the noise floor that their values set for every model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from brnet.materials.formulas.composition import Composition

FEW_REPEATS = 30
"""Rows that share their composition; with fewer, the mean of their deviations is itself uncertain by more
than 14 % (for a normal distribution, sqrt(pi / 2 - 1) / sqrt(30))."""

MOST_WIDEST = 10


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The values of one repeated composition; `formula` is its reduced formula."""

    formula: str
    rows: int
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The least error on these rows of any function of the composition, however it was found.

    The in-sample optimum: each composition is given the median (for the MAE) or the mean (for the others)
    of its own rows, and a composition of one row is given its value. No n - 1 correction is made, because
    this is then a bound that holds for certain on these rows, without an assumption on the noise. For new
    rows it is too low: single rows hide their noise, and centres fitted to few rows lie too close to them.
    How far two rows of a composition lie apart is told by `repeatability`.
    """

    mae: float
    rmse: float
    r2: float | None  # None where all values are one
    repeated_mae: float  # over the rows that share their composition, without the single ones
    repeatability: float
    """Standard deviation within a composition, from the repeated ones, with the n - 1 correction pooled
    over them (squares over degrees of freedom): unbiased for the variance, the repeatability of ISO 5725."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Repeats:
    """Compositions, and those that several rows share.

    `spreads` (repeated,) is the highest less the lowest value of each repeated composition. `floor` is None
    for classes and without repeats; `accuracy`, the best share of rows that any function of the composition
    can name the class of, is None for numbers.
    """

    compositions: int  # different ones
    repeated: int  # compositions of several rows
    repeated_rows: int
    conflicting: int  # compositions with several different values or both classes
    conflicting_rows: int
    spreads: np.ndarray
    widest: tuple[Spread, ...]
    floor: Floor | None
    accuracy: float | None

    @property
    def few(self) -> bool:
        """The floor rests on so few rows that it is itself uncertain."""
        return self.repeated_rows < FEW_REPEATS


def find_repeats(
    prints: np.ndarray, values: np.ndarray, compositions: Sequence[Composition], *, is_class: bool
) -> Repeats:
    """What rows of equal fingerprints (n,) uint64 have for values (n,); of classes 0 and 1."""
    order = np.lexsort((values, prints))
    starts = np.flatnonzero(np.append(True, np.diff(prints[order]) != 0))
    grouped = _Sorted(values[order], order, starts, np.diff(starts, append=len(order)))
    several, differ = grouped.counts > 1, grouped.spreads > 0
    return Repeats(
        compositions=len(starts),
        repeated=int(several.sum()),
        repeated_rows=int(grouped.counts[several].sum()),
        conflicting=int(differ.sum()),
        conflicting_rows=int(grouped.counts[differ].sum()),
        spreads=grouped.spreads[several],
        widest=_widest(grouped, compositions),
        floor=_floor(grouped) if several.any() and not is_class else None,
        accuracy=_accuracy(grouped) if is_class else None,
    )


@dataclass(frozen=True, eq=False)
class _Sorted:
    """Values in order of composition, then of size. Composition i has those from starts[i] on."""

    values: np.ndarray  # (n,)
    order: np.ndarray  # (n,) their rows
    starts: np.ndarray  # (compositions,)
    counts: np.ndarray  # (compositions,)

    @cached_property
    def medians(self) -> np.ndarray:
        below = self.values[self.starts + (self.counts - 1) // 2]
        above = self.values[self.starts + self.counts // 2]
        return below + (above - below) / 2

    @cached_property
    def spreads(self) -> np.ndarray:
        return self.values[self.starts + self.counts - 1] - self.values[self.starts]

    def from_medians(self) -> np.ndarray:
        """(n,) absolute deviations from the median of the composition."""
        return np.abs(self.values - np.repeat(self.medians, self.counts))

    def from_means(self) -> np.ndarray:
        """(n,) deviations from the mean of the composition."""
        means = np.add.reduceat(self.values, self.starts) / self.counts
        return self.values - np.repeat(means, self.counts)


def _floor(grouped: _Sorted) -> Floor:
    squares = float(np.sum(grouped.from_means() ** 2))
    total = float(np.sum((grouped.values - grouped.values.mean()) ** 2))
    n = len(grouped.values)
    misses = float(grouped.from_medians().sum())
    return Floor(
        mae=misses / n,
        rmse=(squares / n) ** 0.5,
        r2=1 - squares / total if 0 < total < np.inf else None,
        repeated_mae=misses / int(grouped.counts[grouped.counts > 1].sum()),
        repeatability=(squares / (n - len(grouped.starts))) ** 0.5,
    )


def _accuracy(grouped: _Sorted) -> float:
    """The share of rows that have the commoner class of their composition."""
    second = np.add.reduceat(grouped.values, grouped.starts)
    return float(np.maximum(second, grouped.counts - second).sum() / len(grouped.values))


def _widest(grouped: _Sorted, compositions: Sequence[Composition]) -> tuple[Spread, ...]:
    """The compositions whose values differ most, widest first."""
    widest = np.argsort(-grouped.spreads, kind="stable")[:MOST_WIDEST]
    return tuple(
        Spread(
            formula=compositions[grouped.order[start]].reduced,
            rows=int(count),
            low=float(grouped.values[start]),
            high=float(grouped.values[start + count - 1]),
        )
        for start, count, spread in zip(
            grouped.starts[widest], grouped.counts[widest], grouped.spreads[widest], strict=True
        )
        if spread > 0
    )
