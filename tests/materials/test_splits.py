"""Splits: complete, repeatable, without the leaks they promise to close."""

from pathlib import Path

import numpy as np
import pytest

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset, build_dataset
from brnet.materials.files import read_table
from brnet.materials.splits import SPLITS, split

METALS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Ti", "Fe", "Cu", "Zn")
PARTNERS = ("F", "Cl", "Br", "O", "S", "N")


def grouped(sizes: list[int]) -> Dataset:
    """A dataset with so many rows of each formula."""
    formulas = [f"{metal}{partner}" for metal in METALS for partner in PARTNERS]
    lines = [
        f"{formula},{row}" for formula, size in zip(formulas, sizes, strict=False) for row in range(size)
    ]
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    return build_dataset(table, formula_column="formula", target="y")


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


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        ([60] + [2] * 20, (80, 10, 10)),
        ([90] + [1] * 10, (90, 5, 5)),
        ([40, 20] + [2] * 20, (80, 10, 10)),
        ([30, 30, 20, 20], (60, 20, 20)),
        ([25] * 4, (50, 25, 25)),
        ([8, 1, 1], (8, 1, 1)),
        ([98, 1, 1], (98, 1, 1)),
        ([47, 47, 6], (47, 47, 6)),
        ([30, 30, 30, 5, 5], (90, 5, 5)),
    ],
)
def test_large_groups_are_learned_from(sizes: list[int], parts: tuple[int, int, int]) -> None:
    for seed in range(10):
        found = split(grouped(sizes), rule="formula", seed=seed)
        assert (len(found.train), len(found.valid), len(found.test)) == parts


def test_the_steels_keep_their_shares_by_system(shared_data: Path) -> None:
    table = read_table((shared_data / "matbench" / "matbench_steels.csv").read_bytes(), name="steels.csv")
    rows = build_dataset(table, formula_column="formula", target="target")
    for seed in range(5):
        parts = split(rows, rule="system", seed=seed)
        assert len(parts.train) >= 0.75 * len(rows)
        assert 0.04 * len(rows) <= min(len(parts.valid), len(parts.test))
        assert max(len(parts.valid), len(parts.test)) <= 0.1 * len(rows)


def test_a_class_of_two_rows_is_refused_by_name() -> None:
    lines = [f"{metal}Cl,{'metal' if place < 2 else 'insulator'}" for place, metal in enumerate(METALS)]
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, formula_column="formula", target="y")
    with pytest.raises(ExperimentError) as refusal:
        split(rows, rule="random", seed=0)
    assert str(refusal.value) == (
        "The class 'metal' of t.csv has 2 rows; to train, choose and test, 3 are needed: "
        "add some or choose another split."
    )


def test_each_part_has_rows_of_a_class_of_three() -> None:
    lines = [f"{metal}Cl,{'metal' if place < 3 else 'insulator'}" for place, metal in enumerate(METALS)]
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, formula_column="formula", target="y")
    parts = split(rows, rule="random", seed=0)
    assert [rows.values[part].sum() for part in (parts.train, parts.valid, parts.test)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("train", "val"), "The column 'split' of t.csv has no test rows; write test in some or choose"),
        (("test", "val"), "The column 'split' of t.csv has no training rows; write train in some or choose"),
        (("train", "later"), "The column 'split' of t.csv says 'later' on line 3; write train, val or test"),
    ],
)
def test_a_split_column_that_cannot_be_followed_says_why(words: tuple[str, str], sentence: str) -> None:
    lines = [f"{metal}Cl,{place},{words[place % 2]}" for place, metal in enumerate(METALS)]
    table = read_table("\n".join(["formula,y,split", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, formula_column="formula", target="y")
    with pytest.raises(ExperimentError, match=sentence):
        split(rows, rule="column", seed=0)


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
