"""The dashboard without a browser, a small table, a run that finished."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from brnet.materials.properties import guess_quantity
from brnet.materials.public.catalog import example_table
from brnet.runs import child, database, jobs, store
from brnet.settings import settings
from brnet.training.experiment import Experiment
from brnet.zoo import shelf

ROOT = Path(__file__).parents[2]
SHELL = ROOT / "pages" / "shell.py"
TARGET = "formation enthalpy (kJ/mol)"
TIMEOUT = 60  # seconds; the first page of a process imports torch


# What the runs of `trained` ask beside what `question` says, by the name a test calls them.
TRAINED: dict[str, dict[str, object]] = {
    "first": {},
    "wider": {"parameters": 20_000},
    "other rows": {"seed": 1},
}


@pytest.fixture
def open_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page by its file's name in a new session, with the words of its address."""
    monkeypatch.syspath_prepend(str(ROOT))

    def open_it(name: str, **address: str) -> AppTest:
        at = AppTest.from_file(SHELL, default_timeout=TIMEOUT)
        if name != "home":
            at.run()
            at.switch_page(f"{name}.py")
        at.query_params.update(address)
        return at.run()

    return open_it


@pytest.fixture
def alloys(home: Path) -> str:
    """Dataset id of 150 rows of the built-in example."""
    return _put_alloys()


@pytest.fixture
def ask(alloys: str) -> Callable[..., str]:
    """Queue a small experiment on the alloys; returns the run's id."""
    return lambda **changes: database.submit(_question(alloys, **changes), dataset_name="alloys.csv")


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A home with finished runs, trained once for all tests, and their ids by name."""
    place = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRNET_HOME", str(place))
        settings.cache_clear()
        dataset = _put_alloys()
        ids = {name: _train(_question(dataset, **changes)) for name, changes in TRAINED.items()}
    settings.cache_clear()
    return place, ids


@pytest.fixture
def trained(trained_once: tuple[Path, dict[str, str]], home: Path) -> dict[str, str]:
    """Finished runs in this test's own home: name -> id."""
    place, ids = trained_once
    with sqlite3.connect(place / "brnet.db") as old, sqlite3.connect(home / "brnet.db") as new:
        old.backup(new)
    for folder in ("runs", "tables"):
        shutil.copytree(place / folder, home / folder)
    return ids


@pytest.fixture
def published(trained: dict[str, str]) -> str:
    """Name of a model on the shelf."""
    return shelf.publish(store.run_folder(trained["first"]), "alloys")


@pytest.fixture
def said() -> Callable[[AppTest], str]:
    """All that a page says in words."""

    def words_of(at: AppTest) -> str:
        kinds = (at.title, at.subheader, at.markdown, at.caption, at.info, at.warning, at.error, at.success)
        return "\n".join(element.value for kind in kinds for element in kind)

    return words_of


def _put_alloys() -> str:
    lines = example_table().splitlines(keepends=True)
    return store.put_table(b"".join(lines[:151]), name="alloys.csv")


def _question(dataset: str, **changes: object) -> Experiment:
    said: dict[str, object] = {
        "dataset": dataset,
        "formula_column": "formula",
        "target": TARGET,
        "quantity": guess_quantity(TARGET, table_name="alloys.csv"),
        "parameters": 10_000,
        "epochs": 3,
        "baselines": ("mean", "ridge"),
    }
    return Experiment.model_validate(said | changes)


def _train(experiment: Experiment) -> str:
    run_id = database.submit(experiment, dataset_name="alloys.csv")
    assert jobs.claim(run_id, 1, "test")
    child.main(run_id, 1)
    return run_id
