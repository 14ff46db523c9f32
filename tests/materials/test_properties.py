"""Quantities: recognised from words, kept within physics."""

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from brnet.materials.properties import BAND_GAP, Quantity, guess_quantity


@pytest.mark.parametrize(
    ("column", "table", "label", "unit", "log10"),
    [
        ("target", "matbench_expt_gap", "band gap", "eV", False),
        ("target", "matbench_log_kvrh", "bulk modulus", "GPa", True),
        ("target", "matbench_mp_e_form", "formation energy", "eV/atom", False),
        ("gap (eV)", "anything", "band gap", "eV", False),
        ("hardness [GPa]", "matbench_expt_gap", "hardness", "GPa", False),
        ("Tc", "table", "critical temperature", "K", False),
        ("colour", "table", "colour", "", False),
        ("catalyst", "table", "catalyst", "", False),
        ("target (eV)", "matbench_expt_gap.csv", "band gap", "eV", False),
        ("target", "matbench_dielectric", "refractive index", "", False),
        ("dielectric_constant", "table", "dielectric_constant", "", False),
        ("glass_transition_temperature", "table", "glass_transition_temperature", "", False),
        ("deformation (%)", "table", "deformation", "%", False),
        ("synthesis yield (%)", "table", "synthesis yield", "%", False),
        ("kappa (W/(m K))", "table", "kappa", "W/(m K)", False),
        ("gap (2)", "table", "band gap", "eV", False),
    ],
)
def test_headers_and_table_names_announce_the_quantity(
    column: str, table: str, label: str, unit: str, log10: bool
) -> None:
    quantity = guess_quantity(column, table_name=table)
    assert (quantity.label, quantity.unit, quantity.log10) == (label, unit, log10)


@pytest.mark.parametrize(
    ("column", "table"),
    [
        ("elongation", "steels.csv"),
        ("density", "bandgap.csv"),
        ("Hc2", "supercon.csv"),
        ("e_above_hull", "mp_e_form.csv"),
    ],
)
def test_a_header_that_says_something_is_not_overruled_by_the_table(column: str, table: str) -> None:
    assert guess_quantity(column, table_name=table) == Quantity(label=column)


@pytest.mark.parametrize(
    ("column", "axis"),
    [
        ("log10(K_VRH)", "bulk modulus (GPa)"),
        ("log10(K_VRH) (GPa)", "bulk modulus (GPa)"),
        ("log10(K_VRH (GPa))", "bulk modulus (GPa)"),
        ("bulk modulus (log10(GPa))", "bulk modulus (GPa)"),
        ("log_kvrh", "bulk modulus (GPa)"),
        ("bulk_modulus_log", "bulk modulus (GPa)"),
        ("log10 Tc", "critical temperature (K)"),
        ("log_band_gap", "band gap (eV)"),
        ("log_thermal_conductivity", "thermal conductivity (W/m/K)"),
        ("log_hardness", "hardness"),
    ],
)
def test_logarithms_are_recognised_and_have_no_bounds(column: str, axis: str) -> None:
    quantity = guess_quantity(column)
    assert (quantity.axis, quantity.log10, quantity.lower, quantity.upper) == (axis, True, None, None)


def test_bounds_hold_only_in_the_unit_they_were_set_for() -> None:
    assert guess_quantity("Tc (K)").lower == 0.0
    assert guess_quantity("Tc (°C)").lower is None


@pytest.mark.parametrize(
    ("lower", "upper", "sentence"),
    [
        (float("-inf"), None, "The bound -inf of 'gap' is not finite; leave it out."),
        (None, float("nan"), "The bound nan of 'gap' is not finite; leave it out."),
        (5.0, 1.0, "The lower bound 5 of 'gap' is not below the upper one, 1; exchange them"),
        (1.0, 1.0, "The lower bound 1 of 'gap' is not below the upper one, 1;"),
    ],
)
def test_impossible_bounds_are_refused(lower: float | None, upper: float | None, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Quantity(label="gap", lower=lower, upper=upper)


def test_a_changed_copy_is_checked_where_it_is_used() -> None:
    class Question(BaseModel):
        quantity: Quantity

    with pytest.raises(ValidationError, match="is not below the upper one"):
        Question(quantity=BAND_GAP.model_copy(update={"upper": -1.0}))


def test_values_outside_the_bounds_are_not_allowed() -> None:
    assert BAND_GAP.allows(np.array([-0.3, 0.0, 1.2])).tolist() == [False, True, True]


def test_a_gap_is_never_negative() -> None:
    np.testing.assert_array_equal(BAND_GAP.shown(np.array([-0.3, 1.2])), [0.0, 1.2])
    np.testing.assert_array_equal(BAND_GAP.bounded(np.array([-0.3, 1.2])), [0.0, 1.2])


def test_logarithms_are_shown_in_the_unit() -> None:
    modulus = Quantity(label="bulk modulus", unit="GPa", log10=True)
    np.testing.assert_allclose(modulus.shown(np.array([2.0])), [100.0])
    np.testing.assert_array_equal(modulus.bounded(np.array([-2.0])), [-2.0])


def test_an_axis_names_its_unit() -> None:
    assert BAND_GAP.axis == "band gap (eV)"
    assert Quantity(label="metal").axis == "metal"
