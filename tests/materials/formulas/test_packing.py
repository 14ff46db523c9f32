"""Compositions as flat arrays."""

import numpy as np

from brnet.materials.formulas.formula import read_formula
from brnet.materials.formulas.packing import pack


def test_items_follow_one_another_in_order_of_atomic_number() -> None:
    packed = pack([read_formula("Fe2O3"), read_formula("Cu")])
    assert packed.numbers.tolist() == [8, 26, 29]
    assert packed.amounts.tolist() == [3, 2, 1]
    assert packed.counts.tolist() == [2, 1]
    assert packed.starts.tolist() == [0, 2]
    assert packed.rows.tolist() == [0, 0, 1]
    np.testing.assert_allclose(packed.fractions, [0.6, 0.4, 1.0])
