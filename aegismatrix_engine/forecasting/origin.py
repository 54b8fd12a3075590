"""The moment of a forecast: spot, calendar ahead, features and forecast, as every signal reads them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from aegismatrix_engine.document.schema.block import IMPLIED_BLOCKS, Basis
from aegismatrix_engine.forecasting.forecasters import Forecast
from aegismatrix_engine.history.inputs import US_SERIES, UsSeries
from aegismatrix_engine.intraday.model import OWN_CLOSES, SessionModel
from aegismatrix_engine.intraday.state import SessionSoFar
from aegismatrix_engine.markets import Expiry, Market, nearest_expiry, nearest_horizon, primary_expiry, sessions_left
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.daily_series import percentile_of_last
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.night import NIGHT_HORIZONS, SUBSETS, NightModel
from aegismatrix_engine.volatility.night_moves import NIGHT_SERIES, NightMoves


@dataclass(frozen=True)
class PreviousClose:
    """The close that spot is compared with, in index points; rebuilt from bars where there is no official one."""

    level: float
    date: pd.Timestamp
    rebuilt: bool


@dataclass(frozen=True)
class VixReading:
    """The volatility index at a moment.

    Attributes:
        value: vol points.
        steady: what forecasts use, vol points: inside a session the median of the last three bars, which forgives a
            wild print.
        previous: what ``value`` is compared with, vol points; None where the close before is not known.
        known_at: when ``value`` was known, with a zone; None where the index has no closes of its own.
    """

    value: float
    steady: float
    previous: float | None
    known_at: pd.Timestamp | None


@dataclass(frozen=True)
class Origin:
    """A moment, seen from the history up to it; what every kind of moment answers alike.

    Attributes:
        as_of: end of the newest complete bar that was used, in the exchange's zone.
        day: naive date of ``as_of`` at the exchange.
        session: naive date of the last session whose official close is known.
        spot: index points.
        features: features of all regular sessions up to ``session``.
        latest: the last row of ``features``.
        forecast: what is forecast; its distribution's first step is the close of the session in progress, or of the
            next one.
        sessions_ahead: the next 46 regular sessions after ``session``.
        week_scales: (m,) one-session standard deviation forecast for five sessions at each of the last five years'
            closes, by today's model.
        year_scales: (m, 45) standard deviation of the h-session return forecast at the closes of the last year, by
            today's model, log points; fewer rows where the history is shorter.
        priors: names of the models that the climatology prior replaces.
        unproven: head -> why the walk through the past has not proven it; its base rate is published instead.
    """

    market: Market
    as_of: pd.Timestamp
    day: pd.Timestamp
    session: pd.Timestamp
    spot: float
    previous_close: PreviousClose
    vix: VixReading | None
    features: DailyFeatures
    latest: DailyFeatures
    forecast: Forecast
    sessions_ahead: pd.DatetimeIndex
    week_scales: FloatArray
    year_scales: FloatArray
    priors: frozenset[str]
    unproven: Mapping[str, str]

    own_model: ClassVar[str | None] = None
    own_shapes: ClassVar[int] = 0

    @property
    def distribution_models(self) -> list[str]:
        """Names of the models that made the return distribution, the one for this kind of moment last."""
        return ["distribution"] if self.own_model is None else ["distribution", self.own_model]

    def shape_models(self, step: int) -> list[str]:
        """Names of the models that made the distribution's shape at a step: only the first steps have their own."""
        return self.distribution_models if step <= self.own_shapes else ["distribution"]

    @property
    def today_basis(self) -> Basis:
        """What numbers of the running session alone come from; at a close there are none."""
        return "model"

    def step(self, sessions: int) -> int:
        """The distribution's step for the close that many sessions after today."""
        return sessions

    def variance_time(self, step: int) -> float:
        """Sessions' worth of close-to-close variance to the close of a step."""
        return float(step)

    def implied_move(self, step: int) -> float:
        """Standard deviation implied to the close of a step of the distribution, log points."""
        return self.implied_sd * math.sqrt(step)

    def named(self, *models: str) -> list[str]:
        """Names of these models and of those behind the return distribution, sorted."""
        return sorted({*models, *self.distribution_models})

    def proven(self, *heads: str) -> bool:
        """Whether every one of these heads, names of ``head_proof.HEADS``, has proven its skill."""
        return not any(head in self.unproven for head in heads)

    def basis(self, *models: str, healthy: Basis = "model") -> Basis:
        """What numbers of these models come from: the prior where it is used in place of any of them."""
        return "prior" if self.priors.intersection(models) else healthy

    def head_basis(self, head: str, *models: str) -> Basis:
        """What the numbers of a head come from: the prior, the base rate of a head without proof, or the model."""
        return self.basis(*models, healthy="model" if self.proven(head) else "base_rate")

    def silence(self, head: str, basis: Basis) -> str | None:
        """Why a head gives no forecast; None where it gives one."""
        lacks = self.market.volatility_index is None and head.startswith(IMPLIED_BLOCKS)
        what = "the market has no volatility index" if lacks else "the forecast could not be made"
        prior = f"{what}, and the historical average is shown: see health"
        return prior if basis == "prior" else self.unproven.get(head)

    @property
    def has_vix(self) -> bool:
        """Whether the volatility index is known at the last close."""
        return bool(self.latest.has_vix.all())

    @property
    def implied_sd(self) -> float:
        """One-session standard deviation the volatility index implies, or the model's where the index is not known."""
        if not self.has_vix or self.vix is None:
            return float(self.forecast.scales.blended[0, 21])
        return self.vix.steady / (100 * math.sqrt(self.market.sessions_per_year))

    @cached_property
    def risk_percentile(self) -> float:
        """Percentile of the last close's 5-session volatility forecast among those of the last five years, 0..1."""
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


@dataclass(frozen=True)
class AtClose(Origin):
    """A regular session's close, or a special session since: nothing is known that the daily models do not know."""


@dataclass(frozen=True)
class AfterNight(Origin):
    """Before an open, once the US night is known.

    Attributes:
        night: the one night, as the columns that its model sees.
        night_subset: which of SUBSETS of the series that know it was used.
        night_model: what forecasts from it.
        night_date: naive date of the last US session.
        next_session: naive date of the session, regular or special, that opens next.
        daily: the distribution as it was at the last close.
    """

    night: NightMoves
    night_subset: int
    night_model: NightModel
    night_date: pd.Timestamp
    next_session: pd.Timestamp
    daily: ReturnDistribution

    own_model = "night"
    own_shapes = NIGHT_HORIZONS

    @property
    def night_used(self) -> tuple[tuple[UsSeries, pd.Timestamp], ...]:
        """The US series that the forecast rests on, each with the naive date of its newest close."""
        names = dict(zip(NIGHT_SERIES, US_SERIES, strict=True))
        return tuple((names[name], self.night_date) for name in SUBSETS[self.night_subset])


@dataclass(frozen=True)
class InSession(Origin):
    """A complete bar of a regular session in progress.

    Attributes:
        so_far: the session up to the end of that bar.
        session_model: what forecasts from inside it.
        daily: the distribution as it was at the last close.
    """

    so_far: SessionSoFar
    session_model: SessionModel
    daily: ReturnDistribution

    own_model = "session"
    own_shapes = OWN_CLOSES

    @property
    def today_basis(self) -> Basis:
        """What numbers of the running session alone come from: the prior that ships, until bars are learnt."""
        return "prior" if self.session_model.sessions == 0 else "model"

    def step(self, sessions: int) -> int:
        """The distribution's step for the close that many sessions after today; today is a step itself."""
        return sessions + 1

    def variance_time(self, step: int) -> float:
        """Sessions' worth of close-to-close variance to the close of a step; the first one is partly over."""
        return step - 1 + float(self.session_model.intraday.scale.close_share[self.so_far.moment - 1])

    def implied_move(self, step: int) -> float:
        """Standard deviation implied to the close of a step of the distribution, log points."""
        state = replace(self.so_far.state, implied_sd=np.array([self.implied_sd]))
        return float(self.session_model.intraday.scale.implied(state)[0, step - 1])
