"""The seller's block by hand: ranges of the close, chances of a touch, trap, stress and skew."""

import math
from typing import Any

import numpy as np
import pandas as pd
from expiries_by_hand import listed, nearest_steps, primary
from heads_by_hand import base_rate, pooled, speaks
from material import Material
from outlook_by_hand import Outcome, Outlook, at_close, implied_move, outlook
from scale_by_hand import features, horizon_rows, percentile, scale
from table import golden

COVERAGES = (0.80, 0.90, 0.95)


# Ranges


def miss_rates(m: Material) -> np.ndarray:
    """(3, 45): those of the model file, moved by each outcome since it was trained, 0.005 at a time."""
    miss, rows = m.models.breach.miss.copy(), horizon_rows(m)
    close, ahead = m.log["close"].to_numpy(), at_close(m)
    known = int(m.daily.index.searchsorted(pd.Timestamp(m.models.breach.known_until), side="right")) - 1
    for h in range(1, 46):
        for origin in range(max(known - h + 1, 0), len(close) - h):
            pit = ahead.close.below(h, (close[origin + h] - close[origin]) / rows[origin, h - 1])
            for i, coverage in enumerate(COVERAGES):
                missed = abs(2 * pit - 1) > 1 - miss[i, h - 1]
                miss[i, h - 1] = min(max(miss[i, h - 1] + 0.005 * (1 - coverage - missed), 0.01), 0.5)
    return miss


def _interval(ahead: Outlook, step: int, miss: float) -> tuple[float, float]:
    """Between the levels that leave half the miss rate on each side, up to 5 % wider from 20 to 40 sessions."""
    low, middle, high = (ahead.quantile(step, level) for level in (miss / 2, 0.5, 1 - miss / 2))
    wider = 1 + 0.05 * min(max(step - 20, 0) / 20, 1)
    return middle - wider * (middle - low), middle + wider * (high - middle)


@golden("seller.safe_range")
def safe_range(m: Material) -> dict[str, float]:
    step = m.closes_to(primary(m))
    miss = float(miss_rates(m)[0, step - 1])
    low, high = _ladder(m)[listed(m).index(primary(m))][0]
    return {
        "lower": m.spot * math.exp(low),
        "upper": m.spot * math.exp(high),
        "horizon_days": (primary(m) - m.day).days,
        "coverage": 0.8,
        "touch_probability": outlook(m).beyond(step, high, -low).touch,
        "sessions_left": step,
        "lower_level": miss / 2,
        "upper_level": 1 - miss / 2,
    }


def _zone(m: Material, step: int) -> dict[str, float]:
    """The strike at the median, and the strikes that hold the middle 30 % of the closes, at least one on each side."""
    low, middle, high = (m.spot * math.exp(outlook(m).quantile(step, p)) / 50 for p in (0.35, 0.5, 0.65))
    strike = round(middle)
    lower, upper = min(math.floor(low), strike - 1), max(math.ceil(high), strike + 1)
    inside = [outlook(m).below(step, math.log(50 * edge / m.spot)) for edge in (lower, upper)]
    return {"strike": 50 * strike, "lower": 50 * lower, "upper": 50 * upper, "confidence": inside[1] - inside[0]}


@golden("seller.max_pain")
def max_pain(m: Material) -> dict[str, float]:
    return _zone(m, m.closes_to(listed(m)[0]))


def _distances(m: Material, step: int, sigmas: tuple[float, ...]) -> list[int]:
    """Strikes away, rising, nearest to multiples of the standard deviation."""
    found: list[int] = []
    for sigma in sigmas:
        nearest = round(sigma * m.spot * outlook(m).scale[step - 1] / 50)
        found.append(max(nearest, (found[-1] if found else 0) + 1))
    return [50 * strikes for strikes in found]


def _chances(m: Material, step: int, distance: int, touch: str, close: str) -> dict[str, float]:
    beyond = outlook(m).beyond(step, math.log(1 + distance / m.spot), -math.log(1 - distance / m.spot))
    return {
        "distance": distance,
        touch: beyond.touch,
        "touch_up": beyond.touch_up,
        "touch_down": beyond.touch_down,
        close: beyond.close_up + beyond.close_down,
        "close_up": beyond.close_up,
        "close_down": beyond.close_down,
    }


@golden("seller.breach_probabilities")
def breach_probabilities(m: Material) -> list[dict[str, float]]:
    step = m.closes_to(primary(m))
    distances = _distances(m, step, (0.5, 1.0, 1.5, 2.0))
    return [_chances(m, step, distance, "probability", "close_beyond") for distance in distances]


@golden("seller.breach")
def breach(m: Material) -> dict[str, float]:
    return {"sessions_left": m.closes_to(primary(m))}


@golden("seller.expiries")
def expiry_blocks(m: Material) -> list[dict[str, Any]]:
    found = []
    for day, ranges in zip(listed(m), _ladder(m), strict=True):
        step = m.closes_to(day)
        distances = _distances(m, step, (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0))
        found.append(
            {
                "sessions_left": step,
                "horizon_days": (day - m.day).days,
                "ranges": [
                    {
                        "coverage": coverage,
                        "lower": m.spot * math.exp(low),
                        "upper": m.spot * math.exp(high),
                        "touch_probability": outlook(m).beyond(step, high, -low).touch if i < 3 else None,
                    }
                    for i, (coverage, (low, high)) in enumerate(zip(2 * COVERAGES, ranges, strict=True))
                ],
                "breach_curve": [_chances(m, step, distance, "touch", "close") for distance in distances],
                "max_pain": _zone(m, step),
            }
        )
    return found


def _ladder(m: Material) -> list[np.ndarray]:
    """(6, 2) for each listed expiry: ranges of the close, then bands; each as far out as the same of those before."""
    found = []
    for day in listed(m):
        step = m.closes_to(day)
        found.append(np.array([*_close_ranges(m, step), *_bands(m, step)]))
    every = np.array(found)
    lower, upper = np.minimum.accumulate(every[:, :, 0]), np.maximum.accumulate(every[:, :, 1])
    return list(np.stack([lower, upper], axis=2))


def _close_ranges(m: Material, step: int) -> list[tuple[float, float]]:
    """Each at least as wide as the one before."""
    low, high, found, miss = math.inf, -math.inf, [], miss_rates(m)
    for i in range(len(COVERAGES)):
        interval = _interval(outlook(m), step, float(miss[i, step - 1]))
        low, high = min(low, interval[0]), max(high, interval[1])
        found.append((low, high))
    return found


def _bands(m: Material, step: int) -> list[tuple[float, float]]:
    """Log distances at which a touch on either side has just the chance that is left, on a line over 400 points."""
    sigma, ahead, found = outlook(m).scale[step - 1], outlook(m), []
    for coverage in COVERAGES:
        beyond, inside = 400, 0
        while beyond - inside > 1:
            middle = (beyond + inside) // 2
            far = ahead.beyond(step, 8 * sigma * middle / 400).touch <= 1 - coverage
            beyond, inside = (middle, inside) if far else (beyond, middle)
        near, far_off = (ahead.beyond(step, 8 * sigma * at / 400).touch for at in (inside, beyond))
        distance = 8 * sigma / 400 * (inside + (near - (1 - coverage)) / (near - far_off))
        found.append((-distance, distance))
    return found


@golden("seller.range_width")
def range_width(m: Material) -> dict[str, float | None]:
    """The scale over h sessions among those of the last year's closes, by today's model; a past without a record."""
    h = min(nearest_steps(m), 5)
    past = horizon_rows(m)[-252:, h - 1]
    now = outlook(m).scale[h - 1] * math.sqrt(h / _sessions_worth(m, h))
    implied = features(m).implied[-252:] * math.sqrt(h)
    found: dict[str, float | None] = {"percentile": _among(m, past, now), "percentile_sigmas": None, "sessions_left": h}
    if m.knows_index:
        own = outlook(m).scale[h - 1] / implied_move(m, h)
        found["percentile_sigmas"] = _among(m, past / implied, own)
    return found | _after_such_ranges(m, float(found["percentile"] or 0), h)


def _among(m: Material, closes: np.ndarray, now: float) -> float:
    """At a close and after its night the last of the year is the forecast itself."""
    return percentile(np.append(closes if m.inside else closes[:-1], now), 252)


def _sessions_worth(m: Material, step: int) -> float:
    return step - 1 + float(m.models.session.intraday.scale.close_share[m.moment - 1]) if m.inside else step


def _after_such_ranges(m: Material, place: float, h: int) -> dict[str, float | None]:
    """What the walk measured of ranges in the same part of their year, and of all; nothing from under 30 occasions."""
    record, row = m.models.breach.widths, 0 if place < 0.2 else 2 if place >= 0.8 else 1
    counts = {"ranges": int(record.ranges[row, h - 1]), "occasions": int(record.occasions[row, h - 1])}
    rates = {"held": record.held, "touched": record.touched, "median_move": record.move}
    enough = counts["occasions"] >= 30
    such = {name: float(values[row, h - 1]) if enough else None for name, values in rates.items()}
    usual = {f"usual_{name}": float(values[3, h - 1]) if enough else None for name, values in rates.items()}
    return counts | such | usual


# Signals


def sprung(frame: pd.DataFrame, sessions: int) -> np.ndarray:
    """1.0 where the next sessions realise more variance than the index implies, NaN where not known."""
    squares = np.log(frame["close"]).diff() ** 2
    ahead = squares.rolling(sessions).mean().shift(-sessions)
    implied = (frame["vix"] / 100) ** 2 / 252
    return (ahead > implied).astype(float).where(ahead.notna() & implied.notna()).to_numpy()


@golden("seller.trap")
def trap(m: Material) -> dict[str, float]:
    base = {k: base_rate(sprung(m.learnt, k), 0.20) for k in (5, 10)}
    score, known, model = dict(base), features(m), m.models.trap.forecaster
    if m.knows_index:
        for i, k in enumerate((5, 10)):
            if not speaks(m, f"seller.trap.{k}"):
                continue
            implied = float(known.implied[-1])
            grid = model.shape
            outcome = _above(grid, i, implied / scale(m).blended[k - 1])
            score[k] = pooled(m, model.heads[i], math.log(implied / scale(m).model[k - 1]), outcome)
    realised = (m.log["close"].diff().fillna(0.0) ** 2).rolling(22).mean() ** 0.5
    index = m.daily["vix"] if math.isfinite(m.daily["vix"].iloc[-1]) else realised
    return {
        "score": score[5],
        "iv_percentile": percentile(index.to_numpy(), 252),
        "rv_percentile": percentile(realised.to_numpy(), 252),
        "horizon_sessions": 5,
        "base_rate": base[5],
        "score_10": score[10],
        "base_rate_10": base[10],
    }


def _above(shape: Any, row: int, value: float) -> float:
    return Outcome(shape.grid, shape.count).above(row + 1, value)


@golden("seller.expiry_stress")
def expiry_stress(m: Material) -> dict[str, float]:
    step = nearest_steps(m)
    distance = 1.25 * implied_move(m, step)
    base = touched(m.learnt, step)
    if m.inside and step <= 5:
        base = float(m.models.session.stress_base[m.moment - 1, step - 1])
    return {
        "score": outlook(m).beyond(step, distance).touch if m.knows_index else base,
        "sessions_left": step,
        "distance_points": m.spot * distance,
        "base_rate": base,
    }


def touched(frame: pd.DataFrame, sessions: int) -> float:
    """Share of training sessions whose 1.25 implied standard deviations a high or low within the horizon lay beyond."""
    log = np.log(frame[["high", "low", "close"]])
    highest = log["high"].rolling(sessions).max().shift(-sessions) - log["close"]
    lowest = log["close"] - log["low"].rolling(sessions).min().shift(-sessions)
    distance = 1.25 * frame["vix"] / 100 * math.sqrt(sessions / 252)
    beyond = (highest > distance) | (lowest > distance)
    return base_rate(beyond.astype(float).where(highest.notna() & distance.notna()).to_numpy(), 0.25)


@golden("seller.skew")
def skew(m: Material) -> dict[str, float]:
    """Shares of the variance of a thousand equally likely closes that the lowest and the highest fifty make up."""
    step = m.closes_to(primary(m))
    outcomes = [outlook(m).quantile(step, (n + 0.5) / 1000) for n in range(1000)]
    middle = sum(outcomes) / 1000
    squares = [(outcome - middle) ** 2 for outcome in outcomes]
    put, call = round(sum(squares[:50]) / sum(squares), 4), round(sum(squares[950:]) / sum(squares), 4)
    return {"put_skew": put, "call_skew": call, "net_skew": call - put}


@golden("seller.historical_hit_rate")
def historical_hit_rate(m: Material) -> float:
    walk, live = m.models.breach.record, m.record.safe_range
    weight = walk.events if walk.events >= 30 else 30
    return (weight * walk.rate + live.events * live.rate) / (weight + live.events)
