"""What a market is to the engine: its symbols, zone, strike step, calendar and expiry rules."""

from dataclasses import dataclass, field
from typing import Final

from pandas import Timestamp

from aegismatrix_engine.markets.expiry_rules import ExpiryRules, MovedExpiry
from aegismatrix_engine.markets.scheduled_events import EventTable
from aegismatrix_engine.markets.sessions import SessionCalendar

SESSIONS_PER_YEAR: Final = 252
"""Sessions that count as a year where an entry does not say another number."""

LARGEST_DAILY_CHANGE: Final = 0.40
"""The largest plausible change of a close, in logarithms, where an entry does not say another one.

Above NIFTY's largest daily change (0.163, 2009-05-18) and the S&P 500's (0.229, 1987-10-19); a price in another unit,
or of another index, lies beyond."""


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
class VolatilityIndex:
    """The index of a market's own implied volatility.

    Attributes:
        symbol: Yahoo's.
        first_date: the first date on which Yahoo's rows are those of the publisher; None where all are.
        publisher: who calculates it, as messages name it.
    """

    name: str
    symbol: str
    first_date: Timestamp | None = None
    publisher: str | None = None


@dataclass(frozen=True)
class Companion:
    """Another market, whose volatility index is a feature of a market's forecasts and never an implied level of it.

    Attributes:
        market: whose index it is.
        same_sessions: whether both have the same calendar, so that both closes of a date are known by one time.
    """

    market: "Market"
    same_sessions: bool

    @property
    def index_name(self) -> str:
        """The name of the index."""
        return self.market.volatility_index_name


@dataclass(frozen=True)
class Market:
    """An index with listed options.

    Attributes:
        id: the name on the command line and in documents.
        spot_symbol: Yahoo's.
        volatility_index: the market's own; None where there is none.
        us_vix_symbol, us_spot_symbol, us_fund_symbol: Yahoo's for the US VIX, the S&P 500 and a US-listed fund of the
            market's shares; ``None`` where the market has no US night.
        zone: IANA name.
        strike_step: index points between strikes near the money.
        events: scheduled events, one table a kind.
        gamma_windows: windows of a session whose share of variance is published, 'HH:MM' in the exchange's zone.
        closures_announced: when the exchange announces closures, after the word "closures".
        sessions_per_year: sessions that count as a year.
        largest_daily_change: the largest plausible change from close to close, in logarithms.
        companion: the market whose volatility index is a feature of this one's forecasts.
        averaged_through: the last date on which the official close is an average of the session's last half hour.
        lunch_break: whether trading stops for lunch, so that bars are not counted through a session.
        calendar_file: the operator's file that ``calendar`` includes.
        moved_expiries: expiries of the rules that the exchange lists on another session; in order, and none passes
            another expiry.
    """

    id: str
    name: str
    spot_symbol: str
    volatility_index: VolatilityIndex | None
    us_vix_symbol: str | None
    us_spot_symbol: str | None
    us_fund_symbol: str | None
    zone: str
    strike_step: int
    calendar: SessionCalendar
    expiry_rules: ExpiryRules
    events: tuple[EventTable, ...]
    gamma_windows: tuple[tuple[str, str], ...]
    closures_announced: str = "that the exchange announces"
    sessions_per_year: int = SESSIONS_PER_YEAR
    largest_daily_change: float = LARGEST_DAILY_CHANGE
    companion: Companion | None = None
    averaged_through: Timestamp | None = None
    lunch_break: bool = False
    # Markets with different files differ by their calendars already.
    calendar_file: CalendarFile | None = field(default=None, compare=False)
    moved_expiries: tuple[MovedExpiry, ...] = ()

    @property
    def volatility_index_name(self) -> str:
        """The name of the volatility index, or what stands for one where the market has none."""
        return "a volatility index" if self.volatility_index is None else self.volatility_index.name

    @property
    def vix_symbol(self) -> str:
        """Yahoo's symbol of the volatility index; empty where the market has none."""
        return "" if self.volatility_index is None else self.volatility_index.symbol

    @property
    def companion_id(self) -> str | None:
        """The id of the market whose volatility index is the companion index; None without one."""
        return None if self.companion is None else self.companion.market.id

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
