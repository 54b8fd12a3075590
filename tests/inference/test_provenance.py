"""The clock a document was made by, its inputs and their ages, at every time of the day."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic
from withheld_close import without_close_of

from aegismatrix_engine import __version__
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.inputs import Input
from aegismatrix_engine.inference.provenance import document_times
from aegismatrix_engine.markets.as_of import AsOf

WHOLE = synthetic.whole_history()
FRIDAY, MONDAY = pd.Timestamp("2019-07-19"), pd.Timestamp("2019-07-22")


def at(day: pd.Timestamp, time: str) -> pd.Timestamp:
    return pd.Timestamp(f"{day:%Y-%m-%d}T{time}").tz_localize("Asia/Kolkata")


@cache
def said(day: pd.Timestamp, time: str, close_in: bool = True) -> dict[str, Any]:
    bars = WHOLE.until(AsOf.of(at(day, time)))
    if not close_in:
        bars = without_close_of(replace(bars, us_vix=None), day)
    return synthetic.document(*synthetic.trained_whole(), bars)


MOMENTS = [
    (FRIDAY, "12:05", True, "2019-07-19T12:00:00+05:30", "in_session", "in_session", "13:00", "12:30"),
    (FRIDAY, "15:31", False, "2019-07-19T15:30:00+05:30", "after_close", "provisional", "16:30", "16:00"),
    (FRIDAY, "15:31", True, "2019-07-19T15:30:00+05:30", "after_close", "official", "22T10:15", "22T07:40"),
    (MONDAY, "08:40", True, "2019-07-20T01:45:00+05:30", "before_open", "official", "10:15", "09:30"),
    (MONDAY, "09:31", True, "2019-07-22T09:30:00+05:30", "in_session", "in_session", "10:30", "10:00"),
]


@pytest.mark.parametrize(("day", "time", "close_in", "as_of", "clock", "close", "until", "due"), MOMENTS)
def test_the_day_from_the_bars_of_one_session_to_the_first_of_the_next(
    day: pd.Timestamp, time: str, close_in: bool, as_of: str, clock: str, close: str, until: str, due: str
) -> None:
    found = said(day, time, close_in)
    made_of = found["provenance"]
    ahead = [f"2019-07-{moment if 'T' in moment else f'{day:%d}T{moment}'}:00+05:30" for moment in (until, due)]
    assert (found["as_of"], found["valid_until"], found["next_due"]) == (as_of, *ahead)
    assert (made_of["clock"], made_of["close"]) == (clock, close)
    assert ("session" in found["forecast"]) == (close != "official")


def test_before_the_first_bar_the_document_speaks_from_the_night_and_the_clock_says_the_session_runs() -> None:
    found = said(MONDAY, "09:20")
    assert found["as_of"] == "2019-07-20T01:45:00+05:30"
    assert (found["provenance"]["clock"], found["provenance"]["close"]) == ("in_session", "official")


def test_a_document_of_the_past_has_the_clock_of_the_moment_it_speaks_from() -> None:
    bars = WHOLE.until(AsOf.of(FRIDAY))
    found = synthetic.document(*synthetic.trained_whole(), bars)
    assert found["provenance"]["clock"] == "after_close"
    late = replace(bars, cut_at=AsOf(at(pd.Timestamp("2019-07-24"), "12:00")))
    now = document_times(late, at(FRIDAY, "15:30"))
    assert (now.clock.state, now.close) == ("after_close", "official")
    assert now.clock.moment == at(FRIDAY, "15:30")


def test_changes_are_against_the_official_close_in_every_state() -> None:
    frame = synthetic.daily_frame()
    thursday, friday = (float(frame["close"].loc[day]) for day in (FRIDAY - pd.Timedelta(days=1), FRIDAY))
    for (day, time, close_in), before in {
        (FRIDAY, "12:05", True): thursday,
        (FRIDAY, "15:31", False): thursday,
        (FRIDAY, "15:31", True): thursday,
        (MONDAY, "08:40", True): thursday,
        (MONDAY, "09:31", True): friday,
    }.items():
        market = said(day, time, close_in)["market"]
        assert market["previous_close"] == pytest.approx(before, abs=0.005)
        assert market["spot_change"] == pytest.approx(market["spot"] - before, abs=0.02)
    assert said(FRIDAY, "15:31")["market"]["spot"] == pytest.approx(friday, abs=0.005)
    last_bar = synthetic.intraday_frame()["close"].loc["2019-07-19"].iloc[-1]
    assert said(FRIDAY, "15:31", close_in=False)["market"]["spot"] == pytest.approx(last_bar, abs=0.005)


@pytest.mark.parametrize(
    ("day", "time", "close_in", "date"),
    [
        (FRIDAY, "12:05", True, "2019-07-18"),
        (FRIDAY, "15:31", False, "2019-07-18"),
        (FRIDAY, "15:31", True, "2019-07-18"),
        (MONDAY, "08:40", True, "2019-07-18"),
        (MONDAY, "09:31", True, "2019-07-19"),
    ],
)
def test_the_close_a_change_is_counted_from_is_named_and_a_rebuilt_one_degrades(
    day: pd.Timestamp, time: str, close_in: bool, date: str
) -> None:
    market = said(day, time, close_in)["market"]
    assert (market["previous_close_date"], market["previous_close_basis"]) == (date, "official")
    bars = WHOLE.until(AsOf.of(at(day, time)))
    bars = bars if close_in else without_close_of(replace(bars, us_vix=None), day)
    rebuilt = replace(bars, provisional_closes=frozenset({pd.Timestamp(date)}))
    found: Any = synthetic.document(*synthetic.trained_whole(), rebuilt)
    assert (found["market"]["previous_close_date"], found["market"]["previous_close_basis"]) == (date, "rebuilt")
    assert found["health"]["status"] == "degraded"
    new = [entry for entry in found["health"]["degraded"] if entry["signal"] == "market"]
    reason = (
        f"the close of {date} that the change is counted from was rebuilt from its bars: the official one is missing "
        "or contradicts them"
    )
    assert new == [{"signal": "market", "basis": "model", "reason": reason}]


def test_another_close_that_was_rebuilt_is_not_the_one_a_change_is_counted_from() -> None:
    bars = WHOLE.until(AsOf.of(at(MONDAY, "09:31")))
    older = replace(bars, provisional_closes=frozenset({pd.Timestamp("2019-07-18")}))
    found: Any = synthetic.document(*synthetic.trained_whole(), older)
    assert found["market"]["previous_close_basis"] == "official"
    assert [entry for entry in found["health"]["degraded"] if entry["signal"] == "market"] == []


US = ("us_vix_daily", "us_spot_daily", "inda_daily")


def test_every_series_that_is_there_is_told_with_its_age() -> None:
    found = {entry["series"]: entry for entry in said(MONDAY, "12:05")["provenance"]["inputs"]}
    assert list(found) == ["spot_daily", "vix_daily", "spot_intraday", "vix_intraday", *US]
    assert {name: entry["last"] for name, entry in found.items()} == {
        "spot_daily": "2019-07-19T15:30:00+05:30",
        "vix_daily": "2019-07-19T15:30:00+05:30",
        "spot_intraday": "2019-07-22T12:00:00+05:30",
        "vix_intraday": "2019-07-22T12:00:00+05:30",
        **dict.fromkeys(US, "2019-07-20T01:45:00+05:30"),
    }
    assert found["spot_daily"]["age_hours"] == pytest.approx(68.5, abs=0.01)
    assert found["spot_intraday"]["age_hours"] == 0.0
    assert {entry["served_by"] for entry in found.values()} == {"synthetic"}


def test_a_series_carries_the_name_and_the_time_its_source_gave_it() -> None:
    fetched = pd.Timestamp("2019-07-22T06:35:00", tz="UTC")
    bars = replace(
        WHOLE.until(AsOf.of(at(MONDAY, "12:05"))), inputs=(Input("spot_intraday", "^NSEI", "store", fetched),)
    )
    found = synthetic.document(*synthetic.trained_whole(), bars)["provenance"]
    assert isinstance(found, dict)
    told = {entry["series"]: entry for entry in found["inputs"]}
    assert told["spot_intraday"]["symbol"] == "^NSEI"
    assert told["spot_intraday"]["served_by"] == "store"
    assert told["spot_intraday"]["fetched_at"] == "2019-07-22T12:05:00+05:30"
    assert "symbol" not in told["spot_daily"]


def index_lost_after(bars: MarketHistory, time: str) -> MarketHistory:
    assert bars.bars is not None
    last = pd.Timestamp(f"{MONDAY:%Y-%m-%d}T{time}")
    return replace(bars, bars=bars.bars.assign(vix=bars.bars["vix"].where(bars.bars.index < last)))


def test_an_index_that_stops_within_the_session_is_told_with_its_age() -> None:
    bars = index_lost_after(WHOLE.until(AsOf.of(at(MONDAY, "14:05"))), "09:00")
    found: Any = synthetic.document(*synthetic.trained_whole(), bars)
    told = {entry["series"]: entry for entry in found["provenance"]["inputs"]}
    assert told["vix_intraday"]["last"] == "2019-07-19T15:30:00+05:30"
    assert found["market"]["vix"] == pytest.approx(synthetic.daily_frame()["vix"].loc[FRIDAY], abs=0.005)
    assert found["market"]["vix_as_of"] == "2019-07-19T15:30:00+05:30"
    assert any("not live" in note for note in found["health"]["notes"])
    without: Any = synthetic.document(
        *synthetic.trained_whole(),
        replace(bars, bars=synthetic.intraday_frame().assign(vix=np.nan).loc[: bars.bars.index[-1]]),
    )
    assert "vix_intraday" not in {entry["series"] for entry in without["provenance"]["inputs"]}


def test_an_index_that_lags_by_a_bar_is_used_and_dated_by_its_own_bar() -> None:
    found: Any = synthetic.document(
        *synthetic.trained_whole(), index_lost_after(WHOLE.until(AsOf.of(at(MONDAY, "14:05"))), "13:45")
    )
    assert found["as_of"] == "2019-07-22T14:00:00+05:30"
    assert found["market"]["vix_as_of"] == "2019-07-22T13:45:00+05:30"
    known = synthetic.intraday_frame()["vix"].loc["2019-07-22T13:30"]
    assert found["market"]["vix"] == pytest.approx(known, abs=0.005)
    assert any("its value of 2019-07-22T13:45" in note for note in found["health"]["notes"])


def test_the_night_that_was_applied_is_told_and_no_other() -> None:
    night = said(MONDAY, "08:40")["provenance"]["us_night"]
    us = synthetic.us_vix_frame()["close"]
    assert night["last_bar"] == "2019-07-19"
    assert night["used"] == [{"series": name, "last": "2019-07-19"} for name in US]
    assert night["change_pct"] == pytest.approx(np.log(us.loc["2019-07-19"] / us.loc["2019-07-18"]), abs=5e-5)
    for day, time, close_in in ((FRIDAY, "12:05", True), (FRIDAY, "15:31", True), (MONDAY, "09:31", True)):
        assert "us_night" not in said(day, time, close_in)["provenance"]


def test_us_closes_after_the_next_open_are_not_the_night() -> None:
    """A daily history that ends long before the US series, as in a folder of files, speaks from its own last night."""
    us = {name: getattr(WHOLE, name) for name in ("us_vix", "us_spot", "inda")}
    bars = replace(WHOLE.until(AsOf.of(FRIDAY)), **us)
    found = synthetic.document(*synthetic.trained_whole(), bars)
    assert found["as_of"] == "2019-07-20T01:45:00+05:30"
    assert found["provenance"]["us_night"] == said(MONDAY, "08:40")["provenance"]["us_night"]


def test_bars_that_no_change_can_be_counted_for_are_told() -> None:
    """The row of the session before is missing, so the bars of Monday say nothing that is published."""
    lacking = replace(WHOLE, spot=WHOLE.spot.drop(FRIDAY)).until(AsOf.of(at(MONDAY, "12:05")))
    found: Any = synthetic.document(*synthetic.trained_whole(), lacking)
    assert found["as_of"] == "2019-07-19T01:45:00+05:30"
    told = [entry["reason"] for entry in found["health"]["degraded"] if entry["signal"] == "direction.today"]
    assert told == [
        "the session of 2019-07-19 has no close to count a change from, so bars up to 2019-07-22T12:00:00+05:30 were "
        "not used; the forecast uses data up to 2019-07-19T01:45:00+05:30 only"
    ]


def test_models_have_seen_what_follows_a_session_before_the_last_of_their_training_and_of_no_other() -> None:
    last, before = WHOLE.spot.index[-1], WHOLE.spot.index[-2]
    for day, seen in ((before, True), (last, False)):
        found: Any = synthetic.document(*synthetic.trained_whole(), WHOLE.until(AsOf.of(day)))
        assert found["provenance"]["training_end"] == f"{last:%Y-%m-%d}"
        assert found["provenance"]["in_sample"] is seen


def test_the_engine_that_made_a_document_is_not_the_one_that_trained_its_models() -> None:
    made_by = synthetic.manifest(synthetic.trained_whole()[1]).engine_version
    found = said(FRIDAY, "15:31")["provenance"]
    assert (found["engine_version"], found["trained_by"]) == (__version__, made_by)
    assert made_by != __version__
    assert "engine_commit" not in found, "nobody has told it"
