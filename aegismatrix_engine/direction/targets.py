"""What direction means, defined once for training, walk-forward and record."""

import math

import numpy as np

from aegismatrix_engine.document.schema import direction as schema
from aegismatrix_engine.typing import FloatArray

HORIZONS = {key: sessions for key, (sessions, _) in schema.HORIZONS.items()}
DEAD_ZONE = 0.002


def dead_zone(horizon: int) -> float:
    """Log move within which a return over ``horizon`` sessions counts as neutral: 0.2 % x sqrt(horizon)."""
    return DEAD_ZONE * math.sqrt(horizon)


def direction_class(log_return: FloatArray, horizon: int) -> FloatArray:
    """1.0 above the dead zone, -1.0 below it, 0.0 within, NaN where the return is unknown. Same shape."""
    zone = dead_zone(horizon)
    sided = np.where(log_return > zone, 1.0, np.where(log_return < -zone, -1.0, 0.0))
    return np.where(np.isfinite(log_return), sided, np.nan)
