"""How long intraday bars last, told by the steps between their stamps."""

import numpy as np
from numpy.typing import NDArray

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_rules import PlacedBars, first_true
from aegismatrix_engine.history.bar_spans import QUARTER

MINUTE = np.timedelta64(60_000_000_000, "ns")
DAY_NANOSECONDS = 24 * 60 * int(MINUTE.astype(np.int64))

JUDGED_FROM = 4
"""Bars of a day from which on its steps tell their length."""

SHARE_OF_STEPS = 0.25
"""A step that fewer of a day's steps have is no bar's length: a stray row makes two short ones."""


def bar_length(
    placed: PlacedBars,
    stamps: NDArray[np.datetime64],
    first: NDArray[np.intp],
    counts: NDArray[np.intp],
    inside: NDArray[np.bool_],
) -> np.timedelta64:
    """The one length of the bars: that of most days, a quarter hour where no day tells it.

    A day is judged by its bars inside the hours of its session, and by all of them where hardly any are.

    Args:
        placed: the bars, for the place that an error names.
        stamps: (rows,) starts, ascending and unique.
        first: (days,) row at which each day begins.
        counts: (days,) rows of each day.
        inside: (rows,) whether a bar begins within the hours of its session.

    Raises:
        DataError: bars longer than a quarter hour, of two lengths, or of one that a quarter hour is no multiple of.
    """
    steps = np.diff(stamps)
    within = np.ones(len(steps), dtype=bool)
    within[first[1:] - 1] = False
    if not within.any():
        return QUARTER.to_timedelta64()
    shortest = _shortest_steps(stamps, first, counts, inside)
    judged = shortest[shortest > 0]
    values, seen = np.unique(judged if len(judged) else steps[within].astype(np.int64), return_counts=True)
    length = np.timedelta64(int(values[seen.argmax()]), "ns")
    if length > QUARTER.to_timedelta64():
        raise DataError(
            f"{placed.name}: bars of {minutes(length)} minutes; intraday bars are of 15 minutes or shorter, give such "
            "a file or leave it out"
        )
    day = first_true((shortest > 0) & (shortest != length.astype(np.int64)))
    if day is not None:
        other = np.timedelta64(int(shortest[day]), "ns")
        raise DataError(
            f"{placed.place(int(first[day]))}: bars of {minutes(other)} minutes on this day, where the file has bars "
            f"of {minutes(length)}: one file holds one length; give the bars of one length alone"
        )
    if QUARTER.to_timedelta64() % length != np.timedelta64(0):
        raise DataError(
            f"{placed.name}: bars of {minutes(length)} minutes do not fit into quarter hours; give bars of 1, 3, 5 or "
            "15 minutes"
        )
    return length


def _shortest_steps(
    stamps: NDArray[np.datetime64],
    first: NDArray[np.intp],
    counts: NDArray[np.intp],
    inside: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """The smallest step that a good part of each day's bars has, (days,) nanoseconds; 0 where they are too few."""
    day = np.repeat(np.arange(len(first)), counts)
    judged = inside | (np.add.reduceat(inside, first, dtype=np.int64) < JUDGED_FROM)[day]
    at, of = stamps[judged], day[judged]
    bars = np.bincount(of, minlength=len(first))
    within = of[1:] == of[:-1]
    # No step within a day is as long as a day, so one number holds both and sorts by day, then by step.
    keys, seen = np.unique(of[1:][within] * DAY_NANOSECONDS + np.diff(at)[within].astype(np.int64), return_counts=True)
    of, steps = keys // DAY_NANOSECONDS, keys % DAY_NANOSECONDS
    usual = seen >= SHARE_OF_STEPS * (bars[of] - 1)
    shortest = np.zeros(len(first), dtype=np.int64)
    for some in (np.ones(len(keys), dtype=bool), usual):
        # Descending, so that the smallest of a day is what stays.
        shortest[of[some][::-1]] = steps[some][::-1]
    shortest[bars < JUDGED_FROM] = 0
    return shortest


def minutes(length: np.timedelta64) -> str:
    """A length in minutes, as a person writes it."""
    return f"{length / MINUTE:g}"
