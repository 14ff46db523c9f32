"""Optimism: a planted leak is measured, chance is not taken for one, the sentence says what was found."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset, build_dataset
from brnet.materials.properties import BAND_GAP, Quantity
from brnet.materials.reading import Reading
from brnet.materials.tables.files import read_table
from brnet.training.arms import draw_sample, paired_arms
from brnet.training.optimism import Optimism, optimism

METALS = ("Li", "Na", "K", "Rb", "Mg", "Ca", "Sr", "Ba", "Ti", "Zr", "Fe", "Co", "Ni", "Cu", "Zn", "Al")
PARTNERS = ("O", "S", "Se", "F", "Cl")
FORMULAS = tuple(f"{metal}{partner}" for metal in METALS for partner in PARTNERS)

FOUND = Optimism(
    baseline="lightgbm",
    rule="system",
    held_out="",
    metric="mae",
    random=0.29,
    chosen=0.41,
    alike=None,
    doubt=0.05,
    keeps_together=True,
    random_range=(0.25, 0.33),
    chosen_range=(0.38, 0.45),
    random_guess=1.1,
    chosen_guess=1.2,
    n_splits=7,
    n_train=3684,
    n_rows=4604,
    n_table_rows=4604,
    seconds=12.0,
)


def from_lines(lines: list[str], **reading: object) -> Dataset:
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    return build_dataset(table, Reading(**({"formula_column": "formula", "target": "y"} | reading)))


def repeated(times: int = 10) -> Dataset:
    """Each formula has a value of its own that nothing else tells, measured so many times."""
    values = np.random.default_rng(0).normal(size=len(FORMULAS))
    return from_lines([f"{f},{v:.6f}" for f, v in zip(FORMULAS, values, strict=True) for _ in range(times)])


def classes(times: int = 10) -> Dataset:
    labels = np.random.default_rng(0).permutation(np.arange(len(FORMULAS)) % 2)
    return from_lines(
        [f"{f},{('no', 'yes')[v]}" for f, v in zip(FORMULAS, labels, strict=True) for _ in range(times)]
    )


def test_a_planted_leak_is_found_in_full() -> None:
    found = optimism(repeated(), rule="formula", features=("ef",), baseline="knn")
    assert found.random < 0.02
    assert found.chosen > 0.5
    assert found.clear
    assert found.flattery > 0.95
    assert found.n_rows == found.n_table_rows == 800
    assert found.n_splits == 10
    assert found.random_range[0] <= found.random <= found.random_range[1]


def test_a_planted_leak_of_classes_is_found_in_balanced_accuracy() -> None:
    found = optimism(classes(), rule="formula", features=("ef",), baseline="knn")
    assert found.metric == "balanced_accuracy"
    assert found.random > 0.98
    assert found.chosen < 0.8
    assert found.flattery == pytest.approx(found.random - found.chosen)
    assert "balanced accuracy 1 on random rows" in found.sentence(Quantity(label="metal"))


def test_formulas_that_stand_once_are_random_rows() -> None:
    found = optimism(repeated(times=1), rule="formula", features=("ef",), baseline="ridge")
    assert not found.clear
    assert found.sentence(BAND_GAP).endswith(
        "on held-out formulas; no rows are kept together here, so both are random rows and differ by chance."
    )


@pytest.mark.parametrize("rule", ["stratified", "matbench"])
def test_rules_that_draw_single_rows_do_not_differ_from_random_ones(rule: str) -> None:
    assert not optimism(repeated(), rule=rule, features=("ef",), baseline="knn").clear


def test_an_element_is_compared_on_its_own_rows() -> None:
    """Values of the oxides alone are far apart, so they are the harder rows under any split."""
    generator = np.random.default_rng(0)
    lines = []
    for formula in FORMULAS:
        value = generator.normal(scale=5.0) + 20 if formula.endswith("O") else generator.normal(scale=0.1)
        lines += [f"{formula},{value:.6f}"] * 10
    found = optimism(from_lines(lines), rule="element", held_out="O", features=("ef",), baseline="knn")
    assert found.alike is not None
    assert found.alike < 0.5 < 10 < found.chosen
    assert found.compared == found.alike
    assert "on rows with O, " in found.sentence(BAND_GAP)
    assert " on such rows where others of them were learned from; a random" in found.sentence(BAND_GAP)


def test_nothing_held_out_by_name_takes_the_first_holding() -> None:
    found = optimism(repeated(), rule="element", features=("ef",), baseline="mean")
    assert found.held_out in (*METALS, *PARTNERS)


def test_both_arms_learn_from_equally_many_rows() -> None:
    rows = repeated()
    sample = np.ones(len(rows), dtype=bool)
    arms = paired_arms(rows, rule="element", held_out="O", sample=sample, seeds=range(3))
    for random, chosen in arms:
        assert len(random.train) == len(chosen.train)
        assert not set(chosen.train) & set(chosen.test)
        assert not set(random.train) & set(random.test)
        assert all("O" in rows.compositions[row].elements for row in chosen.test)
        assert not any("O" in rows.compositions[row].elements for row in chosen.train)


def test_a_sample_keeps_chemical_systems_whole() -> None:
    rows = repeated()
    sample = draw_sample(rows, most_rows=300, seed=0)
    assert sample.sum() == 300
    systems = [
        {rows.compositions[row].chemical_system for row in np.flatnonzero(s)} for s in (sample, ~sample)
    ]
    assert not systems[0] & systems[1]


def test_a_sample_of_one_large_system_takes_formulas_then_rows() -> None:
    formulas = from_lines([f"Fe{n}O,{n}" for n in range(1, 101) for _ in range(4)])
    sample = draw_sample(formulas, most_rows=100, seed=0)
    assert sample.sum() == 100
    assert len({formulas.compositions[row].reduced for row in np.flatnonzero(sample)}) == 25
    assert draw_sample(from_lines(["FeO,1"] * 400), most_rows=100, seed=0).sum() == 100


def test_a_sample_is_not_what_the_split_tests() -> None:
    """Drawn with the generator of the split, it would be: both shuffle the same groups first."""
    rows = repeated(times=3)
    sample = draw_sample(rows, most_rows=100, seed=0)
    for random, chosen in paired_arms(rows, rule="system", held_out="", sample=sample, seeds=range(3)):
        assert len(random.train) == len(chosen.train) > 60


def test_a_rare_element_is_tested_beyond_the_sample() -> None:
    rows = from_lines([f"{f},1" for f in FORMULAS for _ in range(30)] + ["XeF2,2"] * 20)
    sample = draw_sample(rows, most_rows=400, seed=0)
    sample[-20:] = False
    for _, chosen in paired_arms(rows, rule="element", held_out="Xe", sample=sample, seeds=range(2)):
        assert len(chosen.test) == 20


def test_the_same_question_has_the_same_answer_on_any_number_of_threads() -> None:
    first, again = (
        optimism(repeated(3), rule="system", features=("ef",), baseline="lightgbm", threads=threads)
        for threads in (1, 4)
    )
    assert asdict(first) | {"seconds": 0} == asdict(again) | {"seconds": 0}


def test_fits_side_by_side_leave_the_threads_of_the_process_as_they_were() -> None:
    with threadpool_limits(limits=2):
        before = [pool["num_threads"] for pool in threadpool_info()]
        optimism(repeated(2), rule="formula", features=("ef",), baseline="ridge", threads=4)
        assert [pool["num_threads"] for pool in threadpool_info()][: len(before)] == before


def test_own_columns_are_learned_from_where_there_are_no_formulas() -> None:
    lines = [f"{row % 20},{'ab'[row % 2]},{row % 20}" for row in range(200)]
    table = read_table("\n".join(["t,route,y", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, Reading(target="y", numbers=("t",), categories=("route",)), features=())
    found = optimism(rows, rule="folds", features=(), numbers=("t",), categories=("route",), baseline="ridge")
    assert found.held_out == "1"
    assert found.random < 0.5 < found.random_guess


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"rule": "random"}, "The random split is what others are compared with; choose another one."),
        ({"rule": "moon"}, "There is no split 'moon'; choose one of formula, random, system"),
        ({"features": ()}, "Nothing of t.csv is chosen to learn from; choose features or columns."),
        ({"rule": "element", "held_out": "Xe"}, "There is no element 'Xe' in t.csv without which 10 rows"),
    ],
)
def test_a_question_without_an_answer_is_refused(asked: dict[str, object], sentence: str) -> None:
    with pytest.raises(ExperimentError, match=sentence):
        optimism(repeated(2), **({"rule": "formula", "features": ("ef",)} | asked))


def test_features_of_compositions_need_compositions() -> None:
    lines = [f"{row % 7},{row}" for row in range(30)]
    table = read_table("\n".join(["t,y", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, Reading(target="y", numbers=("t",)), features=())
    with pytest.raises(
        ExperimentError, match="t.csv has no compositions for the features ef; leave them out"
    ):
        optimism(rows, rule="folds", features=("ef",))


def test_test_rows_of_one_class_are_refused() -> None:
    rows = from_lines([f"{f},{'yes' if f.endswith('O') else 'no'}" for f in FORMULAS for _ in range(3)])
    with pytest.raises(ExperimentError, match="All test rows of t.csv are of one class here"):
        optimism(rows, rule="element", held_out="O", features=("ef",), baseline="knn")


def test_a_sample_that_leaves_nothing_to_test_is_refused() -> None:
    lines = [f"{f},1,train" for f in FORMULAS for _ in range(30)] + ["XeF2,2,test"]
    table = read_table("\n".join(["formula,y,split", *lines]).encode(), name="t.csv")
    rows = build_dataset(table, Reading(formula_column="formula", target="y"))
    sample = np.arange(len(rows)) < 300
    with pytest.raises(
        ExperimentError, match="The 300 rows of t.csv that are used leave nothing to learn from or"
    ):
        paired_arms(rows, rule="column", held_out="", sample=sample, seeds=range(1))


def test_repeats_of_real_compositions_flatter(shared_data: Path) -> None:
    """SuperCon holds many compositions several times."""
    path = shared_data / "jarvis" / "supercon_chem_Tc.csv"
    table = read_table(path.read_bytes(), name=path.name)
    rows = build_dataset(table, Reading(formula_column="formula", target="target"))
    found = optimism(rows, rule="system", features=("ef",), baseline="knn", most_rows=3000)
    assert found.sampled
    assert found.clear
    assert found.random < found.chosen


def test_the_sentence_tells_both_scores_and_what_follows() -> None:
    assert FOUND.sentence(BAND_GAP) == (
        "LightGBM: mean absolute error 0.29 eV on random rows, 0.41 eV on held-out chemical systems; "
        "a random split would flatter by 29%."
    )


def test_a_difference_within_the_doubt_is_not_called_flattery() -> None:
    assert (
        replace(FOUND, chosen=0.3)
        .sentence(BAND_GAP)
        .endswith("over 7 splits of each kind a random split does not clearly flatter.")
    )
    same = replace(FOUND, random=0.0, chosen=0.0, doubt=0.0)
    assert same.flattery == 0
    assert not same.clear


def test_easier_rows_are_not_called_flattery() -> None:
    easier = replace(FOUND, chosen=0.1)
    assert easier.sentence(BAND_GAP).endswith("; a random split does not flatter here.")
    assert easier.flattery < 0
    assert replace(FOUND, chosen=0.0).flattery == -np.inf


def test_rows_of_one_kind_are_not_compared_with_rows_of_another() -> None:
    found = replace(FOUND, rule="element", held_out="N", alike=None)
    assert not found.clear
    assert found.sentence(BAND_GAP) == (
        "LightGBM: mean absolute error 0.29 eV on random rows, 0.41 eV on rows with N; "
        "too few such rows are among the random ones to say what a random split would flatter."
    )


def test_the_sentence_names_a_sample_and_the_unit_of_logarithms() -> None:
    sampled = replace(FOUND, n_table_rows=132_752, random=1290.0, chosen=4100.0)
    said = sampled.sentence(Quantity(label="bulk modulus", unit="GPa", log10=True))
    assert said.startswith(
        "LightGBM on a sample of 4,604 of the 132,752 rows: mean absolute error 1,290 log10(GPa)"
    )


def test_the_sentence_names_what_is_held_out() -> None:
    found = replace(FOUND, rule="cluster", held_out="5", random=0.34, chosen=0.31, alike=0.2)
    assert found.sentence(BAND_GAP) == (
        "LightGBM: mean absolute error 0.34 eV on random rows, 0.31 eV on cluster 5 of the compositions, "
        "0.2 eV on such rows where others of them were learned from; a random split would flatter by 35%."
    )
