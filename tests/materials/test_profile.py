"""The profile of a dataset, against pandas and scipy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew

from brnet.materials.dataset import Dataset, build_dataset
from brnet.materials.families import FAMILIES
from brnet.materials.fingerprint import fingerprints
from brnet.materials.formulas.formula import read_formula
from brnet.materials.profile import overlap, profile
from brnet.materials.reading import Reading
from brnet.materials.tables.files import read_table


def build(text: str, **read_as) -> Dataset:
    reading = Reading(**({"formula_column": "formula", "target": "y"} | read_as))
    return build_dataset(read_table(text.encode(), name="t.csv"), reading)


@pytest.fixture(scope="module")
def gaps(shared_data: Path) -> Dataset:
    """The 4,604 measured band gaps."""
    data = (shared_data / "matbench" / "matbench_expt_gap.csv").read_bytes()
    return build_dataset(
        read_table(data, name="expt_gap.csv"), Reading(formula_column="formula", target="target")
    )


def test_counts_means_and_deviations_of_every_element_are_those_of_pandas(gaps: Dataset) -> None:
    chemistry = profile(gaps).chemistry
    assert chemistry is not None
    held = pd.DataFrame(
        [
            (symbol, value)
            for composition, value in zip(gaps.compositions, gaps.values, strict=True)
            for symbol in composition.elements
        ],
        columns=["symbol", "value"],
    ).groupby("symbol")["value"]
    assert {symbol: group.rows for symbol, group in chemistry.elements.items()} == held.size().to_dict()
    for symbol, values in held:
        group = chemistry.elements[symbol]
        assert group.mean == pytest.approx(values.mean())
        assert group.deviation == pytest.approx((values - values.mean()).abs().mean())


def test_the_commonest_element_and_family_come_first(gaps: Dataset) -> None:
    chemistry = profile(gaps).chemistry
    assert chemistry is not None
    for groups in (chemistry.elements, chemistry.families):
        rows = [group.rows for group in groups.values()]
        assert rows == sorted(rows, reverse=True)


def test_every_row_is_in_one_family_and_has_one_size(gaps: Dataset) -> None:
    chemistry = profile(gaps).chemistry
    assert chemistry is not None
    assert sum(group.rows for group in chemistry.families.values()) == len(gaps)
    assert sum(chemistry.sizes.values()) == len(gaps)
    assert sum(len(chemistry.rows_of(name)) for name in FAMILIES) == len(gaps)


def test_the_rows_of_an_element_hold_it(gaps: Dataset) -> None:
    chemistry = profile(gaps).chemistry
    assert chemistry is not None
    expected = [row for row, one in enumerate(gaps.compositions) if "Fe" in one.elements]
    assert chemistry.rows_with("Fe").tolist() == expected
    assert chemistry.rows_with("Og").tolist() == []


def test_the_summary_is_that_of_numpy_and_scipy(gaps: Dataset) -> None:
    target = profile(gaps).target
    assert (target.low, target.median, target.high) == (
        gaps.values.min(),
        np.median(gaps.values),
        gaps.values.max(),
    )
    assert target.zeros == int((gaps.values == 0).sum())
    assert target.skewness == pytest.approx(skew(gaps.values))
    assert target.log_skewness is None


def test_positive_values_over_several_decades_suggest_a_logarithm() -> None:
    rows = "".join(f"Fe{n}O,{10 ** (n / 10):.6g}\n" for n in range(1, 40))
    target = profile(build("formula,y\n" + rows)).target
    assert target.decades == pytest.approx(3.8, rel=1e-4)
    assert target.suggests_log


@pytest.mark.parametrize(
    "values", [(0.0, 10.0, 1000.0), (-1.0, 10.0, 1000.0), (5.0, 6.0, 40.0), (2.0, 2.0, 2.0)]
)
def test_zeros_negatives_narrow_or_constant_values_do_not(values: tuple[float, ...]) -> None:
    rows = "".join(f"Fe{n}O,{value}\n" for n, value in enumerate(values, start=1))
    assert not profile(build("formula,y\n" + rows, task="regression")).target.suggests_log


def test_of_classes_the_mean_is_the_share_of_the_second() -> None:
    found = profile(build("formula,y\nFe,metal\nNaCl,insulator\nCu,metal\nFeO,insulator\n"))
    assert found.target.mean == 0.5
    assert found.chemistry is not None
    assert found.chemistry.elements["Fe"].mean == 0.5
    assert found.chemistry.elements["Cu"].mean == 1


def test_marked_outliers_are_rows_of_the_dataset() -> None:
    rows = "".join(f"Fe{n}O,{n % 7}\n" for n in range(1, 200))
    dataset = build("formula,y\n" + rows + "Xx2,3\nGaAs,1e6\n", task="regression")
    assert [dataset.formulas[row] for row in profile(dataset).outliers] == ["GaAs"]


def test_merged_rows_are_counted() -> None:
    text = "formula,y\nFe2O3,1\nFe4O6,2\nGaAs,3\nXx2,3\n"
    assert profile(build(text)).merged == 0
    assert profile(build(text, repeats="mean")).merged == 1


def test_a_dataset_without_compositions_has_a_target_only() -> None:
    found = profile(build("a,y\n1,2.5\n2,3.5\n", formula_column="", numbers=("a",)))
    assert found.chemistry is None
    assert found.target.mean == 3


def test_the_overlap_is_the_rows_whose_composition_was_seen() -> None:
    dataset = build("formula,y\nFe2O3,1.5\nGaAs,2\nFe4O6,3\n")
    seen = np.sort(fingerprints([read_formula("Fe2O3"), read_formula("NaCl")]))
    assert overlap(dataset, seen).tolist() == [True, False, True]


def test_without_compositions_nothing_was_seen() -> None:
    dataset = build("a,y\n1,2.5\n2,3.5\n", formula_column="", numbers=("a",))
    assert overlap(dataset, np.array([1, 2], dtype=np.uint64)).tolist() == [False, False]


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:invalid value encountered")
def test_huge_values_can_be_profiled() -> None:
    found = profile(build("formula,y\nFeO,1e308\nFeO,-1e308\nGaAs,1e-308\nCu,3\n"))
    assert found.target.high == 1e308
