"""Uploaded bytes read into a table of texts, each row under the line number it had in the file."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from brnet.errors import TableError
from brnet.materials.composition import Composition
from brnet.materials.elements import ATOMIC_NUMBER
from brnet.materials.formula import read_formulas
from brnet.materials.properties import SAYS_NOTHING
from brnet.settings import settings

SAMPLE_ROWS = 300  # rows looked at when columns are recognised
SNIFFED_ROWS = 20  # rows looked at when the delimiter is recognised
SNIFFED_LINES = 5 * SNIFFED_ROWS
LONGEST_RECORD = 3  # lines; a longer row with too few or too many cells has a quotation mark left open
DELIMITERS = ",;\t|"
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
class Table:
    """All cells as texts. The frame's index is the line in the file."""

    name: str
    frame: pd.DataFrame
    ragged: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column holds the formulas, which could be learned."""

    formula: str
    targets: tuple[str, ...]


def read_table(data: bytes, *, name: str) -> Table:
    """The bytes of a CSV or TSV file -> its table. Raises TableError where it is none."""
    limits = settings()
    if len(data) > limits.max_upload_bytes:
        megabytes = limits.max_upload_bytes // 2**20
        raise TableError(f"{name} is larger than the limit of {megabytes} MB; upload fewer rows or columns.")
    lines, delimiter = _prepared(_decode(data, name))
    header, rows, ragged = _read_rows(lines, delimiter, name)
    frame = pd.DataFrame(
        [row.cells for row in rows], columns=header, index=[row.line for row in rows], dtype=str
    )
    frame.index.name = "line"
    notes: tuple[str, ...] = ()
    if delimiter == ";" and _points_for_commas(frame):
        notes = ("Decimal commas were read as decimal points.",)
    return Table(name=name, frame=frame, ragged=tuple(ragged), notes=notes)


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


class _Row(NamedTuple):
    line: int
    last_line: int
    cells: list[str]


def _decode(data: bytes, name: str) -> str:
    if not data.strip():
        raise TableError(f"{name} is empty; upload a table with a header line.")
    if data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise TableError(f"{name} is a spreadsheet or archive; save it as CSV and upload that.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise TableError(f"{name} is not a text file; save the table as CSV (UTF-8) and upload that.")


_EXCEL_DELIMITER = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)


def _prepared(text: str) -> tuple[list[str], str]:
    """The lines of a file, those before its header made blank, and the delimiter."""
    lines = io.StringIO(text, newline="").readlines()
    excel = _EXCEL_DELIMITER.fullmatch(lines[0]) if lines else None
    if excel:
        lines[0] = "\n"
    delimiter = excel[1] if excel else _delimiter(lines)
    for place in range(_n_comments(lines, delimiter)):
        lines[place] = "\n"
    return lines, delimiter


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter that cuts most of the first rows into the same number of cells."""
    told = (line for line in lines if line.strip() and line[0] != "#")
    sample = list(islice(told, SNIFFED_LINES))
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(lines: Sequence[str], delimiter: str) -> tuple[int, bool, int]:
    """How many rows have the commonest number of cells, whether the header does, and that number."""
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        lengths = [len(cells) for cells in islice(reader, SNIFFED_ROWS)]
    except csv.Error:
        return 0, False, 0
    several = Counter(length for length in lengths if length > 1)
    if not several:
        return 0, False, 0
    length, n_rows = several.most_common(1)[0]
    return n_rows, lengths[0] == length, length


def _n_comments(lines: Sequence[str], delimiter: str) -> int:
    """How many leading lines are blank or begin with '#', a header such as '#,formula,gap' excepted."""
    n_lines = next((n for n, line in enumerate(lines) if line.strip() and line[0] != "#"), 0)
    last = next((n for n in reversed(range(n_lines)) if lines[n].strip()), None)
    if last is None:
        return n_lines
    comment, below = (lines[n].split(delimiter) for n in (last, n_lines))
    is_header = len(comment) == len(below) > 1 and np.isfinite(to_numbers(pd.Series(below))).any()
    return last if is_header else n_lines


def _read_rows(
    lines: Sequence[str], delimiter: str, name: str
) -> tuple[list[str], list[_Row], list[tuple[int, str]]]:
    limits = settings()
    numbered = _numbered(lines, delimiter, name)
    first = next(numbered, None)
    if first is None:
        raise TableError(f"{name} is empty; upload a table with a header line.")
    header = _unique_names(first.cells)
    if len(header) > limits.max_columns:
        raise TableError(f"{name} has {len(header):,} columns; the limit is {limits.max_columns:,}.")
    rows = list(islice(numbered, limits.max_rows + 1))
    if len(rows) > limits.max_rows:
        raise TableError(f"{name} has more than {limits.max_rows:,} rows, the limit; upload a part of it.")
    if not rows:
        raise TableError(f"{name} has a header but no rows under it.")
    if all(len(row.cells) == len(header) + 1 and not row.cells[-1].strip() for row in rows):
        rows = [row._replace(cells=row.cells[:-1]) for row in rows]
    return header, *_parted(rows, len(header), name)


def _numbered(lines: Sequence[str], delimiter: str, name: str) -> Iterator[_Row]:
    """Rows with the lines they begin and end on; blank lines are passed over."""
    reader = csv.reader(lines, delimiter=delimiter)
    last = begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _Row(begins, reader.line_num, cells)
            last, begins = begins, reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            f"{name} is not a readable CSV file from line {begins} on: {error}; "
            "look for a quotation mark that is not closed."
        ) from error
    _refuse_open_quote(lines[last - 1 :], delimiter, name, last)


def _refuse_open_quote(record: Sequence[str], delimiter: str, name: str, line: int) -> None:
    """The csv module ends an open quoted cell silently at the end of the file, unless it is strict."""
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise _open_quote(name, line) from error


def _open_quote(name: str, line: int) -> TableError:
    return TableError(
        f"A quotation mark that opens on line {line} of {name} is not closed in its row; "
        "close it or take it out."
    )


def _parted(rows: Sequence[_Row], n_cells: int, name: str) -> tuple[list[_Row], list[tuple[int, str]]]:
    """Rows as long as the header, and the reasons why others are not."""
    fitting = [row for row in rows if len(row.cells) == n_cells]
    others = [row for row in rows if len(row.cells) != n_cells]
    for row in others:
        if row.last_line - row.line >= LONGEST_RECORD:
            raise _open_quote(name, row.line)
    ragged = [
        (row.line, f"The row has {len(row.cells)} cells where the header has {n_cells}.") for row in others
    ]
    if not fitting:
        line, reason = ragged[0]
        raise TableError(
            f"No row of {name} is as long as its header (line {line}: {reason}); "
            "check the header and the delimiter."
        )
    return fitting, ragged


def _unique_names(cells: Sequence[str]) -> list[str]:
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        base = cell.strip() or f"column {place}"
        name, copy = base, 2
        while name in taken:
            name, copy = f"{base} ({copy})", copy + 1
        taken.add(name)
        names.append(name)
    return names


_DECIMAL_COMMA = r"\s*[-+]?\d+,\d+(?:[eE][-+]?\d+)?\s*"


def _points_for_commas(frame: pd.DataFrame) -> bool:
    """Write '3,4' as '3.4' in every column; whether there was any."""
    found = False
    for name in frame.columns:
        commas = frame[name].str.fullmatch(_DECIMAL_COMMA)
        if commas.any():
            frame.loc[commas, name] = frame.loc[commas, name].str.replace(",", ".")
            found = True
    return found


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
