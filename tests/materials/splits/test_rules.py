"""Splits: complete, repeatable, without the leaks they promise to close."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset, build_dataset
from brnet.materials.reading import Reading
from brnet.materials.splits.rules import SPLITS, Split, holdings, rules_for, split
from brnet.materials.tables.files import read_table

METALS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Ti", "Fe", "Cu", "Zn")
PARTNERS = ("F", "Cl", "Br", "O", "S", "N")


def grouped(sizes: list[int]) -> Dataset:
    """A dataset with so many rows of each formula."""
    formulas = [f"{metal}{partner}" for metal in METALS for partner in PARTNERS]
    lines = [
        f"{formula},{row}" for formula, size in zip(formulas, sizes, strict=False) for row in range(size)
    ]
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    return build_dataset(table, Reading(formula_column="formula", target="y"))


def dataset(*, repeats: int = 2, labels: bool = False) -> Dataset:
    lines = ["formula,y"]
    for number, (metal, partner) in enumerate((m, p) for m in METALS for p in PARTNERS):
        for copy in range(1, repeats + 1):
            value = ("yes" if number % 3 else "no") if labels else number
            lines.append(f"{metal}{copy}{partner}{copy},{value}")
            lines.append(f"{metal}{copy}{partner}{copy + 1},{value}")
    table = read_table("\n".join(lines).encode(), name="t.csv")
    return build_dataset(table, Reading(formula_column="formula", target="y"))


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
    rows = build_dataset(table, Reading(formula_column="formula", target="target"))
    for seed in range(5):
        parts = split(rows, rule="system", seed=seed)
        assert len(parts.train) >= 0.75 * len(rows)
        assert 0.04 * len(rows) <= min(len(parts.valid), len(parts.test))
        assert max(len(parts.valid), len(parts.test)) <= 0.1 * len(rows)


def test_a_class_of_two_rows_is_refused_by_name() -> None:
    lines = [f"{metal}Cl,{'metal' if place < 2 else 'insulator'}" for place, metal in enumerate(METALS)]
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, Reading(formula_column="formula", target="y"))
    with pytest.raises(ExperimentError) as refusal:
        split(rows, rule="random", seed=0)
    assert str(refusal.value) == (
        "The class 'metal' of t.csv has 2 rows; to train, choose and test, 3 are needed: "
        "add some or choose another split."
    )


def test_each_part_has_rows_of_a_class_of_three() -> None:
    lines = [f"{metal}Cl,{'metal' if place < 3 else 'insulator'}" for place, metal in enumerate(METALS)]
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, Reading(formula_column="formula", target="y"))
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
    rows = build_dataset(table, Reading(formula_column="formula", target="y"))
    with pytest.raises(ExperimentError, match=sentence):
        split(rows, rule="column", seed=0)


def test_random_classes_keep_their_share() -> None:
    rows = dataset(labels=True)
    parts = split(rows, rule="random", seed=0)
    assert rows.values[parts.test].mean() == pytest.approx(rows.values.mean(), abs=0.05)


def test_the_tables_own_column_is_followed() -> None:
    lines = [f"{metal}Cl,{i},{('train', 'val', 'test')[i % 3]}" for i, metal in enumerate(METALS)]
    table = read_table("\n".join(["formula,y,split", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, Reading(formula_column="formula", target="y"))
    parts = split(rows, rule="column", seed=0)
    assert parts.valid.tolist() == [1, 4, 7]


def test_validation_rows_come_from_training_where_the_column_has_none() -> None:
    lines = [
        f"{metal}{p},{i},{'test' if i % 5 == 0 else 'train'}"
        for i, metal in enumerate(METALS)
        for p in PARTNERS
    ]
    table = read_table("\n".join(["formula,y,split", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, Reading(formula_column="formula", target="y"))
    parts = split(rows, rule="column", seed=0)
    assert (len(parts.train), len(parts.valid), len(parts.test)) == (44, 4, 12)


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
        split(build_dataset(table, Reading(formula_column="formula", target="y")), rule="random", seed=0)


def own_columns_only(n_rows: int = 60) -> Dataset:
    lines = [f"{row % 7},{row}" for row in range(n_rows)]
    table = read_table("\n".join(["temperature,y", *lines]).encode(), name="t.csv")
    return build_dataset(table, Reading(target="y", numbers=("temperature",)), features=())


def rows_of(parts: Split) -> list[int]:
    return sorted(np.concatenate([parts.train, parts.valid, parts.test]).tolist())


FORMULAS = ("NaCl", "Na2Cl2", "KCl", "MgO", "CaO", "Fe2O3", "Fe4O6", "TiO2", "GaAs", "ZnS", "Li", "Al2Zr")


@st.composite
def any_dataset(draw: st.DrawFn) -> Dataset:
    """Few or many rows of few or many formulas, with numbers or classes, with or without a split column."""
    n_rows = draw(st.integers(10, 60))
    pool = draw(st.lists(st.sampled_from(FORMULAS), min_size=1, max_size=12, unique=True))
    formulas = draw(st.lists(st.sampled_from(pool), min_size=n_rows, max_size=n_rows))
    kind = draw(st.sampled_from(["numbers", "ties", "classes"]))
    values = st.floats(-5, 5) if kind == "numbers" else st.integers(0, 3)
    cells = draw(st.lists(values, min_size=n_rows, max_size=n_rows))
    if kind == "classes":
        cells = [("no", "yes")[value % 2] for value in cells]
        assume(len(set(cells)) == 2)
    words = draw(st.lists(st.sampled_from(["train", "test"]), min_size=n_rows, max_size=n_rows))
    lines = [f"{formula},{cell},{word}" for formula, cell, word in zip(formulas, cells, words, strict=True)]
    table = read_table("\n".join(["formula,y,split", *lines]).encode(), name="t.csv")
    task = "classification" if kind == "classes" else "regression"
    return build_dataset(table, Reading(formula_column="formula", target="y", task=task))


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=any_dataset(), rule=st.sampled_from(list(SPLITS)), seed=st.integers(0, 99), data=st.data())
def test_any_dataset_is_divided_whole_and_the_same_way_twice(
    rows: Dataset, rule: str, seed: int, data: st.DataObject
) -> None:
    try:
        names = [""] + [holding.name for holding in holdings(rows, rule)]
        held_out = data.draw(st.sampled_from(names))
        parts = split(rows, rule=rule, seed=seed, held_out=held_out)
    except ExperimentError:  # every sentence has a test of its own
        return
    assert rows_of(parts) == list(range(len(rows)))
    assert min(len(parts.train), len(parts.valid), len(parts.test)) > 0
    again = split(rows, rule=rule, seed=seed, held_out=held_out)
    for name in ("train", "valid", "test"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(again, name))
    if rule in ("formula", "folds", "cluster", "element"):
        tested = {rows.compositions[row].reduced for row in parts.test}
        assert not tested & {rows.compositions[row].reduced for row in [*parts.train, *parts.valid]}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=any_dataset(), seed=st.integers(0, 99))
def test_the_five_folds_test_every_row_once(rows: Dataset, seed: int) -> None:
    assume(len({composition.reduced for composition in rows.compositions}) >= 5)
    parts = [split(rows, rule="folds", seed=seed, held_out=held.name) for held in holdings(rows, "folds")]
    assume(len(parts) == 5)
    assert sorted(np.concatenate([part.test for part in parts]).tolist()) == list(range(len(rows)))


def test_stratified_parts_have_the_quantiles_of_the_whole(shared_data: Path) -> None:
    rows = matbench(shared_data, "steels")
    parts = split(rows, rule="stratified", seed=0)
    for quantile in (0.25, 0.5, 0.75):
        whole = np.quantile(rows.values, quantile)
        assert np.quantile(rows.values[parts.test], quantile) == pytest.approx(whole, rel=0.05)


def test_stratified_classes_keep_their_share() -> None:
    rows = dataset(labels=True)
    parts = split(rows, rule="stratified", seed=0)
    assert rows.values[parts.test].mean() == pytest.approx(rows.values.mean(), abs=0.05)


def test_all_rows_of_an_element_are_tested_and_none_is_learned() -> None:
    rows = dataset()
    parts = split(rows, rule="element", seed=0, held_out="Fe")
    with_iron = {row for row, composition in enumerate(rows.compositions) if "Fe" in composition.elements}
    assert set(parts.test.tolist()) == with_iron
    assert len(parts.valid) == pytest.approx(0.1 * (len(rows) - len(with_iron)), abs=2)


def test_a_cluster_is_tested_whole() -> None:
    rows = dataset()
    for holding in holdings(rows, "cluster"):
        parts = split(rows, rule="cluster", seed=0, held_out=holding.name)
        assert len(parts.test) == holding.n_rows
    together = [split(rows, rule="cluster", seed=0, held_out=h.name).test for h in holdings(rows, "cluster")]
    assert sorted(np.concatenate(together).tolist()) == list(range(len(rows)))


def test_a_seed_changes_the_validation_rows_but_not_the_cluster() -> None:
    rows = dataset()
    first, other = (split(rows, rule="cluster", seed=seed, held_out="1") for seed in (0, 1))
    np.testing.assert_array_equal(first.test, other.test)
    assert set(first.valid.tolist()) != set(other.valid.tolist())


@pytest.mark.parametrize("rule", [rule for rule in SPLITS if SPLITS[rule].asks])
def test_the_first_holding_is_the_default(rule: str) -> None:
    rows = dataset()
    first = holdings(rows, rule)[0]
    default, named = (split(rows, rule=rule, seed=0, held_out=name) for name in ("", first.name))
    np.testing.assert_array_equal(default.test, named.test)
    assert len(default.test) == first.n_rows


def test_elements_are_listed_with_their_rows() -> None:
    found = {holding.name: holding for holding in holdings(dataset(), "element")}
    assert set(found) == {*METALS, *PARTNERS}
    assert found["Fe"].label == "Fe: 24 rows"
    assert holdings(dataset(), "element")[0].n_rows == 24


def test_an_element_of_nearly_every_row_cannot_be_held_out() -> None:
    lines = [f"{metal}Cl,{place}" for place, metal in enumerate(METALS * 3)] + ["MgO,1"] * 9
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, Reading(formula_column="formula", target="y"))
    assert "Cl" not in {holding.name for holding in holdings(rows, "element")}
    with pytest.raises(ExperimentError) as refusal:
        split(rows, rule="element", seed=0, held_out="Cl")
    assert str(refusal.value) == (
        "There is no element 'Cl' in t.csv without which 10 rows are left to learn from; "
        "choose one of Ca, Mg, O, Cu, Fe, K, …."
    )


def test_a_table_of_one_element_leaves_nothing_to_hold_out() -> None:
    with pytest.raises(ExperimentError) as refusal:
        split(pure("Fe"), rule="element", seed=0)
    assert str(refusal.value) == (
        "There is no element in t.csv without which 10 rows are left to learn from; choose another split."
    )


def pure(formula: str) -> Dataset:
    lines = [f"{formula},{row}" for row in range(30)]
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    return build_dataset(table, Reading(formula_column="formula", target="y"))


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            "formula",
            "The split 'formula' needs at least three different groups; this table has 1. Choose the",
        ),
        (
            "folds",
            "The split 'folds' needs at least 5 different formulas; this table has 1. Choose the random",
        ),
        (
            "cluster",
            "The formulas of this table .1 different. do not fall into clusters; at least 10 that",
        ),
    ],
)
def test_a_table_of_one_formula_cannot_be_grouped(rule: str, sentence: str) -> None:
    with pytest.raises(ExperimentError, match=sentence):
        split(pure("FeO"), rule=rule, seed=0)


def test_validation_rows_of_a_single_remaining_formula_are_drawn_from_it() -> None:
    lines = [f"NaCl,{row}" for row in range(20)] + ["MgO,1"] * 5
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, Reading(formula_column="formula", target="y"))
    parts = split(rows, rule="element", seed=0, held_out="O")
    assert (len(parts.train), len(parts.valid), len(parts.test)) == (18, 2, 5)


@pytest.mark.parametrize(("rule", "held_out"), [("cluster", "99"), ("folds", "6"), ("matbench", "5")])
def test_what_cannot_be_held_out_is_answered_with_what_can(rule: str, held_out: str) -> None:
    with pytest.raises(
        ExperimentError, match=f"There is no {SPLITS[rule].asks} '{held_out}' in t.csv .* one of"
    ):
        split(dataset(), rule=rule, seed=0, held_out=held_out)


def test_a_rule_that_asks_nothing_takes_nothing() -> None:
    assert holdings(dataset(), "random") == ()
    with pytest.raises(ExperimentError, match="The split 'random' has nothing to choose; leave 'Fe' out"):
        split(dataset(), rule="random", seed=0, held_out="Fe")


def test_a_table_without_formulas_has_the_rules_that_need_none() -> None:
    rows = own_columns_only()
    assert rules_for(rows) == ("random", "stratified", "folds", "matbench")
    for rule in rules_for(rows):
        assert rows_of(split(rows, rule=rule, seed=0)) == list(range(len(rows)))


@pytest.mark.parametrize("rule", ["formula", "system", "element", "cluster"])
def test_groups_of_compositions_are_refused_where_there_are_none(rule: str) -> None:
    with pytest.raises(ExperimentError) as refusal:
        split(own_columns_only(), rule=rule, seed=0)
    assert str(refusal.value) == (
        f"The split {rule!r} goes by compositions, and t.csv has none; "
        "choose one of random, stratified, folds, matbench."
    )


def test_the_default_rule_comes_first_and_the_column_only_where_there_is_one() -> None:
    assert rules_for(dataset())[0] == "formula"
    assert "column" not in rules_for(dataset())


def matbench(shared_data: Path, task: str) -> Dataset:
    path = shared_data / "matbench" / f"matbench_{task}.csv"
    return build_dataset(
        read_table(path.read_bytes(), name=path.name), Reading(formula_column="formula", target="target")
    )


def test_validation_rows_drawn_for_a_given_split_share_no_formula_with_training() -> None:
    lines = ["formula,y,split"]
    for number, (metal, partner) in enumerate((m, p) for m in METALS for p in PARTNERS):
        part = "test" if number % 5 == 0 else "train"
        lines += [f"{metal}{partner},{number + copy},{part}" for copy in range(4)]
    table = read_table("\n".join(lines).encode(), name="t.csv")
    rows = build_dataset(table, Reading(formula_column="formula", target="y"))
    parts = split(rows, rule="column", seed=0)
    learned, chosen = (
        {rows.compositions[row].reduced for row in part} for part in (parts.train, parts.valid)
    )
    assert chosen
    assert not learned & chosen
    assert sorted(parts.test) == np.flatnonzero(rows.given_split == 2).tolist()


def test_a_given_split_with_hardly_a_training_row_is_refused() -> None:
    lines = [
        "formula,y,split",
        "NaCl,1,train",
        *(f"{metal}O,{place},test" for place, metal in enumerate(METALS)),
    ]
    table = read_table("\n".join(lines).encode(), name="t.csv")
    rows = build_dataset(table, Reading(formula_column="formula", target="y"))
    with pytest.raises(ExperimentError, match="leaves 1 usable training rows"):
        split(rows, rule="column", seed=0)
