"""Parts: shares that are kept, strata that are cut alike, groups that stay whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brnet.materials.splits.parts import Split, cut_groups, cut_sorted, hold_out, numbered


def rows_of(parts: Split) -> list[int]:
    return sorted(np.concatenate([parts.train, parts.valid, parts.test]).tolist())


def test_of_ten_rows_next_to_each_other_in_value_one_is_tested_and_one_chooses() -> None:
    values = np.random.default_rng(0).permutation(100).astype(float)
    parts = cut_sorted(values, np.random.default_rng(1))
    for rows in (parts.test, parts.valid):
        assert sorted((values[rows] // 10).tolist()) == list(range(10))


def test_equal_values_are_cut_at_random() -> None:
    tested = np.zeros(50)
    for seed in range(200):
        tested[cut_sorted(np.zeros(50), np.random.default_rng(seed)).test] += 1
    assert tested.min() > 0
    assert tested.max() < 60


@pytest.mark.parametrize("n_rows", [10, 11, 19, 99, 1001])
def test_a_last_bin_that_is_not_full_keeps_the_shares(n_rows: int) -> None:
    parts = cut_sorted(np.arange(n_rows, dtype=float), np.random.default_rng(0))
    assert rows_of(parts) == list(range(n_rows))
    for rows in (parts.test, parts.valid):
        assert n_rows // 10 <= len(rows) <= n_rows // 10 + 1


groups = st.lists(st.integers(0, 8), min_size=12, max_size=80).map(numbered).filter(lambda g: g.max() >= 2)


@given(group=groups, seed=st.integers(0, 999))
def test_groups_of_any_sizes_stay_whole_and_no_part_is_empty(group: np.ndarray, seed: int) -> None:
    parts = cut_groups(group, np.random.default_rng(seed))
    found = [set(group[rows].tolist()) for rows in (parts.train, parts.valid, parts.test)]
    assert rows_of(parts) == list(range(len(group)))
    assert all(found)
    assert sum(map(len, found)) == len(set(group.tolist()))


@given(group=groups, data=st.data())
def test_what_is_held_out_is_tested_and_the_others_keep_groups_whole(
    group: np.ndarray, data: st.DataObject
) -> None:
    tested = group == data.draw(st.sampled_from(sorted(set(group.tolist()))))
    parts = hold_out(tested, group, np.random.default_rng(0))
    assert rows_of(parts) == list(range(len(group)))
    assert parts.test.tolist() == np.flatnonzero(tested).tolist()
    assert not set(group[parts.train].tolist()) & set(group[parts.valid].tolist())
    assert len(parts.train) > 0
    assert len(parts.valid) > 0


def test_numbers_follow_first_appearance() -> None:
    assert numbered(["b", "a", "b", "c"]).tolist() == [0, 1, 0, 2]
