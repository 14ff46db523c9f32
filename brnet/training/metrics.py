"""How good predictions are: the metrics, their names, and which way is better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from brnet.errors import ExperimentError
from brnet.training.experiment import Task

THRESHOLD = 0.5  # a probability from here on counts as class 1


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One way to score; `unit_of_target` says that its value carries the unit of the target."""

    name: str
    label: str
    task: Task
    better: Literal["lower", "higher"]
    unit_of_target: bool = False


_ALL = (
    Metric(name="mae", label="MAE", task="regression", better="lower", unit_of_target=True),
    Metric(name="rmse", label="RMSE", task="regression", better="lower", unit_of_target=True),
    Metric(name="r2", label="R²", task="regression", better="higher"),
    Metric(name="max_error", label="Largest error", task="regression", better="lower", unit_of_target=True),
    Metric(name="balanced_accuracy", label="Balanced accuracy", task="classification", better="higher"),
    Metric(name="roc_auc", label="ROC-AUC", task="classification", better="higher"),
    Metric(name="accuracy", label="Accuracy", task="classification", better="higher"),
    Metric(name="f1", label="F1", task="classification", better="higher"),
    Metric(name="precision", label="Precision", task="classification", better="higher"),
    Metric(name="recall", label="Recall", task="classification", better="higher"),
    Metric(name="mcc", label="Matthews correlation", task="classification", better="higher"),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
HEADLINE: dict[Task, str] = {"regression": "mae", "classification": "balanced_accuracy"}


def score(task: Task, actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Every metric of the task that these rows define.

    actual, predicted: (n,). For classification `actual` holds 0 and 1 and `predicted` is P(class 1).
    R² is left out when the actual values are all equal or fewer than two; ROC-AUC, balanced accuracy and
    the Matthews correlation are left out when a class is missing. Raises ExperimentError when there
    is no row, when the lengths differ, when a number is missing or infinite.
    """
    actual, predicted = np.asarray(actual, dtype=float), np.asarray(predicted, dtype=float)
    _check(actual, predicted)
    return _SCORERS[task](actual, predicted)


def _check(actual: np.ndarray, predicted: np.ndarray) -> None:
    if actual.ndim != 1 or actual.shape != predicted.shape:
        raise ExperimentError(
            f"Predictions of shape {predicted.shape} do not match actual values of shape {actual.shape}; "
            "score one number per row."
        )
    if not len(actual):
        raise ExperimentError("There is no row to score; give the split at least one.")
    for words, values in (("actual values", actual), ("predictions", predicted)):
        broken = int(np.count_nonzero(~np.isfinite(values)))
        if broken:
            raise ExperimentError(
                f"{broken} of {len(values)} {words} are not finite numbers, so they cannot be scored; "
                "look for overflow in the inputs or lower the learning rate."
            )


def _score_regression(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    from sklearn import metrics

    scores = {
        "mae": metrics.mean_absolute_error(actual, predicted),
        "rmse": metrics.root_mean_squared_error(actual, predicted),
        "max_error": metrics.max_error(actual, predicted),
    }
    if np.ptp(actual) > 0:
        scores["r2"] = metrics.r2_score(actual, predicted)
    return _in_order(scores)


def _score_classification(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    from sklearn import metrics

    truth, said = actual > THRESHOLD, predicted >= THRESHOLD
    scores = {
        "accuracy": metrics.accuracy_score(truth, said),
        "f1": metrics.f1_score(truth, said, zero_division=0.0),
        "precision": metrics.precision_score(truth, said, zero_division=0.0),
        "recall": metrics.recall_score(truth, said, zero_division=0.0),
    }
    if truth.any() and not truth.all():
        scores["balanced_accuracy"] = metrics.balanced_accuracy_score(truth, said)
        scores["roc_auc"] = metrics.roc_auc_score(truth, predicted)
        scores["mcc"] = metrics.matthews_corrcoef(truth, said)
    return _in_order(scores)


def _in_order(scores: dict[str, float]) -> dict[str, float]:
    """Plain floats in the order of METRICS, so that tables and JSON always read alike."""
    return {name: float(scores[name]) for name in METRICS if name in scores}


_SCORERS: dict[Task, Callable[[np.ndarray, np.ndarray], dict[str, float]]] = {
    "regression": _score_regression,
    "classification": _score_classification,
}
