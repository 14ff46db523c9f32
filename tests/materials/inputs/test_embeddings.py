"""Element embeddings: the tables beside their sources, mean and spread beside plain loops."""

import csv
import math
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brnet.materials.formulas.elements import ATOMIC_NUMBER
from brnet.materials.formulas.formula import Composition, read_formula
from brnet.materials.formulas.packing import pack
from brnet.materials.inputs import embeddings
from brnet.materials.inputs.embeddings import EMBEDDINGS, FOLDER, element_vectors, mean_and_spread

# Copied by hand from ElementEmbeddings 0.8.0: table, element, dimension, value.
PUBLISHED = [
    ("mat2vec", "H", 0, 0.05714642256498337),
    ("mat2vec", "Fe", 17, -0.15276148915290833),
    ("mat2vec", "O", 199, -0.03610078617930412),
    ("mat2vec", "Kr", 199, 0.2816106081008911),
    ("oliynyk", "H", 12, 0.37),
    ("oliynyk", "Fe", 35, 1808.15),
    ("oliynyk", "O", 16, 3.44),
    ("orb_v2", "H", 255, -0.012987638),
    ("orb_v2", "Fe", 0, -0.24163832),
    ("megnet16", "Fe", 0, 0.127333000302314),
    ("megnet16", "O", 15, 0.038901515305042),
]


@pytest.mark.parametrize(("name", "symbol", "dimension", "value"), PUBLISHED)
def test_vectors_hold_the_published_values(name: str, symbol: str, dimension: int, value: float) -> None:
    assert element_vectors(name)[ATOMIC_NUMBER[symbol], dimension] == pytest.approx(value, rel=1e-5)


def test_megnets_vectors_are_matminers() -> None:
    warnings.simplefilter("ignore")
    from matminer.utils.data import MEGNetElementData
    from pymatgen.core import Element

    theirs = MEGNetElementData()
    for symbol in EMBEDDINGS["megnet16"].elements:
        expected = [theirs.get_elemental_property(Element(symbol), name) for name in theirs.prop_names]
        found = element_vectors("megnet16")[ATOMIC_NUMBER[symbol]]
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_the_description_is_that_of_the_file(name: str) -> None:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header[1:]) == EMBEDDINGS[name].dimensions
    numbers = [ATOMIC_NUMBER[row[0]] for row in rows]
    assert {row[0] for row in rows} == EMBEDDINGS[name].elements
    assert all(first < second for first, second in pairwise(numbers))


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_every_element_has_a_vector_of_its_own_and_others_have_none(name: str) -> None:
    vectors = element_vectors(name)
    known = [ATOMIC_NUMBER[symbol] for symbol in EMBEDDINGS[name].elements]
    assert len(np.unique(vectors[known], axis=0)) == len(known)
    assert np.isfinite(vectors[known]).all()
    assert np.isnan(np.delete(vectors, known, axis=0)).all()


def test_each_file_is_named_with_its_doi_in_the_folders_readme() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name, embedding in EMBEDDINGS.items():
        assert f"`{name}.csv`" in readme
        assert embedding.source.rpartition("doi ")[2] in readme


def test_columns_say_what_they_hold() -> None:
    assert EMBEDDINGS["mat2vec"].columns[17] == "mat2vec mean 17"
    assert EMBEDDINGS["mat2vec"].columns[217] == "mat2vec spread 17"
    assert EMBEDDINGS["oliynyk"].columns[35] == "Oliynyk mean melting point (K)"


@pytest.mark.parametrize("name", EMBEDDINGS)
@pytest.mark.parametrize("formula", ["Fe", "Fe2O3", "CaTiO3", "Cu0.3Zn0.7", "LiNi0.8Co0.1Mn0.1O2"])
def test_mean_and_spread_equal_plain_loops(name: str, formula: str) -> None:
    composition = read_formula(formula)
    vectors, size = element_vectors(name), len(EMBEDDINGS[name].dimensions)
    found = mean_and_spread(pack([composition]), vectors)
    for dimension in range(size):
        of_element = {s: vectors[ATOMIC_NUMBER[s], dimension] for s in composition.elements}
        mean = sum(share * of_element[s] for s, share in composition.fractions.items())
        variance = sum(share * (of_element[s] - mean) ** 2 for s, share in composition.fractions.items())
        assert found[0, dimension] == pytest.approx(mean, rel=1e-9, abs=1e-12)
        assert found[0, size + dimension] == pytest.approx(math.sqrt(variance), rel=1e-9, abs=1e-12)


def test_the_melting_points_of_brass_by_hand() -> None:
    brass = mean_and_spread(pack([read_formula("CuZn3")]), element_vectors("oliynyk"))[0]
    column = EMBEDDINGS["oliynyk"].columns.index("Oliynyk mean melting point (K)")
    copper, zinc = 1356.15, 692.75  # K, in the table
    assert brass[column] == pytest.approx(0.25 * copper + 0.75 * zinc)
    assert brass[column + 44] == pytest.approx(math.sqrt(0.25 * 0.75) * (copper - zinc))


def test_one_element_alone_has_its_own_vector_and_no_spread() -> None:
    found = mean_and_spread(pack([read_formula("Fe2")]), element_vectors("mat2vec"))[0]
    assert (found[:200] == element_vectors("mat2vec")[26]).all()
    assert (found[200:] == 0).all()


amounts = st.lists(
    st.tuples(st.sampled_from(sorted(EMBEDDINGS["orb_v2"].elements)), st.floats(1e-3, 1e3)),
    min_size=1,
    max_size=12,
    unique_by=lambda item: item[0],
)


@settings(deadline=None)
@given(amounts, st.floats(1e-3, 1e3), st.randoms(use_true_random=False))
def test_neither_scale_nor_order_changes_anything(amounts: list, scale: float, random: object) -> None:
    other = [(symbol, amount * scale) for symbol, amount in amounts]
    random.shuffle(other)  # type: ignore[attr-defined]
    packed = pack([Composition(tuple(amounts)), Composition(tuple(other))])
    found = mean_and_spread(packed, element_vectors("orb_v2"))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(st.lists(amounts, min_size=1, max_size=8))
def test_a_row_does_not_depend_on_the_other_rows(rows: list) -> None:
    compositions = [Composition(tuple(row)) for row in rows]
    vectors = element_vectors("megnet16")
    together = mean_and_spread(pack(compositions), vectors)
    alone = [mean_and_spread(pack([composition]), vectors)[0] for composition in compositions]
    np.testing.assert_array_equal(together, alone)


def test_more_elements_than_are_held_together_keep_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pack([read_formula(text) for text in ("Fe2O3", "Cu", "NaCl", "CaTiO3", "H2O", "MgO", "Al2O3")])
    whole = mean_and_spread(packed, element_vectors("mat2vec"))
    monkeypatch.setattr(embeddings, "ITEMS_AT_ONCE", 2)
    assert (mean_and_spread(packed, element_vectors("mat2vec")) == whole).all()
