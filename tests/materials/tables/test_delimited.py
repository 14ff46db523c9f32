"""Reading files: delimiters, encodings, line numbers, recognised columns, refusals."""

import time
from pathlib import Path

import pytest

from brnet.errors import TableError
from brnet.materials.tables.files import read_table
from brnet.materials.tables.numerals import to_numbers


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
        (
            b"PK\x03\x04rest",
            "t.csv is a broken zip archive or spreadsheet (File is not a zip file); save it again.",
        ),
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


@pytest.mark.parametrize(
    ("limit", "text", "sentence"),
    [
        (
            {"BRNET_MAX_ROWS": "2"},
            "formula,y\nGaAs,1\nNaCl,2\nKCl,3\n",
            "t.csv has more than 2 rows, the limit; upload a part of it.",
        ),
        (
            {"BRNET_MAX_ROWS": "2"},
            "formula,y\nGaAs,1\n" + "\n" * 100,
            "t.csv has more than 2 rows, the limit; upload a part of it.",
        ),
        (
            {"BRNET_MAX_COLUMNS": "2"},
            "formula,y,z\nGaAs,1,2\n",
            "t.csv has 3 columns; the limit is 2, so leave some out.",
        ),
        (
            {"BRNET_MAX_COLUMNS": "2"},
            "formula,y\nGaAs,1\nNaCl,1,2,3\n",
            "Line 3 of t.csv has 4 cells; the limit is 2 columns, so leave some out.",
        ),
        (
            {"BRNET_MAX_CELLS": "4"},
            "formula,y\nGaAs,1\nNaCl,2\nKCl,3\n",
            "t.csv has more than 4 cells, the limit; upload fewer rows or columns.",
        ),
    ],
)
def test_limits_are_refused_in_a_sentence(
    limit: dict[str, str], text: str, sentence: str, set_setting
) -> None:
    set_setting(**limit)
    with pytest.raises(TableError) as refusal:
        read(text)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("text", ["a,b\n" + "," * 5_000_000, 'a,b\n"' + '\n","' * 1_500_000, "x" * 5_000_000])
def test_a_row_without_end_is_refused(text: str) -> None:
    with pytest.raises(TableError, match="has more than 4,194,304 characters; look for a quotation mark"):
        read(text)


def test_a_cell_without_end_is_refused() -> None:
    with pytest.raises(TableError, match="from line 2 on: field larger than field limit"):
        read("a,b\n1," + "x" * 200_000 + "\n")


@pytest.mark.parametrize(
    "text",
    [
        "GaAs 1.42\nNaCl 8.5\n",
        "GaAs,1.42\nNaCl,8.5\n",
        "GaAs\t1,42\nNaCl\t8,5\n",
        "GaAs;1,42\nNaCl;8,5\n",
        "GaAs 1,42\nNaCl 8,5\n",
    ],
)
def test_formulas_and_numbers_need_no_header(text: str) -> None:
    table = read(text)
    assert table.frame.to_numpy().tolist() == [["GaAs", "1.42"], ["NaCl", "8.5"]]
    assert list(table.frame.columns) == ["formula", "value"]
    assert list(table.frame.index) == [1, 2]
    assert table.notes[0] == "Line 1 holds values already; the columns are called 'formula', 'value'."


@pytest.mark.parametrize(
    "text",
    [
        "formula gap (eV)\nGaAs 1.42\n",
        "formula    gap (eV)\nGaAs       1.42\n",
        "  formula \t gap (eV)\n  GaAs \t 1.42\n",
        "formula gap (eV)\nGaAs 1,42\n",
    ],
)
def test_blanks_may_separate_columns(text: str) -> None:
    table = read(text)
    assert [name.strip() for name in table.frame.columns] == ["formula", "gap (eV)"]
    assert [cell.strip() for cell in table.frame.iloc[0]] == ["GaAs", "1.42"]


def test_blanks_inside_a_name_are_seen_by_the_gaps_between_columns() -> None:
    table = read("formula   band gap\nGaAs      1.42\nNaCl      8.5\n")
    assert list(table.frame.columns) == ["formula", "band gap"]


def test_blanks_inside_formulas_separate_nothing() -> None:
    assert list(read("formula\nFe2 O3\nGa1 As1\n").frame["formula"]) == ["Fe2 O3", "Ga1 As1"]


def test_a_title_above_the_header_is_passed_over() -> None:
    table = read("Lab book 7\nformula,gap\nGaAs,1.4\n")
    assert list(table.frame.columns) == ["formula", "gap"]
    assert table.notes == ("Line 1 above the header was passed over.",)


def test_a_row_of_units_below_the_header_is_joined_to_it() -> None:
    table = read("formula,T,gap\n,K,(eV)\nGaAs,300,1.4\n")
    assert list(table.frame.columns) == ["formula", "T (K)", "gap (eV)"]
    assert list(table.frame.index) == [3]


def test_a_table_of_markdown_is_read() -> None:
    table = read("| formula | gap |\n|---------|-----|\n| GaAs    | 1.4 |\n")
    assert list(table.frame.columns) == ["formula", "gap"]
    assert list(table.frame.index) == [3]


def test_columns_without_name_and_values_are_left_out() -> None:
    assert list(read("formula,gap,,\nGaAs,1.4,,\nNaCl,8,,\n").frame.columns) == ["formula", "gap"]


def test_apostrophes_that_keep_spreadsheets_from_running_cells_are_taken_away() -> None:
    assert list(read("formula,note\nGaAs,'=1+1\nNaCl,'tis\n").frame["note"]) == ["=1+1", "'tis"]


def test_a_table_in_another_encoding_says_so() -> None:
    assert read("formula,größe\nGaAs,1\n".encode("cp1252")).notes == (
        "The file is not UTF-8 and was read as Windows text; check letters such as 'µ'.",
    )
    assert read("formula,größe\nGaAs,1\n").notes == ()


def test_a_large_table_is_read_in_a_second_or_two(shared_data: Path) -> None:
    data = (shared_data / "splits" / "OQMD_Bandgap" / "train.csv").read_bytes()
    begin = time.process_time()
    table = read(data)
    assert time.process_time() - begin < 3  # measured: 0.4 s
    assert table.frame.shape == (239_125, 2)


def test_a_wide_table_is_read_in_seconds() -> None:
    rows = "\n".join([",".join(f"c{n}" for n in range(2_000)), *[",".join(["0.125"] * 2_000)] * 1_000])
    begin = time.process_time()
    assert read(rows).frame.shape == (1_000, 2_000)
    assert time.process_time() - begin < 5  # measured: 0.5 s
