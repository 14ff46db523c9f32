"""A trained network with all it needs to answer: features, scaling, quantity, doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from brnet.materials.dataset import Task
from brnet.materials.features import featurise
from brnet.materials.formula import Composition
from brnet.materials.properties import Quantity
from brnet.models.network import Network
from brnet.models.scaling import InputScaling, TargetScaling

ROWS_AT_ONCE = 16_384


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """Answers in the quantity's unit, each (n,) float64.

    For classification `values` are probabilities of the second class, `low` and `high` are NaN.
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictor:
    """Formulas in, values with intervals out; never changed once made.

    `interval` is the half-width of the 90 % interval as the table holds the values; `seen` counts the
    training rows that hold each element.
    """

    features: tuple[str, ...]
    quantity: Quantity
    task: Task
    classes: tuple[str, ...]
    network: Network
    inputs: InputScaling | None
    target: TargetScaling
    interval: float | None
    seen: Mapping[str, int]

    def predict(self, compositions: Sequence[Composition]) -> Prediction:
        """Raises FormulaError for an element outside the features."""
        raw = self.raw(featurise(compositions, self.features))
        if self.task == "classification" or self.interval is None:
            unknown = np.full(len(raw), np.nan)
            values = raw if self.task == "classification" else self.quantity.shown(raw)
            return Prediction(values=values, low=unknown, high=unknown)
        return Prediction(
            values=self.quantity.shown(raw),
            low=self.quantity.shown(raw - self.interval),
            high=self.quantity.shown(raw + self.interval),
        )

    def raw(self, x: np.ndarray) -> np.ndarray:
        """Features (n, n_features) -> values as the table holds them, or probabilities, (n,) float64."""
        if len(x) == 0:
            return np.empty(0)
        scaled = x.astype(np.float32) if self.inputs is None else self.inputs(x)
        device = next(self.network.parameters()).device
        with torch.inference_mode():
            outputs = [
                self.network(part.to(device)).cpu() for part in torch.from_numpy(scaled).split(ROWS_AT_ONCE)
            ]
        output = torch.cat(outputs).double()
        if self.task == "classification":
            return torch.sigmoid(output).numpy()
        return self.quantity.bounded(self.target.centre + self.target.scale * output.numpy())
