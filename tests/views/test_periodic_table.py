"""The periodic table: every element in its place, coloured by what it is given."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest

from brnet.materials.formulas.elements import ATOMIC_NUMBER, SYMBOLS
from brnet.materials.formulas.formula import read_formula
from brnet.materials.profile import Group
from brnet.materials.properties import Quantity
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

ENERGY = Quantity(label="formation energy", unit="eV/atom")
BULK = Quantity(label="bulk modulus", unit="GPa", log10=True)


def _said(figure: go.Figure) -> dict[str, str]:
    """Symbol -> what is told where the pointer is on it."""
    return {
        symbol: text
        for trace in figure.data
        for symbol, text in zip(trace.text, trace.hovertext, strict=True)
    }


def _fill(figure: go.Figure, symbol: str) -> tuple[int, ...]:
    """Red, green and blue of a cell."""
    fill = figure.layout.shapes[ATOMIC_NUMBER[symbol] - 1].fillcolor
    return tuple(int(part) for part in fill.removeprefix("rgb(").removesuffix(")").split(","))


def _means(**means: float) -> dict[str, Group]:
    return {symbol: Group(rows=5, mean=mean, deviation=0) for symbol, mean in means.items()}


def _words(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


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
    said = _said(periodic_table.coverage(counts))
    assert (said["Fe"], said["Cl"], said["He"]) == ("Fe: 2 rows", "Cl: 1 row", "He: none")


def test_the_error_of_an_element_is_the_mean_over_its_test_rows(make_report: Callable[..., Report]) -> None:
    report = make_report()
    said = _said(periodic_table.errors(report, report.network))
    mean = np.mean([abs(3.4 - 3.0), abs(1.4 - 1.0)])  # GaN and GaAs
    assert said["Ga"] == f"Ga: mean error {mean:.3f} eV<br>2 test rows"


def test_every_element_can_be_clicked_and_gives_its_symbol() -> None:
    figure = periodic_table.coverage({"Fe": 3, "O": 900})
    symbols = [symbol for trace in figure.data for symbol in trace.customdata]
    assert sorted(symbols) == sorted(SYMBOLS)
    assert periodic_table.clicked([{"curve_number": 1, "customdata": "Fe"}]) == "Fe"
    assert periodic_table.clicked([{"customdata": ["Fe"]}]) == "Fe"


def test_no_click_gives_no_symbol() -> None:
    assert periodic_table.clicked([]) == ""
    assert periodic_table.clicked([{"curve_number": 1}]) == ""


def test_a_click_fades_no_other_symbol() -> None:
    for trace in periodic_table.coverage({"Fe": 3, "O": 900}).data:
        assert trace.unselected.textfont.color == trace.selected.textfont.color == trace.textfont.color


def test_the_chosen_element_is_outlined_and_named() -> None:
    figure = periodic_table.coverage({"Fe": 3}, chosen="Fe")
    row, column = periodic_table.position(ATOMIC_NUMBER["Fe"])
    outlines = [shape for shape in figure.layout.shapes if shape.layer == "above"]
    assert {((shape.x0 + shape.x1) / 2, (shape.y0 + shape.y1) / 2) for shape in outlines} == {(column, row)}
    assert len({shape.line.color for shape in outlines}) == 2  # seen on light and on dark
    assert figure.layout.meta["alt"].endswith("Fe is chosen")


def test_nothing_is_outlined_where_nothing_is_chosen() -> None:
    assert not [s for s in periodic_table.coverage({"Fe": 3}).layout.shapes if s.layer == "above"]


def test_means_tell_value_unit_and_rows() -> None:
    assert _said(periodic_table.means(_means(Fe=-1.234), ENERGY))["Fe"] == (
        "Fe: mean −1.23 eV/atom<br>5 rows"
    )
    assert _said(periodic_table.means(_means(Fe=2.0), BULK))["Fe"].startswith("Fe: geometric mean 100 GPa")


def test_means_of_both_signs_are_white_at_zero_and_named_by_equal_ends() -> None:
    figure = periodic_table.means(_means(Fe=-2.0, O=0.0, Cu=1.0), ENERGY)
    assert _words(figure) == ["mean formation energy (eV/atom)", "−2.00", "2.00"]
    assert min(_fill(figure, "O")) > 240
    assert _fill(figure, "Fe")[2] > _fill(figure, "Fe")[0]  # blue
    assert _fill(figure, "Cu")[0] > _fill(figure, "Cu")[2]  # orange


@pytest.mark.parametrize("sign", [1, -1])
def test_means_of_one_sign_grow_darker_with_their_amount(sign: int) -> None:
    figure = periodic_table.means(_means(Fe=sign * 5.0, O=sign * 1.0), ENERGY)
    assert sum(_fill(figure, "Fe")) < sum(_fill(figure, "O"))


def test_of_classes_the_share_of_the_second_is_shown() -> None:
    figure = periodic_table.means(_means(Fe=0.9, O=0.1), Quantity(label="metal"), classes=("0", "1"))
    assert _words(figure) == ["share of metal", "10%", "90%"]


def test_means_that_are_no_numbers_are_drawn_all_the_same() -> None:
    figure = periodic_table.means(_means(Fe=float("inf"), O=float("nan"), Cu=-1e308), ENERGY)
    assert len(_fill(figure, "Fe")) == 3


def test_the_key_says_how_many_rows_the_colours_mean() -> None:
    assert _words(periodic_table.coverage({"Fe": 3, "O": 1204})) == ["rows with the element", "3", "1,204"]


def test_a_table_without_elements_is_empty() -> None:
    assert _said(periodic_table.coverage({}))["Fe"] == "Fe: none"
    assert _said(periodic_table.means({}, ENERGY))["Fe"] == "Fe: none"
