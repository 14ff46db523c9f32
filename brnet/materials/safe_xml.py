"""XML from unknown hands, read so that no file of any content takes much time or memory."""

from collections.abc import Iterable, Iterator
from typing import Never, Protocol
from xml.parsers import expat

from brnet.errors import TableError

PIECE_BYTES = 2**16
LONGEST_WAIT = 2**20  # bytes without a new element; expat before 2.6 reads a long one again with every piece
SPARE_ELEMENTS = 1_000_000  # elements that hold no value: formats, empty cells


class XmlReader(Protocol):
    """Told of each element. It counts them, and how many its values explain."""

    n_elements: int

    @property
    def n_explained(self) -> int: ...

    def opened(self, tag: str, attributes: dict[str, str]) -> None: ...
    def closed(self, tag: str) -> None: ...
    def said(self, text: str) -> None: ...


def read_xml(pieces: Iterable[bytes], reader: XmlReader, *, name: str) -> None:
    """Tell `reader` what a document holds. Raises TableError where it is broken or a trap."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.opened
    parser.EndElementHandler = reader.closed
    parser.CharacterDataHandler = reader.said
    parser.StartDoctypeDeclHandler = lambda *_: _refuse_declaration(name)
    seen, waited = 0, 0
    try:
        for piece in _cut(pieces):
            parser.Parse(piece, False)
            waited = 0 if reader.n_elements > seen else waited + len(piece)
            seen = reader.n_elements
            if waited > LONGEST_WAIT or seen > SPARE_ELEMENTS + reader.n_explained:
                raise TableError(
                    f"{name} holds far more formatting than values; copy the values into a new file."
                )
        parser.Parse(b"", True)
    except TableError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise broken(name, error) from error


def find_elements(pieces: Iterable[bytes], *tags: str, name: str) -> list[tuple[str, dict[str, str]]]:
    """Name and attributes of all elements of these names, in their order. Raises TableError as `read_xml`."""
    finder = _Finder(frozenset(tags))
    read_xml(pieces, finder, name=name)
    return finder.found


def local(tag: str) -> str:
    """A name without the prefix of its namespace."""
    return tag.rpartition(":")[2]


def broken(name: str, error: Exception) -> TableError:
    return TableError(f"{name} is a broken spreadsheet ({error}); open it in its program and save it again.")


class _Finder:
    n_explained = 0

    def __init__(self, tags: frozenset[str]) -> None:
        self.n_elements = 0
        self.found: list[tuple[str, dict[str, str]]] = []
        self._tags = tags

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        self.n_elements += 1
        tag = local(tag)
        if tag in self._tags:
            self.found.append((tag, attributes))

    def closed(self, tag: str) -> None:
        pass

    def said(self, text: str) -> None:
        pass


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for begin in range(0, len(piece), PIECE_BYTES):
            yield piece[begin : begin + PIECE_BYTES]


def _refuse_declaration(name: str) -> Never:
    """Entities that multiply are declared in a document type; no spreadsheet program writes one."""
    raise TableError(f"{name} is no spreadsheet as programs write them; open it in one and save it again.")
