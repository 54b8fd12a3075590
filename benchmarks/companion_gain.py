"""What a companion index is worth to the scale of a market without a volatility index: the table in docs/decisions.md.

    python -m benchmarks.companion_gain NIFTY_DATA US_DATA

NIFTY_DATA is a csv folder of NIFTY 50, whose own volatility index is taken away; US_DATA has vix_daily.csv of the US
VIX. A walk refits every 63 sessions from 2014 on. The error of a forecast is the square of its log variance less that
of the ranges that came; gains are in per cent of the error without a companion, with t, overlaps of horizons counted.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_checks import checked_vix
from aegismatrix_engine.history.bar_rules import prices_of
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.market import Companion
from aegismatrix_engine.scores import standard_error
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.sources.csv_table import read_text, sourced_bars
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import DistributionSums
from aegismatrix_engine.volatility.outcomes import mean_range_variance_ahead

REFIT = 63
FIRST = pd.Timestamp("2014-01-01")
HORIZONS = (1, 5, 10, 20)


def errors(history: MarketHistory) -> FloatArray:
    """Squared errors of the log variance by origin and horizon, NaN where the outcome has not come."""
    features = market_features(history)
    sums, outcome = DistributionSums.of(features), np.log(mean_range_variance_ahead(features.series))
    first, parts = int(features.series.dates.searchsorted(FIRST)), []
    for at in range(first, len(features), REFIT):
        rows = slice(at, min(at + REFIT, len(features)))
        scales = sums.fit(features.head(at + 1)).model.scales(features.rows(rows), use_vix=False)
        parts.append((2 * np.log(scales.har) - outcome[rows]) ** 2)
    return np.concatenate(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nifty", type=Path)
    parser.add_argument("us", type=Path)
    given = parser.parse_args()
    nifty = get_market("nifty50")
    history = CsvFolder(given.nifty).daily(nifty)
    bare = replace(history, vix=None, market=replace(nifty, volatility_index=None))
    text = read_text(given.us / "vix_daily.csv")
    us = checked_vix(sourced_bars("vix_daily.csv", text, moment="date", prices=prices_of("vix_daily")))
    without = errors(bare)
    companions = {
        "the US VIX": (Companion(get_market("sp500"), same_sessions=False), us.bars),
        "India VIX": (Companion(nifty, same_sessions=True), history.vix),
    }
    for name, (companion, closes) in companions.items():
        gain = without - errors(replace(bare, market=replace(bare.market, companion=companion), companion=closes))
        cells = []
        for h in HORIZONS:
            known = gain[np.isfinite(gain[:, h - 1]), h - 1]
            share = known.mean() / np.nanmean(without[:, h - 1])
            cells.append(f"h = {h}: {share:+.1%} ({known.mean() / standard_error(known, h):.1f})")
        print(f"{name}, {len(gain):,} origins: {', '.join(cells)}")


if __name__ == "__main__":
    main()
