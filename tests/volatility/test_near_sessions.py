"""What the next five sessions hold: each block against its definition, and nothing before it was known."""

import math

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.volatility.near_sessions import EventDates, event_block, high_block, spillover_block

SERIES = synthetic.series(synthetic.daily_frame(400))
DATES = SERIES.dates
SESSIONS = DATES.append(synthetic.MARKET.calendar.following(DATES[-1], 46))


def us_frame(first: str = "2014-11-03", last: str = "2017-06-30") -> pd.DataFrame:
    dates = get_market("sp500").calendar.regular(pd.Timestamp(first), pd.Timestamp(last))
    draws = np.random.default_rng(3)
    close = 2000 * np.exp(np.cumsum(0.01 * draws.standard_normal(len(dates))))
    open_ = close * np.exp(0.003 * draws.standard_normal(len(dates)))
    reach = 1 + np.abs(0.004 * draws.standard_normal(len(dates)))
    prices = {"open": open_, "high": np.maximum(open_, close) * reach, "low": np.minimum(open_, close) / reach}
    return pd.DataFrame({**prices, "close": close}, index=dates.rename("date"))


def events(*dates: str, known: str = "2000-01-01", last: str = "2030-01-01") -> EventDates:
    days = pd.DatetimeIndex(dates).as_unit("ns")
    return EventDates(days, pd.DatetimeIndex([known] * len(days)).as_unit("ns"), pd.Timestamp(last))


NONE = events()


def counted(column: EventDates) -> np.ndarray:
    return event_block((column, NONE), DATES, SESSIONS)[:, :, 0]


@pytest.mark.parametrize("t", [251, 252, 300, 399])
def test_distances_are_those_to_the_highest_closes_of_66_and_252_sessions(t: int) -> None:
    found = high_block(SERIES)
    assert found[t, 0] == SERIES.close[t] - max(SERIES.close[t - 65 : t + 1])
    assert found[t, 1] == SERIES.close[t] - max(SERIES.close[t - 251 : t + 1])
    assert np.isnan(found[:251, 1]).all()
    assert (found[251:] <= 0).all()


@pytest.mark.parametrize("t", [30, 31, 200, 399])
def test_the_us_variance_is_that_of_the_sessions_before_the_date(t: int) -> None:
    us = us_frame()
    before = us[us.index < DATES[t]]
    log = np.log(before)
    variances = [
        max((log["high"].iloc[-i] - log["low"].iloc[-i]) ** 2 / (4 * math.log(2)), 1e-6)
        + (log["open"].iloc[-i] - log["close"].iloc[-i - 1]) ** 2
        for i in range(1, 23)
    ]
    wanted = [math.log(sum(variances[:window]) / window) for window in (1, 5, 22)]
    assert spillover_block(us, DATES)[t] == pytest.approx(wanted, rel=1e-9)


def test_the_us_session_of_the_date_itself_and_later_ones_are_not_known_at_the_close() -> None:
    us, t = us_frame(), 200
    later = us.copy()
    later.loc[later.index >= DATES[t]] *= 1.5
    assert np.array_equal(spillover_block(us, DATES)[: t + 1], spillover_block(later, DATES)[: t + 1], equal_nan=True)
    assert not np.array_equal(spillover_block(us, DATES)[t + 2], spillover_block(later, DATES)[t + 2])


def test_a_us_series_that_stopped_is_unknown_a_week_later() -> None:
    us = us_frame(last=f"{DATES[200]:%Y-%m-%d}")
    found = np.isfinite(spillover_block(us, DATES)).all(axis=1)
    age = np.array([(day - us.index[us.index < day][-1]).days for day in DATES[200:]])
    assert (found[200:] == (age <= 7)).all()
    assert found[201]
    assert not found[-1]


def test_us_rows_of_a_close_alone_are_left_out() -> None:
    us = us_frame()
    hole = us.copy()
    hole.loc[hole.index[300], ["open", "high", "low"]] = np.nan
    assert np.array_equal(spillover_block(hole, DATES), spillover_block(us.drop(us.index[300]), DATES), equal_nan=True)


@pytest.mark.parametrize("us", [None, us_frame().iloc[:0]])
def test_without_the_us_series_its_block_is_unknown(us: pd.DataFrame | None) -> None:
    assert np.isnan(spillover_block(us, DATES)).all()


def test_an_event_counts_in_its_session_and_by_h_in_the_spans_that_reach_it() -> None:
    at = 300
    found = counted(events(f"{DATES[at]:%Y-%m-%d}"))
    assert found[at - 2].tolist() == [0, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 0, 1, 0, 0, 0]
    assert found[at - 5].tolist() == [0, 0, 0, 0, 1 / 5, 0, 0, 0, 0, 1]
    assert not found[at].any()
    assert not found[at - 6].any()
    assert np.count_nonzero(found.any(axis=1)) == 5


def test_an_event_on_a_weekend_counts_in_the_session_after_it() -> None:
    # Saturday 2016-01-16.
    assert np.array_equal(counted(events("2016-01-16")), counted(events("2016-01-18")))


def test_two_events_of_one_span_add_up() -> None:
    days = [f"{DATES[at]:%Y-%m-%d}" for at in (300, 302)]
    assert np.array_equal(counted(events(*days)), counted(events(days[0])) + counted(events(days[1])))


def test_an_event_is_unknown_until_it_is_announced() -> None:
    at = 300
    day, announced = f"{DATES[at]:%Y-%m-%d}", f"{DATES[at - 3]:%Y-%m-%d}"
    found = counted(events(day, known=announced))
    assert not found[: at - 3].any()
    assert np.array_equal(found[at - 3 :], counted(events(day))[at - 3 :])


def test_past_the_end_of_a_column_both_are_unknown_from_five_sessions_before_on() -> None:
    end = f"{DATES[300]:%Y-%m-%d}"
    found = event_block((events(last=end), NONE), DATES, SESSIONS)
    assert np.isfinite(found[:296, :, 0]).all()
    assert np.isnan(found[296:, :, 0]).all()


def test_without_tables_events_are_unknown() -> None:
    assert np.isnan(event_block(None, DATES, SESSIONS)).all()
