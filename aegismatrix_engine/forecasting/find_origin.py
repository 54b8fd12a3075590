"""From a history and its models to the moment of a forecast: a close, the night after it, or inside a session."""

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from aegismatrix_engine.errors import HistoryTooShort
from aegismatrix_engine.forecasting.features import market_features, next_open, nights
from aegismatrix_engine.forecasting.forecasters import Forecasters, forecast
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import AfterNight, AtClose, InSession, Origin, PreviousClose, VixReading
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_spans import us_known_at
from aegismatrix_engine.intraday.known_closes import is_averaged, with_known_closes
from aegismatrix_engine.intraday.open_session import bar_end, last_vix, session_so_far
from aegismatrix_engine.volatility.features import BURN_IN
from aegismatrix_engine.volatility.night import NOT_CHOSEN, NightModel
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

RISK_YEARS = 5


def find_origin(
    history: MarketHistory,
    models: Models,
    priors: frozenset[str] = frozenset(),
    unproven: Mapping[str, str] = MappingProxyType({}),
) -> Origin:
    """The moment at which the history ends; ``priors`` and ``unproven`` are those of ``Origin``.

    Raises:
        HistoryTooShort: fewer regular sessions than a feature looks back on.
    """
    return origin_since(origin_at_close(history, models.forecasters, priors, unproven), history, models)


def origin_since(close: AtClose, history: MarketHistory, models: Models) -> Origin:
    """The moment at which the history ends, from its last close, which several moments may share."""
    if history.open_session is None:
        return _after_night(close, history, models.night)
    return _inside(close, history, history.open_session, models)


def origin_at_close(
    history: MarketHistory,
    forecasters: Forecasters,
    priors: frozenset[str] = frozenset(),
    unproven: Mapping[str, str] = MappingProxyType({}),
) -> AtClose:
    """The last close of the history; a special session's close is spot, the features are the regular sessions'.

    Raises:
        HistoryTooShort: below the 66 regular sessions that a feature looks back on.
    """
    if len(history.regular_sessions) < BURN_IN:
        raise HistoryTooShort(
            f"{history.market.id}: {len(history.regular_sessions)} regular sessions up to "
            f"{history.last_session:%Y-%m-%d}, a forecast needs {BURN_IN}; give a longer history or a later --as-of"
        )
    features = market_features(history)
    latest = features.rows(slice(len(features) - 1, len(features)))
    year = history.market.sessions_per_year
    last_years = features.rows(slice(max(len(features) - RISK_YEARS * year, 0), len(features)))
    use_vix = bool(latest.has_vix.all())
    calendar = history.market.calendar
    past_scales = forecasters.distribution.scales(last_years, use_vix=use_vix)
    return AtClose(
        market=history.market,
        as_of=calendar.closes_at(history.last_session),
        day=history.last_session,
        session=history.last_session,
        spot=history.close,
        previous_close=_close(history, history.previous_close, pd.Timestamp(history.spot.index[-2])),
        vix=_vix_at_close(history),
        features=features,
        latest=latest,
        forecast=forecast(forecasters, latest),
        sessions_ahead=calendar.following(history.last_session, MAX_HORIZON + 1),
        week_scales=past_scales.blended[:, 4],
        year_scales=past_scales.horizon[-year:],
        priors=priors,
        unproven=unproven,
    )


def _inside(close: AtClose, history: MarketHistory, day: pd.Timestamp, models: Models) -> Origin:
    """The same market at the newest complete bar of the session of ``day``.

    A special session has no model of its own: the daily forecast is kept, from the price it has reached.
    """
    model = models.session
    averaged = is_averaged(model.intraday, close.market, day)
    so_far = session_so_far(history, day, close.features.series, averaged=averaged)
    vix, newest = close.vix, last_vix(history)
    if newest is not None and math.isfinite(so_far.vix):
        vix = VixReading(newest[0], so_far.vix, history.vix_close, newest[1])
    moved = replace(
        close,
        as_of=bar_end(history),
        day=day,
        spot=math.exp(so_far.level),
        previous_close=_close(history, history.close, history.last_session),
        vix=vix,
    )
    if day != close.sessions_ahead[0]:
        return moved
    daily = close.forecast.distribution
    state = so_far.state if close.has_vix else so_far.state.without_index()
    intraday = with_known_closes(model.intraday, models.distribution, close.features, history)
    distribution = intraday.distribution(daily.scale, daily.shapes, state)
    known = _fields(moved) | {"forecast": replace(close.forecast, distribution=distribution)}
    return InSession(**known, so_far=so_far, session_model=replace(model, intraday=intraday), daily=daily)


def _after_night(close: AtClose, history: MarketHistory, model: NightModel) -> Origin:
    """The same market once the US night is known; unchanged where it is not, or where nothing was learnt of it."""
    moves = nights(history, close.features)
    moves = moves.rows(slice(len(moves) - 1, len(moves)))
    which = int(model.chosen(moves)[0])
    if which == NOT_CHOSEN or not close.forecast.with_index:
        return close
    date = pd.Timestamp(moves.last[0])
    as_of = us_known_at(date).tz_convert(close.market.zone)
    known = _fields(close) | {
        "as_of": as_of,
        "day": as_of.tz_localize(None).normalize(),
        "forecast": replace(close.forecast, distribution=model.applied(close.forecast.distribution, moves, which)),
    }
    return AfterNight(
        **known,
        night=moves,
        night_subset=which,
        night_model=model,
        night_date=date,
        next_session=next_open(history),
        daily=close.forecast.distribution,
    )


def _fields(origin: Origin) -> dict[str, Any]:
    """What every kind of moment has, without what an instance has cached of it."""
    return {field.name: getattr(origin, field.name) for field in fields(Origin)}


def _close(history: MarketHistory, level: float, date: pd.Timestamp) -> PreviousClose:
    return PreviousClose(level, date, rebuilt=date in history.provisional_closes)


def _vix_at_close(history: MarketHistory) -> VixReading | None:
    if history.vix is None or history.vix_close is None:
        return None
    known_at = history.market.calendar.closes_at(pd.Timestamp(history.vix.index[-1]))
    return VixReading(history.vix_close, history.vix_close, history.previous_vix_close, known_at)
