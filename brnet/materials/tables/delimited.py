"""Text with delimiters (CSV, TSV and their relatives) read into a table of texts."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from brnet.errors import TableError
from brnet.materials.tables.header import HEAD_ROWS, named_or_filled, read_head
from brnet.materials.tables.limits import (
    LONGEST_ROW,
    refuse_long_row,
    refuse_many_columns,
    rows_allowed,
    too_many_rows,
)
from brnet.materials.tables.numerals import points_for_commas
from brnet.materials.tables.sniffing import Form, recognise
from brnet.materials.tables.table import EXPORT_BEGINS, Table, as_it_was, restore, table_of
from brnet.settings import settings

LONGEST_RECORD = 3  # lines; a longer row with too few or too many cells has a quotation mark left open
LINES_A_ROW = 4  # lines that a row takes up on average at most, blank ones included


def read_delimited(data: bytes, *, name: str) -> Table:
    """The bytes of a CSV or TSV file -> its table. Raises TableError where it is none."""
    _refuse_many_lines(data, name)
    exported = _read_export(data, name)
    if exported is not None:
        return exported
    form = recognise(data, name)
    rows = _rows(data, form, name)
    top = list(islice(rows, HEAD_ROWS))
    if not top:
        raise TableError(f"{name} is empty; upload a table with a header line.")
    head = read_head([row.cells for row in top], [row.line for row in top])
    refuse_many_columns(name, len(head.names))
    cells, lines, ragged = _parted(chain(top[head.first :], rows), len(head.names), name)
    if b"'" in data:
        restore(cells)
    notes = form.notes + head.notes
    if form.delimiter != "," and points_for_commas(cells, doubtful=form.delimiter != ";"):
        notes += ("Decimal commas were read as decimal points.",)
    filled = named_or_filled(head.names, cells)
    names = [head.names[place] for place in filled]
    return table_of(name, names, cells[:, filled], lines=lines, ragged=ragged, notes=notes)


class _Row(NamedTuple):
    line: int
    last_line: int
    cells: list[str]


def _refuse_many_lines(data: bytes, name: str) -> None:
    """Blank lines cost time as well."""
    if max(data.count(b"\n"), data.count(b"\r")) > LINES_A_ROW * settings().max_rows + HEAD_ROWS:
        raise too_many_rows(name, 1)


def _read_export(data: bytes, name: str) -> Table | None:
    """A file that `Table.to_csv` wrote, read without guessing; None where the bytes are not exactly that."""
    if not data.startswith(EXPORT_BEGINS):
        return None
    with suppress(TableError, UnicodeDecodeError):
        rows = _rows(data, Form(encoding="utf-8-sig"), name)
        header = list(map(as_it_was, next(rows).cells))
        cells, lines, ragged = _parted(rows, len(header), name)
        if b"'" in data:
            restore(cells)
        table = table_of(name, header, cells, lines=lines)
        if not ragged and len(set(header)) == len(header) and table.to_csv() == data:
            return table
    return None


class _Lines:
    """Lines for the csv module; those of the row that is being read are at hand."""

    def __init__(self, lines: Iterable[str], name: str, first: int) -> None:
        self._lines, self._name = lines, name
        self.record: list[str] = []
        self.begins = self.next = first

    def __iter__(self) -> Iterator[str]:
        n_characters = 0
        for line in self._lines:
            n_characters = n_characters + len(line) if self.record else len(line)
            if n_characters > LONGEST_ROW:
                refuse_long_row(self._name, n_characters=n_characters, line=self.begins)
            self.record.append(line)
            self.next += 1
            yield line

    def row_is_read(self) -> None:
        self.begins, self.record = self.next, []


def _rows(data: bytes, form: Form, name: str) -> Iterator[_Row]:
    """Rows with the lines they begin and end on; blank lines are passed over."""
    most = settings().max_columns + 1  # a delimiter may end every row
    lines = _Lines(form.lines(data), name, form.n_passed_over + 1)
    reader = csv.reader(lines, delimiter=form.csv_delimiter)
    record: list[str] = []
    try:
        for cells in reader:
            if len(cells) > most:
                raise TableError(
                    f"Line {lines.begins} of {name} has {len(cells):,} cells; "
                    f"the limit is {most - 1:,} columns, so leave some out."
                )
            if any(map(str.strip, cells)):
                yield _Row(lines.begins, lines.next - 1, cells)
            record = lines.record
            lines.row_is_read()
    except csv.Error as error:
        raise TableError(
            f"{name} is not a readable CSV file from line {lines.begins} on: {error}; "
            "look for a quotation mark that is not closed."
        ) from error
    _refuse_open_quote(record, form.csv_delimiter, name, lines.begins - len(record))


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


def _parted(
    rows: Iterable[_Row], n_cells: int, name: str
) -> tuple[np.ndarray, list[int], list[tuple[int, str]]]:
    """The cells of rows as long as the header (rows, n_cells) and their lines; why others are none.

    A delimiter at the end of every row is no cell.
    """
    limit = rows_allowed(n_cells)
    cells: list[str] = []
    lines: list[int] = []
    others: list[_Row] = []
    for n_rows, row in enumerate(rows, start=1):
        if n_rows > limit:
            raise too_many_rows(name, n_cells)
        if len(row.cells) == n_cells:
            cells.extend(row.cells)
            lines.append(row.line)
        elif row.last_line - row.line >= LONGEST_RECORD:
            raise _open_quote(name, row.line)
        else:
            others.append(row)
    if not lines and not others:
        raise TableError(f"{name} has a header but no rows under it.")
    if not lines and all(len(row.cells) == n_cells + 1 and not row.cells[-1].strip() for row in others):
        cells = list(chain.from_iterable(row.cells[:-1] for row in others))
        lines, others = [row.line for row in others], []
    ragged = [
        (row.line, f"The row has {len(row.cells)} cells where the header has {n_cells}.") for row in others
    ]
    if not lines:
        line, reason = ragged[0]
        raise TableError(
            f"No row of {name} is as long as its header (line {line}: {reason}); "
            "check the header and the delimiter."
        )
    return np.array(cells, dtype=object).reshape(-1, n_cells), lines, ragged
