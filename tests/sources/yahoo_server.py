"""A loopback server that speaks Yahoo's v8 chart format, with faults, for the real yfinance to ask.

    with YahooServer(live_bars(market, now, sessions=40)) as server, pointed_at(server.address):
        server.fault["^NSEI"] = "429"
        ...                      # whatever uses yfinance in this process
    server.requests              # every path asked for, cookie and crumb included

A subprocess runs ``python yahoo_loopback.py infer ...`` (beside this file) with ``server.environment()``.
"""

import json
import math
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from unittest import mock
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pandas as pd

from aegismatrix_engine.markets import Market

ADDRESS_VARIABLE = "AEGIS_TEST_YAHOO"
# Without Max-Age, which counts from the machine's clock: tests set a later one, to which the cookie would be worn out.
COOKIE = "A3=d=1; Expires=Fri, 31 Dec 2049 12:00:00 GMT; Domain=.yahoo.com; Path=/"
CHART = "/v8/finance/chart/"
BAR = pd.Timedelta(minutes=15)
HTML = b"<!DOCTYPE html><html><head><title>Yahoo</title></head><body>We are sorry</body></html>"


@dataclass
class Series:
    """What is served for a symbol and interval: float64 open, high, low, close by naive exchange time.

    A column ``adjusted`` is what the answer has as ``adjclose``, the close where there is none.

    Daily rows are indexed by session date, and stamped at the session's open as Yahoo stamps them. quoted_at: the
    chart's regularMarketTime. named: the symbol that the chart says it is of, if it is another one than was asked for.
    """

    bars: pd.DataFrame
    zone: str
    quoted_at: pd.Timestamp | None = None
    named: str = ""


Served = dict[tuple[str, str], Series]


class YahooServer:
    """Serves ``series`` by (symbol, "1d" or "15m"), which may be changed at any time.

    fault: by symbol, or by "symbol interval": 401, 403, 429, 500, time-out, reset, truncated, html, empty, absent; with
    " once" or " N times" after it all is well from then on.
    requests: the paths asked for, in order, cookie and crumb included. Each crumb given is another one.
    """

    def __init__(self, series: Served) -> None:
        self.series = series
        self.fault: dict[str, str] = {}
        self.requests: list[str] = []
        self.hangs_for = 5.0
        self.gives_cookie = True
        self.crumbs = 0
        self._released = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def environment(self) -> dict[str, str]:
        """What to set for a subprocess that runs ``yahoo_loopback.py``."""
        return {ADDRESS_VARIABLE: self.address, **_DIRECT}

    def charts(self) -> list[str]:
        return [path for path in self.requests if CHART in path]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append(handler.path)
        parts = urlsplit(handler.path)
        if CHART not in parts.path:
            cookie = "" if "getcrumb" in parts.path or not self.gives_cookie else COOKIE
            self.crumbs += "getcrumb" in parts.path
            _send(handler, 200, b"crumb%d" % self.crumbs if "getcrumb" in parts.path else b"", cookie=cookie)
            return
        symbol = unquote(parts.path.rpartition("/")[2])
        interval = parse_qs(parts.query)["interval"][0]
        fault = self.fault.get(f"{symbol} {interval}", self.fault.get(symbol, ""))
        fault, _, often = fault.partition(" ")
        if often:
            self._count_down(f"{symbol} {interval}", symbol, fault, 1 if often == "once" else int(often.split()[0]))
        self._chart(handler, symbol, interval, fault)

    def _count_down(self, series: str, symbol: str, fault: str, left: int) -> None:
        name = series if series in self.fault else symbol
        if left > 1:
            self.fault[name] = f"{fault} {left - 1} times"
        else:
            del self.fault[name]

    def _chart(self, handler: BaseHTTPRequestHandler, symbol: str, interval: str, fault: str) -> None:
        if fault == "time-out":
            self._released.wait(self.hangs_for)
        elif fault == "reset":
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
        elif fault in ("429", "500"):
            _send(handler, int(fault), b"Too Many Requests" if fault == "429" else b"{}")
        elif fault == "401":
            _send(handler, 401, json.dumps({"finance": _refusal("Unauthorized", "Invalid Crumb")}).encode())
        elif fault == "403":
            _send(handler, 403, HTML, "text/html")
        elif fault == "html":
            _send(handler, 200, HTML, "text/html")
        elif fault == "absent" or (symbol, interval) not in self.series:
            _send(handler, 404, json.dumps(_error("Not Found", "No data found, symbol may be delisted")).encode())
        else:
            served = self.series[symbol, interval]
            chart = _chart(symbol, interval, served if fault != "empty" else None, served.zone)
            body = json.dumps(chart).encode()
            _send(handler, 200, body, cut=len(body) // 2 if fault == "truncated" else None)


def _handler(server: YahooServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_arguments: Any) -> None:
            pass

    return Handler


def _send(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    kind: str = "application/json",
    cut: int | None = None,
    cookie: str = "",
) -> None:
    handler.send_response(status)
    if cookie:
        handler.send_header("Set-Cookie", cookie)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    with suppress(ConnectionError):
        # Who waited too long is gone.
        handler.wfile.write(body[:cut])


def _error(code: str, description: str) -> dict[str, Any]:
    return {"chart": _refusal(code, description)}


def _refusal(code: str, description: str) -> dict[str, Any]:
    return {"result": None, "error": {"code": code, "description": description}}


def _seconds(local: pd.DatetimeIndex, zone: str) -> list[int]:
    found: list[int] = local.tz_localize(zone).as_unit("s").asi8.tolist()
    return found


def _chart(symbol: str, interval: str, served: Series | None, zone: str) -> dict[str, Any]:
    if served is None:
        return {"chart": {"result": [], "error": None}}
    index = pd.DatetimeIndex(served.bars.index)
    starts = index + pd.Timedelta("9h15min") if interval == "1d" else index
    stamps = _seconds(starts, zone)
    named = {"timezone": "X", "gmtoffset": int(starts[-1].tz_localize(zone).utcoffset().total_seconds())}
    days = starts.normalize().unique()
    opened, closed = _seconds(days + pd.Timedelta("9h15min"), zone), _seconds(days + pd.Timedelta("23h"), zone)
    periods = [{**named, "start": start, "end": end} for start, end in zip(opened, closed, strict=True)]
    quoted = stamps[-1] if served.quoted_at is None else int(served.quoted_at.timestamp())
    meta = {
        **named,
        "symbol": served.named or symbol,
        "currency": "INR",
        "instrumentType": "INDEX",
        "exchangeTimezoneName": zone,
        "regularMarketTime": quoted,
        "priceHint": 2,
        "dataGranularity": interval,
        "currentTradingPeriod": dict.fromkeys(("pre", "regular", "post"), periods[-1]),
        "validRanges": ["1d", "5d", "1mo", "3mo", "max"],
    }
    if interval != "1d":
        meta["tradingPeriods"] = [[period] for period in periods]
    quote: dict[str, Any] = {"volume": [0] * len(stamps)}
    for column in ("open", "high", "low", "close"):
        prices = served.bars[column] if column in served.bars else served.bars["close"]
        quote[column] = [None if np.isnan(price) else price for price in prices.tolist()]
    adjusted = served.bars["adjusted"].tolist() if "adjusted" in served.bars else quote["close"]
    indicators = {"quote": [quote], "adjclose": [{"adjclose": adjusted}]}
    return {"chart": {"result": [{"meta": meta, "timestamp": stamps, "indicators": indicators}], "error": None}}


_DIRECT = {"NO_PROXY": "*", "no_proxy": "*"}


@contextmanager
def pointed_at(address: str) -> Iterator[None]:
    """Sends every request that yfinance makes, whatever its host, to an address of this machine."""
    from curl_cffi import CurlOpt
    from curl_cffi.requests import Session

    original = Session.request
    port = urlsplit(address).port

    def redirected(self: Any, method: str, url: str, **options: Any) -> Any:
        parts = urlsplit(url)
        # The host's name stays, so that cookies of Yahoo's domain are kept as Yahoo's.
        self.curl_options = {CurlOpt.RESOLVE: [f"*:{port}:127.0.0.1"]}
        query = f"?{parts.query}" if parts.query else ""
        return original(self, method, f"http://{parts.hostname}:{port}{parts.path or '/'}{query}", **options)

    with mock.patch.object(Session, "request", redirected), mock.patch.dict(os.environ, _DIRECT):
        yield


def live_bars(
    market: Market,
    now: pd.Timestamp,
    sessions: int = 60,
    intraday: int = 12,
    seed: int = 3,
    special: bool = False,
) -> Served:
    """A market as Yahoo would show it at ``now``: daily rows, today's partial one too, and 15-minute bars.

    The rows of sessions with bars are what their bars add up to; the bar in progress is there, and is partial.
    ``special`` adds the special sessions, which Yahoo mostly lacks.
    """
    calendar, local = market.calendar, now.tz_convert(market.zone).tz_localize(None)
    today = local.normalize()
    first = today - pd.Timedelta(days=2 * sessions + 30)
    dates = calendar.regular(first, today)
    if special:
        dates = dates.union(calendar.special(first, today))
    dates = dates[[date < today or calendar.opens_at(date) <= now for date in dates]][-sessions:]
    draws = np.random.default_rng(seed)
    daily, bars, close = [], [], 24000.0
    for at, date in enumerate(dates):
        hours = calendar.hours(date)
        length = math.ceil((hours.continuous_close - hours.opens) / BAR)
        path = close * np.exp(np.cumsum(0.0016 * draws.standard_normal((length, 5)).ravel() / np.sqrt(5)))
        grid = np.round(path.reshape(length, 5), 2)
        close = float(grid[-1, -1])
        starts = pd.date_range(hours.opens.tz_localize(None), periods=length, freq=BAR).as_unit("ns")
        shown = int((starts <= local).sum())
        grid = grid[:shown]
        daily.append([grid[0, 0], grid.max(), grid.min(), grid[-1, -1]])
        if at >= len(dates) - intraday:
            columns = {"open": grid[:, 0], "high": grid.max(1), "low": grid.min(1), "close": grid[:, -1]}
            bars.append(pd.DataFrame(columns, index=starts[:shown]))
    spot = pd.DataFrame(daily, index=dates, columns=["open", "high", "low", "close"])
    fine = pd.concat(bars)
    vix = pd.DataFrame({"close": np.round(14 + np.sin(np.arange(len(dates)) / 5), 2)}, index=dates)
    fine_vix = pd.DataFrame({"close": np.round(14 + np.sin(np.arange(len(fine)) / 40), 2)}, index=fine.index)
    # The volatility index closes where its last bar does, today's row stands where its bars stand.
    closing = fine_vix["close"].groupby(fine_vix.index.normalize()).last()
    vix.loc[closing.index, "close"] = closing
    served: Served = {}
    last = min(now, calendar.hours(dates[-1]).continuous_close)
    for symbol, interval, frame in (
        (market.spot_symbol, "1d", spot),
        (market.vix_symbol, "1d", vix),
        (market.spot_symbol, "15m", fine),
        (market.vix_symbol, "15m", fine_vix),
    ):
        served[symbol, interval] = Series(frame, market.zone, last)
    us = {"us_vix_daily": vix.add(2.0), "us_spot_daily": spot.div(4).round(2), "inda_daily": _fund(spot)}
    for name, symbol in market.us_symbols.items():
        served[symbol, "1d"] = Series(us[name], "America/Chicago" if name == "us_vix_daily" else "America/New_York")
    return served


def _fund(spot: pd.DataFrame) -> pd.DataFrame:
    """A fund of the index in dollars, which paid a dividend of 2 % before its last ten rows, and its adjusted close."""
    close = spot["close"].div(480)
    close.iloc[-10:] *= 0.98
    adjusted = close.where(np.arange(len(close)) >= len(close) - 10, close * 0.98)
    return pd.DataFrame({"close": close.round(2), "adjusted": adjusted.round(2)})
