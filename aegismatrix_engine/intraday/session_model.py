"""The session model: all that speaks from the middle of a session, learnt together and kept in one file."""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.buyer.session_breakout import fit_breakout_offsets
from aegismatrix_engine.buyer.targets import STRADDLE_PRIOR, session_straddle_cost
from aegismatrix_engine.intraday.model import OWN_CLOSES, IntradayModel, fit_intraday, moves_ahead
from aegismatrix_engine.intraday.scale import states
from aegismatrix_engine.intraday.sessions import MOMENTS, IntradaySessions
from aegismatrix_engine.seller.targets import STRESS_PRIOR, session_stress_distance
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import DistributionModel, ReturnDistribution
from aegismatrix_engine.volatility.features import DailyPanel
from aegismatrix_engine.volatility.outcomes import exceeds


@dataclass(frozen=True)
class SessionModel:
    """intraday: scale and shape of what is left. breakout_offset: (25,) log odds, see ``buyer.session_breakout``.

    straddle_base, stress_base: (25, 5) past share of sessions in which, from the moment to the close 0..4 sessions
    after, the move paid for the straddle, or the stress distance was touched. sessions: how many they were learnt
    from, 0 for the prior that ships with the engine.
    """

    intraday: IntradayModel
    breakout_offset: FloatArray
    straddle_base: FloatArray
    stress_base: FloatArray
    sessions: int


def fit_session(panel: DailyPanel, distribution: DistributionModel, sessions: IntradaySessions) -> SessionModel:
    """Fit on the complete sessions of a panel whose daily distribution model is given."""
    scale = distribution.scales(panel).horizon
    daily = ReturnDistribution(scale, distribution.shapes(use_vix=True))
    model = fit_intraday(panel, scale, sessions)
    pays, touched = np.empty((MOMENTS, OWN_CLOSES)), np.empty((MOMENTS, OWN_CLOSES))
    for moment in range(1, MOMENTS + 1):
        implied = model.scale.implied(states(sessions, panel.series, moment))[:, :OWN_CLOSES]
        close, _, _, either = moves_ahead(panel, sessions, moment)
        pays[moment - 1] = _base(exceeds(np.abs(close), session_straddle_cost(implied)), STRADDLE_PRIOR)
        touched[moment - 1] = _base(exceeds(either, session_stress_distance(implied)), STRESS_PRIOR)
    offsets = fit_breakout_offsets(panel, sessions, model, daily)
    return SessionModel(model, offsets, pays, touched, len(sessions))


def _base(happened: FloatArray, prior: float) -> FloatArray:
    """Share of known outcomes that happened, by column; the prior weighs as much as one outcome."""
    known = np.isfinite(happened)
    return np.asarray((np.where(known, happened, 0.0).sum(axis=0) + prior) / (known.sum(axis=0) + 1))
