"""Element vectors that others have learned or collected, and their mean and spread over a composition."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from brnet.materials.formulas.elements import ATOMIC_NUMBER, EF_86, SYMBOLS
from brnet.materials.formulas.packing import Packed

FOLDER = Path(__file__).parent / "data"
"""One table for each embedding; the folder's README names origin, citation and licence of each."""

ITEMS_AT_ONCE = 1024
"""Elements of compositions whose vectors are held together: two MB for the longest, which a cache holds."""

OLIYNYK_PROPERTIES = (
    *("atomic number", "atomic weight", "period", "group", "family", "metal", "nonmetal", "metalloid"),
    *("Mendeleev number", "l quantum number", "atomic radius", "Miracle radius (pm)", "covalent radius"),
    *("Zunger radii sum", "ionic radius", "crystal radius", "Pauling electronegativity"),
    *("MB electronegativity", "Gordy electronegativity", "Mulliken electronegativity"),
    *("Allred-Rochow electronegativity", "metallic valence", "valence electrons", "Gilmor valence electrons"),
    *(f"{orbital} valence electrons" for orbital in "spdf"),
    *(f"unfilled {orbital} valence electrons" for orbital in "spdf"),
    *("outer shell electrons", "first ionisation potential (kJ/mol)", "polarisability (Å³)"),
    *("melting point (K)", "boiling point (K)", "density (g/mL)", "specific heat (J/g/K)"),
    *("heat of fusion (kJ/mol)", "heat of vaporisation (kJ/mol)", "thermal conductivity (W/m/K)"),
    *("heat of atomisation (kJ/mol)", "cohesive energy"),
)


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """A table of element vectors, described without reading it: `data/<name>.csv`."""

    name: str
    label: str
    dimensions: tuple[str, ...]
    elements: frozenset[str]
    source: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The means of all dimensions, then their spreads: 'mat2vec mean 17'."""
        return tuple(
            f"{self.label} {what} {dimension}" for what in ("mean", "spread") for dimension in self.dimensions
        )


@cache
def element_vectors(name: str) -> np.ndarray:
    """(119, dimensions) float64 by atomic number, read once; elements outside the table are NaN."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    vectors = np.full((len(SYMBOLS) + 1, len(EMBEDDINGS[name].dimensions)), np.nan)
    vectors[[ATOMIC_NUMBER[row[0]] for row in rows]] = [[float(cell) for cell in row[1:]] for row in rows]
    vectors.flags.writeable = False
    return vectors


def mean_and_spread(packed: Packed, vectors: np.ndarray) -> np.ndarray:
    """Packed compositions, (119, d) element vectors -> (rows, 2 d) float64.

    With the fractions f of a composition's elements and their vectors v, both dimension by dimension:
    mean m = Σ f v, spread = √(Σ f (v − m)²), the standard deviation over the composition's atoms.
    """
    n_dimensions = vectors.shape[1]
    result = np.empty((len(packed.counts), 2 * n_dimensions))
    for count in np.unique(packed.counts).tolist():
        alike = np.flatnonzero(packed.counts == count)
        at_once = max(1, ITEMS_AT_ONCE // count)
        for start in range(0, len(alike), at_once):
            rows = alike[start : start + at_once]
            items = packed.starts[rows] + np.arange(count)[:, None]
            fractions, values = packed.fractions[items][:, :, None], vectors[packed.numbers[items]]
            mean = (values * fractions).sum(axis=0)
            values -= mean
            values *= values
            values *= fractions
            result[rows, :n_dimensions] = mean
            result[rows, n_dimensions:] = np.sqrt(values.sum(axis=0))
    return result


def _numbered(n_dimensions: int) -> tuple[str, ...]:
    return tuple(map(str, range(n_dimensions)))


EMBEDDINGS: dict[str, Embedding] = {
    embedding.name: embedding
    for embedding in (
        Embedding(
            name="mat2vec",
            label="mat2vec",
            dimensions=_numbered(200),
            elements=frozenset(SYMBOLS),
            source="mean and spread of word vectors of the elements, learned from abstracts of articles, "
            "Nature 571, 95 (2019), doi 10.1038/s41586-019-1335-8",
        ),
        Embedding(
            name="oliynyk",
            label="Oliynyk",
            dimensions=OLIYNYK_PROPERTIES,
            elements=frozenset(EF_86) - {"Ac", "Pa", "Np", "Pu"} | {"He", "Ne", "Ar"},
            source="mean and spread of 44 properties of the elements, Chem Mater 28, 7324 (2016), "
            "doi 10.1021/acs.chemmater.6b02724",
        ),
        Embedding(
            name="megnet16",
            label="MEGNet16",
            dimensions=_numbered(16),
            elements=frozenset(SYMBOLS[:94]),
            source="mean and spread of element vectors of a graph network for formation energies, "
            "Chem Mater 31, 3564 (2019), doi 10.1021/acs.chemmater.9b01294",
        ),
        Embedding(
            name="orb_v2",
            label="Orb-v2",
            dimensions=_numbered(256),
            elements=frozenset(EF_86) | {"He"},
            source="mean and spread of atom vectors of the interatomic potential Orb-v2, averaged for each "
            "element, arXiv 2410.22570 (2024), doi 10.48550/arXiv.2410.22570",
        ),
    )
}
