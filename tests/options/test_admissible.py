"""Which snapshot of a chain counts for a document: by its moment, and by the index level that it states."""

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from chain_files import strikes_round
from priced_chains import Mixture, legs_at

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_checks import checked_intraday, checked_spot
from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.admissible import DocumentMoment, refusal
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.options.forward import RATE
from aegismatrix_engine.options.settlement import has_settled
from aegismatrix_engine.options.time_to_expiry import settlement, years_left

MARKET = get_market("nifty50")
SPOT = 24000.0


def ist(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="Asia/Kolkata")


def chain(as_of: str, underlying: float = SPOT, source: str = "nse") -> OptionChain:
    return OptionChain(source, ist(as_of), underlying, (), (), ())


def why_not(as_of: str, bars_to: str, now: str, underlying: float = SPOT) -> str | None:
    return refusal(chain(as_of, underlying), DocumentMoment(ist(bars_to), ist(now), SPOT), MARKET)


@pytest.mark.parametrize(
    ("stamp", "bars_to", "now", "counts"),
    [
        # In a session: 20 minutes before the newest bar to 15 after it.
        ("2026-06-19 13:40", "2026-06-19 14:00", "2026-06-19 14:20", True),
        ("2026-06-19 13:39:59", "2026-06-19 14:00", "2026-06-19 14:20", False),
        ("2026-06-19 14:15", "2026-06-19 14:00", "2026-06-19 14:20", True),
        ("2026-06-19 14:15:01", "2026-06-19 14:00", "2026-06-19 14:20", False),
        # Never later than now.
        ("2026-06-19 14:05:01", "2026-06-19 14:00", "2026-06-19 14:05", False),
        ("2026-06-19 14:00:01", "2026-06-19 14:00", "2026-06-19 14:00", False),
        ("2026-06-19 14:00", "2026-06-19 14:00", "2026-06-19 14:00", True),
        # Before the first complete bar: 30 minutes from the open on.
        ("2026-06-19 09:15", "2026-06-18 15:30", "2026-06-19 09:20", True),
        ("2026-06-19 09:44", "2026-06-19 02:30", "2026-06-19 09:44", True),
        ("2026-06-19 09:45", "2026-06-18 15:30", "2026-06-19 09:50", True),
        ("2026-06-19 09:45:01", "2026-06-18 15:30", "2026-06-19 09:50", False),
        ("2026-06-18 15:30", "2026-06-18 15:30", "2026-06-19 09:20", False),
        # The stamp of the close repeats all evening, and over the weekend.
        ("2026-06-19 15:30", "2026-06-19 15:30", "2026-06-19 15:31", True),
        ("2026-06-19 15:30", "2026-06-19 15:30", "2026-06-19 23:00", True),
        ("2026-06-19 15:30", "2026-06-20 02:30", "2026-06-20 08:00", True),
        ("2026-06-19 15:30", "2026-06-19 15:30", "2026-06-21 12:00", True),
        ("2026-06-19 15:30", "2026-06-20 02:30", "2026-06-22 07:40", True),
        # Not one of before the close, nor of another day.
        ("2026-06-19 15:29:59", "2026-06-19 15:30", "2026-06-19 18:00", False),
        ("2026-06-18 15:30", "2026-06-19 15:30", "2026-06-19 18:00", False),
        ("2026-06-22 15:30", "2026-06-19 15:30", "2026-06-22 18:00", False),
        # Since August 2026 the close is that of an auction, and derivatives trade five minutes longer.
        ("2026-08-07 15:40", "2026-08-07 15:35", "2026-08-07 19:00", True),
        ("2026-08-07 15:35", "2026-08-07 15:35", "2026-08-07 15:36", True),
        ("2026-08-07 15:29", "2026-08-07 15:15", "2026-08-07 15:31", True),
        ("2026-08-07 15:20", "2026-08-07 15:35", "2026-08-07 19:00", False),
    ],
)
def test_the_moment_of_a_chain_decides(stamp: str, bars_to: str, now: str, counts: bool) -> None:
    why = why_not(stamp, bars_to, now)
    assert (why is None) == counts, why
    if why is not None:
        assert stamp.removesuffix(":00") in why
        assert "; " in why


def test_what_is_refused_says_what_was_expected() -> None:
    evening = why_not("2026-06-18 15:30", "2026-06-19 15:30", "2026-06-19 18:00")
    assert evening == (
        "it is of 2026-06-18 15:30: expected the one of the close of 2026-06-19, 15:30 to 15:45; fetch the chain again"
    )
    later = why_not("2026-06-19 18:00:01", "2026-06-19 15:30", "2026-06-19 18:00")
    assert later == (
        "it is of 2026-06-19 18:00:01, which is later than 2026-06-19 18:00; correct the clock, or name a later moment"
    )


def test_a_moment_counts_in_any_zone() -> None:
    moment = DocumentMoment(pd.Timestamp("2026-06-19T08:30Z"), pd.Timestamp("2026-06-19T08:50Z"), SPOT)
    utc = OptionChain("upstox", pd.Timestamp("2026-06-19T08:45Z"), SPOT, (), (), ())
    assert refusal(utc, moment, MARKET) is None


@pytest.mark.parametrize(
    ("level", "bar", "counts"),
    [
        # With a bar within a quarter of an hour 1 % is allowed, whatever the last close was.
        (22200.0, 22000.0, True),
        (22230.0, 22000.0, False),
        (21790.0, 22000.0, True),
        (21770.0, 22000.0, False),
    ],
)
def test_the_level_must_be_near_that_of_a_bar(level: float, bar: float, counts: bool) -> None:
    ends = pd.DatetimeIndex([ist("2026-06-19 13:30"), ist("2026-06-19 13:45"), ist("2026-06-19 14:00")])
    moment = DocumentMoment(ends[-1], ends[-1], SPOT, ends, np.array([1.0, 1.0, bar]))
    why = refusal(chain("2026-06-19 13:55", level), moment, MARKET)
    assert (why is None) == counts
    if why is not None:
        assert "the close of the bar that ends at 2026-06-19 14:00, 22000.00: expected at most 1 %" in why


@pytest.mark.parametrize(("level", "counts"), [(25900.0, True), (25930.0, False), (22090.0, True), (51000.0, False)])
def test_without_a_bar_the_level_must_be_near_the_last_close(level: float, counts: bool) -> None:
    why = why_not("2026-06-19 15:30", "2026-06-19 15:30", "2026-06-19 18:00", level)
    assert (why is None) == counts
    if why is not None:
        assert "from the last close, 24000.00: expected at most 8 %; use the chain of NIFTY 50" in why


@pytest.mark.parametrize(("bar_ends", "counts"), [("2026-06-19 13:15", False), ("2026-06-19 13:14:59", True)])
def test_a_bar_counts_as_near_within_a_quarter_of_an_hour(bar_ends: str, counts: bool) -> None:
    # The bar is 4 % away, which only the last close would allow.
    ends = pd.DatetimeIndex([ist(bar_ends)])
    moment = DocumentMoment(ist("2026-06-19 13:30"), ist("2026-06-19 13:30"), SPOT, ends, np.array([23000.0]))
    assert (refusal(chain("2026-06-19 13:30"), moment, MARKET) is None) == counts


@pytest.mark.parametrize(
    ("times", "counts"), [(1.0, True), (1.075, True), (1.085, False), (0.915, False), (2.4, False)]
)
def test_without_a_stated_level_that_which_its_prices_name_must_be_near(times: float, counts: bool) -> None:
    moment, expiry = ist("2026-06-19 15:30"), pd.Timestamp("2026-06-30")
    years = years_left(moment, settlement(MARKET, expiry))
    forward, total = times * SPOT * math.exp(RATE * years), 0.14 * math.sqrt(years)
    call, strikes = Mixture.lognormal(total, forward).call, strikes_round(forward, total)
    legs = replace(legs_at(call, strikes, forward=forward, discount=math.exp(-RATE * years)), expiry=expiry)
    nameless = OptionChain("nse", moment, math.nan, (legs,), (), ())
    why = refusal(nameless, DocumentMoment(moment, ist("2026-06-19 18:00"), SPOT), MARKET)
    assert (why is None) == counts
    if why is not None:
        assert re.match(r"its prices name the unstated index level \d+\.\d\d, which is [+-]\d+", why)


def test_a_chain_without_a_level_and_without_prices_is_judged_by_its_moment_alone() -> None:
    assert why_not("2026-06-19 15:30", "2026-06-19 15:30", "2026-06-19 18:00", np.nan) is None


def test_the_bars_of_a_history_have_their_ends() -> None:
    days = pd.DatetimeIndex(["2026-06-17", "2026-06-18"], name="date").as_unit("ns")
    starts = pd.DatetimeIndex(["2026-06-19 09:15", "2026-06-19 09:30"], name="timestamp").as_unit("ns")
    history = MarketHistory.from_bars(MARKET, checked_spot(bars(days), MARKET.calendar), None)
    history = history.with_intraday(checked_intraday(bars(starts), MARKET.calendar), None)
    moment = DocumentMoment.of(history, ist("2026-06-19 09:45"), ist("2026-06-19 09:50"))
    assert moment.bar_ends.tolist() == [ist("2026-06-19 09:30"), ist("2026-06-19 09:45")]
    assert (moment.bar_closes.tolist(), moment.last_close) == ([SPOT, SPOT], SPOT)


def bars(index: pd.DatetimeIndex) -> SourcedBars:
    level = np.full(len(index), SPOT)
    rows = pd.DataFrame({"open": level, "high": level + 9, "low": level - 9, "close": level}, index=index)
    return SourcedBars("bars.csv", rows.assign(line=np.arange(2, 2 + len(index), dtype=np.int64)))


@pytest.mark.parametrize(
    ("expiry", "settles"),
    [
        ("2026-06-23", "2026-06-23 15:30"),
        ("2026-08-04", "2026-08-04 15:35"),
        # No session of our calendar: the exchange lists it, so it has the usual hours.
        ("2026-06-27", "2026-06-27 15:30"),
    ],
)
def test_options_settle_at_the_official_close_of_their_day(expiry: str, settles: str) -> None:
    date, at = pd.Timestamp(expiry), ist(settles)
    assert settlement(MARKET, date) == at
    assert has_settled(MARKET, date, at)
    assert not has_settled(MARKET, date, at - pd.Timedelta(seconds=1))
    assert has_settled(MARKET, date, at + pd.Timedelta(days=1))
    assert not has_settled(MARKET, date, at - pd.Timedelta(days=1))
