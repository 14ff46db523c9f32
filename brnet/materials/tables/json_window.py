"""JSON from unknown hands, value by value, so that no file of any content takes much time or memory."""

import codecs
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from brnet.errors import TableError
from brnet.materials.tables.numerals import number_text

LONGEST_VALUE = 2**20
"""Characters of a value that is read at once: a row, a record, a crystal structure."""

_PIECE_BYTES = 2**20
_BLANKS = " \t\r\n"
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_NO_NUMBERS = {"NaN": "", "Infinity": "inf", "-Infinity": "-inf"}


class JsonWindow:
    """The values of a JSON text; numbers come as their shortest texts. Methods raise TableError."""

    def __init__(self, data: bytes, *, name: str) -> None:
        self._pieces, self._name = _decoded(data), name
        self._window, self._place, self._before, self._ended = "", 0, 0, False
        self._refill_at = 0
        self._decode = json.JSONDecoder(
            parse_float=lambda text: number_text(float(text)),
            parse_int=str,
            parse_constant=_NO_NUMBERS.__getitem__,
        ).raw_decode

    def peek(self) -> str:
        """The next sign that is no blank; '' at the end."""
        while True:
            if self._place >= self._refill_at:
                self._fill()
            sign = self._window[self._place : self._place + 1]
            if sign and sign not in _BLANKS:
                return sign
            space = _SPACE.match(self._window, self._place)
            self._place = space.end() if space else self._place
            if self._place == len(self._window) and self._ended:
                return ""

    def value(self) -> Any:
        """The next whole value."""
        if self._window[self._place : self._place + 1] in _BLANKS:  # '' is, too
            self.peek()
        try:
            found, self._place = self._decode(self._window, self._place)
        except json.JSONDecodeError as error:
            raise self.broken(error.msg) from error
        except RecursionError as error:
            raise self.broken("its values are nested too deeply") from error
        except ValueError as error:
            raise self.broken(str(error)) from error
        return found

    def elements(self) -> Iterator[str]:
        """The first sign of each element of the list that is next; the caller takes the elements."""
        self._expect("[")
        if self._take("]"):
            return
        while True:
            yield self.peek()
            comma = _COMMA.match(self._window, self._place)
            if comma:
                self._place = comma.end()
            elif not self._take(","):
                self._expect("]")
                return

    def members(self) -> Iterator[str]:
        """The key of each member of the object that is next; the caller takes the values."""
        self._expect("{")
        if self._take("}"):
            return
        while True:
            if self.peek() != '"':
                raise self.broken("the name of a member is missing")
            key = str(self.value())
            self._expect(":")
            yield key
            if not self._take(","):
                self._expect("}")
                return

    def broken(self, why: str) -> TableError:
        place = self._before + self._place
        return TableError(
            f"{self._name} cannot be read as JSON at character {place:,} ({why}); save it again, or as CSV."
        )

    def _take(self, sign: str) -> bool:
        if self.peek() != sign:
            return False
        self._place += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self.broken(f"'{sign}' is missing")

    def _fill(self) -> None:
        """See to it that a value of LONGEST_VALUE is seen whole."""
        pieces = [self._window[self._place :]]
        n_characters = len(pieces[0])
        try:
            while n_characters <= 2 * LONGEST_VALUE and not self._ended:
                piece = next(self._pieces, "")
                self._ended = not piece
                pieces.append(piece)
                n_characters += len(piece)
        except UnicodeDecodeError as error:
            raise TableError(f"{self._name} is not UTF-8 text; save it again, or as CSV.") from error
        self._before += self._place
        self._window, self._place = "".join(pieces), 0
        self._refill_at = sys.maxsize if self._ended else n_characters - LONGEST_VALUE


def _decoded(data: bytes) -> Iterator[str]:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    decoder = codecs.getincrementaldecoder(encoding)()
    for begin in range(0, len(data), _PIECE_BYTES):
        text = decoder.decode(data[begin : begin + _PIECE_BYTES], begin + _PIECE_BYTES >= len(data))
        if text:
            yield text
