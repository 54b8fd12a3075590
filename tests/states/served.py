"""Series in their states as a source has them: csv files, what Yahoo answers, and a store beside it."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from combinations import Combination
from csv_market import csv_text
from series_states import in_state
from world import CLOCKS, MARKET, SERIES, US_PRICES, seen
from yahoo_server import Series, YahooServer

from aegismatrix_engine.sources.yahoo.http_budget import Patience
from aegismatrix_engine.sources.yahoo.series import US_ZONES
from aegismatrix_engine.sources.yahoo.source import Yahoo

STORED_BEFORE = pd.Timedelta(minutes=20)
WAITING = Patience.of(60)
KEYS = {
    "spot_daily": (MARKET.spot_symbol, "1d"),
    "vix_daily": (MARKET.vix_symbol, "1d"),
    "spot_intraday": (MARKET.spot_symbol, "15m"),
    "vix_intraday": (MARKET.vix_symbol, "15m"),
    **{name: (symbol, "1d") for name, symbol in MARKET.us_symbols.items()},
}

Given = dict[str, pd.DataFrame | None]


def given(combination: Combination) -> Given:
    """Every series as the source has it; None where it has none."""
    now = CLOCKS[combination.clock]
    states = {name: combination.state(name) for name in SERIES} | dict.fromkeys(US_PRICES, "whole")
    return {name: in_state(state, name, seen(now), now) for name, state in states.items()}


def write_folder(folder: Path, frames: Given) -> None:
    """The csv files of these series, and no other; an empty one has its header alone."""
    folder.mkdir(exist_ok=True)
    for name, frame in frames.items():
        path = folder / f"{name}.csv"
        path.unlink(missing_ok=True)
        if frame is not None:
            path.write_text(csv_text(frame), encoding="utf-8")


def answer_with(server: YahooServer, frames: Given, now: pd.Timestamp) -> None:
    """Have the server answer with these series, as of ``now``."""
    server.series.clear()
    server.fault.clear()
    for name, frame in frames.items():
        symbol, interval = KEYS[name]
        if frame is None:
            continue
        if frame.empty:
            server.fault[f"{symbol} {interval}"] = "empty"
        day = pd.Timestamp(seen(now)["spot_daily"].index[-1])
        closes = MARKET.calendar.hours(day).continuous_close
        zone = US_ZONES.get(name, MARKET.zone)
        server.series[symbol, interval] = Series(frame, zone, min(now, closes))


def write_store(server: YahooServer, folder: Path, now: pd.Timestamp, *, damaged: bool) -> None:
    """The store that a run with sound series left some minutes before ``now``, each file cut short where damaged."""
    folder.mkdir(exist_ok=True)
    if now not in _STORES:
        _STORES[now] = _stored(server, now - STORED_BEFORE)
    for name, content in _STORES[now].items():
        (folder / name).write_bytes(content[:-9] if damaged else content)


_STORES: dict[pd.Timestamp, dict[str, bytes]] = {}


def _stored(server: YahooServer, at: pd.Timestamp) -> dict[str, bytes]:
    """The files by name that a run at a moment stores; the server answers with sound series afterwards."""
    answer_with(server, dict(seen(at)), at)
    with TemporaryDirectory() as folder:
        source = Yahoo(Path(folder), at, WAITING)
        source.with_us_series(source.with_intraday(source.daily(MARKET)))
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}
