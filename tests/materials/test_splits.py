"""Splits: complete, repeatable, without the leaks they promise to close."""

import numpy as np
import pytest

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset, build_dataset
from brnet.materials.splits import SPLITS, split
from brnet.materials.table import read_table

METALS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Ti", "Fe", "Cu", "Zn")
PARTNERS = ("F", "Cl", "Br", "O", "S", "N")


def dataset(*, repeats: int = 2, labels: bool = False) -> Dataset:
    lines = ["formula,y"]
    for number, (metal, partner) in enumerate((m, p) for m in METALS for p in PARTNERS):
        for copy in range(1, repeats + 1):
            value = ("yes" if number % 3 else "no") if labels else number
            lines.append(f"{metal}{copy}{partner}{copy},{value}")
            lines.append(f"{metal}{copy}{partner}{copy + 1},{value}")
    table = read_table("\n".join(lines).encode(), name="t.csv")
    return build_dataset(table, formula_column="formula", target="y")


@pytest.mark.parametrize("rule", ["random", "formula", "system"])
def test_each_row_is_in_exactly_one_part(rule: str) -> None:
    rows = dataset()
    parts = split(rows, rule=rule, seed=0)
    together = np.concatenate([parts.train, parts.valid, parts.test])
    assert sorted(together.tolist()) == list(range(len(rows)))
    assert len(parts.test) == pytest.approx(0.1 * len(rows), abs=6)
    assert len(parts.valid) == pytest.approx(0.1 * len(rows), abs=6)


@pytest.mark.parametrize("rule", ["random", "formula", "system"])
def test_a_seed_repeats_its_split_and_another_does_not(rule: str) -> None:
    rows = dataset()
    first, again, other = (split(rows, rule=rule, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.test, again.test)
    assert set(first.test.tolist()) != set(other.test.tolist())


@pytest.mark.parametrize(("rule", "key"), [("formula", "reduced"), ("system", "chemical_system")])
def test_groups_are_never_torn_apart(rule: str, key: str) -> None:
    rows = dataset()
    parts = split(rows, rule=rule, seed=1)
    keys = [
        {getattr(rows.compositions[i], key) for i in part} for part in (parts.train, parts.valid, parts.test)
    ]
    assert not keys[0] & keys[1]
    assert not keys[0] & keys[2]
    assert not keys[1] & keys[2]


def test_random_classes_keep_their_share() -> None:
    rows = dataset(labels=True)
    parts = split(rows, rule="random", seed=0)
    assert rows.values[parts.test].mean() == pytest.approx(rows.values.mean(), abs=0.05)


def test_the_tables_own_column_is_followed() -> None:
    lines = [f"{metal}Cl,{i},{('train', 'val', 'test')[i % 3]}" for i, metal in enumerate(METALS)]
    table = read_table("\n".join(["formula,y,split", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, formula_column="formula", target="y")
    parts = split(rows, rule="column", seed=0)
    assert parts.valid.tolist() == [1, 4, 7]


def test_validation_rows_come_from_training_where_the_column_has_none() -> None:
    lines = [
        f"{metal}{p},{i},{'test' if i % 5 == 0 else 'train'}"
        for i, metal in enumerate(METALS)
        for p in PARTNERS
    ]
    table = read_table("\n".join(["formula,y,split", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, formula_column="formula", target="y")
    parts = split(rows, rule="column", seed=0)
    assert (len(parts.train), len(parts.valid), len(parts.test)) == (43, 5, 12)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("column", "has no column 'split'"),
        ("moon", "There is no split 'moon'; choose one of " + ", ".join(SPLITS)),
    ],
)
def test_a_split_that_cannot_be_made_is_refused(rule: str, sentence: str) -> None:
    with pytest.raises(ExperimentError, match=sentence):
        split(dataset(), rule=rule, seed=0)


def test_too_few_rows_are_refused() -> None:
    table = read_table(b"formula,y\nGaAs,1\nNaCl,2\n", name="t.csv")
    with pytest.raises(ExperimentError, match="has 2 usable rows; to train and test, 10 are needed"):
        split(build_dataset(table, formula_column="formula", target="y"), rule="random", seed=0)
