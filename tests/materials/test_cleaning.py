"""What cleaning does to repeated compositions and far values, and what it says of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brnet.materials.cleaning import RULES, by_rule, merge_repeats, outliers

LINES = np.arange(2, 8)
FORMULAS = ("GaN", "Fe2O3", "NaCl", "Fe4O6", "Fe2O3", "NaCl")
GROUP = np.array([0, 1, 2, 1, 1, 2])
VALUES = np.array([3.4, 2.0, 8.5, 2.2, 3.0, 8.5])


def merge(how: str, values: np.ndarray = VALUES, labels: tuple[str, ...] = ()):
    return merge_repeats(GROUP, values, how=how, lines=LINES, formulas=FORMULAS, labels=labels)


@pytest.mark.parametrize(
    ("how", "rows", "values"),
    [
        ("all", [0, 1, 2, 3, 4, 5], VALUES.tolist()),
        ("mean", [0, 1, 2], [3.4, 2.4, 8.5]),
        ("median", [0, 1, 2], [3.4, 2.2, 8.5]),
        ("lowest", [0, 1, 2], [3.4, 2.0, 8.5]),
        ("highest", [0, 2, 4], [3.4, 8.5, 3.0]),
    ],
)
def test_repeats_become_one_row_as_asked(how: str, rows: list[int], values: list[float]) -> None:
    merged = merge(how)
    assert merged.rows.tolist() == rows
    assert merged.values.tolist() == pytest.approx(values)


def test_repeats_that_are_kept_are_marked_with_their_spread() -> None:
    told = {row.line: row for row in merge("all").touched}
    assert sorted(told) == [5, 6, 7]
    assert all(row.kept for row in told.values())
    assert told[5].rule == "conflict"
    assert told[5].reason == (
        "Line 3 has the same composition; its 3 values lie between 2 and 3: all are kept."
    )
    assert told[7].rule == "repeat"
    assert told[7].reason == "Line 4 has the same composition and value: both are kept."


def test_repeats_that_are_merged_say_into_which_line_and_value() -> None:
    told = {row.line: row for row in merge("highest").touched}
    assert sorted(told) == [3, 5, 7]
    assert not any(row.kept for row in told.values())
    assert told[3].reason == (
        "Line 6 has the same composition; its 3 values lie between 2 and 3: merged into it as 3 (highest)."
    )


def test_classes_merge_to_the_majority_and_a_tie_is_left_out() -> None:
    merged = merge("mean", np.array([1.0, 1.0, 0.0, 1.0, 0.0, 1.0]), labels=("no", "yes"))
    assert merged.rows.tolist() == [0, 1]
    assert merged.values.tolist() == [1.0, 1.0]
    told = {row.line: row.reason for row in merged.touched}
    assert told[6] == "Line 3 has the same composition; both classes occur: merged into it as yes."
    assert told[4] == "Line 4 has the same composition; both classes occur, equally often: left out."
    assert told[7] == "Line 4 has the same composition; both classes occur, equally often: left out."


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(-1e6, 1e6, allow_nan=False)), min_size=1, max_size=40),
    st.sampled_from(["mean", "median", "lowest", "highest"]),
)
def test_merging_agrees_with_each_group_taken_alone(rows: list[tuple[int, float]], how: str) -> None:
    group = np.unique([number for number, _ in rows], return_inverse=True)[1]
    values = np.array([value for _, value in rows])
    merged = merge_repeats(group, values, how=how, lines=np.arange(len(rows)), formulas=["X"] * len(rows))
    alone = {"mean": np.mean, "median": np.median, "lowest": np.min, "highest": np.max}[how]
    for row, value in zip(merged.rows, merged.values, strict=True):
        assert value == pytest.approx(alone(values[group == group[row]]), abs=1e-6)
    assert len(merged.rows) == len(set(group.tolist()))
    assert len(merged.rows) + len(merged.touched) == len(rows)


def far(values: list[float]) -> list[int]:
    names = ["X"] * len(values)
    touched = outliers(np.array(values), lines=np.arange(len(values)), formulas=names, target="gap")
    return [row.line for row in touched]


def test_a_value_beyond_tukeys_outer_fence_is_marked_and_kept() -> None:
    values = [*np.linspace(0, 1, 200), -84.0]
    assert far(values) == [200]
    row = outliers(np.array(values), lines=np.arange(201), formulas=["X"] * 201, target="gap")[0]
    assert row.kept
    assert row.reason.startswith("The value -84 in 'gap' lies far outside the others (")


def test_a_long_tail_is_no_heap_of_outliers() -> None:
    assert far((10.0 ** np.linspace(-2, 4, 300)).tolist()) == []


def test_many_equal_values_do_not_make_the_others_outliers() -> None:
    assert far([0.0] * 90 + np.linspace(0.1, 5, 30).tolist()) == []


def test_rules_are_counted_in_their_order() -> None:
    counts = by_rule(merge("all").touched)
    assert list(counts.index) == list(RULES)
    assert (counts["repeat"], counts["conflict"], counts["formula"]) == (1, 2, 0)


def test_one_impossible_value_of_a_small_table_is_marked() -> None:
    assert far([*np.linspace(0.5, 4.0, 40), 999.0]) == [40]
