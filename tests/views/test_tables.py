"""Leaderboards and downloads as data frames."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from brnet.materials.properties import Quantity
from brnet.training.report import Report, Row
from brnet.views import tables
from brnet.zoo.lookup import Answer
from brnet.zoo.shelf import Shelved

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


def test_runs_of_other_quantities_are_not_comparable(make_report: MakeReport) -> None:
    other = make_report(quantity=Quantity(label="band gap", unit="meV"))
    assert "different quantities" in tables.comparable([make_report(), other])


def test_runs_on_other_rows_are_not(make_report: MakeReport) -> None:
    other = make_report((1.0, 2.0), (1.0, 2.0), (1.5, 1.5))
    assert tables.comparable([make_report(), other]).startswith(
        "These runs were scored on different test rows"
    )


def test_a_baseline_that_predicts_the_same_in_each_run_is_one_line(make_report: MakeReport) -> None:
    frame = tables.comparison({"first": make_report(), "second": make_report(seed=1)})
    assert sorted(zip(frame["run"], frame["model"], strict=True)) == [
        ("", "Training mean"),
        ("first", "BRNet"),
        ("second", "BRNet"),
    ]


def test_a_baseline_that_predicts_otherwise_names_its_run(make_report: MakeReport) -> None:
    other = make_report(baseline=(3.0, 3.0, 3.0, 3.0))
    labels = {line.label for line in tables.contenders({"first": make_report(), "second": other})}
    assert labels == {"first", "second", "Training mean (first)", "Training mean (second)"}


def test_a_baseline_is_listed_once_for_each_thing_that_it_says(make_report: MakeReport) -> None:
    other = make_report(baseline=(3.0, 3.0, 3.0, 3.0))
    reports = {"first": make_report(), "second": make_report(), "third": other}
    labels = [line.label for line in tables.contenders(reports) if line.row.kind == "baseline"]
    assert sorted(labels) == ["Training mean (first)", "Training mean (third)"]


def test_a_run_is_called_by_no_more_words_than_tell_it_apart(make_report: MakeReport) -> None:
    first, second = make_report(), make_report(seed=1)
    assert tables.titles({"abc": first}) == {"abc": "BRNet 200 k"}
    assert tables.titles({"abc": first, "def": second})["def"] == "BRNet 200 k, seed 1"
    assert tables.titles({"abc": first, "def": first})["def"] == "BRNet 200 k, seed 0, def"


def _shelved(report: Report) -> Shelved:
    return Shelved(name="gaps", title="Gaps", folder=Path(), pretrained=False, report=report, card="")


def test_answers_show_only_the_columns_that_say_something(make_report: MakeReport) -> None:
    given = [
        Answer(formula="GaN", value=3.0, low=2.5, high=4.0, unit="eV"),
        Answer(formula="Xx2", error="No."),
    ]
    frame = tables.answers([(_shelved(make_report()), given)])
    assert list(frame.columns) == ["formula", "value", "90 % from", "90 % to", "unit", "refused because"]


def test_the_probability_is_that_of_the_class_named(make_report: MakeReport) -> None:
    report = make_report(
        (0, 1), (0.2, 0.9), (0.5, 0.5), task="classification", quantity=Quantity(label="metal")
    )
    frame = tables.answers([(_shelved(report), [Answer(formula="GaN", text="0", probability=0.1)])])
    assert (frame["class"][0], frame["probability"][0]) == ("not metal", 0.9)


def test_a_downloaded_cell_is_no_formula_of_a_spreadsheet() -> None:
    frame = pd.DataFrame({"note": ["=1+1"], "value": [-2.5]})
    assert tables.csv_bytes(frame).decode().splitlines() == ["note,value", "'=1+1,-2.5"]
