"""Text with delimiters (CSV, TSV and their relatives) read into a table of texts."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import pandas as pd

from brnet.errors import TableError
from brnet.materials.columns import to_numbers
from brnet.materials.table import Table
from brnet.settings import settings

SNIFFED_ROWS = 20  # rows looked at when the delimiter is recognised
SNIFFED_LINES = 5 * SNIFFED_ROWS
LONGEST_RECORD = 3  # lines; a longer row with too few or too many cells has a quotation mark left open
DELIMITERS = ",;\t|"


def read_delimited(data: bytes, *, name: str) -> Table:
    """The bytes of a CSV or TSV file -> its table. Raises TableError where it is none."""
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
