"""The session in progress: its state is that of the same past session at the same moment."""

import math

import numpy as np
import pandas as pd
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.intraday.sessions import IntradaySessions
from aegismatrix_engine.intraday.state import SessionSoFar, states
from aegismatrix_engine.volatility.daily_series import DailySeries

BARS = synthetic.intraday_frame()
SESSIONS = IntradaySessions.from_bars(BARS, synthetic.series())
QUARTER = pd.Timedelta(minutes=15)


def so_far(number: int, finished: int, lacking: tuple[int, ...] = ()) -> SessionSoFar:
    """The session of that number of the bars after so many of them, without some."""
    day = BARS.iloc[number * 25 : number * 25 + finished]
    own = day.drop(index=day.index[list(lacking)])
    before = synthetic.daily_frame().loc[: own.index[0].normalize()].iloc[:-1]
    opens = own.index[0].normalize() + pd.Timedelta("9h15min")
    return SessionSoFar.from_bars(own, opens, 25, QUARTER, DailySeries.from_frame(before))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 299), st.integers(1, 25))
def test_live_and_learnt_from_are_the_same_numbers(number: int, finished: int) -> None:
    live, past = so_far(number, finished), states(SESSIONS, synthetic.series(), finished)
    state = live.state
    assert state.moment == past.moment == live.moment == finished
    for name in ("so_far", "recent", "gap", "move", "implied_sd", "implied_before"):
        assert getattr(state, name)[0] == pytest.approx(getattr(past, name)[number], rel=1e-12), name
    assert live.high == pytest.approx(SESSIONS.high_so_far[number, finished - 1])
    assert live.low == pytest.approx(SESSIONS.low_so_far[number, finished - 1])
    assert live.level == pytest.approx(SESSIONS.level[number, finished - 1])
    assert live.missing == 0


def test_missing_bars_are_counted_and_taken_to_be_like_those_that_are_there() -> None:
    whole, gappy = so_far(3, 12), so_far(3, 12, lacking=(4, 5))
    assert (gappy.finished, gappy.missing, gappy.moment) == (12, 2, 12)
    assert gappy.bar.tolist() == [0, 1, 2, 3, 6, 7, 8, 9, 10, 11]
    assert gappy.within == pytest.approx(np.delete(whole.bar_variance, [4, 5]).mean() * 12)
    assert gappy.level == whole.level


def test_an_index_that_is_not_live_is_the_one_of_the_close_before() -> None:
    day = BARS.iloc[25:35].assign(vix=np.nan)
    before = synthetic.daily_frame().loc[: day.index[0].normalize()].iloc[:-1]
    found = SessionSoFar.from_bars(
        day, day.index[0].normalize() + pd.Timedelta("9h15min"), 25, QUARTER, DailySeries.from_frame(before)
    )
    assert math.isnan(found.vix)
    assert found.vix_before == before["vix"].iloc[-1]
    assert (
        found.state.implied_sd[0] == found.state.implied_before[0] == pytest.approx(found.vix_before / 100 / 252**0.5)
    )
    assert np.isnan(found.state.without_index().implied_sd).all()


def test_a_bar_past_the_sessions_last_counts_to_it() -> None:
    day = BARS.iloc[:25]
    late = day.iloc[-1:].set_axis(day.index[-1:] + QUARTER)
    before = synthetic.daily_frame().loc[: day.index[0].normalize()].iloc[:-1]
    opens = day.index[0]
    found = SessionSoFar.from_bars(pd.concat([day, late]), opens, 25, QUARTER, DailySeries.from_frame(before))
    assert (found.finished, found.moment) == (25, 25)


def test_the_path_is_the_close_before_and_every_bars_open_and_extremes() -> None:
    bars = pd.DataFrame(
        {
            "open": [101.0, 103.0],
            "high": [104.0, 105.0],
            "low": [100.0, 99.0],
            "close": [103.0, 102.0],
            "vix": [np.nan, np.nan],
        },
        index=BARS.index[:2],
    )
    before = synthetic.daily_frame().loc[: bars.index[0].normalize()].iloc[:-1]
    opens = bars.index[0].normalize() + pd.Timedelta("9h15min")
    found = SessionSoFar.from_bars(bars, opens, 25, QUARTER, DailySeries.from_frame(before))
    # The first bar closes above its open: low before high; the second below: high before low.
    prices = [before["close"].iloc[-1], 101.0, 100.0, 104.0, 103.0, 105.0, 99.0]
    assert found.path == pytest.approx(np.log(prices))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 299), st.integers(1, 25))
def test_the_path_holds_the_extremes_and_begins_at_the_close_before(number: int, finished: int) -> None:
    found = so_far(number, finished)
    assert (found.path.max(), found.path.min()) == (found.high, found.low)
    assert found.path[0] == pytest.approx(found.level - found.move)
    assert len(found.path) == 1 + 3 * finished


def test_the_last_four_bars_are_those_there_are_and_lacking_ones_are_like_them() -> None:
    early = so_far(3, 2)
    assert early.recent == pytest.approx(early.within) == pytest.approx(early.bar_variance.sum())
    whole, gappy = so_far(3, 12), so_far(3, 12, lacking=(8, 9))
    assert whole.recent == pytest.approx(whole.bar_variance[8:].sum())
    assert gappy.recent == pytest.approx(2 * whole.bar_variance[10:].sum())
    assert so_far(3, 12, lacking=(1, 2)).recent == whole.recent


@pytest.mark.parametrize("bars", [20, 24, 26])
def test_in_a_session_of_another_length_the_last_bars_are_those_of_four_moments(bars: int) -> None:
    """Live and learnt from alike, wherever the moments of the grid put its bars."""
    frame = synthetic.daily_frame().iloc[:60]
    draws = np.random.default_rng(bars)
    parts = []
    for day in frame.index[1:]:
        high = 100 * np.exp(draws.uniform(0.0005, 0.003, bars))
        index = day + pd.Timedelta("9h15min") + QUARTER * np.arange(bars)
        parts.append(
            pd.DataFrame({"open": 100.0, "high": high, "low": 100.0, "close": 100.0, "vix": 15.0}, index=index)
        )
    series, table = DailySeries.from_frame(frame), pd.concat(parts)
    held = IntradaySessions.from_bars(table, series)
    for finished in range(1, bars + 1):
        own = parts[-1].iloc[:finished]
        live = SessionSoFar.from_bars(own, own.index[0], bars, QUARTER, DailySeries.from_frame(frame.iloc[:-1]))
        if finished == bars or live.moment != round(
            25 * (finished + 1) / bars
        ):  # a later bar of the same moment counts
            assert live.recent == pytest.approx(held.recent[-1, live.moment - 1], rel=1e-9)
