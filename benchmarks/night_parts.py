"""What each series of the US night is worth, alone and together, before the open and after it.

    python -m benchmarks.night_parts DATA

DATA is a csv folder with daily rows and the volatility index of NIFTY 50 and the three series of the US. Every session
from 2014 on is forecast by models fitted at the first of its 63 sessions; nights that a subset does not know are left
out of its rows. Takes a minute.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

from aegismatrix_engine.direction.targets import HORIZONS as HORIZONS_BY_NAME
from aegismatrix_engine.direction.targets import direction_class
from aegismatrix_engine.forecasting.features import market_features, nights
from aegismatrix_engine.markets import get_market, nearest_horizons
from aegismatrix_engine.scores import standard_error
from aegismatrix_engine.sources.source import open_source
from aegismatrix_engine.training.measures import after_open, direction_margins
from aegismatrix_engine.training.walk_forward import walk_forward
from aegismatrix_engine.volatility import night_moves
from aegismatrix_engine.volatility.distribution import DistributionModel, ReturnDistribution, fit_distribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.night import SUBSETS, NightModel, chosen_subsets, enough_nights, fit_night
from aegismatrix_engine.volatility.night_moves import NIGHT_SERIES, NightMoves
from aegismatrix_engine.volatility.opening_gap import gap_unit
from aegismatrix_engine.volatility.outcomes import after_open_ahead, horizon_outcomes, opening_gap_ahead

FIRST, SECOND_ERA, REFIT = pd.Timestamp("2014-01-01"), pd.Timestamp("2020-01-01"), 63
LEVELS = np.arange(1, 100) / 100
HORIZONS = (1, 3)

Fitted = list[tuple[slice, DistributionModel]]


def fitted(features: DailyFeatures) -> Fitted:
    """The daily distribution of every block of sessions."""
    first = int(features.series.dates.searchsorted(FIRST))
    blocks = [slice(row, min(row + REFIT, len(features))) for row in range(first, len(features), REFIT)]
    return [(rows, fit_distribution(features.head(rows.start + 1))) for rows in blocks]


def walk(
    features: DailyFeatures, moves: NightMoves, blocks: Fitted
) -> Iterator[tuple[np.ndarray, ReturnDistribution, NightModel, NightMoves, int, np.ndarray]]:
    """Rows, their forecast at the close, the model of nights, these nights, the subset used, the scale of the gaps."""
    for rows, distribution in blocks:
        known, seen = features.head(rows.start + 1), moves.rows(slice(0, rows.start + 1))
        chosen = chosen_subsets(moves.rows(rows), enough_nights(known, seen))
        model = fit_night(known, distribution.scales(known).horizon, seen, np.unique(chosen))
        scale = distribution.scales(features.rows(rows)).horizon
        unit = gap_unit(features.head(rows.stop).series, scale[:, 0])
        for which in np.unique(chosen[chosen >= 0]):
            own = (chosen == which) & features.has_vix[rows]
            at_close = ReturnDistribution(scale[own], distribution.shapes(use_vix=True))
            yield np.arange(rows.start, rows.stop)[own], at_close, model, moves.rows(rows).where(own), which, unit[own]


def crps(quantiles: np.ndarray, came: np.ndarray) -> np.ndarray:
    """By 99 quantiles, (n,)."""
    error = came[:, None] - quantiles
    return np.asarray(2 * (error * (LEVELS - (error < 0))).mean(axis=1))


def without(moves: NightMoves, subset: tuple[str, ...]) -> NightMoves:
    """The nights that all series of a subset know, the other series unknown; every subset is asked about the same."""
    unknown = np.full(len(moves), np.nan)
    return replace(moves, **{name: unknown for name in NIGHT_SERIES if name not in subset})


def returns_table(features: DailyFeatures, moves: NightMoves, blocks: Fitted, name: str) -> dict[int, np.ndarray]:
    """Skill over the forecast at the close; the losses of every row by horizon, NaN where there is none."""
    outcomes = horizon_outcomes(features.series, max(HORIZONS)).close
    losses = {h: np.full((len(features), 3), np.nan) for h in HORIZONS}
    for rows, at_close, model, own, which, _ in walk(features, moves, blocks):
        after = model.applied(at_close, own, which)
        for h in HORIZONS:
            came = outcomes[rows, h - 1]
            found = after.quantile(h, LEVELS)
            inside = (came >= found[:, 9]) & (came <= found[:, 89])
            losses[h][rows] = np.column_stack([crps(at_close.quantile(h, LEVELS), came), crps(found, came), inside])
    early = np.asarray(features.series.dates < SECOND_ERA)
    parts = []
    for h, table in losses.items():
        known = np.isfinite(table).all(axis=1)
        for era in (known, known & early, known & ~early):
            plain, own_loss, inside = table[era].T
            t = (plain - own_loss).mean() / standard_error(plain - own_loss, h)
            parts.append(f"{100 * (1 - own_loss.mean() / plain.mean()):+.2f} ({t:.1f}) {100 * inside.mean():.1f}")
    print(f"| {name} | {int(np.isfinite(losses[1]).all(axis=1).sum())} | {' | '.join(parts)} |", flush=True)
    return losses


def gap_rows(features: DailyFeatures, moves: NightMoves, blocks: Fitted, name: str) -> None:
    """The open: correlation of the expected gap, its sign, coverage; and what that says of the session after it."""
    gaps, rest = opening_gap_ahead(features.series), after_open_ahead(features.series)
    found = []
    for rows, at_close, model, own, which, unit in walk(features, moves, blocks):
        held = model.gap_quantile(own, which, unit, np.array([0.05, 0.1, 0.5, 0.9, 0.95]))
        up = 1 - np.array([np.interp(0.0, q, LEVELS) for q in model.gap_quantile(own, which, unit, LEVELS)])
        one_session = at_close.scale[:, 0]
        shift = unit * model.gap_shift(own, which) / one_session
        columns = (rows, held, gaps[rows], rest[rows], shift, one_session, up)
        found.append(np.column_stack(columns))
    row, low90, low, median, high, high90, gap, left, shift, unit, up = np.concatenate(found).T
    known = np.isfinite(gap)
    early = features.series.dates[row.astype(int)] < SECOND_ERA
    inside = (gap >= low) & (gap <= high)
    product = (shift - shift[known].mean()) * (left / unit - np.mean((left / unit)[known]))
    print(
        f"| {name} | {np.corrcoef(shift[known], (gap / unit)[known])[0, 1]:.2f} "
        f"| {100 * np.mean((median > 0)[known] == (gap > 0)[known]):.1f} "
        f"| {100 * inside[known].mean():.1f} | {100 * inside[known & early].mean():.1f} "
        f"| {100 * inside[known & ~early].mean():.1f} "
        f"| {100 * ((gap >= low90) & (gap <= high90))[known].mean():.1f} "
        f"| {np.corrcoef(shift[known], (left / unit)[known])[0, 1]:+.3f} "
        f"({product[known].mean() / standard_error(product[known], 1):+.1f}) |"
    )
    if len(SUBSETS[0]) == name.count("+") + 1:
        error, edges = 0.0, np.digitize(up, np.arange(0.1, 1.0, 0.1))
        for part in range(10):
            rows_of = known & (edges == part)
            if rows_of.any():
                error += rows_of.sum() / known.sum() * abs(up[rows_of].mean() - (gap[rows_of] > 0).mean())
        print(f"P(open above the close): calibration error {100 * error:.1f} points")
        for side, called in (("up", shift > 0.15), ("down", shift < -0.15)):
            own_rows = known & called
            moved = [1e4 * values[own_rows].mean() for values in (gap, left)]
            print(
                f"expected {side}: {own_rows.sum()} nights, gap {moved[0]:+.1f} bp, after the open {moved[1]:+.1f} bp"
            )


def calls(features: DailyFeatures, moves: NightMoves) -> None:
    """Calls after the night by the margins that training would store, in its own walk."""
    found = walk_forward(features, nearest_horizons(get_market("nifty50"), features.series.dates), night=moves)
    assert found is not None
    margins = direction_margins(found, features, found.night_direction)
    returns = horizon_outcomes(features.series).close[found.rows]
    print("| horizon | margin | exceeded it | of these called | came true | base rate | not called came true |")
    for (key, h), margin in zip(HORIZONS_BY_NAME.items(), margins, strict=True):
        if not np.isfinite(margin):
            continue
        said, outcome = found.night_direction[key], direction_class(returns[:, h - 1], h)
        beyond = (np.abs(said.edge) >= margin) & np.isfinite(outcome)
        called = beyond & (said.calls(margin) != 0)
        hit = outcome == np.sign(said.edge)
        base = np.where(said.edge > 0, said.base_up, said.base_down)
        shares = [100 * part.mean() for part in (hit[called], base[called], hit[beyond & ~called])]
        print(f"| {h} | {margin} | {beyond.sum()} | {called.sum()} | {' | '.join(f'{x:.1f} %' for x in shares)} |")
    measured = after_open(found, features)
    print(f"after the open, {measured}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    market = get_market("nifty50")
    source = open_source("csv", parser.parse_args().data)
    history = source.with_us_series(source.daily(market))
    features = market_features(history)
    moves = nights(history, features)
    blocks = fitted(features)
    kept = {}
    print("| series | nights | h = 1 | to 2019 | since | h = 3 | to 2019 | since |")
    for subset in SUBSETS:
        kept[subset] = returns_table(features, without(moves, subset), blocks, " + ".join(subset))
    with patch.object(night_moves, "FADING", 0.0):
        other = returns_table(features, nights(history, features), blocks, "all, one night before alone")
    for h in HORIZONS:
        saved = other[h][:, 1] - kept[SUBSETS[0]][h][:, 1]
        saved = saved[np.isfinite(saved)]
        print(f"five fading nights against one, h = {h}: t {saved.mean() / standard_error(saved, h):.1f}")
    print("| series | correlation | side right | held 80 % | to 2019 | since | held 90 % | after the open |")
    for subset in SUBSETS:
        gap_rows(features, without(moves, subset), blocks, " + ".join(subset))
    calls(features, moves)


if __name__ == "__main__":
    main()
