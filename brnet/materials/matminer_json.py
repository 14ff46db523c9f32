"""The table form that matminer publishes, {"index", "columns", "data"}, read row by row from a stream.

The largest such file unpacks to more than fits comfortably in memory, because each row carries a crystal
structure; only its composition is wanted here.
"""

import json
import re
from collections.abc import Iterator
from typing import IO, Any

PIECE_CHARACTERS = 2**20
MOST_CHARACTERS = 8 * 2**30  # of a whole file
MOST_PENDING = 64 * 2**20  # of one row, or of the list of row names
_SPACE = re.compile(r"[\s,:]*")
_SYMBOL = re.compile(r"[A-Z][a-z]?")


def read_rows(text: IO[str], *, formula: str, target: str) -> Iterator[tuple[str, float]]:
    """(formula, value) of each row; a structure gives the formula of its cell, true and false are 1 and 0.

    `formula` and `target` name two of the file's columns. Raises ValueError where the file has another form.
    """
    stream = _Stream(text)
    columns: list[str] | None = None
    stream.expect("{")
    while not stream.meets("}"):
        key = stream.value()
        if key != "data":
            columns = stream.value() if key == "columns" else (stream.value(), columns)[1]
            continue
        if columns is None:
            raise ValueError("the rows come before the names of the columns")
        yield from _data(stream, columns.index(formula), columns.index(target))


def _data(stream: "_Stream", formula: int, target: int) -> Iterator[tuple[str, float]]:
    stream.expect("[")
    while not stream.meets("]"):
        row = stream.value()
        yield _formula(row[formula]), float(row[target])


class _Stream:
    """JSON values one after the other from a text that is read in pieces."""

    def __init__(self, text: IO[str]) -> None:
        self._text, self._pending, self._place, self._seen = text, "", 0, 0
        self._decode = json.JSONDecoder().raw_decode

    def value(self) -> Any:
        """The next whole value: kept reading until the decoder is content."""
        while True:
            self._next()
            try:
                found, end = self._decode(self._pending, self._place)
            except json.JSONDecodeError:
                self._read_on()
                continue
            self._place = end
            return found

    def meets(self, sign: str) -> bool:
        """Is `sign` next? If so it is passed."""
        if self._next() != sign:
            return False
        self._place += 1
        return True

    def expect(self, sign: str) -> None:
        if not self.meets(sign):
            raise ValueError(f"'{sign}' is missing")

    def _next(self) -> str:
        while True:
            space = _SPACE.match(self._pending, self._place)
            self._place = space.end() if space else self._place
            if self._place < len(self._pending):
                return self._pending[self._place]
            self._read_on()

    def _read_on(self) -> None:
        piece = self._text.read(PIECE_CHARACTERS)
        self._seen += len(piece)
        self._pending, self._place = self._pending[self._place :] + piece, 0
        if not piece:
            raise ValueError("it ends too early")
        if self._seen > MOST_CHARACTERS or len(self._pending) > MOST_PENDING:
            raise ValueError("it is too large")


def _formula(cell: Any) -> str:
    """A composition as it stands; of a pymatgen structure the atoms in the cell: 'Fe4O6'."""
    if isinstance(cell, str):
        return cell
    amounts: dict[str, float] = {}
    for site in cell["sites"]:
        for species in site["species"]:
            symbol = _symbol(species["element"])
            amounts[symbol] = amounts.get(symbol, 0.0) + species["occu"]
    return "".join(f"{symbol}{amount:.10g}" for symbol, amount in sorted(amounts.items()))


def _symbol(species: str) -> str:
    """'Fe' of 'Fe' and of 'Fe3+'."""
    found = _SYMBOL.match(species)
    if found is None:
        raise ValueError(f"'{species}' is no element")
    return found[0]
