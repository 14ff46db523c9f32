"""What columns hold: formulas, numbers, labels; what could be learned."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from brnet.errors import TableError
from brnet.materials.formulas.elements import EF_86
from brnet.materials.tables.columns import (
    Columns,
    guess_columns,
    label_of,
    labels_of,
    two_labels,
    why_no_formulas,
)
from brnet.materials.tables.files import read_table


def read(text: str | bytes, name: str = "t.csv"):
    return read_table(text.encode() if isinstance(text, str) else text, name=name)


def test_columns_are_recognised_by_name_and_content() -> None:
    columns = guess_columns(
        read("id,comment,composition,gap (eV),target\n1,ok,GaAs,1.4,2\n2,ok,NaCl,8.5,3\n")
    )
    assert (columns.formula, columns.targets) == ("composition", ("target", "gap (eV)"))


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("A,B,formula_pretty,gap\nSr,Ti,SrTiO3,1\nBa,Ti,BaTiO3,2\n", "formula_pretty"),
        ("A,B,formula_reduced,gap\nSr,Ti,SrTiO3,1\nBa,Ti,BaTiO3,2\n", "formula_reduced"),
        ("B,chemical_formula,gap\nTi,SrTiO3,1\nTi,BaTiO3,2\n", "chemical_formula"),
        ("material,formula,gap\nCO,Fe2O3,1\nRust,GaN,2\nSand,SiO2,4\n", "formula"),
        ("A,B,what,gap\nSr,Ti,SrTiO3,1\nBa,Ti,BaTiO3,2\n", "what"),
        ("host,what,gap\nTi,SrTiO3,1\nTi,BaTiO3,2\n", "what"),
    ],
)
def test_the_most_telling_formula_column_is_chosen(text: str, formula: str) -> None:
    assert guess_columns(read(text)).formula == formula


@pytest.mark.parametrize("name", ["split", "Fold", "fold_3", "cv_fold", "train_split"])
def test_a_split_is_never_a_target(name: str) -> None:
    assert guess_columns(read(f"formula,{name},Tc\nFe,1,5\nNi,0,6\n")).targets == ("Tc",)


def test_numbers_come_before_labels_and_spellings_count_once() -> None:
    text = "formula,stable,gap\nFe,Yes,5\nNi,yes,6\nCu,No,7\n"
    assert guess_columns(read(text)).targets == ("gap", "stable")


def test_fractions_of_elements_come_last(shared_data: Path) -> None:
    table = read((shared_data / "ibrnet_sample" / "train.csv").read_bytes())
    assert guess_columns(table).targets == ("formation_energy_peratom", *EF_86)


def test_one_column_that_is_named_as_an_element_is_a_target() -> None:
    assert guess_columns(read("formula,Tc,note\nFe,1,a\nNi,2,b\n")).targets == ("Tc", "note")


def test_the_formula_column_is_found_by_content_alone() -> None:
    assert guess_columns(read("a,b\n1.5,GaAs\n2.5,Fe2O3\n")).formula == "b"


def test_a_table_without_formulas_has_targets_and_says_why_no_formula_is_found() -> None:
    table = read("a,b\n1.5,hello\n2.5,world\n3,GaAs\n4,you\n")
    assert guess_columns(table) == Columns(formula="", targets=("a",))
    assert why_no_formulas(table) == (
        "t.csv has no column of chemical formulas: in the best one, 'b', 25% of the cells can be read; "
        "name the column 'formula' or mend its cells."
    )


def test_labels_that_happen_to_be_symbols_are_no_formulas() -> None:
    assert guess_columns(read("T,stable\n1,Yes\n2,No\n3,No\n4,No\n")).formula == ""
    assert guess_columns(read("element,T_melt\nFe,1811\nNi,1728\nCu,1358\n")).formula == "element"


def test_a_table_with_nothing_to_learn_is_refused() -> None:
    with pytest.raises(TableError) as refusal:
        guess_columns(read("formula,note\nGaAs,a\nNaCl,b\nKCl,c\n"))
    assert str(refusal.value) == (
        "t.csv has no column of numbers or of two labels beside 'formula'; add the values to learn."
    )


def test_units_in_headers_hide_no_names() -> None:
    columns = guess_columns(
        read("what,composition (nominal),T (K),target (eV),fold (3)\nCO,GaAs,300,2,1\nCO,NaCl,300,3,2\n")
    )
    assert columns == Columns(formula="composition (nominal)", targets=("target (eV)", "T (K)"))


def test_amounts_of_elements_come_last_with_their_units_too() -> None:
    table = read("alloy,Fe (wt%),Cr wt.%,C_wt,YS\na,70,29,1,500\nb,80,19,1,400\n")
    assert guess_columns(table).targets[0] == "YS"


def test_formulas_and_labels_are_found_beyond_the_first_rows() -> None:
    rows = [f"{n},,x" for n in range(2_000)] + ["5,GaAs,y", "6,Fe2O3,y", "7,NaCl,y"]
    columns = guess_columns(read("\n".join(["id,formula,kind", *rows]) + "\n"))
    assert columns.targets == ("kind",)


def test_a_wide_table_is_recognised_in_seconds() -> None:
    rows = [",".join([f"Fe{n}O", *["0.5"] * 1_999]) for n in range(1, 501)]
    table = read("\n".join([",".join(f"c{n}" for n in range(2_000)), *rows]) + "\n")
    begin = time.process_time()
    assert guess_columns(table).formula == "c0"
    assert time.process_time() - begin < 5  # measured: 1 s


def wide(cells: np.ndarray) -> str:
    header = ",".join(f"c{n}" for n in range(cells.shape[1]))
    return "\n".join([header, *map(",".join, cells.tolist())]) + "\n"


@pytest.mark.parametrize("kind", ["one text", "two labels", "texts", "numbers"])
def test_a_wide_table_of_anything_is_recognised_in_seconds(kind: str) -> None:
    numbers = np.random.default_rng(0).integers(0, 10**6, (500, 2_000))
    cells = {
        "one text": np.full(numbers.shape, "lorem ipsum"),
        "two labels": np.where(numbers % 100, " no ", "Yes"),
        "texts": np.char.add("w", numbers.astype(str)),
        "numbers": numbers.astype(str),
    }[kind]
    table = read(wide(cells))
    begin = time.process_time()
    if kind in ("one text", "texts"):
        with pytest.raises(TableError):
            guess_columns(table)
    else:
        assert len(guess_columns(table).targets) > 1_000
    assert time.process_time() - begin < 5  # measured: 0.2 to 1 s


@pytest.mark.parametrize(("usual", "rare"), [("no", "yes"), ("none", "oxide"), ("x", "")])
def test_a_rare_label_far_down_is_found(usual: str, rare: str) -> None:
    labels = [usual] * 9_000
    labels[4_321] = labels[8_765] = rare
    rows = [f"{n / 7},{label}" for n, label in enumerate(labels)]
    targets = guess_columns(read("\n".join(["T,kind", *rows]) + "\n")).targets
    assert targets == (("T", "kind") if rare else ("T",))


def test_zeros_with_rare_ones_far_down_are_two_labels_and_numbers() -> None:
    cells = pd.Series(["0"] * 9_000 + ["1"])
    assert two_labels(labels_of(cells)) == ("0", "1")
    table = read("\n".join(["formula,flag", *(f"Fe{n + 1}O,{cell}" for n, cell in enumerate(cells))]) + "\n")
    assert guess_columns(table).targets == ("flag",)


def test_labels_are_told_apart_as_they_are_counted() -> None:
    cells = pd.Series(["Yes ", "yes", "1", "1.0", "-0", "0", "none", "-", ""], index=range(3, 12), name="a")
    assert label_of(cells).tolist() == ["yes", "yes", "1", "1", "0", "0", "none", "-", ""]
    assert labels_of(cells).index.tolist() == [3, 4, 5, 6, 7, 8]
    assert labels_of(pd.Series(["none", "oxide", ""])).tolist() == ["none", "oxide"]
    assert labels_of(pd.Series(["-", "3.5"])).tolist() == ["3.5"]
