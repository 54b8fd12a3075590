"""Where today stands in its own past."""

import numpy as np

from aegismatrix_engine.typing import FloatArray


def percentile_of_last(values: FloatArray, window: int) -> float:
    """Share of the last ``window`` known values below the last one, ties counting half; it counts itself so. 0..1.

    values: (n,), NaN are left out; the last one must be known.
    """
    known = values[np.isfinite(values)][-window:]
    last = known[-1]
    return float(((known < last).sum() + 0.5 * (known == last).sum()) / len(known))
