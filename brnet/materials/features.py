"""The numeric inputs that a composition can be turned into: element fractions and physical attributes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from brnet.errors import FormulaError
from brnet.materials.attributes import attribute_columns, element_table, physical_attributes
from brnet.materials.composition import Composition
from brnet.materials.elements import ATOMIC_NUMBER, EF_86, EF_103
from brnet.materials.packing import pack


@dataclass(frozen=True)
class FeatureSet:
    """A named group of columns and how to compute them: compositions -> (n, len(columns)) float64."""

    name: str
    label: str
    columns: tuple[str, ...]
    elements: frozenset[str]
    compute: Callable[[Sequence[Composition]], np.ndarray]
    source: str


def feature_columns(names: Sequence[str]) -> tuple[str, ...]:
    """The columns of these feature sets, one after the other."""
    return tuple(column for name in names for column in FEATURES[name].columns)


def unsupported(composition: Composition, names: Sequence[str]) -> str:
    """Why these features cannot describe the composition, in one sentence; '' where they can."""
    for name in names:
        features = FEATURES[name]
        outside = [symbol for symbol in composition.elements if symbol not in features.elements]
        if outside:
            return _refusal(outside[0], composition, features)
    return ""


def featurise(compositions: Sequence[Composition], names: Sequence[str]) -> np.ndarray:
    """Compositions -> (n, d) float64, the columns in the order of `feature_columns(names)`.

    Raises FormulaError for the first composition that the features cannot describe.
    """
    allowed = frozenset.intersection(*(FEATURES[name].elements for name in names)) if names else frozenset()
    for composition in compositions:
        if not allowed.issuperset(composition.elements):
            raise FormulaError(unsupported(composition, names))
    parts = [FEATURES[name].compute(compositions) for name in names]
    return np.concatenate(parts, axis=1) if parts else np.empty((len(compositions), 0))


def _refusal(symbol: str, composition: Composition, features: FeatureSet) -> str:
    group = f"the {len(features.elements)} elements of {features.label}"
    formula = composition.reduced if len(composition.reduced) <= 60 else f"{composition.reduced[:59]}…"
    return f"'{symbol}' in '{formula}' is outside {group}; {_ADVICE[features.name]}."


def _fractions_of(elements: tuple[str, ...]) -> Callable[[Sequence[Composition]], np.ndarray]:
    """A function compositions -> (n, len(elements)), the share of each element's atoms."""
    column_of = np.zeros(len(ATOMIC_NUMBER) + 1, dtype=np.intp)
    column_of[[ATOMIC_NUMBER[symbol] for symbol in elements]] = np.arange(len(elements))

    def element_fractions(compositions: Sequence[Composition]) -> np.ndarray:
        fractions = np.zeros((len(compositions), len(elements)))
        if compositions:
            packed = pack(compositions)
            fractions[packed.rows, column_of[packed.numbers]] = packed.fractions
        return fractions

    return element_fractions


FEATURES: dict[str, FeatureSet] = {
    features.name: features
    for features in (
        FeatureSet(
            name="ef",
            label="EF",
            columns=EF_86,
            elements=frozenset(EF_86),
            compute=_fractions_of(EF_86),
            source="86 element fractions of ElemNet, Sci Rep 8, 17593 (2018), doi 10.1038/s41598-018-35934-y",
        ),
        FeatureSet(
            name="ef103",
            label="EF-103",
            columns=EF_103,
            elements=frozenset(EF_103),
            compute=_fractions_of(EF_103),
            source="fractions of all elements up to Z = 103",
        ),
        FeatureSet(
            name="pa",
            label="PA",
            columns=attribute_columns(),
            elements=element_table().symbols,
            compute=physical_attributes,
            source="145 physical attributes, npj Comput Mater 2, 16028 (2016), as in matminer 0.10.1",
        ),
    )
}

_ADVICE = {
    "ef": "use EF-103",
    "ef103": "leave the row out",
    "pa": "leave PA out",
}
