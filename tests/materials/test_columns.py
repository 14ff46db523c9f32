"""What columns hold: formulas, numbers, labels; what could be learned."""

from pathlib import Path

import numpy as np
import pytest

from brnet.errors import TableError
from brnet.materials.columns import guess_columns, to_numbers
from brnet.materials.elements import EF_86
from brnet.materials.files import read_table


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


def test_a_table_without_formulas_is_refused_with_the_best_column() -> None:
    with pytest.raises(TableError, match="has no column of chemical formulas: in the best one"):
        guess_columns(read("a,b\n1.5,hello\n2.5,world\n"))


def test_numbers_are_read_and_the_rest_is_nan() -> None:
    numbers = to_numbers(read("formula,y\nA,1e3\nB, 2 \nC,x\n").frame["y"])
    np.testing.assert_array_equal(numbers, [1000.0, 2.0, np.nan])
