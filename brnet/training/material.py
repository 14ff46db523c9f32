"""A table made ready for training: cleaned, split, described by features, scaled."""

from dataclasses import dataclass

import numpy as np
import torch

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset, build_dataset
from brnet.materials.features import featurise
from brnet.materials.splits import Split, split
from brnet.materials.table import Table
from brnet.models.scaling import InputScaling, TargetScaling, fit_inputs, fit_target
from brnet.training.experiment import Experiment
from brnet.training.loop import Rows
from brnet.training.recipe import Recipe


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


def scalings(material: Material, recipe: Recipe) -> tuple[InputScaling | None, TargetScaling]:
    train = material.split.train
    if not recipe.scaled:
        return None, TargetScaling()
    regression = material.dataset.task == "regression"
    target = fit_target(material.dataset.values[train]) if regression else TargetScaling()
    return fit_inputs(material.x[train]), target


def rows(
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
