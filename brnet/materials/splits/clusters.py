"""Groups of like compositions, found by k-means on the mean properties of their elements."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brnet.errors import ExperimentError
from brnet.materials.formulas.composition import Composition
from brnet.materials.formulas.elements import SYMBOLS
from brnet.materials.formulas.packing import Packed, pack
from brnet.materials.inputs.attributes import element_table

MOST_CLUSTERS = 10
"""A cluster of mean size is then a tenth of the formulas, as much as other splits test on."""

FORMULAS_A_CLUSTER = 5
"""Smaller tables get fewer clusters: at least so many different formulas for each."""

MOST_FITTED = 20_000
"""Formulas that the centres are found from, drawn from larger tables; all are then put to the nearest."""

STARTS = 3
RANDOM_STATE = 0
MOST_NAMED = 3
RICH = 0.01
"""Share of the atoms by which an element exceeds the table's mean before a cluster is named after it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Clusters:
    """`number` (n,) from 1, the largest cluster first; `rich_in` the elements that each stands out by."""

    number: np.ndarray
    rich_in: tuple[tuple[str, ...], ...]


def find_clusters(compositions: Sequence[Composition], group: np.ndarray) -> Clusters:
    """Cluster the formulas, each counted once: `group` (n,) numbers them from 0.

    The same compositions give the same clusters: there is no seed. Raises ExperimentError for fewer than
    ten different formulas, or where all are alike.
    """
    first = np.unique(group, return_index=True)[1]
    n_clusters = min(MOST_CLUSTERS, len(first) // FORMULAS_A_CLUSTER)
    packed = pack([compositions[row] for row in first])
    nearest = _k_means(element_means(packed), n_clusters) if n_clusters > 1 else np.zeros(len(first), int)
    present, nearest = np.unique(nearest, return_inverse=True)
    if len(present) < 2:
        raise ExperimentError(
            f"The formulas of this table ({len(first)} different) do not fall into clusters; at least "
            f"{2 * FORMULAS_A_CLUSTER} that differ are needed: choose another split."
        )
    rank = np.empty(len(present), dtype=int)
    rank[np.argsort(-np.bincount(nearest[group]), kind="stable")] = np.arange(len(present))
    return Clusters(number=rank[nearest][group] + 1, rich_in=_rich_in(packed, rank[nearest]))


def element_means(packed: Packed) -> np.ndarray:
    """(n, 22): the fraction-weighted means of the elemental properties of Magpie (npj Comput Mater 2, 16028,
    2016), each column with mean 0 and variance 1.

    Elements without these values (beyond Pu, for one) do not count; a composition of such alone is 0.
    """
    from scipy.sparse import csr_array

    values = element_table().values
    known = np.isfinite(values).all(axis=1)
    shares = csr_array(
        (packed.fractions, packed.numbers, np.append(packed.starts, len(packed.numbers))),
        shape=(len(packed.counts), len(values)),
    )
    totals = shares @ known.astype(float)
    means = shares @ np.where(known[:, None], values, 0.0) / np.where(totals > 0, totals, 1.0)[:, None]
    told = totals > 0
    if not told.any():
        return np.zeros_like(means)
    spread = means[told].std(axis=0)
    return np.where(
        told[:, None], (means - means[told].mean(axis=0)) / np.where(spread > 0, spread, 1.0), 0.0
    )


def _k_means(x: np.ndarray, n_clusters: int) -> np.ndarray:
    """The cluster of each row (n,). On one thread: sums in another order could move a border."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    fitted = x
    if len(x) > MOST_FITTED:
        drawn = np.random.default_rng(RANDOM_STATE).choice(len(x), size=MOST_FITTED, replace=False)
        fitted = x[np.sort(drawn)]
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer different points than clusters: the empty ones are left out
        model = KMeans(n_clusters=n_clusters, n_init=STARTS, random_state=RANDOM_STATE).fit(fitted)
        return model.predict(x)


def _rich_in(packed: Packed, cluster: np.ndarray) -> tuple[tuple[str, ...], ...]:
    """For each cluster the elements whose mean share of the atoms exceeds the table's most."""
    n_clusters, width = int(cluster.max()) + 1, len(SYMBOLS) + 1
    cells = cluster[packed.rows] * width + packed.numbers
    sums = np.bincount(cells, packed.fractions, minlength=n_clusters * width).reshape(n_clusters, width)
    excess = sums / np.bincount(cluster)[:, None] - sums.sum(axis=0) / len(cluster)
    return tuple(
        tuple(
            SYMBOLS[number - 1]
            for rank, number in enumerate(np.argsort(-row, kind="stable")[:MOST_NAMED])
            if row[number] >= RICH or rank == 0
        )
        for row in excess
    )
