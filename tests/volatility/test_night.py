"""The US night: which closes make its change, and how it moves a distribution."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.forecasting.features import next_open, nights
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.night import (
    CLIP,
    MINIMUM_NIGHTS,
    NIGHT_HORIZONS,
    NightModel,
    fit_night,
    night_changes,
    silent_night,
)

PANEL = synthetic.features()
LEVELS = np.array([0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])


def dates(*days: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days).as_unit("ns")


@cache
def change() -> FloatArray:
    return nights(synthetic.whole_history(), PANEL.series.dates)


@cache
def distribution() -> ReturnDistribution:
    model = synthetic.trained_whole()[0].distribution
    return ReturnDistribution(model.scales(PANEL).horizon[-50:], model.shapes(use_vix=True))


def model() -> NightModel:
    return synthetic.trained_whole()[0].night


# Friday 6 January 2023 and the week after; 16 January was a holiday in New York, 26 January one in Mumbai.
US = pd.Series(
    [20.0, 21.0, 22.0, 19.0, 18.0, 17.0],
    index=dates("2023-01-05", "2023-01-06", "2023-01-09", "2023-01-10", "2023-01-13", "2023-01-17"),
)
NSE = dates("2023-01-06", "2023-01-09", "2023-01-10", "2023-01-11", "2023-01-16", "2023-01-17", "2023-01-18")


def test_a_night_runs_from_the_us_close_the_session_knew_to_the_last_one_before_the_next() -> None:
    found = night_changes(US, NSE[:6], NSE)
    expected = [np.log(21 / 20), np.log(22 / 21), np.log(19 / 22), np.log(18 / 19), np.nan, np.log(17 / 18)]
    assert found == pytest.approx(expected, nan_ok=True)


def test_a_night_of_which_no_us_close_is_known_is_unknown() -> None:
    # The series stops on 6 January: what was news on that night is none four days later.
    assert np.isnan(night_changes(US.iloc[:2], NSE[1:4], NSE)).all()
    assert np.isnan(night_changes(US.iloc[1:], NSE[:1], NSE)).all()
    assert np.isnan(night_changes(US.iloc[:0], NSE[:2], NSE)).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(30, 200), st.floats(0.5, 2.0))
def test_no_us_close_from_the_next_sessions_date_on_has_any_influence(row: int, factor: float) -> None:
    us, sessions = synthetic.us_vix_frame()["close"], PANEL.series.dates
    following = sessions[row + 1]
    later = us.where(us.index < following, us * factor)
    first = night_changes(us, sessions[: row + 1], sessions)
    assert night_changes(later, sessions[: row + 1], sessions).tobytes() == first.tobytes()
    earlier = us.where(us.index < sessions[row], us * factor)
    moved = night_changes(earlier, sessions[[row]], sessions)[0]
    assert moved == pytest.approx(first[row] + np.log(factor), nan_ok=True)


def test_a_special_session_ends_a_night_like_any_other() -> None:
    # Muhurat trading on Sunday 12 November 2023; the night after Friday 10 November ends there.
    prices = {name: [100.0, 101.0] for name in ("open", "high", "low", "close", "vix")}
    bars = synthetic.history(pd.DataFrame(prices, index=dates("2023-11-09", "2023-11-10")))
    us = pd.DataFrame({"close": [15.0, 14.0, 16.0]}, index=dates("2023-11-09", "2023-11-10", "2023-11-13"))
    history = replace(bars, us_vix=us)
    assert next_open(history) == pd.Timestamp("2023-11-12")
    assert nights(history, dates("2023-11-10")) == pytest.approx(np.log(14 / 15))


def test_a_night_without_a_change_leaves_every_scale_and_shifts_nothing() -> None:
    shift, factor = model().shift_and_factor(np.zeros(50))
    assert not shift.any()
    assert (factor == 1).all()
    found = model().applied(distribution(), np.zeros(50))
    assert (found.scale == distribution().scale).all()
    for horizon in (1, 5):
        median, plain = (one.quantile(horizon, np.array([0.5]))[:, 0] for one in (found, distribution()))
        assert np.abs(median - plain) / distribution().scale[:, horizon - 1] == pytest.approx(np.zeros(50), abs=0.25)
    later, plain = (one.quantile(6, LEVELS) for one in (found, distribution()))
    assert (later == plain).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(-0.6, 0.6))
def test_changes_beyond_the_clip_are_taken_for_the_clip(size: float) -> None:
    shift, factor = model().shift_and_factor(np.array([size]))
    clipped_shift, clipped_factor = model().shift_and_factor(np.clip(np.array([size]), -CLIP, CLIP))
    assert (shift == clipped_shift).all()
    assert (factor == clipped_factor).all()
    weights = model().mean[:, 0] if size >= 0 else model().mean[:, 1]
    assert shift[0] == pytest.approx(np.clip(size, -CLIP, CLIP) * weights)


def test_a_fall_of_the_us_vix_moves_the_open_up_where_it_did_in_the_past() -> None:
    rise, calm, fall = (
        model().applied(distribution(), np.full(50, size)).quantile(1, np.array([0.5])) for size in (0.1, 0.0, -0.1)
    )
    assert (fall > calm).all()
    assert (calm > rise).all()


def test_past_the_fifth_session_the_shift_stays_and_scale_and_shape_are_the_plain_ones() -> None:
    found = model().applied(distribution(), np.full(50, -0.05))
    assert found.shift is not None
    assert (found.shift[:, NIGHT_HORIZONS:] == found.shift[:, [NIGHT_HORIZONS - 1]]).all()
    assert (found.scale[:, NIGHT_HORIZONS:] == distribution().scale[:, NIGHT_HORIZONS:]).all()
    expected = distribution().quantile(20, LEVELS) + found.shift[:, [NIGHT_HORIZONS - 1]]
    assert found.quantile(20, LEVELS) == pytest.approx(expected)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([1, 2, 5, 6, 45]), st.floats(-0.02, 0.02))
def test_a_shift_moves_quantiles_chances_and_breaches_together(horizon: int, size: float) -> None:
    plain = distribution().row(0)
    moved = replace(plain, shift=np.full_like(plain.scale, size))
    assert moved.quantile(horizon, LEVELS) == pytest.approx(plain.quantile(horizon, LEVELS) + size)
    points = plain.quantile(horizon, LEVELS)
    assert moved.cumulative(horizon, points + size) == pytest.approx(plain.cumulative(horizon, points))
    distance = np.array([0.001, 0.01, 0.03])
    found = moved.breaches(horizon, distance)
    assert found.close_up == pytest.approx(1 - moved.cumulative(horizon, distance))
    assert found.close_down == pytest.approx(moved.cumulative(horizon, -distance))
    assert (found.touch_up >= found.close_up).all()
    assert (found.touch_down >= found.close_down).all()
    assert (found.touch >= np.maximum(found.touch_up, found.touch_down)).all()
    assert (np.diff(found.touch, axis=1) <= 1e-12).all()
    middle = (np.arange(1000) + 0.5) / 1000
    mean = np.abs(moved.quantile(horizon, middle)).mean()
    assert moved.mean_absolute_return(horizon) == pytest.approx(mean)


def test_after_a_learnt_night_quantiles_hold_their_share_of_what_came() -> None:
    panel_model = synthetic.trained_whole()[0].distribution
    whole = ReturnDistribution(panel_model.scales(PANEL).horizon, panel_model.shapes(use_vix=True))
    known = np.isfinite(change()) & PANEL.has_vix
    found = model().applied(whole, np.where(known, change(), 0.0))
    known[-1] = False
    came = np.append(np.diff(PANEL.series.close), np.nan)[known]
    below = (came[:, None] <= found.quantile(1, LEVELS)[known]).mean(axis=0)
    assert below == pytest.approx(LEVELS, abs=0.01)


def test_too_few_nights_teach_nothing() -> None:
    few = np.where(np.cumsum(np.isfinite(change()) & PANEL.has_vix) < MINIMUM_NIGHTS, change(), np.nan)
    scale = synthetic.trained_whole()[0].distribution.scales(PANEL).horizon
    assert synthetic.equal(fit_night(PANEL, scale, few), silent_night())
    assert silent_night().nights == 0
    assert model().nights == int((np.isfinite(change()) & PANEL.has_vix).sum())
