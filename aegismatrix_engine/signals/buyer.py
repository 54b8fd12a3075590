"""The buyer's part of the document, from the forecast at the origin and the buyer's models."""

import math

import numpy as np

from aegismatrix_engine.buyer.model import GammaModel, ThetaModel, mean_payoff_ratio
from aegismatrix_engine.buyer.session_windows import WindowState, session_windows, window_states
from aegismatrix_engine.buyer.targets import (
    BREAKOUT_OFFSETS,
    STRADDLE_HORIZONS,
    session_straddle_cost,
)
from aegismatrix_engine.document.schema import breakout as breakout_schema
from aegismatrix_engine.document.schema import buyer as schema
from aegismatrix_engine.document.schema.block import Basis
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import AtClose, InSession, Origin
from aegismatrix_engine.intraday.profile import spread_scores
from aegismatrix_engine.signals.breakout import breakout_fields, breakout_levels, spike_side
from aegismatrix_engine.signals.environment import ENVIRONMENTS, PAYOFF_SESSIONS, buyer_environment
from aegismatrix_engine.signals.range_width import range_width_block
from aegismatrix_engine.volatility.outcomes import ahead
from aegismatrix_engine.volatility.variance_ratio import variance_ratio

ERRORS_BEYOND = 1.645  # one-sided 5 %
REGIME_LAG, REGIME_WINDOW, REGIME_Z = 5, 252, 1.0


def buyer_block(
    origin: Origin, models: Models, spike_rate: float, straddle_points: float | None = None
) -> schema.Buyer:
    """Every signal for buyers.

    Args:
        origin: the moment, with its forecast.
        models: the set that made the forecast.
        spike_rate: share of past breakout calls that were followed by one.
        straddle_points: what the straddle of the nearest expiry is quoted at, index points; None where not known.
    """
    breakout, spike, theta, gamma = models.breakout, models.spike, models.theta, models.gamma
    coming = [breakout_fields(origin, breakout, k) for k in BREAKOUT_OFFSETS]
    side = spike_side(origin, spike)
    theta_edge, regime = theta_block(origin, theta, straddle_points), regime_block(origin)
    environment = buyer_environment(origin, coming[0], theta_edge, range_width_block(origin, models.breach))
    # Inside a session the distribution forecasts what is still to come.
    gamma_models = origin.named("gamma") if isinstance(origin, InSession) else ["gamma"]
    gamma_basis = origin.basis(*gamma_models, healthy="model" if gamma.sessions else "prior")
    return schema.Buyer(
        breakout_today=breakout_schema.BreakoutToday(**coming[0]),
        breakout_next=[
            breakout_schema.BreakoutNext(**probability, day_offset=k)
            for k, probability in zip(BREAKOUT_OFFSETS, coming, strict=True)
        ],
        breakout_levels=breakout_levels(origin),
        spike_direction_bias=side,
        gamma_windows=_windows(origin, gamma, gamma_basis),
        gamma=schema.Gamma(basis=gamma_basis, models=gamma_models),
        theta_edge=theta_edge,
        regime=_regime_label(regime),
        regime_evidence=regime,
        buyer_environment=environment,
        historical_spike_rate=spike_rate,
        environment_state=ENVIRONMENTS[environment.label][1],
    )


def _windows(origin: Origin, model: GammaModel, basis: Basis) -> list[schema.GammaWindow]:
    """Shares of a session's variance by window; inside one what it has shown, and what is forecast of its rest."""
    windows = origin.market.gamma_windows
    shares, ratios = model.shares, np.ones(len(windows))
    states: list[WindowState] = ["ahead"] * len(windows)
    if isinstance(origin, InSession):
        left = float(origin.forecast.distribution.scale[0, 0]) ** 2
        usual = float(origin.daily.scale[0, 0]) ** 2 * origin.session_model.intraday.scale.session_share
        shares, ratios = session_windows(origin.so_far, model.shares, windows, left, usual)
        states = window_states(origin.so_far, windows)
    scores = spread_scores(shares, windows)
    return [
        schema.GammaWindow(
            window=f"{start}-{end}",
            score=float(scores[i]),
            share=float(shares[i]),
            state=states[i],
            against_usual=float(ratios[i]),
            basis=basis,
        )
        for i, (start, end) in enumerate(windows)
    ]


def theta_block(origin: Origin, model: ThetaModel, quoted: float | None = None) -> schema.ThetaEdge:
    """P(the move to the nearest expiry exceeds the straddle's implied cost), and the mean pay-off over that cost.

    A quoted cost, in index points, takes the place of the implied one in what the pay-off is compared with. The chance
    and its base rate stay those of the implied cost, by which they were learnt.

    Where the prior is used or the head is not proven, the probability is the base rate and the pay-off that of past
    straddles; where the volatility index was never known, the pay-off is measured against the cost of the model's own
    volatility.
    """
    horizon, models = min(origin.nearest_sessions, STRADDLE_HORIZONS[-1]), origin.named("theta")
    head = f"buyer.theta_edge.{horizon}"
    cost = float(session_straddle_cost(np.array([origin.implied_move(horizon)]))[0])
    base, probability = _theta_chance(origin, model, horizon, cost)
    paid = cost if quoted is None else quoted / origin.spot
    ratio = float(origin.forecast.distribution.mean_absolute_return(horizon)[0]) / paid
    basis = origin.head_basis(head, *models)
    if not (origin.has_vix and math.isfinite(probability)):
        basis = "prior"
    silence = origin.silence(head, basis)
    if silence:
        probability = base
        ratio = _past_ratio(origin, horizon, None if quoted is None else paid, ratio)
    error = ratio * float(model.payoff_error[horizon - 1])
    word = None if silence else _theta_label(ratio, error)
    return schema.ThetaEdge(
        score=probability,
        label=word or "BORDERLINE",
        word=word,
        reason=silence,
        expected_payoff_ratio=ratio,
        payoff_error=error,
        straddle_cost_points=origin.spot * cost if quoted is None else quoted,
        cost_basis=None if quoted is None else "options",
        proxy_cost_points=None if quoted is None else origin.spot * cost,
        sessions_left=horizon,
        expiry=f"{origin.nearest.date:%Y-%m-%d}" if origin.nearest else None,
        base_rate=base,
        basis=basis,
        models=models,
    )


def _past_ratio(origin: Origin, horizon: int, quoted: float | None, unknown: float) -> float:
    """Mean pay-off of past straddles over their cost; ``unknown`` where none is known.

    Each has the implied cost of its own day. Where today's is quoted (``quoted``, log points), which no past one is,
    each of the last sessions has that.
    """
    series = origin.features.series
    if quoted is None:
        past = mean_payoff_ratio(series, horizon)
        return unknown if past is None else past
    moves = np.abs(ahead(series.close, horizon) - series.close)
    known = moves[np.isfinite(moves)][-PAYOFF_SESSIONS:]
    return float(known.mean()) / quoted if len(known) else unknown


def _theta_chance(origin: Origin, model: ThetaModel, horizon: int, cost: float) -> tuple[float, float]:
    """Base rate and probability that the move pays: the model's at a close, the distribution's own elsewhere."""
    base = model.forecaster.heads[horizon - 1].base_rate
    if isinstance(origin, AtClose):
        return base, float(origin.forecast.straddle[horizon][0])
    if isinstance(origin, InSession):
        base = float(origin.session_model.straddle_base[origin.so_far.moment - 1, horizon - 1])
    return base, float(origin.forecast.distribution.breaches(horizon, np.array([cost])).close[0, 0])


def _theta_label(ratio: float, error: float) -> schema.ThetaLabel:
    if ratio - ERRORS_BEYOND * error > 1:
        return "EDGE_JUSTIFIES_PREMIUM"
    return "DONT_WASTE_PREMIUM" if ratio + ERRORS_BEYOND * error < 1 else "BORDERLINE"


def regime_block(origin: Origin) -> schema.RegimeEvidence:
    """Variance ratio of 5-session against one-session returns over the last year."""
    returns = origin.features.series.log_return[1:][-REGIME_WINDOW:]
    ratio, z = variance_ratio(returns, REGIME_LAG)
    return schema.RegimeEvidence(
        variance_ratio=ratio, z_statistic=z, lag=REGIME_LAG, window=len(returns), basis="estimator", models=[]
    )


def _regime_label(evidence: schema.RegimeEvidence) -> schema.BuyerRegime:
    if evidence.z_statistic >= REGIME_Z:
        return "TREND_FOLLOWING"
    return "MEAN_REVERTING" if evidence.z_statistic <= -REGIME_Z else "CHOPPY"
