"""One series of one symbol from Yahoo's chart endpoint through yfinance, asked for again where waiting helps."""

import atexit
import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import pandas as pd

from aegismatrix_engine.errors import SourceBusy, SourceUnavailable
from aegismatrix_engine.network.retries import repeated
from aegismatrix_engine.sources.yahoo.errors import asking_helps, quiet, source_error
from aegismatrix_engine.sources.yahoo.http_budget import Budget, Patience, RefusedRequest, budgeted_session

Interval = Literal["1d", "15m"]

FIRST_DATE = "2000-01-01"
"""The NSE calendar begins here; Yahoo's NIFTY begins in September 2007."""

INTRADAY_PERIOD = "60d"
"""As far back as Yahoo keeps 15-minute bars."""


@dataclass(frozen=True)
class Chart:
    """A symbol's bars as Yahoo gave them.

    Attributes:
        frame: as ``Ticker.history`` returns it: Open, High, Low, Close, indexed by bar start or midnight with a zone.
        answer: the endpoint's, decoded: yfinance drops repeated rows and the quote's time from it.
    """

    frame: pd.DataFrame
    answer: Any

    @property
    def symbol(self) -> str | None:
        """The symbol whose prices it says it has, where Yahoo gives it."""
        try:
            return str(self.answer["chart"]["result"][0]["meta"]["symbol"])
        except (LookupError, TypeError):
            return None

    @property
    def market_time(self) -> pd.Timestamp | None:
        """The instant of the last price in it, where Yahoo gives it."""
        try:
            stamp = self.answer["chart"]["result"][0]["meta"]["regularMarketTime"]
            return pd.Timestamp(int(stamp), unit="s", tz="UTC")
        except (LookupError, TypeError, ValueError):
            return None


class Charts:
    """The requests of one run: one session, one budget."""

    def __init__(self, patience: Patience) -> None:
        self._budget = Budget(patience)
        self._yfinance: Any = None
        self._session: Any = None
        self._gave_up = False

    @property
    def time_is_up(self) -> bool:
        """Whether the seconds of the run are used up."""
        return self._budget.spent

    def read(self, symbol: str, zone: str, interval: Interval) -> Chart:
        """The chart of a symbol; ``zone`` is its exchange's, which yfinance would ask for first.

        Raises:
            SourceBusy: Yahoo limits the rate, fails, breaks off or does not answer in time, repeatedly. After the first
                series that ends so, each of the others is requested once.
            SourceUnavailable: any other reason.
        """
        try:
            with quiet():
                # yfinance's import puts its own warnings before every filter there is, so it goes first.
                import yfinance

                self._yfinance = yfinance
                with quiet():
                    return self._patiently(symbol, zone, interval)
        except MemoryError:
            raise  # not a fault of the source
        except Exception as error:
            mapped = source_error(symbol, error)
            self._gave_up = self._gave_up or isinstance(mapped, SourceBusy)
            raise mapped from error

    def _patiently(self, symbol: str, zone: str, interval: Interval) -> Chart:
        patience, before = self._budget.patience, self._budget.left()

        def asked() -> Chart:
            try:
                return self._ask(symbol, zone, interval)
            except RefusedRequest as refused:
                if refused.new_cookie_helps:
                    self._forget_cookie()
                raise

        def again(error: Exception) -> bool:
            spent = before - self._budget.left()
            return asking_helps(error) and spent < patience.share and self._budget.allows_pause()

        pauses = replace(patience.pauses, attempts=1) if self._gave_up else patience.pauses
        return repeated(asked, again, pauses)

    def _forget_cookie(self) -> None:
        """Have yfinance ask for a new cookie and crumb: it keeps both for the process, in its cache and the session."""
        self._session.forget_cookie()
        self._yfinance.cache.get_cookie_cache().store("curlCffi", None)
        data = self._yfinance.data.YfData(session=self._session)
        data._cookie = None
        data._crumb = None

    def _ask(self, symbol: str, zone: str, interval: Interval) -> Chart:
        yf = self._yfinance
        if self._session is None:
            self._session = budgeted_session(self._budget)
        yf.set_tz_cache_location(_own_cache())
        yf.cache.get_tz_cache().store(symbol, zone)
        span = {"start": FIRST_DATE} if interval == "1d" else {"period": INTRADAY_PERIOD}
        shown = yf.config.debug.hide_exceptions
        # raise_errors alone leaves some failures silent: a refused connection would be reported as a delisted symbol.
        yf.config.debug.hide_exceptions = False
        try:
            frame = yf.Ticker(symbol, session=self._session).history(
                interval=interval,
                actions=False,
                auto_adjust=False,
                keepna=True,
                raise_errors=True,
                timeout=self._budget.for_request(),
                **span,
            )
        finally:
            yf.config.debug.hide_exceptions = shown
        chart = Chart(frame, json.loads(self._session.chart))
        if chart.symbol is not None and chart.symbol.casefold() != symbol.casefold():
            raise SourceUnavailable(
                f"Yahoo answered for {symbol} with prices of {chart.symbol[:20]!r}; try again later, or use --source "
                "csv --data DIR"
            )
        return chart


@cache
def _own_cache() -> str:
    """A folder of this process for yfinance's databases of zones and cookies, removed at its end.

    In the user's own they would outlive the run, and the cookies there are pickles.
    """
    folder = tempfile.mkdtemp(prefix="aegis-yfinance-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
