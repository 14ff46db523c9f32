"""The rules that rows of a table meet: each with a name, each touched row with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from brnet.materials.reading import Repeats

FENCE = (
    3.0  # quartile distances beyond the quartiles: the outer fence of J. W. Tukey, Exploratory Data Analysis
)
FEW_FAR = 3  # rows, which are marked in any table
RAREST = (
    0.01  # of the rows; where more than both lie beyond the fence, that is how the values are distributed
)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that is looked for in every row."""

    name: str
    label: str


@dataclass(frozen=True, kw_only=True)
class TouchedRow:
    """A row that a rule had something to say about. `line` is its line in the file."""

    line: int
    formula: str
    rule: str
    reason: str
    kept: bool = False


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(name="cells", label="Row shorter or longer than the header"),
        Rule(name="formula", label="Formula that cannot be read"),
        Rule(name="elements", label="Element outside the chosen inputs"),
        Rule(name="value", label="Value missing or not usable"),
        Rule(name="repeat", label="Composition repeated with the same value"),
        Rule(name="conflict", label="Composition repeated with another value"),
        Rule(name="outlier", label="Value far from the others"),
    )
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Merged:
    """The rows that stay (m,) in their order, their values (m,), and what is said of the others."""

    rows: np.ndarray
    values: np.ndarray
    touched: tuple[TouchedRow, ...]


def merge_repeats(
    group: np.ndarray,
    values: np.ndarray,
    *,
    how: Repeats,
    lines: np.ndarray,
    formulas: Sequence[str],
    labels: Sequence[str] = (),
) -> Merged:
    """Rows of one `group` number (n,) are one material: keep all and say so, or make one row of them.

    `labels` are the names of the classes 0 and 1. Classes merge to the majority; where there is none, the
    material is left out.
    """
    order = np.argsort(group, kind="stable")
    sorted_values = values[order]
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    counts = np.diff(starts, append=len(order))
    lows, highs = np.minimum.reduceat(sorted_values, starts), np.maximum.reduceat(sorted_values, starts)
    stays = order[starts]  # the first row of each group
    merged = values[stays]
    if how != "all":
        stays, merged = _one_of_each(group, values, order, starts, counts, how, bool(labels))
    touched = [
        _repeat_reason(
            lines=lines,
            formulas=formulas,
            rows=order[start : start + count],
            stays=stay,
            low=low,
            high=high,
            value=value,
            how=how,
            labels=labels,
        )
        for start, count, stay, low, high, value in zip(
            starts, counts, stays, lows, highs, merged, strict=True
        )
        if count > 1
    ]
    told = tuple(row for rows in touched for row in rows)
    if how == "all":
        return Merged(rows=np.arange(len(group)), values=values, touched=told)
    decided = np.isfinite(merged)
    in_order = np.argsort(stays[decided])
    return Merged(rows=stays[decided][in_order], values=merged[decided][in_order], touched=told)


def outliers(
    values: np.ndarray, *, lines: np.ndarray, formulas: Sequence[str], target: str
) -> tuple[TouchedRow, ...]:
    """Values (n,) far outside the bulk, which stay; none where so many are that they are the rule."""
    low, high = _fence(values)
    far = np.flatnonzero((values < low) | (values > high))
    if len(far) > max(FEW_FAR, RAREST * len(values)):
        return ()
    return tuple(
        TouchedRow(
            line=int(lines[row]),
            formula=formulas[int(row)],
            rule="outlier",
            reason=f"The value {values[row]:g} in {target!r} lies far outside the others "
            f"({low:.4g} to {high:.4g}); it is kept.",
            kept=True,
        )
        for row in far
    )


def _one_of_each(
    group: np.ndarray,
    values: np.ndarray,
    order: np.ndarray,
    starts: np.ndarray,
    counts: np.ndarray,
    how: Repeats,
    is_class: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """The row that stands for each group and its value; NaN where two classes are equally many."""
    if not is_class and how in ("lowest", "highest"):
        by_value = np.lexsort((values if how == "lowest" else -values, group))
        stays = by_value[starts]
        return stays, values[stays]
    means = np.add.reduceat(values[order], starts) / counts
    if is_class:
        return order[starts], np.where(means == 0.5, np.nan, np.round(means))
    if how == "mean":
        return order[starts], means
    by_value = values[np.lexsort((values, group))]
    return order[starts], (by_value[starts + (counts - 1) // 2] + by_value[starts + counts // 2]) / 2


def _repeat_reason(
    *,
    lines: np.ndarray,
    formulas: Sequence[str],
    rows: np.ndarray,
    stays: int,
    low: float,
    high: float,
    value: float,
    how: Repeats,
    labels: Sequence[str],
) -> list[TouchedRow]:
    """What is said of the rows of one material: of all but the one that stays, or of all where none does."""
    if low == high:
        rule, reason = "repeat", f"Line {lines[stays]} has the same composition and value"
    elif labels:
        rule, reason = "conflict", f"Line {lines[stays]} has the same composition; both classes occur"
    else:
        rule = "conflict"
        reason = (
            f"Line {lines[stays]} has the same composition; its {len(rows)} values lie "
            f"between {low:g} and {high:g}"
        )
    if np.isnan(value):
        ending, others = ", equally often: left out.", rows
    else:
        others = rows[rows != stays]
        ending = ": both are kept." if how == "all" and len(rows) == 2 else ": all are kept."
        if how != "all":
            kept = labels[int(value)] if labels else f"{value:.6g}"
            ending = f": merged into it as {kept}{'' if labels or low == high else f' ({how})'}."
    return [
        TouchedRow(
            line=int(lines[row]),
            formula=formulas[int(row)],
            rule=rule,
            reason=reason + ending,
            kept=how == "all",
        )
        for row in others
    ]


def _fence(values: np.ndarray) -> tuple[float, float]:
    """Tukey's outer fence (low, high); on the 5 % and 95 % quantiles where the quartiles are one."""
    first, third = np.quantile(values, (0.25, 0.75))
    if first == third:
        first, third = np.quantile(values, (0.05, 0.95))
    if first == third:
        return -np.inf, np.inf
    return first - FENCE * (third - first), third + FENCE * (third - first)


def by_rule(touched: Sequence[TouchedRow]) -> pd.Series:
    """How many rows each rule touched, in the order of RULES."""
    counts = pd.Series([row.rule for row in touched], dtype=object).value_counts()
    return pd.Series({name: int(counts.get(name, 0)) for name in RULES})
