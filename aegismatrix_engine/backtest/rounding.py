"""Rounding many numbers at once exactly as a document and the ledger round one."""

from collections.abc import Callable
from typing import Final

import numpy as np

from aegismatrix_engine.typing import FloatArray, IntArray

NEAR_TIE: Final = 1e-6
"""A number so near the middle of two rounded ones, in units of the last digit, is left to Python."""

EXACT_POWER: Final = 22
"""Powers of ten up to this one are exact float64, so that a whole number over one is rounded once and correctly."""

LARGEST: Final = 1e12
"""Scaled numbers up to here have more digits after the point than a tie needs to be seen."""


def rounded(values: FloatArray, decimals: int) -> FloatArray:
    """Values of any shape as ``round`` rounds them."""
    return _scaled(values, np.full(values.shape, decimals), lambda value: round(value, decimals))


def significant(values: FloatArray, digits: int) -> FloatArray:
    """Values of any shape as ``record.rows.number`` writes them: of so many significant digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        magnitude = np.floor(np.log10(np.abs(values)))
    magnitude = np.where(np.isfinite(magnitude), magnitude, 0.0).astype(np.int64)
    return _scaled(values, digits - 1 - magnitude, lambda value: float(f"{value:.{digits}g}"))


def _scaled(values: FloatArray, decimals: IntArray, alone: Callable[[float], float]) -> FloatArray:
    """Values rounded to so many decimals each, the doubtful ones by ``alone``; -0.0 becomes 0.0."""
    power = 10.0 ** np.clip(decimals, 0, EXACT_POWER)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = values * power
        result = np.asarray(np.rint(scaled) / power)
        doubtful = np.abs(scaled - np.floor(scaled) - 0.5) < NEAR_TIE
    doubtful |= (decimals < 0) | (decimals > EXACT_POWER) | (np.abs(scaled) > LARGEST)
    for at in zip(*np.nonzero(doubtful), strict=True):
        result[at] = alone(float(values[at]))
    return np.asarray(result + 0.0)
