"""The buyer's block by hand: breakouts and their levels, windows of the session, the price of time, the regime."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from expiries_by_hand import nearest_steps
from heads_by_hand import base_rate, chance, log_odds, pooled, speaks
from material import Material
from outlook_by_hand import Outcome, at_close, implied_move, outlook
from scale_by_hand import scale, true_ranges
from table import golden

WINDOWS = (2, 4, 5, 8, 4, 2)
"""Bars of the six windows from 09:15 to 15:30."""

PRIOR_SHARES = (0.2303, 0.1591, 0.1194, 0.2298, 0.1588, 0.1026)


def broke_out(frame: pd.DataFrame, offset: int) -> np.ndarray:
    """1.0 where the true range of a session ahead is above 1.25 of the mean of the last fourteen."""
    ranges = true_ranges(np.log(frame[["open", "high", "low", "close"]]))
    ahead, threshold = ranges.shift(-offset), 1.25 * ranges.rolling(14).mean()
    return (ahead > threshold).astype(float).where(ahead.notna() & threshold.notna()).to_numpy()


def _threshold(m: Material) -> float:
    return 1.25 * float(true_ranges(m.log).iloc[-14:].mean())


def _breakouts(m: Material) -> list[dict[str, float]]:
    model, threshold, found = m.models.breakout.forecaster, _threshold(m), []
    for i in range(5):
        shape = model.shape if m.knows_index else model.plain_shape
        score = Outcome(shape.grid, shape.count).above(i + 1, threshold / scale(m).session_blended[i])
        if m.knows_index:
            score = pooled(m, model.heads[i], math.log(threshold / scale(m).session_model[i]), score)
        if not speaks(m, f"buyer.breakout.{i + 1}"):
            score = base_rate(broke_out(m.learnt, i + 1), 0.24)
        found.append({"score": score, "base_rate": base_rate(broke_out(m.learnt, i + 1), 0.24)})
    if m.inside:
        found[0]["score"] = _breakout_inside(m)
    return found


def _extremes(m: Material) -> tuple[float, float]:
    """Highest and lowest of the session so far, the close before counted in, log points."""
    last = m.log["close"].iloc[-1]
    own = np.log(m.today)
    return max(own["high"].max(), last), min(own["low"].min(), last)


def _breakout_inside(m: Material) -> float:
    """A touch of one of the levels that complete the range, its log odds corrected by what past sessions teach."""
    high, low = _extremes(m)
    threshold, now = _threshold(m), math.log(m.spot)
    if high - low > threshold:
        return 1.0
    up, down = max(low + threshold - now, 1e-9), max(now - high + threshold, 1e-9)
    touch = outlook(m).beyond(1, up, down).touch
    return chance(log_odds(touch) + float(m.models.session.breakout_offset[m.moment - 1]))


@golden("buyer.breakout_today")
def breakout_today(m: Material) -> dict[str, float]:
    return _breakouts(m)[0]


@golden("buyer.breakout_next")
def breakout_next(m: Material) -> list[dict[str, float]]:
    return [{**one, "day_offset": k} for k, one in enumerate(_breakouts(m), start=1)]


@golden("buyer.breakout_levels")
def breakout_levels(m: Material) -> dict[str, float | None]:
    """From the opposite extreme; none of these moments has seen its breakout."""
    high, low = _extremes(m) if m.inside else (m.log["close"].iloc[-1],) * 2
    assert high - low <= _threshold(m)
    return {
        "upper": math.exp(low + _threshold(m)),
        "lower": math.exp(high - _threshold(m)),
        "atr_points": m.spot * _threshold(m) / 1.25,
        "multiple": 1.25,
        "range_so_far": 1.25 * (high - low) / _threshold(m) if m.inside else None,
    }


@golden("buyer.spike_direction_bias")
def spike_direction_bias(m: Material) -> dict[str, float]:
    """By whether the last week fell; the share of all training breakouts that closed up is the base."""
    happened = broke_out(m.learnt, 1) == 1
    happened[:65] = False
    rose = (np.log(m.learnt["close"]).diff().shift(-1) > 0).to_numpy()
    week = m.log["close"].iloc[-1] - m.log["close"].iloc[-6]
    base = (int((happened & rose).sum()) + 1) / (int(happened.sum()) + 2)
    known = speaks(m, "buyer.spike_direction_bias")
    up = round(float(m.models.spike.up[int(week >= 0)]) if known else base, 4)
    return {
        "up_prob": up,
        "down_prob": 1 - up,
        "base_up": base,
        "evidence": int(happened.sum()),
    }


def usual_shares(m: Material) -> np.ndarray:
    """Mean share of past sessions' variance in each window, one of 125 sessions before counting half; else a prior."""
    if len(m.learnt_bars) < 60 * 25:
        return np.array(PRIOR_SHARES)
    variance = (np.log(m.learnt_bars["high"] / m.learnt_bars["low"]) ** 2).to_numpy().reshape(-1, 25)
    shares = variance / variance.sum(axis=1, keepdims=True)
    edges = np.cumsum([0, *WINDOWS])
    weight = np.exp2(-np.arange(len(shares))[::-1] / 125)
    return np.array([weight @ shares[:, a:b].sum(axis=1) / weight.sum() for a, b in pairwise(edges)])


@golden("buyer.gamma_windows")
def gamma_windows(m: Material) -> list[dict[str, float]]:
    usual = usual_shares(m)
    shares, against = usual, np.ones(6)
    if m.inside:
        variance = (np.log(m.today["high"] / m.today["low"]) ** 2).to_numpy() / (4 * math.log(2))
        edges = np.cumsum([0, *WINDOWS])
        seen = np.array([variance[a:b].sum() for a, b in pairwise(edges)])
        open_part = np.array([min(max(b - m.moment, 0), w) / w for b, w in zip(edges[1:], WINDOWS, strict=True)])
        to_come = usual * open_part
        whole = seen + outlook(m).scale[0] ** 2 * to_come / to_come.sum()
        session = at_close(m).scale[0] ** 2 * m.models.session.intraday.scale.session_share
        shares, against = whole / whole.sum(), whole / (usual * session)
    even = np.array(WINDOWS) / 25
    return [
        {"score": s / (s + e), "share": s, "against_usual": a} for s, e, a in zip(shares, even, against, strict=True)
    ]


@golden("buyer.theta_edge")
def theta_edge(m: Material) -> dict[str, float]:
    step = min(nearest_steps(m), 5)
    cost = 0.8 * implied_move(m, step)
    base = base_rate(paid(m.learnt, step), 0.34)
    if m.inside:
        base = float(m.models.session.straddle_base[m.moment - 1, step - 1])
    beyond = outlook(m).beyond(step, cost)
    score = beyond.close_up + beyond.close_down
    speaking = m.knows_index and speaks(m, f"buyer.theta_edge.{step}")
    if not speaking:
        score = base
    elif not m.inside and not m.applied_night:
        model = math.log(cost / (scale(m).model[step - 1] * math.sqrt(step)))
        score = pooled(m, m.models.theta.forecaster.heads[step - 1], model, score)
    moves = [abs(outlook(m).quantile(step, (n + 0.5) / 1000)) for n in range(1000)]
    ratio = sum(moves) / 1000 / cost if speaking else past_ratio(m, step)
    return {
        "score": score,
        "expected_payoff_ratio": ratio,
        "payoff_error": ratio * float(m.models.theta.payoff_error[step - 1]),
        "straddle_cost_points": m.spot * cost,
        "sessions_left": step,
        "base_rate": base,
    }


def past_ratio(m: Material, sessions: int) -> float:
    """Mean of past moves over the straddle's cost of their own day."""
    ratio = _move(m.daily, sessions) / _cost(m.daily, sessions)
    return float(ratio.mean())


def paid(frame: pd.DataFrame, sessions: int) -> np.ndarray:
    """1.0 where the move over the sessions ahead is above 0.8 implied standard deviations."""
    move, cost = _move(frame, sessions), _cost(frame, sessions)
    return (move > cost).astype(float).where(move.notna() & cost.notna()).to_numpy()


def _move(frame: pd.DataFrame, sessions: int) -> "pd.Series[float]":
    return np.log(frame["close"]).diff(sessions).shift(-sessions).abs()


def _cost(frame: pd.DataFrame, sessions: int) -> "pd.Series[float]":
    return 0.8 * frame["vix"] / 100 * math.sqrt(sessions / 252)


@golden("buyer.regime_evidence")
def regime_evidence(m: Material) -> dict[str, Any]:
    """Lo and MacKinlay's variance ratio and its heteroskedasticity-robust z, term by term."""
    returns = m.log["close"].diff().dropna().to_list()[-252:]
    n, mean = len(returns), sum(returns) / len(returns)
    apart = [r - mean for r in returns]
    one = sum(a**2 for a in apart) / (n - 1)
    weeks = [sum(returns[t : t + 5]) - 5 * mean for t in range(n - 4)]
    ratio = sum(w**2 for w in weeks) / (5 * (n - 4) * (1 - 5 / n)) / one
    total = sum(a**2 for a in apart) ** 2
    theta = 0.0
    for k in range(1, 5):
        delta = sum(apart[t] ** 2 * apart[t - k] ** 2 for t in range(k, n)) / total
        theta += (2 * (5 - k) / 5) ** 2 * delta
    return {"variance_ratio": ratio, "z_statistic": (ratio - 1) / math.sqrt(theta), "lag": 5, "window": 252}


@golden("buyer.historical_spike_rate")
def historical_spike_rate(m: Material) -> float:
    walk, live = m.models.breakout.record, m.record.breakout_calls
    weight = walk.events if walk.events >= 30 else 30
    return (weight * walk.rate + live.events * live.rate) / (weight + live.events)
