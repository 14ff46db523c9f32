"""The numeric inputs that a composition can be turned into: fractions, attributes, element embeddings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from brnet.errors import FormulaError
from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.elements import ATOMIC_NUMBER, EF_86, EF_103
from brnet.materials.formulas.packing import Packed, pack
from brnet.materials.inputs.attributes import attribute_columns, element_table, packed_attributes
from brnet.materials.inputs.embeddings import EMBEDDINGS, Embedding, element_vectors, mean_and_spread

VERSION = 1
"""Raise it with every change of a feature's values: features kept on disk are then computed again."""

ROWS_AT_ONCE = 2048
"""Compositions computed together: some ten MB of intermediate values."""


@dataclass(frozen=True)
class FeatureSet:
    """A named group of columns and how to compute them: packed compositions -> (n, len(columns)) float64."""

    name: str
    label: str
    columns: tuple[str, ...]
    elements: frozenset[str]
    compute: Callable[[Packed], np.ndarray]
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


def featurise(
    compositions: Sequence[Composition], names: Sequence[str], *, dtype: type[np.floating] = np.float64
) -> np.ndarray:
    """Compositions -> (n, d) of `dtype`, the columns in the order of `feature_columns(names)`.

    All is computed in float64, block by block; float32 halves the memory of the result.
    Raises FormulaError for the first composition that the features cannot describe.
    """
    result = np.empty((len(compositions), len(feature_columns(names))), dtype=dtype)
    for start in range(0, len(compositions) if names else 0, ROWS_AT_ONCE):
        block = compositions[start : start + ROWS_AT_ONCE]
        packed = pack(block)
        _check(packed, block, names)
        first = 0
        for name in names:
            last = first + len(FEATURES[name].columns)
            result[start : start + len(block), first:last] = FEATURES[name].compute(packed)
            first = last
    return result


def _check(packed: Packed, compositions: Sequence[Composition], names: Sequence[str]) -> None:
    allowed = np.zeros(len(ATOMIC_NUMBER) + 1, dtype=bool)
    common = frozenset.intersection(*(FEATURES[name].elements for name in names))
    allowed[[ATOMIC_NUMBER[symbol] for symbol in common]] = True
    outside = np.flatnonzero(~allowed[packed.numbers])
    if len(outside):
        raise FormulaError(unsupported(compositions[packed.rows[outside[0]]], names))


def _refusal(symbol: str, composition: Composition, features: FeatureSet) -> str:
    group = f"the {len(features.elements)} elements of {features.label}"
    formula = composition.reduced if len(composition.reduced) <= 60 else f"{composition.reduced[:59]}…"
    return f"'{symbol}' in '{formula}' is outside {group}; {_ADVICE[features.name]}."


def _fractions_of(elements: tuple[str, ...]) -> Callable[[Packed], np.ndarray]:
    """A function packed compositions -> (n, len(elements)), the share of each element's atoms."""
    column_of = np.zeros(len(ATOMIC_NUMBER) + 1, dtype=np.intp)
    column_of[[ATOMIC_NUMBER[symbol] for symbol in elements]] = np.arange(len(elements))

    def element_fractions(packed: Packed) -> np.ndarray:
        fractions = np.zeros((len(packed.counts), len(elements)))
        fractions[packed.rows, column_of[packed.numbers]] = packed.fractions
        return fractions

    return element_fractions


def _embedded(embedding: Embedding) -> FeatureSet:
    """The mean and spread of an embedding; its vectors are read when they are first asked for."""
    return FeatureSet(
        name=embedding.name,
        label=embedding.label,
        columns=embedding.columns,
        elements=embedding.elements,
        compute=lambda packed: mean_and_spread(packed, element_vectors(embedding.name)),
        source=embedding.source,
    )


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
            compute=packed_attributes,
            source="145 physical attributes, npj Comput Mater 2, 16028 (2016), as in matminer 0.10.1",
        ),
        *map(_embedded, EMBEDDINGS.values()),
    )
}

_ADVICE = {
    "ef": "use EF-103",
    "ef103": "leave the row out",
    "pa": "leave PA out",
    **{embedding.name: f"leave {embedding.label} out" for embedding in EMBEDDINGS.values()},
}
