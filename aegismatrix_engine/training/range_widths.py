"""The ranges of the walk through the past: how wide each was for its year, and what came of it."""

import numpy as np

from aegismatrix_engine.seller.range_width import WIDTH_SESSIONS, WidthRecord, fit_widths, year_percentiles
from aegismatrix_engine.training.walk_forward import WalkForward
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import horizon_outcomes

RANGE = 0  # index into COVERAGES: 80 %


def width_record(walk: WalkForward, features: DailyFeatures) -> WidthRecord:
    """What followed the 80 % ranges of every close over one to five sessions, by their width.

    Each range is the one that would have been published, its width compared by the model of its time.
    """
    outcomes = horizon_outcomes(features.series, len(WIDTH_SESSIONS))
    close, up, down = (move[walk.rows] for move in (outcomes.close, outcomes.up, outcomes.down))
    lower, upper = _bounds(walk)
    return fit_widths(
        _percentiles(walk, features),
        np.abs(close),
        held=((close >= lower) & (close <= upper)).astype(np.float64),
        touched=((up > upper) | (down > -lower)).astype(np.float64),
    )


def _percentiles(walk: WalkForward, features: DailyFeatures) -> FloatArray:
    """Percentile of each width among those of its year, (m, 5)."""
    found, year_sessions = [], features.series.sessions_per_year
    for block in walk.blocks:
        year = features.rows(slice(block.rows.start - year_sessions + 1, block.rows.stop))
        scales = block.model.scales(year, use_vix=block.forecast.with_index)
        found.append(year_percentiles(scales.horizon[:, : len(WIDTH_SESSIONS)], year_sessions))
    return np.concatenate(found)


def _bounds(walk: WalkForward) -> tuple[FloatArray, FloatArray]:
    """Lower and upper bound of each range, log points, (m, 5) each."""
    path, origins = walk.miss[:, RANGE], np.arange(len(walk))
    bounds = np.empty((2, len(walk), len(WIDTH_SESSIONS)))
    for i, h in enumerate(WIDTH_SESSIONS):
        miss = path[np.maximum(origins - h + 1, 0), h - 1]
        levels = np.column_stack([miss / 2, 1 - miss / 2])
        for block in walk.blocks:
            rows = slice(block.rows.start - int(walk.rows[0]), block.rows.stop - int(walk.rows[0]))
            bounds[:, rows, i] = block.forecast.distribution.quantile(h, levels[rows]).T
    return bounds[0], bounds[1]
