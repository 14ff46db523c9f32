"""A table of texts as it was given, each row under its line in the file, and as a file to take away."""

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import pandas as pd

from brnet.materials.tables.limits import refuse_long_names

EXPORT_BEGINS = b'\xef\xbb\xbf"'
"""How the files of `Table.to_csv` begin. Spreadsheets need the byte order mark to see that it is UTF-8."""

PIECE_CELLS = 2**16  # worked on at once

# What a spreadsheet runs when it opens a CSV (OWASP, "CSV Injection"), plain numbers excepted.
_RUN = re.compile(r"['\s]*[=+\-@＝＋－＠].|'*[\t\r\n].", re.DOTALL)
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
_PLAIN_NUMBER = re.compile(r"['\s]*[-+](?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*")


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """All cells as texts. The frame's index is the line in the file: its row in a spreadsheet, its number
    among the records of JSON and Parquet. `ragged` holds lines that are no rows, each with a reason.
    """

    name: str
    frame: pd.DataFrame
    ragged: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of header and cells: the same for every file, name and line numbers that hold them."""
        lengths, texts = hashlib.sha256(), hashlib.sha256()
        flat = self.frame.to_numpy(dtype=object).reshape(-1)
        pieces = (flat[begin : begin + PIECE_CELLS].tolist() for begin in range(0, len(flat), PIECE_CELLS))
        for cells in chain([self._header], pieces):
            lengths.update(np.fromiter(map(len, cells), dtype="<u4", count=len(cells)).tobytes())
            texts.update("".join(cells).encode("utf-8", "surrogatepass"))
        shape = "{} {}".format(*self.frame.shape).encode()
        return hashlib.sha256(shape + lengths.digest() + texts.digest()).hexdigest()

    def to_csv(self) -> bytes:
        """The cells as UTF-8 with commas, made safe for spreadsheets; `read_table` gives the same cells."""
        data = io.BytesIO(b"\xef\xbb\xbf")
        data.seek(0, io.SEEK_END)
        text = io.TextIOWrapper(data, encoding="utf-8", errors="replace", newline="")
        csv.writer(text, quoting=csv.QUOTE_ALL).writerow(map(spreadsheet_safe, self._header))
        writer = csv.writer(text)
        cells = self.frame.to_numpy(dtype=object)
        n_rows = max(1, PIECE_CELLS // max(1, cells.shape[1]))
        for begin in range(0, len(cells), n_rows):
            writer.writerows(map(_all_safe, cells[begin : begin + n_rows].tolist()))
        text.flush()
        return data.getvalue()

    @property
    def _header(self) -> list[str]:
        return list(map(str, self.frame.columns))


def table_of(
    name: str,
    header: Sequence[str],
    cells: np.ndarray,
    *,
    lines: Sequence[int] | np.ndarray,
    ragged: Sequence[tuple[int, str]] = (),
    notes: Sequence[str] = (),
) -> Table:
    """A table of `cells` (rows, columns), each row under its line. Raises TableError for very long names."""
    refuse_long_names(name, header)
    index = pd.Index(lines, name="line", dtype="int64")
    frame = pd.DataFrame(cells, columns=list(header), index=index, dtype=object, copy=False)
    return Table(name=name, frame=frame, ragged=tuple(ragged), notes=tuple(notes))


def spreadsheet_safe(cell: str) -> str:
    """A text that no spreadsheet takes for one of its own formulas: '=1+1' -> "'=1+1"."""
    return f"'{cell}" if _is_run(cell) else cell


def as_it_was(cell: str) -> str:
    """The text that `spreadsheet_safe` made safe: "'=1+1" -> '=1+1'."""
    return cell[1:] if cell[:1] == "'" and _is_run(cell[1:]) else cell


def restore(cells: np.ndarray) -> None:
    """Take the apostrophes of `spreadsheet_safe` away, in place in texts of any shape."""
    texts = [as_it_was(cell) if cell[:1] == "'" else cell for cell in cells.flat]
    cells[:] = np.array(texts, dtype=object).reshape(cells.shape)


def clean_text(text: str) -> str:
    """A text without what no CSV can hold: NUL and halves of surrogate pairs become '\ufffd'."""
    return text if text.isascii() and "\0" not in text else _UNWRITABLE.sub("\ufffd", text)


def _is_run(cell: str) -> bool:
    """The answer is the same with and without apostrophes in front, so that none is taken away wrongly."""
    return _RUN.match(cell) is not None and _PLAIN_NUMBER.fullmatch(cell) is None


def _all_safe(cells: list[str]) -> list[str]:
    return [spreadsheet_safe(cell) if cell[:1] in _FIRST_SIGNS else cell for cell in cells]


_FIRST_SIGNS = frozenset("=+-@＝＋－＠'") | frozenset(filter(str.isspace, map(chr, range(0x3001))))
