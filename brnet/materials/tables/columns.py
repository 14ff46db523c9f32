"""What the cells of a column hold: formulas, numbers, labels; which columns could be learned."""

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from brnet.errors import TableError
from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.elements import ATOMIC_NUMBER
from brnet.materials.formulas.formula import read_formulas
from brnet.materials.formulas.units import name_and_units
from brnet.materials.properties import SAYS_NOTHING
from brnet.materials.tables.numerals import is_number, to_numbers
from brnet.materials.tables.table import Table

SAMPLE_ROWS = 300  # rows looked at when columns are recognised, spread over the table
SAMPLE_CELLS = 200_000  # fewer rows of a table with many columns
SECOND_LOOK_CELLS = 10_000_000  # among all rows' cells, where a column's sample says little; only counted
FORMULA_NAMES = re.compile(
    r"^((pretty|reduced|chemical|full)[ _]?)?(formulae?|composition|comp|compound|material)s?"
    r"([ _]?(pretty|reduced|full))?$"
)
NOT_A_TARGET = re.compile(
    r"^(id|index|no\.?|nr|#|unnamed.*|year|doi|(cv[ _]?)?folds?[ _]?\d*|split[ _]?\d*|.*[ _](id|split|fold))$"
)
FEW_ELEMENTS = 2  # more headers than these that are element symbols are a table of fractions
MISSING = frozenset({"", "na", "n/a", "n.a.", "#n/a", "nan", "none", "null", "-", "--", "–", "—", "?"})
MISSING_OR_LABEL = frozenset({"none", "-"})
STRAYS = 20  # one cell in so many may be neither of the two labels
FIRST_CELLS = 20  # a column without a formula among so many filled cells has none

CellReading = tuple[float, str]
"""What one cell holds: its number, NaN for none, and its label."""

_CAPITAL = re.compile("[A-Z]")
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]$")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column holds the formulas ('' where none does), which could be learned."""

    formula: str
    targets: tuple[str, ...]


def is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def labels_of(cells: pd.Series) -> pd.Series:
    """The filled cells as labels: 'Yes ' and 'yes' are one, '1' and '1.0' are one.

    '-' and 'none' say nothing, unless they stand against a single other label that is no number.
    """
    labels = label_of(cells)
    return labels[labels.isin(telling(labels.unique()))]


def telling(labels: Collection[str]) -> set[str]:
    """Of different labels, those that say something, as `labels_of` keeps them."""
    said = {label for label in labels if label not in MISSING}
    doubtful = MISSING_OR_LABEL.intersection(labels)
    return said | doubtful if len(said) == len(doubtful) == 1 and not is_number(*said) else said


def label_of(cells: pd.Series) -> pd.Series:
    """Each cell in the one spelling that all cells of its class share."""
    labels = _labels(cells.tolist(), to_numbers(cells))
    return pd.Series(labels, index=cells.index, name=cells.name, dtype=object)


def read_cells(cells: Collection[str]) -> dict[str, CellReading]:
    """Each of different cells as a number and a label: faster for all columns at once than for each."""
    texts = list(cells)
    numbers = to_numbers(pd.Series(texts, dtype=object))
    return dict(zip(texts, zip(numbers.tolist(), _labels(texts, numbers), strict=True), strict=True))


def count_cells(frame: pd.DataFrame, names: Sequence[str], *, few: int, many: int) -> dict[str, Counter[str]]:
    """How often each cell occurs in each of these columns, among `few` rows spread over the table.

    A column whose few rows hold less than two different filled cells is counted among `many` rows.
    """
    sample, larger = spread_rows(frame, few), None
    counts = {name: Counter(sample[name].tolist()) for name in names}
    for name in names:
        filled = (cell for cell in counts[name] if not isinstance(cell, str) or not is_missing(cell))
        if len(list(islice(filled, 2))) < 2 and len(sample) < min(many, len(frame)):
            larger = spread_rows(frame, many) if larger is None else larger
            counts[name] = Counter(larger[name].tolist())
    return counts


def spread_rows(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most so many rows, from the first to the last."""
    if len(frame) <= most:
        return frame
    return frame.iloc[np.linspace(0, len(frame) - 1, most).astype(int)]


def rows_within(n_cells: int, frame: pd.DataFrame) -> int:
    """How many rows of a table have so many cells; at least two."""
    return max(2, n_cells // max(1, frame.shape[1]))


def two_labels(labels: pd.Series) -> tuple[str, str] | None:
    """The two labels that stand in all cells, or in all but one stray in twenty; sorted."""
    return _two_of(Counter(labels.tolist()))


def guess_columns(table: Table) -> Columns:
    """The formula column, '' where there is none, and the columns that could be learned.

    First come columns that are named as targets, then numbers, then labels, then fractions of elements.
    Raises TableError where nothing could be learned.
    """
    formula = guess_formula_column(table)
    others = [name for name in table.frame.columns if name != formula]
    kinds = _kinds(table.frame, [name for name in others if not _is_called(str(name), NOT_A_TARGET)])
    targets = [name for name in others if kinds.get(name)]
    if not targets:
        beside = f" beside {formula!r}" if formula else ""
        raise TableError(
            f"{table.name} has no column of numbers or of two labels{beside}; add the values to learn."
        )
    amounts = {name for name in others if name_and_units(name)[0] in ATOMIC_NUMBER}
    fractions = amounts if len(amounts) > FEW_ELEMENTS else set()
    named = {name for name in others if _is_called(name, SAYS_NOTHING)} - fractions
    targets.sort(key=lambda name: (name in fractions, name not in named, kinds[name] == "labels"))
    return Columns(formula=formula, targets=tuple(targets))


def guess_formula_column(table: Table) -> str:
    """The column of formulas, by its name or by what can be read; '' where there is none.

    Of equally readable columns, the one with more different cells, then with more elements in each.
    """
    worth = _formula_worths(table)
    named = [name for name in worth if _is_called(name, FORMULA_NAMES) and worth[name].readable > 0]
    best = max(named or worth, key=lambda name: worth[name])
    return best if named or worth[best].speaks_for_itself else ""


def why_no_formulas(table: Table) -> str:
    """The sentence for a table in which formulas are wanted and `guess_formula_column` found none."""
    worth = _formula_worths(table)
    best = max(worth, key=lambda name: worth[name])
    return (
        f"{table.name} has no column of chemical formulas: in the best one, {best!r}, "
        f"{worth[best].readable:.0%} of the cells can be read; name the column 'formula' or mend its cells."
    )


class _FormulaWorth(NamedTuple):
    """What speaks for a column of formulas, the weightiest first."""

    readable: float
    n_different: int
    n_elements: int
    n_formulas: int

    @property
    def speaks_for_itself(self) -> bool:
        """Most cells are formulas, and more than two labels that happen to be symbols, such as 'No'."""
        return self.readable >= 0.5 and (self.n_different > 2 or self.n_elements > self.n_formulas)


def _formula_worths(table: Table) -> dict[str, _FormulaWorth]:
    sample = _sample(table.frame)
    return {name: _formula_worth(sample[name]) for name in sample.columns}


def _formula_worth(cells: pd.Series) -> _FormulaWorth:
    filled = [cell for cell in cells.tolist() if cell.strip()]
    if not any(map(_CAPITAL.search, filled[:FIRST_CELLS])):
        return _FormulaWorth(0.0, 0, 0, 0)
    if not any(isinstance(reading, Composition) for reading in read_formulas(filled[:FIRST_CELLS])):
        return _FormulaWorth(0.0, 0, 0, 0)
    formulas = [reading for reading in read_formulas(list(cells)) if isinstance(reading, Composition)]
    return _FormulaWorth(
        readable=len(formulas) / len(cells),
        n_different=len(set(filled)),
        n_elements=sum(len(formula.elements) for formula in formulas),
        n_formulas=len(formulas),
    )


def _kinds(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, Literal["numbers", "labels"] | None]:
    """What could be learned from each column, if anything. More is read where a sample says little."""
    many = rows_within(SECOND_LOOK_CELLS, frame)
    counts = count_cells(frame, names, few=_n_sampled(frame), many=many)
    readings = read_cells(set().union(*counts.values()))
    return {name: _kind(counts[name], readings) for name in names}


def _kind(counts: Counter[str], readings: Mapping[str, CellReading]) -> Literal["numbers", "labels"] | None:
    labels: Counter[str] = Counter()
    n_filled = n_numbers = 0
    for cell, times in counts.items():
        number, label = readings[cell]
        labels[label] += times
        n_filled += times * (label not in MISSING)
        n_numbers += times * math.isfinite(number)
    if n_filled and 2 * n_numbers >= n_filled:
        return "numbers"
    told = telling(labels)
    return "labels" if _two_of(Counter({label: labels[label] for label in told})) else None


def _two_of(labels: Counter[str]) -> tuple[str, str] | None:
    """`two_labels` of labels that are counted already."""
    if len(labels) < 2:
        return None
    (one, _), (other, times), *third = labels.most_common(3)
    n_all = labels.total()
    if STRAYS * (n_all - labels[one] - times) > n_all or (third and third[0][1] == times):
        return None
    first, second = sorted((one, other))
    return first, second


def _labels(cells: Sequence[str], numbers: np.ndarray) -> list[str]:
    """Numbers in 15 digits, which are those that a float64 keeps, other texts in small letters."""
    return [
        f"{number:.15g}" if math.isfinite(number) else cell.strip().casefold()
        for cell, number in zip(cells, (numbers + 0.0).tolist(), strict=True)  # −0 becomes 0
    ]


def _sample(frame: pd.DataFrame) -> pd.DataFrame:
    return spread_rows(frame, _n_sampled(frame))


def _n_sampled(frame: pd.DataFrame) -> int:
    return min(SAMPLE_ROWS, rows_within(SAMPLE_CELLS, frame))


def _is_called(name: str, names: re.Pattern[str]) -> bool:
    """Whether a header is one of `names`, with a unit or without: 'target (eV)' is called 'target'."""
    words = name.strip().lower()
    return bool(names.match(words) or names.match(_BRACKETS.sub("", words)))
