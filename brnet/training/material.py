"""A table made ready for training: cleaned, split, described by features, scaled."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset, build_dataset
from brnet.materials.inputs.feature_cache import LEAST_ROWS, cached_features
from brnet.materials.inputs.features import featurise
from brnet.materials.inputs.own import Encoding, fit_encoding
from brnet.materials.splits.rules import Split, split
from brnet.materials.tables.table import Table
from brnet.models.predictor import beside
from brnet.models.scaling import InputScaling, TargetScaling, fit_inputs, fit_target
from brnet.settings import settings
from brnet.training.experiment import Experiment
from brnet.training.loop import Rows
from brnet.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """A cleaned dataset, its split and its inputs (n_rows, n_inputs): features, then encoded own columns."""

    dataset: Dataset
    split: Split
    encoding: Encoding
    x: np.ndarray


def prepare(experiment: Experiment, table: Table) -> Material:
    """Clean, split and featurise. Raises ExperimentError where nothing can be learned."""
    dataset = build_dataset(table, experiment, features=experiment.features)
    _check_values(experiment, dataset)
    parts = split(dataset, rule=experiment.split, seed=experiment.seed, held_out=experiment.held_out)
    if np.ptp(dataset.values[parts.train]) == 0:
        raise ExperimentError(
            f"All {len(parts.train)} training values of {experiment.target!r} are equal: "
            "there is nothing to learn."
        )
    encoding = fit_encoding(
        dataset.own.iloc[parts.train], numbers=experiment.numbers, categories=experiment.categories
    )
    described = _described(dataset, experiment.features) if experiment.features else None
    x = beside(described, encoding.encode(dataset.own))
    return Material(dataset=dataset, split=parts, encoding=encoding, x=x)


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


def _described(dataset: Dataset, features: Sequence[str]) -> np.ndarray:
    """The features of each row; of large tables in single precision, kept on disk for the next run."""
    if len(dataset) < LEAST_ROWS:
        return featurise(dataset.compositions, features)
    limits = settings()
    folder = limits.home / "features"
    return cached_features(
        dataset.compositions, features, folder=folder, most_bytes=limits.max_feature_cache_bytes
    )


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
