"""From a history inside a session to that session's state, and to its own past at the same time of day."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.intraday.open_session import bar_end, bars_of, session_so_far, volatility_score
from aegismatrix_engine.markets.as_of import AsOf

WHOLE = synthetic.whole_history()
DAY = pd.Timestamp(WHOLE.spot.index[-28])
ZONE = "Asia/Kolkata"


def at(time: str, day: pd.Timestamp = DAY) -> pd.Timestamp:
    return pd.Timestamp(f"{day:%Y-%m-%d}T{time}").tz_localize(ZONE)


def inside(time: str, day: pd.Timestamp = DAY) -> MarketHistory:
    return WHOLE.until(AsOf.of(at(time, day)))


@pytest.mark.parametrize(("day", "bars"), [("2022-12-30", 25), ("2026-08-31", 24), ("2019-10-27", 4)])
def test_a_session_has_as_many_bars_as_its_hours_begin(day: str, bars: int) -> None:
    assert bars_of(synthetic.MARKET.calendar.hours(pd.Timestamp(day))) == bars


@pytest.mark.parametrize(("time", "finished"), [("09:30", 1), ("09:44", 1), ("09:45", 2), ("12:05", 11), ("15:29", 24)])
def test_bars_that_have_ended_are_the_session_so_far(time: str, finished: int) -> None:
    history = inside(time)
    assert history.open_session == DAY
    found = session_so_far(history, DAY, market_features(history).series)
    own = synthetic.intraday_frame().loc[f"{DAY:%Y-%m-%d}"].iloc[:finished]
    assert (found.finished, found.bars, found.missing) == (finished, 25, 0)
    assert found.level == pytest.approx(np.log(own["close"].iloc[-1]))
    before = np.log(synthetic.daily_frame()["close"].loc[:DAY].iloc[-2])
    assert found.move == pytest.approx(found.level - before)
    assert bar_end(history) == at("09:15") + finished * pd.Timedelta(minutes=15)


def test_a_bar_ends_with_its_session_where_that_is_shorter() -> None:
    day = pd.Timestamp("2026-08-31")
    calendar = synthetic.MARKET.calendar
    last = calendar.hours(day).continuous_close
    bars = synthetic.intraday_frame().iloc[:1]
    stamps = pd.DatetimeIndex([last.tz_localize(None) - pd.Timedelta(minutes=5)], name="timestamp").as_unit("ns")
    assert bar_end(replace(WHOLE, bars=bars.set_axis(stamps))) == last


def test_the_end_of_any_bar_can_be_asked_for() -> None:
    start = pd.Timestamp(f"{DAY:%Y-%m-%d}T10:00")
    assert bar_end(inside("12:05"), start) == at("10:15")


@pytest.mark.parametrize("time", ["09:31", "12:05", "15:29"])
def test_the_score_is_the_percentile_of_the_variance_so_far_among_the_same_hours_of_past_sessions(time: str) -> None:
    history = inside(time)
    series = market_features(history).series
    so_far = session_so_far(history, DAY, series)
    bars = synthetic.intraday_frame().loc[: DAY - pd.Timedelta(seconds=1)]
    table = (np.log(bars["high"] / bars["low"]) ** 2).to_numpy().reshape(-1, 25)[:, : so_far.finished].sum(axis=1)
    own = synthetic.intraday_frame().loc[f"{DAY:%Y-%m-%d}"].iloc[: so_far.finished]
    today = float((np.log(own["high"] / own["low"]) ** 2).sum())
    past = table[-251:]
    share = ((past < today).sum() + 0.5) / (len(past) + 1)
    assert volatility_score(history, series, so_far) == pytest.approx(share)


def test_there_is_no_score_without_twenty_past_sessions() -> None:
    history = inside("12:05")
    series = market_features(history).series
    so_far = session_so_far(history, DAY, series)
    assert history.bars is not None
    days = history.bars.index.normalize().unique()
    for past, known in ((19, False), (20, True)):
        few = replace(history, bars=history.bars.loc[days[-past - 1] :])
        assert (volatility_score(few, series, so_far) is not None) == known
