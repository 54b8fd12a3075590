"""The engine as a candidate of the referee: calls the engine's own fit and predict, and nothing else."""

import numpy as np
import pandas as pd

from aegismatrix_engine.forecasting.features import event_dates
from aegismatrix_engine.forecasting.forecasters import fit_forecasters, forecast
from aegismatrix_engine.intraday.known_closes import daily_scale_since
from aegismatrix_engine.intraday.model import fit_intraday
from aegismatrix_engine.intraday.sessions import IntradaySessions, half_year_of
from aegismatrix_engine.intraday.state import SessionSoFar, SessionState
from aegismatrix_engine.markets import Market, get_market, known_markets
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.night import NOT_CHOSEN, fit_night
from aegismatrix_engine.volatility.night_moves import NightMoves, UsBars, night_moves
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

QUANTILE_HORIZONS = (1, 3, 5, 10, 20, 40)
BREACH_HORIZONS = (1, 2, 3, 4, 5, 20)
DISTANCES = np.array([0.01, 0.015, 0.02, 0.03, 0.04, 0.05])
LEVELS = np.arange(1, 100) / 100


INTRADAY_DISTANCES = np.array([0.0025, 0.005, 0.01, 0.02])
INTRADAY_HORIZONS = (0, 1, 4)
PREOPEN_HORIZONS = (1, 3)
BARS, BAR_LENGTH = 25, pd.Timedelta(minutes=15)
DAY = pd.Timedelta(days=1)


class Engine:
    """All three tracks. ``sessions`` is extended by weekdays where it ends less than 45 sessions after a bar."""

    def __init__(self, sessions: pd.DatetimeIndex):
        market = market_of(sessions)
        self._events = event_dates(market)
        self._reads_us = market.us_spot_symbol is not None
        to_come = pd.bdate_range(sessions[-1] + pd.Timedelta(days=1), periods=MAX_HORIZON + 1)
        self._sessions = sessions.append(to_come)

    def fit(self, daily: pd.DataFrame, us_spot: pd.DataFrame | None = None) -> None:
        self._forecasters = fit_forecasters(self._features(daily, us_spot))

    def predict(self, daily: pd.DataFrame, us_spot: pd.DataFrame | None = None) -> dict[str, dict]:
        features = self._features(daily, us_spot)
        found = forecast(self._forecasters, features.rows(slice(len(features) - 1, len(features))))
        by_horizon = found.distribution.breaches_by_horizon(max(BREACH_HORIZONS), DISTANCES)
        pairs = [(h, i, float(d)) for h in BREACH_HORIZONS for i, d in enumerate(DISTANCES)]
        return {
            "quantiles": {h: found.distribution.quantile(h, LEVELS)[0] for h in QUANTILE_HORIZONS},
            "terminal": {(h, d): float(by_horizon[h - 1].close[0, i]) for h, i, d in pairs},
            "touch": {(h, d): float(by_horizon[h - 1].touch[0, i]) for h, i, d in pairs},
            "up": {h: float(found.distribution.up(h)[0]) for h in QUANTILE_HORIZONS},
            "trap": {k: float(p[0]) for k, p in found.trap.items()},
            "straddle": {h: float(p[0]) for h, p in found.straddle.items()},
            "breakout": {k + 1: float(found.breakout[0, k]) for k in range(found.breakout.shape[1])},
        }

    def fit_intraday(self, daily: pd.DataFrame, bars: pd.DataFrame, us_spot: pd.DataFrame | None = None) -> None:
        features = self._features(daily, us_spot)
        scale = self._forecasters.distribution.scales(features).horizon
        self._intraday = fit_intraday(features, scale, IntradaySessions.from_bars(bars, features.series))

    def predict_intraday(
        self, daily: pd.DataFrame, bars: pd.DataFrame, now: pd.Timestamp, us_spot: pd.DataFrame | None = None
    ) -> dict[str, dict]:
        features = self._features(daily, us_spot)
        before = forecast(self._forecasters, features.rows(slice(len(features) - 1, len(features)))).distribution
        own = bars[bars.index >= bars.index[-1].normalize()]
        self._carry_on(features, bars)
        found = self._intraday.distribution(before.scale, before.shapes, self._state(own, features))
        terminal = {j: found.breaches(j + 1, INTRADAY_DISTANCES).close[0] for j in INTRADAY_HORIZONS}
        return {
            "quantiles": {j: found.quantile(j + 1, LEVELS)[0] for j in INTRADAY_HORIZONS},
            "terminal": {
                (j, float(d)): float(p[i]) for j, p in terminal.items() for i, d in enumerate(INTRADAY_DISTANCES)
            },
        }

    def _carry_on(self, features: DailyFeatures, bars: pd.DataFrame) -> None:
        """The spread of today's close knows the closes since the fit, as in a document."""
        since, last = pd.Timestamp(self._intraday.known_until), features.series.dates[-1]
        if last <= since:
            return
        scale = daily_scale_since(self._forecasters.distribution, features, since)
        sessions = IntradaySessions.from_bars(bars.loc[half_year_of(since + DAY) :], features.series)
        later = sessions.where(features.series.dates[sessions.rows] > since)
        self._intraday = self._intraday.carried_on(self._intraday.standardised_closes(features, scale, later), last)

    def _state(self, own: pd.DataFrame, features: DailyFeatures) -> SessionState:
        return SessionSoFar.from_bars(own, own.index[0], BARS, BAR_LENGTH, features.series).state

    def fit_preopen(
        self,
        daily: pd.DataFrame,
        us_vix: pd.DataFrame,
        us_spot: pd.DataFrame | None = None,
        inda: pd.DataFrame | None = None,
    ) -> None:
        features = self._features(daily, us_spot)
        scale = self._forecasters.distribution.scales(features).horizon
        self._night = fit_night(features, scale, self._moves(features, daily, UsBars(us_vix, us_spot, inda)))

    def predict_preopen(
        self,
        daily: pd.DataFrame,
        us_vix: pd.DataFrame,
        us_spot: pd.DataFrame | None = None,
        inda: pd.DataFrame | None = None,
    ) -> dict[str, dict]:
        features, last = self._features(daily, us_spot), slice(len(daily) - 1, len(daily))
        found = forecast(self._forecasters, features.rows(last))
        distribution = found.distribution
        moves = self._moves(features, daily, UsBars(us_vix, us_spot, inda)).rows(last)
        which = int(self._night.chosen(moves)[0])
        if which != NOT_CHOSEN and found.with_index:
            distribution = self._night.applied(distribution, moves, which)
        return {"quantiles": {h: distribution.quantile(h, LEVELS)[0] for h in PREOPEN_HORIZONS}}

    def _moves(self, features: DailyFeatures, daily: pd.DataFrame, us: UsBars) -> NightMoves:
        return night_moves(us, daily["close"], features.series.dates, self._sessions, features.implied_sd)

    def _features(self, daily: pd.DataFrame, us_spot: pd.DataFrame | None) -> DailyFeatures:
        known = us_spot if self._reads_us else None
        return DailyFeatures.from_series(DailySeries.from_frame(daily), self._sessions, known, self._events)


def market_of(sessions: pd.DatetimeIndex) -> Market:
    """The market with a volatility index whose exchange held these sessions: all of them, and the fewest others."""

    def differing(market: Market) -> int:
        return len(market.calendar.regular(sessions[0], sessions[-1]).symmetric_difference(sessions.as_unit("ns")))

    markets = (market for market in map(get_market, known_markets()) if market.volatility_index is not None)
    return min(markets, key=differing)
