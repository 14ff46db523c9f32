"""The cells of a sheet as its file gives them, whichever spreadsheet program wrote it."""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from brnet.errors import TableError
from brnet.materials.limits import LONGEST_CELL, cell_too_long, refuse_many_cells
from brnet.materials.numerals import number_text

MOST_ROWS = 2**20  # of a sheet in Excel and LibreOffice
MOST_COLUMNS = 2**14
MOST_MERGED = 100_000

_DAY_ZERO = datetime(1899, 12, 30)  # of serial numbers from March 1900 on; Excel knows a 29 February 1900
_DAY_ZERO_MAC = datetime(1904, 1, 1)
_LAST_DAY = 2_958_465  # 31 December 9999
_DAY_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class SheetPlace:
    """A sheet that is not read yet, and the file of the archive that holds it."""

    name: str
    hidden: bool
    member: str


@dataclass(kw_only=True)
class Sheet:
    """The filled cells of a sheet, in the order of its file; rows and columns count from 1.

    `merged` holds first row, first column, last row and last column of merged cells; `unsaved` the places of
    cells whose formula has no saved value.
    """

    name: str
    file_name: str
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    unsaved: list[tuple[int, int]] = field(default_factory=list)

    def add(self, row: int, column: int, text: str) -> None:
        """Keep a cell that is not blank. Raises TableError above a limit."""
        if not text.strip():
            return
        if len(text) > LONGEST_CELL:
            raise cell_too_long(self.file_name, row)
        refuse_many_cells(self.file_name, len(self.texts) + 1)
        self.rows.append(row)
        self.columns.append(column)
        self.texts.append(text)

    def merge(self, first_row: int, first_column: int, last_row: int, last_column: int) -> None:
        """Keep a range of merged cells. Raises TableError above a limit."""
        if len(self.merged) >= MOST_MERGED:
            raise TableError(f"{self.file_name} has more than {MOST_MERGED:,} merged cells; unmerge them.")
        self.merged.append((first_row, first_column, last_row, last_column))


def date_text(serial: float, *, since_1904: bool) -> str:
    """The date of a serial number of days: '2024-03-02', '2024-03-02 11:30:00', '11:30:00' below one day."""
    if not 0 <= serial <= _LAST_DAY:
        return number_text(serial)
    seconds = round(serial * _DAY_SECONDS)
    if seconds < _DAY_SECONDS and not since_1904:
        return (datetime.min + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    begin = _DAY_ZERO_MAC if since_1904 else _DAY_ZERO + timedelta(days=serial < 60)
    moment = begin + timedelta(seconds=seconds)
    return moment.date().isoformat() if seconds % _DAY_SECONDS == 0 else moment.isoformat(" ")


def saved_number(text: str) -> str:
    """A number as spreadsheets save it, in its shortest form: '0.10000000000000001' -> '0.1'."""
    if len(text) < 16 and text.isascii() and text.isdecimal():
        return text
    number = float(text)
    return number_text(number) if math.isfinite(number) else ""


def column_number(reference: str) -> int:
    """'AB12' -> 28. Raises ValueError where it is no cell of a sheet."""
    letters = reference.rstrip("0123456789")
    number = _COLUMNS.get(letters)
    if number is None:
        number = 0
        for letter in letters:
            number = 26 * number + ord(letter) - 64
            if not "A" <= letter <= "Z" or number > MOST_COLUMNS:
                raise ValueError(f"there is no cell {reference[:20]!r}")
        _COLUMNS[letters] = number
    return number


def column_letters(number: int) -> str:
    """28 -> 'AB'."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def checked_row(number: int) -> int:
    """Raises ValueError where no sheet has such a row."""
    if not 1 <= number <= MOST_ROWS:
        raise ValueError(f"there is no row {number}")
    return number


_COLUMNS: dict[str, int] = {}
"""Columns by their letters, filled as they occur: at most 16,384."""
