"""Time travel: what a history holds as of a date or a moment, and that nothing later has any influence on it."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from csv_market import intraday_bars, sessions, spot_bars, vix_bars, write_market
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.errors import AsOfError, HistoryTooShort
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.sources.csv_folder import CsvFolder

MARKET = get_market("nifty50")
DATES = sessions()
SPOT, VIX = spot_bars(DATES), vix_bars(DATES)
BARS = intraday_bars(DATES[-30:])
VIX_BARS = BARS[["close"]] / 700
MUHURAT = pd.Timestamp("2019-10-27")  # a Sunday


def read(
    spot: pd.DataFrame,
    vix: pd.DataFrame | None = None,
    bars: pd.DataFrame | None = None,
    vix_bars: pd.DataFrame | None = None,
) -> MarketHistory:
    with TemporaryDirectory() as folder:
        source = CsvFolder(write_market(Path(folder), spot, vix, bars, vix_bars))
        return source.with_intraday(source.daily(MARKET))


HISTORY = read(SPOT, VIX, BARS, VIX_BARS)


def moment(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz=MARKET.zone)


def assert_same(left: MarketHistory, right: MarketHistory) -> None:
    assert left.content_hash() == right.content_hash()
    assert left.notes == right.notes
    pd.testing.assert_frame_equal(left.daily(), right.daily(), check_exact=True)
    assert (left.vix_age, left.vix_close, left.last_session) == (right.vix_age, right.vix_close, right.last_session)


def shuffled(frame: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """Rows repeated and out of order here and there, as mended on the way in."""
    rows = np.arange(len(frame))
    rows = np.sort(np.concatenate([rows, draw.choice(rows, 3)]))
    for at in draw.choice(len(rows) - 6, 3):
        rows[at : at + 5] = rows[at : at + 5][draw.permutation(5)]
    return frame.iloc[rows]


def holed(frame: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    return frame.drop(frame.index[draw.choice(np.arange(1, len(frame) - 1), 4, replace=False)])


@given(cut=st.integers(3, len(DATES) - 1), seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_until_equals_files_that_end_there_mended_or_not(cut: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    spot, vix = shuffled(SPOT, draw), shuffled(holed(VIX.iloc[5:], draw), draw)
    spot = spot[~spot.index.isin(DATES[draw.choice(np.arange(5, 60, 7), 2)])]
    last = spot.index[spot.index <= DATES[cut]].max()
    whole = read(spot, vix, BARS, VIX_BARS).until(AsOf.of(last))
    bars = BARS[BARS.index < last + pd.Timedelta(days=1)]
    ended = read(spot[spot.index <= last], vix[vix.index <= last], bars, VIX_BARS.loc[bars.index])
    assert_same(whole, ended)


@given(cut=st.integers(1, len(DATES) - 2), seed=st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_nothing_after_the_date_has_any_influence(cut: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    as_of = DATES[cut]
    spot, vix, bars = SPOT.copy(), VIX.copy(), BARS.copy()
    spot.iloc[cut + 1 :] *= np.exp(draw.uniform(-0.1, 0.1))
    vix.iloc[cut + 1 :] *= np.exp(draw.uniform(-0.3, 0.3))
    vix = vix.drop(vix.index[cut + 1 :][draw.random(len(vix) - cut - 1) < 0.3])
    bars[bars.index >= as_of + pd.Timedelta(days=1)] *= np.exp(draw.uniform(-0.1, 0.1))
    assert_same(read(spot, vix, bars, VIX_BARS).until(AsOf.of(as_of)), HISTORY.until(AsOf.of(as_of)))


@given(minutes=st.integers(0, 24 * 60 - 1), day=st.sampled_from(list(DATES[-20:-1])), seed=st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_nothing_after_a_moment_has_any_influence(minutes: int, day: pd.Timestamp, seed: int) -> None:
    draw = np.random.default_rng(seed)
    now = day + pd.Timedelta(minutes=minutes)
    as_of = now.tz_localize(MARKET.zone)
    closed = MARKET.calendar.last_closed(as_of) >= DATES
    spot, bars, vix_intraday = SPOT.copy(), BARS.copy(), VIX_BARS.copy()
    spot[~closed] *= np.exp(draw.uniform(-0.1, 0.1))
    running = bars.index + pd.Timedelta("15min") > now
    bars[running] *= np.exp(draw.uniform(-0.1, 0.1))
    vix_intraday[running] *= np.exp(draw.uniform(-0.3, 0.3))
    changed, as_known = read(spot, VIX, bars, vix_intraday).until(AsOf.of(as_of)), HISTORY.until(AsOf.of(as_of))
    assert_same(changed, as_known)
    assert as_known.bars is not None
    assert len(as_known.bars) == (~running).sum()


@given(first=st.integers(1, len(DATES) - 1), second=st.integers(1, len(DATES) - 1))
@settings(max_examples=25, deadline=None)
def test_a_cut_of_a_cut_is_the_earlier_cut(first: int, second: int) -> None:
    late, early = DATES[max(first, second)], DATES[min(first, second)]
    assert_same(HISTORY.until(AsOf.of(late)).until(AsOf.of(early)), HISTORY.until(AsOf.of(early)))


def test_bars_added_to_a_cut_history_are_cut_there_too(tmp_path: Path) -> None:
    source = CsvFolder(write_market(tmp_path, SPOT, VIX, BARS, VIX_BARS))
    for as_of in (DATES[-9], moment("2019-12-20 11:07"), moment("2019-12-20 16:00")):
        assert_same(source.with_intraday(source.daily(MARKET).until(AsOf.of(as_of))), HISTORY.until(AsOf.of(as_of)))


def test_a_date_means_that_session_s_official_close() -> None:
    history = HISTORY.until(AsOf.of(pd.Timestamp("2019-12-20")))
    assert history.last_session == pd.Timestamp("2019-12-20")
    assert history.close == SPOT.loc["2019-12-20", "close"]
    assert history.bars is not None
    assert history.bars.index[-1] == pd.Timestamp("2019-12-20 15:15")


@pytest.mark.parametrize(
    ("clock", "session", "bar"),
    [
        ("09:29", "2019-12-19", "2019-12-19 15:15"),
        ("09:30", "2019-12-19", "2019-12-20 09:15"),
        ("11:07", "2019-12-19", "2019-12-20 10:45"),
        ("15:29:59", "2019-12-19", "2019-12-20 15:00"),
        ("15:30", "2019-12-20", "2019-12-20 15:15"),
        ("23:59", "2019-12-20", "2019-12-20 15:15"),
    ],
)
def test_a_moment_keeps_closed_sessions_and_ended_bars(clock: str, session: str, bar: str) -> None:
    for as_of in (moment(f"2019-12-20 {clock}"), moment(f"2019-12-20 {clock}").tz_convert("UTC")):
        history = HISTORY.until(AsOf.of(as_of))
        assert history.last_session == pd.Timestamp(session)
        assert history.bars is not None
        assert history.bars.index[-1] == pd.Timestamp(bar)


def test_a_moment_on_a_day_without_a_session_keeps_the_sessions_before() -> None:
    assert HISTORY.until(AsOf.of(moment("2019-12-25 12:00"))).last_session == pd.Timestamp("2019-12-24")


@pytest.mark.parametrize(
    "as_of",
    [
        pd.Timestamp("2019-09-02"),
        pd.Timestamp("1999-01-01"),
        pd.Timestamp("2020-01-01"),
        pd.Timestamp("2199-01-01"),
        moment("2019-09-02 16:00"),
        moment("2020-01-01 00:00"),
    ],
)
def test_outside_the_history_the_error_names_its_first_and_last_date(as_of: pd.Timestamp) -> None:
    with pytest.raises(AsOfError, match="2019-09-03 to 2019-12-31") as caught:
        HISTORY.until(AsOf.of(as_of))
    assert caught.value.exit_code == 2


def test_a_moment_before_the_first_close_is_outside() -> None:
    with pytest.raises(AsOfError, match="before the first official close in the history, that of 2019-09-03"):
        HISTORY.until(AsOf.of(moment("2019-09-03 15:29")))
    assert HISTORY.until(AsOf.of(moment("2019-09-03 15:30"))).last_session == pd.Timestamp("2019-09-03")


@pytest.mark.parametrize("date", ["2019-12-25", "2019-12-28"])
def test_a_date_without_a_session_is_told_with_the_session_before(date: str) -> None:
    with pytest.raises(AsOfError, match=f"as_of {date} has no session in the history; the one before is 2019-12-2[47]"):
        HISTORY.until(AsOf.of(pd.Timestamp(date)))


def test_a_session_without_a_row_is_told_likewise() -> None:
    with pytest.raises(AsOfError, match="the one before is 2019-12-19"):
        read(SPOT.drop(pd.Timestamp("2019-12-20"))).until(AsOf.of(pd.Timestamp("2019-12-20")))


def test_a_time_of_day_needs_a_zone() -> None:
    with pytest.raises(AsOfError, match="expected a zone"):
        HISTORY.until(AsOf.of(pd.Timestamp("2019-12-20 11:00")))
    with pytest.raises(AsOfError, match="no zone"):
        HISTORY.complete_by(pd.Timestamp("2019-12-20"))


def test_a_partial_row_of_a_running_session_is_taken_out_of_a_live_history() -> None:
    running = HISTORY.complete_by(moment("2019-12-31 11:00"))
    assert running.last_session == pd.Timestamp("2019-12-30")
    assert_same(HISTORY.complete_by(moment("2026-11-23 11:00")), HISTORY)


def test_a_row_the_calendar_does_not_know_is_complete_when_its_day_is() -> None:
    saturday = pd.Timestamp("2019-11-16")
    history = read(spot_bars(DATES.union([saturday])))
    assert history.until(AsOf.of(moment("2019-11-16 23:59"))).last_session == pd.Timestamp("2019-11-15")
    assert history.until(AsOf.of(moment("2019-11-17 00:00"))).last_session == saturday
    assert history.until(AsOf.of(saturday)).last_session == saturday


def test_changes_count_special_sessions_and_the_modelling_frame_does_not() -> None:
    history = HISTORY.until(AsOf.of(MUHURAT))
    assert (history.close, history.previous_close) == (SPOT.loc[MUHURAT, "close"], SPOT.loc["2019-10-25", "close"])
    after = HISTORY.until(AsOf.of(pd.Timestamp("2019-10-29")))
    assert after.previous_close == SPOT.loc[MUHURAT, "close"]
    assert after.previous_vix_close == VIX.loc[MUHURAT, "close"]
    assert MUHURAT not in after.daily().index
    assert after.regular_sessions.equals(after.daily().index)


def test_one_session_has_no_change() -> None:
    history = HISTORY.until(AsOf.of(DATES[0]))
    assert history.previous_vix_close is None
    with pytest.raises(HistoryTooShort, match="expected at least 2"):
        _ = history.previous_close


def test_before_the_volatility_index_began_there_is_none() -> None:
    history = read(SPOT, VIX.iloc[30:]).until(AsOf.of(DATES[29]))
    assert history.vix is None
    assert history.daily()["vix"].isna().all()
    assert history.notes == (f"No India VIX up to {DATES[29]:%Y-%m-%d}.",)


@pytest.mark.parametrize(
    ("as_of", "last"),
    [("2019-12-20 15:30", "2019-12-19"), ("2019-12-21 02:44", "2019-12-19"), ("2019-12-21 02:45", "2019-12-20")],
)
def test_rows_of_the_us_are_known_once_its_session_is_over(as_of: str, last: str) -> None:
    whole = replace(HISTORY, us_vix=VIX[["close"]], us_spot=SPOT, inda=SPOT[["close"]] / 400)
    known = whole.until(AsOf.of(moment(as_of)))
    for frame in (known.us_vix, known.us_spot, known.inda):
        assert frame is not None
        assert frame.index[-1] == pd.Timestamp(last)
    changed = replace(
        whole, us_spot=SPOT.mul(np.where(SPOT.index <= last, 1.0, 2.0), axis=0), inda=(SPOT[["close"]] / 400).loc[:last]
    )
    assert_same(changed.until(AsOf.of(moment(as_of))), known)


def test_prices_of_the_us_change_the_content_hash() -> None:
    plain, added = HISTORY, replace(HISTORY, us_spot=SPOT)
    assert len({each.content_hash() for each in (plain, added, replace(added, inda=SPOT[["close"]]))}) == 3
