"""Compositions as flat arrays, one item for each element of each composition: the input of the features."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.elements import ATOMIC_NUMBER


@dataclass(frozen=True)
class Packed:
    """Row i's items are `starts[i]` to `starts[i] + counts[i]`."""

    numbers: np.ndarray  # (items,) atomic numbers
    amounts: np.ndarray  # (items,) atoms
    counts: np.ndarray  # (rows,) elements of each composition

    @cached_property
    def starts(self) -> np.ndarray:
        """(rows,) position of each composition's first item."""
        return np.cumsum(self.counts) - self.counts

    @cached_property
    def rows(self) -> np.ndarray:
        """(items,) the composition that each item belongs to."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def fractions(self) -> np.ndarray:
        """(items,) shares of atoms; they sum to 1 in each composition."""
        return self.amounts / np.add.reduceat(self.amounts, self.starts)[self.rows]


def pack(compositions: Sequence[Composition]) -> Packed:
    """Flatten at least one composition."""
    items = [composition.amounts for composition in compositions]
    flat = list(chain.from_iterable(items))  # zip(*…) makes an iterator of each element: half the speed
    return Packed(
        numbers=np.fromiter([ATOMIC_NUMBER[symbol] for symbol, _ in flat], dtype=np.intp, count=len(flat)),
        amounts=np.array([amount for _, amount in flat], dtype=float),
        counts=np.fromiter(map(len, items), dtype=np.intp, count=len(items)),
    )
