"""The one place where the parts meet: a question and a table in, events and at last a predictor out."""

import csv
import io
import math
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from brnet.disk import write_whole
from brnet.errors import BrnetError, ExperimentError
from brnet.materials.dataset import Dataset, build_dataset, spreadsheet_safe
from brnet.materials.features import FEATURES, featurise
from brnet.materials.splits import Split, split
from brnet.materials.table import Table
from brnet.models.architecture import ARCHITECTURES
from brnet.models.baselines import BASELINES, fit_baseline
from brnet.models.budget import Sized, size
from brnet.models.files import save_predictor
from brnet.models.network import Network
from brnet.models.predictor import Predictor
from brnet.models.scaling import InputScaling, TargetScaling, fit_inputs, fit_target
from brnet.training.events import Began, Event, Finished, RowScored
from brnet.training.experiment import Experiment
from brnet.training.loop import Fitted, Rows, fit
from brnet.training.metrics import score
from brnet.training.recipe import RECIPES, Recipe
from brnet.training.report import Report, Row

CONFIDENCE = 0.9
# Floating-point operations of a step from which a second thread pays: 200 k parameters at batch 128 (1.5e8)
# took 5.1 ms on one thread and 5.2 to 15 on two, 600 k at 512 (1.8e9) 28 on one and 18 to 22 on two.
THREADS_PAY_FROM = 5e8


def check(experiment: Experiment) -> None:
    """Raises ExperimentError where a name in the question is not in its table, or stands there twice."""
    choices: tuple[tuple[str, str, Mapping[str, object]], ...] = (
        ("architecture", experiment.architecture, ARCHITECTURES),
        ("recipe", experiment.recipe, RECIPES),
        *(("feature set", name, FEATURES) for name in experiment.features),
        *(("baseline", name, BASELINES) for name in experiment.baselines),
    )
    for what, name, table in choices:
        if name not in table:
            raise ExperimentError(f"There is no {what} {name!r}; choose one of {', '.join(table)}.")
    for what, names in (("feature set", experiment.features), ("baseline", experiment.baselines)):
        if len(set(names)) < len(names):
            raise ExperimentError(f"A {what} is named twice in {', '.join(names)}; name each once.")
    if not experiment.features:
        raise ExperimentError(f"No features were chosen; choose at least one of {', '.join(FEATURES)}.")


def conduct(
    experiment: Experiment,
    table: Table,
    *,
    device: str = "auto",
    threads: int = 0,
    should_finish: Callable[[], bool] = lambda: False,
    resume: Mapping[str, Any] | None = None,
) -> Iterator[Event]:
    """Train and judge what the experiment asks for.

    `threads` of 0 leaves torch's own number. `should_finish` turned true ends training, keeps the best
    epoch and leaves out the baselines not yet fitted. `resume` is the state of an earlier Checkpointed event.
    Raises BrnetError with a sentence where the question cannot be answered.
    """
    check(experiment)
    threads = threads or torch.get_num_threads()
    material = prepare(experiment, table)
    sized = size(
        ARCHITECTURES[experiment.architecture], n_inputs=material.x.shape[1], parameters=experiment.parameters
    )
    recipe = RECIPES[experiment.recipe]
    place = torch.device(_device(device))
    torch.set_num_threads(_threads(sized, recipe, material, most=threads))
    epochs = experiment.epochs or recipe.epochs_for(len(material.split.train))
    yield _began(material, sized, epochs=epochs, place=place)

    torch.manual_seed(experiment.seed)  # dropout draws from torch's own generator
    generator = torch.Generator().manual_seed(experiment.seed)
    network = Network(recipe.applied_to(sized.architecture), sized.n_inputs, generator=generator).to(place)
    inputs, target = _scalings(material, recipe)
    fitted = yield from fit(
        network,
        _rows(material, material.split.train, inputs, target, place),
        _rows(material, material.split.valid, inputs, target, place),
        recipe=recipe,
        task=experiment.task,
        epochs=epochs,
        generator=generator,
        unit=target.scale,
        should_finish=should_finish,
        resume=resume,
    )
    predictor = _predictor(experiment, material, network.eval(), inputs, target)
    rows = [_score_network(experiment, material, predictor, sized, fitted)]
    yield RowScored(row=rows[0])
    for name in experiment.baselines:
        if should_finish():
            break
        rows.append(_score_baseline(name, experiment, material, threads))
        yield RowScored(row=rows[-1])
    yield Finished(
        predictor=predictor, report=_report(experiment, material, sized, fitted, predictor, rows, place)
    )


def save_result(finished: Finished, folder: Path) -> None:
    """Write report.json, predictions.csv and the model's two files."""
    folder.mkdir(parents=True, exist_ok=True)
    save_predictor(finished.predictor, folder)
    write_whole(folder / "predictions.csv", predictions_csv(finished.report))
    write_whole(folder / "report.json", finished.report.model_dump_json().encode())


def predictions_csv(report: Report) -> bytes:
    """The test rows: formula, measured value, one column a model."""
    answered = [row for row in report.rows if row.predictions]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["formula", report.experiment.target, *(row.name for row in answered)])
    columns = zip(*(row.predictions for row in answered), strict=True)
    for formula, actual, predicted in zip(report.test_formulas, report.test_values, columns, strict=True):
        writer.writerow([spreadsheet_safe(formula), actual, *(f"{value:.6g}" for value in predicted)])
    return text.getvalue().encode()


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """A cleaned dataset, its split and its features (n_rows, n_inputs) float64."""

    dataset: Dataset
    split: Split
    x: np.ndarray


def prepare(experiment: Experiment, table: Table) -> Material:
    """Clean, split and featurise. Raises ExperimentError where nothing can be learned."""
    dataset = build_dataset(
        table,
        formula_column=experiment.formula_column,
        target=experiment.target,
        features=experiment.features,
        task=experiment.task,
    )
    _check_values(experiment, dataset)
    parts = split(dataset, rule=experiment.split, seed=experiment.seed)
    if np.ptp(dataset.values[parts.train]) == 0:
        raise ExperimentError(
            f"All {len(parts.train)} training values of {experiment.target!r} are equal: "
            "there is nothing to learn."
        )
    return Material(dataset=dataset, split=parts, x=featurise(dataset.compositions, experiment.features))


def _check_values(experiment: Experiment, dataset: Dataset) -> None:
    """Bounds that the table breaks would bend every model's answers without a word."""
    quantity = experiment.quantity
    if experiment.task == "classification":
        return
    broken = np.flatnonzero(~quantity.allows(dataset.values))
    if len(broken):
        first = broken[0]
        raise ExperimentError(
            f"{len(broken)} values of {experiment.target!r} lie outside the bounds of a {quantity.label}, "
            f"first {dataset.values[first]:g} on line {dataset.lines[first]}; correct them or the bounds."
        )


def _began(material: Material, sized: Sized, *, epochs: int, place: torch.device) -> Began:
    return Began(
        n_train=len(material.split.train),
        n_valid=len(material.split.valid),
        n_test=len(material.split.test),
        n_inputs=sized.n_inputs,
        n_parameters=sized.n_parameters,
        epochs=epochs,
        device=_device_label(place),
    )


def _threads(sized: Sized, recipe: Recipe, material: Material, *, most: int) -> int:
    batch = recipe.batch_size_for(len(material.split.train))
    return most if 6 * sized.n_parameters * batch >= THREADS_PAY_FROM else 1


def _device(wanted: str) -> str:
    if wanted not in ("auto", "cpu", "cuda"):
        raise BrnetError(f"There is no device {wanted!r}; choose auto, cpu or cuda.")
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise BrnetError("This machine has no GPU that torch can use; set the device to 'auto' or 'cpu'.")
    return wanted


def _device_label(place: torch.device) -> str:
    if place.type == "cuda":
        return torch.cuda.get_device_name(place)
    n_threads = torch.get_num_threads()
    return f"CPU, {n_threads} thread{'s' if n_threads > 1 else ''}"


def _scalings(material: Material, recipe: Recipe) -> tuple[InputScaling | None, TargetScaling]:
    train = material.split.train
    if not recipe.scaled:
        return None, TargetScaling()
    regression = material.dataset.task == "regression"
    target = fit_target(material.dataset.values[train]) if regression else TargetScaling()
    return fit_inputs(material.x[train]), target


def _rows(
    material: Material,
    rows: np.ndarray,
    inputs: InputScaling | None,
    target: TargetScaling,
    place: torch.device,
) -> Rows:
    x, y = material.x[rows], material.dataset.values[rows]
    scaled = x.astype(np.float32) if inputs is None else inputs(x)
    values = ((y - target.centre) / target.scale).astype(np.float32)
    return Rows(x=torch.from_numpy(scaled).to(place), y=torch.from_numpy(values).to(place))


def _predictor(
    experiment: Experiment,
    material: Material,
    network: Network,
    inputs: InputScaling | None,
    target: TargetScaling,
) -> Predictor:
    dataset, train = material.dataset, material.split.train
    bare = Predictor(
        features=experiment.features,
        quantity=experiment.quantity,
        task=experiment.task,
        classes=dataset.classes,
        network=network.cpu(),
        inputs=inputs,
        target=target,
        interval=None,
        seen=Counter(element for row in train for element in dataset.compositions[row].elements),
    )
    if experiment.task == "classification":
        return bare
    valid = material.split.valid
    residuals = np.abs(dataset.values[valid] - bare.raw(material.x[valid]))
    return Predictor(**(vars(bare) | {"interval": conformal_half_width(residuals)}))


def conformal_half_width(residuals: np.ndarray, *, confidence: float = CONFIDENCE) -> float | None:
    """The half-width that covers a new value with the given confidence, from held-out residuals (n,).

    Split conformal prediction: the ⌈(n + 1) · confidence⌉-th smallest residual; None with too few rows.
    The validation rows also chose the best epoch, so the true coverage can lie a little lower: the report
    says what it was on the test rows.
    """
    rank = math.ceil((len(residuals) + 1) * confidence)
    return None if rank > len(residuals) else float(np.sort(residuals)[rank - 1])


def _score_network(
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


def _score_baseline(name: str, experiment: Experiment, material: Material, threads: int) -> Row:
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


def _report(
    experiment: Experiment,
    material: Material,
    sized: Sized,
    fitted: Fitted,
    predictor: Predictor,
    rows: Sequence[Row],
    place: torch.device,
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
        device=_device_label(place),
        versions={name: version(name) for name in ("torch", "numpy", "scikit-learn")}
        | {"python": platform.python_version()},
        rows=tuple(rows),
        test_formulas=tuple(dataset.formulas[row] for row in test),
        test_values=tuple(actual.tolist()),
        classes=dataset.classes,
        interval=predictor.interval,
        interval_coverage=coverage,
        stopped=fitted.stopped,
    )
