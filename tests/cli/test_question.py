"""How options and a table's own announcements together say how a table is read."""

from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner

from brnet.cli import main
from brnet.cli.question import REPEATS, TASKS, UNITS, columns_of, question, reread
from brnet.errors import TableError
from brnet.materials import reading
from brnet.materials.formulas.units import Unit
from brnet.materials.reading import Reading
from brnet.materials.tables.files import read_table
from brnet.materials.tables.mixture import Mixture
from brnet.materials.tables.table import Table

NOTHING_SAID: dict[str, Any] = dict.fromkeys(
    (
        "formula_column",
        "amounts",
        "amounts_in",
        "balance",
        "target",
        "task",
        "numbers",
        "categories",
        "repeats",
    )
)
OXIDES = """\
id,formula,T,Fe,Cr,Ni,route,strength (MPa)
1,Fe2O3,300,70,20,10,cast,410
2,FeO,320,60,25,15,forged,530
3,Cr2O3,350,50,30,20,cast,405
4,NiO,380,55,25,20,forged,610
"""


@pytest.fixture
def table() -> Table:
    return read_table(OXIDES.encode(), name="alloys.csv")


def asked(table: Table, **said: str) -> Reading:
    return question(table, NOTHING_SAID | said).reading


def test_the_choices_are_those_of_the_library() -> None:
    assert get_args(Unit) == UNITS
    assert tuple(reading.REPEATS) == REPEATS
    assert get_args(reading.Task) == TASKS


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Fe,Cr", ("Fe", "Cr")),
        (' "T, K" , P', ("T, K", "P")),
        ("none", ()),
        ("", ()),
        (None, None),
    ],
)
def test_columns_are_one_line_of_csv(line: str | None, names: tuple[str, ...] | None) -> None:
    assert columns_of(line) == names


def test_what_is_not_said_is_guessed(table: Table) -> None:
    assert asked(table).formula_column == "formula"
    assert asked(table).own_columns == ()


def test_amounts_take_the_place_of_the_formulas(table: Table) -> None:
    found = asked(table, amounts="Fe,Cr,Ni", amounts_in="wt%", target="strength (MPa)")
    assert found.formula_column == ""
    assert found.mixture == Mixture(columns=("Fe", "Cr", "Ni"), unit="wt%")


def test_a_column_that_is_an_input_is_not_guessed_as_the_target(table: Table) -> None:
    free = asked(table)
    found = asked(table, numbers=free.target)
    assert found.numbers == (free.target,)
    assert found.target != free.target


def test_without_materials_the_other_numbers_are_the_inputs(table: Table) -> None:
    found = asked(table, formula_column="none", amounts="none", categories="route", target="strength (MPa)")
    assert not found.has_compositions
    assert "T" in found.numbers
    assert found.categories == ("route",)


def test_a_column_of_guessed_amounts_can_be_given_another_role(table: Table) -> None:
    plain = Table(name=table.name, frame=table.frame.drop(columns="formula"))
    whole = asked(plain, target="strength (MPa)").mixture
    found = asked(plain, target="strength (MPa)", numbers="Ni")
    assert whole is not None
    assert whole.columns == ("Fe", "Cr", "Ni")
    assert found.mixture is not None
    assert found.mixture.columns == ("Fe", "Cr")


def test_the_balance_can_be_said_of_guessed_amounts(table: Table) -> None:
    plain = Table(name=table.name, frame=table.frame.drop(columns=["formula", "Fe"]))
    found = asked(plain, amounts="Cr,Ni", amounts_in="wt%", balance="Fe", target="strength (MPa)")
    assert found.mixture == Mixture(columns=("Cr", "Ni"), unit="wt%", balance="Fe")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"balance": "Fe"}, "--amounts-in and --balance say what columns of amounts hold"),
        (
            {"amounts": "Fe,Cr", "amounts_in": "at%", "formula_column": "formula"},
            "Compositions come from the column 'formula' or from columns of amounts, not from both",
        ),
        ({"numbers": "T", "target": "T"}, "The column 'T' is given two roles; leave one out."),
        ({"target": "nothing"}, "has no column 'nothing'; its columns are"),
    ],
)
def test_contradictions_are_refused(table: Table, said: dict[str, str], sentence: str) -> None:
    with pytest.raises(TableError, match=sentence):
        asked(table, **said)


def test_a_model_reads_another_table_as_its_own(table: Table) -> None:
    own = Reading(formula_column="formula", target="T", numbers=("Ni",), repeats="mean")
    assert reread(table, own, NOTHING_SAID) == own
    renamed = reread(table, own, NOTHING_SAID | {"formula_column": "route", "target": "Cr"})
    assert renamed == own.model_copy(update={"formula_column": "route", "target": "Cr"})


def test_another_unit_can_be_said_of_a_models_own_amounts(table: Table) -> None:
    own = Reading(mixture=Mixture(columns=("Fe", "Cr"), unit="at%"), target="T")
    found = reread(table, own, NOTHING_SAID | {"amounts_in": "wt%"})
    assert found.mixture == Mixture(columns=("Fe", "Cr"), unit="wt%")


def test_columns_that_are_not_there_are_named(tmp_path: Path) -> None:
    path = tmp_path / "alloys.csv"
    path.write_text(OXIDES)
    done = CliRunner().invoke(main, ["inspect", str(path), "--amounts", "Fe,Mo", "--amounts-in", "wt%"])
    assert done.exit_code == 2
    assert done.stderr.startswith("brnet: alloys.csv has no column 'Mo'; its columns are 'id', 'formula'")
