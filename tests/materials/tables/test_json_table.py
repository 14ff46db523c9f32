"""JSON in the forms that people and programs write; traps."""

import gzip
import json
import time
from pathlib import Path

import pandas as pd
import pytest

from brnet.errors import TableError
from brnet.materials.tables.files import read_table
from brnet.materials.tables.table import Table

FRAME = pd.DataFrame({"formula": ["GaAs", "NaN"], "gap": [1.42, None]})
STRUCTURE = {
    "@module": "pymatgen.core.structure",
    "lattice": {"a": 1.0},
    "sites": [
        {"species": [{"element": "Fe3+", "occu": 1}], "xyz": [0, 0, 0]},
        {"species": [{"element": "O", "occu": 0.5}, {"element": "S", "occu": 0.25}], "xyz": [0, 0, 1]},
    ],
}


def read(content: object, name: str = "t.json") -> Table:
    data = (
        content
        if isinstance(content, bytes)
        else (content if isinstance(content, str) else json.dumps(content)).encode()
    )
    return read_table(data, name=name)


def refusal(content: object) -> str:
    with pytest.raises(TableError) as raised:
        read(content)
    return str(raised.value)


def rows_of(table: Table) -> list[list[str]]:
    return table.frame.to_numpy().tolist()


@pytest.mark.parametrize("orient", ["records", "split", "columns", "index", "table", "values"])
def test_every_form_that_pandas_writes_is_read(orient: str) -> None:
    frame = FRAME.rename(columns={"formula": "formula"})
    content = frame.to_json(orient=orient)
    if orient == "values":
        content = content.replace("[[", '[["formula","gap"],[', 1)
    table = read(content)
    assert list(table.frame.columns)[-2:] == ["formula", "gap"]
    assert table.frame[["formula", "gap"]].to_numpy().tolist() == [["GaAs", "1.42"], ["NaN", ""]]


def test_lists_by_columns_and_one_record_a_line_are_read() -> None:
    assert rows_of(read({"formula": ["GaAs", "NaN"], "gap": [1.42, None]})) == [["GaAs", "1.42"], ["NaN", ""]]
    assert rows_of(read(FRAME.to_json(orient="records", lines=True), "t.jsonl")) == [
        ["GaAs", "1.42"],
        ["NaN", ""],
    ]
    assert rows_of(read({"formula": "GaAs", "gap": 1.42})) == [["GaAs", "1.42"]]


def test_cells_become_texts() -> None:
    record = {
        "a": 1.50,
        "b": 2.0,
        "c": True,
        "d": None,
        "e": float("nan"),
        "f": "NaN",
        "g": 10**30,
        "h": 1e22,
    }
    assert rows_of(read([record])) == [["1.5", "2", "true", "", "", "NaN", str(10**30), "1e+22"]]


def test_records_are_numbered_and_may_lack_members() -> None:
    table = read([{"formula": "GaAs"}, {}, {"gap": 1, "formula": "NaCl"}])
    assert rows_of(table) == [["GaAs", ""], ["NaCl", "1"]]
    assert list(table.frame.index) == [1, 3]


def test_structures_and_compositions_give_their_formulas() -> None:
    table = read(
        {"index": [0, 1], "columns": ["structure", "y"], "data": [[STRUCTURE, 1], [{"Ga": 1, "As": 1.0}, 2]]}
    )
    assert rows_of(table) == [["Fe1O0.5S0.25", "1"], ["As1Ga1", "2"]]


def test_names_of_columns_may_follow_the_rows() -> None:
    table = read('{"data": [["GaAs", 1], ["NaCl"]], "columns": ["formula", "y"]}')
    assert rows_of(table) == [["GaAs", "1"]]
    assert table.ragged == ((2, "The row has 1 cells where there are 2 columns."),)


def test_lists_and_objects_are_left_out_with_a_note() -> None:
    table = read([{"formula": "GaAs", "sites": [1, 2], "meta": {"id": 3}}])
    assert list(table.frame.columns) == ["formula"]
    assert table.notes == ("Left out, because they hold lists or objects: 'sites', 'meta'.",)


def test_records_inside_an_object_are_found() -> None:
    table = read({"meta": {"n": 2}, "data": [{"formula": "GaAs", "gap": 1}]})
    assert rows_of(table) == [["GaAs", "1"]]
    assert table.notes == ("The records were read from 'data'.",)


def test_single_values_beside_columns_are_left_out() -> None:
    table = read({"source": "lab", "formula": ["GaAs"], "gap": [1]})
    assert table.notes == ("Left out, because they are no columns: 'source'.",)


def test_what_no_csv_can_hold_is_replaced() -> None:
    assert rows_of(read('[{"a": "x\\u0000\\ud800"}]')) == [["x\ufffd\ufffd"]]


def test_the_form_of_matminer_is_read_packed(shared_data: Path) -> None:
    frame = pd.read_csv(shared_data / "matbench" / "matbench_expt_gap.csv", keep_default_na=False)
    packed = gzip.compress(frame.to_json(orient="split").encode())
    table = read(packed, "matbench_expt_gap.json.gz")
    assert list(table.frame["formula"]) == list(frame["formula"])
    assert list(map(float, table.frame["target"])) == list(frame["target"])


OTHER_FORM = (
    't.json is JSON, but no table: write a list of records, such as [{"formula": "GaAs", "gap": 1.42}], '
    "or an object with 'columns' and 'data'."
)


@pytest.mark.parametrize(
    "content", ["3", "[]", "{}", "[1, 2]", '"x"', '{"a": [1], "b": [{"c": 1}], "d": [{"c": 2}]}']
)
def test_other_forms_are_refused_with_an_example(content: str) -> None:
    assert refusal(content) == OTHER_FORM


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            '[{"a": 1}',
            "t.json cannot be read as JSON at character 9 (']' is missing); save it again, or as CSV.",
        ),
        (
            '[{"a": 1},]',
            "t.json cannot be read as JSON at character 10 (Expecting value); save it again, or as CSV.",
        ),
        (
            "[[1]] x",
            "t.json cannot be read as JSON at character 6 (something follows its end); "
            "save it again, or as CSV.",
        ),
        (
            '{"a" 1}',
            "t.json cannot be read as JSON at character 5 (':' is missing); save it again, or as CSV.",
        ),
        (
            '{"a": 1, 2}',
            "t.json cannot be read as JSON at character 9 (the name of a member is missing); "
            "save it again, or as CSV.",
        ),
        (b'[{"a": "\xff"}]', "t.json is not UTF-8 text; save it again, or as CSV."),
        ('[{"a": 1}, 2]', "t.json mixes records with other values; write one object for each row."),
        (
            '{"a": [1, 2], "b": [1]}',
            "The columns of t.json are not equally long ('a' 2, 'b' 1); write one value a row in each.",
        ),
        (
            '{"columns": ["a", "b"], "data": [[1]]}',
            "No row of t.json has as many cells as there are columns, 2; check 'columns'.",
        ),
        ('[{"a": [1]}, {}]', "t.json has no rows with values in columns; upload a table with some."),
        (
            json.dumps([{"a": "x" * 100_001}]),
            "A cell on line 1 of t.json has more than 100,000 characters, the limit; shorten it.",
        ),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(content: str, sentence: str) -> None:
    assert refusal(content) == sentence


@pytest.mark.parametrize(
    ("limit", "content", "sentence"),
    [
        (
            {"BRNET_MAX_ROWS": "2"},
            [{"a": 1}] * 3,
            "t.json has more than 2 rows, the limit; upload a part of it.",
        ),
        (
            {"BRNET_MAX_ROWS": "2"},
            {"a": [1, 2, 3]},
            "t.json has more than 2 rows, the limit; upload a part of it.",
        ),
        (
            {"BRNET_MAX_COLUMNS": "2"},
            [{"a": 1, "b": 2, "c": 3}],
            "t.json has 3 columns; the limit is 2, so leave some out.",
        ),
        (
            {"BRNET_MAX_CELLS": "4"},
            [{"a": 1, "b": 2}] * 3,
            "t.json has more than 4 cells, the limit; upload fewer rows or columns.",
        ),
        (
            {"BRNET_MAX_CELLS": "4"},
            {"a": [1, 2, 3], "b": [1, 2, 3]},
            "t.json has more than 4 cells, the limit; upload fewer rows or columns.",
        ),
    ],
)
def test_limits_are_refused_in_a_sentence(
    limit: dict[str, str], content: object, sentence: str, set_setting
) -> None:
    set_setting(**limit)
    assert refusal(content) == sentence


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '[{"a":' * 100_000,
        "[" + "[]," * 700_000 + "[]]",
        "[" + "{}," * 700_000 + "{}]",
        "[[" + "[]," * 2_000_000 + "[]]]",
        '{"a":[' + "1," * 3_000_000 + "1]}",
        "[{" + ",".join(f'"k{n}":1' for n in range(300_000)) + "}]",
        "[" + ",".join(f'{{"k{n}":1}}' for n in range(300_000)) + "]",
        '[{"a":"' + "x" * 10_000_000 + '"}]',
        '[{"a":' + "9" * 10_000_000 + "}]",
        "[" + " " * 10_000_000 + "{",
    ],
)
def test_traps_are_refused_in_time(content: str) -> None:
    begin = time.process_time()
    assert refusal(content).endswith(".")
    assert time.process_time() - begin < 6  # 1 s where nothing else runs; nothing may hang over 2
