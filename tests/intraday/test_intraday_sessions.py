"""Past sessions at every moment: what was seen, what was still to come, and nothing of the future in either."""

import math

import numpy as np
import pandas as pd
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.intraday.sessions import (
    MOMENTS,
    IntradaySessions,
    bar_variance,
    moment_of,
    steady_vix,
)
from aegismatrix_engine.volatility.daily_series import DailySeries

BARS = synthetic.intraday_frame()
SERIES = synthetic.series()
PAST = ("level", "so_far", "within", "high_so_far", "low_so_far", "vix")


def sessions(bars: pd.DataFrame = BARS, series: DailySeries = SERIES) -> IntradaySessions:
    return IntradaySessions.from_bars(bars, series)


def day_of(bars: pd.DataFrame, number: int) -> pd.DataFrame:
    """The bars of one session, counted from the first."""
    return bars.iloc[number * synthetic.BARS : (number + 1) * synthetic.BARS]


@given(st.integers(20, 40), st.data())
def test_moments_rise_with_the_bars_of_any_session_and_end_at_the_last(bars: int, data: st.DataObject) -> None:
    finished = data.draw(st.integers(1, bars - 1))
    assert 1 <= moment_of(finished, bars) <= moment_of(finished + 1, bars) <= MOMENTS
    assert moment_of(bars, bars) == MOMENTS
    assert moment_of(finished, MOMENTS) == min(finished, MOMENTS)


def test_a_bars_variance_is_parkinsons() -> None:
    assert bar_variance(np.array([110.0]), np.array([100.0]))[0] == pytest.approx(0.0090841 / 2.7725887, rel=1e-4)
    assert bar_variance(np.array([100.0]), np.array([100.0]))[0] == 0.0


def test_every_complete_session_the_daily_bars_know_is_there() -> None:
    found = sessions()
    assert len(found) == synthetic.INTRADAY_SESSIONS
    assert found.rows.tolist() == list(range(len(SERIES) - synthetic.INTRADAY_SESSIONS, len(SERIES)))


def test_so_far_and_to_come_make_up_the_session_and_its_night() -> None:
    found = sessions()
    assert found.so_far + found.to_come == pytest.approx(np.tile((found.total + found.gap**2)[:, None], MOMENTS))
    assert found.so_far - found.within == pytest.approx(np.tile((found.gap**2)[:, None], MOMENTS))
    assert found.within[:, -1] == pytest.approx(found.total)
    assert found.to_come[:, -1] == pytest.approx(np.zeros(len(found)), abs=1e-15)
    assert (np.diff(found.so_far, axis=1) >= 0).all()


@pytest.mark.parametrize(("number", "moment"), [(0, 1), (7, 12), (299, 25)])
def test_a_moment_is_what_its_bars_say(number: int, moment: int) -> None:
    found, day = sessions(), day_of(BARS, number)
    seen, later = day.iloc[:moment], day.iloc[moment:]
    before = math.log(synthetic.daily_frame()["close"].iloc[found.rows[number] - 1])
    within = sum(math.log(h / low) ** 2 / (4 * math.log(2)) for h, low in zip(seen["high"], seen["low"], strict=True))
    at = number, moment - 1
    assert found.level[at] == pytest.approx(math.log(seen["close"].iloc[-1]))
    assert found.within[at] == pytest.approx(within)
    assert found.gap[number] == pytest.approx(math.log(day["open"].iloc[0]) - before)
    assert found.high_so_far[at] == pytest.approx(max(math.log(seen["high"].max()), before))
    assert found.low_so_far[at] == pytest.approx(min(math.log(seen["low"].min()), before))
    assert found.vix[at] == pytest.approx(seen["vix"].iloc[-3:].median())
    assert found.high[at] == (pytest.approx(math.log(later["high"].max())) if len(later) else -math.inf)
    assert found.low[at] == (pytest.approx(math.log(later["low"].min())) if len(later) else math.inf)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 19), st.integers(1, 24), st.floats(0.5, 2.0))
def test_bars_after_a_moment_change_nothing_that_was_seen_then(number: int, moment: int, factor: float) -> None:
    few = BARS.iloc[: 20 * synthetic.BARS]
    changed = few.copy()
    changed.iloc[number * synthetic.BARS + moment :] *= factor
    before, after = sessions(few), sessions(changed)
    for name in PAST:
        known, again = getattr(before, name), getattr(after, name)
        assert known[:number].tobytes() == again[:number].tobytes()
        assert known[number, :moment].tobytes() == again[number, :moment].tobytes()


def test_a_session_without_every_bar_and_one_the_daily_bars_lack_are_left_out() -> None:
    short = BARS.drop(index=BARS.index[5 * synthetic.BARS + 10])
    assert sessions(short).rows.tolist() == [row for i, row in enumerate(sessions().rows) if i != 5]
    known = SERIES.dates[: len(SERIES) - 10]
    frame = synthetic.daily_frame().loc[known]
    assert sessions(series=DailySeries.from_frame(frame)).rows.tolist() == sessions().rows[:-10].tolist()


def test_the_first_daily_session_has_no_close_before_it_and_is_left_out() -> None:
    frame = synthetic.daily_frame().iloc[-synthetic.INTRADAY_SESSIONS :]
    assert sessions(series=DailySeries.from_frame(frame)).rows.tolist() == list(range(1, synthetic.INTRADAY_SESSIONS))


def test_sessions_of_other_hours_count_once_they_are_the_usual_ones() -> None:
    first, second = BARS.loc[:"2018-12-31"], BARS.loc["2019-08-01":]
    longer = second.groupby(second.index.normalize()).tail(1)
    longer = longer.set_axis(longer.index + pd.Timedelta(minutes=15))
    found = sessions(pd.concat([first, second, longer]).sort_index())
    assert len(found) == len(first) // 25 + len(second) // 25
    late = found.rows >= SERIES.dates.searchsorted(pd.Timestamp("2019-08-01"))
    assert np.isfinite(found.level).all()
    assert found.level[late][:, -1] == pytest.approx(np.log(longer["close"].to_numpy()))


def test_where_most_sessions_are_short_none_is_learnt_from() -> None:
    hour = BARS.index.hour
    assert len(sessions(BARS[hour >= 12])) == 0


def test_no_bars_are_no_sessions() -> None:
    assert len(sessions(BARS.iloc[:0])) == 0


@settings(max_examples=50)
@given(st.lists(st.one_of(st.just(math.nan), st.floats(5, 90)), min_size=1, max_size=12))
def test_the_live_index_is_the_median_of_the_last_three_known_bars_of_three(vix: list[float]) -> None:
    found = steady_vix(np.array([vix]))[0]
    for i, value in enumerate(found):
        known = [v for v in vix[max(i - 2, 0) : i + 1] if not math.isnan(v)]
        assert math.isnan(value) if not known else value == pytest.approx(float(np.median(known)))
