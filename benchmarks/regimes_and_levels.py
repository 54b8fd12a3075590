"""What the regimes, the tails and the breakout levels in docs/decisions.md are measured from.

    python -m benchmarks.regimes_and_levels DATA

DATA is a csv folder with daily rows, the volatility index and 15-minute bars of NIFTY 50.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.buyer.session_breakout import breakout_range
from aegismatrix_engine.buyer.targets import BREAKOUT_MULTIPLE
from aegismatrix_engine.document.schema.market import market_regime
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.intraday.state import SessionSoFar
from aegismatrix_engine.markets import get_market, primary_horizons
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.signals.seller import SKEW_SAMPLE, tail_shares
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.volatility.daily_series import percentile_of_last
from aegismatrix_engine.volatility.distribution import fit_distribution
from aegismatrix_engine.volatility.features import DailyFeatures, trailing_return
from aegismatrix_engine.volatility.realised_variance import range_variance, trailing_mean

OPENS, QUARTER, SESSION_BARS = pd.Timedelta("9h15min"), pd.Timedelta("15min"), 25


def regimes_and_tails(history: MarketHistory, features: DailyFeatures) -> None:
    """Words and tails at every close, refitted every half year."""
    series, dates = features.series, features.series.dates
    trend = trailing_return(series, 22) / np.sqrt(22 * trailing_mean(range_variance(series), 22))
    primary, middles = primary_horizons(history.market, dates), (np.arange(SKEW_SAMPLE) + 0.5) / SKEW_SAMPLE
    words, tails = Counter[str](), []
    for start in pd.date_range("2014-01-01", "2022-07-01", freq="6MS"):
        first, end = dates.searchsorted(start), dates.searchsorted(start + pd.DateOffset(months=6))
        model = fit_distribution(market_features(history.until(AsOf.of(dates[first - 1]))))
        week = model.scales(features.rows(slice(0, end))).blended[:, 4]
        for row in range(first, end):
            known = week[max(row - 1259, 0) : row + 1]
            words[market_regime(trend[row], percentile_of_last(known, len(known)))] += 1
            tails.append(tail_shares(model.shapes(use_vix=True).close.quantile(primary[row] - 1, middles)))
    print({word: f"{count / words.total():.1%}" for word, count in words.items()})
    for name, side in zip(("put", "call"), np.array(tails).T, strict=True):
        same = np.mean(np.diff(side) == 0)
        print(f"{name}: {side.min():.2f} to {side.max():.2f}, mean {side.mean():.2f}, {same:.1%} as the day before")


def breakout_levels(bars: pd.DataFrame, features: DailyFeatures) -> None:
    """Which level was crossed by the close, and former levels in the wrong order."""
    series, dates = features.series, features.series.dates
    sides, wrong, moments, order = Counter[tuple[bool, bool]](), 0, 0, 0
    for day, own in bars.groupby(pd.DatetimeIndex(bars.index).normalize()):
        row = dates.searchsorted(day)
        if row == len(dates) or dates[row] != day:
            continue
        path = SessionSoFar.from_bars(own, day + OPENS, SESSION_BARS, QUARTER, series.rows(slice(0, row))).path
        distance = BREAKOUT_MULTIPLE * features.average_true_range[row - 1]
        found = breakout_range(path, distance)
        sides[found.down, found.up] += 1
        turned = np.concatenate([path[:1], path[1:].reshape(-1, 3)[:, [0, 2, 1]].ravel()])
        order += breakout_range(turned, distance) != found
        spans = [np.ptp(path[:end]) for end in range(4, len(path) + 1, 3)]
        wrong, moments = wrong + sum(span >= 2 * distance for span in spans), moments + len(spans)
    print("crossed (down, up):", {key: f"{count / sides.total():.1%}" for key, count in sides.items()})
    print(f"former levels in the wrong order at {wrong} of {moments} moments")
    print(f"the order within a bar mattered in {order} sessions")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Measure regimes, tails and breakout levels.")
    arguments.add_argument("data", type=Path)
    source, market = CsvFolder(arguments.parse_args().data), get_market("nifty50")
    history = source.with_intraday(source.daily(market))
    if history.bars is None:
        raise SystemExit("DATA needs 15-minute bars")
    features = market_features(history)
    regimes_and_tails(history, features)
    breakout_levels(history.bars, features)


if __name__ == "__main__":
    main()
