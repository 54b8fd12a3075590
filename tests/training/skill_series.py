"""Markets whose heads have skill up to a date and none from there on, and what the gate says at every training."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import synthetic

from aegismatrix_engine.artifacts.head_proof import HEADS
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import nearest_horizons
from aegismatrix_engine.training.head_gate import head_proofs
from aegismatrix_engine.training.measures import ScoredSignal, scored_signals
from aegismatrix_engine.training.walk_forward import FIRST_ORIGIN, walk_forward

STEPS = 24
BETWEEN_TRAININGS = 63
AGAINST_THE_INDEX = tuple(head for head in HEADS if not head.startswith("buyer.breakout"))
"""Heads whose event is measured in units of the index; a breakout's threshold is a noisy mean of past ranges, and what
it comes back from can be forecast in any market."""


def market(sessions: int, skilled: int, seed: int) -> MarketHistory:
    """An index that lags behind the volatility over the first ``skilled`` sessions, and sets it from there on.

    What follows then is a constant share of what the index implies, times noise: past and index say nothing about how
    much more or less than implied comes.
    """
    draws = np.random.default_rng(seed)
    close, log_sd, lagging, implied = np.log(8000.0), np.log(0.01), np.log(0.01), np.log(0.011)
    rows, index = np.empty((sessions, 4)), np.empty(sessions)
    for t in range(sessions):
        log_sd = np.log(0.01) + 0.97 * (log_sd - np.log(0.01)) + 0.12 * draws.standard_normal()
        sd = np.exp(log_sd) if t < skilled else np.exp(implied) / 1.1
        opens = close + 0.6 * sd * draws.standard_normal()
        path = opens + np.concatenate([[0.0], np.cumsum(0.8 * sd / np.sqrt(STEPS) * draws.standard_normal(STEPS))])
        rows[t] = opens, path.max(), path.min(), path[-1]
        close, lagging = path[-1], lagging + 0.1 * (log_sd - lagging)
        noise = 0.04 * draws.standard_normal()
        implied = lagging + 0.1 if t < skilled else np.log(0.011) + 0.995 * (implied - np.log(0.011)) + noise
        index[t] = 100 * np.sqrt(252) * np.exp(implied)
    dates = synthetic.MARKET.calendar.following(pd.Timestamp("2005-01-01"), sessions).as_unit("ns").rename("date")
    bars = pd.DataFrame(np.exp(rows), index=dates, columns=["open", "high", "low", "close"])
    return synthetic.history(bars.assign(vix=index))


def proven_at_trainings(history: MarketHistory) -> Iterator[tuple[int, frozenset[str]]]:
    """(sessions known, proven heads) at a training every 63 sessions, each with the proofs of the one before.

    One walk serves them all: its forecasts of a session are the same however long it goes on.
    """
    features = market_features(history)
    nearest = nearest_horizons(history.market, features.series.dates)
    walk = walk_forward(features, nearest)
    assert walk is not None
    scored, proven = list(scored_signals(walk, features, nearest)), frozenset[str]()
    for origins in range(BETWEEN_TRAININGS, len(walk) + 1, BETWEEN_TRAININGS):
        found = head_proofs([_known(one, origins) for one in scored], proven)
        proven = frozenset(head.signal for head in found if head.proven)
        yield FIRST_ORIGIN + origins, proven


def _known(scored: ScoredSignal, origins: int) -> ScoredSignal:
    """What a training after that many origins knows: of the last ones no outcome."""
    happened = scored.happened[:origins].copy()
    happened[max(origins - scored.horizon, 0) :] = np.nan
    return scored._replace(forecast=scored.forecast[:origins], base_rate=scored.base_rate[:origins], happened=happened)
