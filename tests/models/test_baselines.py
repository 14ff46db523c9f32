"""Every baseline learns real formation energies, keeps its promises, and says what it leaves out."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from brnet.errors import ExperimentError, NotFoundError
from brnet.materials.dataset import Task
from brnet.models import baselines
from brnet.models.baselines import BASELINES, Fit, fit_baseline
from brnet.training.metrics import score

LEARNERS = [name for name in BASELINES if name != "mean"]
TARGET = "formation_energy_peratom"
Rows = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module", autouse=True)
def few_trees_and_rounds() -> Iterator[None]:
    """A twentieth of the work is enough to see whether a model learns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baselines, "N_TREES", 30)
        patch.setattr(baselines, "N_ROUNDS", 60)
        yield


@pytest.fixture(scope="module")
def sample(shared_data: Path) -> dict[str, Rows]:
    """The sample that iBRNet's authors publish: 86 element fractions and a formation energy."""
    return {part: _rows(shared_data / "ibrnet_sample" / f"{part}.csv") for part in ("train", "test")}


def _rows(path: Path) -> Rows:
    frame = pd.read_csv(path)
    return frame.drop(columns=TARGET).select_dtypes("number").to_numpy(), frame[TARGET].to_numpy()


def _fit(
    name: str, rows: Rows, *, task: Task = "regression", seed: int = 0, sample: int | None = None
) -> Fit:
    return fit_baseline(name, task=task, x=rows[0], y=rows[1], seed=seed, threads=1, sample=sample)


def _stable(rows: Rows) -> Rows:
    """Is the compound's formation energy negative?"""
    return rows[0], (rows[1] < -0.5).astype(float)


@pytest.mark.parametrize("name", LEARNERS)
def test_each_beats_the_mean_on_formation_energies(name: str, sample: dict[str, Rows]) -> None:
    x, y = sample["test"]
    mean = score("regression", y, _fit("mean", sample["train"])(x))["mae"]
    assert score("regression", y, _fit(name, sample["train"])(x))["mae"] < 0.8 * mean


@pytest.mark.parametrize("name", LEARNERS)
def test_each_classifies_better_than_chance_with_probabilities(name: str, sample: dict[str, Rows]) -> None:
    x, y = _stable(sample["test"])
    chance = _fit(name, _stable(sample["train"]), task="classification")(x)
    assert chance.shape == (len(x),)
    assert chance.min() >= 0
    assert chance.max() <= 1
    assert score("classification", y, chance)["roc_auc"] > 0.75


def test_the_mean_predicts_the_mean_and_the_class_frequency(sample: dict[str, Rows]) -> None:
    x, y = sample["train"]
    assert _fit("mean", (x, y))(x[:2]) == pytest.approx([y.mean()] * 2)
    x, y = _stable(sample["train"])
    assert _fit("mean", (x, y), task="classification")(x[:2]) == pytest.approx([y.mean()] * 2)


@pytest.mark.parametrize("name", BASELINES)
def test_the_same_seed_gives_the_same_predictions(name: str, sample: dict[str, Rows]) -> None:
    x, _ = sample["test"]
    assert np.array_equal(_fit(name, sample["train"], seed=3)(x), _fit(name, sample["train"], seed=3)(x))


@pytest.mark.parametrize("name", ["lightgbm", "forest", "extra_trees"])
def test_another_seed_gives_another_model(name: str, sample: dict[str, Rows]) -> None:
    x, _ = sample["test"]
    assert not np.array_equal(_fit(name, sample["train"], seed=3)(x), _fit(name, sample["train"], seed=4)(x))


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("task", ["regression", "classification"])
def test_a_constant_target_gives_that_constant_and_says_so(name: str, task: Task) -> None:
    fit = _fit(name, (np.eye(4), np.ones(4)), task=task)
    assert fit(np.eye(4)[:2]).tolist() == [1.0, 1.0]
    assert fit.note == "All 4 training targets are 1, so that is predicted for every row."


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("task", ["regression", "classification"])
def test_two_rows_are_enough_to_fit(name: str, task: Task) -> None:
    assert np.isfinite(_fit(name, (np.eye(2), np.array([0.0, 1.0])), task=task)(np.eye(2))).all()


@pytest.mark.parametrize("name", BASELINES)
def test_nothing_is_written_on_the_terminal(
    name: str, sample: dict[str, Rows], capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    _fit(name, _stable(sample["train"]), task="classification")(sample["test"][0])
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list


def test_a_sample_caps_the_rows_and_is_told(sample: dict[str, Rows]) -> None:
    assert _fit("ridge", sample["train"], sample=100).note == (
        "Fitted on 100 of the 451 training rows, drawn at random."
    )
    assert _fit("ridge", sample["train"]).note == ""


def test_neighbours_of_a_large_table_are_a_sample() -> None:
    fit = _fit("knn", (np.zeros((60_000, 1)), np.arange(60_000.0)))
    assert fit.note == "Fitted on 50,000 of the 60,000 training rows, drawn at random."


@pytest.mark.parametrize("name", ["forest", "extra_trees"])
def test_trees_of_a_large_table_see_a_part_each(
    name: str, sample: dict[str, Rows], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baselines, "MOST_ROWS_A_TREE", 200)
    monkeypatch.setattr(baselines, "N_TREES_WHEN_LARGE", 10)
    assert _fit(name, sample["train"]).note == (
        "Grown as 10 trees in place of 30, each on 200 of the 451 training rows."
    )


@pytest.mark.parametrize(
    ("x", "y", "task", "sentence"),
    [
        (np.eye(2), [0.0], "regression", "n > 0 targets, not (2, 2) and (1,)."),
        (np.zeros((0, 2)), [], "regression", "n > 0 targets, not (0, 2) and (0,)."),
        (np.full((2, 1), np.nan), [0.0, 1.0], "regression", "The training inputs hold numbers that are not"),
        (np.eye(2), [0.0, np.inf], "regression", "The training targets hold numbers that are not finite"),
        (np.eye(2), [0.0, 2.0], "classification", "must be 0 and 1; choose regression instead."),
    ],
)
def test_rows_that_cannot_be_learned_from_are_refused(
    x: np.ndarray, y: list[float], task: Task, sentence: str
) -> None:
    with pytest.raises(ExperimentError) as refusal:
        _fit("ridge", (x, np.array(y)), task=task)
    assert sentence in str(refusal.value)


def test_an_unknown_baseline_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFoundError) as refusal:
        _fit("svm", (np.eye(2), np.arange(2.0)))
    assert str(refusal.value) == (
        "There is no baseline 'svm'; choose one of mean, ridge, knn, hist_gb, lightgbm, forest, extra_trees."
    )
