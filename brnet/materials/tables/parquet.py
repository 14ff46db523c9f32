"""Parquet files read into a table of texts."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from brnet.errors import TableError
from brnet.materials.tables.header import unique_names
from brnet.materials.tables.limits import (
    LONGEST_CELL,
    refuse_large,
    refuse_many_characters,
    refuse_many_unpacked,
)
from brnet.materials.tables.numerals import number_text
from brnet.materials.tables.table import Table, clean_text, table_of

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 2**14
NAMED = 5  # columns in a note

_ROW_NAMES = re.compile(r"__index_level_[0-9]+__")  # of pandas, where they have no name of their own
_TIME_OF_DAY = re.compile(r" 00:00:00(?:\.0+)?$|\.0+$")


def read_parquet(data: bytes, *, name: str) -> Table:
    """A Parquet file -> its table, rows numbered from 1. Columns of lists, objects or bytes are left out.

    Raises TableError where it is broken or above a limit.
    """
    try:
        return _read(data, name)
    except TableError:
        raise
    except Exception as error:  # a broken file brings Arrow to raise nearly anything
        why = " ".join(str(error).split())[:120]
        raise TableError(f"{name} is a broken Parquet file ({why}); save it again, or as CSV.") from error


def _read(data: bytes, name: str) -> Table:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile, read_metadata

    facts = read_metadata(pa.BufferReader(data))
    refuse_large(name, n_rows=facts.num_rows, n_columns=facts.num_columns)
    refuse_many_unpacked(name, sum(facts.row_group(n).total_byte_size for n in range(facts.num_row_groups)))
    fields = [field for field in facts.schema.to_arrow_schema() if not _ROW_NAMES.fullmatch(field.name)]
    kept = [field.name for field in fields if _is_flat(field.type)]
    left_out = [field.name for field in fields if not _is_flat(field.type)]
    if not kept:
        raise TableError(f"{name} has no columns of texts or numbers; upload a table with some.")
    # A text that a million cells share stays one text.
    shared = [
        field.name
        for field in fields
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
    ]
    with ParquetFile(pa.BufferReader(data), read_dictionary=shared) as file:
        parts = list(
            _batches(file.iter_batches(batch_size=BATCH_ROWS, columns=kept, use_threads=False), name)
        )
    if not parts:
        raise TableError(f"{name} has columns but no rows; upload a table with some.")
    cells = np.concatenate(parts)
    refuse_many_characters(name, cells)
    filled = np.array([any(map(str.strip, row)) for row in cells], dtype=bool)
    if not filled.any():
        raise TableError(f"{name} has only empty rows; upload a table with values.")
    shown = ", ".join(repr(column[:40]) for column in left_out[:NAMED]) + (
        ", …" if len(left_out) > NAMED else ""
    )
    notes = [f"Left out, because they hold lists, objects or bytes: {shown}."] if left_out else []
    header = unique_names(list(map(clean_text, kept)))
    return table_of(name, header, cells[filled], lines=np.flatnonzero(filled) + 1, notes=notes)


def _batches(batches: Iterator["pa.RecordBatch"], name: str) -> Iterator[np.ndarray]:
    """Cells (rows, columns) of each batch; the file may hold more rows than it says."""
    n_rows = 0
    for batch in batches:
        n_rows += batch.num_rows
        refuse_large(name, n_rows=n_rows, n_columns=batch.num_columns)
        cells = np.full((batch.num_rows, batch.num_columns), "", dtype=object)
        for place, column in enumerate(batch.columns):
            cells[:, place] = _texts(column, name)
        yield cells


def _is_flat(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_flat(kind.value_type)
    is_bytes = (
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    )
    return not is_bytes and (
        pa.types.is_primitive(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_null(kind)
    )


def _texts(column: "pa.Array", name: str) -> np.ndarray:
    """The cells of a column as texts (n,); '' for what is missing."""
    import pyarrow as pa

    kind = column.type
    texts = np.full(len(column), "", dtype=object)
    if pa.types.is_null(kind):
        return texts
    given = column.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_dictionary(kind):
        texts[given] = _texts(column.dictionary, name)[column.indices.drop_null().to_numpy()]
        return texts
    values = column.drop_null()
    if pa.types.is_float64(kind):
        texts[given] = [number_text(value) for value in values.to_pylist()]
    elif pa.types.is_floating(kind):  # the shortest text of 0.1 in single precision is '0.1'
        texts[given] = [number_text(float(text)) for text in values.cast(pa.string()).to_pylist()]
    elif pa.types.is_temporal(kind):
        texts[given] = _dates(values)
    else:
        texts[given] = [clean_text(text) for text in values.cast(pa.string()).to_pylist()]
    if max(map(len, texts), default=0) > LONGEST_CELL:
        raise TableError(
            f"{name} has a cell of more than {LONGEST_CELL:,} characters, the limit; shorten it."
        )
    return texts


def _dates(values: "pa.Array") -> list[str]:
    """'2024-03-02', with the time of day where it is not midnight; spans of time as numbers."""
    import pyarrow as pa

    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp(values.type.unit))  # without time zone: UTC
    if pa.types.is_duration(values.type):
        values = values.cast(pa.int64())
    return [_TIME_OF_DAY.sub("", text) for text in values.cast(pa.string()).to_pylist()]
