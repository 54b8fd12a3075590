"""What each part of the scale to five sessions is worth, with and without it: the table in docs/decisions.md.

    python -m benchmarks.near_session_parts DATA [--market sp500] [--us-spot FILE] [--special FILE] [--start DATE]

DATA is a csv folder with daily rows and the volatility index, FILE a csv file of daily bars of the S&P 500, or of the
dates of special sessions (column date), which count in no horizon. Each walk refits every 63 sessions; it takes about a
minute. Skills are in per cent, in brackets t with the overlap of horizons taken into account; CRPS is the mean pinball
loss of 99 quantiles, touch and close the mean Brier score over six distances.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.forecasting.features import event_dates
from aegismatrix_engine.forecasting.forecasters import Forecast, fit_forecasters, forecast
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.scores import standard_error
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.near_sessions import EVENT_FEATURES
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, exceeds, horizon_outcomes, true_range_ahead

REFIT = 63
DISTANCES = np.array([0.01, 0.015, 0.02, 0.03, 0.04, 0.05])
LEVELS = np.arange(1, 100) / 100
ROWS = (("crps", 1), ("touch", 1), ("touch", 2), ("touch", 3), ("touch", 5), ("close", 3), ("breakout", 1))
ROWS += (("breakout", 3), ("straddle", 1))
ERAS = {"all": (None, None), "to 2019": (None, "2019-12-31"), "from 2020": ("2020-01-01", None)}

Losses = dict[tuple[str, int], np.ndarray]


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, parse_dates=["date"], index_col="date")


def daily_features(data: Path, market_id: str, us_spot: Path | None, special: Path | None) -> DailyFeatures:
    spot, vix = read(data / "spot_daily.csv"), read(data / "vix_daily.csv")["close"]
    uncounted = [] if special is None else pd.read_csv(special, parse_dates=["date"])["date"]
    daily = spot[~spot.index.isin(uncounted)].loc[vix.index[0] : vix.index[-1]]
    daily = daily.assign(vix=vix.reindex(daily.index, method="ffill"))
    market = get_market(market_id)
    ahead = market.calendar.following(daily.index[-1], MAX_HORIZON + 1)
    sessions = pd.DatetimeIndex(daily.index).as_unit("ns").append(ahead)
    us = None if us_spot is None else read(us_spot)
    return DailyFeatures.from_series(DailySeries.from_frame(daily), sessions, us, event_dates(market))


def walked(features: DailyFeatures, start: pd.Timestamp) -> Losses:
    """Losses of every session from ``start`` on, each forecast by a fit on the sessions up to its block's first."""
    first, n, parts = int(features.series.dates.searchsorted(start)), len(features), []
    for at in range(first, n, REFIT):
        rows = slice(at, min(at + REFIT, n))
        found = forecast(fit_forecasters(features.head(at + 1)), features.rows(rows))
        parts.append(losses(found, features, rows))
    return {row: np.concatenate([part[row] for part in parts]) for row in ROWS}


def losses(found: Forecast, features: DailyFeatures, rows: slice) -> Losses:
    outcomes, scored = horizon_outcomes(features.series, 5), {}
    wide = exceeds(true_range_ahead(features.series), 1.25 * features.average_true_range[:, None])[rows]
    by_horizon = found.distribution.breaches_by_horizon(5, DISTANCES)
    for target, h in ROWS:
        move = outcomes.close[rows, h - 1]
        if target == "crps":
            short = move[:, None] - found.distribution.quantile(h, LEVELS)
            scored[target, h] = 2 * np.maximum(LEVELS * short, (LEVELS - 1) * short).mean(axis=1)
        elif target == "touch":
            came = exceeds(outcomes.either[rows, h - 1][:, None], DISTANCES[None, :])
            scored[target, h] = ((by_horizon[h - 1].touch - came) ** 2).mean(axis=1)
        elif target == "close":
            came = exceeds(np.abs(move)[:, None], DISTANCES[None, :])
            scored[target, h] = ((by_horizon[h - 1].close - came) ** 2).mean(axis=1)
        elif target == "breakout":
            scored[target, h] = (found.breakout[:, h - 1] - wide[:, h - 1]) ** 2
        else:
            cost = 0.8 * features.implied_sd[rows] * np.sqrt(h)
            scored[target, h] = (found.straddle[h] - exceeds(np.abs(move), cost)) ** 2
    return scored


def without_column(name: str) -> Callable[[DailyFeatures], DailyFeatures]:
    """Features in which no event of a column ever happens."""

    def changed(features: DailyFeatures) -> DailyFeatures:
        events = features.event_block.copy()
        events[:, :, EVENT_FEATURES.index(name)] = 0.0
        return replace(features, event_block=events)

    return changed


def unknown(name: str) -> Callable[[DailyFeatures], DailyFeatures]:
    return lambda features: replace(features, **{name: np.full_like(getattr(features, name), np.nan)})


def without_highs(features: DailyFeatures) -> DailyFeatures:
    return replace(features, high_block=np.where(np.isfinite(features.high_block), 0.0, np.nan))


PARTS: dict[str, Callable[[DailyFeatures], DailyFeatures]] = {
    # Without highs no third ridge is fitted at all.
    "all parts": unknown("high_block"),
    "S&P 500": unknown("spillover_block"),
    "highs": without_highs,
    "domestic events": without_column("domestic_events"),
    "FOMC": without_column("fomc"),
    "all events": unknown("event_block"),
}
"""Part -> the features without it."""


def compared(full: np.ndarray, reduced: np.ndarray, dates: pd.DatetimeIndex, h: int) -> str:
    cells = []
    for first, last in ERAS.values():
        inside = np.isfinite(full) & np.isfinite(reduced)
        inside &= np.ones(len(dates), bool) if first is None else dates >= first
        inside &= np.ones(len(dates), bool) if last is None else dates <= last
        gained = (reduced - full)[inside]
        t = gained.mean() / standard_error(gained, h) if gained.any() else 0.0
        cells.append(f"{100 * gained.mean() / reduced[inside].mean():+.2f} ({t:+.1f})")
    return " | ".join(cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--market", default="nifty50")
    parser.add_argument("--us-spot", type=Path)
    parser.add_argument("--special", type=Path)
    parser.add_argument("--start", type=pd.Timestamp, default=pd.Timestamp("2014-01-01"))
    given = parser.parse_args()
    features = daily_features(given.data, given.market, given.us_spot, given.special)
    dates = features.series.dates[features.series.dates.searchsorted(given.start) :]
    full = walked(features, given.start)
    for part, removed in PARTS.items():
        reduced = walked(removed(features), given.start)
        print(f"\n| {part} | {' | '.join(ERAS)} |\n|---|---|---|---|")
        for target, h in ROWS:
            print(f"| {target} {h} | {compared(full[target, h], reduced[target, h], dates, h)} |")


if __name__ == "__main__":
    main()
