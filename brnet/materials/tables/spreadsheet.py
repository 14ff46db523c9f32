"""Excel workbooks (XLSX, XLSM) read into a table of texts: the first sheet that holds one.

openpyxl reads the parts; they are called one by one, for `load_workbook` reads every sheet to its end while
it opens and fills the gap between two far cells with empty rows.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, cast

import numpy as np
from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import range_boundaries
from openpyxl.worksheet._reader import FORMULA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from brnet.errors import TableError
from brnet.materials.tables.archive import refuse_bomb
from brnet.materials.tables.header import HEAD_ROWS, named_or_filled, read_head
from brnet.materials.tables.limits import (
    LONGEST_CELL,
    cell_too_long,
    refuse_large,
    refuse_many_cells,
    refuse_many_characters,
)
from brnet.materials.tables.numerals import is_number, number_text, points_for_commas
from brnet.materials.tables.table import Table, restore, table_of

MOST_SHEETS = 20  # looked into
NAMED_SHEETS = 5  # of those that are not read
LONGEST_SHEET_NAME = 31  # characters; Excel allows no more
MOST_ROWS = 2**20  # of a sheet in Excel and LibreOffice
HARMLESS_BYTES = 8 * 2**20  # whatever they are packed to
PIECE_BYTES = 2**19  # given to the parser at once; expat before 2.6 reads a long word again with every piece
FORM_TAGS = 30_000  # "<" in the list of sheets and the styles, which cost far more time each than cells
SPARE_TAGS = 200_000  # in shared texts and sheets, without a value that explains them; a piece has fewer
TAGS_A_CELL = 10
TAGS_A_STRING = 40  # each letter and digit of a formula may have a format

_ODS = "content.xml"
_STRING = f"{{{SHEET_MAIN_NS}}}si"
_MERGED = f"{{{SHEET_MAIN_NS}}}mergeCell"


def is_spreadsheet(archive: zipfile.ZipFile) -> bool:
    """Whether a zip archive is a workbook or an OpenDocument."""
    members = set(archive.namelist())
    return "[Content_Types].xml" in members or {"mimetype", _ODS} <= members


def read_spreadsheet(data: bytes, *, name: str) -> Table:
    """The first sheet with a table in it.

    Titles above the header are passed over, formulas give the value that was saved. Raises TableError
    where there is no table.
    """
    with _Parts(io.BytesIO(data)) as parts:
        parts.table_name = name
        refuse_bomb(parts, len(data), name=name, harmless=HARMLESS_BYTES)
        if "[Content_Types].xml" not in parts.namelist():
            raise TableError(f"{name} is an OpenDocument file; save it as XLSX or CSV.")
        try:
            sheets, sheet = _first_table(parts)
        except TableError:
            raise
        except Exception as error:  # a broken file makes openpyxl stumble: KeyError, TypeError, BadZipFile...
            raise TableError(
                f"{name} is a broken or unusual spreadsheet; open it in its program and save it as XLSX."
            ) from error
        notes = list(_notes(parts, sheets, sheet))
    return _table(name, sheet, notes)


class _Parts(zipfile.ZipFile):
    """An archive that counts the tags in what is read of it: openpyxl takes kilobytes for some of them."""

    table_name = ""
    spare_tags = FORM_TAGS

    def open(self, *arguments: Any, **options: Any) -> IO[bytes]:
        return cast(IO[bytes], _Part(super().open(*arguments, **options), self))

    def explain(self, n_tags: int) -> None:
        self.spare_tags = min(SPARE_TAGS, self.spare_tags + n_tags)

    def count(self, piece: bytes) -> None:
        self.spare_tags -= piece.count(b"<") + len(piece) // 100
        if self.spare_tags < 0:
            raise TableError(
                f"{self.table_name} holds far more formatting than values; copy the values into a new file."
            )


class _Part(io.BufferedReader):
    def __init__(self, stream: Any, parts: _Parts) -> None:
        super().__init__(stream)
        self._parts = parts

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(PIECE_BYTES if size and size > 0 else size)
        self._parts.count(piece)
        return piece


@dataclass(kw_only=True)
class _Sheet:
    """The filled cells of a sheet; rows and columns count from 1."""

    title: str
    hidden: bool
    member: str
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    n_unsaved: int = 0
    n_merged: int = 0


class _SheetParser(WorkSheetParser):
    """openpyxl's reader of cells without its readers of formats, filters and whatever else a sheet holds."""

    n_unsaved = n_merged = 0

    def parse(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        for _, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                yield self.parse_row(element)
                element.clear()
            elif element.tag == _MERGED:
                _, first_row, _, last_row = range_boundaries(element.get("ref"))
                self.n_merged += last_row > first_row

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
            self.n_unsaved += 1
        return cell


def _first_table(parts: _Parts) -> tuple[list[_Sheet], _Sheet]:
    """All sheets, and the first with two columns, two rows and a number, else with two rows; hidden last."""
    reader = ExcelReader(parts.fp, read_only=True, data_only=True, keep_links=False)
    reader.archive = parts
    reader.read_manifest()
    reader.read_workbook()
    apply_stylesheet(parts, reader.wb)
    parts.spare_tags = SPARE_TAGS
    strings = list(_strings(parts, reader.package.find(SHARED_STRINGS)))
    sheets = list(_sheets(reader))
    first = None
    for sheet in sorted(sheets, key=lambda sheet: sheet.hidden)[:MOST_SHEETS]:
        _read_cells(sheet, parts, reader.wb, strings)
        if len(set(sheet.rows)) < 2:
            continue
        if len(set(sheet.columns)) > 1 and any(map(is_number, sheet.texts)):
            return sheets, sheet
        first = first or sheet
    if first is None:
        raise TableError(
            f"{parts.table_name} has no sheet with a header and rows under it; upload one with a table."
        )
    return sheets, first


def _sheets(reader: ExcelReader) -> Iterator[_Sheet]:
    """The worksheets, not read yet; charts are passed over, and so is a second name of one."""
    places = {part.target: (entry, part.Type) for entry, part in reversed(list(reader.parser.find_sheets()))}
    for member, (entry, kind) in reversed(places.items()):
        if kind.endswith("/worksheet") and member in reader.valid_files:
            yield _Sheet(title=entry.name, hidden=entry.state != "visible", member=member)


def _strings(parts: _Parts, place: Any) -> Iterator[str]:
    """The texts that cells share."""
    if place is None:
        return
    with parts.open(place.PartName[1:]) as source:
        for _, element in iterparse(source):
            if element.tag == _STRING:
                text = Text.from_tree(element).content
                element.clear()
                parts.explain(TAGS_A_STRING if text else 0)
                yield text


def _read_cells(sheet: _Sheet, parts: _Parts, book: Any, strings: list[str]) -> None:
    """Fill `sheet`. Raises TableError above a limit, as soon as it is."""
    name, n_rows, last, columns = parts.table_name, 0, 0, set[int]()
    with parts.open(sheet.member) as source:
        parser = _SheetParser(
            source,
            strings,
            data_only=True,
            epoch=book.epoch,
            # Elapsed times stay numbers of days.
            date_formats=set(book._date_formats) - set(book._timedelta_formats),
        )
        for number, cells in parser.parse():
            if not last < number <= MOST_ROWS:
                raise ValueError(f"row {number} follows row {last}")
            last = number
            filled = {cell["column"]: text for cell in cells if (text := _text(cell["value"])).strip()}
            if not filled:
                continue
            if max(map(len, filled.values())) > LONGEST_CELL:
                raise cell_too_long(name, number)
            parts.explain(TAGS_A_CELL * len(filled))
            n_rows += 1
            columns.update(filled)
            sheet.rows += [number] * len(filled)
            sheet.columns += filled
            sheet.texts += filled.values()
            refuse_large(name, n_rows=n_rows, n_columns=len(columns))
            refuse_many_cells(name, len(sheet.texts))
    sheet.n_unsaved, sheet.n_merged = parser.n_unsaved, parser.n_merged


def _text(value: object) -> str:
    """What a cell says: 2.0 -> '2', True -> 'true', midnight of 2 March 2024 -> '2024-03-02'."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime):
        return str(value).removesuffix(" 00:00:00")
    return "" if value is None else str(value)


def _table(name: str, sheet: _Sheet, notes: list[str]) -> Table:
    rows, row_places = np.unique(np.array(sheet.rows), return_inverse=True)
    columns, column_places = np.unique(np.array(sheet.columns), return_inverse=True)
    cells = np.full((len(rows), len(columns)), "", dtype=object)
    cells[row_places, column_places] = sheet.texts
    refuse_many_characters(name, cells)
    head = read_head(cells[:HEAD_ROWS].tolist(), rows[:HEAD_ROWS].tolist())
    cells = cells[head.first :]
    if not len(cells):
        raise TableError(f"{name} has a header but no rows under it.")
    filled = named_or_filled(head.names, cells)
    cells = cells[:, filled]
    restore(cells)
    notes = [*notes, *head.notes]
    if points_for_commas(cells, doubtful=True):
        notes.append("Decimal commas were read as decimal points.")
    names = [head.names[column] for column in filled]
    return table_of(name, names, cells, lines=rows[head.first :], notes=notes)


def _notes(parts: _Parts, sheets: list[_Sheet], read: _Sheet) -> Iterator[str]:
    others = [sheet.title[:LONGEST_SHEET_NAME] for sheet in sheets if sheet is not read]
    hidden = "hidden sheet" if read.hidden else "sheet"
    if others:
        named = ", ".join(map(repr, others[:NAMED_SHEETS])) + (", …" if len(others) > NAMED_SHEETS else "")
        yield f"The {hidden} {read.title[:LONGEST_SHEET_NAME]!r} was read, not {named}."
    elif read.hidden:
        yield f"The only sheet, {read.title[:LONGEST_SHEET_NAME]!r}, is hidden."
    if any(member.endswith("vbaProject.bin") for member in parts.namelist()):
        yield "The macros of the workbook were left alone."
    if read.n_merged:
        yield "Merged cells gave their value to the first of their rows only; unmerge and fill them."
    if read.n_unsaved:
        formulas = "1 formula has" if read.n_unsaved == 1 else f"{read.n_unsaved:,} formulas have"
        yield (
            f"{formulas} no saved value and read as empty; "
            "open the file in a spreadsheet program and save it again."
        )
