"""The windows of a session in progress: the variance each has shown, and what is forecast of those to come."""

from typing import Literal

import numpy as np

from aegismatrix_engine.intraday.profile import minutes_of_day
from aegismatrix_engine.intraday.state import SessionSoFar
from aegismatrix_engine.typing import FloatArray, IntArray

WindowState = Literal["past", "running", "ahead"]

BAR_MINUTES = 15


def window_states(so_far: SessionSoFar, windows: tuple[tuple[str, str], ...]) -> list[WindowState]:
    """Whether each window is over, begun, or still to come."""
    elapsed = _elapsed(so_far.finished, so_far.bars, windows)
    return ["past" if share == 1 else "running" if share > 0 else "ahead" for share in elapsed]


def session_windows(
    so_far: SessionSoFar, profile: FloatArray, windows: tuple[tuple[str, str], ...], left: float, usual: float
) -> tuple[FloatArray, FloatArray]:
    """Shares of today's variance by window, and each window's variance over what its profile gives it; both (6,).

    What the bars have shown, and of the variance still to come, ``left``, the part that the profile puts into the rest
    of each window. usual: variance of the session by the daily forecast, without the night. Squared log points. Of a
    session that ends without having moved the shares are those of the profile.
    """
    begun = window_of_bar(so_far.bar, windows)
    seen = np.bincount(begun, weights=so_far.bar_variance, minlength=len(windows))
    to_come = profile * (1 - _elapsed(so_far.finished, so_far.bars, windows))
    ahead = left * to_come / to_come.sum() if to_come.sum() > 0 else np.zeros(len(windows))
    total = seen + ahead
    shares = total / total.sum() if total.sum() > 0 else profile
    return shares, total / (profile * usual)


def window_of_bar(bar: IntArray, windows: tuple[tuple[str, str], ...]) -> IntArray:
    """Index of the window each bar starts in; a bar past the last window counts to it."""
    minute = minutes_of_day(windows[0][0]) + BAR_MINUTES * bar
    starts = np.array([minutes_of_day(start) for start, _ in windows])
    return np.asarray(np.searchsorted(starts, minute, side="right") - 1, dtype=np.int64)


def _elapsed(finished: int, bars: int, windows: tuple[tuple[str, str], ...]) -> FloatArray:
    """Share of each window's minutes that lie behind; with a session's last bar its windows end, however cut."""
    opens = minutes_of_day(windows[0][0])
    edges = np.array([[minutes_of_day(start), minutes_of_day(end)] for start, end in windows], dtype=np.float64)
    ends = np.maximum(np.minimum(edges[:, 1], opens + BAR_MINUTES * bars), edges[:, 0] + 1)
    behind = np.clip((opens + BAR_MINUTES * finished - edges[:, 0]) / (ends - edges[:, 0]), 0.0, 1.0)
    return np.ones_like(behind) if finished >= bars else behind
