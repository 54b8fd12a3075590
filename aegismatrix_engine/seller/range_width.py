"""How wide the 80 % range is for its year, and what the index did after ranges of such a width.

The width in per cent of spot is compared with that of ranges over as many sessions at the closes of the last year. By
one model these differ by their scale alone, so that the scale stands for the width.
"""

from dataclasses import dataclass

import numpy as np

from aegismatrix_engine.scores import standard_error
from aegismatrix_engine.typing import BoolArray, FloatArray

WIDTH_SESSIONS = (1, 2, 3, 4, 5)
"""Sessions ahead that are measured; a range over more is compared as one over five."""

NARROW_BELOW, WIDE_FROM = 0.2, 0.8
NARROW, USUAL, WIDE = 0, 1, 2
ALL = 3
TOLD_APART_T, RECENT_T, RECENT_RANGES = 3.0, 1.0, 750


@dataclass(frozen=True)
class WidthRecord:
    """What the index did after the 80 % ranges of the walk through the past.

    Arrays of shape (4, 5): rows narrow, usual, wide and all of them, columns WIDTH_SESSIONS.

    Attributes:
        ranges: how many had a known outcome.
        occasions: how many of these follow one another without sharing a session.
        held: share whose close at the end lay inside.
        touched: share that was left on the way, by a high or a low.
        move: median of the absolute return, log points.
        told_apart: 1.0 where moves after narrow ranges were smaller, after wide ones larger, than after all of them,
            beyond chance and until lately; 0.0 elsewhere.
    """

    ranges: FloatArray
    occasions: FloatArray
    held: FloatArray
    touched: FloatArray
    move: FloatArray
    told_apart: FloatArray


def width_grade(percentile: float) -> int:
    """NARROW for a width among the lowest fifth of its year, WIDE for one among the highest, else USUAL."""
    return WIDE if percentile >= WIDE_FROM else NARROW if percentile < NARROW_BELOW else USUAL


def year_percentiles(scale: FloatArray, sessions: int) -> FloatArray:
    """Share of the values of the last year, its own among them, that lie below each value, ties counting half.

    Args:
        scale: (n, m) standard deviations forecast at consecutive closes by one model, a column for each horizon.
        sessions: of a year.

    Returns:
        (n - sessions + 1, m), from the first row on that ends a year; NaN where a value of the year is not known.
    """
    year = np.lib.stride_tricks.sliding_window_view(scale, sessions, axis=0)
    own = year[..., -1:]
    below = (year < own).sum(axis=-1) + 0.5 * (year == own).sum(axis=-1)
    return np.where(np.isfinite(year).all(axis=-1), below / sessions, np.nan)


def no_widths() -> WidthRecord:
    """The record of a past too short to measure anything on."""
    return WidthRecord(*np.zeros((6, 4, len(WIDTH_SESSIONS))))


def fit_widths(percentile: FloatArray, move: FloatArray, held: FloatArray, touched: FloatArray) -> WidthRecord:
    """Measure what followed each grade; arrays (m, 5) by origin, oldest first, and WIDTH_SESSIONS.

    Args:
        percentile: of each range's width among those of its year.
        move: absolute return over the sessions of the range, log points, NaN where not yet known.
        held: 1.0 where the close ended inside, 0.0 where not.
        touched: 1.0 where the range was left on the way, 0.0 where not.
    """
    columns = [
        _followed(percentile[:, i], move[:, i], held[:, i], touched[:, i], sessions)
        for i, sessions in enumerate(WIDTH_SESSIONS)
    ]
    return WidthRecord(*np.stack(columns, axis=-1))


def _followed(
    percentile: FloatArray, move: FloatArray, held: FloatArray, touched: FloatArray, sessions: int
) -> FloatArray:
    """The six numbers of ``WidthRecord`` by grade, shape (6, 4)."""
    found = np.zeros((6, 4))
    known = np.isfinite(percentile) & np.isfinite(move)
    if not known.any():
        return found
    narrow, wide = known & (percentile < NARROW_BELOW), known & (percentile >= WIDE_FROM)
    for grade, chosen in enumerate((narrow, known & ~narrow & ~wide, wide, known)):
        if chosen.any():
            measured = held[chosen].mean(), touched[chosen].mean(), np.median(move[chosen])
            found[:5, grade] = chosen.sum(), _occasions(chosen, sessions), *measured
    recent = known & (np.arange(len(known)) >= len(known) - RECENT_RANGES)
    for grade, chosen, sign in ((NARROW, narrow, -1.0), (WIDE, wide, 1.0)):
        apart = (_t(sign, move, chosen & part, part, sessions) for part in (known, recent))
        found[5, grade] = float(all(t > least for t, least in zip(apart, (TOLD_APART_T, RECENT_T), strict=True)))
    return found


def _occasions(chosen: BoolArray, sessions: int) -> int:
    count, free = 0, 0
    for row in np.flatnonzero(chosen):
        if row >= free:
            count, free = count + 1, int(row) + sessions
    return count


def _t(sign: float, move: FloatArray, chosen: BoolArray, among: BoolArray, sessions: int) -> float:
    """T of a median test: how far more than half of the chosen moves lie on the word's side of the median of all."""
    if not chosen.any():
        return 0.0
    excess = sign * np.where(move[chosen] > np.median(move[among]), 0.5, -0.5)
    error = standard_error(excess, sessions)
    return float(excess.mean()) / error if error > 0 else 0.0
