"""How a text file is written: its encoding, its delimiter, the lines before its table."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from brnet.errors import TableError
from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.formula import read_formulas
from brnet.materials.tables.limits import refuse_long_row
from brnet.materials.tables.numerals import to_numbers

SNIFFED_ROWS = 20  # rows looked at when the delimiter is recognised
SNIFFED_LINES = 5 * SNIFFED_ROWS
SNIFFED_CHARACTERS = 2**20
DELIMITERS = "\t;|,"  # the first where several fit: commas stand in numbers too
SPACES = (r"\s{2,}", r"(?<!\s)\s++(?![(\[])")
"""Blanks between cells, the surer first: a single blank may stand inside a cell, as in 'gap (eV)'."""

_PIECE_BYTES = 2**20
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f]")
_EXCEL_DELIMITER = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[-+−]?[0-9]+,[0-9]+")


@dataclass(frozen=True, kw_only=True)
class Form:
    """`delimiter` is one character, or one of SPACES; `n_passed_over` lines come before the header."""

    encoding: str
    delimiter: str = ","
    n_passed_over: int = 0
    notes: tuple[str, ...] = ()

    @property
    def csv_delimiter(self) -> str:
        """The delimiter that `lines` has."""
        return "\t" if self.delimiter in SPACES else self.delimiter

    def lines(self, data: bytes) -> Iterator[str]:
        """The lines of the table with their ends, as the csv module wants them."""
        lines = islice(_lines(data, self.encoding), self.n_passed_over, None)
        if self.delimiter not in SPACES:
            return lines
        blanks = re.compile(self.delimiter)
        return ("\t".join(blanks.split(line.strip())) + "\n" for line in lines)


def recognise(data: bytes, name: str) -> Form:
    """How a file is written, from its first lines. Raises TableError where it is no text."""
    encoding, notes = _encoding(data, name)
    lines = _first_lines(data, encoding, name)
    excel = _EXCEL_DELIMITER.fullmatch(lines[0]) if lines else None
    if excel:
        lines[0] = "\n"
    delimiter = excel[1] if excel else _delimiter([line for line in lines if _says_something(line)])
    return Form(
        encoding=encoding, delimiter=delimiter, n_passed_over=_n_comments(lines, delimiter), notes=notes
    )


def _encoding(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    if re.search(rb"\S", data) is None:
        raise TableError(f"{name} is empty; upload a table with a header line.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") and _is_text(data, "utf-16"):
        return "utf-16", ()
    if _is_text(data, "utf-8-sig"):
        return "utf-8-sig", ()
    for encoding in ("cp1252", "latin-1"):
        if _is_text(data, encoding, without=_CONTROLS):
            return encoding, (
                "The file is not UTF-8 and was read as Windows text; check letters such as 'µ'.",
            )
    raise TableError(f"{name} is not a text file; save the table as CSV (UTF-8) and upload that.")


def _is_text(data: bytes, encoding: str, *, without: re.Pattern[str] | None = None) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for begin in range(0, len(data), _PIECE_BYTES):
            text = decoder.decode(data[begin : begin + _PIECE_BYTES], begin + _PIECE_BYTES >= len(data))
            if "\0" in text or (without and without.search(text)):
                return False
    except UnicodeDecodeError:
        return False
    return True


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    return iter(io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=""))


def _first_lines(data: bytes, encoding: str, name: str) -> list[str]:
    """So many lines that the delimiter can be recognised, blank ones and comments beside them."""
    lines: list[str] = []
    n_telling, n_characters = 0, 0
    for line in _lines(data, encoding):
        lines.append(line)
        refuse_long_row(name, n_characters=len(line), line=len(lines))
        n_telling += _says_something(line)
        n_characters += len(line)
        if n_telling >= SNIFFED_LINES or n_characters > SNIFFED_CHARACTERS:
            break
    return lines


def _says_something(line: str) -> bool:
    return bool(line.strip()) and line[0] != "#"


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter that cuts most of the first rows into the same number of cells."""
    best = max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))
    if _evenness(lines, best)[0] == 0:
        return _spaces(lines) or ","
    return _spaces(lines) or best if best == "," and _has_only_decimal_commas(lines) else best


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


def _has_only_decimal_commas(lines: Sequence[str]) -> bool:
    """'GaAs 1,42': every comma stands in a number between blanks, below a header without any."""
    words = " ".join(lines[:SNIFFED_ROWS]).split()
    begins = "," not in lines[0] or isinstance(read_formulas(words[:1])[0], Composition)
    return begins and all(_DECIMAL_COMMA.fullmatch(word) for word in words if "," in word)


def _spaces(lines: Sequence[str]) -> str:
    """The blanks that cut every row into as many cells, a number among them; '' where none do."""
    rows_of = {blanks: [re.split(blanks, line.strip()) for line in lines[:SNIFFED_ROWS]] for blanks in SPACES}
    cut = [blanks for blanks, rows in rows_of.items() if _are_cells(rows)]
    fits_header = [blanks for blanks in cut if len(rows_of[blanks][0]) == len(rows_of[blanks][-1])]
    return next(iter(fits_header or cut), "")


def _are_cells(rows: Sequence[Sequence[str]]) -> bool:
    below = rows[1:] or rows
    if not below or len(rows[0]) < 2 or len(below[0]) < 2 or len(set(map(len, below))) > 1:
        return False
    columns = (pd.Series(cells, dtype=object).str.replace(",", ".") for cells in zip(*below, strict=True))
    return any(np.isfinite(to_numbers(cells)).all() for cells in columns)


def _n_comments(lines: Sequence[str], delimiter: str) -> int:
    """How many leading lines are blank or begin with '#', a header such as '#,formula,gap' excepted."""
    n_lines = next((n for n, line in enumerate(lines) if _says_something(line)), 0)
    last = next((n for n in reversed(range(n_lines)) if lines[n].strip()), None)
    if last is None:
        return n_lines
    comment, below = (lines[n].split(delimiter) for n in (last, n_lines))
    is_header = len(comment) == len(below) > 1 and np.isfinite(to_numbers(pd.Series(below))).any()
    return last if is_header else n_lines
