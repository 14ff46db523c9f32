"""What a table announces: one question that can be asked as it stands."""

import pytest

from brnet.errors import TableError
from brnet.materials.files import read_table
from brnet.materials.guess import guess


def read(text: str, name: str):
    return read_table(text.encode(), name=name)


def test_columns_task_and_quantity_are_guessed_together() -> None:
    found = guess(read("id,formula,target\n1,GaAs,1.4\n2,NaCl,8.5\n3,Fe,0\n", "matbench_expt_gap.csv"))
    assert (found.formula_column, found.target, found.task) == ("formula", "target", "regression")
    assert (found.quantity.label, found.quantity.unit, found.quantity.lower) == ("band gap", "eV", 0.0)


def test_what_is_given_is_not_guessed() -> None:
    found = guess(read("a,b,y\nGaAs,NaCl,1\nFe,Cu,2\n", "t.csv"), formula_column="b", target="y")
    assert (found.formula_column, found.target) == ("b", "y")


def test_bounds_that_the_values_break_are_dropped() -> None:
    found = guess(read("formula,gap (eV)\nGaAs,-1.4\nNaCl,8.5\n", "t.csv"))
    assert (found.quantity.label, found.quantity.lower) == ("band gap", None)


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(TableError, match="has no column 'gap'; its columns are 'formula', 'y'"):
        guess(read("formula,y\nFe,1\n", "t.csv"), target="gap")
