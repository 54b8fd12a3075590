"""The US night by hand, date by date: what three series say of it, and the open that it points to."""

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from material import Material
from scale_by_hand import scale

ORDER = ("vsf", "sf", "vf", "vs", "f", "s", "v")
"""Which of the three (VIX, S&P 500, fund) forecast together, in the order of the model file."""


@dataclass(frozen=True)
class Columns:
    """What shifts the mean, and what changes the scale."""

    mean: list[float]
    scale: list[float]


def _ends(closes: "pd.Series[float]", session: pd.Timestamp, following: pd.Timestamp) -> tuple[Any, Any] | None:
    """The last dates before the session and before the next one; None where there is no US session between them."""
    dates = list(closes.index)
    before, last = bisect_left(dates, session) - 1, bisect_left(dates, following) - 1
    known = before >= 0 and last > before and dates[last] >= session
    return (dates[before], dates[last]) if known else None


def night_change(m: Material) -> float | None:
    """Log change of the US VIX from the last close that NSE's close knew to the newest one."""
    ends = _ends(m.us_vix, m.daily.index[-1], m.ahead[0]) if len(m.us_vix) else None
    return None if ends is None else math.log(m.us_vix[ends[1]] / m.us_vix[ends[0]])


def _implied(m: Material, row: int) -> float:
    return float(m.daily["vix"].iloc[row]) / 100 / math.sqrt(252)


def _spot(m: Material) -> float | None:
    """The S&P 500 from the first open to the last close, in implied standard deviations, four at most."""
    ends = _ends(m.us_spot["close"], m.daily.index[-1], m.ahead[0]) if len(m.us_spot) else None
    if ends is None:
        return None
    first = m.us_spot.loc[m.us_spot.index > ends[0], "open"].iloc[0]
    return min(max(math.log(m.us_spot.loc[ends[1], "close"] / first) / _implied(m, -1), -4.0), 4.0)


def _fund(m: Material, row: int) -> float | None:
    """What the fund knows more than NSE's closes on the night after a row, in implied standard deviations.

    None where it is unknown, or so far off that it is a payment or a split.
    """
    session = m.daily.index[row]
    following = m.ahead[0] if row == -1 else m.daily.index[row + 1]
    ends = _ends(m.fund, session, following) if len(m.fund) else None
    if ends is None or not math.isfinite(_implied(m, row)):
        return None
    shown = m.daily.loc[m.daily.index <= ends[0], "close"]
    own = math.log(m.daily["close"].iloc[row] / shown.iloc[-1])
    excess = (math.log(m.fund[ends[1]] / m.fund[ends[0]]) - own) / _implied(m, row)
    return None if abs(excess) > 5 else min(max(excess, -4.0), 4.0)


@cache
def subset(m: Material) -> str:
    """Which series forecast: all that know the night, where enough such nights were learnt from."""
    known = {"v": night_change(m), "s": _spot(m), "f": _fund(m, -1)}
    have = "".join(name for name in "vsf" if known[name] is not None)
    learnt = [name for name, part in zip(ORDER, m.models.night.subsets, strict=True) if part.nights > 0]
    return next(name for name in learnt if set(name) <= set(have))


def weights(m: Material) -> Any:
    return m.models.night.subsets[ORDER.index(subset(m))]


@cache
def columns(m: Material) -> Columns:
    """The columns of the series that forecast."""
    mean: list[float] = []
    sides: list[float] = []
    used = subset(m)
    if "v" in used:
        change = night_change(m)
        assert change is not None
        mean += _sides(min(max(change, -0.15), 0.15))
        sides += mean
    if "s" in used:
        spot = _spot(m)
        assert spot is not None
        mean.append(spot)
        sides += _sides(spot)
    if "f" in used:
        fund = _fund(m, -1)
        assert fund is not None
        before = sum((_fund(m, -1 - back) or 0.0) / 2 ** (back - 1) for back in range(1, 6))
        mean += [fund, before]
        sides += _sides(fund)
    return Columns(mean, sides)


def _sides(value: float) -> list[float]:
    return [max(value, 0.0), min(value, 0.0)]


def shift(m: Material) -> np.ndarray:
    """(5,) shift of the return in units of its scale."""
    return np.asarray(weights(m).mean @ columns(m).mean)


def factor(m: Material) -> np.ndarray:
    """(5,) factor on the scale."""
    return np.exp(weights(m).scale @ columns(m).scale / 2)


def _gap_scale(m: Material) -> float:
    """Geometric mean of a session's scale and that of past gaps, whose weights fall by 3 % a session."""
    gaps = (m.log["open"] - m.log["close"].shift(1)).fillna(0.0).to_numpy()
    fading = 0.97 ** np.arange(len(gaps))[::-1]
    recent = math.sqrt(float(fading @ np.maximum(gaps**2, 1e-7)) / float(fading.sum()))
    return math.sqrt(float(scale(m).horizon[0]) * recent)


def opening_gap(m: Material, level: float) -> float:
    """Log move from the last close to the open at a level of probability."""
    from outlook_by_hand import GRID_LEVELS

    standardised = float(np.interp(level, GRID_LEVELS, weights(m).gap))
    return _gap_scale(m) * (float(weights(m).gap_mean @ columns(m).mean) + float(factor(m)[0]) * standardised)


def after_the_open(m: Material) -> float:
    """Log move from the open to the close of the session that is expected."""
    past, unit = m.models.night.after_open, float(scale(m).horizon[0])
    added = _gap_scale(m) * float(weights(m).gap_mean @ columns(m).mean) / unit
    return unit * (past.mean + past.slope * (added - past.gap_mean))
