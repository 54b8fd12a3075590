import pickle
import subprocess
import sys
from importlib.resources import files
from itertools import pairwise

import pytest
from pandas import Timestamp

from aegismatrix_engine import markets
from aegismatrix_engine.errors import MarketUnknown
from aegismatrix_engine.markets import get_market, known_markets


def test_the_markets_that_ship() -> None:
    assert known_markets() == ("banknifty", "nifty50", "sensex", "sp500")
    nifty, sp500 = get_market("nifty50"), get_market("sp500")
    assert (nifty.spot_symbol, nifty.vix_symbol, nifty.zone, nifty.strike_step) == (
        "^NSEI",
        "^INDIAVIX",
        "Asia/Kolkata",
        50,
    )
    assert (sp500.spot_symbol, sp500.vix_symbol, sp500.zone, sp500.strike_step) == (
        "^GSPC",
        "^VIX",
        "America/New_York",
        5,
    )
    assert get_market("nifty50") is nifty


def test_an_unknown_market_names_the_known_ones() -> None:
    with pytest.raises(MarketUnknown, match="invalid market 'dax': expected one of banknifty, nifty50, sensex, sp500"):
        get_market("dax")


@pytest.mark.parametrize("market_id", known_markets())
def test_gamma_windows_cover_the_session_without_gap(market_id: str) -> None:
    market = get_market(market_id)
    windows = market.gamma_windows
    hours = market.calendar.hours(Timestamp("2022-12-30"))
    assert len(windows) == 6
    assert windows[0][0] == f"{hours.opens:%H:%M}"
    assert windows[-1][1] == f"{hours.continuous_close:%H:%M}"
    assert all(end == start for (_, end), (start, _) in pairwise(windows))
    assert all(start < end for start, end in windows)


def test_nifty_windows_are_those_of_the_contract() -> None:
    windows = ["-".join(window) for window in get_market("nifty50").gamma_windows]
    assert windows == ["09:15-09:45", "09:45-10:45", "10:45-12:00", "12:00-14:00", "14:00-15:00", "15:00-15:30"]


@pytest.mark.parametrize("market_id", known_markets())
def test_a_market_travels_to_another_process(market_id: str) -> None:
    market = get_market(market_id)
    day = Timestamp("2022-12-29")
    sent = pickle.loads(pickle.dumps(market))
    assert sent.gamma_windows == market.gamma_windows
    assert markets.primary_expiry(sent, day) == markets.primary_expiry(market, day)


@pytest.mark.parametrize("table", ["nse_sessions.toml", "entries/nifty50.toml", "events/fomc.toml"])
def test_the_tables_ship_with_the_package(table: str) -> None:
    assert files(markets).joinpath(table).is_file()


def test_nifty_needs_no_calendar_library_and_both_markets_only_when_asked() -> None:
    # In a process of its own: here the libraries are already loaded.
    code = """
import sys
import numpy, pandas
before = set(sys.modules)
from aegismatrix_engine.markets import get_market, primary_expiry
day = pandas.Timestamp("2022-12-29")
get_market("nifty50").calendar.closes_at(day)
primary_expiry(get_market("nifty50"), day)
get_market("sp500")
new = {name.partition(".")[0] for name in set(sys.modules) - before}
foreign = new - set(sys.stdlib_module_names) - {"aegismatrix_engine", "numpy", "pandas", "tzdata"}
assert not foreign, foreign
assert "exchange_calendars" not in sys.modules
get_market("sp500").calendar.closes_at(day)
assert "exchange_calendars" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
