"""The estimate before the start: the right size, and growing with what costs time."""

import pytest

from brnet.materials.properties import BAND_GAP
from brnet.training.estimate import estimate_seconds
from brnet.training.experiment import Experiment


def seconds(*, n_train: int = 3_000, n_parameters: int = 200_000, **changes) -> float:
    asked = {"dataset": "x", "formula_column": "formula", "target": "y", "quantity": BAND_GAP}
    return estimate_seconds(Experiment(**(asked | changes)), n_train=n_train, n_parameters=n_parameters)


def test_a_default_run_is_estimated_in_seconds_to_minutes() -> None:
    assert 2 < seconds() < 1_000


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ({"n_parameters": 20_000_000}, {"n_parameters": 200_000}),
        ({"epochs": 100}, {"epochs": 10}),
        ({"recipe": "reference"}, {"recipe": "fast"}),
        ({"n_train": 100_000, "epochs": 10}, {"n_train": 1_000, "epochs": 10}),
    ],
)
def test_what_costs_more_is_estimated_longer(more: dict, less: dict) -> None:
    assert seconds(**more) > seconds(**less)
