"""Training: from a history to a model set, with what its forecasts were worth in the past."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.buyer.model import BreakoutModel, GammaModel, ThetaModel, fit_spike_side
from aegismatrix_engine.buyer.session_breakout import fit_breakout_offsets
from aegismatrix_engine.buyer.targets import BREAKOUT_OFFSETS, STRADDLE_PRIOR, session_straddle_cost
from aegismatrix_engine.direction.model import DirectionModel, shares_by_index
from aegismatrix_engine.direction.targets import HORIZONS
from aegismatrix_engine.errors import HistoryTooShort
from aegismatrix_engine.forecasting.features import market_features, nights
from aegismatrix_engine.forecasting.forecasters import ExpandingFits, Forecasters
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.probes import probe_rows
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.intraday.model import (
    MINIMUM_INTRADAY_SESSIONS,
    OWN_CLOSES,
    SessionModel,
    fit_intraday,
    moves_ahead,
)
from aegismatrix_engine.intraday.prior import shipped_session
from aegismatrix_engine.intraday.profile import MINIMUM_PROFILE_SESSIONS, PRIOR_SHARES, window_shares
from aegismatrix_engine.intraday.sessions import MOMENTS, IntradaySessions
from aegismatrix_engine.intraday.state import states
from aegismatrix_engine.markets import nearest_horizons, primary_horizons
from aegismatrix_engine.scores import measured_rate
from aegismatrix_engine.seller.model import BreachModel, StressModel, TrapModel, fit_stress
from aegismatrix_engine.seller.range_width import no_widths
from aegismatrix_engine.seller.targets import STRESS_PRIOR, TRAP_HORIZONS, session_stress_distance
from aegismatrix_engine.training.head_gate import head_proofs
from aegismatrix_engine.training.measures import (
    after_open,
    breakout_record,
    direction_margins,
    range_record,
    scored_signals,
    session_dates,
    skills,
    walk_payoff_errors,
)
from aegismatrix_engine.training.range_widths import width_record
from aegismatrix_engine.training.walk_forward import Progress, WalkForward, walk_forward
from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.conformal import COVERAGES, known_miss, nominal_miss
from aegismatrix_engine.volatility.distribution import DistributionModel, ReturnDistribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.label_cuts import ASSUMED_CUTS, LabelCuts, learn_cuts
from aegismatrix_engine.volatility.log_har import Scales
from aegismatrix_engine.volatility.night import NightModel, fit_night
from aegismatrix_engine.volatility.night_moves import NightMoves
from aegismatrix_engine.volatility.opening_gap import NOT_MEASURED
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, exceeds

MINIMUM_TRAINING_SESSIONS = 500


def train(
    history: MarketHistory, trained_at: pd.Timestamp, progress: Progress = iter, proven_before: Collection[str] = ()
) -> tuple[Models, Training]:
    """Fit every model on a whole history; cut it first (``MarketHistory.until``) to train as of a day.

    proven_before: see ``head_proofs``. Raises HistoryTooShort below 500 regular sessions.
    """
    features = market_features(history)
    if len(features) < MINIMUM_TRAINING_SESSIONS:
        raise HistoryTooShort(
            f"{history.market.id}: {len(features)} regular sessions up to {history.last_session:%Y-%m-%d}, training "
            f"needs {MINIMUM_TRAINING_SESSIONS}; give a longer history (1,250 and more forecast best)"
        )
    nearest = nearest_horizons(history.market, features.series.dates)
    fits = ExpandingFits.of(features)
    forecasters, scales = fits.fit(len(features))
    night = nights(history, features).rows(slice(0, len(features)))
    walk = walk_forward(features, nearest, progress, night, fits)
    models = models_of(history, features, (forecasters, scales), walk, night)
    return models, _training(history, features, trained_at, walk, nearest, proven_before)


def _training(
    history: MarketHistory,
    features: DailyFeatures,
    trained_at: pd.Timestamp,
    walk: WalkForward | None,
    nearest: IntArray,
    proven_before: Collection[str],
) -> Training:
    """What the models were trained on, and what their forecasts were worth in the walk."""
    scored = list(scored_signals(walk, features, nearest)) if walk else []
    return Training(
        market=history.market.id,
        trained_at=trained_at.isoformat(),
        first=f"{features.series.dates[0]:%Y-%m-%d}",
        last=f"{features.series.dates[-1]:%Y-%m-%d}",
        rows=len(features),
        vix_rows=int(features.has_vix.sum()),
        data_hash=history.content_hash(),
        skill=skills(scored, session_dates(walk, features)) if walk else (),
        heads=head_proofs(scored, proven_before),
        probes=probe_rows(features),
        sessions_per_year=history.market.sessions_per_year,
        companion=history.market.companion_id,
    )


def models_of(
    history: MarketHistory,
    features: DailyFeatures,
    fitted: tuple[Forecasters, Scales],
    walk: WalkForward | None,
    night: NightMoves,
) -> Models:
    """Every model, from the parts that are fitted on all rows of the features.

    Args:
        history: ends where the features do.
        features: of its regular sessions.
        fitted: what ``ExpandingFits.fit`` gives on all of them.
        walk: through the past; None for none, which leaves what it measures at what is assumed without it: miss rates,
            cuts of labels, margins of calls, and track records.
        night: those after the rows.
    """
    (forecasters, scales), nearest = fitted, nearest_horizons(history.market, features.series.dates)
    return Models(
        distribution=forecasters.distribution,
        direction=DirectionModel(*shares_by_index(features, forecasters.distribution), *_margins(walk, features)),
        trap=TrapModel(forecasters.trap, _cuts(walk, "trap", TRAP_HORIZONS.index(5))),
        stress=StressModel(fit_stress(features), _cuts(walk, "stress")),
        breach=_breach(walk, features, *_counted_expiries(history, features, nearest)),
        breakout=_breakout(walk, features, forecasters),
        spike=fit_spike_side(features),
        theta=ThetaModel(forecasters.straddle, walk_payoff_errors(walk, features)),
        gamma=_gamma(history),
        session=_session(history, features, forecasters.distribution),
        night=_night(walk, features, scales, night),
    )


def _margins(walk: WalkForward | None, features: DailyFeatures) -> tuple[FloatArray, FloatArray]:
    """Margins of calls at a close, and after the US night."""
    if walk is None:
        return np.full(len(HORIZONS), np.inf), np.full(len(HORIZONS), np.inf)
    return direction_margins(walk, features, walk.direction), direction_margins(walk, features, walk.night_direction)


def _cuts(walk: WalkForward | None, name: str, column: int | None = None) -> LabelCuts:
    if walk is None:
        return ASSUMED_CUTS
    forecasts, base = getattr(walk, name), getattr(walk, f"{name}_base")
    return learn_cuts(forecasts, base) if column is None else learn_cuts(forecasts[:, column], base[:, column])


def _counted_expiries(history: MarketHistory, features: DailyFeatures, nearest: IntArray) -> tuple[IntArray, IntArray]:
    """Sessions left to the primary expiry and to the nearest one, (n,) each.

    The latter are 0 where the two are one expiry, and while no weekly expiries were listed.
    """
    dates = features.series.dates
    primary = primary_horizons(history.market, dates)
    listed = history.market.expiry_rules.weeklies_listed_at(np.asarray(dates.as_unit("ns")))
    another = (nearest != primary) & listed
    return primary, np.where(another, nearest, 0)


def _breach(walk: WalkForward | None, features: DailyFeatures, primary: IntArray, nearest: IntArray) -> BreachModel:
    until = f"{features.series.dates[-1]:%Y-%m-%d}"
    if walk is None:
        unmeasured = measured_rate(np.empty(0), 0, COVERAGES[0], [])
        return BreachModel(nominal_miss(), until, unmeasured, unmeasured, no_widths())
    miss = np.column_stack([known_miss(walk.miss, len(walk) - 1, h) for h in range(1, MAX_HORIZON + 1)])
    records = range_record(walk, features, primary), range_record(walk, features, nearest)
    return BreachModel(miss, until, *records, width_record(walk, features))


def _breakout(walk: WalkForward | None, features: DailyFeatures, forecasters: Forecasters) -> BreakoutModel:
    cuts = tuple(_cuts(walk, "breakout", i) for i in range(len(BREAKOUT_OFFSETS)))
    base = forecasters.breakout.heads[0].base_rate
    record = breakout_record(walk, features, base) if walk else measured_rate(np.empty(0), 0, base, [])
    return BreakoutModel(forecasters.breakout, cuts, record)


def _night(walk: WalkForward | None, features: DailyFeatures, scales: Scales, night: NightMoves) -> NightModel:
    fitted = fit_night(features, scales.horizon, night)
    return replace(fitted, after_open=after_open(walk, features) if walk else NOT_MEASURED)


def _gamma(history: MarketHistory) -> GammaModel:
    if history.bars is not None:
        shares, sessions = window_shares(history.bars, history.market.gamma_windows)
        if sessions >= MINIMUM_PROFILE_SESSIONS:
            return GammaModel(shares, sessions)
    return GammaModel(np.array(PRIOR_SHARES), 0)


def _session(history: MarketHistory, features: DailyFeatures, distribution: DistributionModel) -> SessionModel:
    """Learnt from the history's own bars where they reach back far enough; else the prior that ships."""
    if history.bars is not None:
        through = history.market.averaged_through
        # Closes of two kinds are not learnt from together.
        alike = history.bars if through is None else history.bars.loc[: through + pd.Timedelta(days=1)]
        if len(alike):
            sessions = IntradaySessions.from_bars(alike, features.series)
            if len(sessions) >= MINIMUM_INTRADAY_SESSIONS:
                return fit_session(features, distribution, sessions)
    return shipped_session()


def fit_session(features: DailyFeatures, distribution: DistributionModel, sessions: IntradaySessions) -> SessionModel:
    """Fit on the complete sessions whose daily distribution model is given."""
    scale = distribution.scales(features).horizon
    daily = ReturnDistribution(scale, distribution.shapes(use_vix=True))
    model = fit_intraday(features, scale, sessions)
    pays, touched = np.empty((MOMENTS, OWN_CLOSES)), np.empty((MOMENTS, OWN_CLOSES))
    for moment in range(1, MOMENTS + 1):
        implied = model.scale.implied(states(sessions, features.series, moment))[:, :OWN_CLOSES]
        close, _, _, either = moves_ahead(features, sessions, moment)
        pays[moment - 1] = _base(exceeds(np.abs(close), session_straddle_cost(implied)), STRADDLE_PRIOR)
        touched[moment - 1] = _base(exceeds(either, session_stress_distance(implied)), STRESS_PRIOR)
    offsets = fit_breakout_offsets(features, sessions, model.without_spread(), daily)
    return SessionModel(model, offsets, pays, touched, len(sessions))


def _base(happened: FloatArray, prior: float) -> FloatArray:
    """Share of known outcomes that happened, by column; the prior weighs as much as one outcome."""
    known = np.isfinite(happened)
    return np.asarray((np.where(known, happened, 0.0).sum(axis=0) + prior) / (known.sum(axis=0) + 1))
