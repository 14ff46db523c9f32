"""What a table announces: one question that can be asked as it stands."""

import pytest

from brnet.errors import TableError
from brnet.materials.guess import guess
from brnet.materials.tables.files import read_table
from brnet.materials.tables.mixture import Mixture


def read(text: str, name: str):
    return read_table(text.encode(), name=name)


def test_columns_task_and_quantity_are_guessed_together() -> None:
    found = guess(read("id,formula,target\n1,GaAs,1.4\n2,NaCl,8.5\n3,Fe,0\n", "matbench_expt_gap.csv"))
    reading = found.reading
    assert (reading.formula_column, reading.target, reading.task) == ("formula", "target", "regression")
    assert (found.quantity.label, found.quantity.unit, found.quantity.lower) == ("band gap", "eV", 0.0)


def test_what_is_given_is_not_guessed() -> None:
    found = guess(read("a,b,y\nGaAs,NaCl,1\nFe,Cu,2\n", "t.csv"), formula_column="b", target="y")
    assert (found.reading.formula_column, found.reading.target) == ("b", "y")


def test_bounds_that_the_values_break_are_dropped() -> None:
    found = guess(read("formula,gap (eV)\nGaAs,-1.4\nNaCl,8.5\n", "t.csv"))
    assert (found.quantity.label, found.quantity.lower) == ("band gap", None)


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(TableError, match="has no column 'gap'; its columns are 'formula', 'y'"):
        guess(read("formula,y\nFe,1\n", "t.csv"), target="gap")


STEELS = """Cr (wt%),Fe (wt%),T (K),route,density (g/cm3)
18,82,300,cast,7.8
13,87,400,forged,7.7
5,95,500,cast,7.8
"""


def test_columns_of_amounts_are_the_materials_where_no_formulas_are() -> None:
    found = guess(read(STEELS, "steels.csv"))
    assert found.reading.formula_column == ""
    assert found.reading.mixture == Mixture(columns=("Cr (wt%)", "Fe (wt%)"), unit="wt%")


def test_a_condition_is_not_what_one_wants_to_know() -> None:
    assert guess(read(STEELS, "steels.csv")).reading.target == "density (g/cm3)"


def test_a_known_quantity_comes_before_other_numbers() -> None:
    text = "formula,density (g/cm3),band gap (eV)\nGaN,6.1,3.4\nGaAs,5.3,1.4\n"
    assert guess(read(text, "t.csv")).reading.target == "band gap (eV)"


def test_a_column_of_amounts_can_be_the_target() -> None:
    found = guess(read(STEELS, "steels.csv"), target="Cr (wt%)").reading
    assert found.mixture is None or "Cr (wt%)" not in found.mixture.columns


def test_without_materials_the_other_numbers_are_the_inputs_and_a_doubt_is_told() -> None:
    found = guess(read("a,b,y\n0.5,2.5,3\n1.5,4.5,6\n2.25,1.5,9\n", "t.csv"))
    assert (found.reading.numbers, found.reading.target) == (("a", "b"), "y")
    assert "t.csv has no column of chemical formulas" in found.doubt


def test_a_table_with_nothing_to_learn_from_is_refused() -> None:
    with pytest.raises(TableError, match="no column of chemical formulas"):
        guess(read("remark,y\nfirst try,3\nsecond try,6\nlast one,7\n", "t.csv"))


def test_a_target_that_is_the_column_of_formulas_is_refused_in_a_sentence() -> None:
    with pytest.raises(TableError, match="The column 'formula' is given two roles"):
        guess(read("formula,y\nGaN,3\nGaAs,1\n", "t.csv"), target="formula")


def test_a_critical_temperature_among_amounts_is_what_is_learned() -> None:
    found = guess(read("Nb,Ti,Tc\n55,44.2,9.1\n60,39.5,9.4\n70,29.1,8.9\n", "tc.csv")).reading
    assert found.target == "Tc"
