"""Every forecast from the closes of a block, signal by signal: the rows that ``record.forecasts`` makes of a document.

What each row is about, its order and its rounding are those of the document and of its rows; a test compares the two.
"""

from collections.abc import Iterator

import numpy as np

from aegismatrix_engine.backtest.origins import Known, Origins
from aegismatrix_engine.backtest.ranges import close_ranges, level_ranges
from aegismatrix_engine.backtest.rounding import rounded
from aegismatrix_engine.backtest.signal_forecasts import SignalForecasts
from aegismatrix_engine.buyer.targets import (
    BREAKOUT_MULTIPLE,
    BREAKOUT_OFFSETS,
    STRADDLE_HORIZONS,
    session_straddle_cost,
)
from aegismatrix_engine.direction.targets import HORIZONS, dead_zone
from aegismatrix_engine.document.schema.block import Basis
from aegismatrix_engine.document.schema.quantities import FRACTION_DECIMALS, MOVE_DECIMALS, POINT_DECIMALS, three_way
from aegismatrix_engine.record.baselines import IndexAlone
from aegismatrix_engine.record.forecasts import INTERVALS, NEAREST_CURVE, RECORDED_HORIZONS
from aegismatrix_engine.record.rows import Event
from aegismatrix_engine.seller.model import stress_probability
from aegismatrix_engine.seller.targets import TRAP_HORIZONS, stress_distance
from aegismatrix_engine.signals.ranges import BREACH_SIGMAS, CURVE_SIGMAS, distances_near
from aegismatrix_engine.typing import FloatArray, IntArray

STRESS_HEAD = "seller.expiry_stress"


def all_forecasts(at: Origins) -> Iterator[SignalForecasts]:
    """Every forecast, in the order of the rows of a document."""
    yield from _direction(at)
    yield from _breaches(at)
    yield _stress(at)
    yield from _traps(at)
    yield from _breakouts(at)
    yield from _straddles(at)
    yield from close_ranges(at)
    yield from _nearest_curve(at)
    yield from _ahead(at)


def _direction(at: Origins) -> Iterator[SignalForecasts]:
    sides = {key: list(_sides(at, horizon)) for key, horizon in HORIZONS.items()}
    for signal, key in (("today", "t1"), *((f"horizons.{key}", key) for key in HORIZONS)):
        for event, probability, known, zone in sides[key]:
            steps = np.full(len(at), HORIZONS[key])
            yield SignalForecasts(f"direction.{signal}", event, steps, probability, known, "model", threshold=zone)


def _sides(at: Origins, horizon: int) -> Iterator[tuple[Event, FloatArray, Known, FloatArray]]:
    up, down = (side[:, 0] for side in at.distribution.beyond(horizon, np.array([dead_zone(horizon)])))
    published = np.array([three_way(*pair) for pair in zip(up.tolist(), down.tolist(), strict=True)])
    steps, zone = np.full(len(at), horizon), np.full(len(at), round(dead_zone(horizon), MOVE_DECIMALS))
    never = np.full(len(at), np.inf)
    known = at.beyond(steps, np.column_stack([zone, never]), np.column_stack([never, zone]))
    events: tuple[Event, Event] = "up", "down"
    for i, event in enumerate(events):
        yield event, published[:, i], _column(known, i), zone


def _column(known: Known, i: int) -> Known:
    return known[0][:, i], known[1][:, i]


def _strikes(at: Origins, steps: IntArray, sigmas: tuple[float, ...]) -> FloatArray:
    """Distances of strikes near so many sigmas, index points, (m, len(sigmas))."""
    sigma = at.spot * at.distribution.scale[np.arange(len(at)), steps - 1]
    return np.array([distances_near(one, at.market.strike_step, sigmas) for one in sigma.tolist()], dtype=np.float64)


def _reached(at: Origins, steps: IntArray, above: FloatArray, below: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probabilities of a touch of, and of a close beyond, each of D distances by each origin's own step: (m, D)."""
    found = at.distribution.breaches_by_horizon(int(steps.max()), above, below)
    rows = zip(steps.tolist(), range(len(at)), strict=True)
    both = np.array([(found[step - 1].touch[row], found[step - 1].close[row]) for step, row in rows])
    return rounded(both[:, 0], FRACTION_DECIMALS), rounded(both[:, 1], FRACTION_DECIMALS)


def _breaches(at: Origins) -> Iterator[SignalForecasts]:
    steps = at.primary
    points = _strikes(at, steps, BREACH_SIGMAS)
    above, below = at.log_distances(points)
    touch, close = _reached(at, steps, above, below)
    touched, beyond = at.touch(steps, above, below), at.beyond(steps, above, below)
    for i in range(len(BREACH_SIGMAS)):
        signal, distance = f"seller.breach_probabilities.{i}", points[:, i]
        yield SignalForecasts(signal, "touch", steps, touch[:, i], _column(touched, i), "model", distance)
        yield SignalForecasts(signal, "close_beyond", steps, close[:, i], _column(beyond, i), "model", distance)


def _stress(at: Origins) -> SignalForecasts:
    steps, basis = at.nearest, at.head_basis(STRESS_HEAD, "estimator")
    points = rounded(at.spot * stress_distance(at.implied_sd, steps), POINT_DECIMALS)
    if at.has_vix:
        score = stress_probability(at.features, at.distribution, steps)
    else:
        basis, score = "prior", at.refit.stress.base_rate[steps - 1]
    touched = _column(at.touch(steps, *at.log_distances(points[:, None])), 0)
    return SignalForecasts(STRESS_HEAD, "touch", steps, rounded(score, FRACTION_DECIMALS), touched, basis, points)


def _traps(at: Origins) -> Iterator[SignalForecasts]:
    implied = at.features.implied_sd
    learnt = at.has_vix and all(np.isfinite(found).all() for found in at.forecast.trap.values())
    for k, head in zip(TRAP_HORIZONS, at.refit.forecasters.trap.heads, strict=True):
        basis: Basis = at.head_basis(f"seller.trap.{k}") if learnt else "prior"
        score = at.forecast.trap[k] if basis == "model" else np.full(len(at), head.base_rate)
        known = at.past.trap(k), np.full(len(at), IndexAlone.mean_square_above(k))
        yield SignalForecasts(
            f"seller.trap.{k}",
            "trap",
            np.full(len(at), k),
            rounded(score, FRACTION_DECIMALS),
            known,
            basis,
            threshold=implied,
            made=np.isfinite(implied),
        )


def _breakouts(at: Origins) -> Iterator[SignalForecasts]:
    width = BREAKOUT_MULTIPLE * at.features.average_true_range
    alone = np.full(len(at), np.nan)
    if at.has_vix:
        pairs = zip(at.implied_sd.tolist(), width.tolist(), strict=True)
        alone = np.array([IndexAlone(sd).range_above(distance) for sd, distance in pairs])
    for k, head in zip(BREAKOUT_OFFSETS, at.refit.forecasters.breakout.heads, strict=True):
        basis = at.head_basis(f"buyer.breakout.{k}")
        score = at.forecast.breakout[:, k - 1] if basis == "model" else np.full(len(at), head.base_rate)
        signal = "buyer.breakout_today" if k == 1 else f"buyer.breakout_next.{k}"
        known, score = (at.past.breakout(k), alone), rounded(score, FRACTION_DECIMALS)
        yield SignalForecasts(signal, "breakout", np.full(len(at), k), score, known, basis, threshold=width)


def _straddles(at: Origins) -> Iterator[SignalForecasts]:
    """The straddle to the nearest expiry, horizon by horizon: one forecast from each close."""
    horizons = np.minimum(at.nearest, STRADDLE_HORIZONS[-1])
    implied = session_straddle_cost(at.implied_sd * np.sqrt(horizons))
    cost = rounded(at.spot * implied, POINT_DECIMALS) / at.level
    known = _column(at.beyond(horizons, cost[:, None], cost[:, None]), 0)
    for h in np.unique(horizons).tolist():
        made, head = horizons == h, at.refit.forecasters.straddle.heads[h - 1]
        learnt = at.has_vix and bool(np.isfinite(at.forecast.straddle[h][made]).all())
        basis: Basis = at.head_basis(f"buyer.theta_edge.{h}") if learnt else "prior"
        score = at.forecast.straddle[h] if basis == "model" else np.full(len(at), head.base_rate)
        probability = rounded(score, FRACTION_DECIMALS)
        yield SignalForecasts(
            "buyer.theta_edge", "straddle", horizons, probability, known, basis, threshold=cost, made=made
        )


def _nearest_curve(at: Origins) -> Iterator[SignalForecasts]:
    """Touches by the nearest expiry, where it is another than the primary one."""
    made = at.nearest_apart
    if not made.any():
        return
    steps = at.nearest
    points = _strikes(at, steps, CURVE_SIGMAS)[:, NEAREST_CURVE]
    above, below = at.log_distances(points)
    touch, touched = _reached(at, steps, above, below)[0], at.touch(steps, above, below)
    for i, place in enumerate(NEAREST_CURVE):
        signal, known = f"seller.expiries.nearest.breach_curve.{place}", _column(touched, i)
        yield SignalForecasts(signal, "touch", steps, touch[:, i], known, "model", points[:, i], made=made)


def _ahead(at: Origins) -> Iterator[SignalForecasts]:
    """Ranges of the close some sessions ahead."""
    coverages = [coverage for coverage, _, _ in INTERVALS]
    levels = np.array([(low, high) for _, low, high in INTERVALS])
    for h in RECORDED_HORIZONS:
        names = [f"forecast.{h}.{round(100 * coverage)}" for coverage in coverages]
        lower, upper = (at.distribution.quantile(h, side) for side in levels.T)
        yield from level_ranges(at, names, np.full(len(at), h), coverages, lower, upper)
