"""Ranges of the close at the primary and the nearest expiry, and some sessions ahead, from the closes of a block."""

from collections.abc import Iterator, Sequence

import numpy as np

from aegismatrix_engine.backtest.origins import Origins
from aegismatrix_engine.backtest.rounding import rounded
from aegismatrix_engine.backtest.signal_forecasts import SignalForecasts
from aegismatrix_engine.document.schema.quantities import POINT_DECIMALS
from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray
from aegismatrix_engine.volatility.conformal import COVERAGES, central_bounds
from aegismatrix_engine.volatility.distribution import ReturnDistribution


def close_ranges(at: Origins) -> Iterator[SignalForecasts]:
    """Those of the primary expiry, then those of the nearest one where it is another."""
    lower, upper = _ladder(at)
    rows, primary = np.arange(len(at)), at.expiries.primary
    names = ["seller.safe_range", *(f"seller.expiries.primary.{round(100 * c)}" for c in COVERAGES[1:])]
    yield from level_ranges(at, names, at.primary, COVERAGES, lower[rows, primary], upper[rows, primary])
    made = at.nearest_apart
    if made.any():
        names = [f"seller.expiries.nearest.{round(100 * coverage)}" for coverage in COVERAGES]
        yield from level_ranges(at, names, at.nearest, COVERAGES, lower[:, 0], upper[:, 0], made)


def level_ranges(
    at: Origins,
    signals: Sequence[str],
    steps: IntArray,
    coverages: Sequence[float],
    lower: FloatArray,
    upper: FloatArray,
    made: BoolArray | None = None,
) -> Iterator[SignalForecasts]:
    """Ranges of the close ``steps`` ahead between log moves, (m, D) each; their probability is the nominal coverage."""
    low, high = (rounded(at.spot[:, None] * np.exp(bounds), POINT_DECIMALS) for bounds in (lower, upper))
    level = at.level[:, None]
    past, alone = at.beyond(steps, np.log(high / level), -np.log(low / level))
    for i, (signal, coverage) in enumerate(zip(signals, coverages, strict=True)):
        nominal, known = np.full(len(at), coverage), (1 - past[:, i], 1 - alone[:, i])
        yield SignalForecasts(
            signal, "range", steps, nominal, known, "model", lower=low[:, i], upper=high[:, i], made=made
        )


def _ladder(at: Origins) -> tuple[FloatArray, FloatArray]:
    """Bounds of the range of the close at every expiry up to the primary one, log moves: (m, columns, 3) each.

    A wider coverage holds the narrower ones, and a later expiry the ranges of those before: see ``range_ladder``.
    """
    columns = int(at.expiries.primary.max()) + 1
    lower, upper = np.empty((2, len(at), columns, len(COVERAGES)))
    for column in range(columns):
        sessions = at.expiries.sessions[:, column]
        # Beyond the primary expiry of an origin nothing is asked for.
        sessions = np.where(column <= at.expiries.primary, sessions, at.primary)
        for h in np.unique(sessions):
            rows = np.flatnonzero(sessions == h)
            own = ReturnDistribution(at.distribution.scale[rows], at.distribution.shapes)
            lower[rows, column], upper[rows, column] = central_bounds(own, int(h), at.miss[rows, :, h - 1])
    for axis in (2, 1):
        lower, upper = np.minimum.accumulate(lower, axis=axis), np.maximum.accumulate(upper, axis=axis)
    return lower, upper
