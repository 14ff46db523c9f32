"""Files of any format: recognised by content, refused in one sentence, never a crash or a hang."""

import gzip
import io
import time
import zipfile
from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from brnet.errors import TableError
from brnet.materials.tables.files import PASTED, read_pasted, read_table


def packed(data: bytes) -> bytes:
    """Without the time of day, which would name the test otherwise in each process."""
    return gzip.compress(data, mtime=0)


CSV = b"formula,gap\nGaAs,1.42\nNaN,0.1\n"
FRAME = pd.DataFrame({"formula": ["GaAs", "NaN"], "gap": [1.42, 0.1]})
SECONDS = 2  # that no small file may take


def zipped(**members: bytes | str) -> bytes:
    """Members named 'a__csv' are called 'a.csv'."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member.replace("__", "."), content)
    return data.getvalue()


@cache
def files() -> dict[str, bytes]:
    """The same table in every format, and what the formats are made of."""
    workbook, parquet = io.BytesIO(), io.BytesIO()
    FRAME.to_excel(workbook, index=False)
    FRAME.to_parquet(parquet)
    return {
        "a.csv": CSV,
        "b.tsv": b'# mine\nformula\tgap\n\teV\nGaAs\t1,42\n\'=x\t"0,\n1"\n',
        "c.xlsx": workbook.getvalue(),
        "d.parquet": parquet.getvalue(),
        "e.json": FRAME.to_json(orient="records").encode(),
        "f.json": FRAME.to_json(orient="split").encode(),
        "g.jsonl": FRAME.to_json(orient="records", lines=True).encode(),
        "h.csv.gz": packed(CSV),
        "i.zip": zipped(a__csv=CSV),
    }


def sheet_xml() -> str:
    with zipfile.ZipFile(io.BytesIO(files()["c.xlsx"])) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def with_sheet(xml: bytes) -> bytes:
    """The workbook with another sheet in it: changed bytes of a packed one are found by its checksum."""
    with zipfile.ZipFile(io.BytesIO(files()["c.xlsx"])) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    return zipped(**members | {"xl/worksheets/sheet1.xml": xml})


SEEDS: dict[str, tuple[Callable[[], bytes], Callable[[bytes], bytes]]] = {
    **{name: ((lambda name=name: files()[name]), bytes) for name in files()},
    "sheet": (lambda: sheet_xml().encode(), with_sheet),
}

CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["put", "flip", "cut", "repeat", "end"]),
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=6,
)


def changed(data: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    for how, share, given_bytes in changes:
        place = int(share * len(data))
        begin, rest = data[:place], data[place:]
        if how == "put":
            data = begin + given_bytes + rest
        elif how == "flip":
            data = begin + given_bytes + rest[len(given_bytes) :]
        elif how == "cut":
            data = begin + rest[given_bytes[0] :]
        elif how == "repeat":
            data = begin + rest[:40] * given_bytes[0] + rest
        else:
            data = begin
    return data


def check_that_it_is_read_or_refused(data: bytes, name: str) -> None:
    begin = time.process_time()
    refusal = ""
    try:
        table = read_table(data, name=name)
    except TableError as error:
        refusal = str(error)
    else:
        assert read_table(table.to_csv(), name="again.csv").content_hash == table.content_hash
    assert not refusal or (refusal.endswith(".") and "\n" not in refusal)
    assert time.process_time() - begin < SECONDS


@given(st.sampled_from(sorted(SEEDS)), CHANGES)
@examples(max_examples=600, deadline=None)
def test_damaged_files_are_read_or_refused(seed: str, changes: list[tuple[str, float, bytes]]) -> None:
    content, packed = SEEDS[seed]
    check_that_it_is_read_or_refused(packed(changed(content(), changes)), seed)


BEGINNINGS = [
    b"",
    b"PK\x03\x04",
    b"PAR1",
    b"\x1f\x8b\x08\x00",
    b'\xef\xbb\xbf"',
    b"\xff\xfe",
    b'[{"',
    b"sep=;\n",
    b"a,b\n",
]


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=300))
@examples(max_examples=300, deadline=None)
def test_random_bytes_are_read_or_refused(beginning: bytes, rest: bytes) -> None:
    check_that_it_is_read_or_refused(beginning + rest, "t")


LINES = st.text(st.sampled_from("aF2O3GaAsN,;\t|\"' .-+=()#\r\n1e9×−%/eV"), max_size=200)


@given(LINES)
@examples(max_examples=400, deadline=None)
def test_texts_that_look_like_tables_are_read_or_refused(text: str) -> None:
    check_that_it_is_read_or_refused(text.encode(), "t.txt")


@pytest.mark.parametrize("name", sorted(files()))
def test_every_format_is_read_whatever_the_name_says(name: str) -> None:
    table = read_table(files()[name], name="data")
    assert table.frame.iloc[0].tolist() == ["GaAs", "1.42"]
    assert table.name == "data"


def test_a_table_in_an_archive_is_named() -> None:
    assert read_table(files()["i.zip"], name="t.zip").notes == ("'a.csv' was read from the archive.",)
    assert read_table(zipped(a__json__gz=packed(files()["e.json"])), name="t.zip").frame.shape == (
        2,
        2,
    )


def test_pasted_text_needs_neither_header_nor_delimiter() -> None:
    table = read_pasted("  GaAs 1.42\n  NaCl 8.5\n")
    assert table.frame.to_numpy().tolist() == [["GaAs", "1.42"], ["NaCl", "8.5"]]
    assert (table.name, list(table.frame.columns)) == (PASTED, ["formula", "value"])
    assert read_pasted("formula\tgap\r\nGaAs\t1.42\r\n").frame.iloc[0].tolist() == ["GaAs", "1.42"]
    assert list(read_pasted("GaAs\nNaCl").frame["formula"]) == ["GaAs", "NaCl"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "t is empty; upload a table with a header line."),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1",
            "t is an old Excel file or one with a password; save it as XLSX without a password.",
        ),
        (
            zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet", content__xml="<x/>"),
            "t is an OpenDocument file; save it as XLSX or CSV.",
        ),
        (b"%PDF-1.7", "t is a PDF document; copy its table into a spreadsheet or paste it as text."),
        (b"\x89HDF\r\n", "t is an HDF5 file; save the table as CSV or Parquet."),
        (b"7z\xbc\xaf\x27\x1c", "t is a 7z archive; upload the table itself."),
        (b"<!doctype html><table>", "t is a web page or XML; save the table as XLSX or CSV."),
        (b"\x80\x02}q\x00.", "t is not a text file; save the table as CSV (UTF-8) and upload that."),
        (
            packed(packed(packed(CSV))),
            "t is packed several times; upload the table itself.",
        ),
        (
            zipped(a__zip=zipped(b__zip=zipped(c__csv=CSV))),
            "t is packed several times; upload the table itself.",
        ),
    ],
)
def test_other_files_are_refused_with_what_to_do(data: bytes, sentence: str) -> None:
    with pytest.raises(TableError) as refusal:
        read_table(data, name="t")
    assert str(refusal.value) == sentence


def test_a_json_file_is_refused_as_json_even_where_it_does_not_look_like_it() -> None:
    with pytest.raises(TableError, match="is JSON, but no table"):
        read_table(b"3", name="t.JSON")


def test_large_uploads_are_refused(set_setting) -> None:
    set_setting(BRNET_MAX_UPLOAD_BYTES=str(2**20))
    with pytest.raises(TableError) as refusal:
        read_table(b"a,b\n" + b"1,2\n" * 2**19, name="t.csv")
    assert str(refusal.value) == "t.csv is larger than the limit of 1 MB; upload fewer rows or columns."


@pytest.mark.parametrize(
    "data",
    [
        packed(b"0" * 200 * 2**20),
        packed(b"," * 40 * 2**20),
        packed(b"\n" * 40 * 2**20),
        packed(b'"",' * 10 * 2**20),
        packed(b"[" + b"{}," * 10 * 2**20 + b"{}]"),
        b"a b\n1 2\n3 " + b" " * 2**20 + b"(4\n",
        b"a,b\n1," + b" " * 100_000 + b"x\n",
        b"a" + b" " * 90_000 + b"b,(c\n1,2\n",
        b"formula,y\n" + b"(" * 1_000 + b"Fe" + b")" * 1_000 + b",2\n",
        b",".join(b"c%d" % n for n in range(10_000)) + b"\n" + b",".join([b"1"] * 10_000) + b"\n",
        b"formula,gap\n,mmmmmmmmmmmmmmmmmmmmmm!\nGaAs,1\nNaCl,2\n",
    ],
)
def test_traps_are_read_or_refused_in_time(data: bytes) -> None:
    check_that_it_is_read_or_refused(data, "t")
