"""OpenDocument spreadsheets as LibreOffice writes them."""

import io
import time
import zipfile

import pytest

from brnet.errors import TableError
from brnet.materials.files import read_table
from brnet.materials.table import Table

BEGIN = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="o" xmlns:style="s" '
    'xmlns:table="t" xmlns:text="x" xmlns:draw="d"><office:automatic-styles><style:style style:name="ta1" '
    'style:family="table"><style:table-properties table:display="true"/></style:style><style:style '
    'style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet>"
)
END = "</office:spreadsheet></office:body></office:document-content>"
HEADER = (
    '<table:table-row><table:table-cell office:value-type="string">'
    "<text:p>formula</text:p></table:table-cell>"
    '<table:table-cell office:value-type="string"><text:p>gap<text:s/>(eV)</text:p></table:table-cell>'
    '<table:table-cell table:number-columns-repeated="16382"/></table:table-row>'
)
REST = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'


def text(cell: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{cell}</text:p></table:table-cell>'


def number(value: str, more: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="float" office:value="{value}" {more}>'
        "<text:p>shown</text:p></table:table-cell>"
    )


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def sheet(*rows: str, name: str = "Data", style: str = "ta1") -> str:
    return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(rows)}{REST}</table:table>'


def document(*sheets: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", BEGIN + "".join(sheets) + END)
    return data.getvalue()


def read(*sheets: str) -> Table:
    return read_table(document(*sheets), name="t.ods")


def refusal(*sheets: str) -> str:
    with pytest.raises(TableError) as raised:
        read(*sheets)
    return str(raised.value)


def test_values_are_read_not_what_is_shown_of_them() -> None:
    remark = "<office:annotation><text:p>checked</text:p></office:annotation>"
    date = '<table:table-cell office:value-type="date" office:date-value="2024-03-02T00:00:00"/>'
    logical = '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
    share = '<table:table-cell office:value-type="percentage" office:value="0.18"/>'
    rows = (
        row(
            f'<table:table-cell office:value-type="string">{remark}'
            "<text:p>Fe<text:span>2</text:span>O3</text:p></table:table-cell>",
            number("2.10"),
        ),
        row(date, share),
        row(text("a</text:p><text:p>b"), logical),
    )
    table = read(sheet(HEADER, *rows))
    assert list(table.frame.columns) == ["formula", "gap (eV)"]
    assert table.frame.to_numpy().tolist() == [["Fe2O3", "2.1"], ["2024-03-02", "0.18"], ["a\nb", "true"]]
    assert list(table.frame.index) == [2, 3, 4]


def test_repeated_rows_and_cells_are_written_out() -> None:
    rows = (
        row(text("Fe"), number("1"), more='table:number-rows-repeated="2"'),
        row(number("3", 'table:number-columns-repeated="2"')),
    )
    table = read(sheet(HEADER, *rows))
    assert table.frame.to_numpy().tolist() == [["Fe", "1"], ["Fe", "1"], ["3", "3"]]
    assert list(table.frame.index) == [2, 3, 4]


def test_merged_cells_give_their_value_to_every_row() -> None:
    rows = (
        row(text("Fe", 'table:number-rows-spanned="2"'), number("1")),
        row("<table:covered-table-cell/>", number("2")),
    )
    assert list(read(sheet(HEADER, *rows)).frame["formula"]) == ["Fe", "Fe"]


def test_hidden_sheets_come_last() -> None:
    table = read(
        sheet(HEADER, row(text("Fe"), number("1")), name="Old", style="ta2"),
        sheet(HEADER, row(text("Ni"), number("2"))),
    )
    assert table.frame.to_numpy().tolist() == [["Ni", "2"]]
    assert table.notes == ("The sheet 'Data' was read, not 'Old'.",)


def test_a_formula_without_a_value_is_noted() -> None:
    table = read(
        sheet(
            HEADER,
            row(text("Fe"), '<table:table-cell table:formula="of:=1+1"/>'),
            row(text("Ni"), number("1")),
        )
    )
    assert table.notes[0].startswith("1 formula has no saved value, the first in B2, and read as empty;")


@pytest.mark.parametrize("times", ["1048576", "600000"])
def test_cells_that_are_repeated_without_end_are_refused_in_time(times: str) -> None:
    wide = row(
        number("1", 'table:number-columns-repeated="16384"'), more=f'table:number-rows-repeated="{times}"'
    )
    begin = time.process_time()
    assert refusal(sheet(HEADER, wide)) == "t.ods repeats a few cells many times; save the table as CSV."
    assert time.process_time() - begin < 1


@pytest.mark.parametrize("times", ["0", "-1", "99999999", "x"])
def test_impossible_repeats_are_refused(times: str) -> None:
    refused = refusal(sheet(HEADER, row(number("1", f'table:number-columns-repeated="{times}"'))))
    assert refused.startswith("t.ods is a broken spreadsheet (")


def test_an_empty_document_is_refused() -> None:
    assert refusal(sheet()) == "t.ods has no sheet with a header and rows under it; upload one with a table."
