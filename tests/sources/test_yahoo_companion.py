"""The companion index from Yahoo: by the symbol of its own market, with that market's closes, and once a run."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
from machine_clock import machine_clock
from yahoo_server import YahooServer, live_bars, pointed_at

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import Market, get_market
from aegismatrix_engine.markets.market import Companion
from aegismatrix_engine.network.retries import Pauses
from aegismatrix_engine.sources.yahoo.http_budget import Patience
from aegismatrix_engine.sources.yahoo.source import Yahoo

NIFTY = get_market("nifty50")
INDIA = replace(get_market("banknifty"), companion=Companion(NIFTY, same_sessions=True))
US = replace(INDIA, companion=Companion(get_market("sp500"), same_sessions=False))
NOW = pd.Timestamp("2026-07-15T15:35+05:30")
PATIENT = Patience(pauses=Pauses(attempts=3, first=0.01, longest=0.05, jitter=0.01))
BARS = live_bars(NIFTY, NOW)
SPOT = {("^NSEBANK", interval): BARS["^NSEI", interval] for interval in ("1d", "15m")}


@pytest.fixture
def server() -> Iterator[YahooServer]:
    with YahooServer(BARS | SPOT) as server, pointed_at(server.address):
        yield server


def read(*markets: Market, now: pd.Timestamp = NOW) -> list[MarketHistory]:
    source = Yahoo(None, now, PATIENT)
    with machine_clock(now):
        return [source.with_us_series(source.daily(market)) for market in markets]


def test_its_closes_are_those_of_its_own_market(server: YahooServer) -> None:
    (history,) = read(INDIA)
    assert history.companion is not None
    # Until a quarter of an hour after the close today's row is no close yet.
    assert history.companion.index[-1] == pd.Timestamp("2026-07-14")
    given = server.series["^INDIAVIX", "1d"].bars["close"]
    assert history.companion["close"].to_list() == given.loc[: pd.Timestamp("2026-07-14")].to_list()
    assert [one.symbol for one in history.inputs if one.series == "companion_daily"] == ["^INDIAVIX"]
    assert history.vix is None


def test_it_is_requested_once_also_where_it_is_a_series_of_the_us(server: YahooServer) -> None:
    one, other = read(US, replace(US, id="other"))
    assert one.companion is not None
    assert other.companion is not None
    assert one.companion.equals(other.companion)
    assert sum("%5EVIX" in path or "^VIX" in path for path in server.charts()) == 1


def test_a_run_goes_without_it_where_yahoo_fails(server: YahooServer) -> None:
    server.fault["^INDIAVIX"] = "absent"
    (history,) = read(INDIA)
    assert history.companion is None
    assert any(note.startswith("The daily bars of ^INDIAVIX were left out: ") for note in history.notes)
