"""Branched residual networks for materials properties: the public names, each loaded when first used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from brnet.errors import BrnetError
    from brnet.materials.dataset import Dataset, build_dataset
    from brnet.materials.formulas.formula import Composition, read_formula, read_formulas
    from brnet.materials.guess import Guess, guess
    from brnet.materials.inputs.features import FEATURES, featurise
    from brnet.materials.profile import Profile, profile
    from brnet.materials.properties import Quantity
    from brnet.materials.reading import Reading
    from brnet.materials.splits.rules import SPLITS, split
    from brnet.materials.tables.files import read_pasted, read_table
    from brnet.materials.tables.mixture import Mixture
    from brnet.materials.tables.table import Table
    from brnet.models.architecture import ARCHITECTURES, Architecture, Block, count_parameters
    from brnet.models.budget import Sized, size
    from brnet.models.files import load_predictor, save_predictor
    from brnet.models.network import Network
    from brnet.models.predictor import Prediction, Predictor
    from brnet.training.conduct import conduct, save_result
    from brnet.training.experiment import Experiment
    from brnet.training.recipe import RECIPES, Recipe
    from brnet.training.report import Report
    from brnet.zoo.lookup import Answer, look_up
    from brnet.zoo.shelf import load, shelf

_HOMES = {
    "brnet.errors": ("BrnetError",),
    "brnet.materials.dataset": ("Dataset", "build_dataset"),
    "brnet.materials.inputs.features": ("FEATURES", "featurise"),
    "brnet.materials.formulas.formula": ("Composition", "read_formula", "read_formulas"),
    "brnet.materials.properties": ("Quantity",),
    "brnet.materials.splits.rules": ("SPLITS", "split"),
    "brnet.materials.tables.files": ("read_pasted", "read_table"),
    "brnet.materials.guess": ("Guess", "guess"),
    "brnet.materials.tables.mixture": ("Mixture",),
    "brnet.materials.profile": ("Profile", "profile"),
    "brnet.materials.reading": ("Reading",),
    "brnet.materials.tables.table": ("Table",),
    "brnet.models.architecture": ("ARCHITECTURES", "Architecture", "Block", "count_parameters"),
    "brnet.models.budget": ("Sized", "size"),
    "brnet.models.files": ("load_predictor", "save_predictor"),
    "brnet.models.network": ("Network",),
    "brnet.models.predictor": ("Prediction", "Predictor"),
    "brnet.training.conduct": ("conduct", "save_result"),
    "brnet.training.experiment": ("Experiment",),
    "brnet.training.recipe": ("RECIPES", "Recipe"),
    "brnet.training.report": ("Report",),
    "brnet.zoo.lookup": ("Answer", "look_up"),
    "brnet.zoo.shelf": ("load", "shelf"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ARCHITECTURES",
    "FEATURES",
    "RECIPES",
    "SPLITS",
    "Answer",
    "Architecture",
    "Block",
    "BrnetError",
    "Composition",
    "Dataset",
    "Experiment",
    "Guess",
    "Mixture",
    "Network",
    "Prediction",
    "Predictor",
    "Profile",
    "Quantity",
    "Reading",
    "Recipe",
    "Report",
    "Sized",
    "Table",
    "build_dataset",
    "conduct",
    "count_parameters",
    "featurise",
    "guess",
    "load",
    "load_predictor",
    "look_up",
    "profile",
    "read_formula",
    "read_formulas",
    "read_pasted",
    "read_table",
    "save_predictor",
    "save_result",
    "shelf",
    "size",
    "split",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'brnet' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
