"""How much a random split flatters: one baseline scored under it and under the split that was chosen."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brnet.errors import ExperimentError
from brnet.materials.dataset import Dataset
from brnet.materials.properties import Quantity
from brnet.materials.splits.parts import TEST_SHARE
from brnet.materials.splits.rules import SPLITS, holdings
from brnet.models.baselines import BASELINES
from brnet.settings import settings
from brnet.training.arms import BY_KIND, draw_sample, paired_arms
from brnet.training.metrics import HEADLINE, METRICS
from brnet.training.pooled import Pooled, Scored, make_bench, pool_scores, score_all

BASELINE = "lightgbm"
"""2 to 3 s for 8,000 rows of EF and PA on one core, where extra trees take over 20."""

MOST_ROWS = 10_000
ROWS_TO_SCORE = 3_000
"""Test rows of all splits of a kind together: one split of a small table says little. On the 4,604 rows of
matbench_expt_gap, where hardly a formula repeats, two equally good splits differed by a fifth."""

FEWEST_SPLITS, MOST_SPLITS = 5, 10
FEWEST_ALIKE = 30
CONFIDENCE = 0.95
"""Of Student's two-sided test of the two means, from which a difference counts as one."""


@dataclass(frozen=True, kw_only=True)
class Optimism:
    """Scores on the test rows of `n_splits` splits of each kind, learned from equally many rows.

    `metric` is the headline of the task: mean absolute error as the table holds the values, or balanced
    accuracy. The ranges are those of single splits. Where an element or cluster is held out, `alike` is the
    score on those of the random test rows that belong to it, others of their kind having been learned from:
    like with like, for `random` counts rows that may be harder or easier; None where they are under 30.
    `doubt` is what the difference must exceed to be more than the chance of the splits (95 %),
    `keeps_together` whether the rule keeps rows together that random rows tear apart, `random_guess` and
    `chosen_guess` what the mean of the training values scores.
    """

    baseline: str
    rule: str
    held_out: str
    metric: str
    random: float
    chosen: float
    alike: float | None
    doubt: float
    keeps_together: bool
    random_range: tuple[float, float]
    chosen_range: tuple[float, float]
    random_guess: float
    chosen_guess: float
    n_splits: int
    n_train: int
    n_rows: int
    n_table_rows: int
    seconds: float

    @property
    def sampled(self) -> bool:
        return self.n_rows < self.n_table_rows

    @property
    def compared(self) -> float:
        """What a random split would show for the rows that the chosen one tests."""
        return self.random if self.alike is None else self.alike

    @property
    def clear(self) -> bool:
        """Whether like rows are compared and differ by more than the chance of the splits explains."""
        alike = self.rule not in BY_KIND or self.alike is not None
        return alike and self.keeps_together and abs(self.chosen - self.compared) > self.doubt

    @property
    def flattery(self) -> float:
        """What a random split takes off the error, as a share of it, or adds to the accuracy; negative
        where the chosen split shows the better score."""
        if METRICS[self.metric].better == "higher":
            return self.compared - self.chosen
        return 1 - self.compared / self.chosen if self.chosen else -math.inf if self.compared else 0.0

    def sentence(self, quantity: Quantity) -> str:
        """The scores in the unit of the target, and what follows from them."""
        known = [f"{_shown(self.random, self.metric, quantity)} on random rows"]
        known.append(f"{_shown(self.chosen, self.metric, quantity)} on {self._tests}")
        if self.alike is not None:
            alike = _shown(self.alike, self.metric, quantity)
            known.append(f"{alike} on such rows where others of them were learned from")
        sample = f"sample of {self.n_rows:,} of the {self.n_table_rows:,} rows"
        return (
            f"{BASELINES[self.baseline].label}{f' on a {sample}' if self.sampled else ''}: "
            f"{_NAMES[self.metric]} {', '.join(known)}; {self._verdict()}."
        )

    def _verdict(self) -> str:
        if self.rule == "column":
            return "the one split of the table cannot be told from chance"
        if not self.keeps_together:
            return "no rows are kept together here, so both are random rows and differ by chance"
        if self.rule in BY_KIND and self.alike is None:
            return "too few such rows are among the random ones to say what a random split would flatter"
        if not self.clear:
            return f"over {self.n_splits} splits of each kind a random split does not clearly flatter"
        if self.flattery > 0:
            by = f"{self.flattery:.0%}" if self.metric == "mae" else f"{self.flattery:.2f}"
            return f"a random split would flatter by {by}"
        return "a random split does not flatter here"

    @property
    def _tests(self) -> str:
        return SPLITS[self.rule].tests.format(held_out=self.held_out)


def optimism(
    dataset: Dataset,
    *,
    rule: str,
    held_out: str = "",
    features: Sequence[str],
    numbers: Sequence[str] = (),
    categories: Sequence[str] = (),
    seed: int = 0,
    baseline: str = BASELINE,
    most_rows: int = MOST_ROWS,
    threads: int = 0,
) -> Optimism:
    """Fit and score `baseline` under both splits, for as many seeds as give some 3,000 test rows (5 to 10).

    `features` describe the compositions, `numbers` and `categories` are own columns that are inputs too.
    Splits are made of the whole table; above `most_rows` they are then thinned to a sample of whole
    chemical systems, for single rows drawn at random would lose the repeats that make a random split
    flatter. So many fits as `threads` run side by side, each on one thread; 0 takes the settings' number.
    Raises ExperimentError where nothing can be scored.
    """
    began = time.perf_counter()
    _check(dataset, rule, features, [*numbers, *categories])
    if SPLITS[rule].asks and not held_out:
        held_out = next((holding.name for holding in holdings(dataset, rule)), "")
    sample = draw_sample(dataset, most_rows=most_rows, seed=seed)
    n_splits = round(ROWS_TO_SCORE / (TEST_SHARE * sample.sum()))
    seeds = range(seed, seed + min(max(n_splits, FEWEST_SPLITS), MOST_SPLITS))
    pairs = paired_arms(dataset, rule=rule, held_out=held_out, sample=sample, seeds=seeds)
    arms = [arm for pair in pairs for arm in pair]
    bench = make_bench(
        dataset, arms, features=features, numbers=numbers, categories=categories, baseline=baseline
    )
    scored = score_all(bench, arms, threads=threads or settings().threads)
    random, chosen = pool_scores(dataset, scored[::2]), pool_scores(dataset, scored[1::2])
    alike = _alike(dataset, rule, arms[1].held, scored[::2])
    error = math.hypot((alike or random).error, chosen.error)
    return Optimism(
        baseline=baseline,
        rule=rule,
        held_out=held_out,
        metric=HEADLINE[dataset.task],
        random=random.value,
        chosen=chosen.value,
        alike=alike.value if alike else None,
        doubt=_times_standard_error(len(seeds)) * error,
        keeps_together=_keeps_together(dataset, rule),
        random_range=random.range,
        chosen_range=chosen.range,
        random_guess=random.guess,
        chosen_guess=chosen.guess,
        n_splits=len(seeds),
        n_train=len(arms[0].train),
        n_rows=bench.n_rows,
        n_table_rows=len(dataset),
        seconds=time.perf_counter() - began,
    )


_NAMES = {"mae": "mean absolute error", "balanced_accuracy": "balanced accuracy"}


def _check(dataset: Dataset, rule: str, features: Sequence[str], own: Sequence[str]) -> None:
    if rule == "random":
        raise ExperimentError("The random split is what others are compared with; choose another one.")
    if rule not in SPLITS:
        raise ExperimentError(f"There is no split {rule!r}; choose one of {', '.join(SPLITS)}.")
    if not features and not own:
        raise ExperimentError(
            f"Nothing of {dataset.name} is chosen to learn from; choose features or columns."
        )
    if features and not dataset.compositions:
        raise ExperimentError(
            f"{dataset.name} has no compositions for the features {', '.join(features)}; leave them out."
        )


def _alike(dataset: Dataset, rule: str, held: np.ndarray, scored: Sequence[Scored]) -> Pooled | None:
    """The scores of those random test rows that the chosen rule holds out; `held` is (n,) bool."""
    if rule not in BY_KIND:
        return None
    alike = [
        Scored(
            rows=one.rows[held[one.rows]],
            predicted=one.predicted[held[one.rows]],
            guessed=one.guessed[held[one.rows]],
        )
        for one in scored
    ]
    values = np.concatenate([dataset.values[one.rows] for one in alike])
    one_class = dataset.task == "classification" and len(np.unique(values)) < 2
    return None if len(values) < FEWEST_ALIKE or one_class else pool_scores(dataset, alike)


def _times_standard_error(n_splits: int) -> float:
    """Student's t for the difference of two means of so many splits each, two-sided."""
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, 2 * (n_splits - 1)))


def _keeps_together(dataset: Dataset, rule: str) -> bool:
    """False where a rule draws single rows at random, or groups none of which has two rows."""
    key = "chemical_system" if rule == "system" else "reduced"
    if rule in ("formula", "system", "folds"):
        return len({getattr(composition, key) for composition in dataset.compositions}) < len(
            dataset.compositions
        )
    return rule not in ("stratified", "matbench")


def _shown(value: float, metric: str, quantity: Quantity) -> str:
    """A score with the unit it carries."""
    number = f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
    if not METRICS[metric].unit_of_target:
        return number
    unit = f"log10({quantity.unit})" if quantity.log10 and quantity.unit else quantity.unit
    return f"{number} {unit}".rstrip()
