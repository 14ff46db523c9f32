"""Sentences about a dataset say its numbers, with their unit."""

import numpy as np
import pytest

from brnet.materials.dataset import build_dataset
from brnet.materials.profile import Group, Profile, profile
from brnet.materials.properties import Quantity
from brnet.materials.reading import Reading
from brnet.materials.tables.files import read_table
from brnet.views import profile_words

ENERGY = Quantity(label="formation energy", unit="eV/atom")
BULK = Quantity(label="bulk modulus", unit="GPa", log10=True)
METAL = Quantity(label="metal")


def told(rows: str, quantity: Quantity = ENERGY, *, classes: tuple[str, ...] = (), **read_as) -> str:
    return "\n".join(profile_words.sentences(found(rows, **read_as), quantity, classes=classes))


def found(rows: str, **read_as) -> Profile:
    reading = Reading(**({"formula_column": "formula", "target": "y", "task": "regression"} | read_as))
    return profile(build_dataset(read_table(f"formula,y\n{rows}".encode(), name="t.csv"), reading))


def test_the_noise_floor_is_said_with_its_unit_and_its_basis() -> None:
    rows = "".join(f"Fe2O3,{value}\n" for value in np.linspace(-1, 1, 40)) + "GaAs,-9\nNaCl,8\n"
    assert told(rows).splitlines()[0] == (
        "40 of the 42 rows repeat a composition with other values: no model that sees only the composition "
        "can have a mean absolute error below 0.488 eV/atom on these rows, 0.512 eV/atom on those that "
        "repeat, or an R² above 0.92."
    )


def test_a_floor_on_few_rows_says_so() -> None:
    assert "Only 2 rows repeat a composition: too few to rely on this." in told("FeO,1\nFeO,2\nGaAs,3\n")


def test_a_floor_of_logarithms_has_the_unit_of_the_logarithm() -> None:
    assert "below 0.333 log10(GPa)" in told("FeO,1\nFeO,2\nGaAs,3\n", BULK)


def test_repeats_with_one_value_say_nothing_of_noise() -> None:
    assert told("FeO,1\nFeO,1\nGaAs,3\n").startswith("One composition repeats, always with the same value.")


def test_without_repeats_the_noise_is_unknown() -> None:
    assert told("FeO,1\nGaAs,3\n").startswith("No composition repeats")


def test_merged_rows_hide_their_spread() -> None:
    text = told("FeO,1\nFeO,2\nGaAs,3\n", repeats="mean")
    assert "1 row of repeated compositions was merged into others or left out" in text


def test_of_classes_the_best_share_is_said() -> None:
    rows = "".join(f"Fe{n}O,yes\nFe{n}O,{'no' if n == 1 else 'yes'}\n" for n in range(1, 30))
    text = told(rows, METAL, classes=("no", "yes"), task="classification")
    assert text.splitlines()[0] == (
        "2 of the 58 rows have a composition that occurs with both classes: no model that sees only the "
        "composition can have an accuracy above 0.99 on these rows."
    )
    assert "98\u00a0% of the 58 rows are of the class 'yes'." in text


def test_a_bound_close_to_one_is_not_rounded_to_one() -> None:
    rows = "".join(f"Fe{n}O,yes\n" for n in range(1, 1000)) + "FeO,no\n"
    assert "accuracy above 0.999 on these rows" in told(rows, METAL, task="classification")


def test_the_range_and_the_middle_half_are_said_in_the_unit() -> None:
    assert "The values run from 10.0 to 1,000 GPa; the median is 100" in told("FeO,1\nGaAs,2\nCu,3\n", BULK)


def test_many_zeros_are_said() -> None:
    assert "50\u00a0% of the values are exactly zero (2 rows)." in told("FeO,0\nGaAs,0\nCu,3\nNaCl,4\n")


def test_values_over_decades_suggest_their_logarithm() -> None:
    rows = "".join(f"Fe{n}O,{10 ** (n / 10):.6g}\n" for n in range(1, 40))
    assert "All values are positive and span 3.8 decades" in told(rows)
    assert "decades" not in told(rows, BULK)


def test_the_commonest_families_are_named() -> None:
    assert "families are oxides (50\u00a0%), halides (25\u00a0%) and pnictides (25\u00a0%)." in told(
        "FeO,0\nGaAs,1\nCu2O,3\nNaCl,4\n"
    )
    assert "All rows are of one family: oxides." in told("FeO,0\nMgO,1\n")


def test_a_family_of_two_names_reads_as_one_in_a_list() -> None:
    assert "and oxysalts and oxyhalides (50" in told("CaCO3,0\nGaAs,1\n")


@pytest.mark.parametrize(
    ("quantity", "classes", "text"),
    [
        (ENERGY, (), "mean 0.500 eV/atom"),
        (BULK, (), "geometric mean 3.16 GPa"),
        (METAL, ("0", "1"), "50\u00a0% metal"),
    ],
)
def test_the_mean_of_a_group_is_said_as_it_was_taken(
    quantity: Quantity, classes: tuple[str, ...], text: str
) -> None:
    assert profile_words.mean(Group(rows=3, mean=0.5, deviation=0), quantity, classes=classes) == text


def test_a_dataset_without_compositions_has_its_values_only() -> None:
    table = read_table(b"a,y\n1,2.5\n2,3.5\n", name="t.csv")
    dataset = build_dataset(table, Reading(target="y", numbers=("a",), task="regression"))
    assert len(profile_words.sentences(profile(dataset), ENERGY)) == 1
