"""A baseline fitted on several splits, and its score on all their test rows together, with its doubt."""

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset
from brnet.materials.inputs.features import featurise
from brnet.materials.inputs.own import fit_encoding
from brnet.models.baselines import fit_baseline
from brnet.training.arms import Arm
from brnet.training.metrics import HEADLINE, score


@dataclass(frozen=True, kw_only=True, eq=False)
class Bench:
    """What is the same for all fits. `x` (m, d) are the features of the rows used, `place` (n,) where each
    row of the dataset stands in it, -1 for rows not used; own columns are encoded for each fit."""

    dataset: Dataset
    x: np.ndarray
    place: np.ndarray
    numbers: Sequence[str]
    categories: Sequence[str]
    baseline: str

    @property
    def n_rows(self) -> int:
        return len(self.x)


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """Test rows of one split, what the baseline says of them and what the training mean does, each (n,)."""

    rows: np.ndarray
    predicted: np.ndarray
    guessed: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Pooled:
    """The headline score on the test rows of several splits together, its standard error (the jackknife's
    over the splits), the scores of single splits, and what the training means score."""

    value: float
    error: float
    range: tuple[float, float]
    guess: float


def make_bench(
    dataset: Dataset,
    arms: Sequence[Arm],
    *,
    features: Sequence[str],
    numbers: Sequence[str],
    categories: Sequence[str],
    baseline: str,
) -> Bench:
    used = np.unique(np.concatenate([rows for arm in arms for rows in (arm.train, arm.test)]))
    place = np.full(len(dataset), -1)
    place[used] = np.arange(len(used))
    x = np.empty((len(used), 0))
    if features:
        x = featurise([dataset.compositions[row] for row in used], features)
    return Bench(dataset=dataset, x=x, place=place, numbers=numbers, categories=categories, baseline=baseline)


def score_all(bench: Bench, arms: Sequence[Arm], *, threads: int) -> list[Scored]:
    """So many fits as `threads` side by side, each on one thread: for 4,000 rows a second one gained
    LightGBM 8 %, and cost it tenfold where others used the cores too."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # Each fit limits threads and hushes warnings for the whole process and puts back what it found; what
    # the last to end puts back may be another fit's limit, so the first state is kept here.
    with threadpool_limits(limits=1), warnings.catch_warnings(), ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda arm: _scored(bench, arm), arms))


def pool_scores(dataset: Dataset, scored: Sequence[Scored]) -> Pooled:
    """Raises ExperimentError where the test rows do not define the headline score."""
    rows, predicted = [one.rows for one in scored], [one.predicted for one in scored]
    value = _headline(dataset, rows, predicted)
    guess = _headline(dataset, rows, [one.guessed for one in scored])
    if value is None or guess is None:
        raise ExperimentError(
            f"All test rows of {dataset.name} are of one class here, so that no balanced accuracy is "
            "defined; choose another split."
        )
    without = [
        _headline(dataset, rows[:place] + rows[place + 1 :], predicted[:place] + predicted[place + 1 :])
        for place in range(len(rows))
    ]
    left = np.array([value if one is None else one for one in without])
    single = [_headline(dataset, [row], [said]) for row, said in zip(rows, predicted, strict=True)]
    known = [one for one in single if one is not None] or [value]
    return Pooled(
        value=value,
        error=float(np.sqrt((len(left) - 1) * left.var())),
        range=(min(known), max(known)),
        guess=guess,
    )


def _scored(bench: Bench, arm: Arm) -> Scored:
    dataset = bench.dataset
    own = fit_encoding(dataset.own.iloc[arm.train], numbers=bench.numbers, categories=bench.categories)
    learned, tested = (
        np.concatenate([bench.x[bench.place[rows]], own.encode(dataset.own.iloc[rows])], axis=1)
        for rows in (arm.train, arm.test)
    )
    values = dataset.values[arm.train]
    guessed, predicted = (
        fit_baseline(name, task=dataset.task, x=learned, y=values, seed=arm.seed, threads=1)(tested)
        for name in ("mean", bench.baseline)
    )
    return Scored(rows=arm.test, predicted=predicted, guessed=guessed)


def _headline(dataset: Dataset, rows: Sequence[np.ndarray], predicted: Sequence[np.ndarray]) -> float | None:
    """The headline score of these rows; None where there are none or they do not define it."""
    together = np.concatenate([np.empty(0, dtype=int), *rows])
    if not len(together):
        return None
    scores = score(dataset.task, dataset.values[together], np.concatenate(predicted))
    return scores.get(HEADLINE[dataset.task])
