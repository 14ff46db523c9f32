"""JARVIS's archives are read record by record, and refused where they are something else."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from brnet.materials.public import jarvis_json
from brnet.materials.public.jarvis_json import opened, read_records


def _archive(text: bytes, *, name: str = "table.json", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr(name, text)
    return packed.getvalue()


def _read(packed: bytes) -> list[tuple[str, list[Any]]]:
    with opened(io.BytesIO(packed), member="table.json") as text:
        return list(read_records(text, formula="formula", columns=["Tc", "id"]))


def test_records_give_formulas_and_values() -> None:
    records = b'[{"id": 1, "formula": "NbTi", "Tc": 9.2}, {"formula": {"elements": ["O ", "Mg"]}, "id": 2}]'
    assert _read(_archive(records)) == [("NbTi", [9.2, 1]), ("Mg1O1", [None, 2])]


def test_an_archive_that_is_not_packed_is_read() -> None:
    records = b'[{"id": 1, "formula": "NbTi", "Tc": 9.2}]'
    assert _read(_archive(records, method=zipfile.ZIP_STORED)) == [("NbTi", [9.2, 1])]


def test_an_empty_list_has_no_records() -> None:
    assert _read(_archive(b"[]")) == []


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        (b"<html>", "not a zip file"),
        (_archive(b"[]", name="other.json"), "no item named 'table.json'"),
        (_archive(b"[]", method=zipfile.ZIP_LZMA), "it is packed by another method than deflate"),
        (_archive(b'{"a": 1}'), r"'\[' is missing"),
        (_archive(b'[{"id": 1, "formula": "Nb'), "ends too early"),
        (_archive(b"[" * 100_000), "nested too deeply"),
    ],
)
def test_another_form_is_refused(packed: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _read(packed)


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jarvis_json, "MOST_MEMBERS", 0)
    with pytest.raises(ValueError, match="it holds more than 0 files"):
        _read(_archive(b"[]"))


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jarvis_json, "MOST_CHARACTERS", 2**20)
    with pytest.raises(ValueError, match="it is too large"):
        _read(_archive(b"[" + b" " * 2**20 + b"]"))


def _encrypted(packed: bytes) -> bytes:
    """With the flag of a password set in the directory."""
    place = packed.index(b"PK\x01\x02") + 8
    return packed[:place] + bytes([packed[place] | 1]) + packed[place + 1 :]


def _corrupted(packed: bytes) -> bytes:
    """With another checksum in the directory."""
    place = packed.index(b"PK\x01\x02") + 16
    return packed[:place] + bytes([packed[place] ^ 0xFF]) + packed[place + 1 :]


@pytest.mark.parametrize(
    ("change", "words"), [(_encrypted, "it needs a password"), (_corrupted, "Bad CRC-32")]
)
def test_damage_is_named(change: Callable[[bytes], bytes], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _read(change(_archive(b'[{"id": 1, "formula": "NbTi", "Tc": 9.2}]')))
