"""The well-tried models that every network is compared with, on the same rows and inputs."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from brnet.errors import ExperimentError, NotFoundError
from brnet.materials.reading import Task

N_NEIGHBOURS = 5
N_TREES = 300
N_ROUNDS = 500
LEARNING_RATE = 0.05
FEWEST_ROWS_A_LEAF = 5  # the libraries say 20: too many where an element occurs in a handful of rows
RIDGE_STRENGTHS = np.logspace(-2, 5, 15)
LOGISTIC_STRENGTH = 0.1  # scikit-learn's C, for standardised inputs
# Above these sizes a fit would take many minutes on two cores; its `note` says what was done instead.
MOST_NEIGHBOUR_ROWS = 50_000
MOST_ROWS_A_TREE = 20_000
N_TREES_WHEN_LARGE = 100


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a fit must know beside its rows."""

    task: Task
    n_rows: int
    seed: int
    threads: int


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """One line of the table. `fit(plan)` gives the scikit-learn estimator, set up and not yet fitted;
    `large(plan)` gives the sentence on what it does otherwise because the rows are many, or nothing."""

    name: str
    label: str
    note: str
    fit: Callable[[Plan], Any]
    most_rows: int | None = None
    large: Callable[[Plan], str] = lambda plan: ""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A fitted baseline: call it with inputs (n, n_features) for n values, or n P(class 1).

    `note` says where this fit departs from the table and why; mostly it is empty.
    """

    name: str
    note: str
    predict: Callable[[np.ndarray], np.ndarray]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.predict(np.asarray(x, dtype=float))


def fit_baseline(
    name: str,
    *,
    task: Task,
    x: np.ndarray,
    y: np.ndarray,
    seed: int,
    threads: int,
    sample: int | None = None,
) -> Fit:
    """Fit one baseline on inputs (n, n_features) and targets (n,): values, or 0 and 1 for classification.

    `sample` caps the training rows further than the table does. A constant target gives a constant fit,
    which its note says. Raises NotFoundError for an unknown name and ExperimentError for rows that cannot
    be learned from.
    """
    if name not in BASELINES:
        raise NotFoundError(f"There is no baseline '{name}'; choose one of {', '.join(BASELINES)}.")
    baseline = BASELINES[name]
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    _check(task, x, y)
    x, y, notes = _drawn(x, y, most=_smallest(sample, baseline.most_rows), seed=seed)
    if np.ptp(y) == 0:
        return _constant(name, y)
    plan = Plan(task=task, n_rows=len(y), seed=seed, threads=threads)
    with _calm(threads):
        estimator = baseline.fit(plan).fit(x, y)
    notes = [*notes, baseline.large(plan)]
    return Fit(name=name, note=" ".join(filter(None, notes)), predict=_predict(estimator, plan))


def _check(task: Task, x: np.ndarray, y: np.ndarray) -> None:
    if x.ndim != 2 or y.shape != (len(x),) or not len(y):
        raise ExperimentError(
            f"A baseline needs inputs (n, n_features) and n > 0 targets, not {x.shape} and {y.shape}."
        )
    for words, numbers in (("inputs", x), ("targets", y)):
        if not np.isfinite(numbers).all():
            raise ExperimentError(f"The training {words} hold numbers that are not finite; drop those rows.")
    if task == "classification" and not np.isin(y, (0.0, 1.0)).all():
        raise ExperimentError("The targets of a classification must be 0 and 1; choose regression instead.")


def _smallest(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _drawn(
    x: np.ndarray, y: np.ndarray, *, most: int | None, seed: int
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    if most is None or len(y) <= most:
        return x, y, []
    rows = np.sort(np.random.default_rng(seed).choice(len(y), size=most, replace=False))
    return x[rows], y[rows], [f"Fitted on {most:,} of the {len(y):,} training rows, drawn at random."]


def _constant(name: str, y: np.ndarray) -> Fit:
    value = float(y[0])
    note = f"All {len(y):,} training targets are {value:g}, so that is predicted for every row."
    return Fit(name=name, note=note, predict=lambda x: np.full(len(x), value))


def _predict(estimator: Any, plan: Plan) -> Callable[[np.ndarray], np.ndarray]:
    def values(x: np.ndarray) -> np.ndarray:
        with _calm(plan.threads):
            if plan.task == "classification":
                return np.asarray(estimator.predict_proba(x), dtype=float)[:, 1]
            return np.asarray(estimator.predict(x), dtype=float)

    return values


@contextmanager
def _calm(threads: int) -> Iterator[None]:
    """So many threads in BLAS and OpenMP; no advice to programmers on the user's terminal."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(limits=threads), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _is_regression(plan: Plan) -> bool:
    return plan.task == "regression"


def _standardised(estimator: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), estimator)


def _mean(plan: Plan) -> Any:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    return DummyRegressor(strategy="mean") if _is_regression(plan) else DummyClassifier(strategy="prior")


def _ridge(plan: Plan) -> Any:
    from sklearn.linear_model import LogisticRegression, RidgeCV

    if _is_regression(plan):
        return _standardised(RidgeCV(alphas=RIDGE_STRENGTHS))
    return _standardised(LogisticRegression(C=LOGISTIC_STRENGTH, max_iter=500))


def _knn(plan: Plan) -> Any:
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    kind = KNeighborsRegressor if _is_regression(plan) else KNeighborsClassifier
    n_neighbours = min(N_NEIGHBOURS, plan.n_rows)
    return _standardised(
        kind(n_neighbors=n_neighbours, weights="distance", algorithm="brute", n_jobs=plan.threads)
    )


def _hist_gb(plan: Plan) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if _is_regression(plan) else HistGradientBoostingClassifier
    return kind(
        max_iter=N_ROUNDS,
        learning_rate=LEARNING_RATE,
        min_samples_leaf=FEWEST_ROWS_A_LEAF,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=plan.seed,
    )


def _lightgbm(plan: Plan) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMRegressor if _is_regression(plan) else LGBMClassifier
    return kind(
        n_estimators=N_ROUNDS,
        learning_rate=LEARNING_RATE,
        min_child_samples=FEWEST_ROWS_A_LEAF,
        reg_lambda=1.0,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.5,
        random_state=plan.seed,
        n_jobs=plan.threads,
        deterministic=True,
        force_col_wise=True,
        verbosity=-1,
    )


def _forest(plan: Plan) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestRegressor if _is_regression(plan) else RandomForestClassifier
    return kind(**_trees(plan), bootstrap=True)


def _extra_trees(plan: Plan) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    kind = ExtraTreesRegressor if _is_regression(plan) else ExtraTreesClassifier
    return kind(**_trees(plan), bootstrap=_is_large(plan))


def _trees(plan: Plan) -> dict[str, Any]:
    """Settings of both forests. A large table is seen in full, though each tree sees a part of it."""
    large = _is_large(plan)
    return {
        "n_estimators": N_TREES_WHEN_LARGE if large else N_TREES,
        "max_samples": MOST_ROWS_A_TREE if large else None,
        "max_features": 1 / 3 if _is_regression(plan) else "sqrt",
        "random_state": plan.seed,
        "n_jobs": plan.threads,
    }


def _is_large(plan: Plan) -> bool:
    return plan.n_rows > MOST_ROWS_A_TREE


def _large_forest(plan: Plan) -> str:
    if not _is_large(plan):
        return ""
    return (
        f"Grown as {N_TREES_WHEN_LARGE} trees in place of {N_TREES}, each on {MOST_ROWS_A_TREE:,} "
        f"of the {plan.n_rows:,} training rows."
    )


_ALL = (
    Baseline(
        name="mean",
        label="Training mean",
        note="The mean of the training values, or the share of class 1.",
        fit=_mean,
    ),
    Baseline(
        name="ridge",
        label="Ridge regression",
        note="Linear, standardised inputs; penalty by leave-one-out. Logistic regression for classes.",
        fit=_ridge,
    ),
    Baseline(
        name="knn",
        label="k nearest neighbours",
        note=f"{N_NEIGHBOURS} neighbours weighted by distance, standardised inputs.",
        fit=_knn,
        most_rows=MOST_NEIGHBOUR_ROWS,
    ),
    Baseline(
        name="hist_gb",
        label="Gradient boosting (scikit-learn)",
        note=f"{N_ROUNDS} rounds at learning rate {LEARNING_RATE}, on histograms.",
        fit=_hist_gb,
    ),
    Baseline(
        name="lightgbm",
        label="LightGBM",
        note=f"{N_ROUNDS} rounds at learning rate {LEARNING_RATE}, 80 % of rows and half of inputs a round.",
        fit=_lightgbm,
    ),
    Baseline(
        name="forest",
        label="Random forest",
        note=f"{N_TREES} trees, a third of the inputs a cut (the square root for classes).",
        fit=_forest,
        large=_large_forest,
    ),
    Baseline(
        name="extra_trees",
        label="Extra trees",
        note=f"{N_TREES} trees, a third of the inputs a cut (the square root for classes).",
        fit=_extra_trees,
        large=_large_forest,
    ),
)
BASELINES: dict[str, Baseline] = {baseline.name: baseline for baseline in _ALL}
