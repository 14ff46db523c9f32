"""Leaderboards and downloads as data frames."""

from collections.abc import Callable

import pandas as pd

from brnet.training.report import Report, Row
from brnet.views import tables
from brnet.zoo.lookup import Answer

MakeReport = Callable[..., Report]


def test_a_leaderboard_is_best_first_with_units_in_its_header(make_report: MakeReport) -> None:
    report = make_report()
    frame = tables.leaderboard(report.rows[::-1], task="regression", quantity=report.experiment.quantity)
    assert list(frame["model"]) == ["BRNet", "Training mean"]
    assert list(frame.columns[2:5]) == ["MAE (eV)", "RMSE (eV)", "R²"]


def test_a_model_that_could_not_be_fitted_stands_last_with_its_reason(make_report: MakeReport) -> None:
    report = make_report()
    failed = Row(name="knn", kind="baseline", scores={}, valid_scores={}, seconds=0, error="Too many rows.")
    frame = tables.leaderboard((failed, *report.rows), task="regression", quantity=report.experiment.quantity)
    assert frame.iloc[-1]["why there is no score"] == "Too many rows."


def test_runs_on_the_same_rows_are_comparable(make_report: MakeReport) -> None:
    assert tables.comparable([make_report(), make_report(seed=1)]) == ""


def test_runs_on_other_rows_are_not(make_report: MakeReport) -> None:
    other = make_report((1.0, 2.0), (1.0, 2.0), (1.5, 1.5))
    assert tables.comparable([make_report(), other]).startswith(
        "These runs were scored on different test rows"
    )


def test_a_comparison_names_the_run_of_each_line(make_report: MakeReport) -> None:
    frame = tables.comparison({"first": make_report(), "second": make_report(seed=1)})
    assert sorted(frame["run"]) == ["first", "first", "second", "second"]


def test_answers_show_only_the_columns_that_say_something() -> None:
    given = [
        Answer(formula="GaN", value=3.0, low=2.5, high=4.0, unit="eV"),
        Answer(formula="Xx2", error="No."),
    ]
    frame = tables.answers([("gaps", given)], several=False)
    assert list(frame.columns) == ["formula", "value", "90 % from", "90 % to", "unit", "refused because"]


def test_a_downloaded_cell_is_no_formula_of_a_spreadsheet() -> None:
    frame = pd.DataFrame({"note": ["=1+1"], "value": [-2.5]})
    assert tables.csv_bytes(frame).decode().splitlines() == ["note,value", "'=1+1,-2.5"]
