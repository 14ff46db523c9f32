"""The feature sets: element fractions, their columns, and refusals that name the element."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brnet.errors import FormulaError
from brnet.materials.elements import EF_86
from brnet.materials.features import FEATURES, feature_columns, featurise, unsupported
from brnet.materials.formula import Composition, read_formula


def test_the_sets_have_86_103_and_145_columns() -> None:
    assert {name: len(features.columns) for name, features in FEATURES.items()} == {
        "ef": 86,
        "ef103": 103,
        "pa": 145,
    }


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
    same = featurise([read_formula(text) for text in ("Fe2O3", "Fe4O6", "O0.6Fe0.4")], ["ef", "ef103"])
    np.testing.assert_allclose(same[1:], same[[0, 0]], rtol=1e-12)


def test_several_sets_stand_side_by_side() -> None:
    rust = [read_formula("Fe2O3")]
    both = featurise(rust, ["ef", "pa"])
    assert both.shape == (1, 231)
    assert both.dtype == np.float64
    assert (both[:, :86] == featurise(rust, ["ef"])).all()
    assert (both[:, 86:] == featurise(rust, ["pa"])).all()


@pytest.mark.parametrize("names", [["ef"], ["ef", "pa"], ["ef103"]])
def test_no_compositions_give_an_empty_array_of_the_right_width(names: list[str]) -> None:
    assert featurise([], names).shape == (0, len(feature_columns(names)))


@pytest.mark.parametrize(
    ("formula", "names", "sentence"),
    [
        ("He2O", ["ef"], "'He' in 'He2O' is outside the 86 elements of EF; use EF-103."),
        ("RfO2", ["ef103"], "'Rf' in 'O2Rf' is outside the 103 elements of EF-103; leave the row out."),
        ("He2O", ["ef103", "pa"], "'He' in 'He2O' is outside the 90 elements of PA; leave PA out."),
        ("He2O", ["ef103"], ""),
        ("PuO2", ["ef", "pa"], ""),
    ],
)
def test_an_element_outside_a_set_is_named(formula: str, names: list[str], sentence: str) -> None:
    assert unsupported(read_formula(formula), names) == sentence


def test_the_first_refused_composition_is_named() -> None:
    with pytest.raises(FormulaError, match=r"^'Ne' in 'Ne' is outside the 86 elements of EF; use EF-103\.$"):
        featurise([read_formula(text) for text in ("Fe", "Ne", "He")], ["ef"])


def test_a_long_formula_is_shortened_in_the_sentence() -> None:
    long = read_formula("".join(f"{symbol}7" for symbol in EF_86) + "He")
    assert len(unsupported(long, ["ef"])) < 150
