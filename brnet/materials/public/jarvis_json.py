"""The form in which JARVIS publishes: one JSON list of records in a zip archive, read record by record."""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from brnet.materials.public.json_stream import MOST_CHARACTERS, JsonStream
from brnet.materials.public.matminer_json import formula_text

MOST_MEMBERS = 100
ENCRYPTED = 0x1  # the flag of a member that needs a password (PKWARE APPNOTE, 4.4.4)


@contextmanager
def opened(packed: IO[bytes], *, member: str) -> Iterator[IO[str]]:
    """The text of one file of an archive, unpacked as it is read.

    Raises ValueError where the archive cannot be read, lacks the file or would unpack to more than 8 GiB.
    """
    try:
        with ZipFile(packed) as archive:
            if len(archive.infolist()) > MOST_MEMBERS:
                raise ValueError(f"it holds more than {MOST_MEMBERS} files")
            about = archive.getinfo(member)
            if about.file_size > MOST_CHARACTERS:
                raise ValueError("it is too large")
            if about.flag_bits & ENCRYPTED:
                raise ValueError("it needs a password")
            if about.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise ValueError("it is packed by another method than deflate")
            with archive.open(about) as file:
                yield io.TextIOWrapper(file, encoding="utf-8")
    except (BadZipFile, KeyError, NotImplementedError) as failure:
        raise ValueError(str(failure.args[0] if failure.args else failure)) from failure


def read_records(text: IO[str], *, formula: str, columns: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    """(formula, values of `columns`) of each record; a dictionary of atoms gives the formula of its cell.

    `formula` and `columns` name keys of the records. Raises ValueError where the file has another form.
    """
    stream = JsonStream(text)
    stream.expect("[")
    while not stream.meets("]"):
        record = stream.value()
        yield _formula(record[formula]), [record.get(name) for name in columns]


def _formula(value: Any) -> str:
    """A formula as it stands; of a JARVIS dictionary of atoms those in the cell: 'Fe4O6'."""
    if isinstance(value, str):
        return value
    return formula_text(Counter(symbol.strip() for symbol in value["elements"]))
