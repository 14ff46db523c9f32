"""The feature sets: their columns, element fractions, arrays in blocks, refusals that name the element."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brnet.errors import FormulaError
from brnet.materials.formulas.elements import EF_86
from brnet.materials.formulas.formula import Composition, read_formula
from brnet.materials.inputs import features
from brnet.materials.inputs.attributes import physical_attributes
from brnet.materials.inputs.features import FEATURES, feature_columns, featurise, unsupported

RUSTS = ("Fe2O3", "FeO", "Fe", "CaTiO3", "Cu0.3Zn0.7", "NaCl", "LiNi0.8Co0.1Mn0.1O2")


def test_the_sets_have_these_numbers_of_columns() -> None:
    assert {name: len(each.columns) for name, each in FEATURES.items()} == {
        "ef": 86,
        "ef103": 103,
        "pa": 145,
        "mat2vec": 400,
        "oliynyk": 88,
        "megnet16": 32,
        "orb_v2": 512,
    }


def test_no_two_columns_of_all_sets_but_the_fractions_share_a_name() -> None:
    columns = feature_columns([name for name in FEATURES if name != "ef103"])
    assert len(set(columns)) == len(columns)


@pytest.mark.parametrize("name", FEATURES)
def test_each_set_computes_its_columns(name: str) -> None:
    found = featurise([read_formula(text) for text in RUSTS], [name])
    assert found.shape == (len(RUSTS), len(FEATURES[name].columns))
    assert np.isfinite(found).all()


def test_columns_follow_the_order_of_the_names() -> None:
    assert feature_columns(("pa", "ef")) == FEATURES["pa"].columns + FEATURES["ef"].columns


def test_fractions_equal_those_that_ibrnets_authors_publish(shared_data: Path) -> None:
    with (shared_data / "ibrnet_sample" / "train.csv").open() as file:
        rows = list(csv.DictReader(file))
    published = np.array([[float(row[symbol]) for symbol in EF_86] for row in rows])
    found = featurise([read_formula(row["pretty_comp"]) for row in rows], ["ef"])
    np.testing.assert_allclose(found, published, atol=1e-7)  # published in single precision


@given(
    st.lists(st.tuples(st.sampled_from(EF_86), st.floats(1e-6, 1e6)), min_size=1, unique_by=lambda x: x[0])
)
def test_fractions_sum_to_one(amounts: list[tuple[str, float]]) -> None:
    assert featurise([Composition(tuple(amounts))], ["ef"]).sum() == pytest.approx(1)


def test_proportions_alone_count() -> None:
    same = featurise([read_formula(text) for text in ("Fe2O3", "Fe4O6", "O0.6Fe0.4")], list(FEATURES))
    np.testing.assert_allclose(same[1:], same[[0, 0]], rtol=1e-12)


def test_blocks_of_rows_give_what_all_rows_at_once_give(monkeypatch: pytest.MonkeyPatch) -> None:
    compositions = [read_formula(text) for text in RUSTS]
    whole = featurise(compositions, ["ef", "pa", "mat2vec"])
    monkeypatch.setattr(features, "ROWS_AT_ONCE", 3)
    assert (featurise(compositions, ["ef", "pa", "mat2vec"]) == whole).all()


def test_single_precision_is_the_rounded_double_precision() -> None:
    compositions = [read_formula(text) for text in RUSTS]
    single = featurise(compositions, ["pa", "oliynyk"], dtype=np.float32)
    assert single.dtype == np.float32
    assert (single == featurise(compositions, ["pa", "oliynyk"]).astype(np.float32)).all()


def test_physical_attributes_are_those_of_the_compositions() -> None:
    compositions = [read_formula(text) for text in RUSTS]
    assert (featurise(compositions, ["pa"]) == physical_attributes(compositions)).all()


def test_importing_the_features_reads_no_element_vectors() -> None:
    check = (
        "from brnet.materials.inputs import embeddings, features; "
        "print(embeddings.element_vectors.cache_info().currsize, len(features.FEATURES['mat2vec'].columns))"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert done.stdout.strip() == "0 400", done.stderr


def test_several_sets_stand_side_by_side() -> None:
    rust = [read_formula("Fe2O3")]
    both = featurise(rust, ["ef", "pa"])
    assert both.shape == (1, 231)
    assert both.dtype == np.float64
    assert (both[:, :86] == featurise(rust, ["ef"])).all()
    assert (both[:, 86:] == featurise(rust, ["pa"])).all()


@pytest.mark.parametrize("names", [[], ["ef"], ["ef", "pa"], ["ef103"], ["mat2vec", "oliynyk"]])
def test_no_compositions_give_an_empty_array_of_the_right_width(names: list[str]) -> None:
    assert featurise([], names).shape == (0, len(feature_columns(names)))


@pytest.mark.parametrize(
    ("formula", "names", "sentence"),
    [
        ("He2O", ["ef"], "'He' in 'He2O' is outside the 86 elements of EF; use EF-103."),
        ("RfO2", ["ef103"], "'Rf' in 'O2Rf' is outside the 103 elements of EF-103; leave the row out."),
        ("He2O", ["ef103", "pa"], "'He' in 'He2O' is outside the 90 elements of PA; leave PA out."),
        (
            "PuO2",
            ["ef", "oliynyk"],
            "'Pu' in 'O2Pu' is outside the 85 elements of Oliynyk; leave Oliynyk out.",
        ),
        ("AmO2", ["megnet16"], "'Am' in 'AmO2' is outside the 94 elements of MEGNet16; leave MEGNet16 out."),
        ("XeRn", ["orb_v2"], "'Rn' in 'RnXe' is outside the 87 elements of Orb-v2; leave Orb-v2 out."),
        ("Og", ["mat2vec"], ""),
        ("He2O", ["ef103"], ""),
        ("PuO2", ["ef", "pa"], ""),
    ],
)
def test_an_element_outside_a_set_is_named(formula: str, names: list[str], sentence: str) -> None:
    assert unsupported(read_formula(formula), names) == sentence


def test_the_first_refused_composition_is_named() -> None:
    with pytest.raises(FormulaError, match=r"^'Ne' in 'Ne' is outside the 86 elements of EF; use EF-103\.$"):
        featurise([read_formula(text) for text in ("Fe", "Ne", "He")], ["ef"])


def test_a_refused_composition_is_named_in_whichever_block_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "ROWS_AT_ONCE", 2)
    compositions = [read_formula(text) for text in ("Fe", "FeO", "Fe2O3", "ArFe")]
    with pytest.raises(
        FormulaError, match=r"^'Ar' in 'ArFe' is outside the 86 elements of EF; use EF-103\.$"
    ):
        featurise(compositions, ["mat2vec", "ef"])


def test_a_long_formula_is_shortened_in_the_sentence() -> None:
    long = read_formula("".join(f"{symbol}7" for symbol in EF_86) + "He")
    assert len(unsupported(long, ["ef"])) < 150
