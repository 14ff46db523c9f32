"""Folds: our own keep formulas together, Matbench's are those that were published."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, StratifiedKFold

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset, build_dataset
from brnet.materials.reading import Reading
from brnet.materials.splits.folds import group_folds, matbench_note
from brnet.materials.splits.holdings import formula_numbers
from brnet.materials.splits.rules import holdings, split
from brnet.materials.tables.files import read_table

OFFICIAL = {"n_splits": 5, "shuffle": True, "random_state": 18012019}


def matbench(shared_data: Path, task: str, reading: Reading | None = None) -> tuple[pd.DataFrame, Dataset]:
    """A task as pandas reads it, and as this library does."""
    path = shared_data / "matbench" / f"matbench_{task}.csv"
    table = read_table(path.read_bytes(), name=path.name)
    reading = reading or Reading(formula_column="formula", target="target")
    return pd.read_csv(path, keep_default_na=False), build_dataset(table, reading)


def from_text(*lines: str, task: str | None = None) -> Dataset:
    table = read_table("\n".join(["formula,y", *lines]).encode(), name="t.csv")
    return build_dataset(table, Reading(formula_column="formula", target="y", task=task))


@pytest.mark.parametrize("task", ["expt_gap", "steels", "dielectric"])
def test_the_matbench_folds_of_a_regression_are_sklearns_of_the_raw_file(
    shared_data: Path, task: str
) -> None:
    frame, rows = matbench(shared_data, task)
    for fold, (_, test) in enumerate(KFold(**OFFICIAL).split(frame)):
        parts = split(rows, rule="matbench", seed=0, held_out=str(fold))
        assert sorted(rows.places[parts.test].tolist()) == sorted(test.tolist())


@pytest.mark.parametrize("task", ["glass", "expt_is_metal"])
def test_the_matbench_folds_of_classes_are_sklearns_of_the_raw_file(shared_data: Path, task: str) -> None:
    frame, rows = matbench(shared_data, task)
    assert rows.task == "classification"
    for fold, (_, test) in enumerate(StratifiedKFold(**OFFICIAL).split(frame, frame["target"])):
        parts = split(rows, rule="matbench", seed=0, held_out=str(fold))
        assert sorted(rows.places[parts.test].tolist()) == sorted(test.tolist())


def test_the_folds_of_expt_gap_have_the_published_sizes(shared_data: Path) -> None:
    _, rows = matbench(shared_data, "expt_gap")
    found = holdings(rows, "matbench")
    assert [holding.name for holding in found] == ["0", "1", "2", "3", "4"]
    assert [holding.n_rows for holding in found] == [921, 921, 921, 921, 920]
    assert found[0].label == "Fold 0: 921 rows"


@pytest.mark.parametrize(("task", "share"), [("mp_gap", 0.34), ("mp_e_form", 0.37)])
def test_the_official_folds_leak_as_much_as_is_known(shared_data: Path, task: str, share: float) -> None:
    _, rows = matbench(shared_data, task)
    formula = formula_numbers(rows)
    for fold in range(5):
        parts = split(rows, rule="matbench", seed=0, held_out=str(fold))
        learned = np.concatenate([parts.train, parts.valid])
        assert np.isin(formula[parts.test], formula[learned]).mean() == pytest.approx(share, abs=0.006)


def test_the_matbench_validation_formulas_come_from_the_training_part(shared_data: Path) -> None:
    _, rows = matbench(shared_data, "dielectric")
    formula = formula_numbers(rows)
    parts = split(rows, rule="matbench", seed=0, held_out="2")
    assert not set(formula[parts.valid]) & set(formula[parts.train])
    assert len(parts.valid) == pytest.approx(0.1 * (len(rows) - len(parts.test)), abs=1)
    assert not parts.note


def test_rows_left_out_fall_out_of_their_fold_and_the_note_counts_them(shared_data: Path) -> None:
    _, whole = matbench(shared_data, "steels")
    path = shared_data / "matbench" / "matbench_steels.csv"
    lines = path.read_text().splitlines()
    lines[5] = f"Xx2,{lines[5].split(',')[1]}"
    lines[9] = f"{lines[9].split(',')[0]},"
    table = read_table("\n".join(lines).encode(), name="steels.csv")
    rows = build_dataset(table, Reading(formula_column="formula", target="target"))
    for fold in "01234":
        expected, found = (split(one, rule="matbench", seed=0, held_out=fold) for one in (whole, rows))
        kept = set(whole.places[expected.test].tolist()) - {4, 8}
        assert set(rows.places[found.test].tolist()) == kept
        assert found.note == (
            "The folds are those of all 312 rows of steels.csv; 2 of them were left out or merged in "
            "cleaning and are missing from their fold, while a published score counts every row."
        )


def test_merged_rows_are_missing_from_their_folds_too(shared_data: Path) -> None:
    reading = Reading(formula_column="formula", target="target", repeats="mean")
    _, rows = matbench(shared_data, "dielectric", reading)
    assert f"of all 4,764 rows of matbench_dielectric.csv; {4764 - len(rows):,} of them" in matbench_note(
        rows
    )


def test_classes_without_a_label_in_every_row_have_no_matbench_folds() -> None:
    rows = from_text(*(f"Li{n}O,{('yes', 'no')[n % 2]}" for n in range(1, 21)), "MgO,", task="classification")
    with pytest.raises(ExperimentError) as refusal:
        split(rows, rule="matbench", seed=0)
    assert str(refusal.value) == (
        "Matbench's folds share out the classes of all rows, and 1 of the 21 rows of t.csv have none; "
        "choose another split."
    )


def test_a_class_smaller_than_the_folds_has_no_matbench_folds() -> None:
    rows = from_text(*(f"Li{n}O,{'yes' if n > 4 else 'no'}" for n in range(1, 21)), task="classification")
    with pytest.raises(ExperimentError) as refusal:
        split(rows, rule="matbench", seed=0)
    assert str(refusal.value) == (
        "The class 'no' of t.csv has 4 rows; to stand in each of Matbench's folds it needs 5: "
        "choose another split."
    )


def test_large_groups_are_dealt_so_that_folds_stay_even() -> None:
    group = np.repeat(np.arange(60), [40] * 3 + [1] * 57)
    folds = group_folds(group, np.random.default_rng(0))
    assert sorted(np.bincount(folds)[1:].tolist()) == [28, 29, 40, 40, 40]
    assert all(len(set(folds[group == number])) == 1 for number in range(60))


def test_a_seed_changes_the_folds_but_not_their_sizes() -> None:
    group = np.repeat(np.arange(60), [40] * 3 + [1] * 57)
    first, other = (group_folds(group, np.random.default_rng(seed)) for seed in (0, 1))
    assert (first != other).any()
    np.testing.assert_array_equal(np.bincount(first), np.bincount(other))
