"""Repeated compositions and the noise floor, against pandas and by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from brnet.materials.fingerprint import fingerprints
from brnet.materials.formulas.formula import read_formula
from brnet.materials.repeats import FEW_REPEATS, Repeats, find_repeats


def repeats(*rows: tuple[str, float], is_class: bool = False) -> Repeats:
    compositions = [read_formula(formula) for formula, _ in rows]
    values = np.array([value for _, value in rows], dtype=float)
    return find_repeats(fingerprints(compositions), values, compositions, is_class=is_class)


def test_repeats_are_found_however_the_formula_is_written() -> None:
    found = repeats(("Fe2O3", 1), ("GaAs", 5), ("Fe4O6", 2), ("NaCl", 3), ("ClNa", 3))
    assert (found.compositions, found.repeated, found.repeated_rows) == (3, 2, 4)
    assert (found.conflicting, found.conflicting_rows) == (1, 2)
    assert sorted(found.spreads.tolist()) == [0, 1]


def test_the_floor_by_hand() -> None:
    """Three rows of one composition at 0, 1, 5, one of another at 10: median 1, mean 2."""
    floor = repeats(("FeO", 0), ("FeO", 1), ("FeO", 5), ("GaAs", 10)).floor
    assert floor is not None
    assert floor.mae == (1 + 0 + 4) / 4
    assert floor.repeated_mae == pytest.approx((1 + 0 + 4) / 3)
    assert floor.rmse == pytest.approx(((4 + 1 + 9) / 4) ** 0.5)
    assert floor.repeatability == pytest.approx((14 / 2) ** 0.5)  # n - 1 = 2
    assert floor.r2 == pytest.approx(1 - 14 / np.sum((np.array([0, 1, 5, 10]) - 4) ** 2))


def test_an_even_number_of_rows_has_the_median_between_the_middle_two() -> None:
    floor = repeats(("FeO", 0), ("FeO", 1), ("FeO", 3), ("FeO", 9)).floor
    assert floor is not None
    assert floor.mae == (2 + 1 + 1 + 7) / 4


def test_the_floor_of_mp_e_form_is_that_of_pandas(shared_data: Path) -> None:
    rows = pd.read_csv(shared_data / "matbench" / "matbench_mp_e_form.csv", keep_default_na=False).head(
        20_000
    )
    compositions = [read_formula(formula) for formula in rows["formula"]]
    values = rows["target"].to_numpy()
    floor = find_repeats(fingerprints(compositions), values, compositions, is_class=False).floor
    by_composition = rows["target"].groupby([one.reduced for one in compositions])
    medians, means = by_composition.transform("median"), by_composition.transform("mean")
    assert floor is not None
    assert floor.mae == pytest.approx((rows["target"] - medians).abs().mean(), rel=1e-9)
    assert floor.rmse == pytest.approx(((rows["target"] - means) ** 2).mean() ** 0.5, rel=1e-9)


def test_the_repeatability_of_planted_noise_is_found() -> None:
    """Two rows each of many compositions: the n - 1 correction gives the planted deviation back."""
    generator = np.random.default_rng(0)
    prints = np.repeat(np.arange(20_000, dtype=np.uint64), 2)
    values = np.repeat(generator.normal(size=20_000), 2) + generator.normal(scale=0.3, size=40_000)
    floor = find_repeats(prints, values, [read_formula("Fe")] * 40_000, is_class=False).floor
    assert floor is not None
    assert floor.repeatability == pytest.approx(0.3, rel=0.02)
    assert floor.rmse == pytest.approx(0.3 / 2**0.5, rel=0.02)  # in-sample: half of the variance


def test_no_function_of_the_composition_does_better_than_the_floor() -> None:
    generator = np.random.default_rng(1)
    prints = generator.integers(0, 50, 300).astype(np.uint64)
    values = generator.normal(size=300)
    floor = find_repeats(prints, values, [read_formula("Fe")] * 300, is_class=False).floor
    assert floor is not None
    for _ in range(20):
        guessed = generator.normal(scale=0.3, size=50)[prints.astype(int)]
        assert np.abs(values - guessed).mean() > floor.mae
        assert np.mean((values - guessed) ** 2) > floor.rmse**2


def test_without_repeats_there_is_no_floor() -> None:
    found = repeats(("FeO", 0), ("GaAs", 1))
    assert found.floor is None
    assert found.widest == ()
    assert found.few


def test_few_repeats_are_said_to_be_few() -> None:
    enough = [("FeO", float(row)) for row in range(FEW_REPEATS)]
    assert not repeats(*enough).few
    assert repeats(*enough[1:]).few


def test_of_classes_the_commoner_one_is_the_best_answer() -> None:
    found = repeats(("FeO", 0), ("FeO", 1), ("FeO", 1), ("GaAs", 0), ("NaCl", 0), is_class=True)
    assert found.accuracy == 4 / 5
    assert found.conflicting_rows == 3
    assert found.floor is None


def test_the_widest_compositions_come_first_under_their_reduced_formula() -> None:
    widest = repeats(("FeO", 0), ("FeO", 1), ("H4", 0), ("H2", 9), ("GaAs", 3), ("GaAs", 3)).widest
    assert [(one.formula, one.rows, one.low, one.high) for one in widest] == [
        ("H", 2, 0, 9),
        ("FeO", 2, 0, 1),
    ]


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:invalid value encountered")
def test_huge_values_have_no_best_r2_rather_than_a_wrong_one() -> None:
    floor = repeats(("FeO", 1e308), ("FeO", -1e308)).floor
    assert floor is not None
    assert floor.r2 is None
