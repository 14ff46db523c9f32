"""Scores agree with their definitions, and what rows cannot define is left out or refused."""

import math

import numpy as np
import pytest

from brnet.errors import ExperimentError
from brnet.training.metrics import HEADLINE, METRICS, score

ACTUAL = np.array([0.0, 1.0, 2.0, 5.0])
PREDICTED = np.array([0.5, 1.0, 1.0, 4.0])
TRUTH = np.array([1, 1, 1, 0, 0, 0, 0, 0])
CHANCE = np.array([0.9, 0.5, 0.2, 0.6, 0.4, 0.3, 0.2, 0.1])  # 2 of 3 hits, 4 of 5 rejections


def test_regression_scores_follow_their_definitions() -> None:
    scores = score("regression", ACTUAL, PREDICTED)
    assert scores == pytest.approx(
        {"mae": 2.5 / 4, "rmse": math.sqrt(2.25 / 4), "r2": 1 - 2.25 / 14, "max_error": 1.0}
    )


def test_classification_scores_follow_their_definitions() -> None:
    hits, false_alarms, misses, rejections = 2, 1, 1, 4
    scores = score("classification", TRUTH, CHANCE)
    assert scores == pytest.approx(
        {
            "balanced_accuracy": (2 / 3 + 4 / 5) / 2,
            "roc_auc": 10.5 / 15,  # pairs of a positive and a negative in the right order, a tie counts half
            "accuracy": 6 / 8,
            "f1": 2 / 3,
            "precision": 2 / 3,
            "recall": 2 / 3,
            "mcc": (hits * rejections - false_alarms * misses) / math.sqrt(3 * 3 * 5 * 5),
        }
    )


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_every_score_is_in_the_table_of_metrics(task: str) -> None:
    names = [name for name, metric in METRICS.items() if metric.task == task]
    rows = (ACTUAL, PREDICTED) if task == "regression" else (TRUTH, CHANCE)
    assert list(score(task, *rows)) == names
    assert HEADLINE[task] in names


def test_the_better_value_is_the_one_the_table_says() -> None:
    good, bad = score("regression", ACTUAL, PREDICTED), score("regression", ACTUAL, PREDICTED + 2)
    for name, metric in METRICS.items():
        if metric.task == "regression":
            assert (good[name] < bad[name]) == (metric.better == "lower"), name


def test_a_missing_class_leaves_out_what_it_does_not_define() -> None:
    scores = score("classification", np.ones(3), np.array([0.9, 0.8, 0.1]))
    assert scores == pytest.approx({"accuracy": 2 / 3, "f1": 0.8, "precision": 1.0, "recall": 2 / 3})


def test_no_positive_prediction_scores_zero_precision() -> None:
    assert score("classification", TRUTH, np.zeros(8))["precision"] == 0


def test_r2_is_left_out_where_the_actual_values_are_equal() -> None:
    scores = score("regression", np.full(3, 2.0), np.array([1.0, 2.0, 3.0]))
    assert scores.keys() == {"mae", "rmse", "max_error"}


def test_scores_are_plain_floats_for_json() -> None:
    assert all(type(value) is float for value in score("classification", TRUTH, CHANCE).values())


@pytest.mark.parametrize(
    ("actual", "predicted", "sentence"),
    [
        ([1.0, 2.0], [1.0, math.nan], "1 of 2 predictions are not finite numbers"),
        ([math.inf, 2.0], [1.0, 1.0], "1 of 2 actual values are not finite numbers"),
        ([], [], "There is no row to score; give the split at least one."),
        ([1.0, 2.0], [1.0], "Predictions of shape (1,) do not match actual values of shape (2,)"),
    ],
)
def test_unscorable_rows_are_refused(actual: list[float], predicted: list[float], sentence: str) -> None:
    with pytest.raises(ExperimentError) as refusal:
        score("regression", np.array(actual), np.array(predicted))
    assert sentence in str(refusal.value)
