"""The moment a document speaks from: spot, calendar ahead, features and forecast, as every signal reads them."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from aegismatrix_engine.document.schema.quantities import Basis
from aegismatrix_engine.errors import HistoryTooShort
from aegismatrix_engine.forecasting.features import market_panel, next_open, nights
from aegismatrix_engine.forecasting.forecasters import Forecast, Forecasters, forecast
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_spans import us_known_at
from aegismatrix_engine.intraday.model import OWN_CLOSES
from aegismatrix_engine.intraday.open_session import bar_end, last_vix, session_so_far, vix_bar_end
from aegismatrix_engine.intraday.session_model import SessionModel
from aegismatrix_engine.intraday.state import SessionSoFar
from aegismatrix_engine.markets import Expiry, Market, nearest_expiry, nearest_horizon, primary_expiry, sessions_left
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import SESSIONS_PER_YEAR
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.features import BURN_IN, DailyPanel
from aegismatrix_engine.volatility.night import NIGHT_HORIZONS, NightModel
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON
from aegismatrix_engine.volatility.percentile import SESSIONS_IN_YEAR, percentile_of_last

RISK_YEARS = 5


@dataclass(frozen=True)
class Origin:
    """A moment, seen from the history up to it: an official close, a night after it, or a bar of an open session.

    as_of: end of the newest complete bar that was used, in the exchange's zone; day: its date there. session: the last
    one whose official close is known. spot: index points; previous_close: close it is compared with,
    previous_close_date: of which session, previous_close_rebuilt: whether it was made from that session's bars. vix,
    previous_vix: vol points, None where not known; vix_steady: the vix that forecasts stand on, inside a session the
    median of the last three bars, which forgives a wild print; vix_as_of: when vix was known. panel: features of all
    regular sessions to ``session``; latest: its last row. said: the forecast; its distribution's first step is the
    close of the session in progress, or of the next one. daily: the distribution as it was at the last close.
    sessions_ahead: the next 46 regular sessions after ``session``. week_scales: (m,) one-session standard deviation
    forecast for five sessions at each of the last five years' closes, by today's model. priors: models in whose place a
    prior stands. so_far: the regular session in progress, None elsewhere; session_model: what spoke from inside it.
    night_change: log change of the US VIX that was applied; night_date: the US session of its last close.
    """

    market: Market
    as_of: pd.Timestamp
    day: pd.Timestamp
    session: pd.Timestamp
    spot: float
    previous_close: float
    previous_close_date: pd.Timestamp
    previous_close_rebuilt: bool
    vix: float | None
    vix_steady: float | None
    previous_vix: float | None
    vix_as_of: pd.Timestamp | None
    panel: DailyPanel
    latest: DailyPanel
    said: Forecast
    daily: ReturnDistribution
    sessions_ahead: pd.DatetimeIndex
    week_scales: FloatArray
    priors: frozenset[str] = frozenset()
    so_far: SessionSoFar | None = None
    session_model: SessionModel | None = None
    night_change: float | None = None
    night_date: pd.Timestamp | None = None

    @classmethod
    def of(cls, history: MarketHistory, models: Models, priors: frozenset[str] = frozenset()) -> "Origin":
        """The moment at which the history was cut.

        Inside a regular session that is its newest complete bar. Inside a special session spot is its last bar, while
        horizons count from the next regular session as they do after its close. Between the US close and the open the
        night is known. Raises HistoryTooShort below the 66 regular sessions that a feature looks back on.
        """
        close = cls.at_last_close(history, models.forecasters, priors)
        if history.open_session is None:
            return close._after_night(history, models.night)
        return close._inside(history, history.open_session, models.session)

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
        calendar = history.market.calendar
        said = forecast(forecasters, latest)
        return cls(
            market=history.market,
            as_of=calendar.closes_at(history.last_session),
            day=history.last_session,
            session=history.last_session,
            spot=history.close,
            previous_close=history.previous_close,
            previous_close_date=pd.Timestamp(history.spot.index[-2]),
            previous_close_rebuilt=history.spot.index[-2] in history.provisional_closes,
            vix=history.vix_close,
            vix_steady=history.vix_close,
            previous_vix=history.previous_vix_close,
            vix_as_of=_vix_known_at(history),
            panel=panel,
            latest=latest,
            said=said,
            daily=said.distribution,
            sessions_ahead=calendar.following(history.last_session, MAX_HORIZON + 1),
            week_scales=forecasters.distribution.scales(recent, use_vix=use_vix).blended[:, 4],
            priors=priors,
        )

    def _inside(self, history: MarketHistory, day: pd.Timestamp, model: SessionModel) -> "Origin":
        """The same market at the newest complete bar of the session of ``day``."""
        # A model of a market whose close never was an average has learnt from such closes as today's will be.
        alike = model.sessions > 0 and self.market.averaged_through is None
        averaged = alike or self.market.averages_close(day)
        so_far = session_so_far(history, day, self.panel.series, averaged=averaged)
        end = bar_end(history)
        live = math.isfinite(so_far.vix)
        moved = replace(
            self,
            as_of=end,
            day=day,
            spot=math.exp(so_far.level),
            previous_close=history.close,
            previous_close_date=history.last_session,
            previous_close_rebuilt=history.last_session in history.provisional_closes,
            vix=last_vix(history) if live else self.vix,
            vix_steady=so_far.vix if live else self.vix_steady,
            previous_vix=history.vix_close if live else self.previous_vix,
            vix_as_of=vix_bar_end(history) if live else self.vix_as_of,
        )
        if day != self.sessions_ahead[0]:
            return moved
        daily = self.said.distribution
        state = so_far.state if self.has_vix else so_far.state.without_index()
        distribution = model.intraday.distribution(daily.scale, daily.shapes, state)
        return replace(moved, said=replace(self.said, distribution=distribution), so_far=so_far, session_model=model)

    def _after_night(self, history: MarketHistory, model: NightModel) -> "Origin":
        """The same market once the US night is known; unchanged where it is not, or where nothing was learnt of it."""
        change = float(nights(history, pd.DatetimeIndex([history.last_session]))[0])
        if not (model.nights and self.said.with_index and math.isfinite(change)) or history.us_vix is None:
            return self
        date = pd.Timestamp(history.us_vix.index[history.us_vix.index < next_open(history)][-1])
        distribution = model.applied(self.said.distribution, np.array([change]))
        as_of = us_known_at(date).tz_convert(self.market.zone)
        return replace(
            self,
            as_of=as_of,
            day=as_of.tz_localize(None).normalize(),
            said=replace(self.said, distribution=distribution),
            night_change=change,
            night_date=date,
        )

    @property
    def distribution_models(self) -> list[str]:
        """Names of the models that made the return distribution."""
        extra = ["session"] if self.so_far else ["night"] if self.night_change is not None else []
        return ["distribution", *extra]

    def shape_models(self, step: int) -> list[str]:
        """Names of the models that made the distribution's shape at a step, its scale and shift left aside.

        Inside a session and after a US night only the first closes have shapes of their own.
        """
        own = OWN_CLOSES if self.so_far else NIGHT_HORIZONS
        return self.distribution_models if step <= own else ["distribution"]

    def named(self, *models: str) -> list[str]:
        """Names of these models and of those behind the return distribution, sorted."""
        return sorted({*models, *self.distribution_models})

    def basis(self, *models: str, healthy: Basis = "model") -> Basis:
        """What numbers of these models come from: the prior where it stands in for any of them."""
        return "prior" if self.priors.intersection(models) else healthy

    @property
    def today_basis(self) -> Basis:
        """What numbers that speak of the running session alone come from: the prior that ships, until bars are learnt.

        At a close nothing speaks from inside a session.
        """
        return "prior" if self.session_model is not None and self.session_model.sessions == 0 else "model"

    def step(self, sessions: int) -> int:
        """The distribution's step for the close that many sessions after today; today is a step itself in session."""
        return sessions + 1 if self.so_far else sessions

    @property
    def has_vix(self) -> bool:
        """Whether the volatility index is known at the last close."""
        return bool(self.latest.has_vix.all())

    @property
    def implied_sd(self) -> float:
        """One-session standard deviation the volatility index implies, or the model's where the index is not known."""
        if not self.has_vix or self.vix_steady is None:
            return float(self.said.scales.blended[0, 21])
        return self.vix_steady / (100 * math.sqrt(SESSIONS_PER_YEAR))

    def implied_move(self, step: int) -> float:
        """Standard deviation implied to the close of a step of the distribution, log points."""
        if self.so_far is None or self.session_model is None:
            return self.implied_sd * math.sqrt(step)
        state = replace(self.so_far.state, implied_sd=np.array([self.implied_sd]))
        return float(self.session_model.intraday.scale.implied(state)[0, step - 1])

    @cached_property
    def risk_percentile(self) -> float:
        """Where the 5-session volatility forecast of the last close stands in its own last five years, 0..1."""
        return percentile_of_last(self.week_scales, len(self.week_scales))

    def date_ahead(self, step: int) -> str:
        """'YYYY-MM-DD' of the session at whose close a step of the distribution ends."""
        return f"{self.sessions_ahead[step - 1]:%Y-%m-%d}"

    @cached_property
    def primary(self) -> Expiry:
        """The next monthly expiry at least seven calendar days away."""
        return primary_expiry(self.market, self.day)

    @cached_property
    def nearest(self) -> Expiry | None:
        """The nearest listed expiry of any kind, today's until its close; None before weekly expiries existed."""
        return nearest_expiry(self.market, self.session)

    @cached_property
    def nearest_sessions(self) -> int:
        """Steps to the nearest expiry; five before weekly expiries existed."""
        return nearest_horizon(self.market, self.session)

    def sessions_to(self, expiry: Expiry) -> int:
        """Steps to the close of the expiry day: its regular sessions to come, the one in progress counted in."""
        return sessions_left(self.market, self.session, expiry.date)

    def level(self, log_return: float) -> float:
        """The index level a log move away from spot."""
        return float(self.spot * np.exp(log_return))

    def log_distances(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """A distance in index points as a log move upwards and downwards."""
        return np.log1p(points / self.spot), -np.log1p(-points / self.spot)


def _vix_known_at(history: MarketHistory) -> pd.Timestamp | None:
    if history.vix is None or history.vix_close is None:
        return None
    return history.market.calendar.closes_at(pd.Timestamp(history.vix.index[-1]))
