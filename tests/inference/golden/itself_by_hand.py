"""What the document says of itself, by hand: ages of its inputs, and how past forecasts have fared."""

import math
from typing import Any

import pandas as pd
from expiries_by_hand import weeklies
from material import Material
from night_by_hand import night_change, subset
from table import golden

Z = 1.959963984540054


@golden("provenance")
def provenance(m: Material) -> dict[str, Any]:
    lag = None if m.index_last is None else int((m.daily.index > m.index_last).sum())
    return {
        "inputs": [{"age_hours": max((m.as_of - last).total_seconds() / 3600, 0.0)} for last in _last_bars(m)],
        "us_night": {"change_pct": night_change(m) if "v" in subset(m) else None} if m.applied_night else None,
        "rows": len(m.daily),
        "vix_age_sessions": lag,
        "calendar": m.calendar_file,
    }


def _last_bars(m: Material) -> list[pd.Timestamp]:
    """Closes at 15:30, ends of the newest bars, and New York's 16:15."""
    india, found = m.as_of.tz, [_close(m.daily.index[-1], m)]
    if m.index_last is not None:
        found.append(_close(m.index_last, m))
    both = (m.bars, m.bars[m.bars["vix"].notna()])
    found += [(bars.index[-1] + pd.Timedelta(minutes=15)).tz_localize(india) for bars in both if len(bars)]
    for us in (m.us_vix, m.us_spot, m.fund):
        if len(us):
            found.append((us.index[-1] + pd.Timedelta(hours=16, minutes=15)).tz_localize("America/New_York"))
    return found


def _close(day: pd.Timestamp, m: Material) -> pd.Timestamp:
    return (day + pd.Timedelta(hours=15, minutes=30)).tz_localize(m.as_of.tz)


def wilson(rate: float, n: int) -> list[float]:
    """The shares x at which (rate - x)^2 = z^2 x (1 - x) / n, Wilson's (1927) two roots."""
    a, b, c = 1 + Z**2 / n, -(2 * rate + Z**2 / n), rate**2
    root = math.sqrt(b**2 - 4 * a * c)
    return [(-b - root) / (2 * a), (-b + root) / (2 * a)]


def _rate(walk: Any, live: Any) -> dict[str, Any]:
    """A rate of past calls, the live one beside it and both weighted by their events; 30 where nothing is measured."""
    enough, weight = live.events >= 30, walk.events if walk.events >= 30 else 30
    return {
        "n": walk.n,
        "events": walk.events,
        "rate": walk.rate,
        "interval": wilson(walk.rate, walk.events) if walk.events >= 30 else None,
        "live": {
            "n": live.n,
            "events": live.events,
            "rate": live.rate if enough else None,
            "interval": wilson(live.rate, live.events) if enough else None,
        },
        "pooled": (weight * walk.rate + live.events * live.rate) / (weight + live.events),
    }


@golden("track_record.safe_range")
def safe_range(m: Material) -> dict[str, Any]:
    return {**_rate(m.models.breach.record, m.record.safe_range), "nominal": 0.8}


@golden("track_record.nearest_range")
def nearest_range(m: Material) -> dict[str, Any]:
    """Nothing before weekly expiries."""
    if not weeklies(m):
        return {}
    return {**_rate(m.models.breach.nearest_record, m.record.nearest_range), "nominal": 0.8}


@golden("track_record.breakout_calls")
def breakout_calls(m: Material) -> dict[str, Any]:
    return {
        **_rate(m.models.breakout.record, m.record.breakout_calls),
        "base_rate": m.models.breakout.record.reference,
    }


@golden("track_record.skill")
def skill(m: Material) -> list[dict[str, Any]]:
    return [
        {"score": s.score, "climatology": s.climatology, "skill_pct": 1 - s.score / s.climatology, "n": s.n}
        for s in m.training.skill
    ]


@golden("track_record.live")
def live(m: Material) -> list[dict[str, Any]]:
    """As the record scores them, withheld below 30 events."""
    found = []
    for score in m.record.signals:
        said: dict[str, Any] = {"n": score.n, "events": score.events}
        if score.events >= 30:
            said |= {"brier": score.brier, "came_true": score.frequency}
            for skill, name, interval in (
                (score.climatology, "against_climatology", "climatology_interval"),
                (score.vix, "against_index", "index_interval"),
            ):
                said |= {} if skill is None else {name: skill.skill, interval: [skill.low, skill.high]}
        found.append(said)
    return found
