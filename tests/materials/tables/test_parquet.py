"""Parquet: what cells become, limits, traps."""

import datetime
import decimal
import io
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from brnet.errors import TableError
from brnet.materials.tables.files import read_table
from brnet.materials.tables.table import Table


def saved(table: pa.Table, **options: object) -> bytes:
    data = io.BytesIO()
    pq.write_table(table, data, **options)
    return data.getvalue()


def read(table: pa.Table, **options: object) -> Table:
    return read_table(saved(table, **options), name="t.parquet")


def refusal(data: bytes) -> str:
    with pytest.raises(TableError) as raised:
        read_table(data, name="t.parquet")
    return str(raised.value)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array(["GaAs", None, "NaN"]), ["GaAs", "", "NaN"]),
        (pa.array([1.42, float("nan"), 2.0]), ["1.42", "", "2"]),
        (pa.array(np.array([0.1, 1e22, 3], dtype=np.float32)), ["0.1", "1e+22", "3"]),
        (pa.array([1.5, None, 2.0], pa.float16()), ["1.5", "", "2"]),
        (pa.array([1, None, -(2**63)]), ["1", "", str(-(2**63))]),
        (pa.array([True, None, False]), ["true", "", "false"]),
        (pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("-2.25")]), ["1.50", "", "-2.25"]),
        (pa.array([datetime.date(2024, 3, 2), None, None]), ["2024-03-02", "", ""]),
        (
            pa.array([datetime.datetime(2024, 3, 2), None, datetime.datetime(2024, 3, 2, 11, 30)]),
            ["2024-03-02", "", "2024-03-02 11:30:00"],
        ),
        (pa.array([datetime.time(3, 4), None, None]), ["03:04:00", "", ""]),
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", "", "a"]),
        (pa.array([0.1, None, 0.1]).dictionary_encode(), ["0.1", "", "0.1"]),
        (pa.nulls(3), ["", "", ""]),
    ],
    ids=str,
)
def test_cells_become_texts(column: pa.Array, texts: list[str]) -> None:
    table = read(pa.table({"formula": ["Fe", "Ni", "Cu"], "x": column}))
    assert list(table.frame["x"]) == texts


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "brotli", "lz4"])
def test_every_compression_is_read(compression: str) -> None:
    table = read(pa.table({"formula": ["Fe"], "y": [1.5]}), compression=compression)
    assert table.frame.to_numpy().tolist() == [["Fe", "1.5"]]


def test_rows_are_numbered_and_empty_ones_left_out() -> None:
    table = read(pa.table({"formula": ["Fe", None, "Ni"], "y": [1, None, 2]}))
    assert list(table.frame.index) == [1, 3]


def test_columns_of_lists_objects_and_bytes_are_left_out_with_a_note() -> None:
    table = read(pa.table({"formula": ["Fe"], "a": [[1]], "b": [{"c": 1}], "d": [b"x"]}))
    assert list(table.frame.columns) == ["formula"]
    assert table.notes == ("Left out, because they hold lists, objects or bytes: 'a', 'b', 'd'.",)


def test_row_names_of_pandas_are_no_column() -> None:
    data = io.BytesIO()
    pd.DataFrame({"formula": ["Fe", "Ni"], "y": [1, 2]}, index=[5, 7]).to_parquet(data)
    assert list(read_table(data.getvalue(), name="t").frame.columns) == ["formula", "y"]


def test_names_with_points_and_blanks_are_read() -> None:
    table = read(pa.table({"a.b": [1], " a": [2], "": ["x"]}))
    assert list(table.frame.columns) == ["a.b", "a", "column 3"]
    assert table.frame.to_numpy().tolist() == [["1", "2", "x"]]


def test_what_no_csv_can_hold_is_replaced() -> None:
    assert read(pa.table({"a": ["x\0y"]})).frame["a"].iloc[0] == "x\ufffdy"


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        ({"BRNET_MAX_ROWS": "2"}, "t.parquet has more than 2 rows, the limit; upload a part of it."),
        ({"BRNET_MAX_COLUMNS": "1"}, "t.parquet has 2 columns; the limit is 1, so leave some out."),
        (
            {"BRNET_MAX_CELLS": "4"},
            "t.parquet has more than 4 cells, the limit; upload fewer rows or columns.",
        ),
    ],
)
def test_limits_are_refused_in_a_sentence(limit: dict[str, str], sentence: str, set_setting) -> None:
    data = saved(pa.table({"formula": ["Fe", "Ni", "Cu"], "y": [1, 2, 3]}))
    set_setting(**limit)
    assert refusal(data) == sentence


def test_what_it_unpacks_to_is_limited(set_setting) -> None:
    data = saved(pa.table({"formula": ["x" * 1000 + str(n) for n in range(2_000)]}), compression="zstd")
    set_setting(BRNET_MAX_UNPACKED_BYTES=str(2**20))
    assert refusal(data) == "t.parquet unpacks to more than 1 MB, the limit; upload fewer rows or columns."


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            pa.table(
                {"a": pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), ["x" * 90_000])}
            ),
            "The cells of t.parquet have more than 536,870,912 characters together, the limit; shorten them.",
        ),
        (
            pa.table(
                {"a": pa.DictionaryArray.from_arrays(pa.array([0] * 9_000, pa.int32()), ["x" * 900_000])}
            ),
            "t.parquet has a cell of more than 100,000 characters, the limit; shorten it.",
        ),
        (
            pa.table({"a": pa.nulls(50_000_000, pa.int8())}),
            "t.parquet has more than 500,000 rows, the limit; upload a part of it.",
        ),
        (
            pa.table({f"c{n}": [n] for n in range(10_000)}),
            "t.parquet has 10,000 columns; the limit is 2,000, so leave some out.",
        ),
    ],
    ids=["shared text", "long text", "rows", "columns"],
)
def test_traps_are_refused_in_time(table: pa.Table, sentence: str) -> None:
    data = saved(table)
    begin = time.process_time()
    assert refusal(data) == sentence
    assert time.process_time() - begin < 2


def test_a_file_without_values_is_refused() -> None:
    assert refusal(saved(pa.table({"a": pa.array([], pa.string())}))) == (
        "t.parquet has columns but no rows; upload a table with some."
    )
    assert refusal(saved(pa.table({"a": pa.array([None, None], pa.string())}))) == (
        "t.parquet has only empty rows; upload a table with values."
    )
    assert refusal(saved(pa.table({"a": [[1]]}))) == (
        "t.parquet has no columns of texts or numbers; upload a table with some."
    )


def test_a_broken_file_is_refused() -> None:
    data = saved(pa.table({"formula": ["Fe"] * 100}))
    for broken in (data[:-8], b"PAR1" + bytes(100), data[:20] + bytes(20) + data[40:]):
        assert refusal(broken).startswith("t.parquet is a broken Parquet file (")
        assert refusal(broken).endswith("); save it again, or as CSV.")
