"""Numbers as people write them, compared with what Python reads."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brnet.materials.tables.numerals import (
    is_number,
    number_text,
    points_for_commas,
    to_numbers,
    uncertainty_note,
)


def read(*cells: str) -> list[float]:
    return to_numbers(pd.Series(cells, dtype=object)).tolist()


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (" 2 ", 2.0),
        ("1e-3", 1e-3),
        ("−3.4", -3.4),
        ("–3.4", -3.4),
        ("1.2×10^-3", 1.2e-3),
        ("1.2 x 10^3", 1.2e3),
        ("−1.2·10⁻³", -1.2e-3),
        ("1.2*10**4", 1.2e4),
        ("10⁵", 1e5),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("3.4(2)", 3.4),
        ("3.4(12)e-3", 3.4e-3),
        ("3.4±0.2", 3.4),
        ("−3.4 +/- 0.2", -3.4),
        ("inf", math.inf),
    ],
)
def test_numbers_are_read_as_people_write_them(cell: str, number: float) -> None:
    assert read(cell, "x")[0] == number
    assert is_number(cell) == math.isfinite(number)


@pytest.mark.parametrize(
    "cell", ["", "x", "<0.1", "~3", "3.4 eV", "1,234", "1.2×10-3", "1_0", "１", "5²", "3.4(x)", "- 5", "GaAs"]
)
def test_what_could_mean_something_else_is_no_number(cell: str) -> None:
    assert np.isnan(read(cell)[0])
    assert not is_number(cell)


@given(st.lists(st.floats(allow_nan=False), min_size=1), st.sampled_from(["1", "x", "−1"]))
def test_every_float_is_read_exactly(numbers: list[float], neighbour: str) -> None:
    assert read(*map(repr, numbers), neighbour)[:-1] == numbers


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_no_text_stops_the_reader(cells: list[str]) -> None:
    assert len(read(*cells)) == len(cells)


def test_blanks_without_end_take_no_time() -> None:
    assert np.isnan(read(" " * 100_000 + "x", "-" * 100_000, "1" * 50 + " " * 100_000 + "x")).all()


@given(st.floats(allow_nan=False))
def test_the_text_of_a_number_reads_back_equal(number: float) -> None:
    text = number_text(number)
    assert float(text) == number
    assert not text.endswith(".0")


def test_what_is_no_number_has_no_text() -> None:
    assert number_text(math.nan) == ""


def test_uncertainties_are_counted_and_the_first_is_named() -> None:
    cells = pd.Series(["1.4", "3.4(2)", "8.5 ± 0.1", "x (2)"], index=[2, 3, 5, 6], name="gap")
    assert (
        uncertainty_note(cells)
        == "2 numbers in 'gap' read without uncertainty, the first on line 3, '3.4(2)'."
    )
    assert uncertainty_note(cells.iloc[:1]) == ""


def changed(*cells: str, doubtful: bool) -> list[str]:
    array = np.array(cells, dtype=object)
    points_for_commas(array, doubtful=doubtful)
    return array.tolist()


def test_decimal_commas_become_points() -> None:
    assert changed("3,4", "1.234,5", "x,y", "1,2e3", doubtful=False) == ["3.4", "1234.5", "x,y", "1.2e3"]


@pytest.mark.parametrize("cells", [("1,234", "5,678"), ("1,234", "3.4"), ("3,42", "3.4")])
def test_commas_that_may_be_for_thousands_are_left(cells: tuple[str, ...]) -> None:
    assert changed(*cells, doubtful=True) == list(cells)


def test_one_sure_decimal_comma_decides_about_the_others() -> None:
    assert changed("1,234", "3,42", doubtful=True) == ["1.234", "3.42"]
