"""The one place where the parts meet: a question and a table in, events and at last a predictor out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from brnet.disk import write_whole
from brnet.errors import BrnetError, ExperimentError
from brnet.materials.fingerprint import fingerprints
from brnet.materials.formulas.composition import Composition
from brnet.materials.inputs.features import FEATURES
from brnet.materials.tables.table import Table
from brnet.models.architecture import ARCHITECTURES
from brnet.models.baselines import BASELINES
from brnet.models.budget import Sized, size
from brnet.models.files import save_predictor
from brnet.models.network import Network
from brnet.models.predictor import Predictor
from brnet.models.scaling import InputScaling, TargetScaling
from brnet.training.events import Began, Event, Finished, RowScored
from brnet.training.experiment import Experiment
from brnet.training.judge import build_report, conformal_half_width, score_baseline, score_network
from brnet.training.loop import fit
from brnet.training.material import Material, prepare, rows, scalings
from brnet.training.recipe import RECIPES, Recipe
from brnet.training.report import predictions_csv

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
    if not experiment.features and not experiment.own_columns:
        raise ExperimentError(f"No features were chosen; choose at least one of {', '.join(FEATURES)}.")
    if experiment.own_columns and not RECIPES[experiment.recipe].scaled:
        raise ExperimentError(
            f"The recipe {experiment.recipe!r} leaves inputs unscaled, as its authors do, and a table's own "
            "columns can be of any size; choose the recipe 'fast' or leave the columns out."
        )
    if experiment.features and not experiment.has_compositions:
        raise ExperimentError(
            f"The features {', '.join(experiment.features)} describe compositions, and none are chosen in "
            "the table; choose the column of formulas or leave the features out."
        )


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
    inputs, target = scalings(material, recipe)
    fitted = yield from fit(
        network,
        rows(material, material.split.train, inputs, target, place),
        rows(material, material.split.valid, inputs, target, place),
        recipe=recipe,
        task=experiment.task,
        epochs=epochs,
        generator=generator,
        unit=target.scale,
        should_finish=should_finish,
        resume=resume,
    )
    predictor = _predictor(experiment, material, network.eval(), inputs, target)
    scored = [score_network(experiment, material, predictor, sized, fitted)]
    yield RowScored(row=scored[0])
    for name in experiment.baselines:
        if should_finish():
            break
        scored.append(score_baseline(name, experiment, material, threads))
        yield RowScored(row=scored[-1])
    yield Finished(
        predictor=predictor,
        report=build_report(experiment, material, sized, fitted, predictor, scored, _device_label(place)),
    )


def save_result(finished: Finished, folder: Path) -> None:
    """Write report.json, predictions.csv and the model's two files."""
    folder.mkdir(parents=True, exist_ok=True)
    save_predictor(finished.predictor, folder)
    write_whole(folder / "predictions.csv", predictions_csv(finished.report))
    write_whole(folder / "report.json", finished.report.model_dump_json().encode())


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
        seen=Counter(_elements(dataset.compositions, train)),
        own=material.encoding,
        learned=_learned(
            dataset.compositions if experiment.features else (), np.concatenate([train, material.split.valid])
        ),
    )
    if experiment.task == "classification":
        return bare
    valid = material.split.valid
    residuals = np.abs(dataset.values[valid] - bare.raw(material.x[valid]))
    return Predictor(**(vars(bare) | {"interval": conformal_half_width(residuals)}))


def _elements(compositions: Sequence[Composition], rows: np.ndarray) -> Iterator[str]:
    if compositions:
        for row in rows:
            yield from compositions[row].elements


def _learned(compositions: Sequence[Composition], rows: np.ndarray) -> np.ndarray:
    """Sorted fingerprints of the compositions in these rows, each once."""
    return np.unique(fingerprints([compositions[row] for row in rows] if compositions else ()))
