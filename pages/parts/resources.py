"""What pages read again and again, kept in memory; the only file that touches st.cache_*.

Tables, datasets, reports and models are frozen values: they are shared between sessions, not copied.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from brnet.errors import NotFoundError
from brnet.materials import guess as guessing
from brnet.materials import profile as profiles
from brnet.materials.dataset import Dataset, build_dataset
from brnet.materials.fingerprint import among
from brnet.materials.guess import Guess
from brnet.materials.inputs import own
from brnet.materials.inputs.features import feature_columns
from brnet.materials.profile import Profile
from brnet.materials.public import catalog
from brnet.materials.public.providers import optimade_properties
from brnet.materials.reading import Reading
from brnet.materials.splits import rules as splits
from brnet.materials.splits.rules import Holding
from brnet.materials.tables.files import read_table
from brnet.materials.tables.table import Table
from brnet.models.architecture import ARCHITECTURES
from brnet.models.budget import Sized, size
from brnet.models.network import Network, describe
from brnet.models.predictor import Predictor
from brnet.runs import database, store
from brnet.settings import settings
from brnet.training import optimism as optimisms
from brnet.training.optimism import Optimism
from brnet.training.recipe import RECIPES
from brnet.training.report import Report
from brnet.views import figures
from brnet.views.diagrams import layer_diagram
from brnet.zoo import shelf

FIRST_FEATURES = ("ef", "pa")
KEPT_TABLES = 4  # the largest tables take 300 MB each; small ones are read again in milliseconds
OFFER_SECONDS = 3600  # a database seldom changes what it offers
SHELF_SECONDS = 30  # how long another process's publishing may go unseen


def first_features(reading: Reading) -> tuple[str, ...]:
    """The inputs that are offered first: the composition's, where there is one."""
    return FIRST_FEATURES if reading.has_compositions else ()


@st.cache_resource(max_entries=KEPT_TABLES, show_spinner="Reading the table …")
def table(dataset_id: str) -> Table:
    stored = store.get_table(dataset_id)
    return read_table(stored.data, name=stored.name)


def forget_table(dataset_id: str) -> None:
    """After deleting: what was made from it goes too."""
    table.clear(dataset_id)
    dataset.clear()
    profile.clear()


@st.cache_resource(max_entries=64, show_spinner=False)
def guess(dataset_id: str, target: str | None) -> Guess:
    """What the table itself announces. Raises TableError."""
    return guessing.guess(table(dataset_id), target=target)


_BY_VALUE: dict[str | type, Callable[[Any], Any]] = {Reading: lambda reading: reading.model_dump_json()}


@st.cache_resource(max_entries=KEPT_TABLES, show_spinner="Reading the compositions …", hash_funcs=_BY_VALUE)
def dataset(dataset_id: str, reading: Reading, features: tuple[str, ...]) -> Dataset:
    return build_dataset(table(dataset_id), reading, features=features)


@st.cache_resource(max_entries=16, show_spinner="Counting …", hash_funcs=_BY_VALUE)
def profile(dataset_id: str, reading: Reading, features: tuple[str, ...]) -> Profile:
    return profiles.profile(dataset(dataset_id, reading, features))


@st.cache_resource(max_entries=16, show_spinner=False)
def usable_columns(dataset_id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns of numbers and columns of categories that could be inputs."""
    return own.usable_columns(table(dataset_id).frame, leave_out=())


@st.cache_resource(max_entries=16, show_spinner="Looking for what can be held out …", hash_funcs=_BY_VALUE)
def holdings(dataset_id: str, reading: Reading, rule: str) -> tuple[Holding, ...]:
    """What a split rule can hold out of this dataset."""
    return splits.holdings(dataset(dataset_id, reading, first_features(reading)), rule)


@st.cache_resource(
    max_entries=32, show_spinner="Fitting the same baseline under both splits …", hash_funcs=_BY_VALUE
)
def optimism(
    dataset_id: str, reading: Reading, features: tuple[str, ...], rule: str, held_out: str
) -> Optimism:
    """What a random split would flatter."""
    rows = dataset(dataset_id, reading, features)
    return optimisms.optimism(
        rows,
        rule=rule,
        held_out=held_out,
        features=features,
        numbers=reading.numbers,
        categories=reading.categories,
        threads=settings().threads,
    )


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_VALUE)
def _learned_by(
    dataset_id: str, reading: Reading, features: tuple[str, ...], model: str, changed: float
) -> int:
    """How many rows of the dataset have a composition that a model of the shelf has learned from."""
    chemistry = profile(dataset_id, reading, features).chemistry
    return 0 if chemistry is None else int(among(chemistry.fingerprints, predictor(model).learned).sum())


def learned_by(dataset_id: str, reading: Reading, features: tuple[str, ...], model: str) -> int:
    """The same, counted again when the model's files changed."""
    changed = shelved()[model].folder.stat().st_mtime
    return _learned_by(dataset_id, reading, features, model, changed)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=_BY_VALUE)
def n_inputs(dataset_id: str, reading: Reading, features: tuple[str, ...]) -> int:
    """How many numbers a network sees of each row. Training counts categories and gaps of its rows only."""
    cells = dataset(dataset_id, reading, features).own
    encoding = own.fit_encoding(cells, numbers=reading.numbers, categories=reading.categories)
    return len(feature_columns(features)) + len(encoding.columns)


@st.cache_data(max_entries=256, show_spinner=False)
def sized(architecture: str, n_inputs: int, parameters: int | None) -> Sized:
    """The architecture at a parameter budget, for so many inputs. Raises BudgetError."""
    return size(ARCHITECTURES[architecture], n_inputs=n_inputs, parameters=parameters)


@st.cache_resource(max_entries=64, show_spinner=False)
def diagram(architecture: str, n_inputs: int, parameters: int | None, recipe: str) -> figures.Figure:
    """The layers of the real network at that size, as the recipe trains it."""
    fitted = sized(architecture, n_inputs, parameters)
    trained = RECIPES[recipe].applied_to(fitted.architecture)
    return layer_diagram(describe(Network(trained, fitted.n_inputs)))


@st.cache_resource(max_entries=4, show_spinner=False)
def example_id(home: str) -> str:
    """The built-in example, stored; `home` is where."""
    return store.put_table(catalog.example_table(), name=catalog.EXAMPLE_NAME, source="built in")


def example() -> str:
    """Dataset id of the built-in example, brought back where somebody deleted it."""
    found = example_id(str(settings().home))
    try:
        store.get_facts(found)
    except NotFoundError:
        example_id.clear()
        found = example_id(str(settings().home))
    return found


@st.cache_data(ttl=OFFER_SECONDS, show_spinner="Asking the database …")
def offered(provider: str) -> dict[str, str]:
    """The properties that a database of materials offers, with their units."""
    return optimade_properties(provider)


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
