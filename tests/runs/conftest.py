"""A question to ask and the events of its training, for every test of this room."""

import itertools

import pytest

from brnet.materials.properties import Quantity
from brnet.training.events import Began, EpochEnded
from brnet.training.experiment import Experiment


@pytest.fixture
def experiment() -> Experiment:
    return Experiment(
        dataset="0" * 64, formula_column="formula", target="value", quantity=Quantity(label="value")
    )


@pytest.fixture
def began() -> Began:
    return Began(n_train=48, n_valid=6, n_test=6, n_inputs=231, n_parameters=199_000, epochs=20, device="cpu")


@pytest.fixture
def epoch():
    """epoch(3) is the third epoch, ended after 1.5 s, its loss 1/3."""

    def make(number: int, **values: float) -> EpochEnded:
        facts = {
            "train_loss": 1 / number,
            "valid_loss": 2 / number,
            "valid_error": 3 / number,
            "learning_rate": 1e-3,
            "seconds": number / 2,
            "best_epoch": number,
        }
        return EpochEnded(epoch=number, epochs=20, **facts | values)

    return make


@pytest.fixture(scope="session")
def salts() -> bytes:
    """80 formulas of binary salts with a smooth value, as a CSV file."""
    cations = ("Li", "Na", "K", "Rb", "Cs", "Be", "Mg", "Ca", "Sr", "Ba")
    anions = ("F", "Cl", "Br", "I", "O", "S", "Se", "Te")
    amounts = itertools.cycle([(1, 1), (2, 1), (1, 2), (2, 3)])
    lines = [
        f"{cation}{n}{anion}{m},{len(cation) + n / (n + m):.4f}"
        for (cation, anion), (n, m) in zip(itertools.product(cations, anions), amounts, strict=False)
    ]
    return "\n".join(["formula,value", *lines]).encode()
