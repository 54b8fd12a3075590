"""The moment a document speaks from: spot, calendar ahead, features and forecast, as every signal reads them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from aegismatrix_engine.document.schema.quantities import Basis
from aegismatrix_engine.errors import HistoryTooShort
from aegismatrix_engine.forecasters import Forecast, Forecasters, forecast
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import Expiry, Market, nearest_expiry, nearest_horizon, primary_expiry, sessions_left
from aegismatrix_engine.panel import market_panel
from aegismatrix_engine.volatility.daily_series import FloatArray
from aegismatrix_engine.volatility.features import BURN_IN, DailyPanel
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON
from aegismatrix_engine.volatility.percentile import SESSIONS_IN_YEAR, percentile_of_last

RISK_YEARS = 5


@dataclass(frozen=True)
class Origin:
    """The official close of ``session``, seen from the history up to it.

    spot: index points. panel: features of all its regular sessions; latest: its last row. said: the forecast from
    there. sessions_ahead: the next 46 regular sessions. week_scales: (m,) one-session standard deviation forecast for
    five sessions at each of the last five years' closes, by today's model. priors: names of the models in whose place
    the climatology prior stands.
    """

    market: Market
    session: pd.Timestamp
    spot: float
    panel: DailyPanel
    latest: DailyPanel
    said: Forecast
    sessions_ahead: pd.DatetimeIndex
    week_scales: FloatArray
    priors: frozenset[str] = frozenset()

    @classmethod
    def at_last_close(
        cls, history: MarketHistory, forecasters: Forecasters, priors: frozenset[str] = frozenset()
    ) -> "Origin":
        """The last close of the history; a special session's close is spot, the features are the regular sessions'.

        Raises HistoryTooShort below the 66 regular sessions that a feature looks back on.
        """
        if len(history.regular_sessions) < BURN_IN:
            raise HistoryTooShort(
                f"{history.market.id}: {len(history.regular_sessions)} regular sessions up to "
                f"{history.last_session:%Y-%m-%d}, a forecast needs {BURN_IN}; give a longer history or a later as_of"
            )
        panel = market_panel(history)
        latest = panel.rows(slice(len(panel) - 1, len(panel)))
        recent = panel.rows(slice(max(len(panel) - RISK_YEARS * SESSIONS_IN_YEAR, 0), len(panel)))
        use_vix = bool(latest.has_vix.all())
        return cls(
            market=history.market,
            session=history.last_session,
            spot=history.close,
            panel=panel,
            latest=latest,
            said=forecast(forecasters, latest),
            sessions_ahead=history.market.calendar.following(history.last_session, MAX_HORIZON + 1),
            week_scales=forecasters.distribution.scales(recent, use_vix=use_vix).blended[:, 4],
            priors=priors,
        )

    def basis(self, *models: str, healthy: Basis = "model") -> Basis:
        """What numbers of these models come from: the prior where it stands in for any of them."""
        return "prior" if self.priors.intersection(models) else healthy

    @property
    def has_vix(self) -> bool:
        """Whether the volatility index is known at the origin."""
        return bool(self.latest.has_vix.all())

    @property
    def implied_sd(self) -> float:
        """One-session standard deviation the volatility index implies, or the model's where the index is not known."""
        return float(self.latest.implied_sd[0]) if self.has_vix else float(self.said.scales.blended[0, 21])

    @cached_property
    def risk_percentile(self) -> float:
        """Where the 5-session volatility forecast stands in its own last five years, 0..1."""
        return percentile_of_last(self.week_scales, len(self.week_scales))

    def date_ahead(self, sessions: int) -> str:
        """'YYYY-MM-DD' of the session that many regular sessions ahead."""
        return f"{self.sessions_ahead[sessions - 1]:%Y-%m-%d}"

    @cached_property
    def primary(self) -> Expiry:
        """The next monthly expiry at least seven calendar days away."""
        return primary_expiry(self.market, self.session)

    @cached_property
    def nearest(self) -> Expiry | None:
        """The nearest listed expiry of any kind; None before weekly expiries existed."""
        return nearest_expiry(self.market, self.session)

    @cached_property
    def nearest_sessions(self) -> int:
        """Sessions to the nearest expiry; five before weekly expiries existed."""
        return nearest_horizon(self.market, self.session)

    def sessions_to(self, expiry: Expiry) -> int:
        """Regular sessions from the origin to the close of the expiry day."""
        return sessions_left(self.market, self.session, expiry.date)

    def level(self, log_return: float) -> float:
        """The index level a log move away from spot."""
        return float(self.spot * np.exp(log_return))

    def log_distances(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """A distance in index points as a log move upwards and downwards."""
        return np.log1p(points / self.spot), -np.log1p(-points / self.spot)
