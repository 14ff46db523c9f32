"""Uploaded bytes of any known format read into a table of texts."""

from brnet.errors import TableError
from brnet.materials.delimited import read_delimited
from brnet.materials.table import Table
from brnet.settings import settings


def read_table(data: bytes, *, name: str) -> Table:
    """The bytes of a file -> its table. Raises TableError where it is none."""
    limits = settings()
    if len(data) > limits.max_upload_bytes:
        megabytes = limits.max_upload_bytes // 2**20
        raise TableError(f"{name} is larger than the limit of {megabytes} MB; upload fewer rows or columns.")
    return read_delimited(data, name=name)
