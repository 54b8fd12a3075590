"""What the choices about models and measurement in docs/decisions.md are made from.

    python -m benchmarks.model_choices DATA

DATA is a csv folder with daily rows and the volatility index of NIFTY 50. Takes some minutes, nearly all of it for the
walk that refits every five sessions.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np

from aegismatrix_engine.buyer.model import fit_spike_side
from aegismatrix_engine.direction.targets import HORIZONS, direction_class
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.markets import get_market, nearest_horizons
from aegismatrix_engine.sources.source import open_source
from aegismatrix_engine.training import walk_forward as walking
from aegismatrix_engine.training.measures import direction_margins, skills
from aegismatrix_engine.training.walk_forward import WalkForward
from aegismatrix_engine.volatility import conformal
from aegismatrix_engine.volatility.distribution import fit_distribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import horizon_outcomes
from aegismatrix_engine.volatility.shape import LEVELS, with_vix_rows


def walk_through(features: DailyFeatures, nearest: np.ndarray) -> WalkForward:
    walk = walking.walk_forward(features, nearest)
    if walk is None:
        raise SystemExit(f"DATA needs more than {walking.FIRST_ORIGIN} sessions")
    return walk


def quantile_grid(features: DailyFeatures, returns: np.ndarray) -> None:
    """The grid of quantiles against the sample it stands for: bytes, and the largest difference of a probability."""
    model = fit_distribution(features)
    moves = with_vix_rows(returns / model.scales(features).horizon, features.has_vix)
    gaps = []
    for i in range(moves.shape[1]):
        known = np.sort(moves[np.isfinite(moves[:, i]), i])
        gaps.append(
            np.abs(model.with_vix.close.cumulative(i, known) - (np.arange(len(known)) + 0.5) / len(known)).max()
        )
    raw = 8 * 4 * (np.isfinite(moves).sum() + np.isfinite(returns).sum())
    grids = 2 * 4 * 45 * len(LEVELS) * 8
    print(f"{len(LEVELS)} levels: {grids:,} bytes against {raw:,}; probabilities within {max(gaps):.4f}")


def calls(walk: WalkForward, features: DailyFeatures, returns: np.ndarray) -> None:
    """Share of sessions whose edge reaches a margin, by the two definitions of the base rate."""
    for key, h in HORIZONS.items():
        forecast, outcome = walk.direction[key], direction_class(returns[:, h - 1], h)
        fitted = walk.rows - (walk.rows - walking.FIRST_ORIGIN) % walking.REFIT_INTERVAL
        up, down = (np.array([np.mean(outcome[: row + 1 - h] == side) for row in fitted]) for side in (1, -1))
        ours = np.mean(np.abs(forecast.edge) >= 0.03)
        plain = np.mean((forecast.up - up >= 0.03) | (forecast.down - down >= 0.03))
        print(f"direction {key}: {ours:.1%} of sessions by today's volatility, {plain:.1%} by long-run shares")
        likeliest = (forecast.up > forecast.down) & (forecast.up > 1 - forecast.up - forecast.down)
        print(f"likeliest class UP at {key}: {likeliest.mean():.1%}")
    print("margins", direction_margins(walk, features, walk.direction))


def coverage(walk: WalkForward, returns: np.ndarray) -> None:
    """Coverage of the 80 % range by learning rate and widening."""
    rate, widening = conformal.LEARNING_RATE, conformal.WIDENING
    for conformal.LEARNING_RATE in (0.0, rate, 0.02, 0.05):
        path = conformal.adapt(conformal.nominal_miss(), walk.pit)
        for conformal.WIDENING in (0.0, widening):
            shares = ", ".join(f"{h}: {held(walk, returns, path, h):.3f}" for h in (5, 10, 20, 30, 40))
            print(f"gamma {conformal.LEARNING_RATE}, widening {conformal.WIDENING}: {shares}")
    conformal.LEARNING_RATE, conformal.WIDENING = rate, widening


def held(walk: WalkForward, returns: np.ndarray, path: np.ndarray, h: int) -> float:
    """Share of the walk's 80 % ranges at horizon ``h`` that held."""
    found = []
    for block in walk.blocks:
        for row in range(block.rows.start, block.rows.stop):
            miss = float(conformal.known_miss(path, row - walk.rows[0], h)[0])
            interval = conformal.central_interval(block.forecast.distribution, row - block.rows.start, h, miss)
            if np.isfinite(returns[row, h - 1]):
                found.append(interval.lower <= returns[row, h - 1] <= interval.upper)
    return float(np.mean(found))


def labels(walk: WalkForward) -> None:
    """Labels, when the cuts are learnt from the first half of the walk and read on the second."""
    for name, scores, base in (
        ("trap", walk.trap[:, 0], walk.trap_base[:, 0]),
        ("stress", walk.stress, walk.stress_base),
        ("breakout 1", walk.breakout[:, 0], walk.breakout_base[:, 0]),
        ("breakout 5", walk.breakout[:, 4], walk.breakout_base[:, 4]),
    ):
        ratio = scores / base
        ratio = ratio[np.isfinite(ratio)]
        first, second = ratio[: len(ratio) // 2], ratio[len(ratio) // 2 :]
        low, high = np.quantile(first, [1 / 3, 0.8])
        shares = np.mean(second < low), np.mean((second >= low) & (second < high)), np.mean(second >= high)
        print(f"labels of {name}: low {shares[0]:.0%}, medium {shares[1]:.0%}, high {shares[2]:.0%}")


def side(features: DailyFeatures) -> None:
    """Side of a breakout."""
    found = fit_spike_side(features)
    shares = found.up.round(3).tolist()
    print(f"breakouts {found.breakouts}, up {found.base_up:.3f}; after falling and rising weeks {shares}")


def refits(features: DailyFeatures, nearest: np.ndarray) -> None:
    """Refit interval of the walk: time, and skill against climatology."""
    names = ("seller.trap.5", "seller.expiry_stress", "buyer.breakout.1", "buyer.theta_edge.5")
    for walking.REFIT_INTERVAL in (252, 126, 63, 21, 5):
        start = perf_counter()
        walk = walk_through(features, nearest)
        took = perf_counter() - start
        found = {skill.signal: 1 - skill.score / skill.climatology for skill in skills(walk, features, nearest)}
        gains = ", ".join(f"{name} {found[name]:.1%}" for name in names)
        print(f"every {walking.REFIT_INTERVAL}: {took:.0f} s; {gains}")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Measure what the choices about models stand on.")
    arguments.add_argument("data", type=Path)
    market = get_market("nifty50")
    features = market_features(open_source("csv", arguments.parse_args().data).daily(market))
    nearest = nearest_horizons(market, features.series.dates)
    returns = horizon_outcomes(features.series).close
    walk = walk_through(features, nearest)
    print(f"{len(features)} sessions, {len(walk)} origins from {features.series.dates[walk.rows[0]]:%Y-%m-%d}")
    quantile_grid(features, returns)
    calls(walk, features, returns)
    coverage(walk, returns)
    labels(walk)
    side(features)
    refits(features, nearest)


if __name__ == "__main__":
    main()
