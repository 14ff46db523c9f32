"""Data: what was recognised in a table, what is left out, and the way to training."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from brnet.materials.formulas.formula import read_formula
from brnet.materials.public import catalog
from brnet.runs import database, store

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


def _words(at: AppTest) -> dict[str, str]:
    """The words of the page's address; a test session does not stay on a page that it was led to."""
    return {name: word if isinstance(word, str) else word[0] for name, word in at.query_params.items()}


def test_an_upload_is_recognised(open_page: OpenPage) -> None:
    at = _upload(open_page("data"))
    assert at.selectbox(key="formula_column").value == "formula"
    assert at.selectbox(key="target").value == "band gap (eV)"
    assert (at.text_input(key="label").value, at.text_input(key="unit").value) == ("band gap", "eV")
    kept, dropped = (metric.value for metric in at.metric[:2])
    assert (kept, dropped) == ("4", "2")


def test_every_row_left_out_has_its_line_and_reason(open_page: OpenPage) -> None:
    at = _upload(open_page("data", view="Cleaning"))
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


STEELS = """Cr (wt%),Ni (wt%),C (wt%),Fe (wt%),route,T (K),yield strength (MPa)
18,8,0.08,73.92,cast,300,215
13,0,0.2,86.8,forged,300,345
17,12,0.03,70.97,forged,400,205
0,0,0.45,99.55,cast,300,310
12,5,0.1,82.9,cast,,400
16,4,0.05,79.95,forged,500,520
20,10,0.06,69.94,cast,300,230
9,0,0.12,90.88,forged,350,415
11,2,0.15,86.85,cast,300,380
15,6,0.07,78.93,forged,600,275
14,1,0.3,84.7,cast,300,450
25,20,0.1,54.9,forged,300,240
"""


def test_amounts_of_elements_are_recognised_and_shown_as_formulas(open_page: OpenPage) -> None:
    at = _upload(open_page("data", view="Table"), text=STEELS, name="steels.csv")
    assert at.multiselect(key="amounts").value == ["Cr (wt%)", "Ni (wt%)", "C (wt%)", "Fe (wt%)"]
    assert at.selectbox(key="target").value == "yield strength (MPa)"
    shown = next(frame.value for frame in at.dataframe if "formula" in frame.value.columns)
    assert read_formula(shown["formula"][0]).elements == ("C", "Cr", "Fe", "Ni")


def test_further_inputs_and_the_merging_of_repeats_stay_in_the_address(open_page: OpenPage) -> None:
    at = _upload(open_page("data"), text=STEELS, name="steels.csv")
    at.multiselect(key="numbers").set_value(["T (K)"])
    at.multiselect(key="categories").set_value(["route"])
    at.selectbox(key="repeats").select("median").run()
    words = _words(at)
    assert (words["numbers"], words["categories"], words["repeats"]) == ("T (K)", "route", "median")
    again = open_page("data", **_words(at))
    assert again.multiselect(key="numbers").value == ["T (K)"]
    assert again.selectbox(key="repeats").value == "median"
    again.button(key="train_on_this").click().run()
    assert again.title[0].value == "Train"
    open_page("train", **_words(again)).button(key="train").click().run()
    (run,) = database.list_runs()
    asked = run.experiment
    assert (asked.numbers, asked.categories, asked.repeats) == (("T (K)",), ("route",), "median")
    assert asked.mixture is not None


def test_a_table_without_materials_is_doubted_but_can_be_learned(open_page: OpenPage, said: Said) -> None:
    rows = "".join(f"{n * 0.37 % 1:.3f},{n * 0.61 % 1:.3f},{n * 0.98 % 2:.3f}\n" for n in range(30))
    at = _upload(open_page("data"), text=f"a,b,y\n{rows}", name="plain.csv")
    assert "no column of chemical formulas" in said(at)
    assert at.multiselect(key="numbers").value == ["a", "b"]
    assert at.metric[0].value == "30"
    at.button(key="train_on_this").click().run()
    assert not at.error
    assert any(metric.label == "Trainable parameters" for metric in at.metric)


def test_a_column_with_two_roles_is_refused_in_a_sentence(open_page: OpenPage, alloys: str) -> None:
    at = open_page("data", dataset=alloys)
    at.segmented_control(key="materials").set_value("nothing").run()
    assert "chosen to learn from" in at.error[0].value
    assert not at.exception


@pytest.mark.parametrize("view", ["Profile", "Cleaning", "Split", "Table"])
def test_every_view_is_drawn(open_page: OpenPage, alloys: str, view: str) -> None:
    at = open_page("data", dataset=alloys, view=view)
    assert not at.exception
    assert not at.error


def test_a_split_that_asks_what_to_hold_out_goes_along_to_training(open_page: OpenPage, alloys: str) -> None:
    at = open_page("data", dataset=alloys, view="Split", split="element", held_out="Fe")
    parts = next(frame.value for frame in at.dataframe if "rows that" in frame.value.columns)
    assert parts["of them also in training"].dropna().tolist() == [0, 0]
    at.button(key="train_on_this").click().run()
    open_page("train", **_words(at)).button(key="train").click().run()
    (run,) = database.list_runs()
    assert (run.experiment.split, run.experiment.held_out) == ("element", "Fe")


def test_optimism_is_computed_when_it_is_asked_for(open_page: OpenPage, alloys: str) -> None:
    at = open_page("data", dataset=alloys, view="Split", split="system")
    assert not at.info
    at.button(key="ask_optimism").click().run(timeout=120)
    assert "random rows" in at.info[0].value


def test_an_old_version_points_to_the_new_one_and_its_runs_can_be_repeated(
    open_page: OpenPage, trained: dict[str, str], said: Said
) -> None:
    old = database.get_run(trained["first"]).experiment.dataset
    data = store.get_table(old).data
    new = store.put_table(data + b"FeAl7,-1.5\n", name="newer.csv", replaces=old)
    assert "A newer version is here: newer.csv" in said(open_page("data", dataset=old))
    at = open_page("data", dataset=new, view="Table")
    at.button(key=f"again_{trained['first']}").click().run()
    run = database.list_runs(1)[0]
    assert (run.experiment.dataset, run.state) == (new, "queued")


def test_a_table_with_waiting_runs_is_not_deleted(open_page: OpenPage, ask: Callable[..., str]) -> None:
    dataset = database.get_run(ask()).experiment.dataset
    at = open_page("data", dataset=dataset, view="Table")
    at.button(key="delete_for_good").click().run()
    assert "still wait or train" in at.error[0].value
    assert store.get_table(dataset)


def test_a_table_is_deleted_for_good(open_page: OpenPage, alloys: str) -> None:
    at = open_page("data", dataset=alloys, view="Table")
    at.button(key="delete_for_good").click().run()
    assert at.success[0].value == "alloys.csv was deleted."
    assert "dataset" not in at.query_params
    assert alloys not in {table.id for table in store.list_tables()}


def test_a_pasted_table_is_read(open_page: OpenPage) -> None:
    at = open_page("data")
    at.text_area(key="pasted").set_value("GaN\t3.4\nGaAs\t1.42\nZnO\t3.3\n")
    at.button(key="use_pasted").click().run()
    assert at.metric[0].value == "3"


def test_a_deleted_example_comes_back_where_it_is_needed(open_page: OpenPage) -> None:
    at = open_page("data")
    at.button(key="use_example").click().run()
    open_page("data", dataset=_words(at)["dataset"], view="Table").button(key="delete_for_good").click().run()
    assert not open_page("home").error


def test_a_rule_with_nothing_to_hold_out_is_refused_in_a_sentence(open_page: OpenPage) -> None:
    rows = "".join(f"Fe{n}O{n + 1},{n}\n" for n in range(1, 21))
    at = _upload(open_page("data"), text=f"formula,y\n{rows}", name="oxides.csv")
    train = open_page("train", dataset=_words(at)["dataset"], split="element")
    train.button(key="train").click().run()
    assert not train.exception


def test_a_table_that_is_gone_leaves_the_way_to_another_open(open_page: OpenPage) -> None:
    at = open_page("data", dataset="0" * 64)
    assert "There is no table" in at.error[0].value
    at.button(key="use_example").click().run()
    assert at.metric[0].value == "3,825"
    assert not at.error
