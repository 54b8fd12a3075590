"""The session model that ships with the engine, for markets whose intraday history is too short to learn from.

Its constants were fitted by benchmarks/fit_session_prior.py on the bars of NIFTY 50 that ``learnt_from`` in the file
names. They are free of units: shares of variance, weights of logarithms, quantiles of standardised outcomes.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from aegismatrix_engine.intraday.model import IntradayModel, SessionModel
from aegismatrix_engine.intraday.scale import IntradayScale
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.shape import LEVELS

PRIOR_FILE = Path(__file__).with_name("prior.json")

_LOWER_TAIL = np.array([0.0005, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075])
PRIOR_LEVELS: FloatArray = np.concatenate([_LOWER_TAIL, np.arange(2, 19) / 20, 1 - _LOWER_TAIL[::-1]])
"""Levels at which the file gives each quantile grid; between them a grid is linear."""


@cache
def shipped_session() -> SessionModel:
    """The prior; its ``sessions`` is 0, for nothing was learnt from the user's own bars."""
    held = _held()
    inner = held["intraday"]
    scale: dict[str, Any] = {
        name: _array(value) if isinstance(value, list) else value for name, value in inner["scale"].items()
    }
    intraday = IntradayModel(
        IntradayScale(**scale),
        unit=_array(inner["unit"]),
        **{name: _grid(inner[name]) for name in ("close", "up", "down", "either")},
        count=_array(inner["count"]),
        sessions=0,
        spread=_array(inner["spread"]),
        known_until=inner["known_until"],
    )
    rates = {name: _array(held[name]) for name in ("breakout_offset", "straddle_base", "stress_base")}
    return SessionModel(intraday, **rates, sessions=0)


def learnt_from() -> str:
    """In words, what the prior was fitted on."""
    origin = _held()["learnt_from"]
    return f"{origin['sessions']:,} sessions of {origin['market']}, {origin['first']} to {origin['last']}"


@cache
def _held() -> dict[str, Any]:
    held: dict[str, Any] = json.loads(PRIOR_FILE.read_text(encoding="utf-8"))
    return held


def _array(values: list[Any]) -> FloatArray:
    return np.array(values, dtype=np.float64)


def _grid(values: list[Any]) -> FloatArray:
    coarse = _array(values)
    return np.asarray(np.apply_along_axis(lambda grid: np.interp(LEVELS, PRIOR_LEVELS, grid), -1, coarse))
