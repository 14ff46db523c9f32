"""What the cells of a column hold: formulas, numbers, labels; which columns could be learned."""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from brnet.errors import TableError
from brnet.materials.composition import Composition
from brnet.materials.elements import ATOMIC_NUMBER
from brnet.materials.formula import read_formulas
from brnet.materials.properties import SAYS_NOTHING
from brnet.materials.table import Table

SAMPLE_ROWS = 300  # rows looked at when columns are recognised
FORMULA_NAMES = re.compile(
    r"^((pretty|reduced|chemical|full)[ _]?)?(formulae?|composition|comp|compound|material)s?"
    r"([ _]?(pretty|reduced|full))?$"
)
NOT_A_TARGET = re.compile(
    r"^(id|index|no\.?|nr|#|unnamed.*|year|doi|(cv[ _]?)?folds?[ _]?\d*|split[ _]?\d*|.*[ _](id|split|fold))$"
)
FEW_ELEMENTS = 2  # more headers than these that are element symbols are a table of fractions
MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "-", "--", "?"})
MISSING_OR_LABEL = frozenset({"none", "-"})
STRAYS = 20  # one cell in so many may be neither of the two labels


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column holds the formulas, which could be learned."""

    formula: str
    targets: tuple[str, ...]


def to_numbers(cells: pd.Series) -> np.ndarray:
    """A column of texts -> float64 (n,), NaN where the text is no number."""
    return pd.to_numeric(cells.str.strip(), errors="coerce").to_numpy(dtype=float, na_value=np.nan)


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
    """The formula column and the columns that could be learned. Raises TableError where one is lacking.

    First come columns that are named as targets, then numbers, then labels, then fractions of elements.
    """
    formula = guess_formula_column(table)
    others = [name for name in table.frame.columns if name != formula]
    kinds = {name: _kind(table.frame[name]) for name in others}
    targets = [name for name in others if kinds[name]]
    if not targets:
        raise TableError(
            f"{table.name} has no column of numbers or of two labels beside {formula!r}; "
            "add the values to learn."
        )
    symbols = {name for name in others if name in ATOMIC_NUMBER}
    fractions = symbols if len(symbols) > FEW_ELEMENTS else set()
    named = {name for name in others if SAYS_NOTHING.match(name.lower())} - fractions
    targets.sort(key=lambda name: (name in fractions, name not in named, kinds[name] == "labels"))
    return Columns(formula=formula, targets=tuple(targets))


def guess_formula_column(table: Table) -> str:
    """The column of formulas, by its name or by what can be read. Raises TableError where there is none.

    Of equally readable columns, the one with more different cells, then with more elements in each.
    """
    sample = table.frame.head(SAMPLE_ROWS)
    worth = {name: _formula_worth(sample[name]) for name in sample.columns}
    named = [n for n in sample.columns if FORMULA_NAMES.match(n.strip().lower()) and worth[n].readable > 0]
    best = max(named or worth, key=lambda name: worth[name])
    if not named and worth[best].readable < 0.5:
        raise TableError(
            f"{table.name} has no column of chemical formulas: in the best one, {best!r}, "
            f"{worth[best].readable:.0%} of the cells can be read; "
            "name the column 'formula' or mend its cells."
        )
    return best


class _FormulaWorth(NamedTuple):
    """What speaks for a column of formulas, the weightiest first."""

    readable: float
    n_different: int
    n_elements: int


def _formula_worth(cells: pd.Series) -> _FormulaWorth:
    readings = read_formulas(list(cells))
    formulas = [reading for reading in readings if isinstance(reading, Composition)]
    return _FormulaWorth(
        readable=len(formulas) / max(1, len(readings)),
        n_different=cells.nunique(),
        n_elements=sum(len(formula.elements) for formula in formulas),
    )


def _kind(cells: pd.Series) -> Literal["numbers", "labels"] | None:
    """What could be learned from a column, None where nothing could."""
    if NOT_A_TARGET.match(str(cells.name).strip().lower()):
        return None
    filled = cells[~cells.map(is_missing)]
    if len(filled) and np.isfinite(to_numbers(filled)).mean() >= 0.5:
        return "numbers"
    return "labels" if two_labels(labels_of(cells)) else None
