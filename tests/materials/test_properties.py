"""Quantities: recognised from words, kept within physics."""

import numpy as np
import pytest

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
    ],
)
def test_headers_and_table_names_announce_the_quantity(
    column: str, table: str, label: str, unit: str, log10: bool
) -> None:
    quantity = guess_quantity(column, table_name=table)
    assert (quantity.label, quantity.unit, quantity.log10) == (label, unit, log10)


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
