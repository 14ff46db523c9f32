"""Data: what was recognised in a table, what is left out, and the way to training."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from brnet.materials import catalog

OpenPage = Callable[..., AppTest]
Said = Callable[[AppTest], str]

TABLE = """formula,band gap (eV),density (g/cm3)
GaN,3.4,6.15
GaAs,1.42,5.32
ZnO,3.3,5.61
Xx2,1.0,1.0
NaCl,,2.16
CuSO4·5H2O,2.1,2.29
"""


def _upload(at: AppTest, text: str = TABLE, name: str = "gaps.csv") -> AppTest:
    return at.file_uploader(key="upload").set_value((name, text.encode(), "text/csv")).run()


def test_an_upload_is_recognised(open_page: OpenPage) -> None:
    at = _upload(open_page("data"))
    assert at.selectbox(key="formula_column").value == "formula"
    assert at.selectbox(key="target").value == "band gap (eV)"
    assert (at.text_input(key="label").value, at.text_input(key="unit").value) == ("band gap", "eV")
    kept, dropped = (metric.value for metric in at.metric[:2])
    assert (kept, dropped) == ("4", "2")


def test_every_row_left_out_has_its_line_and_reason(open_page: OpenPage) -> None:
    at = _upload(open_page("data"))
    frame = next(element.value for element in at.dataframe if "reason" in element.value.columns)
    assert list(frame["line"]) == [5, 6]
    assert "is not an element" in frame["reason"][0]
    assert "missing" in frame["reason"][1]


def test_another_target_brings_its_own_unit(open_page: OpenPage) -> None:
    at = _upload(open_page("data"))
    at.selectbox(key="target").select("density (g/cm3)").run()
    assert (at.text_input(key="label").value, at.text_input(key="unit").value) == ("density", "g/cm3")
    assert at.query_params["target"] == "density (g/cm3)"


def test_a_corrected_unit_goes_along_to_training(open_page: OpenPage, said: Said) -> None:
    at = _upload(open_page("data"))
    at.text_input(key="unit").set_value("meV").run()
    assert at.query_params["unit"] == "meV"
    at.button(key="train_on_this").click().run()
    assert at.title[0].value == "Train"
    assert "band gap (meV)" in said(at)


def test_the_address_alone_restores_the_corrections(open_page: OpenPage, alloys: str) -> None:
    at = open_page("data", dataset=alloys, unit="eV", label="enthalpy")
    assert (at.text_input(key="label").value, at.text_input(key="unit").value) == ("enthalpy", "eV")


def test_a_file_that_is_no_table_is_refused_with_the_reason(open_page: OpenPage) -> None:
    at = _upload(open_page("data"), text="\n", name="empty.csv")
    assert at.error[0].value == "empty.csv is empty; upload a table with a header line."
    assert "dataset" not in at.query_params


def test_the_example_is_one_click_away(open_page: OpenPage) -> None:
    at = open_page("data")
    at.button(key="use_example").click().run()
    assert at.text_input(key="unit").value == "kJ/mol"
    assert not at.error


def test_a_public_dataset_that_cannot_be_fetched_says_so(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    name, public = next(iter(catalog.CATALOG.items()))
    nowhere = dataclasses.replace(public, url="http://127.0.0.1:9/nothing.json.gz")
    monkeypatch.setitem(catalog.CATALOG, name, nowhere)
    at = open_page("data")
    at.selectbox(key="public").select(name)
    at.button(key="fetch").click().run()
    assert public.title in at.error[0].value
    assert not at.exception


def test_an_unknown_dataset_is_named(open_page: OpenPage) -> None:
    at = open_page("data", dataset="0" * 64)
    assert "There is no table" in at.error[0].value
