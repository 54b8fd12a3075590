"""A market in a csv folder, and backtests of it: in this process, or as the command in one of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from csv_market import write_market
from synthetic import daily_frame, intraday_frame

from aegismatrix_engine.jobs.backtest import backtest
from aegismatrix_engine.jobs.backtest_run import Backtested, Warn
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings

ROOT = Path(__file__).parents[2]
SESSIONS = 1000
NOW = pd.Timestamp("2026-06-30T18:00+05:30")


def bars_folder(at: Path, frame: pd.DataFrame | None = None) -> Path:
    """The daily bars of the synthetic market's first 1000 sessions, or of a frame like it."""
    frame = daily_frame().iloc[:SESSIONS] if frame is None else frame
    return write_market(at, frame[["open", "high", "low", "close"]], frame[["vix"]].set_axis(["close"], axis=1))


def bars_folder_with_intraday(at: Path) -> Path:
    """The same with bars inside its last 150 sessions."""
    frame, bars = daily_frame().iloc[:SESSIONS], intraday_frame()
    bars = bars[bars.index < frame.index[-1] + pd.Timedelta(days=1)]
    prices = ["open", "high", "low", "close"]
    index, index_bars = (one[["vix"]].set_axis(["close"], axis=1) for one in (frame, bars))
    return write_market(at, frame[prices], index, bars[prices], index_bars)


def made(data: Path, output: Path, warn: Warn = lambda text: None, **settings: object) -> Backtested:
    """A backtest of a csv folder, whole."""
    bars = BarsSettings("nifty50", "csv", data)
    return backtest(BacktestSettings(bars, output=output, **settings), NOW, warn=warn)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    """Path below the folder -> bytes, of every file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def start(
    *arguments: object, variables: Mapping[str, str] | None = None, **settings: object
) -> "subprocess.Popen[str]":
    """``aegis backtest`` with these arguments and further environment variables."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AEGIS_")}
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "aegismatrix_engine", "backtest", *map(str, arguments)],
        env={**plain, "AEGIS_NOW": NOW.isoformat(), "PYTHONDONTWRITEBYTECODE": "1", **(variables or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **settings,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    out, err = process.communicate(timeout=240)
    return process.returncode, out, err


def ends_in_work(market: str) -> dict[str, str]:
    """Variables with which each process that makes blocks of a market for another one kills itself."""
    paths = (Path(__file__).with_name("killed_workers"), ROOT, os.environ.get("PYTHONPATH", ""))
    return {"ENDS_IN_WORK": market, "PYTHONPATH": os.pathsep.join(map(str, paths))}
