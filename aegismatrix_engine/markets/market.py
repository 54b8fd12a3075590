"""What a market is to the engine: its symbols, zone, strike step, calendar and expiry rules."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from pandas import Timestamp

from aegismatrix_engine.errors import MarketUnknown
from aegismatrix_engine.markets import nse_sessions, nyse_sessions
from aegismatrix_engine.markets.expiry_rules import ExpiryRules, MovedExpiry, read_expiry_rules
from aegismatrix_engine.markets.scheduled_events import EventTable, read_event_tables
from aegismatrix_engine.markets.sessions import SessionCalendar


@dataclass(frozen=True)
class CalendarFile:
    """An operator's file whose entries replace those of a market's calendar, and how many of them differ from it.

    Attributes:
        file: the file's name, without its folder.
        sha256: of the file's bytes, in hexadecimal digits.
        closures: closures on sessions of the engine's own calendar.
        sessions: regular and special sessions that it does not have, or has of another kind or with other hours.
        hours: hours that differ from its own; each first date counts once.
        warnings: entries without any effect, one line each.
    """

    file: str
    sha256: str
    closures: int
    sessions: int
    hours: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Market:
    """An index with a volatility index and listed options.

    Attributes:
        id: the name on the command line and in documents.
        spot_symbol, vix_symbol: Yahoo's.
        us_vix_symbol, us_spot_symbol, us_fund_symbol: Yahoo's for the US VIX, the S&P 500 and a US-listed fund of the
            market's shares; ``None`` where the market has no US night.
        zone: IANA name.
        strike_step: index points between strikes near the money.
        events: scheduled events, one table a kind.
        gamma_windows: windows of a session whose share of variance is published, 'HH:MM' in the exchange's zone.
        averaged_through: the last date on which the official close is an average of the session's last half hour.
        calendar_file: the operator's file that ``calendar`` includes.
        moved_expiries: expiries of the rules that the exchange lists on another session; in order, and none passes
            another expiry.
    """

    id: str
    name: str
    volatility_index_name: str
    spot_symbol: str
    vix_symbol: str
    us_vix_symbol: str | None
    us_spot_symbol: str | None
    us_fund_symbol: str | None
    zone: str
    strike_step: int
    calendar: SessionCalendar
    expiry_rules: ExpiryRules
    events: tuple[EventTable, ...]
    gamma_windows: tuple[tuple[str, str], ...]
    averaged_through: Timestamp | None = None
    # Markets with different files differ by their calendars already.
    calendar_file: CalendarFile | None = field(default=None, compare=False)
    moved_expiries: tuple[MovedExpiry, ...] = ()

    @property
    def us_symbols(self) -> dict[str, str]:
        """Yahoo's symbols of the US series that the market uses, by the names of the series."""
        symbols = {
            "us_vix_daily": self.us_vix_symbol,
            "us_spot_daily": self.us_spot_symbol,
            "inda_daily": self.us_fund_symbol,
        }
        return {series: symbol for series, symbol in symbols.items() if symbol is not None}

    def averages_close(self, session: Timestamp) -> bool:
        """Whether the official close of a session is an average of its last half hour, not the price of an auction."""
        return self.averaged_through is not None and session <= self.averaged_through


def _nifty50() -> Market:
    return Market(
        id="nifty50",
        name="NIFTY 50",
        volatility_index_name="India VIX",
        spot_symbol="^NSEI",
        vix_symbol="^INDIAVIX",
        us_vix_symbol="^VIX",
        us_spot_symbol="^GSPC",
        us_fund_symbol="INDA",
        zone=nse_sessions.ZONE,
        strike_step=50,
        calendar=nse_sessions.NseSessions(),
        expiry_rules=read_expiry_rules("nifty50"),
        events=read_event_tables("nifty50"),
        gamma_windows=tuple(pairwise(("09:15", "09:45", "10:45", "12:00", "14:00", "15:00", "15:30"))),
        # NSE circular CMTR72394 of 2026-01-19: a closing auction from 2026-08-03.
        averaged_through=Timestamp("2026-08-02").as_unit("ns"),
    )


def _sp500() -> Market:
    return Market(
        id="sp500",
        name="S&P 500",
        volatility_index_name="VIX",
        spot_symbol="^GSPC",
        vix_symbol="^VIX",
        us_vix_symbol=None,
        us_spot_symbol=None,
        us_fund_symbol=None,
        zone=nyse_sessions.ZONE,
        strike_step=5,
        calendar=nyse_sessions.NyseSessions(),
        expiry_rules=read_expiry_rules("sp500"),
        events=read_event_tables("sp500"),
        gamma_windows=tuple(pairwise(("09:30", "10:00", "11:00", "12:30", "14:30", "15:30", "16:00"))),
    )


_MARKETS: dict[str, Callable[[], Market]] = {"nifty50": _nifty50, "sp500": _sp500}


def known_markets() -> tuple[str, ...]:
    """The ids that `get_market` knows, in alphabetical order."""
    return tuple(sorted(_MARKETS))


@cache
def get_market(market_id: str) -> Market:
    """The market of that id, the same object on every call; raises `MarketUnknown`."""
    if market_id not in _MARKETS:
        raise MarketUnknown(f"invalid market {market_id!r}: expected one of {', '.join(known_markets())}")
    return _MARKETS[market_id]()
