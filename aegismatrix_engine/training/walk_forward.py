"""The walk through the past: refit, forecast the sessions that follow, never the other way round.

Every forecast is made by forecasters fitted on the sessions up to the first of its block, so that nothing after an
origin reaches its forecast. Outcomes are those of ``volatility.outcomes`` and the targets of each room.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from aegismatrix_engine.buyer.model import SpikeSide, fit_spike_side
from aegismatrix_engine.buyer.targets import STRADDLE_HORIZONS
from aegismatrix_engine.direction.model import DirectionProbabilities, class_probabilities, shares_by_index
from aegismatrix_engine.direction.targets import HORIZONS
from aegismatrix_engine.forecasting.forecasters import ExpandingFits, Forecast, Forecasters, forecast
from aegismatrix_engine.seller.model import StressBase, StressCounts, stress_probability
from aegismatrix_engine.seller.targets import TRAP_HORIZONS
from aegismatrix_engine.training.night_walk import NightBlock
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.conformal import adapt, nominal_miss, probability_integral_transform
from aegismatrix_engine.volatility.distribution import DistributionModel, ReturnDistribution
from aegismatrix_engine.volatility.event_head import MINIMUM_HEAD_ROWS, EventHead
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.night_moves import NightMoves, no_nights
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, horizon_outcomes

FIRST_ORIGIN = 750
REFIT_INTERVAL = 126

Progress = Callable[[Iterable[int]], Iterable[int]]


@dataclass(frozen=True)
class Block:
    """Some consecutive rows and one refit's forecasts from them; the VIX is known at all of them, or at none.

    model: of the distribution, as fitted up to the refit; its shapes without the index are empty where all rows know
        that.
    """

    rows: slice
    forecast: Forecast
    model: DistributionModel


@dataclass(frozen=True)
class WalkForward:
    """Past forecasts of m origins, oldest first, whose rows in the features are ``rows`` (m,).

    Probability integral transforms of the returns: (m, 45), NaN where the outcome has not come. Trap: (m, 2). Straddle
    and breakout: (m, 5). Stress: (m,), for the nearest expiry. Spike: (m,), the side of the next session's breakout.
    Direction: by key of HORIZONS; after the US night NaN where that is not known. Night gap: (m,) what the night adds
    to the expected opening gap, in units of the session's scale, NaN likewise.
    """

    blocks: tuple[Block, ...]
    rows: IntArray
    pit: FloatArray
    trap: FloatArray
    trap_base: FloatArray
    straddle: FloatArray
    straddle_base: FloatArray
    breakout: FloatArray
    breakout_base: FloatArray
    stress: FloatArray
    stress_base: FloatArray
    spike: FloatArray
    spike_base: FloatArray
    direction: dict[str, DirectionProbabilities]
    night_direction: dict[str, DirectionProbabilities]
    night_gap: FloatArray

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def miss(self) -> FloatArray:
        """(m + 1, 3, 45) miss rates before each origin and after the last, of ``adapt``."""
        return adapt(nominal_miss(), self.pit)


def walk_forward(
    features: DailyFeatures,
    nearest: IntArray,
    progress: Progress = iter,
    night: NightMoves | None = None,
    fits: ExpandingFits | None = None,
) -> WalkForward | None:
    """Walk through the features; None where they have no session past the first 750 to forecast from.

    nearest: (n,) sessions from each row's close to the nearest expiry. night: the n nights after the rows. fits: on the
    features, where the caller has prepared them.
    """
    if len(features) <= FIRST_ORIGIN:
        return None
    returns = horizon_outcomes(features.series).close
    night = no_nights(len(features)) if night is None else night
    parts: list[dict[str, FloatArray]] = []
    directions: dict[str, list[DirectionProbabilities]] = {key: [] for key in HORIZONS}
    after_night: dict[str, list[DirectionProbabilities]] = {key: [] for key in HORIZONS}
    blocks = []
    for refit in _refits(fits or ExpandingFits.of(features), night, progress):
        shares, plain_shares = refit.shares
        for rows in _alike(features.has_vix, refit.rows.start, refit.rows.stop):
            origins = features.rows(rows)
            forecasts = forecast(refit.fitted, origins)
            after = refit.nights.forecast(features, rows, forecasts)
            blocks.append(Block(rows, forecasts, refit.fitted.distribution))
            found = {
                "pit": probability_integral_transform(forecasts.distribution, returns[rows]),
                **_stress_and_spike(refit.stress, refit.spike, origins, forecasts.distribution, nearest[rows]),
                "night_gap": after.gap,
            }
            parts.append(_head_forecasts(refit.fitted, forecasts, len(origins)) | found)
            for (key, h), share in zip(HORIZONS.items(), shares if forecasts.with_index else plain_shares, strict=True):
                directions[key].append(class_probabilities(forecasts.distribution, h, float(share)))
                after_night[key].append(after.probabilities(h, float(share)))
    return WalkForward(
        blocks=tuple(blocks),
        rows=np.arange(FIRST_ORIGIN, len(features)),
        direction={key: _joined(found) for key, found in directions.items()},
        night_direction={key: _joined(found) for key, found in after_night.items()},
        **{name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
    )


@dataclass(frozen=True)
class _Refit:
    """What is fitted up to the first of some rows, to forecast from all of them; shares of ups with index and without.

    The shapes without the index are empty where all the rows know it.
    """

    rows: slice
    fitted: Forecasters
    stress: StressBase
    spike: SpikeSide
    shares: tuple[FloatArray, FloatArray]
    nights: NightBlock


def _refits(fits: ExpandingFits, night: NightMoves, progress: Progress) -> Iterator[_Refit]:
    features = fits.features
    stress = StressCounts.of(features)
    for first in progress(range(FIRST_ORIGIN, len(features), REFIT_INTERVAL)):
        rows, known = slice(first, min(first + REFIT_INTERVAL, len(features))), features.head(first + 1)
        fitted, scales = fits.fit(first + 1, index_known=bool(features.has_vix[rows].all()))
        shares = shares_by_index(known, fitted.distribution)
        nights = NightBlock.fit(known, scales, night, rows)
        yield _Refit(rows, fitted, stress.base(first + 1), fit_spike_side(known), shares, nights)


def _head_forecasts(fitted: Forecasters, forecasts: Forecast, n: int) -> dict[str, FloatArray]:
    """Field of ``WalkForward`` -> what each head forecasts at n origins, and its base rate."""
    return {
        "trap": np.column_stack([forecasts.trap[k] for k in TRAP_HORIZONS]),
        "trap_base": _base_rates(fitted.trap.heads, n),
        "straddle": np.column_stack([forecasts.straddle[h] for h in STRADDLE_HORIZONS]),
        "straddle_base": _base_rates(fitted.straddle.heads, n),
        "breakout": forecasts.breakout,
        "breakout_base": _base_rates(fitted.breakout.heads, n),
    }


def _stress_and_spike(
    stress: StressBase, spike: SpikeSide, origins: DailyFeatures, distribution: ReturnDistribution, nearest: IntArray
) -> dict[str, FloatArray]:
    """Field of ``WalkForward`` -> the same of expiry stress and of the side of a breakout."""
    rate = stress.base_rate if stress.sessions >= MINIMUM_HEAD_ROWS else np.full(MAX_HORIZON, np.nan)
    return {
        "stress": stress_probability(origins, distribution, nearest),
        "stress_base": rate[nearest - 1],
        "spike": spike.up_probability(origins),
        "spike_base": np.full(len(origins), spike.base_up),
    }


def _alike(has_vix: BoolArray, first: int, stop: int) -> list[slice]:
    """The rows first..stop - 1 in runs that all know the volatility index or all lack it.

    ``forecast`` leaves the index out where one origin lacks it: a later origin must not do that to an earlier one.
    """
    changes = first + 1 + np.flatnonzero(np.diff(has_vix[first:stop]))
    edges = [first, *(int(row) for row in changes), stop]
    return [slice(start, end) for start, end in pairwise(edges)]


def _base_rates(heads: tuple[EventHead, ...], n: int) -> FloatArray:
    return np.tile(np.array([head.base_rate for head in heads]), (n, 1))


def _joined(parts: list[DirectionProbabilities]) -> DirectionProbabilities:
    columns = zip(*(vars(part).values() for part in parts), strict=True)
    return DirectionProbabilities(*(np.concatenate(column) for column in columns))
