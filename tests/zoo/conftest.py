"""One small trained result for all tests of this folder."""

from pathlib import Path

import pytest

from brnet.materials.properties import guess_quantity
from brnet.materials.public.catalog import EXAMPLE_NAME, example_table
from brnet.materials.tables.columns import guess_columns
from brnet.materials.tables.files import read_table
from brnet.materials.tables.table import Table
from brnet.training.conduct import conduct, save_result
from brnet.training.events import Finished
from brnet.training.experiment import Experiment


@pytest.fixture(scope="session")
def result() -> Finished:
    """A network of 5,000 parameters trained on a tenth of the built-in example."""
    whole = read_table(example_table(), name=EXAMPLE_NAME)
    table = Table(name=whole.name, frame=whole.frame.iloc[::10])
    columns = guess_columns(table)
    experiment = Experiment(
        dataset="example",
        formula_column=columns.formula,
        target=columns.targets[0],
        quantity=guess_quantity(columns.targets[0]),
        features=("ef",),
        parameters=5_000,
        epochs=10,
        baselines=("mean",),
    )
    last = list(conduct(experiment, table, device="cpu", threads=1))[-1]
    assert isinstance(last, Finished)
    return last


@pytest.fixture
def folder(result: Finished, tmp_path: Path) -> Path:
    """The result's files, as a finished run leaves them."""
    save_result(result, tmp_path / "run")
    return tmp_path / "run"
