"""Daily bars from Yahoo Finance through yfinance, which is imported here only, and only when bars are asked for."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pandas as pd

from aegismatrix_engine.bar_rules import PlacedBars
from aegismatrix_engine.errors import SourceBusy, SourceUnavailable
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.mends import Mend

if TYPE_CHECKING:
    from aegismatrix_engine.markets import Market

FIRST_DATE = "2000-01-01"
"""The NSE calendar begins here; Yahoo's NIFTY begins in September 2007."""

INDIA_VIX_FROM = pd.Timestamp("2010-08-01").as_unit("ns")
"""Before it, Yahoo's ^INDIAVIX is not NSE's series: up to 38 % off when compared with NSE's own file."""

PRICES = ("open", "high", "low", "close")
LONGEST_REASON = 160


class Yahoo:
    """Spot and volatility index under the symbols of the market."""

    name = "yahoo"

    def daily(self, market: "Market") -> MarketHistory:
        """The daily bars Yahoo has now; while a session runs its row is there too, and is partial.

        Raises:
            SourceBusy: Yahoo limits the rate or does not answer in time.
            SourceUnavailable: anything else that keeps the spot bars away. A volatility index that cannot be read
                leaves a history without it, and a note.
            DataError: the bars break a rule.
        """
        spot, mends = _bars(market.spot_symbol, PRICES)
        try:
            vix, vix_mends = _bars(market.vix_symbol, ("close",))
        except SourceUnavailable as error:
            return MarketHistory.from_bars(
                market, spot, None, (*mends, Mend(f"{market.vix_symbol} was left out: {error}"))
            )
        return MarketHistory.from_bars(market, spot, vix, mends + vix_mends)

    def with_intraday(self, history: MarketHistory) -> MarketHistory:
        """The history unchanged: intraday bars are not read from Yahoo."""
        return history


def _bars(symbol: str, prices: tuple[str, ...]) -> tuple[PlacedBars, tuple[Mend, ...]]:
    try:
        with _quiet():
            import yfinance as yf

            shown = yf.config.debug.hide_exceptions
            # raise_errors alone leaves the request for the time zone silent: a refused connection would be told as
            # a delisted symbol.
            yf.config.debug.hide_exceptions = False
            try:
                frame = yf.Ticker(symbol).history(
                    start=FIRST_DATE, interval="1d", actions=False, auto_adjust=False, keepna=True, raise_errors=True
                )
            finally:
                yf.config.debug.hide_exceptions = shown
    except Exception as error:
        # Whatever fails inside the library, malformed answers included, it is the source that failed.
        raise source_error(symbol, error) from error
    return placed_frame(symbol, frame, prices)


def placed_frame(symbol: str, frame: pd.DataFrame, prices: tuple[str, ...]) -> tuple[PlacedBars, tuple[Mend, ...]]:
    """Yahoo's frame as bars on naive exchange dates, and what was left out of it.

    Args:
        symbol: whose frame it is.
        frame: as ``Ticker.history`` returns it: capitalised columns, indexed by midnight of the exchange.
        prices: the columns to keep, in lower case.

    Raises:
        SourceUnavailable: no rows, or not the columns and dates that bars need.
    """
    wanted = {price.capitalize(): price for price in prices}
    if not isinstance(frame.index, pd.DatetimeIndex) or frame.empty or not set(wanted) <= set(frame.columns):
        raise SourceUnavailable(f"Yahoo has no bars for {symbol}; try again later, or use --source csv --data DIR")
    rows = frame[list(wanted)].rename(columns=wanted).apply(pd.to_numeric, errors="coerce").astype("float64")
    rows.index = pd.DatetimeIndex(frame.index.tz_localize(None).normalize(), name="date").as_unit("ns")
    mends: list[Mend] = []
    if symbol == "^INDIAVIX":
        early = rows.index < INDIA_VIX_FROM
        if early.any():
            text = (
                f"Yahoo's {symbol} before {INDIA_VIX_FROM:%Y-%m-%d} is not NSE's series and was left out ({{dates}})."
            )
            mends.append(Mend(text, tuple(rows.index[early].sort_values())))
            rows = rows[~early]
    blank = rows.isna().any(axis=1)
    if blank.any():
        text = f"Yahoo has no prices for {symbol} on {{dates}}; those rows were left out."
        mends.append(Mend(text, tuple(rows.index[blank].sort_values())))
        rows = rows[~blank]
    if rows.empty:
        raise SourceUnavailable(f"Yahoo has no prices for {symbol}; try again later, or use --source csv --data DIR")
    return PlacedBars(f"Yahoo {symbol}", rows.assign(line=0)), tuple(mends)


def source_error(symbol: str, error: Exception) -> SourceUnavailable:
    """What a failure inside yfinance, curl_cffi or requests is to a user: SourceBusy where waiting helps."""
    reason = " ".join(str(error).split())[:LONGEST_REASON]
    told = f"Yahoo did not give {symbol} ({type(error).__name__}: {reason})"
    if isinstance(error, _waiting_helps()):
        return SourceBusy(f"{told}; try again in some minutes")
    return SourceUnavailable(f"{told}; check the network, or use --source csv --data DIR")


def _waiting_helps() -> tuple[type[Exception], ...]:
    kinds: list[type[Exception]] = [TimeoutError]
    with _quiet():
        with suppress(ImportError):
            from yfinance.exceptions import YFRateLimitError

            kinds.append(YFRateLimitError)
        # yfinance runs on curl_cffi, and on requests where that is not installed.
        with suppress(ImportError):
            from curl_cffi.requests.exceptions import Timeout as CurlTimeout

            kinds.append(CurlTimeout)
        with suppress(ImportError):
            from requests.exceptions import Timeout as RequestsTimeout

            kinds.append(RequestsTimeout)
    return tuple(kinds)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps yfinance's log and its warnings about pandas from the user; its failures arrive as exceptions."""
    logger = logging.getLogger("yfinance")
    silenced = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = silenced
