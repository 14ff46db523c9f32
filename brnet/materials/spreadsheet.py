"""Spreadsheets (XLSX, ODS) read into a table of texts: the first sheet that holds one."""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from brnet.errors import TableError
from brnet.materials.archive import refuse_bomb
from brnet.materials.header import HEAD_ROWS, named_or_filled, read_head
from brnet.materials.limits import refuse_large, refuse_many_characters
from brnet.materials.numerals import is_number, points_for_commas
from brnet.materials.ods import CONTENT, OpenDocument
from brnet.materials.sheets import Sheet, SheetPlace, column_letters
from brnet.materials.table import Table, restore, table_of
from brnet.materials.xlsx import Workbook, open_workbook

MOST_SHEETS = 20  # looked into
NAMED_SHEETS = 5  # of those that are not read
LONGEST_SHEET_NAME = 31  # characters; Excel allows no more
HARMLESS_BYTES = 8 * 2**20  # of XML, whatever it is packed to


def is_spreadsheet(archive: zipfile.ZipFile) -> bool:
    """Whether a zip archive is a workbook or an OpenDocument."""
    members = set(archive.namelist())
    return "[Content_Types].xml" in members or {"mimetype", CONTENT} <= members


def read_spreadsheet(archive: zipfile.ZipFile, *, n_bytes: int, name: str) -> Table:
    """The first sheet with a table in it; `n_bytes` is the size of the archive.

    Titles above the header are passed over, merged cells give every row they cover their value, formulas
    the value that was saved. Raises TableError where there is no table.
    """
    refuse_bomb(archive, n_bytes, name=name, harmless=HARMLESS_BYTES)
    is_open_document = CONTENT in archive.namelist()
    book = OpenDocument(name=name, archive=archive) if is_open_document else open_workbook(archive, name=name)
    place, sheet, grid = _first_table(book, name)
    spread = _spread_merged(grid, sheet, name)
    refuse_many_characters(name, grid.cells)
    head = read_head(grid.cells[:HEAD_ROWS].tolist(), grid.rows[:HEAD_ROWS].tolist())
    cells = grid.cells[head.first :]
    if not len(cells):
        raise TableError(f"{name} has a header but no rows under it.")
    filled = named_or_filled(head.names, cells)
    cells = cells[:, filled]
    restore(cells)
    notes = [*_sheet_notes(book.places, place), *book.notes, *head.notes, *_unsaved_notes(sheet)]
    if spread:
        notes.append("The value of merged cells was repeated in every row that they cover.")
    if points_for_commas(cells, doubtful=True):
        notes.append("Decimal commas were read as decimal points.")
    names = [head.names[column] for column in filled]
    return table_of(name, names, cells, lines=grid.rows[head.first :], notes=notes)


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """Rows and columns that hold anything: their numbers (n,) and (m,), the texts of their cells (n, m)."""

    rows: np.ndarray
    columns: np.ndarray
    cells: np.ndarray


def _first_table(book: Workbook | OpenDocument, name: str) -> tuple[SheetPlace, Sheet, _Grid]:
    """The first sheet with two columns, two rows and a number, else with two rows; hidden ones come last."""
    first = None
    for place in sorted(book.places, key=lambda place: place.hidden)[:MOST_SHEETS]:
        sheet = book.sheet(place)
        if len(set(sheet.rows)) < 2:
            continue
        grid = _grid(sheet, name)
        if len(grid.columns) > 1 and any(map(is_number, sheet.texts)):
            return place, sheet, grid
        first = first or (place, sheet, grid)
    if first is None:
        raise TableError(f"{name} has no sheet with a header and rows under it; upload one with a table.")
    return first


def _grid(sheet: Sheet, name: str) -> _Grid:
    rows, row_places = np.unique(np.array(sheet.rows), return_inverse=True)
    columns, column_places = np.unique(np.array(sheet.columns), return_inverse=True)
    refuse_large(name, n_rows=len(rows), n_columns=len(columns))
    cells = np.full((len(rows), len(columns)), "", dtype=object)
    cells[row_places, column_places] = sheet.texts
    return _Grid(rows=rows, columns=columns, cells=cells)


def _spread_merged(grid: _Grid, sheet: Sheet, name: str) -> bool:
    """Write the value of merged cells into the rows that they cover, in place; whether there were any."""
    n_covered = 0
    for first_row, column, last_row, _ in sheet.merged:
        begin, end = np.searchsorted(grid.rows, (first_row, last_row + 1))
        place = int(np.searchsorted(grid.columns, column))
        if end - begin < 2 or place == len(grid.columns) or grid.columns[place] != column:
            continue
        n_covered += int(end - begin)
        if n_covered > grid.cells.size:
            raise TableError(f"{name} has merged cells that overlap; unmerge them.")
        covered = grid.cells[begin:end, place]
        covered[covered == ""] = covered[0]
    return n_covered > 0


def _sheet_notes(places: Sequence[SheetPlace], read: SheetPlace) -> Iterator[str]:
    others = [place.name[:LONGEST_SHEET_NAME] for place in places if place is not read]
    hidden = "hidden sheet" if read.hidden else "sheet"
    if others:
        named = ", ".join(map(repr, others[:NAMED_SHEETS])) + (", …" if len(others) > NAMED_SHEETS else "")
        yield f"The {hidden} {read.name[:LONGEST_SHEET_NAME]!r} was read, not {named}."
    elif read.hidden:
        yield f"The only sheet, {read.name[:LONGEST_SHEET_NAME]!r}, is hidden."


def _unsaved_notes(sheet: Sheet) -> Iterator[str]:
    if sheet.unsaved:
        row, column = sheet.unsaved[0]
        formulas = "1 formula has" if len(sheet.unsaved) == 1 else f"{len(sheet.unsaved):,} formulas have"
        yield (
            f"{formulas} no saved value, the first in {column_letters(column)}{row}, and read as empty; "
            "open the file in a spreadsheet program and save it again."
        )
