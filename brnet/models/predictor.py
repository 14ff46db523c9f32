"""A trained network with all it needs to answer: features, scaling, quantity, doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch

from brnet.materials.formulas.formula import Composition
from brnet.materials.inputs.features import featurise
from brnet.materials.inputs.own import Encoding
from brnet.materials.properties import Quantity
from brnet.materials.reading import Task
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
    """Materials in, values with intervals out; never changed once made.

    `interval` is the half-width of the 90 % interval as the table holds the values; `seen` counts the
    training rows that hold each element; `own` encodes a table's own columns, where they are inputs;
    `learned` are the sorted fingerprints of the compositions that it was trained on or chosen by.
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
    own: Encoding = field(default_factory=Encoding)
    learned: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.uint64))

    def predict(self, compositions: Sequence[Composition], own: pd.DataFrame | None = None) -> Prediction:
        """What the model says of each material; `own` holds the texts of its own columns, a row each.

        What is missing of them is filled in as `self.own` says. Without features, only `own` counts.
        Raises FormulaError for an element outside the features.
        """
        if own is None:
            own = pd.DataFrame(index=range(len(compositions)))
        described = featurise(compositions, self.features) if self.features else None
        raw = self.raw(beside(described, self.own.encode(own)))
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


def beside(described: np.ndarray | None, encoded: np.ndarray) -> np.ndarray:
    """The numbers that a network sees of each row: features (n, d), where there are any, then own columns."""
    if described is None:
        return encoded
    return np.concatenate([described, encoded], axis=1) if encoded.shape[1] else described
