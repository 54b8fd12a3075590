"""What is still to come: shares that fall through the session, and a scale that answers to what was seen."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.intraday.scale import KNOTS, IntradayScale, fit_intraday_scale
from aegismatrix_engine.intraday.sessions import MOMENTS, IntradaySessions
from aegismatrix_engine.intraday.state import SessionState, states
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

PANEL = market_features(synthetic.whole_history())


@cache
def daily_scale() -> FloatArray:
    return synthetic.trained_whole()[0].distribution.scales(PANEL).horizon


@cache
def sessions() -> IntradaySessions:
    return IntradaySessions.from_bars(synthetic.intraday_frame(), PANEL.series)


@cache
def fitted() -> IntradayScale:
    return fit_intraday_scale(PANEL, daily_scale(), sessions())


def plain(share_left: float = 0.3, close_share: float = 0.25) -> IntradayScale:
    """A scale without any correction: the daily model's variance, and the index where it is known."""
    weights = np.zeros((MOMENTS, len(KNOTS), 8))
    weights[:, :, 1] = 1.0
    shares = np.full(MOMENTS, share_left), np.full(MOMENTS, close_share)
    return IntradayScale(shares[0], 0.8, shares[1], 0.01, weights, weights[:, :, :6])


def state(moment: int = 12, implied: float = math.nan, so_far: float = 1e-4, recent: float = 2e-5) -> SessionState:
    one = np.ones(1)
    return SessionState(moment, so_far * one, recent * one, -0.001 * one, 0.002 * one, implied * one, implied * one)


def roots(sd: float) -> FloatArray:
    """Scales of independent sessions, shape (1, 45)."""
    return sd * np.sqrt(np.arange(1, MAX_HORIZON + 1))[None, :]


def test_without_a_correction_the_variance_is_the_share_left_and_the_sessions_after() -> None:
    found = plain().scale(roots(0.01), state())
    assert found**2 == pytest.approx(1e-4 * (0.3 + np.arange(MAX_HORIZON))[None, :])


def test_the_index_is_blended_as_a_third_in_logarithms() -> None:
    found = plain().scale(roots(0.01), state(implied=0.02))
    variance = 1e-4 * (0.3 + np.arange(MAX_HORIZON))
    implied = 4e-4 * (0.25 + np.arange(MAX_HORIZON))
    assert found[0] ** 2 == pytest.approx(variance ** (2 / 3) * implied ** (1 / 3))


def test_one_session_is_forecast_alike_alone_and_among_many() -> None:
    many = states(sessions(), PANEL.series, 12)
    scale = daily_scale()[sessions().rows - 1]
    found = fitted().scale(scale, many)
    for i in (0, 150, 299):
        parts = (many.so_far, many.recent, many.gap, many.move, many.implied_sd, many.implied_before)
        alone = SessionState(12, *(part[[i]] for part in parts))
        assert fitted().scale(scale[[i]], alone).tobytes() == found[[i]].tobytes()


def test_shares_fall_from_moment_to_moment_and_count_the_residual() -> None:
    found = fitted()
    for share in (found.share_left, found.close_share):
        assert share.shape == (MOMENTS,)
        assert (np.diff(share) <= 0).all()
        assert ((share > 0) & (share < 1)).all()
    held = sessions()
    whole = (held.total + held.gap**2).sum()
    assert found.share_left == pytest.approx((held.to_come.sum(axis=0) + found.residual * held.total.sum()) / whole)
    assert found.session_share == pytest.approx(held.total.sum() / whole)
    official = np.log(synthetic.daily_frame()["close"].to_numpy())[held.rows]
    assert found.residual == pytest.approx(((official - held.level[:, -1]) ** 2).sum() / held.total.sum())


def test_the_scale_narrows_through_the_session_and_grows_with_the_close_it_speaks_of() -> None:
    scale = daily_scale()[sessions().rows - 1]
    medians = []
    for moment in range(1, MOMENTS + 1):
        said = fitted().scale(scale, states(sessions(), PANEL.series, moment))
        assert np.isfinite(said).all()
        assert (np.diff(np.median(said, axis=0)) > 0).all()
        medians.append(np.median(said[:, 0]))
    assert (np.diff(medians) < 0).all()
    assert medians[-1] < medians[0] / 3


@settings(max_examples=40, deadline=None)
@given(st.integers(1, MOMENTS), st.floats(0.5, 4.0), st.floats(1.05, 4.0))
def test_a_livelier_session_leaves_more_to_come(moment: int, seen: float, livelier: float) -> None:
    one = daily_scale()[-1:]
    expected = float(fitted().expected_so_far(one, moment)[0])
    quiet, lively = (state(moment, float(one[0, 0]), expected * factor) for factor in (seen, seen * livelier))
    assert fitted().scale(one, lively)[0, 0] > fitted().scale(one, quiet)[0, 0]


def test_expected_so_far_and_prior_of_today_make_up_the_daily_variance() -> None:
    one = daily_scale()[-1:]
    for moment in (1, 12, 25):
        total = fitted().expected_so_far(one, moment) + fitted().prior_variance(one, moment)[:, 0]
        assert total == pytest.approx(one[:, 0] ** 2)


def test_a_daily_scale_that_falls_with_the_horizon_takes_nothing_back() -> None:
    falling = np.full((1, MAX_HORIZON), 0.01)
    falling[0, 1:] = 0.008
    assert plain().prior_variance(falling, 12) == pytest.approx(np.full((1, MAX_HORIZON), 0.3e-4))


def test_no_feature_of_a_session_reads_past_its_moment() -> None:
    held = sessions()
    blind = replace(held, to_come=held.to_come * 9, total=held.total * 9, high=held.high + 1, low=held.low - 1)
    for moment in (1, 12, 25):
        known, other = (states(found, PANEL.series, moment) for found in (held, blind))
        for name in ("so_far", "recent", "gap", "move", "implied_sd", "implied_before"):
            assert getattr(known, name).tobytes() == getattr(other, name).tobytes()


def test_too_few_sessions_teach_shares_and_no_weights() -> None:
    few = IntradaySessions.from_bars(synthetic.intraday_frame().iloc[: 40 * 25], PANEL.series)
    found = fit_intraday_scale(PANEL, daily_scale(), few)
    assert (found.weights[:, :, 1] == 1).all()
    assert not np.delete(found.weights, 1, axis=2).any()
