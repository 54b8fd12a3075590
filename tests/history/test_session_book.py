"""The session book: what contradicts is rebuilt, left out or believed by a stated rule, and always told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from csv_market import intraday_bars, sessions, spot_bars, vix_bars, write_market
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_spans import session_row
from aegismatrix_engine.history.repairs import Doubt
from aegismatrix_engine.history.session_book import reconciled
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.sources.csv_folder import CsvFolder

MARKET = get_market("nifty50")
DATES = sessions()
DAYS = DATES[-12:]
TODAY, YESTERDAY, DAY = DAYS[-1], DAYS[-2], DAYS[-6]
NOW = (TODAY + pd.Timedelta("11h7min")).tz_localize(MARKET.zone)
PRICES = ["open", "high", "low", "close"]


def walk() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Daily rows, closes of the volatility index and bars that agree: each row is what its bars add up to.

    The close is the mean of the last half hour's prices, as the exchange's was to August 2026.
    """
    fine = 11000 + 200 * np.tanh((intraday_bars(DAYS)[PRICES] - 11000) / 400)
    fine["open"] = fine["close"].shift(fill_value=11000.0)
    fine["high"], fine["low"] = fine[PRICES].max(axis=1), fine[PRICES].min(axis=1)
    fine = fine.assign(vix=14 + np.sin(np.arange(len(fine)) / 30))
    rows, vix = spot_bars(DATES), vix_bars(DATES)
    rows[PRICES] = 11000 + 0.1 * (rows[PRICES] - 11000).clip(-2000, 2000)
    for day in DAYS:
        own = fine.loc[f"{day:%Y-%m-%d}"]
        close = own.iloc[-2:][["high", "low", "close"]].to_numpy().mean()
        rows.loc[day] = [own["open"].iloc[0], own["high"].max(), own["low"].min(), close]
        vix.loc[day, "close"] = own["vix"].iloc[-1]
    return rows, vix, fine


ROWS, VIX, BARS = walk()


def history(
    rows: pd.DataFrame = ROWS, vix: pd.DataFrame | None = VIX, bars: pd.DataFrame | None = BARS
) -> MarketHistory:
    """As of NOW, before the book is opened."""
    whole = MarketHistory(MARKET, rows, vix, bars)
    return whole.complete_by(NOW)


def changed(frame: pd.DataFrame, at: pd.Timestamp, **values: float) -> pd.DataFrame:
    found = frame.copy()
    for name, value in values.items():
        found.loc[at, name] = value
    return found


def of_day(bars: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    return bars[pd.DatetimeIndex(bars.index).normalize() == day]


def stands_still(day: pd.Timestamp) -> pd.DataFrame:
    """The row of that day as it was after its first seven bars, at a level that the rest of the day leaves."""
    own = of_day(BARS, day).iloc[:7]
    close = own["close"].iloc[-1]
    return changed(ROWS, day, open=close, high=close + 1, low=close - 1, close=close)


def test_series_that_agree_are_left_as_they_are() -> None:
    before = history()
    found = reconciled(before)
    assert found.content_hash() == before.content_hash()
    assert (found.notes, found.doubts, found.provisional_closes) == ((), (), frozenset())
    assert found.market.calendar is MARKET.calendar


def test_a_row_that_whole_bars_contradict_is_rebuilt_and_its_close_provisional() -> None:
    found = reconciled(history(stands_still(DAY)))
    own = of_day(BARS, DAY)
    mean = (own["high"].iloc[-2:] + own["low"].iloc[-2:] + own["close"].iloc[-2:]).sum() / 6
    assert found.spot.loc[DAY].tolist() == pytest.approx(
        [own["open"].iloc[0], own["high"].max(), own["low"].min(), mean]
    )
    assert found.provisional_closes == {DAY}
    high = own["close"].iloc[6] + 1
    if own["close"].max() > high * np.exp(5e-4):
        told = f"its high is {high:.2f}, and a bar closes at {own['close'].max():.2f}"
    else:
        told = f"its low is {high - 2:.2f}, and a bar closes at {own['close'].min():.2f}"
    text = f"Daily spot row of {DAY:%Y-%m-%d}: {told}; the row was rebuilt from its bars and its close is provisional."
    assert found.notes == (text,)
    pd.testing.assert_frame_equal(found.spot.drop(DAY), ROWS.loc[:YESTERDAY].drop(DAY))


def test_a_row_that_bars_with_a_hole_contradict_is_believed_and_in_doubt() -> None:
    rows = stands_still(DAY)
    found = reconciled(history(rows, bars=BARS.drop(of_day(BARS, DAY).index[3])))
    assert found.bars is not None
    assert of_day(found.bars, DAY).empty
    assert found.spot.loc[DAY].tolist() == rows.loc[DAY].tolist()
    (note,) = found.notes
    assert note.endswith("; the row was kept and its bars, which are not whole, left out.")
    assert found.doubts == (Doubt(DAY, note.rstrip(".")),)
    assert found.provisional_closes == frozenset()


def test_bars_that_contradict_most_rows_are_not_those_of_this_index() -> None:
    other = BARS.copy()
    other[PRICES] *= 1.05
    found = reconciled(history(bars=other))
    assert found.bars is None
    assert found.spot.equals(ROWS.loc[:YESTERDAY])
    (note,) = found.notes
    assert note.startswith(
        f"Spot: daily rows and bars contradict on 11 of 11 sessions, first on {DAYS[0]:%Y-%m-%d}: its "
    )
    assert note.endswith("; the daily rows were kept and all spot bars left out.")
    assert found.doubts == (Doubt(YESTERDAY, note.removeprefix("Spot: ").rstrip("."), of_close=False),)


def test_beyond_three_the_rest_is_counted() -> None:
    one = BARS.copy()
    for day in DAYS[2:6]:
        start = of_day(BARS, day).index[10]
        one.loc[start, ["high", "close"]] = one.loc[start, "close"] * 1.2
    found = reconciled(history(bars=one))
    assert len([note for note in found.notes if note.startswith("Spot bar of ")]) == 3
    assert found.notes[-1] == "There are 1 more impossible bars; they were handled in the same way."


@pytest.mark.parametrize("day", [YESTERDAY, DAY])
def test_a_missing_row_is_rebuilt_from_whole_bars(day: pd.Timestamp) -> None:
    found = reconciled(history(ROWS.drop(day)))
    last = of_day(BARS, day).iloc[-2:]
    assert found.spot.loc[day, "close"] == pytest.approx((last["high"] + last["low"] + last["close"]).sum() / 6)
    assert found.provisional_closes == {day}
    told = f"Daily rows of {day:%Y-%m-%d} were missing and rebuilt from intraday bars; their closes are provisional."
    assert told in found.notes


def test_a_missing_row_whose_bars_have_a_hole_is_rebuilt_and_the_hole_told() -> None:
    found = reconciled(history(ROWS.drop(YESTERDAY), bars=BARS.drop(of_day(BARS, YESTERDAY).index[3])))
    assert (found.last_session, found.open_session) == (YESTERDAY, TODAY)
    assert found.close == pytest.approx(ROWS.loc[YESTERDAY, "close"])
    assert found.provisional_closes == {YESTERDAY}
    assert any("may lack highs and lows" in note and f"{YESTERDAY:%Y-%m-%d}" in note for note in found.notes)


def test_a_missing_row_whose_last_half_hour_has_a_hole_stays_missing() -> None:
    found = reconciled(history(ROWS.drop(YESTERDAY), bars=BARS.drop(of_day(BARS, YESTERDAY).index[-2])))
    assert found.last_session == DAYS[-3]
    assert found.open_session is None, "today's change would be counted from the day before yesterday"


def test_the_session_in_progress_is_not_rebuilt() -> None:
    found = reconciled(history())
    assert found.last_session == YESTERDAY
    assert found.open_session == TODAY


@pytest.mark.parametrize(("day", "averaged"), [("2026-07-31", True), ("2026-08-03", False)])
def test_a_rebuilt_close_is_what_the_exchange_s_own_is_nearest_to(day: str, averaged: bool) -> None:
    session = pd.Timestamp(day)
    own = intraday_bars(pd.DatetimeIndex([session])).assign(vix=np.nan).iloc[: 25 if averaged else 24]
    row, _ = session_row(own, session, averaged=MARKET.averages_close(session))
    prices = own[["high", "low", "close"]].to_numpy()
    expected = (prices[-1].sum() + prices[-2].sum()) / 6 if averaged else own["close"].iloc[-1]
    assert row.loc[session, "close"] == pytest.approx(expected, rel=1e-12)


def test_a_row_with_a_close_alone_takes_its_range_from_its_bars_and_keeps_its_close() -> None:
    close = ROWS.loc[DAY, "close"]
    rows = changed(ROWS, DAY, open=close, high=close, low=close)
    found = reconciled(replace(history(rows), closes_alone=frozenset({DAY})))
    own = of_day(BARS, DAY)
    assert found.spot.loc[DAY].tolist() == [own["open"].iloc[0], own["high"].max(), own["low"].min(), close]
    assert (found.closes_alone, found.provisional_closes, found.notes) == (frozenset(), frozenset(), ())


def test_a_bar_that_cannot_be_is_left_out() -> None:
    start = of_day(BARS, TODAY).index[4]
    found = reconciled(history(bars=changed(BARS, start, high=BARS.loc[start, "high"] * 1.2)))
    assert found.bars is not None
    assert start not in found.bars.index
    (note,) = found.notes
    assert note.startswith(f"Spot bar of {start:%Y-%m-%d %H:%M}: high {BARS.loc[start, 'high'] * 1.2:.2f} is ")
    assert note.endswith("; the bar was left out.")


@pytest.mark.parametrize("vix", [None, VIX.loc[: DAYS[-5]]], ids=["no daily series", "one that ends early"])
def test_closes_of_the_volatility_index_that_are_missing_are_those_of_its_last_bars(vix: pd.DataFrame | None) -> None:
    found = reconciled(history(vix=vix))
    assert found.vix is not None
    lacking = [day for day in DAYS[:-1] if vix is None or day not in vix.index]
    for day in lacking:
        assert found.vix.loc[day, "close"] == of_day(BARS, day)["vix"].iloc[-1]
    (note,) = found.notes
    assert note.startswith(f"India VIX: closes of {lacking[0]:%Y-%m-%d}, ")
    assert note.endswith(" were missing and taken from the last bars of their sessions.")


@pytest.mark.parametrize(("off", "is_wrong"), [(0.04, False), (-0.04, False), (0.06, True), (-0.06, True)])
def test_a_close_of_the_volatility_index_lies_near_its_last_bars(off: float, is_wrong: bool) -> None:
    last = of_day(BARS, DAY)["vix"].iloc[-2:]
    close = (last.max() if off > 0 else last.min()) * np.exp(off)
    found = reconciled(history(vix=changed(VIX, DAY, close=close)))
    assert found.vix is not None
    assert found.vix.loc[DAY, "close"] == (last.iloc[-1] if is_wrong else close)
    told = (
        f"India VIX of {DAY:%Y-%m-%d}: its daily close is {close:.2f}, and its last bars close at {last.min():.2f} to "
        f"{last.max():.2f}; the last bar was used."
    )
    assert found.notes == ((told,) if is_wrong else ())


def test_bars_of_the_volatility_index_that_end_over_an_hour_early_make_no_close() -> None:
    bars = BARS.copy()
    bars.loc[of_day(BARS, YESTERDAY).index[-5:], "vix"] = np.nan
    found = reconciled(history(vix=VIX.drop([YESTERDAY, TODAY]), bars=bars))
    assert found.vix is not None
    assert YESTERDAY not in found.vix.index


Change = Callable[[MarketHistory, np.random.Generator], MarketHistory]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(cut=st.integers(0, len(BARS) - 1), offset=st.integers(0, 14), seed=st.integers(0, 10**6))
def test_nothing_later_than_the_moment_has_any_influence(cut: int, offset: int, seed: int) -> None:
    """Rows contradicted, missing and repeated, bad ticks and holes on both sides of the moment."""
    draw = np.random.default_rng(seed)
    moment = (BARS.index[cut] + pd.Timedelta(minutes=offset)).tz_localize(MARKET.zone)
    rows, vix, bars = stands_still(DAYS[int(draw.integers(12))]), VIX, BARS.copy()
    rows = rows.drop(DAYS[draw.choice(12, 2, replace=False)])
    tick = bars.index[draw.choice(len(bars), 3)]
    bars.loc[tick, "high"] *= 1.2
    bars = bars.drop(bars.index[draw.choice(len(bars), 2)])
    local = moment.tz_localize(None)
    later_bars = bars.index + pd.Timedelta("15min") > local
    ends = MARKET.calendar.local_hours(pd.DatetimeIndex(rows.index))[:, 1]
    later_rows = np.asarray(ends) > local.to_datetime64()
    other_rows, other_bars = rows.copy(), bars.copy()
    other_rows.loc[later_rows, PRICES] *= np.exp(draw.normal(0, 0.1))
    other_bars.loc[later_bars, PRICES] *= np.exp(draw.normal(0, 0.3))
    other_bars = other_bars.drop(other_bars.index[later_bars][::2])
    one = MarketHistory(MARKET, rows, vix, bars)
    other = MarketHistory(MARKET, other_rows, vix.iloc[: (~later_rows).sum() + 2], other_bars)
    found, again = reconciled(one.complete_by(moment)), reconciled(other.complete_by(moment))
    assert found.content_hash() == again.content_hash()
    assert (found.notes, found.doubts) == (again.notes, again.doubts)
    assert (found.provisional_closes, found.open_session) == (again.provisional_closes, again.open_session)
    sessions_of = [one.market.calendar.special(DAYS[0], TODAY) for one in (found, again)]
    assert sessions_of[0].equals(sessions_of[1])


@pytest.mark.parametrize("as_of", ["2019-12-24", "2019-12-24T12:00+05:30"])
def test_a_replay_says_what_a_run_at_that_moment_said(as_of: str) -> None:
    """Files that go on past the moment, against files that end there."""
    moment = pd.Timestamp(as_of)
    at = moment if moment.tz else (moment + pd.Timedelta("18h")).tz_localize(MARKET.zone)
    rows, local = stands_still(pd.Timestamp("2019-12-23")), at.tz_localize(None)
    with TemporaryDirectory() as folder:
        files = [
            write_market(Path(folder) / "whole", rows, VIX, BARS[PRICES], BARS[["vix"]].set_axis(["close"], axis=1)),
            write_market(
                Path(folder) / "ended",
                rows.loc[: local if moment.tz is None else local - pd.Timedelta(days=1)],
                VIX.loc[: local if moment.tz is None else local - pd.Timedelta(days=1)],
                BARS.loc[:local, PRICES],
                BARS.loc[:local, ["vix"]].set_axis(["close"], axis=1),
            ),
        ]
        replayed = BarsRequest(MARKET, CsvFolder(files[0]), AsOf.of(moment)).read(
            NOW + pd.Timedelta(days=9), intraday=True
        )
        live = BarsRequest(MARKET, CsvFolder(files[1]), None).read(at, intraday=True)
    assert replayed.content_hash() == live.content_hash()
    assert replayed.notes == live.notes
    assert pd.Timestamp("2019-12-23") in replayed.provisional_closes


def test_a_history_that_the_book_cannot_open_is_an_error_of_ours() -> None:
    with pytest.raises(AegisError):
        reconciled(history(ROWS.loc[TODAY:]))


def real(shared: Path) -> MarketHistory:
    source = CsvFolder(shared / "data" / "nifty50")
    return source.with_intraday(source.daily(MARKET))


def test_the_real_market_is_left_as_it_is(shared: Path) -> None:
    found = real(shared)
    book = reconciled(found)
    assert book.content_hash() == found.content_hash()
    assert book.notes == found.notes
    assert (book.provisional_closes, book.doubts) == (frozenset(), ())


def test_a_rebuilt_close_is_two_points_off_where_the_last_price_is_eight(shared: Path) -> None:
    """On every whole session of eight years: the mean error, and how often today's change gets the wrong sign."""
    found = real(shared)
    assert found.bars is not None
    starts = pd.DatetimeIndex(found.bars.index)
    counts = pd.Series(1, index=starts).groupby(starts.normalize()).sum()
    days = [day for day in counts.index[counts == 25] if day in found.spot.index]
    errors, wrong, n = {True: 0.0, False: 0.0}, {True: 0, False: 0}, 0
    for day in days:
        at = int(found.spot.index.searchsorted(day))
        if at == 0:
            continue
        close, before = found.spot["close"].iloc[at], found.spot["close"].iloc[at - 1]
        n += 1
        for averaged in (True, False):
            own = session_row(found.bars, day, averaged=averaged)[0]["close"].iloc[0]
            errors[averaged] += abs(own - close)
            wrong[averaged] += bool(np.sign(own - before) != np.sign(close - before))
    mean = {averaged: total / n for averaged, total in errors.items()}
    shown = f"mean error {mean[True]:.2f} points for {mean[False]:.2f}, wrong signs {wrong[True]} for {wrong[False]}"
    print(f"{n} sessions: {shown}")
    assert n > 1900
    assert mean[True] < 2.1 < 8.0 < mean[False]
    assert wrong[True] < 25 < 60 < wrong[False]


def test_a_session_that_the_volatility_index_alone_has_was_held() -> None:
    """Its close is missing, and a change over it would be none of today's."""
    bars = BARS.drop(of_day(BARS, YESTERDAY).index)
    whole = MarketHistory(MARKET, ROWS.drop(YESTERDAY), VIX.drop(YESTERDAY), bars)
    lacking = replace(whole, vix_apart=VIX.loc[[YESTERDAY]]).complete_by(NOW)
    found = reconciled(lacking)
    assert found.market.calendar.is_session(YESTERDAY)
    assert found.open_session is None
    assert [doubt.reason for doubt in found.doubts_since(DAYS[-3])] == [
        f"the session of {YESTERDAY:%Y-%m-%d} has no row"
    ]
    by_bars = reconciled(replace(whole, vix_bar_days=pd.DatetimeIndex([YESTERDAY])).complete_by(NOW))
    assert by_bars.market.calendar.is_session(YESTERDAY)
    unseen = reconciled(whole.complete_by(NOW))
    assert not unseen.market.calendar.is_session(YESTERDAY)


def test_an_official_close_of_the_volatility_index_goes_with_a_row_that_was_rebuilt() -> None:
    whole = MarketHistory(MARKET, ROWS.drop(YESTERDAY), VIX.drop(YESTERDAY), BARS)
    official = VIX.loc[[YESTERDAY]] * 1.01
    found = reconciled(replace(whole, vix_apart=official).complete_by(NOW))
    assert found.vix is not None
    assert found.vix.loc[YESTERDAY, "close"] == official["close"].iloc[0]


@pytest.mark.parametrize("shape", ["repeats the one before", "has no range"])
def test_a_row_that_no_market_makes_leaves_its_close_in_doubt(shape: str) -> None:
    rows = ROWS.copy()
    rows.loc[YESTERDAY] = rows.loc[DAYS[-3]] if shape.startswith("repeats") else float(rows.loc[YESTERDAY, "close"])
    found = reconciled(history(rows, bars=BARS.drop(of_day(BARS, YESTERDAY).index)))
    assert any(shape in doubt.reason for doubt in found.doubts_since(YESTERDAY))
