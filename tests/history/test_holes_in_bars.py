"""Sessions that no series has, and bars that stand still: what is taken for a closure, and what for missing data."""

from dataclasses import replace

import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.session_book import reconciled

SESSIONS, WITH_BARS = 120, 30
DATES = pd.DatetimeIndex(synthetic.daily_frame(SESSIONS).index)


def lacking(last_row: int, first: int, count: int) -> MarketHistory:
    """Daily rows to one session, bars of all but ``count`` sessions from ``first`` on, cut at noon of the last one."""
    daily = synthetic.daily_frame(SESSIONS)
    bars = synthetic.intraday_frame(SESSIONS, WITH_BARS)
    days = pd.DatetimeIndex(bars.index).normalize()
    history = replace(
        synthetic.history(daily.loc[: DATES[last_row]]), bars=bars[~days.isin(DATES[first:][:count])].copy()
    )
    noon = (DATES[-1] + pd.Timedelta("12h")).tz_localize(synthetic.MARKET.zone)
    return history.complete_by(noon)


def last_day_of_bars(history: MarketHistory) -> pd.Timestamp:
    assert history.bars is not None
    return pd.Timestamp(history.bars.index[-1]).normalize()


def test_one_session_that_no_series_has_was_not_held() -> None:
    found = reconciled(lacking(-4, -3, 1))
    assert found.open_session == DATES[-1]
    assert found.doubts_since(found.last_session) == ()
    assert any("were not held" in note and f"{DATES[-3]:%Y-%m-%d}" in note for note in found.notes)


@pytest.mark.parametrize("count", [2, 3])
def test_several_in_a_row_leave_the_change_in_doubt(count: int) -> None:
    found = reconciled(lacking(-2 - count, -1 - count, count))
    assert found.open_session == DATES[-1]
    reasons = [doubt.reason for doubt in found.doubts_since(found.last_session)]
    assert len(reasons) == count
    assert all("one of several in a row" in reason for reason in reasons)


@pytest.mark.parametrize("count", [4, 20])
def test_more_are_missing_data_and_bars_after_them_are_not_spoken_from(count: int) -> None:
    found = reconciled(lacking(-2 - count, -1 - count, count))
    assert found.open_session is None
    assert found.last_session == DATES[-2 - count]
    assert found.bars is None or last_day_of_bars(found) == found.last_session
    first, last = DATES[-1 - count], DATES[-2]
    told = f"no rows and no bars for {count} sessions in a row, {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    assert any(told in note for note in found.notes)
    assert not any("were not held" in note for note in found.notes)


def test_a_hole_that_begins_within_the_bars_ends_them() -> None:
    found = reconciled(lacking(-12, -10, 5))
    assert found.last_session == DATES[-11], "of the bars before the hole a row was made"
    assert last_day_of_bars(found) == DATES[-11]


def standing_still(session: int) -> MarketHistory:
    """A market without a daily row of one session and after, whose bars of that session never move."""
    history = lacking(session - 1, SESSIONS, 0)
    assert history.bars is not None
    bars = history.bars.copy()
    of_day = pd.DatetimeIndex(bars.index).normalize() == DATES[session]
    bars.loc[of_day, ["open", "high", "low", "close"]] = float(history.spot["close"].iloc[-1])
    return replace(history, bars=bars)


def test_bars_that_stand_still_make_no_daily_row() -> None:
    found = reconciled(standing_still(-2))
    assert DATES[-2] not in found.spot.index
    assert any("are all unchanged at one price" in note and f"{DATES[-2]:%Y-%m-%d}" in note for note in found.notes)


def test_a_session_in_progress_that_stands_still_is_spoken_of_and_doubted() -> None:
    found = reconciled(standing_still(-1))
    assert found.open_session == DATES[-1]
    (reason,) = found.doubts_since(found.last_session)
    assert "as if the feed had stopped" in reason.reason


def test_a_session_that_moves_is_not_doubted() -> None:
    found = reconciled(lacking(-2, SESSIONS, 0))
    assert found.open_session == DATES[-1]
    assert found.doubts_since(found.last_session) == ()
