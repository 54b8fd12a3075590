"""The closes of a block: what forecasts from many of them at once are made from, as ``Origin`` is from one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.backtest.bars import Bars
from aegismatrix_engine.backtest.refit import Refit
from aegismatrix_engine.backtest.rounding import rounded
from aegismatrix_engine.document.schema.block import Basis
from aegismatrix_engine.document.schema.quantities import POINT_DECIMALS
from aegismatrix_engine.forecasting.forecasters import Forecast, forecast
from aegismatrix_engine.markets import ExpiriesAhead, Market, expiries_ahead, nearest_horizons
from aegismatrix_engine.record.baselines import index_beyond, index_touch
from aegismatrix_engine.record.past_frequencies import PastFrequencies, PastOutcomes
from aegismatrix_engine.signals.ranges import miss_since
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

Known = tuple[FloatArray, FloatArray]
"""Probabilities by climatology and by the volatility index alone, NaN where not known."""

Chance = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Origins:
    """m consecutive closes from which one refit speaks, all with a volatility index or all without.

    Attributes:
        rows: of these sessions in the features.
        features: of these sessions alone, as they were known at each close.
        spot: (m,) index points.
        level: (m,) the same as published.
        implied_sd: (m,) one-session standard deviation that the volatility index implies, or the model's without it.
        nearest: (m,) sessions left to the nearest expiry.
        miss: (m, 3, 45) miss rates as adapted by each close.
        ahead: (m, 46) datetime64[ns], the sessions after each.
    """

    market: Market
    refit: Refit
    rows: slice
    features: DailyFeatures
    spot: FloatArray
    level: FloatArray
    has_vix: bool
    implied_sd: FloatArray
    forecast: Forecast
    expiries: ExpiriesAhead
    nearest: IntArray
    miss: FloatArray
    ahead: np.ndarray
    past: PastFrequencies

    def __len__(self) -> int:
        return len(self.spot)

    @property
    def distribution(self) -> ReturnDistribution:
        """Of the returns from each close."""
        return self.forecast.distribution

    @property
    def primary(self) -> IntArray:
        """(m,) sessions left to the primary expiry."""
        return self.expiries.sessions[np.arange(len(self)), self.expiries.primary]

    @property
    def nearest_apart(self) -> BoolArray:
        """(m,) whether the nearest expiry is listed, and another than the primary one."""
        return self.expiries.listed & (self.expiries.primary > 0)

    def head_basis(self, head: str, unproven: Basis = "base_rate") -> Basis:
        """What the numbers of a head come from, by whether it has proven its skill."""
        return "model" if head in self.refit.record.proven else unproven

    def until(self, steps: IntArray) -> np.ndarray:
        """(m,) the session so many after each close."""
        return np.asarray(self.ahead[np.arange(len(self)), steps - 1])

    def log_distances(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Distances in index points, (m, D), as log moves upwards and downwards."""
        spot = self.spot[:, None]
        return np.log1p(points / spot), -np.log1p(-points / spot)

    def beyond(self, steps: IntArray, up: FloatArray, down: FloatArray) -> Known:
        """A close further than log distances, (m, D), on either side."""
        return self.past.beyond(steps.astype(np.float64), up, down), self._alone(index_beyond, steps, up, down)

    def touch(self, steps: IntArray, up: FloatArray, down: FloatArray) -> Known:
        """A price on the way further than log distances, (m, D), on either side."""
        return self.past.touch(steps.astype(np.float64), up, down), self._alone(index_touch, steps, up, down)

    def _alone(self, chance: Chance, steps: IntArray, up: FloatArray, down: FloatArray) -> FloatArray:
        if not self.has_vix:
            return np.full(up.shape, np.nan)
        return chance(self.implied_sd * np.sqrt(steps), up, down)


def origins(bars: Bars, refit: Refit, known: int, rows: slice, past: PastOutcomes) -> Origins:
    """The closes of ``rows``, all alike in whether the volatility index is known, after a refit at row ``known``."""
    market, dates = bars.market, bars.features.series.dates[rows]
    features = bars.at_closes(rows)
    found = forecast(refit.forecasters, features)
    has_vix, spot = bool(features.has_vix.all()), bars.close[rows]
    upto = bars.features.head(rows.stop)
    sessions = market.calendar.following(dates[0], len(dates) + MAX_HORIZON + 1).to_numpy()
    first = np.searchsorted(sessions, dates.to_numpy(), side="right")
    return Origins(
        market=market,
        refit=refit,
        rows=rows,
        features=features,
        spot=spot,
        level=rounded(spot, POINT_DECIMALS),
        has_vix=has_vix,
        implied_sd=features.implied_sd if has_vix else found.scales.blended[:, 21],
        forecast=found,
        expiries=expiries_ahead(market, dates),
        nearest=nearest_horizons(market, dates),
        miss=miss_since(known, refit.record.miss, refit.forecasters.distribution, upto)[rows.start - known :],
        ahead=sessions[first[:, None] + np.arange(MAX_HORIZON + 1)],
        past=PastFrequencies(past, np.arange(rows.start, rows.stop)),
    )
