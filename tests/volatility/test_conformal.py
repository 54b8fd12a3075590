"""Adaptive conformal intervals: coverage comes back, and only from outcomes that have come."""

import numpy as np
import pytest
from scipy.stats import norm

from aegismatrix_engine.volatility.conformal import (
    adapt,
    central_interval,
    known_miss,
    nominal_miss,
    probability_integral_transform,
)
from aegismatrix_engine.volatility.distribution import ReturnDistribution, Shapes
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON
from aegismatrix_engine.volatility.shape import LEVELS, Shape

NORMAL = Shape(np.tile(norm.ppf(LEVELS), (MAX_HORIZON, 1)), np.full(MAX_HORIZON, 5000.0))
SHAPES = Shapes(NORMAL, NORMAL, NORMAL, NORMAL)


def uniform(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(size=(n, MAX_HORIZON))


def test_it_starts_at_the_nominal_miss_rates() -> None:
    assert nominal_miss().shape == (3, 45)
    assert nominal_miss()[:, 0] == pytest.approx([0.2, 0.1, 0.05])


def test_a_miss_widens_by_gamma_times_coverage_and_a_hit_narrows_by_gamma_times_its_miss_rate() -> None:
    pit = np.full((1, MAX_HORIZON), 0.5)
    pit[0, 0], pit[0, 1] = 0.91, 0.09
    after = adapt(nominal_miss(), pit)[1]
    assert after[0, :3] == pytest.approx([0.2 - 0.005 * 0.8, 0.2 - 0.005 * 0.8, 0.2 + 0.005 * 0.2])
    assert after[1, :3] == pytest.approx([0.1 + 0.005 * 0.1] * 3)


def test_an_outcome_not_known_changes_nothing() -> None:
    pit = np.full((3, MAX_HORIZON), np.nan)
    assert np.array_equal(adapt(nominal_miss(), pit)[-1], nominal_miss())


@pytest.mark.parametrize("factor", [1.5, 0.75])
def test_coverage_comes_back_after_a_stepped_change_of_scale(factor: float) -> None:
    before, after = 1500, 4000
    z = np.random.default_rng(8).normal(size=(before + after, 1)) * np.repeat([1.0, factor], [before, after])[:, None]
    pit = np.repeat(norm.cdf(z), MAX_HORIZON, axis=1)
    path = adapt(nominal_miss(), pit)
    for i, coverage in enumerate((0.80, 0.90)):
        missed = np.abs(2 * pit[:, 0] - 1) > 1 - path[:-1, i, 0]
        unsteered = np.abs(2 * pit[before:, 0] - 1) > coverage
        assert 1 - missed[:before].mean() == pytest.approx(coverage, abs=0.02)
        assert abs(1 - unsteered.mean() - coverage) > 0.04
        assert 1 - missed[before + 1500 :].mean() == pytest.approx(coverage, abs=0.02)


def test_at_an_origin_only_outcomes_that_have_come_are_known() -> None:
    pit, origin, h = uniform(200), 120, 20
    path = adapt(nominal_miss(), pit)
    known = known_miss(path, origin, h)
    later = pit.copy()
    later[origin - h + 1 :] = 0.999
    assert np.array_equal(known_miss(adapt(nominal_miss(), later), origin, h), known)
    last = pit.copy()
    last[origin - h] = 0.999 if abs(2 * pit[origin - h, h - 1] - 1) < 0.7 else 0.5
    assert not np.array_equal(known_miss(adapt(nominal_miss(), last), origin, h), known)


def test_before_the_first_outcome_the_state_is_the_one_started_from() -> None:
    path = adapt(nominal_miss(), uniform(60))
    for origin in (0, 10, 19):
        assert known_miss(path, origin, 20) == pytest.approx([0.2, 0.1, 0.05])
    assert not np.allclose(known_miss(path, 20, 20), [0.2, 0.1, 0.05])


@pytest.mark.parametrize("at", [0, 1, 37, 150])
def test_adapting_in_pieces_is_adapting_at_once(at: int) -> None:
    pit = uniform(150)
    pit[:, 3] = np.nan
    whole = adapt(nominal_miss(), pit)
    first = adapt(nominal_miss(), pit[:at])
    assert np.array_equal(first, whole[: at + 1])
    assert np.array_equal(adapt(first[-1], pit[at:]), whole[at:])


def test_the_miss_rate_stays_within_its_bounds() -> None:
    always = adapt(nominal_miss(), np.full((600, MAX_HORIZON), 0.9999))[-1]
    never = adapt(nominal_miss(), np.full((600, MAX_HORIZON), 0.5))[-1]
    assert (always == 0.01).all()
    assert never.max() <= 0.5
    assert never[0, 0] == 0.5


@pytest.mark.parametrize(("horizon", "wider"), [(1, 1.0), (20, 1.0), (30, 1.025), (40, 1.05), (45, 1.05)])
def test_intervals_widen_about_their_median_past_20_sessions(horizon: int, wider: float) -> None:
    said = ReturnDistribution(np.full((2, MAX_HORIZON), 0.03), SHAPES)
    found = central_interval(said, 1, horizon, 0.2)
    assert (found.lower_level, found.upper_level) == pytest.approx((0.1, 0.9))
    assert (found.lower, found.upper) == pytest.approx((-0.03 * 1.2815516 * wider, 0.03 * 1.2815516 * wider), rel=1e-4)


def test_the_transform_is_the_share_at_or_below_what_came_and_unknown_where_nothing_has() -> None:
    said = ReturnDistribution(np.full((3, MAX_HORIZON), 0.02), SHAPES)
    returns = np.full((3, MAX_HORIZON), np.nan)
    returns[0, 0], returns[1, 4], returns[2, 44] = 0.0, 0.02, -0.02
    pit = probability_integral_transform(said, returns)
    assert [pit[0, 0], pit[1, 4], pit[2, 44]] == pytest.approx([0.5, norm.cdf(1), norm.cdf(-1)], abs=1e-3)
    assert np.isfinite(pit).sum() == 3
