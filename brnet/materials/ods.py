"""OpenDocument spreadsheets (ODS of LibreOffice and others) read into the cells of their sheets."""

import zipfile
from dataclasses import dataclass
from functools import cached_property

from brnet.errors import TableError
from brnet.materials.archive import unpack_member
from brnet.materials.safe_xml import SPARE_ELEMENTS, read_xml
from brnet.materials.sheets import MOST_COLUMNS, MOST_ROWS, Sheet, SheetPlace, saved_number

CONTENT = "content.xml"
ELEMENTS_A_CELL = 10  # row, cell, p and what formats a part of its text
COPIES_A_CELL = 100  # a cell that is repeated is saved once
_NUMBERS = frozenset({"float", "percentage", "currency"})
_ASIDE = frozenset({"annotation", "frame", "custom-shape"})  # their text is no cell's


@dataclass(frozen=True, kw_only=True)
class OpenDocument:
    """What a document holds: all sheets stand in one file, so all are read at once."""

    name: str
    archive: zipfile.ZipFile
    notes: tuple[str, ...] = ()

    @cached_property
    def _read(self) -> "_ContentReader":
        reader = _ContentReader(self.name)
        read_xml(unpack_member(self.archive, CONTENT, name=self.name), reader, name=self.name)
        return reader

    @cached_property
    def places(self) -> tuple[SheetPlace, ...]:
        """Its sheets in their order. Raises TableError where they are broken or above a limit."""
        return tuple(
            SheetPlace(name=sheet.name, hidden=hidden, member=str(number))
            for number, (sheet, hidden) in enumerate(self._read.sheets)
        )

    def sheet(self, place: SheetPlace) -> Sheet:
        return self._read.sheets[int(place.member)][0]


class _ContentReader:
    """The cells of every sheet of a content.xml (OASIS OpenDocument 1.3, part 3, chapter 9)."""

    def __init__(self, name: str) -> None:
        self.sheets: list[tuple[Sheet, bool]] = []
        self.n_elements = 0
        self._name = name
        self._n_cells = self._n_copies = 0
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._row = self._column = 0
        self._row_times = 1
        self._cells: list[tuple[int, int, str]] = []  # column, times, text of the row that is being read
        self._cell: dict[str, str] = {}
        self._words: list[str] = []
        self._depth_aside = 0
        self._in_cell = self._listens = False

    @property
    def n_explained(self) -> int:
        return ELEMENTS_A_CELL * self._n_cells

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        self.n_elements += 1
        tag = tag.rpartition(":")[2]
        if self._depth_aside or tag in _ASIDE:
            self._depth_aside += 1
        elif tag in ("table-cell", "covered-table-cell"):
            self._cell = {key.rpartition(":")[2]: value for key, value in attributes.items()}
            self._words.clear()
            self._in_cell = True
        elif self._in_cell:
            self._open_text(tag, attributes)
        elif tag == "table-row":
            self._row_times = _times(attributes.get("table:number-rows-repeated"), MOST_ROWS)
            self._column, self._cells = 0, []
        elif tag == "table":
            hidden = attributes.get("table:style-name") in self._hidden_styles
            self.sheets.append((Sheet(name=attributes.get("table:name", ""), file_name=self._name), hidden))
            self._row = 0
        elif tag == "style":
            self._style = attributes.get("style:name", "")
        elif tag == "table-properties" and attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)

    def closed(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if self._depth_aside:
            self._depth_aside -= 1
        elif tag in ("table-cell", "covered-table-cell"):
            self._in_cell = False
            self._close_cell()
        elif tag == "p":
            self._listens = False
        elif tag == "table-row":
            self._close_row()

    def said(self, text: str) -> None:
        if self._listens and not self._depth_aside:
            self._words.append(text)

    def _open_text(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "p":
            self._words.append("\n" if self._words else "")
            self._listens = True
        elif tag == "s":
            self._words.append(" " * _times(attributes.get("text:c"), 1_000))
        elif tag in ("tab", "line-break"):
            self._words.append("\t" if tag == "tab" else "\n")

    def _close_cell(self) -> None:
        times = _times(self._cell.get("number-columns-repeated"), MOST_COLUMNS)
        text = self._shown()
        if text.strip():
            self._cells.append((self._column + 1, times, text))
            self._n_cells += 1
        elif "formula" in self._cell and "value-type" not in self._cell:
            self.sheets[-1][0].unsaved.append((self._row + 1, self._column + 1))
        self._merge()
        self._column += times

    def _merge(self) -> None:
        height = _times(self._cell.get("number-rows-spanned"), MOST_ROWS)
        width = _times(self._cell.get("number-columns-spanned"), MOST_COLUMNS)
        if height > 1 or width > 1:
            row, column = self._row + 1, self._column + 1
            self.sheets[-1][0].merge(row, column, row + height - 1, column + width - 1)

    def _close_row(self) -> None:
        sheet = self.sheets[-1][0]
        self._n_copies += self._row_times * sum(times for _, times, _ in self._cells) - len(self._cells)
        if self._n_copies > SPARE_ELEMENTS + COPIES_A_CELL * self._n_cells:
            raise TableError(f"{self._name} repeats a few cells many times; save the table as CSV.")
        for row in range(self._row + 1, self._row + 1 + (self._row_times if self._cells else 0)):
            for column, times, text in self._cells:
                for place in range(column, column + times):
                    sheet.add(row, place, text)
        self._row += self._row_times

    def _shown(self) -> str:
        """The value of a cell as text, by its kind (OpenDocument 1.3, part 3, 19.387)."""
        kind = self._cell.get("value-type", "")
        if kind in _NUMBERS and "value" in self._cell:
            return saved_number(self._cell["value"])
        if kind == "date" and "date-value" in self._cell:
            return self._cell["date-value"].replace("T00:00:00", "").replace("T", " ")
        if kind == "boolean":
            return self._cell.get("boolean-value", "")
        return "".join(self._words)


def _times(text: str | None, most: int) -> int:
    """How often something is repeated. Raises ValueError where it is not between 1 and `most` times."""
    times = 1 if text is None else int(text)
    if not 1 <= times <= most:
        raise ValueError(f"something is repeated {times} times")
    return times
