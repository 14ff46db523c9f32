"""Scaling: centred, bounded, and the same for a row whatever its neighbours."""

import numpy as np

from brnet.models.scaling import REACH, fit_inputs, fit_target


def test_training_inputs_are_centred_and_within_reach() -> None:
    x = np.random.default_rng(0).lognormal(size=(500, 3)) * [1.0, 1e6, 1e-6]
    scaled = fit_inputs(x)(x)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(np.median(scaled, axis=0), 0.0, atol=1e-2)
    assert np.abs(scaled).max() < REACH


def test_columns_of_mostly_zeros_keep_their_signal() -> None:
    x = np.zeros((100, 1))
    x[:5, 0] = [0.1, 0.2, 0.3, 0.4, 0.5]
    scaled = fit_inputs(x)(x)
    assert np.unique(scaled).size == 6
    assert scaled[5, 0] == 0


def test_constant_columns_stay_finite() -> None:
    scaling = fit_inputs(np.full((10, 1), 7.0))
    assert np.isfinite(scaling(np.array([[7.0], [8.0], [1e9]]))).all()


def test_targets_are_scaled_by_median_and_mean_deviation() -> None:
    target = fit_target(np.array([1.0, 2.0, 3.0, 10.0]))
    assert (target.centre, target.scale) == (2.5, 3.0)
    assert fit_target(np.full(5, 2.0)).scale == 1.0


def test_rounding_in_a_constant_column_is_no_information() -> None:
    x = np.array([[0.7], [0.7 + 1e-16], [0.7 - 1e-16], [0.7]])
    scaled = fit_inputs(x)(np.array([[0.7], [0.6999]]))
    assert np.abs(scaled).max() < 1e-3
