"""Reading files: delimiters, encodings, line numbers, recognised columns, refusals."""

import numpy as np
import pytest

from brnet.errors import TableError
from brnet.materials.table import guess_columns, read_table, to_numbers


def read(text: str | bytes, name: str = "t.csv"):
    return read_table(text.encode() if isinstance(text, str) else text, name=name)


def test_rows_carry_their_line_in_the_file() -> None:
    table = read('formula,note,gap\nGaAs,"two\nlines",1.4\n\nNaCl,,8.5\n')
    assert list(table.frame.index) == [2, 5]


def test_sodium_nitride_is_not_a_missing_value() -> None:
    assert list(read("formula,y\nNaN,1\nIn,2\n").frame["formula"]) == ["NaN", "In"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_common_delimiter_is_recognised(delimiter: str) -> None:
    assert list(read(f"formula{delimiter}y\nGaAs{delimiter}1.5\n").frame.columns) == ["formula", "y"]


def test_decimal_commas_are_read_where_semicolons_separate() -> None:
    table = read("formula;gap\nGaAs;1,42\nNaCl;8,5\n")
    assert to_numbers(table.frame["gap"]).tolist() == [1.42, 8.5]
    assert table.notes == ("Decimal commas were read as decimal points.",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_common_programs_are_read(encoding: str) -> None:
    table = read("formula,größe\nGaAs,1\n".encode(encoding))
    assert list(table.frame.columns) == ["formula", "größe"]


def test_a_row_of_another_length_is_set_aside_with_its_line() -> None:
    table = read("formula,y\nGaAs,1\nNaCl\nKCl,2\n")
    assert table.ragged == ((3, "The row has 1 cells where the header has 2."),)
    assert len(table.frame) == 2


def test_repeated_column_names_are_told_apart() -> None:
    assert list(read("formula,y,y,\nGaAs,1,2,3\n").frame.columns) == ["formula", "y", "y (2)", "column 4"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "t.csv is empty; upload a table with a header line."),
        (b"formula,y\n", "t.csv has a header but no rows under it."),
        (b"PK\x03\x04rest", "t.csv is a spreadsheet or archive; save it as CSV and upload that."),
        (
            b"formula,y\nGa\0As,1\n",
            "t.csv is not a text file; save the table as CSV (UTF-8) and upload that.",
        ),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(TableError) as refusal:
        read(data)
    assert str(refusal.value) == sentence


def test_limits_are_refused_before_memory_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    from brnet.settings import settings

    monkeypatch.setenv("BRNET_MAX_ROWS", "2")
    settings.cache_clear()
    with pytest.raises(TableError, match="more than 2 rows, the limit"):
        read("formula,y\nGaAs,1\nNaCl,2\nKCl,3\n")
    settings.cache_clear()


def test_columns_are_recognised_by_name_and_content() -> None:
    columns = guess_columns(
        read("id,comment,composition,gap (eV),target\n1,ok,GaAs,1.4,2\n2,ok,NaCl,8.5,3\n")
    )
    assert (columns.formula, columns.targets) == ("composition", ("target", "gap (eV)"))


def test_the_formula_column_is_found_by_content_alone() -> None:
    assert guess_columns(read("a,b\n1.5,GaAs\n2.5,Fe2O3\n")).formula == "b"


def test_a_table_without_formulas_is_refused_with_the_best_column() -> None:
    with pytest.raises(TableError, match="has no column of chemical formulas: in the best one"):
        guess_columns(read("a,b\n1.5,hello\n2.5,world\n"))


def test_numbers_are_read_and_the_rest_is_nan() -> None:
    numbers = to_numbers(read("formula,y\nA,1e3\nB, 2 \nC,x\n").frame["y"])
    np.testing.assert_array_equal(numbers, [1000.0, 2.0, np.nan])
