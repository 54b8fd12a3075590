"""What the limits of the session book are measured from: daily rows against bars, bars against their neighbours.

    python -m benchmarks.bar_limits DATA

DATA is a csv folder with daily and 15-minute bars. Prints, for each limit of ``history/impossible_bars.py`` and
``history/rows_against_bars.py``, the largest values that the market of DATA has shown, and how far estimates of the
official close from bars lie off.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.history.rows_against_bars import session_bars
from aegismatrix_engine.history.vix_against_bars import closing_vix
from aegismatrix_engine.markets import BAR, Market, get_market
from aegismatrix_engine.sources.csv_folder import CsvFolder

LARGEST = 4


def largest(name: str, values: np.ndarray, moments: pd.Index) -> None:
    known = np.isfinite(values)
    order = np.argsort(values[known])[::-1][:LARGEST]
    shown = ", ".join(f"{values[known][at]:.2%} ({moments[known][at]:%Y-%m-%d %H:%M})" for at in order)
    print(f"{name:58} {shown}")


def neighbours(bars: pd.DataFrame, spot: pd.DataFrame) -> None:
    starts = pd.DatetimeIndex(bars.index)
    open_, high, low, close = np.log(bars[["open", "high", "low", "close"]].to_numpy(dtype=np.float64)).T
    follows = np.concatenate([[False], np.diff(starts.to_numpy()) == BAR.to_timedelta64()])
    begin = np.where(follows, np.concatenate([[np.nan], close[:-1]]), open_)
    largest("high above the bar before and its own close", high - np.maximum(begin, close), starts)
    largest("low below the bar before and its own close", np.minimum(begin, close) - low, starts)
    step = np.where(follows, np.diff(close, prepend=np.nan), np.nan)
    largest("close from bar to bar", np.abs(step), starts)
    back = np.where(step[:-1] * step[1:] < 0, np.minimum(np.abs(step[:-1]), np.abs(step[1:])), np.nan)
    largest("close there and back", back, starts[:-1])
    before = spot["close"].shift(1).reindex(starts.normalize()).to_numpy(dtype=np.float64)
    largest("open or close off the close before", np.abs(np.stack([open_, close]) - np.log(before)).max(axis=0), starts)


def rows(bars: pd.DataFrame, spot: pd.DataFrame, vix: pd.DataFrame, market: Market) -> None:
    found = session_bars(bars, market)
    own = spot.reindex(found.index)
    days = found.index[found.ended]
    high, low, close = (np.log(own[name].to_numpy(dtype=np.float64)) for name in ("high", "low", "close"))
    largest("a bar's close above its session's row", (np.log(found.highest) - high)[found.ended].to_numpy(), days)
    largest("a bar's close below its session's row", (low - np.log(found.lowest))[found.ended].to_numpy(), days)
    off = np.maximum(close - np.log(found.high), np.log(found.low) - close)[found.ended].to_numpy()
    largest("official close outside its last half hour", off, days)
    closing = closing_vix(bars)
    own_vix = vix["close"].reindex(closing.index)
    off_vix = np.maximum(np.log(own_vix / closing["highest"]), np.log(closing["lowest"] / own_vix))
    largest("volatility index outside of its last two bars", off_vix.to_numpy(dtype=np.float64), closing.index)


def closes(bars: pd.DataFrame, spot: pd.DataFrame, market: Market) -> None:
    """How estimates of an averaged close fare, points, on sessions with every bar."""
    found = session_bars(bars, market)
    days = found.index[found.whole & found.index.isin(spot.index)]
    days = days[[market.averages_close(day) for day in days]]
    last = bars[pd.DatetimeIndex(bars.index).normalize().isin(days)].groupby(lambda at: at.normalize()).tail(2)
    by_day = last.groupby(lambda at: at.normalize())
    typical = (last["high"] + last["low"] + last["close"]) / 3
    estimates = {
        "last close": by_day["close"].last(),
        "mean of the last two closes": by_day["close"].mean(),
        "mean of the last two bars at (high + low + close) / 3": typical.groupby(lambda at: at.normalize()).mean(),
    }
    official, before = spot["close"].reindex(days), spot["close"].shift(1).reindex(days)
    for name, estimate in estimates.items():
        error = (estimate.reindex(days) - official).abs()
        wrong = int((np.sign(estimate.reindex(days) - before) != np.sign(official - before)).sum())
        print(f"{name:58} mean error {error.mean():.1f}, largest {error.max():.0f}, wrong sign {wrong} of {len(days)}")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Measure what the limits of the session book stand on.")
    arguments.add_argument("data", type=Path)
    market = get_market("nifty50")
    source = CsvFolder(arguments.parse_args().data)
    history = source.with_intraday(source.daily(market))
    if history.bars is None or history.vix is None:
        raise SystemExit("DATA needs 15-minute bars and the volatility index")
    neighbours(history.bars, history.spot)
    rows(history.bars, history.spot, history.vix, market)
    closes(history.bars, history.spot, market)


if __name__ == "__main__":
    main()
