"""JSON values one after the other from a text that is too large to hold at once."""

import json
import re
from typing import IO, Any

PIECE_CHARACTERS = 2**20
MOST_CHARACTERS = 8 * 2**30  # of a whole file
MOST_PENDING = 64 * 2**20  # of one value: a row, a list of row names
_SPACE = re.compile(r"[\s,:]*")


class JsonStream:
    """A text read in pieces; every method raises ValueError where it ends too early or is too large."""

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
            except RecursionError as failure:
                raise ValueError("its values are nested too deeply") from failure
            self._place = end
            return found

    def meets(self, sign: str) -> bool:
        """Is `sign` next? If so it is passed."""
        if self._next() != sign:
            return False
        self._place += 1
        return True

    def expect(self, sign: str) -> None:
        """Pass `sign`. Raises ValueError where something else is next."""
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
