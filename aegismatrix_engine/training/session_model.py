"""Fitting the session model: all that speaks from the middle of a session, learnt together."""

import numpy as np

from aegismatrix_engine.buyer.session_breakout import fit_breakout_offsets
from aegismatrix_engine.buyer.targets import STRADDLE_PRIOR, session_straddle_cost
from aegismatrix_engine.intraday.model import OWN_CLOSES, SessionModel, fit_intraday, moves_ahead
from aegismatrix_engine.intraday.sessions import MOMENTS, IntradaySessions
from aegismatrix_engine.intraday.state import states
from aegismatrix_engine.seller.targets import STRESS_PRIOR, session_stress_distance
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import DistributionModel, ReturnDistribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import exceeds


def fit_session(features: DailyFeatures, distribution: DistributionModel, sessions: IntradaySessions) -> SessionModel:
    """Fit on the complete sessions of a panel whose daily distribution model is given."""
    scale = distribution.scales(features).horizon
    daily = ReturnDistribution(scale, distribution.shapes(use_vix=True))
    model = fit_intraday(features, scale, sessions)
    pays, touched = np.empty((MOMENTS, OWN_CLOSES)), np.empty((MOMENTS, OWN_CLOSES))
    for moment in range(1, MOMENTS + 1):
        implied = model.scale.implied(states(sessions, features.series, moment))[:, :OWN_CLOSES]
        close, _, _, either = moves_ahead(features, sessions, moment)
        pays[moment - 1] = _base(exceeds(np.abs(close), session_straddle_cost(implied)), STRADDLE_PRIOR)
        touched[moment - 1] = _base(exceeds(either, session_stress_distance(implied)), STRESS_PRIOR)
    offsets = fit_breakout_offsets(features, sessions, model, daily)
    return SessionModel(model, offsets, pays, touched, len(sessions))


def _base(happened: FloatArray, prior: float) -> FloatArray:
    """Share of known outcomes that happened, by column; the prior weighs as much as one outcome."""
    known = np.isfinite(happened)
    return np.asarray((np.where(known, happened, 0.0).sum(axis=0) + prior) / (known.sum(axis=0) + 1))
