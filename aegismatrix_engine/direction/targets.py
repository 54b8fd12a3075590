"""What direction means, defined once for training, walk-forward and record."""

import math
from typing import Final

import numpy as np

from aegismatrix_engine.typing import FloatArray

HORIZONS: Final = {"t1": 1, "t3": 3, "t5": 5, "t10": 10, "t20": 20, "t40": 40}
"""Key of a horizon in the document -> sessions ahead."""

DEAD_ZONE = 0.002


def dead_zone(horizon: int) -> float:
    """Log move within which a return over ``horizon`` sessions counts as neutral: 0.2 % x sqrt(horizon)."""
    return DEAD_ZONE * math.sqrt(horizon)


def direction_class(log_return: FloatArray, horizon: int) -> FloatArray:
    """1.0 above the dead zone, -1.0 below it, 0.0 within, NaN where the return is unknown. Same shape."""
    zone = dead_zone(horizon)
    sided = np.where(log_return > zone, 1.0, np.where(log_return < -zone, -1.0, 0.0))
    return np.where(np.isfinite(log_return), sided, np.nan)
