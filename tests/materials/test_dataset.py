"""Cleaning: what is kept, what is dropped and why, classes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from brnet.errors import TableError
from brnet.materials.classes import guess_task
from brnet.materials.dataset import Dataset, build_dataset, touched_csv
from brnet.materials.formulas.formula import read_formula
from brnet.materials.reading import Reading
from brnet.materials.tables.files import read_table
from brnet.materials.tables.mixture import Mixture


def build(text: str, *, classes: tuple[str, str] | None = None, **read_as) -> Dataset:
    reading = Reading(**({"formula_column": "formula", "target": "y"} | read_as))
    return build_dataset(read_table(text.encode(), name="t.csv"), reading, classes=classes)


def test_every_dropped_row_has_its_line_and_a_reason() -> None:
    dataset = build("formula,y\nGaAs,1\nXx2,2\nNaCl,\nKCl,abc\nLiF,inf\nHe2O,3\nMgO,4\nbroken\n")
    assert [(row.line, row.formula) for row in dataset.dropped] == [
        (3, "Xx2"),
        (4, "NaCl"),
        (5, "KCl"),
        (6, "LiF"),
        (7, "He2O"),
        (9, ""),
    ]
    reasons = [row.reason for row in dataset.dropped]
    assert reasons[0] == "'Xx' in 'Xx2' is not an element."
    assert reasons[1] == "The value in 'y' is missing."
    assert reasons[2] == "The value 'abc' in 'y' is not a finite number."
    assert "He" in reasons[4]
    assert dataset.formulas == ("GaAs", "MgO")
    assert dataset.lines.tolist() == [2, 8]


def test_the_download_of_dropped_rows_is_safe_to_open() -> None:
    dataset = build('formula,y\nGaAs,1\n"=cmd()",2\n')
    assert touched_csv(dataset.touched).decode().splitlines()[1].startswith("3,'=cmd(),")


def test_readings_that_need_a_word_are_noted_with_their_line() -> None:
    dataset = build("formula,y\nCuSO4.5H2O,1\nGaAs,2\n")
    assert len(dataset.notes) == 1
    assert dataset.notes[0].startswith("Line 2, CuSO4.5H2O: ")
    assert "ydrate" in dataset.notes[0]


@pytest.mark.parametrize(
    ("cells", "task"),
    [
        (["0", "1", "1"], "classification"),
        (["0.0", "1.0"], "classification"),
        (["yes", "no", ""], "classification"),
        (["0", "1", "2"], "regression"),
        (["1.5", "2.5"], "regression"),
    ],
)
def test_the_task_is_recognised(cells: list[str], task: str) -> None:
    assert guess_task(pd.Series(cells)) == task


def test_the_positive_label_is_class_one() -> None:
    dataset = build("formula,y\nFe,metal\nNaCl,insulator\nCu,metal\n")
    assert dataset.classes == ("insulator", "metal")
    assert dataset.values.tolist() == [1.0, 0.0, 1.0]


def test_three_labels_are_refused_as_classes() -> None:
    with pytest.raises(TableError, match="exactly two labels; column 'y' of t.csv has 3"):
        build("formula,y\nFe,a\nCu,b\nNi,c\n", task="classification")


@pytest.mark.parametrize(
    ("cells", "task"),
    [
        (["0", "1"] * 15 + ["x"], "classification"),
        (["0", "1"] * 15 + ["2"], "classification"),
        (["yes", "no"] * 15 + ["maybe"], "classification"),
        (["0", "1"] * 5 + ["x"], "regression"),
        (["0", "1"] * 50 + ["2", "2"], "regression"),
        (["0"] * 40 + ["pending", "1.5"], "regression"),
        (["Yes", "yes ", "NO", "no"], "classification"),
        (["+", "-", "-", ""], "classification"),
        (["magnetic", "none", "none"], "classification"),
        (["1", "-", "2"], "regression"),
    ],
)
def test_spellings_and_strays_do_not_change_the_task(cells: list[str], task: str) -> None:
    assert guess_task(pd.Series(cells)) == task


def test_labels_that_differ_in_case_or_spaces_are_one() -> None:
    dataset = build("formula,y\nFe,Yes\nCu,yes \nAg,yes\nNaCl,No\nKCl,NO\nLiF,NO\n")
    assert dataset.classes == ("NO", "yes")
    assert dataset.values.tolist() == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("task", [None, "classification"])
def test_a_stray_cell_among_classes_is_dropped_by_name(task: str | None) -> None:
    rows = "".join(f"Fe{n}O,{n % 2}\n" for n in range(1, 31))
    dataset = build(f"formula,y\n{rows}GaAs,x\n", task=task)
    assert (dataset.classes, len(dataset)) == (("0", "1"), 30)
    assert dataset.dropped[0].reason == "The value 'x' in 'y' is neither '0' nor '1'."


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ("1 2", ("1", "2")),
        ("1 0", ("0", "1")),
        ("1 -1", ("-1", "1")),
        ("+ -", ("-", "+")),
        ("magnetic none", ("none", "magnetic")),
        ("T F", ("F", "T")),
    ],
)
def test_class_one_is_the_one_that_is_asked_for(labels: str, classes: tuple[str, str]) -> None:
    first, second = labels.split()
    dataset = build(f"formula,y\nFe,{first}\nNaCl,{second}\nCu,{first}\n", task="classification")
    assert dataset.classes == classes


def test_given_classes_are_kept_and_other_labels_dropped() -> None:
    dataset = build("formula,y\nFe,METAL\nCu,metal\nSi,semi\nNaCl,\n", classes=("insulator", "metal"))
    assert (dataset.task, dataset.classes) == ("classification", ("insulator", "metal"))
    assert dataset.values.tolist() == [1.0, 1.0]
    assert [row.reason for row in dataset.dropped] == [
        "The value 'semi' in 'y' is neither 'insulator' nor 'metal'.",
        "The value in 'y' is missing.",
    ]


AGED = """formula,T (K),route,y
GaAs,300,cast,1
Ga2As2,300,Cast,3
GaAs,400,cast,5
GaAs,,forged,7
"""


def test_further_inputs_are_kept_as_texts_beside_the_values() -> None:
    dataset = build(AGED, numbers=("T (K)",), categories=("route",))
    assert dataset.own.to_numpy().tolist() == [
        ["300", "cast"],
        ["300", "Cast"],
        ["400", "cast"],
        ["", "forged"],
    ]


def test_rows_repeat_only_where_their_further_inputs_agree() -> None:
    dataset = build(AGED, numbers=("T (K)",), categories=("route",), repeats="mean")
    assert dataset.values.tolist() == [2.0, 5.0, 7.0]
    assert dataset.lines.tolist() == dataset.own.index.tolist() == [2, 4, 5]
    assert [row.line for row in dataset.dropped] == [3]
    assert build(AGED, repeats="highest").values.tolist() == [7.0]


def test_rows_of_different_parts_are_never_merged() -> None:
    text = "formula,y,split\nGaAs,1,train\nGaAs,3,test\nGaAs,5,train\nZnO,2,test\n"
    dataset = build(text, repeats="mean")
    assert dataset.values.tolist() == [3.0, 3.0, 2.0]
    assert dataset.given_split.tolist() == [0, 2, 2]


def test_a_table_without_formulas_is_learned_from_by_its_own_columns() -> None:
    dataset = build("a,b,y\n1,2,3\n4,,6\n", formula_column="", numbers=("a", "b"))
    assert dataset.compositions == ()
    assert dataset.formulas == ("line 2", "line 3")
    assert dataset.values.tolist() == [3.0, 6.0]


def test_columns_of_amounts_are_shown_as_formulas() -> None:
    mixture = Mixture(columns=("Fe (wt%)", "Cr (wt%)"), unit="wt%")
    text = "Fe (wt%),Cr (wt%),y\n82,18,1\n50,20,2\n"
    dataset = build(text, formula_column="", mixture=mixture)
    (composition,) = dataset.compositions
    # 82 g of iron at 55.845 g/mol, 18 g of chromium at 51.996 g/mol
    iron, chromium = 82 / 55.845, 18 / 51.996
    assert composition.fractions["Cr"] == pytest.approx(chromium / (iron + chromium), rel=1e-4)
    assert read_formula(dataset.formulas[0]).reduced == composition.reduced
    assert [row.line for row in dataset.dropped] == [3]
    assert any("wt%" in note for note in dataset.notes)


def test_a_header_that_gives_the_unit_makes_alloys_of_its_cells() -> None:
    text = "alloy (wt%),y\nFe-18Cr-8Ni,215\nTi-6Al-4V,880\n"
    dataset = build(text, formula_column="alloy (wt%)")
    assert dataset.compositions[1].elements == ("Al", "Ti", "V")
    assert dataset.formulas[0] == "Fe-18Cr-8Ni wt%"
    assert read_formula(dataset.formulas[0]).reduced == dataset.compositions[0].reduced


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        (AGED, {"numbers": ("T (K)",), "categories": ("route",), "repeats": "median"}),
        ("formula,y,split\nGaAs,1.5,train\nZnO,-3e-7,test\nNaCl,2,val\n", {}),
        ("formula,y\nFe,metal\nNaCl,insulator\nCu,metal\n", {}),
        ("a,y\n1,2\n3,4.25\n", {"formula_column": "", "numbers": ("a",)}),
    ],
)
def test_an_exported_dataset_is_the_same_dataset_when_it_comes_back(text: str, read_as: dict) -> None:
    dataset = build(text, **read_as)
    again = build(dataset.as_table().to_csv().decode("utf-8-sig"), **read_as)
    assert again.content_hash == dataset.content_hash
    np.testing.assert_array_equal(again.values, dataset.values)
    assert [row for row in again.touched if row.rule != "outlier"] == []


def test_a_column_cannot_be_input_and_target() -> None:
    with pytest.raises(ValueError, match="The column 'y' is given two roles"):
        Reading(formula_column="formula", target="y", numbers=("y",))


def test_nothing_to_learn_from_is_refused() -> None:
    with pytest.raises(TableError, match=r"Nothing of t\.csv is chosen to learn from"):
        build("a,y\n1,2\n", formula_column="")


def test_an_unknown_column_is_refused_with_those_there_are() -> None:
    table = read_table(b"formula,y\nFe,1\n", name="t.csv")
    with pytest.raises(TableError, match="has no column 'gap'; its columns are 'formula', 'y'"):
        build_dataset(table, Reading(formula_column="formula", target="gap"))


def test_a_table_with_nothing_to_learn_is_refused_with_the_first_reason() -> None:
    with pytest.raises(TableError, match=r"line 2: 'Xx' in 'Xx2' is not an element\."):
        build("formula,y\nXx2,1\n")


def test_a_split_column_is_read(shared_data: Path) -> None:
    path = shared_data / "jarvis" / "ssub_formula_energy.csv"
    dataset = build_dataset(
        read_table(path.read_bytes(), name=path.name), Reading(formula_column="formula", target="target")
    )
    assert dataset.given_split is not None
    assert len(dataset.given_split) == len(dataset)
    assert len(dataset) + len(dataset.dropped) == 1726


def test_the_eight_unreadable_superconductors_are_named(shared_data: Path) -> None:
    path = shared_data / "jarvis" / "supercon_chem_Tc.csv"
    dataset = build_dataset(
        read_table(path.read_bytes(), name=path.name),
        Reading(formula_column="formula", target="target"),
        features=("ef103",),
    )
    assert len(dataset.dropped) == 8


@pytest.mark.parametrize("unit", ["wt%", "at%"])
def test_formulas_and_alloys_of_one_column_in_percent_come_back_alike(unit: str) -> None:
    text = f"composition ({unit}),y\nFe-18Cr-8Ni,215\nFe2O3,1\nFe-18%Cr,3\nTi-6Al-4V {unit},880\n"
    dataset = build(text, formula_column=f"composition ({unit})")
    assert len(dataset) == 4
    again = build(dataset.as_table().to_csv().decode("utf-8-sig"))
    assert again.content_hash == dataset.content_hash


def test_an_own_column_named_formula_does_not_overwrite_the_formulas_of_an_export() -> None:
    text = "compound,formula,y\nGaAs,1,3\nZnO,2,4\n"
    dataset = build(text, formula_column="compound", numbers=("formula",))
    assert list(dataset.as_table().frame.columns) == ["composition", "y", "formula"]
