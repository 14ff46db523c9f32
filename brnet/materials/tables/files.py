"""Uploaded bytes of any known format read into a table of texts."""

import re
from dataclasses import replace

from brnet.errors import TableError
from brnet.materials.tables.archive import only_table, open_zip, unpack_gzip, unpack_member
from brnet.materials.tables.delimited import read_delimited
from brnet.materials.tables.json_table import read_json
from brnet.materials.tables.limits import refuse_many_bytes
from brnet.materials.tables.parquet import read_parquet
from brnet.materials.tables.spreadsheet import is_spreadsheet, read_spreadsheet
from brnet.materials.tables.table import Table

PASTED = "pasted text"
SUFFIXES = ("csv", "tsv", "txt", "dat", "xlsx", "xlsm", "json", "jsonl", "parquet", "gz", "zip")
"""Endings of the files that are read; the content decides, whatever the ending."""

MOST_LAYERS = 2
"""An archive may hold a packed table, but nothing packed a third time."""

_BEGIN_BYTES = 4_096
_JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*(?:"|\})|\[\s*[\[{\]])')
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|meta|\?xml)", re.IGNORECASE)
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old Excel file or one with a password; save it as XLSX without a password",
    b"%PDF": "a PDF document; copy its table into a spreadsheet or paste it as text",
    b"\x89HDF": "an HDF5 file; save the table as CSV or Parquet",
    b"ARROW1": "a Feather file; save the table as Parquet",
    b"SQLite format 3": "a database; save the table as CSV",
    b"7z\xbc\xaf": "a 7z archive; upload the table itself",
    b"Rar!": "a RAR archive; upload the table itself",
    b"BZh": "packed with bzip2; upload the table itself",
    b"\xfd7zXZ": "packed with xz; upload the table itself",
    b"\x28\xb5\x2f\xfd": "packed with zstd; upload the table itself",
}


def read_table(data: bytes, *, name: str) -> Table:
    """The bytes of a file -> its table: CSV and relatives, XLSX, JSON, Parquet, these in gzip or zip.

    The content decides about the format; `name` helps where it leaves a doubt. Raises TableError, one
    sentence, where there is no table or it is above a limit of the settings.
    """
    refuse_many_bytes(name, len(data))
    return _read(data, name=name, hint=name.lower(), layers=0)


def read_pasted(text: str) -> Table:
    """A table typed or pasted: its columns may be separated by blanks, and its header may be missing.

    Raises TableError as `read_table` does.
    """
    return read_table(text.encode("utf-8", "replace"), name=PASTED)


def _read(data: bytes, *, name: str, hint: str, layers: int) -> Table:
    """`hint` is the name of the innermost file."""
    if layers > MOST_LAYERS:
        raise TableError(f"{name} is packed several times; upload the table itself.")
    if data[:2] == b"\x1f\x8b":
        return _read(
            unpack_gzip(data, name=name), name=name, hint=hint.removesuffix(".gz"), layers=layers + 1
        )
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _read_zip(data, name=name, layers=layers)
    if data[:4] == b"PAR1":
        return read_parquet(data, name=name)
    begin = data[:_BEGIN_BYTES]
    what = next((what for sign, what in _OTHERS.items() if begin.startswith(sign)), "")
    if what:
        raise TableError(f"{name} is {what}.")
    if _WEB_PAGE.match(begin):
        raise TableError(f"{name} is a web page or XML; save the table as XLSX or CSV.")
    if _JSON.match(begin) or (hint.endswith(_JSON_SUFFIXES) and data.strip()):
        return read_json(data, name=name)
    return read_delimited(data, name=name)


def _read_zip(data: bytes, *, name: str, layers: int) -> Table:
    with open_zip(data, name=name) as archive:
        if is_spreadsheet(archive):
            return read_spreadsheet(data, name=name)
        member = only_table(archive, name=name)
        unpacked = b"".join(unpack_member(archive, member, name=name))
    table = _read(unpacked, name=name, hint=member.lower(), layers=layers + 1)
    return replace(table, notes=(f"{member[-60:]!r} was read from the archive.", *table.notes))
