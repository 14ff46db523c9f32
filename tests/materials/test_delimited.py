"""Reading files: delimiters, encodings, line numbers, recognised columns, refusals."""

import pytest

from brnet.errors import TableError
from brnet.materials.columns import to_numbers
from brnet.materials.files import read_table


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


def test_decimal_commas_are_found_beyond_the_first_rows() -> None:
    rows = ["GaAs;0"] * 400 + ["NaCl;8,5"]
    assert to_numbers(read("\n".join(["formula;gap", *rows])).frame["gap"])[-1] == 8.5


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("formula\tgap (a, b, c)\nGaN\t3.4\n", ["formula", "gap (a, b, c)"]),
        ('formula;"x, y, z, w"\nGaN;3.4\n', ["formula", "x, y, z, w"]),
        ("formula;gap;a,b,c,d\nGaN;3,4;1\nGaAs;1,4;2\n", ["formula", "gap", "a,b,c,d"]),
    ],
)
def test_the_rows_decide_about_the_delimiter(text: str, header: list[str]) -> None:
    assert list(read(text).frame.columns) == header


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# my data, second part\n\n# 2024\nformula,gap\nGaN,3\n", [5]),
        ("sep=;\r\nformula;gap\r\nGaN;3,4\r\n", [3]),
        ("sep=|\n# a note\nformula|gap\nGaN|3\n", [4]),
    ],
)
def test_lines_before_the_header_are_passed_over_but_counted(text: str, lines: list[int]) -> None:
    table = read(text)
    assert list(table.frame.columns) == ["formula", "gap"]
    assert list(table.frame.index) == lines


def test_a_header_may_begin_with_a_hash() -> None:
    assert list(read("# mine\n#,formula,gap\n1,GaN,3\n").frame.columns) == ["#", "formula", "gap"]


def test_a_delimiter_at_the_end_of_every_row_is_no_cell() -> None:
    table = read("formula,gap\nGaN,3.4,\nGaAs,1.4,\n")
    assert (list(table.frame["gap"]), table.ragged) == (["3.4", "1.4"], ())


@pytest.mark.parametrize(
    "rest", ["", '\nInAs,"0.4\nInP,1.3', "\nInP,1.3" * 20_000], ids=["end", "another", "large"]
)
def test_a_quotation_mark_left_open_is_named_by_its_line(rest: str) -> None:
    text = 'formula,gap\nGaN,3.4\n"GaAs,1.4\nNaCl,8.5\nKCl,8\nLiF,13\nMgO,7' + rest
    with pytest.raises(TableError, match="line 3"):
        read(text)


def test_a_table_whose_rows_all_differ_from_the_header_is_refused_with_the_first() -> None:
    with pytest.raises(TableError) as refusal:
        read("formula,gap\nGaN,3.4,x\nGaAs,1.4,y\n")
    assert str(refusal.value) == (
        "No row of t.csv is as long as its header (line 2: The row has 3 cells where the header has 2.); "
        "check the header and the delimiter."
    )


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
        (b",,\n", "t.csv is empty; upload a table with a header line."),
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
