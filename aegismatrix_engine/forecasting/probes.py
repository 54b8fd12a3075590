"""Probes: a few stored rows of features, and what each model must answer to them.

A model that loads may still compute something else: a library of another version may load it and predict other
numbers, or fail only then. So a set carries rows and answers, and a model is healthy if it still gives them.
Every model is run alone, on the implied scale where it needs one, so that a fault shows where it is.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from aegismatrix_engine.artifacts.manifest import ProbeRows
from aegismatrix_engine.artifacts.state import to_state
from aegismatrix_engine.direction.targets import HORIZONS
from aegismatrix_engine.intraday.sessions import MOMENTS
from aegismatrix_engine.intraday.state import SessionState
from aegismatrix_engine.markets.market import SESSIONS_PER_YEAR
from aegismatrix_engine.seller.targets import TRAP_HORIZONS
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.companion import COMPANION_FEATURES
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.event_head import head_columns
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import Scales
from aegismatrix_engine.volatility.near_sessions import (
    EVENT_FEATURES,
    HIGH_FEATURES,
    NEAR_TARGETS,
    SPILLOVER_FEATURES,
)
from aegismatrix_engine.volatility.night_moves import NightMoves
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, SINGLE_SESSIONS

PROBE_ROWS = 6
PROBE_SPAN = 750

_GAPS = ("gap", "single_gap")
_NEAR_WIDTHS = {
    "high_block": len(HIGH_FEATURES),
    "spillover_block": len(SPILLOVER_FEATURES),
    "event_block": NEAR_TARGETS * len(EVENT_FEATURES),
}


def probe_features(rows: ProbeRows) -> DailyFeatures:
    """The rows as features without bars: all that a forecast reads is here."""
    n = len(rows.vix)
    unknown = np.full(n, np.nan)
    dates = pd.DatetimeIndex(np.arange(n).astype("datetime64[ns]"))
    series = DailySeries(dates, unknown, unknown, unknown, unknown, np.array(rows.vix))
    blocks = {name: np.array(getattr(rows, name)).reshape(n, -1) for name in ("range_block", "vix_block", *_GAPS)}
    near = {name: _near_block(getattr(rows, name), n, width) for name, width in _NEAR_WIDTHS.items()}
    near["event_block"] = near["event_block"].reshape(n, NEAR_TARGETS, len(EVENT_FEATURES))
    near["companion_block"] = _near_block(rows.companion_block, n, len(COMPANION_FEATURES))
    return DailyFeatures(
        series, **blocks, **near, average_true_range=np.array(rows.average_true_range), implied_sd=series.implied_sd
    )


def _near_block(rows: list[list[float]], n: int, width: int) -> FloatArray:
    """A block of n rows that a set need not have; unknown where it has none."""
    return np.array(rows).reshape(n, width) if rows else np.full((n, width), np.nan)


def probe_rows(features: DailyFeatures) -> ProbeRows:
    """Six sessions spread over the last three years of training whose features are complete.

    Without a volatility index its columns are filled with those of a VIX equal to the realised volatility, without the
    S&P 500 with the index's own variance, and unknown events and highs with 0: the rows are questions, and any finite
    row asks one.
    """
    complete = np.flatnonzero(features.has_vix if features.has_vix.any() else features.has_range)[-PROBE_SPAN:]
    wanted = complete[np.linspace(0, len(complete) - 1, PROBE_ROWS).astype(int)]
    vix, vix_block = features.series.vix[wanted], features.vix_block[wanted]
    if not np.isfinite(vix_block).all():
        vix = 100 * np.sqrt(SESSIONS_PER_YEAR * np.exp(features.range_column("lv22")[wanted]))
        vix_block = np.column_stack([features.range_column("lv22")[wanted], np.zeros((len(wanted), 2))])
    spillover, own = features.spillover_block[wanted], features.range_block[wanted][:, : len(SPILLOVER_FEATURES)]
    asked = {name: getattr(features, name)[wanted].tolist() for name in ("range_block", *_GAPS)}
    asked["spillover_block"] = np.where(np.isfinite(spillover), spillover, own).tolist()
    asked["high_block"] = np.nan_to_num(features.high_block[wanted]).tolist()
    asked["event_block"] = np.nan_to_num(features.event_block[wanted]).reshape(len(wanted), -1).tolist()
    if features.has_companion.any():
        companion = features.companion_block[wanted]
        asked["companion_block"] = np.where(np.isfinite(companion), companion, own).tolist()
    average_true_range = features.average_true_range[wanted].tolist()
    return ProbeRows(**asked, vix_block=vix_block.tolist(), average_true_range=average_true_range, vix=vix.tolist())


TOLERANCE = 1e-8
"""Largest relative difference of an answer that still counts as equal: a thousand times what libraries were seen to
differ by, and a thousandth of what would change a published digit."""

NO_MARGIN = -1.0


def answers(name: str, model: Any, rows: ProbeRows) -> list[float]:
    """What the model of that name answers to the rows, then the marks of all it holds; a flat list of finite floats."""
    behaviour = [np.ravel(part) for part in _asked(name, model, rows)]
    found = np.concatenate([*behaviour, content_marks(to_state(model))])
    return [float(value) for value in np.where(np.isposinf(found), NO_MARGIN, found)]


def row_answers(name: str, model: Any, rows: ProbeRows) -> list[FloatArray]:
    """What a model that forecasts answers row by row, one array of the rows' length per question.

    Shares that may be the same for every row (the side of a spike), and models that are looked up, are left out.
    """
    if name == "spike":
        return []
    found = _asked(name, model, rows)
    per_row = [part.reshape(len(part), -1) for part in found if part.ndim and len(part) == len(rows.vix)]
    return [part[:, i] for part in per_row for i in range(part.shape[1])]


def content_marks(content: Any) -> list[float]:
    """One number in [0, 1) for every array, number and text in a state, in order: rows ask a few questions, this all.

    It is made of the SHA-256 of kind, shape and bytes: what a model holds is computed by no library on the way from the
    file, so it is compared to the last bit.
    """
    if isinstance(content, dict):
        return [mark for key in sorted(content) for mark in content_marks(content[key])]
    if isinstance(content, list):
        return [mark for item in content for mark in content_marks(item)]
    text = isinstance(content, str)
    data = content.encode() if text else np.ascontiguousarray(content, dtype="<f8").tobytes()
    kind = f"{type(content).__name__} {() if text else np.shape(content)} "
    return [int.from_bytes(hashlib.sha256(kind.encode() + data).digest()[:4], "big") / 2**32]


def probe_error(expected: list[float], found: list[float]) -> float:
    """Largest relative difference, answers below 0.001 counting as that; infinite for another count or a NaN."""
    if len(expected) != len(found) or not np.isfinite(found).all():
        return float("inf")
    ours, theirs = np.array(found), np.array(expected)
    return float(np.max(np.abs(ours - theirs) / np.maximum(1e-3, np.abs(theirs)), initial=0.0))


def _implied_scales(features: DailyFeatures) -> Scales:
    horizon, session = (np.repeat(features.implied_sd[:, None], n, axis=1) for n in (MAX_HORIZON, SINGLE_SESSIONS))
    return Scales(horizon, horizon, session, session)


def _distribution(model: Any, features: DailyFeatures) -> list[FloatArray]:
    found: list[FloatArray] = []
    for use_vix in (True, False):
        scales = model.scales(features, use_vix=use_vix)
        distribution = ReturnDistribution(scales.horizon, model.shapes(use_vix=use_vix))
        found += [scales.blended[:, [0, 4, 19, 44]], scales.session_har]
        found += [distribution.quantile(h, np.array([0.01, 0.5, 0.99])) for h in (1, 20)]
        found.append(distribution.breaches(MAX_HORIZON, np.array([0.03, 0.06])).touch)
    return found


def _trap(model: Any, features: DailyFeatures) -> list[FloatArray]:
    learnt = [k for k, head in zip(TRAP_HORIZONS, model.forecaster.heads, strict=True) if head.learnt]
    return [model.forecaster.probability(features, _implied_scales(features), k) for k in learnt]


def _theta(model: Any, features: DailyFeatures) -> list[FloatArray]:
    columns = head_columns(features, features.implied_sd, features.implied_sd)
    return [head.probability(columns) for head in model.forecaster.heads if head.learnt]


def _session(model: Any, features: DailyFeatures) -> list[FloatArray]:
    """From the middle of a session that moved half as much again as implied, after a gap down."""
    implied = features.implied_sd
    state = SessionState(
        moment=MOMENTS // 2,
        so_far=implied**2,
        recent=implied**2 / 5,
        gap=-implied / 3,
        move=-implied / 2,
        implied_sd=implied * (1 + features.vix_column("dvix5") / 10),
        implied_before=implied,
    )
    answers_by = model.intraday.scale.scale(_implied_scales(features).horizon, state)
    return [answers_by[:, [0, 4, 19, 44]], model.intraday.spread]


def _night(model: Any, features: DailyFeatures) -> list[FloatArray]:
    """Shift, factor and gap by every subset that is learnt, after nights that rise and fall with the rows."""
    size = features.implied_sd * 100 * np.where(np.arange(len(features)) % 2, 1, -1)
    moves = NightMoves(size / 20, size, -size / 2, size / 3, features.series.dates, size / 20)
    found: list[FloatArray] = []
    for which in np.flatnonzero(model.learnt):
        found += [*model.shift_and_factor(moves, which), model.gap_shift(moves, which)]
    return found


_ASKED: dict[str, Callable[[Any, DailyFeatures], list[FloatArray]]] = {
    "distribution": _distribution,
    "direction": lambda model, _: [
        np.array([model.share(key, with_index=True), model.share(key, with_index=False), model.proven_margin(key)])
        for key in HORIZONS
    ],
    "trap": _trap,
    "breakout": lambda model, features: [model.forecaster.probability(features, _implied_scales(features))],
    "spike": lambda model, features: [model.up_probability(features)],
    "theta": _theta,
    "session": _session,
    "night": _night,
}
"""Model -> what it answers to rows of features; one that is not here is looked up, not computed with."""


def _asked(name: str, model: Any, rows: ProbeRows) -> list[FloatArray]:
    return _ASKED[name](model, probe_features(rows)) if name in _ASKED else []
