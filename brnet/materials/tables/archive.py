"""What gzip and zip files hold, unpacked in pieces so that a small file cannot fill the memory."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, cast

from brnet.errors import TableError
from brnet.materials.tables.limits import refuse_many_unpacked

MOST_MEMBERS = 10_000
"""Files in a zip archive; listing more takes seconds."""

MOST_TIMES = 100
"""What unpacks to more than so many times its size, and to more than `HARMLESS_BYTES`, is a trap or empty."""

HARMLESS_BYTES = 64 * 2**20
TABLE_SUFFIXES = frozenset(
    {
        ".csv",
        ".tsv",
        ".txt",
        ".dat",
        ".json",
        ".jsonl",
        ".ndjson",
        ".parquet",
        ".xlsx",
        ".xlsm",
        ".gz",
    }
)
PLAIN_SUFFIXES = frozenset({".txt", ".dat"})
"""Suffixes of tables and of remarks: the latter count only where there is nothing else."""

_PIECE_BYTES = 2**20
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # the others cannot be unpacked in pieces
_BROKEN = (OSError, EOFError, ValueError, RuntimeError, LookupError, zlib.error, zipfile.BadZipFile)


def unpack_gzip(data: bytes, *, name: str) -> bytes:
    """The content of a gzip file. Raises TableError where it is broken or above a limit."""
    if data.count(b"\x1f\x8b\x08") > MOST_MEMBERS:
        raise TableError(
            f"{name} is made of more than {MOST_MEMBERS:,} gzip files; unpack it and upload the table."
        )
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return b"".join(_bounded(cast(IO[bytes], file), len(data), name))
    except TableError:
        raise
    except _BROKEN as error:
        raise TableError(f"{name} is a broken gzip file ({error}); pack the table again.") from error


def open_zip(data: bytes, *, name: str) -> zipfile.ZipFile:
    """A zip archive whose list of files is of harmless length. Raises TableError where it is broken."""
    if data.count(b"PK\x01\x02") > MOST_MEMBERS:
        raise TableError(f"{name} holds more than {MOST_MEMBERS:,} files; upload the table alone.")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN as error:
        raise _broken_zip(name, error) from error


def unpack_member(archive: zipfile.ZipFile, member: str, *, name: str) -> Iterator[bytes]:
    """A file of an archive in pieces. Raises TableError where it is broken, locked or above a limit."""
    try:
        facts = archive.getinfo(member)
        refuse_many_unpacked(name, facts.file_size)
        _refuse_unusual(facts, name)
        with archive.open(facts) as file:
            yield from _bounded(file, facts.compress_size, name)
    except TableError:
        raise
    except _BROKEN as error:
        raise _broken_zip(name, error) from error


def refuse_bomb(
    archive: zipfile.ZipFile, n_packed: int, *, name: str, harmless: int = HARMLESS_BYTES
) -> None:
    """TableError where what an archive of `n_packed` bytes holds is too large for it, by its directory.

    No file of it that passes unpacks to more than the directory says: `zipfile` stops there.
    """
    n_bytes = sum(facts.file_size for facts in archive.infolist())
    refuse_many_unpacked(name, n_bytes)
    if n_bytes > max(harmless, MOST_TIMES * n_packed):
        raise _unpacks_too_well(name)
    for facts in archive.infolist():
        _refuse_unusual(facts, name)


def only_table(archive: zipfile.ZipFile, *, name: str) -> str:
    """The one file of an archive that can be a table. Raises TableError where there are several or none."""
    members = [
        facts.filename
        for facts in archive.infolist()
        if not facts.filename.endswith("/")
        and not facts.filename.startswith("__MACOSX/")
        and _stem(facts.filename)[:1] != "."
    ]
    tables = [member for member in members if _suffix(member) in TABLE_SUFFIXES]
    sure = [member for member in tables if _suffix(member) not in PLAIN_SUFFIXES]
    chosen = sure or tables or members
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        raise TableError(f"{name} is an empty archive; upload the table itself.")
    shown = ", ".join(repr(member[-60:]) for member in chosen[:5]) + (", …" if len(chosen) > 5 else "")
    raise TableError(f"{name} holds {len(chosen):,} files ({shown}); upload the one with the table.")


def _refuse_unusual(facts: zipfile.ZipInfo, name: str) -> None:
    if facts.flag_bits & 1:
        raise TableError(f"{name} is protected by a password; save it without one.")
    if facts.compress_type not in _METHODS:
        raise TableError(f"{name} is packed in an unusual way; pack it as a common zip file.")


def _bounded(file: IO[bytes], n_packed: int, name: str) -> Iterator[bytes]:
    n_bytes = 0
    while piece := file.read(_PIECE_BYTES):
        n_bytes += len(piece)
        refuse_many_unpacked(name, n_bytes)
        if n_bytes > max(HARMLESS_BYTES, MOST_TIMES * n_packed):
            raise _unpacks_too_well(name)
        yield piece


def _unpacks_too_well(name: str) -> TableError:
    return TableError(f"{name} unpacks to more than {MOST_TIMES} times its size; upload the table as CSV.")


def _broken_zip(name: str, error: Exception) -> TableError:
    return TableError(f"{name} is a broken zip archive or spreadsheet ({error}); save it again.")


def _stem(member: str) -> str:
    return PurePosixPath(member).name


def _suffix(member: str) -> str:
    return PurePosixPath(member).suffix.lower()
