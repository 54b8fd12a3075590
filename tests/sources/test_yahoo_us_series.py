"""The S&P 500 and INDA from Yahoo: what is taken of the answer, what a history does without, and what is stored."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from machine_clock import machine_clock
from yahoo_server import YahooServer, live_bars, pointed_at

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.network.retries import Pauses
from aegismatrix_engine.sources.yahoo.http_budget import Patience
from aegismatrix_engine.sources.yahoo.source import Yahoo

MARKET = get_market("nifty50")
NOW = pd.Timestamp("2026-07-15T08:40+05:30")
YESTERDAY = pd.Timestamp("2026-07-14")
PATIENT = Patience(pauses=Pauses(attempts=3, first=0.01, longest=0.05, jitter=0.01))
US_SPOT, INDA = ("^GSPC", "1d"), ("INDA", "1d")
BARS = live_bars(MARKET, NOW)


@pytest.fixture
def server() -> Iterator[YahooServer]:
    with YahooServer({key: replace(series) for key, series in BARS.items()}) as server, pointed_at(server.address):
        yield server


def read(now: pd.Timestamp = NOW, cache: Path | None = None) -> MarketHistory:
    source = Yahoo(cache, now, PATIENT)
    with machine_clock(now):
        return source.with_us_series(source.daily(MARKET))


def serve(server: YahooServer, key: tuple[str, str], bars: pd.DataFrame) -> None:
    server.series[key] = replace(server.series[key], bars=bars)


def inda(history: MarketHistory) -> pd.DataFrame:
    assert history.inda is not None
    return history.inda


def us_spot(history: MarketHistory) -> pd.DataFrame:
    assert history.us_spot is not None
    return history.us_spot


def test_closes_of_inda_are_those_that_were_paid_and_never_the_adjusted_ones(server: YahooServer) -> None:
    given = server.series[INDA].bars
    assert (given["adjusted"] != given["close"]).sum() > 40
    found = inda(read())
    assert list(found.columns) == ["close"]
    np.testing.assert_array_equal(found["close"], given["close"])


def test_a_row_of_the_s_and_p_may_hold_a_close_alone(server: YahooServer) -> None:
    bars = server.series[US_SPOT].bars.copy()
    bars.iloc[[7, -1], :3] = np.nan
    serve(server, US_SPOT, bars)
    history = read()
    pd.testing.assert_frame_equal(us_spot(history), bars, check_exact=True, check_names=False, check_freq=False)
    assert history.notes == ()


@pytest.mark.parametrize("factor", [0.5, 0.1, 2.0])
def test_a_split_is_kept_as_it_was_paid_and_reported(server: YahooServer, factor: float) -> None:
    bars = server.series[INDA].bars.copy()
    bars.iloc[30:] *= factor
    serve(server, INDA, bars)
    history = read()
    np.testing.assert_array_equal(inda(history)["close"], bars["close"])
    assert history.notes == (
        f"Yahoo INDA: the closes of {bars.index[30]:%Y-%m-%d} are further from the ones before than a market moves, as "
        "after a split; those nights are left out.",
    )
    before = bars.index[29] + pd.Timedelta("17h")
    assert history.complete_by(before.tz_localize("America/New_York")).notes == ()


def test_closes_that_leap_again_and_again_are_no_fund_s(server: YahooServer) -> None:
    bars = server.series[INDA].bars.copy()
    bars.iloc[10:50:10] *= np.array([[2.0], [4.0], [8.0], [16.0]])
    bars["close"] = bars["close"] * np.where(np.arange(len(bars)) % 12 < 6, 1.0, 3.0)
    serve(server, INDA, bars)
    history = read()
    assert history.inda is None
    assert any(note.startswith("The daily bars of INDA were left out: ") for note in history.notes)


def test_a_spike_of_a_day_is_left_out_and_a_price_of_300_dollars_is_not(server: YahooServer) -> None:
    bars = server.series[INDA].bars * 6
    assert bars["close"].min() > 200
    bars.iloc[20, 0] *= 100
    serve(server, INDA, bars)
    history = read()
    assert list(inda(history).index) == list(bars.index.drop(bars.index[20]))
    assert history.notes == (
        f"Yahoo's prices for INDA on {bars.index[20]:%Y-%m-%d} are impossible in a market; those rows were left out.",
    )


@pytest.mark.parametrize("key", [US_SPOT, INDA])
@pytest.mark.parametrize("fault", ["html", "empty", "absent"])
def test_a_history_goes_without_a_series_that_fails(server: YahooServer, key: tuple[str, str], fault: str) -> None:
    server.fault[key[0]] = fault
    history = read()
    assert [history.us_spot is None, history.inda is None] == [key == US_SPOT, key == INDA]
    assert history.us_vix is not None
    assert len(history.notes) == 1
    assert history.notes[0].startswith(f"The daily bars of {key[0]} were left out: ")


@pytest.mark.parametrize("key", [US_SPOT, INDA])
def test_a_store_of_before_these_series_is_read_and_extended(
    server: YahooServer, tmp_path: Path, key: tuple[str, str]
) -> None:
    read(cache=tmp_path)
    names = ("nifty50-us_spot_daily.bars", "nifty50-inda_daily.bars")
    for name in names:
        (tmp_path / name).unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert "nifty50-us_vix_daily.bars" in before
    history = read(NOW + pd.Timedelta(minutes=10), tmp_path)
    assert history.notes == ()
    assert {path.name for path in tmp_path.iterdir()} == {*before, *names}
    server.fault[key[0]] = "absent"
    stored = read(NOW + pd.Timedelta(minutes=20), tmp_path)
    assert stored.content_hash() == history.content_hash()
    series = "us_spot_daily" if key == US_SPOT else "inda_daily"
    assert [given.served_by for given in stored.inputs if given.series == series] == ["store"]


def test_closes_alone_come_back_from_the_store_as_they_went_in(server: YahooServer, tmp_path: Path) -> None:
    bars = server.series[US_SPOT].bars.copy()
    bars.iloc[[7, -1], :3] = np.nan
    serve(server, US_SPOT, bars)
    good = read(cache=tmp_path)
    server.fault["^GSPC"] = "absent"
    history = read(cache=tmp_path)
    pd.testing.assert_frame_equal(us_spot(history), us_spot(good), check_exact=True)


def test_a_damaged_store_of_one_series_is_reported_and_not_used(server: YahooServer, tmp_path: Path) -> None:
    read(cache=tmp_path)
    path = tmp_path / "nifty50-inda_daily.bars"
    path.write_bytes(path.read_bytes()[:-9])
    server.fault["INDA"] = "absent"
    history = read(cache=tmp_path)
    assert history.inda is None
    assert us_spot(history).index[-1] == YESTERDAY


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("key", [US_SPOT, INDA])
def test_a_row_of_a_us_session_that_is_not_over_changes_nothing(
    server: YahooServer, tmp_path: Path, key: tuple[str, str], stored: bool
) -> None:
    """At 01:00 in India the US trades: Yahoo has a row of the day, and its close is not known."""
    now, cache = pd.Timestamp("2026-07-15T01:00+05:30"), tmp_path if stored else None
    bars = server.series[key].bars
    serve(server, key, bars.loc[: YESTERDAY - pd.Timedelta(days=1)])
    without = read(now, cache)
    for factor in (1.01, 100.0):
        wild = bars.copy()
        wild.iloc[-1] *= factor
        serve(server, key, wild)
        found = read(now, cache)
        assert found.content_hash() == without.content_hash()
        assert found.notes == without.notes
    serve(server, key, bars)
    assert (inda if key == INDA else us_spot)(read(NOW, cache)).index[-1] == YESTERDAY


def test_the_other_market_asks_for_neither() -> None:
    market, now = get_market("sp500"), pd.Timestamp("2026-07-15T11:07:30-04:00")
    with YahooServer(live_bars(market, now)) as server, pointed_at(server.address):
        source = Yahoo(None, now, PATIENT)
        with machine_clock(now):
            history = source.with_us_series(source.daily(market))
        assert len(server.charts()) == 2
    assert (history.us_vix, history.us_spot, history.inda) == (None, None, None)
