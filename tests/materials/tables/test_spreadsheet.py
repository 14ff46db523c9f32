"""Workbooks: which sheet, which rows, what cells say; traps."""

import datetime
import io
import time
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest

from brnet.errors import TableError
from brnet.materials.formulas.formula import read_formulas
from brnet.materials.tables.files import read_table
from brnet.materials.tables.table import Table

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>formula</t></is></c><c r="B1" t="str"><v>y</v></c></row>'
pytestmark = pytest.mark.filterwarnings("ignore:Workbook contains no stylesheet")

PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def read(data: bytes) -> Table:
    return read_table(data, name="t.xlsx")


def refusal(data: bytes) -> str:
    with pytest.raises(TableError) as raised:
        read(data)
    return str(raised.value)


def rows_of(table: Table) -> list[list[str]]:
    return table.frame.to_numpy().tolist()


def saved(workbook: openpyxl.Workbook) -> bytes:
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def workbook_of(*rows: Sequence[object], title: str = "Data") -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(list(row))
    return workbook


def by_hand(rows: str, *, strings: str = "", after: str = "", **members: str) -> bytes:
    """A workbook as Excel lays it out, from the XML of its rows; members named 'a__b' are called 'a/b'."""
    parts = {
        "[Content_Types].xml": f"<Types {PACKAGE.replace('relationships', 'content-types')}>"
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{KIND}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'<Relationships {PACKAGE}><Relationship Id="a" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships {PACKAGE}>"
        f'<Relationship Id="b" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="c" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="d" Type="{OFFICE}/styles" Target="/xl/styles.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData>{after}</worksheet>",
        "xl/sharedStrings.xml": f"<sst {MAIN}>{strings}</sst>",
        "xl/styles.xml": f"<styleSheet {MAIN}/>",
    } | {member.replace("__", "/"): content for member, content in members.items()}
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in parts.items():
            archive.writestr(member, PROLOG + content)
    return data.getvalue()


def test_cells_become_texts_under_the_numbers_of_their_rows() -> None:
    table = read(saved(workbook_of(("formula", "gap", "ok"), ("GaAs", 1.42, True), (), ("NaN", 2.0, False))))
    assert list(table.frame.columns) == ["formula", "gap", "ok"]
    assert rows_of(table) == [["GaAs", "1.42", "true"], ["NaN", "2", "false"]]
    assert list(table.frame.index) == [2, 4]


def test_numbers_are_as_short_as_they_read_back_equal() -> None:
    numbers = (0.1, 1e22, 1 / 3, 123456789012345.0, -0.5, 1e-7)
    table = read(saved(workbook_of(("formula", "y"), *(("Fe", number) for number in numbers))))
    assert list(table.frame["y"]) == [
        "0.1",
        "1e+22",
        "0.3333333333333333",
        "123456789012345",
        "-0.5",
        "1e-07",
    ]


def test_dates_are_written_so_that_the_reader_of_formulas_names_them() -> None:
    moments = (datetime.date(2024, 3, 2), datetime.datetime(2024, 3, 2, 11, 30), datetime.time(3, 4))
    table = read(saved(workbook_of(("formula", "y"), *((moment, 1) for moment in moments))))
    assert list(table.frame["formula"]) == ["2024-03-02", "2024-03-02 11:30:00", "03:04:00"]
    reasons = map(str, read_formulas(list(table.frame["formula"])))
    assert all("that a spreadsheet made of a formula" in reason for reason in reasons)


def test_dates_of_the_1904_system_and_before_march_1900_are_right() -> None:
    workbook = workbook_of(("what", "day", "y"), ("a", datetime.date(2024, 3, 2), 1))
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    assert list(read(saved(workbook)).frame["day"]) == ["2024-03-02"]
    early = workbook_of(("what", "day", "y"), ("a", 59, 1), ("b", 61, 2))
    for row in (2, 3):
        early.active.cell(row, 2).number_format = "yyyy-mm-dd"
    assert list(read(saved(early)).frame["day"]) == ["1900-02-28", "1900-03-01"]


@pytest.mark.parametrize("code", ["0.00E+00", "[Red]0.0", '0.0" days"', "[h]:mm", "0.0_s", "General"])
def test_formats_of_numbers_are_no_dates(code: str) -> None:
    workbook = workbook_of(("formula", "y"), ("Fe", 45353))
    workbook.active["B2"].number_format = code
    assert rows_of(read(saved(workbook))) == [["Fe", "45353"]]


def test_title_rows_empty_rows_and_empty_columns_are_passed_over() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["C2"] = "Band gaps of the second campaign"
    sheet.merge_cells("C2:E2")
    for row, cells in enumerate([("formula", "T", "gap"), ("", "K", "(eV)"), ("GaAs", 300, 1.42)], start=5):
        for column, cell in enumerate(cells, start=3):
            sheet.cell(row, column, cell or None)
    table = read(saved(workbook))
    assert list(table.frame.columns) == ["formula", "T (K)", "gap (eV)"]
    assert list(table.frame.index) == [7]
    assert table.notes == (
        "Line 2 above the header was passed over.",
        "Line 6 holds units, which were joined to the names of the columns.",
    )


def test_a_formula_and_a_number_need_no_header() -> None:
    table = read(saved(workbook_of(("GaAs", 1.42), ("NaCl", 8.5))))
    assert list(table.frame.columns) == ["formula", "value"]
    assert list(table.frame.index) == [1, 2]


def test_the_first_sheet_with_a_table_is_read_and_the_others_are_named() -> None:
    workbook = workbook_of(("Notes on the samples",), ("made in May",), title="Notes")
    hidden = workbook.create_sheet("Old")
    hidden.sheet_state = "hidden"
    for sheet in (hidden, workbook.create_sheet("Data"), workbook.create_sheet("More")):
        sheet.append(["formula", "gap"])
        sheet.append([f"{sheet.title[0]}O", 1.5])
    table = read(saved(workbook))
    assert rows_of(table) == [["DO", "1.5"]]
    assert table.notes == ("The sheet 'Data' was read, not 'Notes', 'Old', 'More'.",)


def test_a_hidden_sheet_is_read_where_no_other_has_a_table() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.create_sheet("Data")
    sheet.append(["formula", "gap"])
    sheet.append(["GaAs", 1.5])
    sheet.sheet_state = "hidden"
    assert read(saved(workbook)).notes == ("The hidden sheet 'Data' was read, not 'Sheet'.",)


def test_merged_rows_are_noted() -> None:
    workbook = workbook_of(("route", "formula", "y"), ("melt", "Fe", 1), (None, "Ni", 2))
    workbook.active.merge_cells("B1:C1")
    assert read(saved(workbook)).notes == ()
    workbook.active.merge_cells("A2:A3")
    table = read(saved(workbook))
    assert list(table.frame["route"]) == ["melt", ""]
    assert table.notes == (
        "Merged cells gave their value to the first of their rows only; unmerge and fill them.",
    )


def test_formulas_give_their_saved_values_or_nothing() -> None:
    rows = (
        '<row r="2"><c r="A2" t="str"><f>A9</f><v>GaAs</v></c><c r="B2"><f>1+1</f><v>2</v></c></row>'
        '<row r="3"><c r="A3" t="str"><v>NaCl</v></c><c r="B3"><f>B2*4</f></c></row>'
        '<row r="4"><c r="A4" t="str"><v>Fe</v></c><c r="B4" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    table = read(by_hand(HEADER + rows))
    assert rows_of(table) == [["GaAs", "2"], ["NaCl", ""], ["Fe", "#DIV/0!"]]
    assert table.notes == (
        "1 formula has no saved value and read as empty; "
        "open the file in a spreadsheet program and save it again.",
    )


def test_shared_strings_keep_their_letters_in_any_format() -> None:
    strings = (
        "<si><t>formula</t></si><si><t>y</t></si>"
        "<si><r><t>Fe</t></r><r><rPr><vertAlign val='subscript'/></rPr><t>2</t></r><r><t>O3</t></r>"
        "<rPh sb='0' eb='1'><t>tetsu</t></rPh></si><si><t xml:space='preserve'> a b </t></si>"
    )
    cells = "".join(
        f'<row r="{row}">' + "".join(f'<c t="s"><v>{place}</v></c>' for place in pair) + "</row>"
        for row, pair in enumerate([(0, 1), (2, 3)], start=1)
    )
    table = read(by_hand(cells, strings=strings))
    assert list(table.frame.columns) == ["formula", "y"]
    assert rows_of(table) == [["Fe2O3", " a b "]]


def test_documents_with_prefixes_are_read() -> None:
    main = MAIN.replace("xmlns", "xmlns:x")
    sheet = (
        f"<x:worksheet {main}><x:sheetData>"
        "<x:row><x:c t='str'><x:v>formula</x:v></x:c><x:c t='str'><x:v>y</x:v></x:c></x:row>"
        "<x:row><x:c t='str'><x:v>Fe</x:v></x:c><x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert rows_of(read(by_hand("", **{"xl__worksheets__sheet1.xml": sheet}))) == [["Fe", "1"]]


def test_decimal_commas_and_apostrophes_in_texts_are_read() -> None:
    table = read(
        saved(workbook_of(("formula", "y", "note"), ("GaAs", "1,42", "'=1+1"), ("NaCl", "8,5", "x")))
    )
    assert rows_of(table) == [["GaAs", "1.42", "=1+1"], ["NaCl", "8.5", "x"]]
    assert table.notes == ("Decimal commas were read as decimal points.",)


def test_macros_and_links_are_left_alone() -> None:
    rows = HEADER + '<row r="2"><c t="str"><v>Fe</v></c><c><f>[1]Other!A1</f><v>3</v></c></row>'
    table = read(by_hand(rows, **{"xl__vbaProject.bin": "x", "xl__externalLinks__externalLink1.xml": "<x/>"}))
    assert rows_of(table) == [["Fe", "3"]]
    assert table.notes == ("The macros of the workbook were left alone.",)


def test_two_far_cells_take_neither_time_nor_memory() -> None:
    workbook = workbook_of(("formula", "y"), ("Fe", 1))
    workbook.active["XFD1048576"] = 7
    table = read(saved(workbook))
    assert rows_of(table) == [["Fe", "1", ""], ["", "", "7"]]
    assert list(table.frame.index) == [2, 1_048_576]


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "a" * 10}">' for n in range(12))
DECLARED = f'<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/hostname">{LAUGHS}]>'
FORMATTING = "t.xlsx holds far more formatting than values; copy the values into a new file."
NO_TABLE = "t.xlsx has no sheet with a header and rows under it; upload one with a table."
BROKEN = "t.xlsx is a broken or unusual spreadsheet; open it in its program and save it as XLSX."


@pytest.mark.parametrize("entity", ["a11", "b"])
@pytest.mark.parametrize(
    ("member", "begin", "end"),
    [
        ("xl__sharedStrings.xml", f"<sst {MAIN}><si><t>", "</t></si></sst>"),
        (
            "xl__worksheets__sheet1.xml",
            f"<worksheet {MAIN}><sheetData><row><c><v>",
            "</v></c></row></sheetData></worksheet>",
        ),
        ("xl__workbook.xml", f"<workbook {MAIN}><sheets>", "</sheets></workbook>"),
        ("xl__styles.xml", f"<styleSheet {MAIN}><numFmts>", "</numFmts></styleSheet>"),
        ("[Content_Types].xml", "<Types>", "</Types>"),
    ],
)
def test_entities_are_refused(member: str, begin: str, end: str, entity: str) -> None:
    data = by_hand(HEADER, **{member: f"{DECLARED}{begin}&{entity};{end}"})
    start = time.process_time()
    assert refusal(data) in (BROKEN, NO_TABLE)  # lxml leaves those of other files out
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "rows",
    [
        "<row>" + "<c/>" * 1_500_000 + "</row>",
        "<row/>" * 1_100_000,
        "<x>" * 2_000_000,
        " " * 7_000_000,
        f"<!--{'x' * 7_000_000}-->",
        f'<row><c r="{"A" * 7_000_000}"/></row>',
        f"<row><c><v>{'9' * 7_000_000}</v></c></row>",
    ],
    ids=["empty cells", "empty rows", "depth", "blanks", "comment", "attribute", "number"],
)
def test_form_without_values_is_refused_in_time(rows: str) -> None:
    data = by_hand(rows)
    begin = time.process_time()
    assert refusal(data) in (FORMATTING, BROKEN, NO_TABLE)
    assert time.process_time() - begin < 2


def test_what_unpacks_to_very_much_is_refused_by_its_directory() -> None:
    data = by_hand("<row>" + "<c/>" * 10_000_000 + "</row>")
    assert refusal(data) == "t.xlsx unpacks to more than 100 times its size; upload the table as CSV."


def test_a_long_text_that_many_cells_share_is_refused(set_setting) -> None:
    set_setting(BRNET_MAX_UNPACKED_BYTES=str(2**20))
    rows = "".join('<row><c t="s"><v>0</v></c><c><v>1</v></c></row>' for _ in range(20))
    assert refusal(by_hand(HEADER + rows, strings=f"<si><t>{'x' * 90_000}</t></si>")) == (
        "The cells of t.xlsx have more than 1,048,576 characters together, the limit; shorten them."
    )


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="0"/>',
        '<row r="1048577"/>',
        '<row r="2"/><row r="2"/>',
        '<row r="1"><c r="ZZZZ1"/></row>',
        '<row r="1"><c r="A"/></row>',
        '<row r="1"><c t="s"><v>7</v></c></row>',
        '<row r="1"><c><v>abc</v></c></row>',
        "<row>",
    ],
)
def test_broken_sheets_are_refused(rows: str) -> None:
    assert refusal(by_hand(rows)) == BROKEN


@pytest.mark.parametrize(
    "member",
    [
        "_rels__.rels",
        "xl__workbook.xml",
        "xl___rels__workbook.xml.rels",
        "xl__styles.xml",
        "xl__sharedStrings.xml",
    ],
)
def test_broken_parts_are_refused_or_not_needed(member: str) -> None:
    data = by_hand(HEADER + '<row r="2"><c t="str"><v>Fe</v></c><c><v>1</v></c></row>', **{member: "<x"})
    if member == "_rels__.rels":
        assert read(data).frame.shape == (1, 2)
    else:
        assert refusal(data) == BROKEN


def test_many_names_of_one_sheet_are_read_once() -> None:
    names = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="b"/>' for n in range(1, 9_000))
    book = f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{names}</sheets></workbook>'
    rows = "".join('<row><c t="str"><v>Fe</v></c></row>' for _ in range(20_000))
    start = time.process_time()
    assert read(by_hand(rows, **{"xl__workbook.xml": book})).notes == ()
    assert time.process_time() - start < 4


def test_the_declared_size_of_a_sheet_is_not_believed() -> None:
    rows = HEADER + '<row><c t="str"><v>Fe</v></c><c><v>1</v></c></row>'
    sheet = f'<worksheet {MAIN}><dimension ref="A1:A1"/><sheetData>{rows}</sheetData></worksheet>'
    assert rows_of(read(by_hand("", **{"xl__worksheets__sheet1.xml": sheet}))) == [["Fe", "1"]]


def test_a_dress_of_many_formats_is_refused_in_time() -> None:
    styles = f"<styleSheet {MAIN}><cellXfs>{'<xf/>' * 500_000}</cellXfs></styleSheet>"
    start = time.process_time()
    assert refusal(by_hand(HEADER, **{"xl__styles.xml": styles})) == FORMATTING
    assert refusal(by_hand(HEADER, strings="<si/>" * 1_500_000)) == FORMATTING
    assert time.process_time() - start < 2


def test_limits_are_refused_in_a_sentence(set_setting) -> None:
    data = saved(workbook_of(("formula", "y", "z"), ("Fe", 1, 2), ("Ni", 3, 4)))
    set_setting(BRNET_MAX_COLUMNS="2")
    assert refusal(data) == "t.xlsx has 3 columns; the limit is 2, so leave some out."
    set_setting(BRNET_MAX_COLUMNS="5", BRNET_MAX_CELLS="5")
    assert refusal(data) == "t.xlsx has more than 5 cells, the limit; upload fewer rows or columns."
    set_setting(BRNET_MAX_CELLS="50", BRNET_MAX_ROWS="2")
    assert refusal(data) == "t.xlsx has more than 2 rows, the limit; upload a part of it."


def test_a_workbook_without_a_table_is_refused() -> None:
    assert refusal(saved(openpyxl.Workbook())) == NO_TABLE
    assert refusal(saved(workbook_of(("formula", "y")))) == NO_TABLE
    assert refusal(by_hand("", **{"xl__workbook.xml": f"<workbook {MAIN}/>"})) == NO_TABLE


def test_a_binary_workbook_is_refused() -> None:
    kind = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    override = f'<Override PartName="/xl/workbook.bin" ContentType="{kind}"/>'
    types = f"<Types {PACKAGE.replace('relationships', 'content-types')}>{override}</Types>"
    assert refusal(by_hand("", **{"[Content_Types].xml": types, "xl__workbook.bin": "x"})) == BROKEN


def test_a_large_workbook_is_read_in_seconds() -> None:
    rows = "".join(
        f'<row r="{n}"><c t="str"><v>Fe{n}O</v></c><c><v>{n}.5</v></c></row>' for n in range(2, 50_000)
    )
    data = by_hand(HEADER + rows)
    begin = time.process_time()
    assert read(data).frame.shape == (49_998, 2)
    assert time.process_time() - begin < 10  # measured: 2 s
