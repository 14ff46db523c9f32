"""Tables: one hash for the same cells, files that read back exactly and that spreadsheets do not run."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from brnet.errors import TableError
from brnet.materials.tables.files import read_table
from brnet.materials.tables.table import Table, as_it_was, clean_text, spreadsheet_safe, table_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NASTY = st.sampled_from(
    [
        "",
        " ",
        "=1+1",
        "'=1",
        "''=1",
        "-1.5",
        "'-1.5",
        "+",
        "-",
        "--",
        "@x",
        "\tx",
        "#",
        "#x",
        "sep=;",
        "\ufeff",
        '"',
        '""',
        ",",
        ";",
        "a\nb",
        "\r",
        "a\r\nb",
        "\u2028",
        "\x1c",
        "'",
        "NaN",
        "eV",
        "(eV)",
        "3,4",
        "y",
        "y (2)",
    ]
)
CELLS = TEXTS | NASTY


def table(header: list[str], rows: list[list[str]], name: str = "t.csv") -> Table:
    return table_of(name, header, np.array(rows, dtype=object), lines=range(2, 2 + len(rows)))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    header = draw(st.lists(CELLS.filter(str.strip), min_size=1, max_size=4, unique=True))
    rows = st.lists(CELLS, min_size=len(header), max_size=len(header)).filter(
        lambda row: any(map(str.strip, row))
    )
    return table(header, draw(st.lists(rows, min_size=1, max_size=6)))


@given(tables())
@settings(max_examples=400, deadline=None)
@example(table(["formula", "gap"], [["", "eV"], ["", "eV"], ["GaAs", "1"]]))
@example(table(["GaAs", "1.42"], [["NaCl", "8.5"]]))
@example(table(["sep=;"], [["#"], ["x;y"]]))
@example(table(["My title", "x", "y"], [["formula", "gap", "eV"], ["GaAs", "1", "2"]]))
def test_what_is_exported_reads_back_exactly(given_table: Table) -> None:
    back = read_table(given_table.to_csv(), name="again.csv")
    assert list(back.frame.columns) == list(given_table.frame.columns)
    assert back.frame.to_numpy().tolist() == given_table.frame.to_numpy().tolist()
    assert back.content_hash == given_table.content_hash
    assert back.to_csv() == given_table.to_csv()


def test_the_hash_knows_neither_name_nor_lines_nor_notes() -> None:
    one = table(["formula", "y"], [["GaAs", "1"], ["NaCl", "2"]])
    other = Table(name="x", frame=one.frame.set_axis([7, 9]), ragged=((3, "no"),), notes=("yes",))
    assert one.content_hash == other.content_hash


@pytest.mark.parametrize(
    "other",
    [
        table(["formula", "y"], [["NaCl", "2"], ["GaAs", "1"]]),
        table(["formula", "z"], [["GaAs", "1"], ["NaCl", "2"]]),
        table(["formula", "y"], [["GaAs1", ""], ["NaCl", "2"]]),
        table(["formula", "y"], [["GaAs", "1"], ["NaCl", "2 "]]),
        table(["formula"], [["y"], ["GaAs"], ["1"], ["NaCl"], ["2"]]),
        table(["formulay"], [["GaAs1"], ["NaCl2"]]),
    ],
)
def test_another_order_name_or_cell_has_another_hash(other: Table) -> None:
    assert other.content_hash != table(["formula", "y"], [["GaAs", "1"], ["NaCl", "2"]]).content_hash


def test_the_same_cells_in_any_format_have_one_hash() -> None:
    frame = pd.DataFrame({"formula": ["GaAs", "NaN", "Fe2O3"], "gap": [1.42, 0.1, 2.0]})
    spreadsheet, parquet = io.BytesIO(), io.BytesIO()
    frame.to_excel(spreadsheet, index=False)
    frame.to_parquet(parquet)
    csv_text = "gap;formula\n1,42;GaAs\n0,1;NaN\n2;Fe2O3\n"
    hashes = {
        read_table(data, name=name).content_hash
        for name, data in {
            "a.csv": b"formula,gap\nGaAs,1.42\n\nNaN,0.1\nFe2O3,2\n",
            "b.xlsx": spreadsheet.getvalue(),
            "c.parquet": parquet.getvalue(),
            "d.json": frame.to_json(orient="records").encode(),
            "e.json": frame.to_json(orient="split").encode(),
            "f.json": frame.to_json().encode(),
        }.items()
    }
    assert len(hashes) == 1
    assert read_table(csv_text.encode(), name="g.csv").content_hash not in hashes


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("-1.5e-3", "-1.5e-3"),
        ("+5", "+5"),
        ("-", "-"),
        ("GaAs", "GaAs"),
        ("'x", "'x"),
    ],
)
def test_cells_that_a_spreadsheet_would_run_get_an_apostrophe(cell: str, safe: str) -> None:
    assert spreadsheet_safe(cell) == safe
    assert as_it_was(safe) == cell


@given(CELLS)
def test_the_apostrophe_is_taken_away_from_no_other_cell(cell: str) -> None:
    assert as_it_was(spreadsheet_safe(cell)) == cell


def test_other_programs_read_the_export() -> None:
    exported = table(["formula", "gap (eV)"], [["GaAs", "1.42"], ["=1+1", '"x", y']]).to_csv()
    assert list(csv.reader(io.StringIO(exported.decode("utf-8-sig"), newline=""))) == [
        ["formula", "gap (eV)"],
        ["GaAs", "1.42"],
        ["'=1+1", '"x", y'],
    ]
    assert list(pd.read_csv(io.BytesIO(exported)).columns) == ["formula", "gap (eV)"]


def test_what_no_csv_can_hold_is_replaced() -> None:
    assert clean_text("a\0b\ud800µ") == "a\ufffdb\ufffdµ"


def test_a_name_that_is_a_text_is_refused() -> None:
    with pytest.raises(TableError) as refusal:
        table(["x" * 301], [["1"]])
    assert str(refusal.value) == (
        "t.csv has a column whose name has 301 characters; at most 300 are allowed, "
        "so check that a header names the columns."
    )
