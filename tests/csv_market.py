"""A small NIFTY-like market written as csv files, on real sessions of the exchange."""

from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.markets import get_market

FIRST, LAST = "2019-09-02", "2019-12-31"


def sessions(first: str = FIRST, last: str = LAST) -> pd.DatetimeIndex:
    calendar = get_market("nifty50").calendar
    span = pd.Timestamp(first), pd.Timestamp(last)
    return calendar.regular(*span).union(calendar.special(*span))


def spot_bars(dates: pd.DatetimeIndex, seed: int = 1) -> pd.DataFrame:
    draws = np.random.default_rng(seed).standard_normal((4, len(dates)))
    close = 11000 * np.exp(np.cumsum(0.01 * draws[0]))
    open_ = close * np.exp(0.004 * draws[1])
    high = np.maximum(open_, close) * np.exp(0.003 * np.abs(draws[2]))
    low = np.minimum(open_, close) * np.exp(-0.003 * np.abs(draws[3]))
    frame = pd.DataFrame({"open": open_, "high": high, "low": low, "close": close}, index=dates)
    return frame.rename_axis("date")


def vix_bars(dates: pd.DatetimeIndex, seed: int = 2) -> pd.DataFrame:
    walk = np.cumsum(0.03 * np.random.default_rng(seed).standard_normal(len(dates)))
    return pd.DataFrame({"close": 16 * np.exp(0.5 * np.tanh(walk))}, index=dates).rename_axis("date")


def intraday_bars(dates: pd.DatetimeIndex, seed: int = 3) -> pd.DataFrame:
    starts = pd.DatetimeIndex(
        np.concatenate([pd.date_range(day + pd.Timedelta("9h15min"), periods=25, freq="15min") for day in dates])
    )
    return spot_bars(starts.as_unit("ns"), seed).rename_axis("timestamp")


def csv_text(frame: pd.DataFrame) -> str:
    """Every float in its shortest exact form."""
    written = "%Y-%m-%d" if frame.index.name == "date" else "%Y-%m-%d %H:%M:%S"
    rows = (
        ",".join([f"{moment:{written}}", *(repr(float(value)) for value in values)])
        for moment, values in zip(frame.index, frame.to_numpy(), strict=True)
    )
    return "\n".join([",".join([frame.index.name, *frame.columns]), *rows]) + "\n"


def write_market(
    folder: Path,
    spot: pd.DataFrame,
    vix: pd.DataFrame | None = None,
    spot_intraday: pd.DataFrame | None = None,
    vix_intraday: pd.DataFrame | None = None,
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    files = {"spot_daily": spot, "vix_daily": vix, "spot_intraday": spot_intraday, "vix_intraday": vix_intraday}
    for name, frame in files.items():
        path = folder / f"{name}.csv"
        path.unlink(missing_ok=True)
        if frame is not None and len(frame):
            path.write_text(csv_text(frame), encoding="utf-8")
    return folder
