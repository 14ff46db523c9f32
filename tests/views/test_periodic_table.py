"""The periodic table: every element in its place, coloured by what it is given."""

from collections.abc import Callable

import numpy as np
import pytest

from brnet.materials.elements import ATOMIC_NUMBER, SYMBOLS
from brnet.materials.formula import read_formula
from brnet.training.report import Report
from brnet.views import periodic_table

GROUPS = {
    "H": 1,
    "He": 18,
    "Be": 2,
    "B": 13,
    "Cl": 17,
    "Sc": 3,
    "Zn": 12,
    "Ga": 13,
    "Tc": 7,
    "Hf": 4,
    "Og": 18,
}


@pytest.mark.parametrize(("symbol", "group"), GROUPS.items())
def test_an_element_stands_in_its_group(symbol: str, group: int) -> None:
    assert periodic_table.position(ATOMIC_NUMBER[symbol])[1] == group


@pytest.mark.parametrize(("symbol", "period"), {"H": 1, "Ne": 2, "K": 4, "Xe": 5, "Au": 6, "Og": 7}.items())
def test_an_element_stands_in_its_period(symbol: str, period: int) -> None:
    assert periodic_table.position(ATOMIC_NUMBER[symbol])[0] == period


def test_no_two_elements_share_a_place() -> None:
    assert len({periodic_table.position(number) for number in ATOMIC_NUMBER.values()}) == len(SYMBOLS)


def test_coverage_counts_the_rows_that_hold_an_element() -> None:
    counts = periodic_table.element_counts([read_formula(text) for text in ("Fe2O3", "FeO", "NaCl")])
    assert counts == {"O": 2, "Fe": 2, "Na": 1, "Cl": 1}
    (cells,) = periodic_table.coverage(counts).data
    said = dict(zip(cells.text, cells.hovertext, strict=True))
    assert (said["Fe"], said["Cl"], said["He"]) == ("Fe: 2 rows", "Cl: 1 row", "He: none")


def test_the_error_of_an_element_is_the_mean_over_its_test_rows(make_report: Callable[..., Report]) -> None:
    report = make_report()
    (cells,) = periodic_table.errors(report, report.network).data
    said = dict(zip(cells.text, cells.hovertext, strict=True))
    mean = np.mean([abs(3.4 - 3.0), abs(1.4 - 1.0)])  # GaN and GaAs
    assert said["Ga"] == f"Ga: mean error {mean:.3f} eV<br>2 test rows"
