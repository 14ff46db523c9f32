"""What the cells of a column hold: formulas, numbers, labels; which columns could be learned."""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from brnet.errors import TableError
from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.elements import ATOMIC_NUMBER
from brnet.materials.formulas.formula import read_formulas
from brnet.materials.formulas.units import name_and_units
from brnet.materials.properties import SAYS_NOTHING
from brnet.materials.tables.numerals import to_numbers
from brnet.materials.tables.table import Table

SAMPLE_ROWS = 300  # rows looked at when columns are recognised, spread over the table
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
    filled = labels[~labels.isin(MISSING)]
    doubtful = labels[labels.isin(MISSING_OR_LABEL)]
    if filled.nunique() == doubtful.nunique() == 1 and not np.isfinite(to_numbers(filled.iloc[:1]))[0]:
        return labels[~labels.isin(MISSING) | labels.isin(MISSING_OR_LABEL)]
    return filled


def label_of(cells: pd.Series) -> pd.Series:
    """Each cell in the one spelling that all cells of its class share."""
    numbers = pd.Series(to_numbers(cells) + 0.0, index=cells.index)  # −0 becomes 0
    plain = cells.str.strip().str.casefold()
    return plain.where(~np.isfinite(numbers), numbers.map("{:.15g}".format))


def two_labels(labels: pd.Series) -> tuple[str, str] | None:
    """The two labels that stand in all cells, or in all but one stray in twenty; sorted."""
    counts = labels.value_counts()
    if len(counts) < 2 or STRAYS * counts.iloc[2:].sum() > len(labels):
        return None
    if len(counts) > 2 and counts.iloc[1] == counts.iloc[2]:
        return None
    first, second = sorted(counts.index[:2])
    return first, second


def guess_columns(table: Table) -> Columns:
    """The formula column, '' where there is none, and the columns that could be learned.

    First come columns that are named as targets, then numbers, then labels, then fractions of elements.
    Raises TableError where nothing could be learned.
    """
    formula = guess_formula_column(table)
    sample = _spread_rows(table.frame)
    others = [name for name in table.frame.columns if name != formula]
    kinds = {name: _kind(table.frame[name], sample[name]) for name in others}
    targets = [name for name in others if kinds[name]]
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
    sample = _spread_rows(table.frame)
    return {name: _formula_worth(sample[name]) for name in sample.columns}


def _formula_worth(cells: pd.Series) -> _FormulaWorth:
    filled = [cell for cell in cells if cell.strip()]
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


def _kind(cells: pd.Series, sample: pd.Series) -> Literal["numbers", "labels"] | None:
    """What could be learned from a column, if anything. The whole is read where a sample says little."""
    if _is_called(str(cells.name), NOT_A_TARGET):
        return None
    filled = sample[~sample.map(is_missing)]
    if filled.nunique() < 2 and len(sample) < len(cells):
        sample, filled = cells, cells[~cells.map(is_missing)]
    if len(filled) and np.isfinite(to_numbers(filled)).mean() >= 0.5:
        return "numbers"
    return "labels" if two_labels(labels_of(sample)) else None


def _spread_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """At most SAMPLE_ROWS rows from the first to the last."""
    if len(frame) <= SAMPLE_ROWS:
        return frame
    return frame.iloc[np.linspace(0, len(frame) - 1, SAMPLE_ROWS).astype(int)]


def _is_called(name: str, names: re.Pattern[str]) -> bool:
    """Whether a header is one of `names`, with a unit or without: 'target (eV)' is called 'target'."""
    words = name.strip().lower()
    return bool(names.match(words) or names.match(_BRACKETS.sub("", words)))
