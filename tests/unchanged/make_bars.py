"""Write the bars of ``before.tar.xz`` anew: a market that never was, on the exchange's real sessions, special ones too.

    python tests/unchanged/make_bars.py FOLDER

Made once and kept with two decimals, so that no later generator of random numbers has a say in what is compared.
Volatility clusters and rises with falls, the volatility index foresees it, the US one rises over the night before a
fall: enough for a trained set to be better than climatology.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.markets import get_market

FIRST, LAST, FIRST_BARS = "2020-10-01", "2026-12-31", "2025-04-15"
TICKS = 125
NIGHT_SHARE = 0.35
DRAWS = np.random.default_rng(20201001)
BAR = pd.Timedelta("15min")


def paths(days: pd.DatetimeIndex) -> tuple[np.ndarray, np.ndarray]:
    """Per session the log index at its open and after each tick, and the log volatility index at its close."""
    usual = np.log(0.009)
    log_sd, close = usual, np.log(11400.0)
    index, implied = np.empty((len(days), TICKS + 1)), np.empty(len(days))
    for t in range(len(days)):
        sd = np.exp(log_sd)
        night = 0.0002 + sd * np.sqrt(NIGHT_SHARE) * DRAWS.standard_normal()
        ticks = sd * np.sqrt((1 - NIGHT_SHARE) / TICKS) * DRAWS.standard_normal(TICKS)
        index[t] = close + night + np.concatenate([[0.0], np.cumsum(ticks)])
        shock = DRAWS.standard_normal() - 0.25 * (index[t, -1] - close) / sd
        log_sd, close = usual + 0.96 * (log_sd - usual) + 0.09 * shock, index[t, -1]
        ahead = usual + 0.75 * (log_sd - usual)
        implied[t] = np.log(100 * np.sqrt(252) * 1.15) + ahead + 0.05 * DRAWS.standard_normal()
    return index, implied


def daily_rows(days: pd.DatetimeIndex, index: np.ndarray) -> pd.DataFrame:
    prices = {"open": index[:, 0], "high": index.max(axis=1), "low": index.min(axis=1), "close": index[:, -1]}
    return np.exp(pd.DataFrame(prices, index=days.rename("date")))


def bars_of(opens: pd.Timestamp, closes: pd.Timestamp, index: np.ndarray, vix: tuple[float, float]) -> pd.DataFrame:
    """The session's bars; columns open, high, low, close, vix."""
    n = round((closes - opens) / BAR)
    edges = np.linspace(0, TICKS, n + 1).round().astype(int)
    parts = [index[a : b + 1] for a, b in pairwise(edges)]
    walk = vix[0] + (vix[1] - vix[0]) * np.arange(1, n + 1) / n + 0.004 * DRAWS.standard_normal(n)
    columns = {
        "open": [part[0] for part in parts],
        "high": [part.max() for part in parts],
        "low": [part.min() for part in parts],
        "close": [part[-1] for part in parts],
        "vix": walk,
    }
    starts = opens.tz_localize(None) + BAR * np.arange(n)
    return np.exp(pd.DataFrame(columns, index=pd.DatetimeIndex(starts, name="timestamp")))


def us_closes(rows: pd.DataFrame) -> pd.DataFrame:
    days = pd.DatetimeIndex(rows.index)
    dates = get_market("sp500").calendar.regular(days[0] - pd.Timedelta(days=10), days[-1])
    gap = np.log(rows["open"].to_numpy()[1:] / rows["close"].to_numpy()[:-1])
    following = days.searchsorted(dates, side="right") - 1
    known = (following >= 0) & (following < len(gap))
    news = np.where(known, gap[np.clip(following, 0, len(gap) - 1)], 0.0)
    level = np.zeros(len(dates))
    for t in range(1, len(dates)):
        level[t] = 0.97 * level[t - 1] - 4 * news[t] + 0.02 * DRAWS.standard_normal()
    return pd.DataFrame({"close": 15 * np.exp(level)}, index=dates.rename("date"))


def write(path: Path, frame: pd.DataFrame) -> None:
    form = "%Y-%m-%d" if frame.index.name == "date" else "%Y-%m-%d %H:%M"
    frame.to_csv(path, float_format="%.2f", date_format=form, lineterminator="\n")


def main(folder: Path) -> None:
    calendar = get_market("nifty50").calendar
    span = pd.Timestamp(FIRST), pd.Timestamp(LAST)
    days = calendar.regular(*span).union(calendar.special(*span))
    index, implied = paths(days)
    rows = daily_rows(days, index)
    bars = []
    for t in np.flatnonzero(days >= pd.Timestamp(FIRST_BARS)):
        hours = calendar.hours(days[t])
        bars.append(bars_of(hours.opens, hours.continuous_close, index[t], (implied[t - 1], implied[t])))
    intraday = pd.concat(bars)
    folder.mkdir(parents=True)
    write(folder / "spot_daily.csv", rows)
    write(folder / "vix_daily.csv", pd.DataFrame({"close": np.exp(implied)}, index=rows.index))
    write(folder / "spot_intraday.csv", intraday[["open", "high", "low", "close"]])
    write(folder / "vix_intraday.csv", intraday[["vix"]].rename(columns={"vix": "close"}))
    write(folder / "us_vix_daily.csv", us_closes(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
