"""Inputs and targets brought to a spread of about one, little moved by outliers."""

from dataclasses import dataclass

import numpy as np

NOISE = 1e-6  # of the centre: a spread below it is rounding, not information
REACH = 3.0  # spreads: the limit that scaled inputs approach, so that foreign rows stay within reach


@dataclass(frozen=True, kw_only=True, eq=False)
class InputScaling:
    """Each column centred on its median, divided by its spread, and bent smoothly to stay within ±3.

    `centre` and `spread` are (n_features,) float32. The spread is the interquartile range; where half of
    the values are equal, as in most element fractions, half of the full range. The bend is
    z / sqrt(1 + (z / 3)²). (Method: RealMLP, Holzmüller, Grinsztajn and Steinwart, 2024.)
    """

    centre: np.ndarray
    spread: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(n, n_features) in their own units -> float32 (n, n_features)."""
        z = (x - self.centre) / self.spread
        return (z / np.sqrt(1 + (z / REACH) ** 2)).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class TargetScaling:
    """value = centre + scale × output."""

    centre: float = 0.0
    scale: float = 1.0


def fit_inputs(x: np.ndarray) -> InputScaling:
    """Centre and spread of training inputs (n, n_features)."""
    low, centre, high = np.percentile(x, (25, 50, 75), axis=0)
    quartiles, half_range = high - low, (x.max(axis=0) - x.min(axis=0)) / 2
    noise = NOISE * np.maximum(1e-3, np.abs(centre))
    spread = np.where(quartiles > noise, quartiles, np.where(half_range > noise, half_range, 1.0))
    return InputScaling(centre=centre.astype(np.float32), spread=spread.astype(np.float32))


def fit_target(y: np.ndarray) -> TargetScaling:
    """Centre and spread of training values (n,): median and mean absolute deviation from the mean."""
    spread = float(np.abs(y - y.mean()).mean())
    return TargetScaling(centre=float(np.median(y)), scale=spread if spread > 0 else 1.0)
