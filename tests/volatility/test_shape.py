"""Empirical shapes: Hazen's quantiles, a distribution and its inverse, and never a certainty."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.volatility.shape import LEVELS, Shape, fit_shape, with_vix_rows


def sample(n: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_t(4, size=(n, 1))


def test_levels_rise_are_symmetric_and_hold_every_percent() -> None:
    assert len(LEVELS) == 117
    assert (np.diff(LEVELS) > 0).all()
    assert pytest.approx(1 - LEVELS[::-1]) == LEVELS
    assert set(range(1, 100)) <= set(np.round(100 * LEVELS, 9))


@pytest.mark.parametrize("n", [1, 2, 37, 1000, 5003])
def test_the_grid_is_hazens_quantiles(n: int) -> None:
    values = sample(n)
    assert fit_shape(values).grid[0] == pytest.approx(np.quantile(values, LEVELS, method="hazen"), rel=1e-12)


def test_unknown_outcomes_are_left_out_column_by_column() -> None:
    values = np.column_stack([sample(300)[:, 0], sample(300, 4)[:, 0]])
    values[250:, 1] = np.nan
    shape = fit_shape(values)
    assert shape.count.tolist() == [300.0, 250.0]
    assert np.array_equal(shape.grid[1], fit_shape(values[:250, [1]]).grid[0])


@given(seed=st.integers(0, 1000), n=st.integers(1000, 3000))
@settings(max_examples=20, deadline=None)
def test_quantile_and_cumulative_undo_each_other(seed: int, n: int) -> None:
    shape = fit_shape(sample(n, seed))
    level = np.linspace(0.0006, 0.9994, 211)
    assert shape.cumulative(0, shape.quantile(0, level)) == pytest.approx(level, abs=1e-9)
    inside = np.linspace(shape.grid[0, 1], shape.grid[0, -2], 97)
    assert shape.quantile(0, shape.cumulative(0, inside)) == pytest.approx(inside, abs=1e-9)


@given(n=st.integers(1, 400), seed=st.integers(0, 1000), far=st.floats(-1e6, 1e6))
@settings(max_examples=60, deadline=None)
def test_nothing_is_ever_impossible_or_certain(n: int, seed: int, far: float) -> None:
    shape = fit_shape(sample(n, seed))
    beyond = shape.exceedance(0, np.array([-np.inf, -1e9, far, 1e9, np.inf]))
    least = 0.5 / (n + 1)
    assert (beyond >= least - 1e-15).all()
    assert (beyond <= 1 - least + 1e-15).all()
    assert (beyond[[0, 1]] == 1 - least).all()


def test_beyond_all_that_was_seen_half_an_observation_is_left() -> None:
    shape = fit_shape(np.arange(9.0)[:, None])
    assert shape.exceedance(0, np.array([8.5, 100.0])).tolist() == pytest.approx([0.05, 0.05])


@given(seed=st.integers(0, 1000), n=st.integers(1, 300))
@settings(max_examples=30, deadline=None)
def test_exceedance_never_rises(seed: int, n: int) -> None:
    shape = fit_shape(sample(n, seed))
    beyond = shape.exceedance(0, np.linspace(-8, 8, 400))
    assert (np.diff(beyond) <= 0).all()


def test_a_column_of_unknowns_answers_one_half() -> None:
    shape = fit_shape(np.full((5, 1), np.nan))
    assert shape.exceedance(0, np.array([-3.0, 0.0, 3.0])).tolist() == [0.5, 0.5, 0.5]


def test_the_sample_of_sessions_with_the_index_is_used_once_there_are_750() -> None:
    values, known = np.ones((1000, 2)), np.arange(1000) < 750
    assert np.isnan(with_vix_rows(values, known)[750:]).all()
    assert np.isfinite(with_vix_rows(values, known)[:750]).all()
    assert with_vix_rows(values, np.arange(1000) < 749) is values


def test_rows_do_not_mix() -> None:
    shape = Shape(np.vstack([np.linspace(0, 1, 117), np.linspace(10, 11, 117)]), np.array([500.0, 500.0]))
    assert shape.quantile(1, np.array(0.5)) == pytest.approx(10.5)
    assert shape.cumulative(0, np.array(0.5)) == pytest.approx(0.5)
