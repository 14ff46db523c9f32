"""What a formula says: how many atoms of each element, and one key for equal proportions."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from brnet.materials.formulas.elements import ATOMIC_NUMBER

LARGEST_DENOMINATOR = 10_000
"""Amounts are compared as ratios to the largest one, rounded to fractions with this denominator or less."""


SMALLEST_AMOUNT = 1e-8
"""Atoms of one element, or their ratio to the most frequent one's where that is above one atom; less is left
out with a note (pymatgen's tolerance for atoms is the same)."""


@dataclass(frozen=True)
class Composition:
    """How many atoms of each element, in order of atomic number, and what the reader had to assume."""

    amounts: tuple[tuple[str, float], ...]
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def elements(self) -> tuple[str, ...]:
        return tuple(symbol for symbol, _ in self.amounts)

    @property
    def n_atoms(self) -> float:
        return math.fsum(amount for _, amount in self.amounts)

    @property
    def fractions(self) -> dict[str, float]:
        """The share of each element's atoms; they sum to 1."""
        total = self.n_atoms
        return {symbol: amount / total for symbol, amount in self.amounts}

    @property
    def chemical_system(self) -> str:
        """The elements in alphabetical order: 'Fe-O'."""
        return "-".join(sorted(self.elements))

    @cached_property
    def reduced(self) -> str:
        """One key for every way of writing these proportions, elements in alphabetical order: 'Fe2O3'.

        Each amount's ratio to the largest is rounded to the nearest fraction with a denominator up to
        10,000, so that Fe0.66667O1 and Fe2O3 agree and float noise is lost. Where the fractions have no
        common denominator that small (long alloys, traces), the key holds the ratios with six digits.
        """
        items = sorted(self.amounts)
        whole = [int(amount) for _, amount in items]
        if whole == [amount for _, amount in items] and max(whole) <= LARGEST_DENOMINATOR:
            divisor = math.gcd(*whole)  # by far the most: written without a detour
            return "".join(
                [s if n == divisor else f"{s}{n // divisor}" for (s, _), n in zip(items, whole, strict=True)]
            )
        counts = _ratios([amount for _, amount in items])
        return "".join(f"{symbol}{_shown(count)}" for (symbol, _), count in zip(items, counts, strict=True))


def composed(amounts: Mapping[str, float], notes: Iterable[str] = ()) -> Composition:
    """Elements in order of atomic number, without those of which there is too little; each note once."""
    smallest = SMALLEST_AMOUNT * max(1.0, *amounts.values())
    kept = {symbol: amount for symbol, amount in amounts.items() if amount >= smallest}
    said = list(notes)
    said += [
        f"{symbol} is left out: its amount is {f'below {smallest:g}' if amount else 'zero'}."
        for symbol, amount in amounts.items()
        if symbol not in kept
    ]
    in_order = sorted(kept.items(), key=lambda item: ATOMIC_NUMBER[item[0]])
    return Composition(tuple(in_order), tuple(dict.fromkeys(said)))


def _ratios(amounts: Collection[float]) -> list[int] | list[float]:
    """Amounts as whole numbers in their rounded proportions, as ratios where those would be too large."""
    largest = max(amounts)
    ratios = [_simple_fraction(amount / largest) for amount in amounts]
    multiple = math.lcm(*(ratio.denominator for ratio in ratios))
    if multiple > LARGEST_DENOMINATOR:
        # Six digits can be those of simpler fractions, and a key that is read again has to give itself.
        shown = [float(_shown(float(ratio)) or 1) for ratio in ratios]
        ratios = [_simple_fraction(ratio) for ratio in shown]
        multiple = math.lcm(*(ratio.denominator for ratio in ratios))
        if multiple > LARGEST_DENOMINATOR:
            return shown
    counts = [int(ratio * multiple) for ratio in ratios]
    divisor = math.gcd(*counts)
    return [count // divisor for count in counts]


def _simple_fraction(ratio: float) -> Fraction:
    """The nearest fraction with a small denominator: at most 1/20,000 off, in proportion.

    A ratio below the smallest such fraction is none of them and keeps six digits.
    """
    if LARGEST_DENOMINATOR * ratio < 1:
        return Fraction(f"{ratio:.6g}")
    return Fraction(ratio).limit_denominator(LARGEST_DENOMINATOR)


def _shown(count: float) -> str:
    return "" if count == 1 else f"{Decimal(f'{count:.6g}'):f}"
