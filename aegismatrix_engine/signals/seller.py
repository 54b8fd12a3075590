"""The seller's part of the document, from the forecast at the origin and the seller's models."""

import math
from statistics import NormalDist

import numpy as np

from aegismatrix_engine.document.schema import seller as schema
from aegismatrix_engine.document.schema.block import Basis
from aegismatrix_engine.document.schema.expiries import Breach, MaxPain
from aegismatrix_engine.document.schema.quantities import FRACTION_DECIMALS
from aegismatrix_engine.document.schema.situation import STRESS_LABELS, TRAP_LABELS, seller_words
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import InSession, Origin
from aegismatrix_engine.markets import next_expiries
from aegismatrix_engine.seller.model import StressModel, TrapModel
from aegismatrix_engine.seller.targets import STRESS_MULTIPLE, TRAP_HORIZONS
from aegismatrix_engine.signals.range_width import range_width_block
from aegismatrix_engine.signals.ranges import (
    breach_points,
    current_miss,
    expected_zone,
    expiry_block,
    range_ladder,
    safe_range,
)
from aegismatrix_engine.signals.seller_flag import seller_flag
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import percentile_of_last
from aegismatrix_engine.volatility.realised_variance import trailing_mean

TAIL = 0.05
SKEW_SAMPLE = 1000
_NORMAL_EDGE = NormalDist().inv_cdf(1 - TAIL)
NORMAL_TAIL_SHARE = TAIL + _NORMAL_EDGE * NormalDist().pdf(_NORMAL_EDGE)
"""What ``tail_shares`` are for a normal distribution, 0.22: the integral of z^2 times its density beyond 1.645."""

REALISED_SESSIONS = 22
STRESS_HEAD = "seller.expiry_stress"


def seller_block(origin: Origin, models: Models, hit_rate: float) -> schema.Seller:
    """Every signal for sellers; hit_rate: share of past safe ranges that held."""
    miss = current_miss(models.breach, models.distribution, origin.features)
    primary_sessions, primary_date = origin.sessions_to(origin.primary), f"{origin.primary.date:%Y-%m-%d}"
    trap, stress = trap_block(origin, models.trap), stress_block(origin, models.stress)
    width = range_width_block(origin, models.breach)
    _, regime, day = seller_words(trap.word, stress.word, width.grade)
    listed = list(next_expiries(origin.market, origin.session, "monthly", 2))
    if origin.nearest is not None:
        listed += next_expiries(origin.market, origin.session, "weekly", 2)
    listed.sort(key=lambda one: one.date)
    bounds = dict(zip(listed, range_ladder(origin, listed, miss), strict=True))
    zone = expected_zone(origin, origin.sessions_to(listed[0]))
    return schema.Seller(
        safe_range=safe_range(origin, bounds[origin.primary], miss),
        max_pain=MaxPain(**vars(zone), expiry=f"{listed[0].date:%Y-%m-%d}", models=origin.distribution_models),
        trap=trap,
        skew=skew_block(origin, primary_sessions, primary_date),
        expiry_stress=stress,
        breach_probabilities=breach_points(origin),
        breach=Breach(
            expiry=primary_date,
            sessions_left=primary_sessions,
            basis=origin.basis(*origin.distribution_models),
            models=origin.distribution_models,
        ),
        range_width=width,
        seller_flag=seller_flag(origin, trap, stress, width),
        historical_hit_rate=hit_rate,
        regime=regime,
        daily_flag=day,
        expiries=[expiry_block(origin, expiry, bounds[expiry]) for expiry in listed],
    )


def trap_block(origin: Origin, model: TrapModel) -> schema.Trap:
    """P(realised variance of the next sessions > implied); the base rate where the volatility index is not known."""
    heads = dict(zip(TRAP_HORIZONS, model.forecaster.heads, strict=True))
    probability = {k: float(p[0]) for k, p in origin.forecast.trap.items()}
    basis = {k: origin.head_basis(f"seller.trap.{k}", "distribution", "trap") for k in heads}
    if not all(math.isfinite(p) for p in probability.values()):
        basis = dict.fromkeys(heads, "prior")
    score = {k: probability[k] if basis[k] == "model" else head.base_rate for k, head in heads.items()}
    silence = {k: origin.silence(f"seller.trap.{k}", basis[k]) for k in heads}
    word = None if silence[5] else TRAP_LABELS[model.cuts.grade(score[5], heads[5].base_rate)]
    series = origin.features.series
    realised = np.sqrt(trailing_mean(series.log_return**2, REALISED_SESSIONS))
    implied = series.vix if math.isfinite(series.vix[-1]) else realised  # health reports the latter
    return schema.Trap(
        score=score[5],
        label=word or "MEDIUM",
        word=word,
        reason=silence[5],
        iv_percentile=percentile_of_last(implied, origin.market.sessions_per_year),
        rv_percentile=percentile_of_last(realised, origin.market.sessions_per_year),
        horizon_sessions=5,
        base_rate=heads[5].base_rate,
        score_10=score[10],
        base_rate_10=heads[10].base_rate,
        basis_10=basis[10],
        reason_10=silence[10],
        basis=basis[5],
        models=["distribution", "trap"] if basis[5] != "prior" or origin.priors else ["trap"],
    )


def stress_block(origin: Origin, model: StressModel) -> schema.ExpiryStress:
    """P(touch beyond 1.25 x the implied sigma of the time left to the nearest expiry), or its base rate."""
    sessions = origin.nearest_sessions
    distance = STRESS_MULTIPLE * origin.implied_move(sessions)
    inside = isinstance(origin, InSession) and sessions <= origin.session_model.stress_base.shape[1]
    base = _base_inside(origin, sessions) if inside else float(model.base.base_rate[sessions - 1])
    probability = float(origin.forecast.distribution.breaches(sessions, np.array([distance])).touch[0, 0])
    healthy: Basis = "model" if origin.proven(STRESS_HEAD) else "estimator"
    basis = origin.basis(*origin.named("stress"), healthy=healthy)
    if basis == "prior" or not origin.has_vix:
        basis, probability = "prior", base
    silence = origin.silence(STRESS_HEAD, basis)
    word = None if silence else STRESS_LABELS[model.cuts.grade(probability, base)]
    return schema.ExpiryStress(
        score=probability,
        label=word or "CAUTION",
        word=word,
        reason=silence,
        expiry=f"{origin.nearest.date:%Y-%m-%d}" if origin.nearest else None,
        sessions_left=sessions,
        distance_points=origin.spot * distance,
        base_rate=base,
        basis=basis,
        # Inside a session without a word nothing of the stress model is used.
        models=origin.named() if inside and silence and not origin.priors else origin.named("stress"),
    )


def _base_inside(origin: Origin, steps: int) -> float:
    """How often the distance was touched from this time of day."""
    assert isinstance(origin, InSession)
    return float(origin.session_model.stress_base[origin.so_far.moment - 1, steps - 1])


def tail_shares(outcomes: FloatArray) -> tuple[float, float]:
    """How heavy each tail is: the shares of the variance that the lowest and the highest 5 % of outcomes make up.

    Neither negative, together at most 1; the farther out a tail lies, the larger its share. Scale and middle of the
    distribution do not matter.

    Args:
        outcomes: (n,) equally likely outcomes, ascending, not all the same; n at least 20.
    """
    squares, tail = (outcomes - outcomes.mean()) ** 2, round(TAIL * len(outcomes))
    return float(squares[:tail].sum() / squares.sum()), float(squares[-tail:].sum() / squares.sum())


def skew_block(origin: Origin, sessions: int, expiry: str) -> schema.Skew:
    """How heavy both tails of the expiry distribution are, and the difference of the two as published."""
    outcomes = origin.forecast.distribution.quantile(sessions, (np.arange(SKEW_SAMPLE) + 0.5) / SKEW_SAMPLE)[0]
    put, call = (round(share, FRACTION_DECIMALS) for share in tail_shares(outcomes))
    return schema.Skew(
        put_skew=put,
        call_skew=call,
        net_skew=call - put,
        expiry=expiry,
        basis=origin.basis(*origin.shape_models(sessions), healthy="estimator"),
        models=origin.shape_models(sessions),
    )
