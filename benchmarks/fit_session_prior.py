"""Fit the constants that ship as the prior of a session in progress, from a folder with 15-minute bars.

    python -m benchmarks.fit_session_prior FOLDER [MARKET]

Writes aegismatrix_engine/intraday/prior.json, and prints the window shares that ship in intraday/profile.py.
The file holds fitted numbers only, quantiles, weights and frequencies, at four significant digits; no bar goes in.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from aegismatrix_engine.artifacts.state import to_state
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.intraday.prior import PRIOR_FILE, PRIOR_LEVELS
from aegismatrix_engine.intraday.profile import window_shares
from aegismatrix_engine.intraday.sessions import IntradaySessions
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.source import open_source
from aegismatrix_engine.training.train import fit_session
from aegismatrix_engine.volatility.distribution import fit_distribution
from aegismatrix_engine.volatility.shape import LEVELS

GRIDS = ("close", "up", "down", "either")
DIGITS = 4


def main(folder: str, market_id: str = "nifty50") -> None:
    market = get_market(market_id)
    source = open_source("csv", Path(folder))
    history = source.with_intraday(source.daily(market))
    features = market_features(history)
    sessions = IntradaySessions.from_bars(history.bars, features.series)
    state = to_state(fit_session(features, fit_distribution(features), sessions))
    for name in GRIDS:
        state["intraday"][name] = np.apply_along_axis(
            lambda grid: np.interp(PRIOR_LEVELS, LEVELS, grid), -1, state["intraday"][name]
        )
    state["learnt_from"] = {
        "market": market.id,
        "sessions": len(sessions),
        "first": f"{features.series.dates[sessions.rows[0]]:%Y-%m-%d}",
        "last": f"{features.series.dates[sessions.rows[-1]]:%Y-%m-%d}",
    }
    text = json.dumps(rounded(state), separators=(",", ":"), allow_nan=False)
    PRIOR_FILE.write_text(text.replace("],[", "],\n[") + "\n", encoding="utf-8")
    shares, number = window_shares(history.bars, market.gamma_windows)
    print(f"window shares of {number} sessions: ({', '.join(f'{share:.4f}' for share in shares)})")


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, np.ndarray):
        return rounded(value.tolist())
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main(*sys.argv[1:])
