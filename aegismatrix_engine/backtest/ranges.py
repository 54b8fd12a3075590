"""Ranges of the close at the primary and the nearest expiry, and some sessions ahead, from the closes of a block."""

from collections.abc import Iterator

import numpy as np

from aegismatrix_engine.backtest.origins import Origins, rounded
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
    for i, (name, coverage) in enumerate(zip(names, COVERAGES, strict=True)):
        bounds = lower[rows, primary, i], upper[rows, primary, i]
        yield level_range(at, name, at.primary, coverage, *bounds)
    made = at.nearest_apart
    if made.any():
        for i, coverage in enumerate(COVERAGES):
            name = f"seller.expiries.nearest.{round(100 * coverage)}"
            yield level_range(at, name, at.nearest, coverage, lower[:, 0, i], upper[:, 0, i], made)


def level_range(
    at: Origins,
    signal: str,
    steps: IntArray,
    coverage: float,
    lower: FloatArray,
    upper: FloatArray,
    made: BoolArray | None = None,
) -> SignalForecasts:
    """The range of the close ``steps`` ahead between two log moves, its probability the nominal coverage."""
    low, high = (rounded(at.spot * np.exp(bound), POINT_DECIMALS) for bound in (lower, upper))
    past, alone = at.beyond(steps, np.log(high / at.level), -np.log(low / at.level))
    nominal, known = np.full(len(at), coverage), (1 - past, 1 - alone)
    return SignalForecasts(signal, "range", steps, nominal, known, "model", lower=low, upper=high, made=made)


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
            for i in range(len(COVERAGES)):
                bounds = central_bounds(own, int(h), at.miss[rows, i, h - 1])
                lower[rows, column, i], upper[rows, column, i] = bounds
    for axis in (2, 1):
        lower, upper = np.minimum.accumulate(lower, axis=axis), np.maximum.accumulate(upper, axis=axis)
    return lower, upper
