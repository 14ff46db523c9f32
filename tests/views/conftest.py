"""Reports small enough to check by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from brnet.materials.properties import Quantity
from brnet.training.experiment import Experiment
from brnet.training.metrics import score
from brnet.training.report import Report, Row

BAND_GAP = Quantity(label="band gap", unit="eV", lower=0.0)
FORMULAS = ("GaN", "ZnO", "GaAs", "NaCl")


@pytest.fixture
def make_report() -> Callable[..., Report]:
    """A report of a network and a baseline on the given test values and predictions."""

    def make(
        values: tuple[float, ...] = (3.4, 3.3, 1.4, 8.5),
        network: tuple[float, ...] = (3.0, 3.5, 1.0, 8.0),
        baseline: tuple[float, ...] = (4.0, 4.0, 4.0, 4.0),
        *,
        quantity: Quantity = BAND_GAP,
        task: str = "regression",
        formulas: tuple[str, ...] = (),
        seed: int = 0,
    ) -> Report:
        names = (("BRNet", "network", network), ("mean", "baseline", baseline))
        rows = tuple(
            Row(
                name=name,
                kind=kind,
                scores=score(task, np.array(values), np.array(predicted)),
                valid_scores={},
                parameters=200_089 if kind == "network" else None,
                seconds=1.5,
                predictions=predicted,
            )
            for name, kind, predicted in names
        )
        return Report(
            experiment=Experiment(
                dataset="0" * 64,
                formula_column="formula",
                target="gap",
                quantity=quantity,
                task=task,
                seed=seed,
                baselines=("mean",),
            ),
            dataset_name="gaps.csv",
            n_rows=40,
            n_dropped=1,
            n_train=32,
            n_valid=4,
            n_test=len(values),
            n_inputs=231,
            n_parameters=200_089,
            epochs=10,
            best_epoch=8,
            seconds=1.5,
            device="CPU, 2 threads",
            versions={"torch": "2"},
            rows=rows,
            test_formulas=formulas or FORMULAS[: len(values)],
            test_values=values,
            classes=("0", "1") if task == "classification" else (),
            interval=None if task == "classification" else 0.5,
            interval_coverage=None if task == "classification" else 1.0,
            stopped="All 10 epochs were trained.",
        )

    return make
