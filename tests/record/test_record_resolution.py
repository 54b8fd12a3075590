"""What came of a forecast, decided on bars made by hand; what the bars do not know stays open, with the reason."""

import math
from dataclasses import replace

import pandas as pd
import pytest
from sample_rows import forecast

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.repairs import Doubt
from aegismatrix_engine.history.session_book import reconciled
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.record.resolution import Open, Resolver, waiting
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow

MARKET = get_market("nifty50")
# Diwali of 2018: Wednesday the 7th has an evening session, which counts in no horizon; the 8th is a holiday.
DAYS = pd.DatetimeIndex(
    ["2018-11-01", "2018-11-02", "2018-11-05", "2018-11-06", "2018-11-07", "2018-11-09", "2018-11-12", "2018-11-13"]
).as_unit("ns")
OPEN = [10000.0, 10000.0, 10050.0, 10000.0, 10110.0, 10100.0, 10000.0, 10000.0]
HIGH = [10010.0, 10060.0, 10080.0, 10100.0, 10150.0, 10140.0, 10020.0, 10030.0]
LOW = [9990.0, 9980.0, 9990.0, 9960.0, 10090.0, 9970.0, 9870.0, 9940.0]
CLOSE = [10000.0, 10050.0, 10000.0, 10100.0, 10120.0, 10000.0, 9900.0, 10000.0]
AT = pd.Timestamp("2018-11-13T16:30+05:30")


def daily() -> pd.DataFrame:
    return pd.DataFrame({"open": OPEN, "high": HIGH, "low": LOW, "close": CLOSE}, index=DAYS.rename("date"))


def intraday() -> pd.DataFrame:
    """Bars of the 6th: 10,100 is reached in the first, 9,960 in the fourth, from 10:00; then nothing leaves 10,000."""
    starts = pd.date_range("2018-11-06T09:15", periods=25, freq="15min", name="timestamp").as_unit("ns")
    bars = pd.DataFrame({"open": 10000.0, "high": 10010.0, "low": 9995.0, "close": 10005.0, "vix": 20.0}, index=starts)
    bars.loc["2018-11-06T09:15", "high"] = 10100.0
    bars.loc["2018-11-06T10:00", "low"] = 9960.0
    return bars


def history(spot: pd.DataFrame | None = None, bars: pd.DataFrame | None = None) -> MarketHistory:
    return MarketHistory(MARKET, daily() if spot is None else spot, None, intraday() if bars is None else bars)


def from_close(event: str, until: str, sessions: int, **more: str) -> ForecastRow:
    """From the close of the 5th, at 10,000."""
    return forecast(
        as_of="2018-11-05T15:30:00+05:30",
        origin="2018-11-05",
        until=until,
        sessions=str(sessions),
        spot="10000",
        event=event,
        **{"threshold": "", **more},
    )


def from_bar(time: str, event: str = "touch", until: str = "2018-11-06", **more: str) -> ForecastRow:
    """From inside the 6th, at 10,005."""
    row = from_close(event, until, 1 if until == "2018-11-06" else 2, **more)
    return replace(row, as_of=f"2018-11-06T{time}:00+05:30", spot="10005")


def came(row: ForecastRow, of: MarketHistory | None = None) -> ResolutionRow | Open | None:
    found = list(Resolver(of or history()).resolve([row], AT))
    return found[0] if found else None


TO_THE_6TH, TO_THE_9TH, TO_THE_12TH = ("2018-11-06", 1), ("2018-11-09", 2), ("2018-11-12", 3)
UP = math.log(10100 / 10000)
RETURNS_TO_THE_12TH = [math.log(10100 / 10000), math.log(10000 / 10100), math.log(9900 / 10000)]
TRAP = math.sqrt(sum(one**2 for one in RETURNS_TO_THE_12TH) / 3)
# From the 6th's close of 10,100, not from the evening's 10,120.
TRUE_RANGE_9TH = math.log(10140 / 9970)
TRUE_RANGE_12TH = math.log(10020 / 9870)
TRUE_RANGE_6TH = math.log(10100 / 9960)

GOLDEN: list[tuple[ForecastRow, int, float]] = [
    (from_close("up", *TO_THE_6TH, threshold="0.0099"), 1, UP),
    (from_close("up", *TO_THE_6TH, threshold="0.01"), 0, UP),
    (from_close("down", *TO_THE_6TH, threshold="0.0099"), 0, UP),
    (from_close("down", *TO_THE_12TH, threshold="0.01"), 1, math.log(0.99)),
    (from_close("down", *TO_THE_12TH, threshold="0.0101"), 0, math.log(0.99)),
    (from_close("up", *TO_THE_12TH, threshold="0.001"), 0, math.log(0.99)),
    (from_close("straddle", *TO_THE_12TH, threshold="0.01"), 1, math.log(0.99)),
    (from_close("straddle", *TO_THE_6TH, threshold="0.01"), 0, UP),
    (from_close("close_beyond", *TO_THE_6TH, threshold="99"), 1, 100),
    (from_close("close_beyond", *TO_THE_6TH, threshold="100"), 0, 100),
    (from_close("close_beyond", *TO_THE_9TH, threshold="50"), 0, 0),
    (from_close("range", *TO_THE_6TH, lower="10100", upper="10200"), 1, 10100),
    (from_close("range", *TO_THE_6TH, lower="10000", upper="10100"), 1, 10100),
    (from_close("range", *TO_THE_6TH, lower="10000", upper="10099.99"), 0, 10100),
    (from_close("range", *TO_THE_6TH, lower="10100.01", upper="10200"), 0, 10100),
    # The evening's 10,150 is a price on the way; the evening's close is none that decides.
    (from_close("touch", *TO_THE_6TH, threshold="100"), 0, 100),
    (from_close("touch", *TO_THE_9TH, threshold="149"), 1, 150),
    (from_close("touch", *TO_THE_9TH, threshold="150"), 0, 150),
    (from_close("touch", *TO_THE_12TH, threshold="149"), 1, 150),
    (from_close("trap", *TO_THE_12TH, threshold=f"{TRAP - 1e-6:.9g}"), 1, TRAP),
    (from_close("trap", *TO_THE_12TH, threshold=f"{TRAP + 1e-6:.9g}"), 0, TRAP),
    (from_close("breakout", *TO_THE_6TH, threshold="0.0139"), 1, TRUE_RANGE_6TH),
    (from_close("breakout", *TO_THE_9TH, threshold="0.0169"), 1, TRUE_RANGE_9TH),
    (from_close("breakout", *TO_THE_9TH, threshold="0.017"), 0, TRUE_RANGE_9TH),
    (from_close("breakout", *TO_THE_12TH, threshold="0.01508"), 1, TRUE_RANGE_12TH),
    (from_close("breakout", *TO_THE_12TH, threshold="0.01509"), 0, TRUE_RANGE_12TH),
    # Inside a session only the bars that began at the moment or later count, and the close.
    (from_bar("09:30", threshold="94"), 1, 95),
    (from_bar("09:30", threshold="95"), 0, 95),
    (from_bar("10:00", until="2018-11-09", threshold="144"), 1, 145),
    (from_bar("10:15", event="close_beyond", threshold="94"), 1, 95),
    (from_bar("15:30", threshold="94"), 1, 95),
]


@pytest.mark.parametrize(("row", "outcome", "observed"), GOLDEN, ids=lambda value: getattr(value, "event", None))
def test_an_event_is_decided_by_the_bars(row: ForecastRow, outcome: int, observed: float) -> None:
    told = came(row)
    assert isinstance(told, ResolutionRow)
    assert told.outcome == str(outcome)
    assert float(told.observed) == pytest.approx(observed, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize(
    ("time", "reached"), [("09:30", 45), ("10:00", 45), ("10:15", 10), ("15:15", 10), ("15:30", 5)]
)
def test_a_touch_inside_a_session_knows_only_what_came_after_its_moment(time: str, reached: float) -> None:
    """With a close of 10,000 that is touched by nothing itself; 10,100 was reached before every one of the moments."""
    spot = daily()
    spot.loc["2018-11-06", "close"] = 10000.0
    told = came(from_bar(time, threshold="20"), history(spot))
    assert isinstance(told, ResolutionRow)
    assert float(told.observed) == reached
    assert told.outcome == str(int(reached > 20))


def test_a_resolution_says_which_close_decided_it_and_when_it_was_looked_up() -> None:
    row = from_close("up", *TO_THE_6TH, threshold="0.002")
    told = came(row)
    assert isinstance(told, ResolutionRow)
    assert (told.forecast, told.as_of, told.signal, told.event) == (row.key, row.as_of, row.signal, "up")
    assert told.known_at == "2018-11-06T15:30:00+05:30"
    assert told.resolved_at == "2018-11-13T16:30:00+05:30"
    assert (told.until, told.market) == ("2018-11-06", "nifty50")


def test_nothing_is_decided_before_its_close() -> None:
    row = from_close("up", *TO_THE_6TH, threshold="0.002")
    before = history().complete_by(pd.Timestamp("2018-11-06T15:29:59+05:30"))
    assert came(row, before) is None
    assert isinstance(came(row, history().complete_by(pd.Timestamp("2018-11-06T15:30+05:30"))), ResolutionRow)


def test_a_touch_that_is_certain_already_waits_for_its_close_too() -> None:
    row = from_close("touch", *TO_THE_12TH, threshold="10")
    assert came(row, history().until(AsOf.of(pd.Timestamp("2018-11-09")))) is None


NEEDS = {
    "up": ({"2018-11-12"}, {"threshold": "0.002"}),
    "straddle": ({"2018-11-12"}, {"threshold": "0.002"}),
    "close_beyond": ({"2018-11-12"}, {"threshold": "50"}),
    "range": ({"2018-11-12"}, {"lower": "9000", "upper": "11000"}),
    "touch": ({"2018-11-06", "2018-11-07", "2018-11-09", "2018-11-12"}, {"threshold": "50"}),
    "trap": ({"2018-11-05", "2018-11-06", "2018-11-09", "2018-11-12"}, {"threshold": "0.01"}),
    "breakout": ({"2018-11-09", "2018-11-12"}, {"threshold": "0.01"}),
}


@pytest.mark.parametrize("event", NEEDS)
@pytest.mark.parametrize("absent", [f"{day:%Y-%m-%d}" for day in DAYS[1:-1]])
def test_a_session_that_is_missing_leaves_open_what_needs_it_and_nothing_else(event: str, absent: str) -> None:
    needed, more = NEEDS[event]
    row = from_close(event, *TO_THE_12TH, **more)
    told = came(row, history(daily().drop(pd.Timestamp(absent))))
    if absent in needed:
        assert told == Open(row, f"the session of {absent} is missing in the bars")
    else:
        assert told == came(row)


@pytest.mark.parametrize("event", NEEDS)
@pytest.mark.parametrize("rebuilt", [f"{day:%Y-%m-%d}" for day in DAYS[1:-1]])
def test_a_row_rebuilt_from_bars_decides_nothing(event: str, rebuilt: str) -> None:
    needed, more = NEEDS[event]
    row = from_close(event, *TO_THE_12TH, **more)
    told = came(row, replace(history(), provisional_closes=frozenset({pd.Timestamp(rebuilt)})))
    if rebuilt in needed:
        assert isinstance(told, Open)
        assert told.reason.startswith(f"the official close of {rebuilt} is missing")
    else:
        assert told == came(row)


@pytest.mark.parametrize("event", NEEDS)
@pytest.mark.parametrize("doubted", [f"{day:%Y-%m-%d}" for day in DAYS[1:-1]])
def test_a_close_in_doubt_decides_nothing(event: str, doubted: str) -> None:
    needed, more = NEEDS[event]
    row = from_close(event, *TO_THE_12TH, **more)
    told = came(row, history().with_doubts(Doubt(pd.Timestamp(doubted), "its bars say otherwise")))
    assert told == (Open(row, "its bars say otherwise") if doubted in needed else came(row))


def test_a_special_session_that_no_series_has_leaves_a_touch_open_and_no_close() -> None:
    """The Muhurat session of 2018-11-07, left out of the calendar as the session book does."""
    seen = reconciled(history(daily().drop(pd.Timestamp("2018-11-07"))))
    touch, up = (from_close(event, *TO_THE_12TH, threshold="0.002") for event in ("touch", "up"))
    assert came(touch, seen) == Open(touch, "the session of 2018-11-07 is missing in the bars")
    assert came(up, seen) == came(up)


def test_a_missing_bar_after_the_moment_leaves_a_touch_open_and_one_before_it_does_not() -> None:
    row = from_bar("10:00", threshold="20")
    for start, missing in (("10:00", 1), ("15:15", 1), ("09:45", 0)):
        told = came(row, history(bars=intraday().drop(pd.Timestamp(f"2018-11-06T{start}"))))
        if missing:
            assert told == Open(row, "1 of the 22 bars of 2018-11-06 after 10:00 are missing")
        else:
            assert told == came(row)
    assert came(row, replace(history(), bars=None)) == Open(
        row, "22 of the 22 bars of 2018-11-06 after 10:00 are missing"
    )


def test_a_touch_forecast_at_the_open_is_decided_by_the_row_of_the_whole_session() -> None:
    row = from_bar("09:15", threshold="94")
    for of in (history(), replace(history(), bars=None)):
        found = came(row, of)
        assert isinstance(found, ResolutionRow)
        assert (found.outcome, float(found.observed)) == ("1", 95)


def test_after_the_last_bar_a_touch_knows_the_close_alone() -> None:
    spot = daily()
    spot.loc["2018-11-06", "close"] = 10005.0
    found = came(from_bar("15:30", threshold="0.05"), history(spot))
    assert isinstance(found, ResolutionRow)
    assert (found.outcome, float(found.observed)) == ("0", 0)


def test_what_no_bar_can_decide_is_named() -> None:
    row = from_close("apocalypse", *TO_THE_6TH, threshold="1")
    assert came(row) == Open(row, "unknown event 'apocalypse'")


def test_one_that_stays_open_keeps_none_of_the_others_from_being_decided() -> None:
    good = from_close("up", *TO_THE_6TH, threshold="0.002")
    bad = from_close("apocalypse", *TO_THE_6TH)
    found = list(Resolver(history()).resolve([bad, good, bad], AT))
    assert [type(one) for one in found] == [Open, ResolutionRow, Open]


def test_what_is_resolved_waits_no_more() -> None:
    rows = [from_close("up", *TO_THE_6TH, threshold="0.002"), from_close("down", *TO_THE_6TH, threshold="0.002")]
    assert waiting(rows, [rows[0].key]) == [rows[1]]
    assert waiting(rows, []) == rows
