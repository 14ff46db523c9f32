"""The 145 physical attributes of a composition as array arithmetic over a table of elemental values.

They equal matminer 0.10.1's Stoichiometry(), ElementProperty.from_preset("magpie"),
ValenceOrbital(props=["avg"]) and IonProperty(fast=True), in this order and under the same names.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.packing import Packed, pack

TABLE = Path(__file__).parent / "data" / "elements.csv"
"""Elemental values; the file's README names the source of each column."""

NORMS = (0, 2, 3, 5, 7, 10)
STATISTICS = ("minimum", "maximum", "range", "mean", "avg_dev", "mode")
ORBITALS = ("s", "p", "d", "f")

ROWS_AT_ONCE = 2048
"""Compositions computed together: some ten MB of intermediate values."""

CHARGE_TOLERANCE = 1e-8
"""Charges whose sum is this close to zero balance: the absolute tolerance of numpy.isclose."""

MODE_TOLERANCES = (1e-5, 1e-8)
"""Relative and absolute tolerance of numpy.isclose, within which amounts count as equally large."""

MOST_CHARGE_SUMS = 2**20
"""Combinations of charges that are all tried; a composition with more is decided on a grid."""

MOST_GRID_POINTS = 2**22


@dataclass(frozen=True)
class ElementTable:
    """Values by atomic number; row 0 and the rows of absent elements hold NaN or no states."""

    properties: tuple[str, ...]
    values: np.ndarray  # (119, 22) float64
    electronegativity: np.ndarray  # (119,) float64, Pauling scale
    states: np.ndarray  # (119, most) float64, charges in e; a row's last one is repeated to its end
    n_states: np.ndarray  # (119,) int
    symbols: frozenset[str]


@cache
def element_table() -> ElementTable:
    """The elemental values, read once."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    numbers = [int(row[1]) for row in rows]
    charges = [[float(charge) for charge in row[-1].split()] for row in rows]
    most = max(map(len, charges))
    values, electronegativity, states = (
        np.full((119, 22), np.nan),
        np.full(119, np.nan),
        np.zeros((119, most)),
    )
    n_states = np.zeros(119, dtype=int)
    values[numbers] = [[float(cell) for cell in row[1:-2]] for row in rows]
    electronegativity[numbers] = [float(row[-2]) for row in rows]
    states[numbers] = [charge + charge[-1:] * (most - len(charge)) for charge in charges]
    n_states[numbers] = [len(charge) for charge in charges]
    symbols = frozenset(row[0] for row in rows)
    return ElementTable(tuple(header[1:-2]), values, electronegativity, states, n_states, symbols)


def attribute_columns() -> tuple[str, ...]:
    """The 145 names, as matminer's feature_labels()."""
    properties = element_table().properties
    return (
        *(f"{norm}-norm" for norm in NORMS),
        *(f"MagpieData {statistic} {name}" for name in properties for statistic in STATISTICS),
        *(f"avg {orbital} valence electrons" for orbital in ORBITALS),
        "compound possible",
        "max ionic char",
        "avg ionic char",
    )


def physical_attributes(compositions: Sequence[Composition]) -> np.ndarray:
    """Compositions of elements in `element_table().symbols` -> (n, 145) float64, without NaN."""
    result = np.empty((len(compositions), len(attribute_columns())))
    for start in range(0, len(compositions), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        result[rows] = packed_attributes(pack(compositions[rows]))
    return result


def packed_attributes(packed: Packed) -> np.ndarray:
    """The same for packed compositions, all at once: some KB of intermediate values for each element."""
    table, statistics = element_table(), _element_statistics(packed)
    valence = [table.properties.index(f"N{orbital}Valence") for orbital in ORBITALS]
    possible = (packed.counts == 1) | _charges_balance(packed)
    return np.column_stack(
        [
            _norms(packed),
            statistics.reshape(len(possible), -1),
            statistics[:, valence, STATISTICS.index("mean")],
            possible,
            *_ionic_character(packed),
        ]
    )


def _norms(packed: Packed) -> np.ndarray:
    """(n, 6): the number of elements, then (Σ fraction^p)^(1/p)."""
    powers = [np.add.reduceat(packed.fractions**norm, packed.starts) ** (1 / norm) for norm in NORMS[1:]]
    return np.column_stack([packed.counts, *powers])


def _element_statistics(packed: Packed) -> np.ndarray:
    """(n, 22, 6): of each property its STATISTICS.

    Compositions of equally many elements are computed together, the elements along the first axis: numpy
    then reduces long rows, two to three times as fast as `reduceat` over short ones.
    """
    table, most_abundant = element_table(), _most_abundant(packed)
    result = np.empty((len(packed.counts), len(table.properties), len(STATISTICS)))
    for count in np.unique(packed.counts).tolist():
        rows = np.flatnonzero(packed.counts == count)
        items = packed.starts[rows] + np.arange(count)[:, None]
        weights, values = packed.fractions[items][:, :, None], table.values[packed.numbers[items]]
        smallest, largest = values.min(axis=0), values.max(axis=0)
        mean = (values * weights).sum(axis=0)
        deviation = (np.abs(values - mean) * weights).sum(axis=0)
        mode = np.where(most_abundant[items][:, :, None], values, np.inf).min(axis=0)
        result[rows] = np.stack([smallest, largest, largest - smallest, mean, deviation, mode], axis=2)
    return result


def _most_abundant(packed: Packed) -> np.ndarray:
    """(items,) bool: the elements whose amount is the composition's largest."""
    relative, absolute = MODE_TOLERANCES
    largest = np.maximum.reduceat(packed.amounts, packed.starts)[packed.rows]
    return largest - packed.amounts <= absolute + relative * largest


def _ionic_character(packed: Packed) -> tuple[np.ndarray, np.ndarray]:
    """(n,) largest and (n,) mean of 1 − exp(−Δχ²/4) over pairs of elements; 0 for one element."""
    n_items = len(packed.numbers)
    later = packed.starts[packed.rows] + packed.counts[packed.rows] - np.arange(n_items) - 1
    left = np.repeat(np.arange(n_items), later)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(later) - later, later)
    difference = element_table().electronegativity[packed.numbers]
    character = 1.0 - np.exp(-0.25 * (difference[left] - difference[right]) ** 2)
    largest, mean = np.zeros(len(packed.starts)), np.zeros(len(packed.starts))
    if not len(left):
        return largest, mean
    paired = packed.counts > 1
    n_pairs = (packed.counts * (packed.counts - 1) // 2)[paired]
    starts = np.cumsum(n_pairs) - n_pairs
    largest[paired] = np.maximum.reduceat(character, starts)
    weights = packed.fractions[left] * packed.fractions[right]
    mean[paired] = np.add.reduceat(weights * character, starts)
    return largest, mean


def _charges_balance(packed: Packed) -> np.ndarray:
    """(n,) bool: one common oxidation state for each element can be chosen so that the charges sum to zero.

    Elements with one state add a fixed charge. Compositions alike in how many states their other elements
    have are tried together, all combinations at once.
    """
    table = element_table()
    n_states = table.n_states[packed.numbers]
    single = n_states == 1
    fixed = np.bincount(
        packed.rows[single],
        table.states[packed.numbers[single], 0] * packed.amounts[single],
        minlength=len(packed.starts),
    )
    several = np.flatnonzero(~single)
    several = several[np.lexsort((n_states[several], packed.rows[several]))]
    balanced = np.abs(fixed) <= CHARGE_TOLERANCE
    for rows, items in _alike(packed.rows[several], n_states[several], len(packed.starts)):
        chosen = several[items]
        states = table.states[packed.numbers[chosen]]
        sizes = n_states[chosen[0]]
        balanced[rows] = _some_sum_is_zero(fixed[rows], packed.amounts[chosen], states, sizes)
    return balanced


def _alike(rows: np.ndarray, n_states: np.ndarray, n_rows: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Groups of rows with the same numbers of states: (m,) rows and (m, k) positions of their items.

    `rows` ascends, and `n_states` within a row.
    """
    tallies = np.zeros((n_rows, int(n_states.max(initial=1)) + 1), dtype=np.int64)
    np.add.at(tallies, (rows, n_states), 1)
    counts = tallies.sum(axis=1)
    starts = np.cumsum(counts) - counts
    places = np.cumprod([1, *(tallies.max(axis=0)[:-1] + 1)])  # the tallies as digits of one number
    kinds, kind_of_row = np.unique(tallies @ places, return_inverse=True)
    order = np.argsort(kind_of_row, kind="stable")
    for group in np.split(order, np.cumsum(np.bincount(kind_of_row, minlength=len(kinds)))[:-1]):
        if counts[group[0]]:
            yield group, starts[group][:, None] + np.arange(counts[group[0]])


def _some_sum_is_zero(
    fixed: np.ndarray, amounts: np.ndarray, states: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """(m,) fixed charges, (m, k) amounts, (m, k, most) states of which `sizes` (k,) count -> (m,) bool."""
    n_sums = math.prod(sizes.tolist())
    if n_sums > MOST_CHARGE_SUMS:
        rows = zip(fixed, amounts, states, strict=True)
        return np.array([_balances_on_grid(*row, sizes) for row in rows], dtype=bool)
    at_once = max(1, MOST_CHARGE_SUMS // n_sums)
    found = np.empty(len(fixed), dtype=bool)
    for start in range(0, len(fixed), at_once):
        part = slice(start, start + at_once)
        charges = amounts[part, :, None] * states[part]
        sums = fixed[part, None]
        for element, size in enumerate(sizes):
            sums = (sums[:, :, None] + charges[:, None, element, :size]).reshape(len(sums), -1)
        found[part] = (np.abs(sums) <= CHARGE_TOLERANCE).any(axis=1)
    return found


def _balances_on_grid(fixed: float, amounts: np.ndarray, states: np.ndarray, sizes: np.ndarray) -> bool:
    """The reachable sums as the bits of one integer, in steps of a power of ten.

    DIFFERS from matminer, which would try above a million combinations one by one: the answer is exact
    where the amounts are multiples of the step (1 for totals of up to four million charges), else it is
    that of the amounts rounded to it.
    """
    charges = [amount * row[:size] for amount, row, size in zip(amounts, states, sizes, strict=True)]
    spread = sum(float(np.ptp(charge)) for charge in charges)
    step = 10.0 ** math.ceil(math.log10(max(spread / MOST_GRID_POINTS, CHARGE_TOLERANCE)))
    reached, lowest = 1, round(float(fixed) / step)
    for charge in charges:
        points = [round(float(value) / step) for value in charge]
        least = min(points)
        lowest += least
        reached = _union(reached << (point - least) for point in points)
    return lowest <= 0 and bool(reached >> -lowest & 1)


def _union(bits: Iterator[int]) -> int:
    union = 0
    for some in bits:
        union |= some
    return union
