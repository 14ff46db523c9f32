"""What a trained network and the classical models are worth on rows they have not learned from."""

import math
import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version

import numpy as np

from brnet.errors import BrnetError
from brnet.models.baselines import fit_baseline
from brnet.models.budget import Sized
from brnet.models.predictor import Predictor
from brnet.training.experiment import Experiment
from brnet.training.loop import Fitted
from brnet.training.material import Material
from brnet.training.metrics import score
from brnet.training.report import Report, Row

CONFIDENCE = 0.9


def score_network(
    experiment: Experiment, material: Material, predictor: Predictor, sized: Sized, fitted: Fitted
) -> Row:
    scores, valid_scores, predictions = _scored(experiment, material, predictor.raw)
    return Row(
        name=experiment.architecture,
        kind="network",
        scores=scores,
        valid_scores=valid_scores,
        parameters=sized.n_parameters,
        seconds=fitted.seconds,
        predictions=predictions,
    )


def score_baseline(name: str, experiment: Experiment, material: Material, threads: int) -> Row:
    train, began = material.split.train, time.perf_counter()
    try:
        answer = fit_baseline(
            name,
            task=experiment.task,
            x=material.x[train],
            y=material.dataset.values[train],
            seed=experiment.seed,
            threads=threads,
        )
    except BrnetError as error:
        return Row(name=name, kind="baseline", scores={}, valid_scores={}, seconds=0.0, error=str(error))
    seconds = time.perf_counter() - began
    scores, valid_scores, predictions = _scored(experiment, material, answer)
    return Row(
        name=name,
        kind="baseline",
        scores=scores,
        valid_scores=valid_scores,
        seconds=seconds,
        predictions=predictions,
        note=answer.note,
    )


def _scored(
    experiment: Experiment, material: Material, answer: Callable[[np.ndarray], np.ndarray]
) -> tuple[dict[str, float], dict[str, float], tuple[float, ...]]:
    """Test scores, validation scores, test predictions; every model's values respect the same bounds."""
    scores = []
    predicted = np.empty(0)
    for rows in (material.split.valid, material.split.test):
        predicted = answer(material.x[rows])
        if experiment.task == "regression":
            predicted = experiment.quantity.bounded(predicted)
        scores.append(score(experiment.task, material.dataset.values[rows], predicted))
    return scores[1], scores[0], _rounded(predicted)


def _rounded(predicted: np.ndarray) -> tuple[float, ...]:
    """Six digits: what a plot or a table shows, in a third of the bytes."""
    return tuple(float(f"{value:.6g}") for value in predicted)


def build_report(
    experiment: Experiment,
    material: Material,
    sized: Sized,
    fitted: Fitted,
    predictor: Predictor,
    rows: Sequence[Row],
    device: str,
) -> Report:
    dataset, test = material.dataset, material.split.test
    actual = dataset.values[test]
    coverage = None
    if predictor.interval is not None:
        inside = np.abs(actual - np.array(rows[0].predictions)) <= predictor.interval
        coverage = float(inside.mean())
    return Report(
        experiment=experiment,
        dataset_name=dataset.name,
        n_rows=len(dataset),
        n_dropped=len(dataset.dropped),
        n_train=len(material.split.train),
        n_valid=len(material.split.valid),
        n_test=len(test),
        n_inputs=sized.n_inputs,
        n_parameters=sized.n_parameters,
        epochs=fitted.epochs,
        best_epoch=fitted.best_epoch,
        seconds=fitted.seconds,
        device=device,
        versions={name: version(name) for name in ("torch", "numpy", "scikit-learn")}
        | {"python": platform.python_version()},
        rows=tuple(rows),
        test_formulas=tuple(dataset.formulas[row] for row in test),
        test_values=tuple(actual.tolist()),
        classes=dataset.classes,
        interval=predictor.interval,
        interval_coverage=coverage,
        split_note=material.split.note,
        stopped=fitted.stopped,
    )


def conformal_half_width(residuals: np.ndarray, *, confidence: float = CONFIDENCE) -> float | None:
    """The half-width that covers a new value with the given confidence, from held-out residuals (n,).

    Split conformal prediction: the ⌈(n + 1) · confidence⌉-th smallest residual; None with too few rows.
    The validation rows also chose the best epoch, so the true coverage can lie a little lower: the report
    says what it was on the test rows.
    """
    rank = math.ceil((len(residuals) + 1) * confidence)
    return None if rank > len(residuals) else float(np.sort(residuals)[rank - 1])
