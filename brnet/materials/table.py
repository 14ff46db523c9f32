"""Uploaded bytes read into a table of texts, each row under the line number it had in the file."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from brnet.errors import FormulaError, TableError
from brnet.materials.formula import read_formulas
from brnet.settings import settings

SAMPLE_ROWS = 300  # rows looked at when columns are recognised
FORMULA_NAMES = re.compile(
    r"^(pretty_?|reduced_?|chemical_?)?(formulae?|composition|comp|compound|material)s?$"
)
TARGET_NAMES = re.compile(r"^(target|value|y|label|property)s?$")
NOT_A_TARGET = re.compile(r"^(id|index|no\.?|nr|unnamed.*|fold|year|doi|.*_id)$")
MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "-", "--", "?"})


@dataclass(frozen=True, kw_only=True)
class Table:
    """All cells as texts. The frame's index is the line in the file; the header stands on line 1."""

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
    text = _decode(data, name)
    delimiter = _delimiter(text)
    header, rows, ragged = _read_rows(text, delimiter, name)
    frame = pd.DataFrame(
        [cells for _, cells in rows], columns=header, index=[line for line, _ in rows], dtype=str
    )
    frame.index.name = "line"
    notes: tuple[str, ...] = ()
    if delimiter == ";" and not _looks_like_points(frame):
        frame = frame.map(_point_for_comma)
        notes = ("Decimal commas were read as decimal points.",)
    return Table(name=name, frame=frame, ragged=tuple(ragged), notes=notes)


def to_numbers(cells: pd.Series) -> np.ndarray:
    """A column of texts -> float64 (n,), NaN where the text is no number."""
    return pd.to_numeric(cells.str.strip(), errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def is_missing(cell: str) -> bool:
    return cell.strip().lower() in MISSING


def guess_columns(table: Table) -> Columns:
    """The formula column and the columns that could be learned. Raises TableError where one is lacking."""
    formula = guess_formula_column(table)
    candidates = [
        name for name in table.frame.columns if name != formula and _could_be_target(table.frame[name])
    ]
    if not candidates:
        raise TableError(
            f"{table.name} has no column of numbers or of two labels beside {formula!r}; "
            "add the values to learn."
        )
    candidates.sort(key=lambda name: not TARGET_NAMES.match(name.strip().lower()))
    return Columns(formula=formula, targets=tuple(candidates))


def guess_formula_column(table: Table) -> str:
    """The column of formulas, by its name or by what can be read. Raises TableError where there is none."""
    sample = table.frame.head(SAMPLE_ROWS)
    shares = {name: _readable_share(sample[name]) for name in sample.columns}
    named = [n for n in sample.columns if FORMULA_NAMES.match(n.strip().lower()) and shares[n] > 0]
    best = named[0] if named else max(shares, key=lambda n: shares[n])
    if not named and shares[best] < 0.5:
        raise TableError(
            f"{table.name} has no column of chemical formulas: in the best one, {best!r}, "
            f"{shares[best]:.0%} of the cells can be read; name the column 'formula' or mend its cells."
        )
    return best


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


def _delimiter(text: str) -> str:
    header = text.lstrip("\r\n").split("\n", 1)[0]
    return max(",;\t|", key=header.count)


def _read_rows(
    text: str, delimiter: str, name: str
) -> tuple[list[str], list[tuple[int, list[str]]], list[tuple[int, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        numbered = _numbered(reader)
        header = _unique_names(next(numbered)[1])
        limits = settings()
        if len(header) > limits.max_columns:
            raise TableError(f"{name} has {len(header):,} columns; the limit is {limits.max_columns:,}.")
        rows: list[tuple[int, list[str]]] = []
        ragged: list[tuple[int, str]] = []
        for line, cells in numbered:
            if len(cells) == len(header):
                rows.append((line, cells))
            else:
                ragged.append((line, f"The row has {len(cells)} cells where the header has {len(header)}."))
            if len(rows) > limits.max_rows:
                raise TableError(
                    f"{name} has more than {limits.max_rows:,} rows, the limit; upload a part of it."
                )
    except csv.Error as error:
        raise TableError(
            f"{name} is not a readable CSV file near line {reader.line_num}: {error}."
        ) from error
    if not rows:
        raise TableError(f"{name} has a header but no rows under it.")
    return header, rows, ragged


def _numbered(reader: "csv._reader") -> Iterator[tuple[int, list[str]]]:  # type: ignore[name-defined]
    """Rows with the line each begins on; blank lines are passed over."""
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


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


def _looks_like_points(frame: pd.DataFrame) -> bool:
    cells = frame.head(SAMPLE_ROWS).to_numpy(dtype=str).ravel()
    commas = sum(bool(re.fullmatch(r"\s*[-+]?\d+,\d+\s*", cell)) for cell in cells)
    return commas == 0


def _point_for_comma(cell: str) -> str:
    return cell.replace(",", ".") if re.fullmatch(r"\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*", cell) else cell


def _readable_share(cells: pd.Series) -> float:
    readings = read_formulas(list(cells))
    return sum(not isinstance(reading, FormulaError) for reading in readings) / max(1, len(readings))


def _could_be_target(cells: pd.Series) -> bool:
    if NOT_A_TARGET.match(str(cells.name).strip().lower()):
        return False
    filled = cells[~cells.map(is_missing)]
    if filled.empty:
        return False
    if np.isfinite(to_numbers(filled)).mean() >= 0.5:
        return True
    return filled.str.strip().nunique() == 2
