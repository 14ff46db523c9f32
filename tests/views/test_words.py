"""Numbers and times as people read them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from brnet.materials.properties import Quantity
from brnet.training.report import Report
from brnet.views import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.41234, "0.412"),
        (-1.5, "−1.50"),
        (12.34, "12.3"),
        (1234.5, "1,234"),
        (1.2345e-5, "1.23e−05"),
        (float("nan"), "–"),
    ],
)
def test_a_number_shows_three_significant_digits(value: float, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "under 1 s"), (8, "8 s"), (200, "3 min 20 s"), (3900, "1 h 05 min"), (183_600, "2 d 3 h")],
)
def test_a_duration_shows_its_two_largest_units(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("n", "text"), [(950, "950"), (200_000, "200 k"), (999_600, "1 M"), (4_548_385, "4.55 M")]
)
def test_a_budget_is_said_in_few_characters(n: int, text: str) -> None:
    assert words.parameters(n) == text


def test_a_moment_is_said_from_now() -> None:
    now = datetime(2030, 1, 2, 12, tzinfo=UTC)
    assert words.ago(now - timedelta(seconds=5), now=now) == "just now"
    assert words.ago(now - timedelta(minutes=12), now=now) == "12 min ago"
    assert words.ago(now - timedelta(days=3), now=now) == "on 30 December 2029"


def test_a_score_carries_the_unit_of_the_target_where_it_has_one() -> None:
    gap = Quantity(label="band gap", unit="eV")
    assert words.score("mae", 0.4123, gap) == "0.412 eV"
    assert words.score("r2", 0.91, gap) == "0.910"
    assert words.score("mae", 0.0758, Quantity(label="bulk modulus", unit="GPa", log10=True)) == (
        "0.0758 log10(GPa)"
    )


def test_a_score_says_on_which_rows_it_rests(make_report: Callable[..., Report]) -> None:
    assert words.basis(make_report()) == (
        "Scored on 4 test rows (held-out formulas), one seed (0); trained on 32, "
        "best epoch chosen on 4 validation rows."
    )


def test_the_methods_paragraph_names_data_network_split_and_scores(
    make_report: Callable[..., Report],
) -> None:
    text = words.methods(make_report())
    for fact in ("200,089", "gaps.csv", "held-out formulas (seed 0)", "32 were for training", "MAE 0.375 eV"):
        assert fact in text


def test_bare_classes_take_the_name_of_the_quantity() -> None:
    metal = Quantity(label="metal")
    assert [words.class_name(label, metal) for label in ("0", "1", "glass")] == [
        "not metal",
        "metal",
        "glass",
    ]


@pytest.mark.parametrize(
    ("value", "low", "high", "told"),
    [
        (1.6014, 0.92, 2.282, "1.60 eV"),
        (3.4e-05, 0.0, 0.681, "0.00 eV"),
        (-0.001, -0.7, 0.69, "0.00 eV"),
        (160.27, 103.0, 249.0, "160 eV"),
        (-0.3594, -0.538, -0.18, "−0.36 eV"),
        (12345.6, 10000.0, 15000.0, "12,300 eV"),
        (0.412, None, None, "0.412 eV"),
        (0.412, 0.412, 0.412, "0.412 eV"),
    ],
)
def test_a_prediction_has_no_more_digits_than_its_doubt_allows(
    value: float, low: float | None, high: float | None, told: str
) -> None:
    assert words.predicted(value, low, high, "eV") == told


def test_an_interval_is_told_to_the_same_digits() -> None:
    assert words.interval(0.0, 0.681, "eV") == "0.00 to 0.68 eV"
    assert words.interval(None, 0.681, "eV") == ""


def test_an_estimate_below_a_second_is_not_about_under_one() -> None:
    assert words.about(0.2) == "under 1 s"
    assert words.about(8.4) == "about 8 s"
