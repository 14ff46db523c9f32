"""What pages read again and again, kept in memory; the only file that touches st.cache_*.

Tables, datasets, reports and models are frozen values: they are shared between sessions, not copied.
"""

import streamlit as st

from brnet.materials import catalog
from brnet.materials.dataset import Dataset, build_dataset
from brnet.materials.features import feature_columns
from brnet.materials.files import read_table
from brnet.materials.guess import Guess
from brnet.materials.guess import guess as guess_question
from brnet.materials.table import Table
from brnet.models.architecture import ARCHITECTURES
from brnet.models.budget import Sized, size
from brnet.models.network import Network, describe
from brnet.models.predictor import Predictor
from brnet.runs import database, store
from brnet.settings import settings
from brnet.training.experiment import Task
from brnet.training.recipe import RECIPES
from brnet.training.report import Report
from brnet.views import figures, periodic_table
from brnet.views.diagrams import layer_diagram
from brnet.zoo import shelf

SHELF_SECONDS = 30  # how long another process's publishing may go unseen


@st.cache_resource(max_entries=8, show_spinner="Reading the table …")
def table(dataset_id: str) -> Table:
    stored = store.get_table(dataset_id)
    return read_table(stored.data, name=stored.name)


@st.cache_resource(max_entries=64, show_spinner=False)
def guess(dataset_id: str, target: str | None) -> Guess:
    """What the table itself announces. Raises TableError."""
    return guess_question(table(dataset_id), target=target)


@st.cache_resource(max_entries=8, show_spinner="Reading the formulas …")
def dataset(
    dataset_id: str, formula_column: str, target: str, task: Task, features: tuple[str, ...]
) -> Dataset:
    return build_dataset(
        table(dataset_id), formula_column=formula_column, target=target, task=task, features=features
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def coverage(
    dataset_id: str, formula_column: str, target: str, task: Task, features: tuple[str, ...]
) -> figures.Figure:
    """The periodic table of a dataset's elements."""
    rows = dataset(dataset_id, formula_column, target, task, features)
    return periodic_table.coverage(periodic_table.element_counts(rows.compositions))


@st.cache_data(max_entries=256, show_spinner=False)
def sized(architecture: str, features: tuple[str, ...], parameters: int | None) -> Sized:
    """The architecture at a parameter budget, for these inputs. Raises BudgetError."""
    n_inputs = len(feature_columns(features))
    return size(ARCHITECTURES[architecture], n_inputs=n_inputs, parameters=parameters)


@st.cache_resource(max_entries=64, show_spinner=False)
def diagram(
    architecture: str, features: tuple[str, ...], parameters: int | None, recipe: str
) -> figures.Figure:
    """The layers of the real network at that size, as the recipe trains it."""
    fitted = sized(architecture, features, parameters)
    trained = RECIPES[recipe].applied_to(fitted.architecture)
    return layer_diagram(describe(Network(trained, fitted.n_inputs)))


@st.cache_resource(max_entries=4, show_spinner=False)
def example_id(home: str) -> str:
    """The built-in example, stored; `home` is where."""
    return store.put_table(catalog.example_table(), name=catalog.EXAMPLE_NAME, source="built in")


def example() -> str:
    """Dataset id of the built-in example."""
    return example_id(str(settings().home))


@st.cache_resource(max_entries=64, show_spinner=False)
def _report(run_id: str, home: str) -> Report | None:
    return database.report_of(run_id)


def report(run_id: str) -> Report | None:
    """The report of a finished run; None while there is none, which is not remembered."""
    found = _report(run_id, str(settings().home))
    if found is None:
        _report.clear(run_id, str(settings().home))
    return found


@st.cache_resource(ttl=SHELF_SECONDS, show_spinner=False)
def _shelf(home: str) -> dict[str, shelf.Shelved]:
    return shelf.shelf()


def shelved() -> dict[str, shelf.Shelved]:
    """Name -> model on the shelf, pretrained and published."""
    return _shelf(str(settings().home))


@st.cache_resource(max_entries=32, show_spinner="Loading the model …")
def _predictor(name: str, folder: str, changed: float) -> Predictor:
    return shelf.load(name)


def predictor(name: str) -> Predictor:
    """A model of the shelf, ready to answer; read again when its files changed."""
    folder = shelved()[name].folder
    return _predictor(name, str(folder), folder.stat().st_mtime)


def forget_shelf() -> None:
    """After publishing or deleting: look again."""
    _shelf.clear()
