"""Clusters: kinds of material that a chemist would name, the same every time, no formula torn."""

from pathlib import Path

import numpy as np
import pytest

from brnet.errors import ExperimentError
from brnet.materials.dataset import build_dataset
from brnet.materials.formulas.formula import read_formula
from brnet.materials.formulas.packing import pack
from brnet.materials.inputs.attributes import attribute_columns, physical_attributes
from brnet.materials.reading import Reading
from brnet.materials.splits.clusters import element_means, find_clusters
from brnet.materials.splits.parts import numbered
from brnet.materials.tables.files import read_table

HALIDES = [f"{metal}{halogen}" for metal in ("Li", "Na", "K", "Rb", "Cs") for halogen in ("F", "Cl", "Br")]
ALLOYS = [f"{first}{second}" for first in ("Fe", "Co", "Ni") for second in ("W", "Re", "Os", "Ir", "Pt")]


def test_salts_and_alloys_are_told_apart() -> None:
    compositions = [read_formula(formula) for formula in HALIDES + ALLOYS]
    found = find_clusters(compositions, np.arange(30))
    salts, alloys = set(found.number[:15]), set(found.number[15:])
    assert not salts & alloys
    metals = {"Fe", "Co", "Ni", "W", "Re", "Os", "Ir", "Pt"}
    assert all(set(found.rich_in[number - 1]) <= metals for number in alloys)


def test_clusters_are_numbered_from_the_largest() -> None:
    compositions = [read_formula(formula) for formula in HALIDES + ALLOYS]
    sizes = np.bincount(find_clusters(compositions, np.arange(30)).number)[1:]
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)


def test_repeats_of_a_formula_are_in_its_cluster_and_do_not_move_the_others() -> None:
    once = [read_formula(formula) for formula in HALIDES + ALLOYS]
    doubled = once + [read_formula("Na2Cl2")] * 20
    group = numbered([composition.reduced for composition in doubled])
    found = find_clusters(doubled, group).number
    alone = find_clusters(once, np.arange(30)).number
    assert set(found[30:]) == {found[HALIDES.index("NaCl")]}
    for number in set(alone):
        assert len(set(found[:30][alone == number])) == 1


def test_real_clusters_are_the_same_twice_and_none_is_most_of_the_table(shared_data: Path) -> None:
    path = shared_data / "matbench" / "matbench_expt_gap.csv"
    rows = build_dataset(
        read_table(path.read_bytes(), name=path.name), Reading(formula_column="formula", target="target")
    )
    group = numbered([composition.reduced for composition in rows.compositions])
    first, again = (find_clusters(rows.compositions, group) for _ in range(2))
    np.testing.assert_array_equal(first.number, again.number)
    sizes = np.bincount(first.number)[1:]
    assert len(sizes) == 10
    assert sizes.max() < 0.3 * len(rows)
    assert "O" in first.rich_in[0]


def test_the_vectors_are_the_mean_attributes_scaled() -> None:
    compositions = [read_formula(formula) for formula in HALIDES + ALLOYS]
    names = attribute_columns()
    means = [place for place, name in enumerate(names) if name.startswith("MagpieData mean ")]
    expected = physical_attributes(compositions)[:, means]
    spread = expected.std(axis=0)
    expected = (expected - expected.mean(axis=0)) / np.where(spread > 0, spread, 1)
    np.testing.assert_allclose(element_means(pack(compositions)), expected, atol=1e-9)


def test_elements_without_values_do_not_count() -> None:
    known = [read_formula(formula) for formula in HALIDES]
    with_unknown = [*known, read_formula("NaClLr"), read_formula("Lr")]
    vectors = element_means(pack(with_unknown))
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(vectors[15], vectors[HALIDES.index("NaCl")])
    assert (vectors[16] == 0).all()


@pytest.mark.parametrize("formulas", [HALIDES[:9], ["Lr", *(f"LrLr{n}" for n in range(2, 15))]])
def test_too_few_different_formulas_do_not_fall_into_clusters(formulas: list[str]) -> None:
    compositions = [read_formula(formula) for formula in formulas]
    group = numbered([composition.reduced for composition in compositions])
    with pytest.raises(
        ExperimentError, match="different. do not fall into clusters; at least 10 that differ are needed"
    ):
        find_clusters(compositions, group)
