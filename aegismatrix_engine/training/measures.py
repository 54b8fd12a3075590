"""How each model fared in the walk through the past: rates, cuts, margins and skill."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from aegismatrix_engine.buyer.model import UNKNOWN_ERROR, payoff_errors, spike_went_up
from aegismatrix_engine.buyer.targets import BREAKOUT_OFFSETS, STRADDLE_HORIZONS, breakout_happened, straddle_pays
from aegismatrix_engine.direction.model import MARGINS, DirectionProbabilities
from aegismatrix_engine.direction.targets import HORIZONS, direction_class
from aegismatrix_engine.scores import (
    MINIMUM_EVENTS,
    BrierSkill,
    MeasuredRate,
    brier_skill,
    measured_rate,
    standard_error,
)
from aegismatrix_engine.seller.model import stress_touched
from aegismatrix_engine.seller.targets import TRAP_HORIZONS, trap_sprung
from aegismatrix_engine.training.walk_forward import WalkForward
from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.conformal import COVERAGES, central_interval, known_miss
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.opening_gap import NOT_MEASURED, AfterOpen
from aegismatrix_engine.volatility.outcomes import after_open_ahead, horizon_outcomes

SAFE_RANGE = 0  # index into COVERAGES
MINIMUM_CALLS = 100
PROVEN_T = 3.0
SMALLEST_SPREAD = 1e-9
"""Standard deviation below which a column is a constant, which correlates with nothing."""


def session_dates(walk: WalkForward, features: DailyFeatures) -> list[str]:
    """'YYYY-MM-DD' of every origin."""
    return [str(text) for text in features.series.dates[walk.rows].strftime("%Y-%m-%d")]


def range_record(walk: WalkForward, features: DailyFeatures, sessions: IntArray) -> MeasuredRate:
    """Share of past ranges whose expiry's close lay inside.

    Each range is the one that would have been published: its miss rate knows the outcomes of that day only. All
    ranges of one expiry are one event.

    Args:
        walk: the walk through the past.
        features: of the same sessions.
        sessions: (n,) sessions left to each row's expiry; 0 where no range is counted.
    """
    path = walk.miss
    returns = horizon_outcomes(features.series).close
    held = np.full(len(walk), np.nan)
    for block in walk.blocks:
        for row in range(block.rows.start, block.rows.stop):
            horizon, origin = int(sessions[row]), row - int(walk.rows[0])
            if horizon == 0:
                continue
            came, miss = returns[row, horizon - 1], float(known_miss(path, origin, horizon)[SAFE_RANGE])
            if np.isfinite(came):
                interval = central_interval(block.forecast.distribution, row - block.rows.start, horizon, miss)
                held[origin] = float(interval.lower <= came <= interval.upper)
    expiry_rows = walk.rows + sessions[walk.rows]
    events = len(np.unique(expiry_rows[np.isfinite(held)]))
    return measured_rate(held, events, COVERAGES[SAFE_RANGE], session_dates(walk, features))


def walk_payoff_errors(walk: WalkForward | None, features: DailyFeatures) -> FloatArray:
    """Relative errors of a day's expected pay-off, (5,), from the moves that the walk forecast; one without a walk."""
    if walk is None:
        return np.full(len(STRADDLE_HORIZONS), UNKNOWN_ERROR)
    expected = [
        np.concatenate([block.forecast.distribution.mean_absolute_return(h) for block in walk.blocks])
        for h in STRADDLE_HORIZONS
    ]
    move = np.abs(horizon_outcomes(features.series, len(STRADDLE_HORIZONS)).close)
    return payoff_errors(move[walk.rows], np.column_stack(expected))


def breakout_record(walk: WalkForward, features: DailyFeatures, base_rate: float) -> MeasuredRate:
    """Share of breakout calls followed by one: a call is a next-session score above the median of those before it.

    base_rate: training's frequency of the event, the reference where there are too few calls to measure one too.
    """
    score = walk.breakout[:, 0]
    happened = breakout_happened(features.series)[walk.rows, 0]
    median_before = pd.Series(score).expanding().median().shift(1, fill_value=np.inf).to_numpy()
    followed = np.where(score > median_before, happened, np.nan)
    calls = int(np.isfinite(followed).sum())
    known = happened[np.isfinite(happened)]
    reference = float(known.mean()) if calls >= MINIMUM_EVENTS else base_rate
    return measured_rate(followed, calls, reference, session_dates(walk, features))


def direction_margins(
    walk: WalkForward, features: DailyFeatures, forecasts: dict[str, DirectionProbabilities]
) -> FloatArray:
    """The smallest edge per horizon whose calls have proven themselves, infinite where none has. Shape (6,).

    Proven: at least 100 calls that came true more often than their base rate, by more than three standard errors that
    allow for overlap, and in both halves of the walk. ``forecasts`` are the walk's by horizon, at the close or after
    the US night; NaN where there is none.
    """
    returns = horizon_outcomes(features.series).close[walk.rows]
    return np.array([_margin(forecasts[key], direction_class(returns[:, h - 1], h), h) for key, h in HORIZONS.items()])


def _margin(forecasts: DirectionProbabilities, outcome: FloatArray, horizon: int) -> float:
    side = np.sign(forecasts.edge)
    base = np.where(side > 0, forecasts.base_up, forecasts.base_down)
    excess = (outcome == side) - base
    half = len(outcome) // 2
    for margin in MARGINS:
        called = (forecasts.calls(margin) != 0) & np.isfinite(outcome)
        if called.sum() < MINIMUM_CALLS:
            continue
        gained = excess[called]
        halves = [excess[:half][called[:half]], excess[half:][called[half:]]]
        if gained.mean() > PROVEN_T * standard_error(gained, horizon) and all(h.size and h.mean() > 0 for h in halves):
            return margin
    return float("inf")


def after_open(walk: WalkForward, features: DailyFeatures) -> AfterOpen:
    """How the move after the open followed what was expected of the opening gap, over the nights of the walk.

    Its mean depends on the gap where their correlation is more than three standard errors from 0.
    """
    unit = np.concatenate([block.forecast.distribution.scale[:, 0] for block in walk.blocks])
    moved = after_open_ahead(features.series)[walk.rows] / unit
    known = np.isfinite(moved) & np.isfinite(walk.night_gap)
    n = int(known.sum())
    gap, moved = walk.night_gap[known], moved[known]
    if n < MINIMUM_CALLS or min(gap.std(), moved.std()) < SMALLEST_SPREAD:
        return NOT_MEASURED
    product = (gap - gap.mean()) * (moved - moved.mean())
    error = standard_error(product, 1)
    t = float(product.mean() / error)
    slope = float(product.mean() / gap.var()) if abs(t) > PROVEN_T else 0.0
    correlation = float(product.mean() / (gap.std() * moved.std()))
    return AfterOpen(float(moved.mean()), slope, float(gap.mean()), correlation, t, n)


class ScoredSignal(NamedTuple):
    """Past probabilities of one signal, their base rates at the time, and what came; arrays (m,), NaN where unknown.

    horizon: sessions over which neighbouring outcomes overlap.
    """

    signal: str
    forecast: FloatArray
    base_rate: FloatArray
    happened: FloatArray
    horizon: int


def scored_signals(walk: WalkForward, features: DailyFeatures, nearest: IntArray) -> Iterator[ScoredSignal]:
    """Every probability that has a score in the document, at every origin of the walk."""
    yield from scored_heads(walk, features, nearest)
    returns = horizon_outcomes(features.series).close[walk.rows]
    for key, h in HORIZONS.items():
        forecast_up, outcome = walk.direction[key], direction_class(returns[:, h - 1], h)
        rose = np.where(np.isfinite(outcome), outcome == 1, np.nan)
        yield ScoredSignal(f"direction.{key}.up", forecast_up.up, forecast_up.base_up, rose, h)


def scored_heads(walk: WalkForward, features: DailyFeatures, nearest: IntArray) -> Iterator[ScoredSignal]:
    """The same of the heads that must prove themselves."""
    series, rows = features.series, walk.rows
    for i, k in enumerate(TRAP_HORIZONS):
        sprung = trap_sprung(series, k)[rows]
        yield ScoredSignal(f"seller.trap.{k}", walk.trap[:, i], walk.trap_base[:, i], sprung, k)
    steps = nearest[rows]
    touched = stress_touched(features)[rows, steps - 1]
    yield ScoredSignal("seller.expiry_stress", walk.stress, walk.stress_base, touched, int(steps.max()))
    happened = breakout_happened(series)[rows]
    for i, k in enumerate(BREAKOUT_OFFSETS):
        yield ScoredSignal(f"buyer.breakout.{k}", walk.breakout[:, i], walk.breakout_base[:, i], happened[:, i], 1)
    spiked_up = spike_went_up(features)[rows]
    yield ScoredSignal("buyer.spike_direction_bias", walk.spike, walk.spike_base, spiked_up, 1)
    for i, h in enumerate(STRADDLE_HORIZONS):
        pays = straddle_pays(series, h)[rows]
        yield ScoredSignal(f"buyer.theta_edge.{h}", walk.straddle[:, i], walk.straddle_base[:, i], pays, h)


def heads_known(scored: Iterable[ScoredSignal], rows: IntArray, nearest: IntArray, last: int) -> Iterator[ScoredSignal]:
    """Scored heads of a walk, as they were known at the close of the session of row ``last``.

    Args:
        scored: of the whole walk, by ``scored_heads``.
        rows: (m,) its origins.
        nearest: (n,) sessions from each row's close to the nearest expiry.
        last: the last origin that counts; outcomes of later sessions are not known.
    """
    n = int(np.searchsorted(rows, last, side="right"))
    for one in scored:
        # The offset of a breakout is in its name: its horizon says how far neighbouring outcomes overlap.
        signal, ahead = one.signal, np.full(n, one.horizon)
        if signal == "seller.expiry_stress":
            ahead = nearest[rows[:n]]
            one = one._replace(horizon=int(ahead.max()))
        elif signal.startswith("buyer.breakout."):
            ahead = np.full(n, int(signal.rpartition(".")[2]))
        happened = np.where(rows[:n] + ahead <= last, one.happened[:n], np.nan)
        yield one._replace(forecast=one.forecast[:n], base_rate=one.base_rate[:n], happened=happened)


def skills(scored: Iterable[ScoredSignal], dates: list[str]) -> tuple[BrierSkill, ...]:
    """Brier scores beside climatology of the signals with a known outcome; dates: 'YYYY-MM-DD' of every origin."""
    return tuple(skill for one in scored if (skill := brier_skill(*one, dates)) is not None)
