"""How large a table may be; what is larger is refused in one sentence before memory is spent."""

from collections.abc import Iterable

import numpy as np

from brnet.errors import TableError
from brnet.settings import settings

LONGEST_CELL = 100_000
"""Characters of one cell. XLSX allows 32,767; Python's csv module stops at 131,072."""


LONGEST_ROW = 2**22
"""Characters of one row of a CSV file."""

LONGEST_NAME = 300
"""Characters of a column's name; the words for quantities and units are looked for in it."""


def rows_allowed(n_columns: int) -> int:
    """How many rows a table of so many columns may have. Raises nothing."""
    limits = settings()
    return min(limits.max_rows, limits.max_cells // max(1, n_columns))


def too_many_rows(name: str, n_columns: int) -> TableError:
    limits = settings()
    if rows_allowed(n_columns) == limits.max_rows:
        return TableError(f"{name} has more than {limits.max_rows:,} rows, the limit; upload a part of it.")
    return _too_many_cells(name)


def refuse_many_cells(name: str, n_cells: int) -> None:
    """Raises TableError above the limit."""
    if n_cells > settings().max_cells:
        raise _too_many_cells(name)


def refuse_many_columns(name: str, n_columns: int) -> None:
    """Raises TableError above the limit."""
    limit = settings().max_columns
    if n_columns > limit:
        raise TableError(f"{name} has {n_columns:,} columns; the limit is {limit:,}, so leave some out.")


def refuse_long_names(name: str, header: Iterable[str]) -> None:
    """Raises TableError where a column's name is a text."""
    longest = max(map(len, header), default=0)
    if longest > LONGEST_NAME:
        raise TableError(
            f"{name} has a column whose name has {longest:,} characters; at most {LONGEST_NAME} are allowed, "
            "so check that a header names the columns."
        )


def refuse_large(name: str, *, n_rows: int, n_columns: int) -> None:
    """Raises TableError where a table of this shape is above a limit."""
    refuse_many_columns(name, n_columns)
    if n_rows > rows_allowed(n_columns):
        raise too_many_rows(name, n_columns)


def refuse_many_bytes(name: str, n_bytes: int) -> None:
    """Raises TableError where a file as it was given is above the limit."""
    limit = settings().max_upload_bytes
    if n_bytes > limit:
        raise TableError(
            f"{name} is larger than the limit of {limit // 2**20} MB; upload fewer rows or columns."
        )


def refuse_many_unpacked(name: str, n_bytes: int) -> None:
    """Raises TableError where what a file unpacks to is above the limit."""
    limit = settings().max_unpacked_bytes
    if n_bytes > limit:
        raise TableError(
            f"{name} unpacks to more than {limit // 2**20} MB, the limit; upload fewer rows or columns."
        )


def refuse_many_characters(name: str, cells: np.ndarray) -> None:
    """Raises TableError where many cells share long texts, which fill the memory once they are written."""
    limit = settings().max_unpacked_bytes
    if sum(map(len, cells.flat)) > limit:
        raise TableError(
            f"The cells of {name} have more than {limit:,} characters together, the limit; shorten them."
        )


def refuse_long_row(name: str, *, n_characters: int, line: int) -> None:
    """Raises TableError where the row of a CSV file that begins on `line` does not end."""
    if n_characters > LONGEST_ROW:
        raise TableError(
            f"The row that begins on line {line} of {name} has more than {LONGEST_ROW:,} characters; "
            "look for a quotation mark that is not closed."
        )


def cell_too_long(name: str, line: int) -> TableError:
    return TableError(
        f"A cell on line {line} of {name} has more than {LONGEST_CELL:,} characters, the limit; shorten it."
    )


def _too_many_cells(name: str) -> TableError:
    limit = settings().max_cells
    return TableError(f"{name} has more than {limit:,} cells, the limit; upload fewer rows or columns.")
