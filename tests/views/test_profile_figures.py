"""Charts of a dataset hold its rows, in the unit they name."""

import numpy as np
import pytest

from brnet.materials.families import FAMILIES
from brnet.materials.fingerprint import fingerprints
from brnet.materials.formulas.formula import read_formula
from brnet.materials.profile import Group
from brnet.materials.properties import Quantity
from brnet.materials.repeats import Repeats, find_repeats
from brnet.views import figures

GAP = Quantity(label="band gap", unit="eV", lower=0.0)
BULK = Quantity(label="bulk modulus", unit="GPa", log10=True)
METAL = Quantity(label="metal")


def _repeats(*rows: tuple[str, float]) -> Repeats:
    compositions = [read_formula(formula) for formula, _ in rows]
    values = np.array([value for _, value in rows], dtype=float)
    return find_repeats(fingerprints(compositions), values, compositions, is_class=False)


def test_a_histogram_counts_every_row() -> None:
    values = np.linspace(0, 5, 137)
    (bars,) = figures.histogram(values, Quantity(label="band gap", unit="eV")).data
    assert sum(bars.y) == 137


def test_a_histogram_of_classes_has_one_bar_a_class() -> None:
    (bars,) = figures.histogram(np.array([0.0, 1, 1]), Quantity(label="metal"), classes=("0", "1")).data
    assert (tuple(bars.x), tuple(bars.y)) == (("not metal", "metal"), (1, 2))


def test_a_logarithmic_histogram_says_how_many_rows_it_leaves_out() -> None:
    values = np.array([0.0, 0.0, 0.01, 1.0, 100.0])
    figure = figures.histogram(values, GAP, log_values=True)
    assert sum(figure.data[0].y) == 3
    assert figure.layout.meta["alt"].endswith("over 5 rows; 2 rows at or below zero are not drawn")
    assert figure.layout.xaxis.title.text == "band gap (eV)<br>2 rows at or below zero are not drawn"


def test_its_ticks_are_powers_of_ten_in_the_unit() -> None:
    axis = figures.histogram(np.array([0.01, 1.0, 100.0]), GAP, log_values=True).layout.xaxis
    ticks = dict(zip(axis.ticktext, axis.tickvals, strict=True))
    assert (ticks["0.01"], ticks["1"], ticks["100"]) == (-2, 0, 2)


def test_its_bars_name_their_ends_in_the_unit() -> None:
    (bars,) = figures.histogram(np.array([0.01, 1.0, 100.0]), GAP, log_values=True, bins=2).data
    assert bars.hovertext[0] == "0.0100 to 1.00 eV: 1 row"
    assert bars.hovertext[1] == "1.00 to 100 eV: 2 rows"


def test_a_table_of_logarithms_is_drawn_as_it_stands() -> None:
    values = np.array([-1.0, 0.0, 2.0])
    plain, logged = (figures.histogram(values, BULK, log_values=log) for log in (False, True))
    assert plain.data[0].x == logged.data[0].x
    assert logged.layout.xaxis.title.text == "log10 of bulk modulus (GPa)"


def test_only_zeros_leave_an_empty_logarithmic_histogram() -> None:
    assert sum(figures.histogram(np.zeros(4), GAP, log_values=True).data[0].y) == 0


def test_with_logarithmic_counts_a_bar_of_one_row_is_seen() -> None:
    axis = figures.histogram(np.array([1.0, 1.0, 9.0]), GAP, log_counts=True).layout.yaxis
    assert axis.type == "log"
    assert axis.range[0] < np.log10(1) < np.log10(2) < axis.range[1]


def test_highlighted_rows_share_the_bars_of_all_rows() -> None:
    values = np.linspace(0, 5, 100)
    every, some = figures.histogram(values, GAP, highlighted=values[::10], highlight="with Fe").data
    assert every.x == some.x
    assert (sum(every.y), sum(some.y)) == (100, 10)
    assert (every.name, some.name) == ("all rows", "rows with Fe")
    assert all(part <= whole for part, whole in zip(some.y, every.y, strict=True))


def test_highlighted_rows_of_classes_stand_before_their_class() -> None:
    values = np.array([0.0, 1, 1, 1])
    figure = figures.histogram(
        values, METAL, classes=("0", "1"), highlighted=np.array([1.0]), highlight="with Fe"
    )
    assert tuple(figure.data[1].y) == (0, 1)


def test_bars_that_hold_outliers_are_marked() -> None:
    values = np.append(np.linspace(0, 1, 99), 50.0)
    _, marks = figures.histogram(values, GAP, outliers=np.array([50.0])).data
    assert len(marks.x) == 1
    assert marks.hovertext[0] == "1 row far from the others"


@pytest.mark.parametrize("values", [[1e308, -1e308], [1e18] * 3, [7.0], [0.0, 0.0], [5e-324, 1e308]])
@pytest.mark.parametrize("log", [False, True])
def test_strange_values_can_be_drawn(values: list[float], log: bool) -> None:
    figure = figures.histogram(np.array(values), Quantity(label="x"), log_values=log)
    assert sum(figure.data[0].y) == sum(value > 0 or not log for value in values)


def test_sizes_have_one_bar_each() -> None:
    (bars,) = figures.element_numbers({1: 3, 2: 1200, 5: 7}).data
    assert (tuple(bars.x), tuple(bars.y)) == ((1, 2, 5), (3, 1200, 7))
    assert bars.text[1] == "1,200"


def test_the_commonest_family_is_on_top_and_tells_its_mean() -> None:
    groups = {
        "oxide": Group(rows=1204, mean=2.5, deviation=1),
        "metals": Group(rows=3, mean=0, deviation=0),
    }
    (bars,) = figures.families(groups, GAP).data
    assert bars.y[-1] == "Oxides"  # plotly draws the last bar on top
    assert bars.hovertext[-1].startswith("Oxides: 1,204 rows<br>mean 2.50 eV<br>")
    assert bars.customdata[-1] == "oxide"


def test_the_labels_of_families_leave_a_phone_room_for_bars() -> None:
    assert max(len(family.label) for family in FAMILIES.values()) <= 22


def test_spreads_count_every_repeated_composition() -> None:
    found = _repeats(("FeO", 0), ("FeO", 1), ("GaAs", 3), ("GaAs", 3), ("NaCl", 0), ("NaCl", 50), ("Cu", 1))
    (bars,) = figures.spreads(found, GAP).data
    assert sum(bars.y) == 3
    assert bars.hovertext[-1].endswith("and more, up to 50.0 eV: 1 composition")


def test_repeats_of_one_value_have_no_spread() -> None:
    (bars,) = figures.spreads(_repeats(("FeO", 1), ("FeO", 1)), GAP).data
    assert bars.y[0] == 1


def test_spreads_of_logarithms_carry_the_unit_of_the_logarithm() -> None:
    title = figures.spreads(_repeats(("FeO", 1), ("FeO", 2)), BULK).layout.xaxis.title.text
    assert title.endswith("(log10(GPa))")


def test_every_figure_has_words_and_no_ground() -> None:
    drawn = (
        figures.histogram(np.array([1.0, 2.0]), GAP),
        figures.element_numbers({1: 3}),
        figures.families({"oxide": Group(rows=1, mean=1, deviation=0)}, GAP),
        figures.spreads(_repeats(("FeO", 1), ("FeO", 2)), GAP),
    )
    for figure in drawn:
        assert figure.layout.meta["alt"]
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
