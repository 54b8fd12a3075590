"""The US night: what the change of the US VIX after NSE's close means for the session to come.

Between the US close and NSE's open the change since the last US close that NSE had seen shifts the mean of the next
sessions' returns and changes their scale. Once NSE has opened the news is in the price and nothing of it is left.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import fit_ridge
from aegismatrix_engine.volatility.outcomes import horizon_outcomes, mean_range_variance_ahead
from aegismatrix_engine.volatility.shape import fit_shape

NIGHT_HORIZONS = 5
CLIP = 0.15
NIGHT_PENALTY = 1e-2
MINIMUM_NIGHTS = 500


@dataclass(frozen=True)
class NightModel:
    """Weights of a rise and of a fall of the US VIX, and (5, 117) grids of standardised outcomes, for horizons 1..5.

    Attributes:
        mean: (5, 2) shift of the return in units of its scale, per log point of the US VIX.
        scale: (5, 2) change of the logarithm of the range variance.
        nights: how many were learnt from, 0 for a model that is never applied.
    """

    mean: FloatArray
    scale: FloatArray
    close: FloatArray
    up: FloatArray
    down: FloatArray
    either: FloatArray
    nights: int

    def applied(self, distribution: ReturnDistribution, change: FloatArray) -> ReturnDistribution:
        """The distribution once the US VIX has changed by ``change`` log points, (n,) and finite.

        Past the fifth session its shift in log points stays that of the fifth and scale and shape are the plain ones.
        """
        unit = distribution.scale[:, :NIGHT_HORIZONS]
        shift, factor = self.shift_and_factor(change)
        moved = np.empty_like(distribution.scale)
        moved[:, :NIGHT_HORIZONS] = unit * shift
        moved[:, NIGHT_HORIZONS:] = moved[:, [NIGHT_HORIZONS - 1]]
        scale = distribution.scale.copy()
        scale[:, :NIGHT_HORIZONS] = unit * factor
        grids, count = (self.close, self.up, self.down, self.either), np.full(NIGHT_HORIZONS, float(self.nights))
        return ReturnDistribution(scale, distribution.shapes.starting_with(grids, count), moved)

    def shift_and_factor(self, change: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Shift in units of scale and factor on it, both (n, 5), for (n,) changes of the US VIX."""
        columns = _columns(change)
        rise, fall = columns[:, [0]], columns[:, [1]]
        shift = rise * self.mean[:, 0] + fall * self.mean[:, 1]
        return shift, np.exp((rise * self.scale[:, 0] + fall * self.scale[:, 1]) / 2)


def silent_night() -> NightModel:
    """A model that has learnt nothing and is never applied."""
    weights, grid = np.zeros((NIGHT_HORIZONS, 2)), np.zeros((NIGHT_HORIZONS, 0))
    return NightModel(weights, weights, grid, grid, grid, grid, 0)


def night_changes(us_vix: pd.Series, dates: pd.DatetimeIndex, sessions: pd.DatetimeIndex) -> FloatArray:
    """Log change of the US VIX over the night, or nights, that follow each session; shape (n,), NaN where unknown.

    From its last close before the date of the session, the newest one known at that session's close, to its last one
    before the date of the next session. us_vix: closes by US date, rising. dates: (n,) sessions; sessions: the
    exchange's calendar, at least one session longer.
    """
    if us_vix.empty:
        return np.full(len(dates), np.nan)
    closes = np.log(us_vix.to_numpy(dtype=np.float64))
    calendar = sessions.as_unit("ns")
    following = calendar[calendar.searchsorted(dates.as_unit("ns"), side="right")]
    index = pd.DatetimeIndex(us_vix.index).as_unit("ns")
    start = index.searchsorted(dates.as_unit("ns"), side="left") - 1
    end = index.searchsorted(following, side="left") - 1
    known = (start >= 0) & (end > start)
    # A series that stops early would call an old change the latest one.
    known &= np.asarray(index[np.maximum(end, 0)] >= dates.as_unit("ns"))
    change = closes[np.maximum(end, 0)] - closes[np.maximum(start, 0)]
    return np.where(known, change, np.nan)


def fit_night(features: DailyFeatures, daily_scale: FloatArray, change: FloatArray) -> NightModel:
    """Fit on the rows with a volatility index; daily_scale (n, 45) and change (n,) belong to the same rows."""
    columns = _columns(change)
    usable = np.isfinite(change) & features.has_vix
    if int(usable.sum()) < MINIMUM_NIGHTS:
        return silent_night()
    outcomes = horizon_outcomes(features.series, NIGHT_HORIZONS)
    variance = mean_range_variance_ahead(features.series, NIGHT_HORIZONS)
    unit = daily_scale[:, :NIGHT_HORIZONS]
    one_session = unit / np.sqrt(np.arange(1, NIGHT_HORIZONS + 1))
    mean = _fit(columns, outcomes.close / unit, usable)
    scale = _fit(columns, np.log(variance) - 2 * np.log(one_session), usable)
    bare = replace(silent_night(), mean=mean, scale=scale)
    shift, factor = bare.shift_and_factor(change)
    moves = ((outcomes.close, -shift), (outcomes.up, -shift), (outcomes.down, shift))
    close, up, down = (np.where(usable[:, None], (move / unit + moved) / factor, np.nan) for move, moved in moves)
    close, up, down, either = (fit_shape(move).grid for move in (close, up, down, np.maximum(up, down)))
    return NightModel(mean, scale, close, up, down, either, int(usable.sum()))


def _columns(change: FloatArray) -> FloatArray:
    """(n, 2): a rise and a fall, each clipped at 15 %."""
    return np.column_stack([np.clip(change, 0.0, CLIP), np.clip(change, -CLIP, 0.0)])


def _fit(columns: FloatArray, target: FloatArray, usable: np.ndarray) -> FloatArray:
    """Ridge weights (5, 2) of each horizon; the intercept is part of the shape."""
    rows = []
    for i in range(target.shape[1]):
        known = usable & np.isfinite(target[:, i])
        rows.append(fit_ridge(columns[known], target[known, i], NIGHT_PENALTY)[1:])
    return np.array(rows)
