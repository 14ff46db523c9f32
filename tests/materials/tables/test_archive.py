"""Packed files: unpacked within limits, broken and malicious ones refused."""

import gzip
import io
import struct
import zipfile
import zlib

import pytest

from brnet.errors import TableError
from brnet.materials.tables.archive import MOST_MEMBERS, only_table, open_zip, unpack_gzip, unpack_member


def packed(data: bytes) -> bytes:
    """Without the time of day, which would name the test otherwise in each process."""
    return gzip.compress(data, mtime=0)


CSV = b"formula,gap\nGaAs,1.42\n"


def zipped(method: int = zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    """Members named 'a__csv' are called 'a.csv'."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for member, content in members.items():
            archive.writestr(member.replace("__", "."), content)
    return data.getvalue()


def unpacked(data: bytes) -> bytes:
    archive = open_zip(data, name="t.zip")
    return b"".join(unpack_member(archive, only_table(archive, name="t.zip"), name="t.zip"))


def bomb(n_megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(n_megabytes)) + packer.flush()


def refusal(read, *arguments, **options) -> str:
    with pytest.raises(TableError) as raised:
        read(*arguments, **options)
    return str(raised.value)


def test_gzip_of_several_parts_is_unpacked() -> None:
    assert unpack_gzip(packed(CSV) + packed(b"more"), name="t.gz") == CSV + b"more"


@pytest.mark.parametrize("data", [packed(CSV)[:-9], packed(CSV)[:-8] + bytes(8), b"\x1f\x8b\x08\xff"])
def test_broken_gzip_is_refused(data: bytes) -> None:
    assert refusal(unpack_gzip, data, name="t.gz").startswith("t.gz is a broken gzip file (")


def test_a_gzip_bomb_is_refused_before_it_is_unpacked() -> None:
    assert refusal(unpack_gzip, bomb(300), name="t.gz") == (
        "t.gz unpacks to more than 100 times its size; upload the table as CSV."
    )


def test_unpacked_bytes_are_limited(set_setting) -> None:
    set_setting(BRNET_MAX_UNPACKED_BYTES=str(2**20))
    assert refusal(unpack_gzip, bomb(2), name="t.gz") == (
        "t.gz unpacks to more than 1 MB, the limit; upload fewer rows or columns."
    )


def test_thousands_of_empty_parts_are_refused() -> None:
    data = packed(b"") * (MOST_MEMBERS + 1)
    assert "is made of more than 10,000 gzip files" in refusal(unpack_gzip, data, name="t.gz")


def test_the_one_table_of_an_archive_is_taken() -> None:
    assert unpacked(zipped(a__csv=CSV, README__txt=b"x", __MACOSX=b"")) == CSV
    assert unpacked(zipped(a__txt=CSV, licence__md=b"x")) == CSV


def test_several_tables_are_named() -> None:
    assert refusal(unpacked, zipped(a__csv=CSV, b__csv=CSV)) == (
        "t.zip holds 2 files ('a.csv', 'b.csv'); upload the one with the table."
    )


def test_an_empty_archive_is_refused() -> None:
    assert refusal(unpacked, zipped()) == "t.zip is an empty archive; upload the table itself."


def test_a_directory_that_lies_about_sizes_unpacks_no_more_than_it_says() -> None:
    data = bytearray(zipped(a__csv=bytes(50 * 2**20)))
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 100)
    assert refusal(unpacked, bytes(data)).startswith(
        "t.zip is a broken zip archive or spreadsheet (Bad CRC-32"
    )


def test_a_directory_that_tells_of_a_bomb_is_believed(set_setting) -> None:
    set_setting(BRNET_MAX_UNPACKED_BYTES=str(2**20))
    assert refusal(unpacked, zipped(a__csv=bytes(2**20 + 1))).startswith("t.zip unpacks to more than 1 MB")


def test_unusual_packing_is_refused() -> None:
    assert refusal(unpacked, zipped(zipfile.ZIP_LZMA, a__csv=CSV)) == (
        "t.zip is packed in an unusual way; pack it as a common zip file."
    )


def test_a_locked_archive_is_refused() -> None:
    data = bytearray(zipped(a__csv=CSV))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(unpacked, bytes(data)) == "t.zip is protected by a password; save it without one."


def test_an_archive_of_very_many_files_is_not_listed() -> None:
    data = b"PK\x03\x04" + b"PK\x01\x02" * (MOST_MEMBERS + 1)
    assert (
        refusal(open_zip, data, name="t.zip") == "t.zip holds more than 10,000 files; upload the table alone."
    )


def test_what_is_no_archive_is_refused() -> None:
    assert refusal(open_zip, b"PK\x03\x04rest", name="t.zip") == (
        "t.zip is a broken zip archive or spreadsheet (File is not a zip file); save it again."
    )
