"""Direction by hand: the three classes of a return beside what a forecaster without a view on the sign would say."""

import math
from typing import Any

import numpy as np
from material import Material
from night_by_hand import after_the_open, opening_gap
from outlook_by_hand import outlook
from scale_by_hand import percentile, scale, true_ranges, week_scales
from table import golden

HORIZONS = {"t1": 1, "t3": 3, "t5": 5, "t10": 10, "t20": 20, "t40": 40}


def _up_share(m: Material, sessions: int) -> float:
    """Share of ups among the training moves that shape the distribution and leave the dead zone, one more a side.

    Every feature looks back 66 sessions at most, those of the index 22; without the index all such rows count.
    """
    moves = np.log(m.learnt["close"]).diff(sessions).shift(-sessions).iloc[65:]
    known = m.learnt["vix"].notna().rolling(22).sum().iloc[65:] == 22
    if m.knows_index and known.sum() >= 750:
        moves = moves[known]
    ups, downs = (moves > _zone(sessions)).sum(), (moves < -_zone(sessions)).sum()
    return float((ups + 1) / (ups + downs + 2))


def _zone(sessions: int) -> float:
    return 0.002 * math.sqrt(sessions)


def _margin(m: Material, key: str) -> float:
    """The edge that a call must have; none has been measured inside a session."""
    model, at = m.models.direction, list(HORIZONS).index(key)
    return math.inf if m.inside else float((model.night_margin if m.applied_night else model.margin)[at])


def _call(m: Material, key: str, step: int) -> dict[str, float]:
    sessions = HORIZONS[key]
    beyond = outlook(m).beyond(step, _zone(sessions))
    up, down, share = beyond.close_up, beyond.close_down, _up_share(m, sessions)
    base_up, base_down = share * (up + down), (1 - share) * (up + down)
    edge, base = (up - base_up, base_up) if up >= base_up else (down - base_down, base_down)
    median = m.spot * math.expm1(outlook(m).quantile(step, 0.5))
    if edge >= _margin(m, key) and (up > down) == (up >= base_up):
        median = max(median, 0.0) if up > down else min(median, 0.0)
    rounded = round(up, 4), round(down, 4)
    return {
        "expected_move_points": median,
        "conviction": edge / (1 - base),
        "p_up": up,
        "p_down": down,
        "p_neutral": max(1 - sum(rounded), 0.0),
        "base_up": base_up,
        "base_down": base_down,
        "dead_zone_pct": _zone(sessions),
    }


@golden("direction.horizons")
def horizons(m: Material) -> dict[str, Any]:
    found = {}
    for key, sessions in HORIZONS.items():
        margin = _margin(m, key)
        found[key] = {
            **_call(m, key, m.step(sessions)),
            "sessions": sessions,
            "margin": margin if math.isfinite(margin) else None,
        }
    return found


@golden("direction.today")
def today(m: Material) -> dict[str, float]:
    return {**_call(m, "t1", 1), "intraday_volatility_score": _volatility_score(m)}


def _volatility_score(m: Material) -> float:
    """This session's variance among that of the last year's by the same time of day; a close's is of the true range.

    That of the true range where fewer than 20 past sessions of bars are known, too.
    """
    variance = (np.log(m.bars["high"] / m.bars["low"]) ** 2).to_numpy(dtype=np.float64) if len(m.bars) else np.empty(0)
    past = len(m.bars) - len(m.today)
    if not m.inside or past < 20 * 25:
        return percentile(true_ranges(m.log).to_numpy(), 252)
    by_session = variance[:past].reshape(-1, 25)[:, : m.moment].sum(axis=1)
    return percentile(np.append(by_session, variance[past:].sum()), 252)


@golden("direction.night")
def night(m: Material) -> dict[str, float] | None:
    if not m.applied_night:
        return None
    lower, median, upper = (m.spot * math.exp(opening_gap(m, level)) for level in (0.1, 0.5, 0.9))
    past = m.models.night.after_open
    return {
        "expected_open": median,
        "expected_points": median - m.spot,
        "lower": lower,
        "upper": upper,
        "coverage": 0.8,
        "after_open_points": median * math.expm1(after_the_open(m)),
        "after_open_correlation": past.correlation,
        "after_open_t": past.t,
        "after_open_nights": past.nights,
    }


@golden("direction.risk")
def risk(m: Material) -> dict[str, float]:
    known = [value for value in week_scales(m) if math.isfinite(value)]
    return {
        "score": percentile(week_scales(m), 5 * 252),
        "sigma_5_pct": scale(m).blended[4] * math.sqrt(5),
        "percentile_years": len(known) / 252,
    }


@golden("direction.risk_score")
def risk_score(m: Material) -> float:
    return percentile(week_scales(m), 5 * 252)
