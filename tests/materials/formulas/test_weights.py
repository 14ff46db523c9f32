"""Atomic weights: pymatgen's, and shares of weight."""

import pytest
from pymatgen.core import Composition as PymatgenComposition
from pymatgen.core import Element

from brnet.materials.formulas.elements import SYMBOLS
from brnet.materials.formulas.formula import read_formula
from brnet.materials.formulas.weights import ATOMIC_WEIGHT, formula_weight, weight_percent

WITHOUT_STANDARD_WEIGHT = {"Po": 209, "Rn": 222}  # pymatgen has other isotopes


def test_the_weights_are_those_of_pymatgen() -> None:
    expected = {symbol: float(Element(symbol).atomic_mass) for symbol in SYMBOLS} | WITHOUT_STANDARD_WEIGHT
    assert expected == ATOMIC_WEIGHT


@pytest.mark.parametrize(
    ("symbol", "weight"),
    [("H", 1.008), ("Li", 6.94), ("S", 32.06), ("Zn", 65.38), ("Se", 78.971), ("Mo", 95.95), ("Yb", 173.05)],
)
def test_the_table_of_2021_is_close(symbol: str, weight: float) -> None:
    """Those that the commission has changed since 2005: doi 10.1515/pac-2019-0603, abridged."""
    assert pytest.approx(weight, rel=5e-4) == ATOMIC_WEIGHT[symbol]


@pytest.mark.parametrize("formula", ["Fe2O3", "Ca(OH)2", "Fe0.62C0.0009Ni0.19Co0.15"])
def test_shares_of_weight_are_those_of_pymatgen(formula: str) -> None:
    composition, expected = read_formula(formula), PymatgenComposition(formula)
    assert formula_weight(composition) == pytest.approx(float(expected.weight))
    shares = {symbol: 100 * expected.get_wt_fraction(symbol) for symbol in composition.elements}
    assert weight_percent(composition) == pytest.approx(shares)
