"""What open interest says of an expiry: max pain and the zone round it, the largest strikes, the put-call ratio.

Max pain is arithmetic on open interest, the level at which all holders together would be paid least. No pull of the
close towards it was found, so it is no forecast.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from aegismatrix_engine.options.chain import Legs
from aegismatrix_engine.typing import BoolArray, FloatArray

ZONE_EXCESS: Final = 0.05
"""Levels belong to the zone while they pay at most this share more than max pain."""

WALLS: Final = 3
FEWEST_STRIKES, LEAST_REACH = 60, 0.03
"""A window with fewer strikes, or with less than this share of the index to either side, is ``partial``."""

_SAME_PAY_OUT: Final = 1e-12


@dataclass(frozen=True)
class NoOpenInterest:
    """Why there is no max pain, as a clause after the date of the expiry."""

    reason: str


@dataclass(frozen=True)
class Wall:
    """A strike with much open interest, in units of the index."""

    strike: float
    open_interest: float


@dataclass(frozen=True)
class OpenInterest:
    """Open interest of one expiry; levels in index points, open interest in units of the index.

    Attributes:
        max_pain: the strike at which holders would be paid least; of several, the one nearest the middle.
        lower, upper: the levels round it at which they would be paid at most 5 per cent more, between strikes too;
            never beyond the outermost strikes.
        calls, puts: open interest of each side.
        put_call_ratio: puts / calls; None without calls.
        call_walls, put_walls: the largest strikes of each side, largest first, only those with open interest.
        strikes: how many the window has.
        partial: the window is too small for max pain over all strikes.
    """

    max_pain: float
    lower: float
    upper: float
    calls: float
    puts: float
    put_call_ratio: float | None
    call_walls: tuple[Wall, ...]
    put_walls: tuple[Wall, ...]
    strikes: int
    partial: bool


def pay_out(strike: FloatArray, is_call: BoolArray, open_interest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What all holders together would be paid by closes at each strike.

    Args:
        strike: (n,) of the legs, in rising order.
        is_call: (n,) sides.
        open_interest: (n,) units of the index, none NaN.

    Returns:
        The m distinct strikes in rising order, and the pay-out at each in points times units, (m,).
    """
    levels, place = np.unique(strike, return_inverse=True)
    calls = np.bincount(place, weights=np.where(is_call, open_interest, 0.0), minlength=len(levels))
    puts = np.bincount(place, weights=np.where(is_call, 0.0, open_interest), minlength=len(levels))
    step = np.diff(levels)
    # From one strike to the next each call below earns the step, and each put above loses it.
    to_calls = np.concatenate([[0.0], np.cumsum(np.cumsum(calls)[:-1] * step)])
    to_puts = np.concatenate([np.cumsum(np.cumsum(puts[::-1])[:-1] * step[::-1])[::-1], [0.0]])
    return levels, to_calls + to_puts


def open_interest_of(legs: Legs, middle: float) -> OpenInterest | NoOpenInterest:
    """Max pain, walls and put-call ratio over all strikes of an expiry.

    Args:
        legs: of the expiry; a leg without open interest counts as 0.
        middle: the forward, or the index where there is none; of equally low pay-outs the nearest to it is taken.
    """
    held = np.where(np.isnan(legs.open_interest), 0.0, legs.open_interest)
    if not held.any():
        return NoOpenInterest("has no open interest")
    levels, paid = pay_out(legs.strike, legs.is_call, held)
    least = paid.min()
    equal = levels[paid <= least + _SAME_PAY_OUT * max(paid.max(), 1.0)]
    max_pain = float(equal[np.argmin(np.abs(equal - (middle if math.isfinite(middle) else equal.mean())))])
    lower, upper = _zone(levels, paid, max_pain, (1 + ZONE_EXCESS) * float(least))
    calls, puts = float(held[legs.is_call].sum()), float(held[~legs.is_call].sum())
    window = (
        math.isfinite(middle) and (1 - LEAST_REACH) * middle >= levels[0] and (1 + LEAST_REACH) * middle <= levels[-1]
    )
    return OpenInterest(
        max_pain,
        lower,
        upper,
        calls,
        puts,
        puts / calls if calls > 0 else None,
        _walls(legs.strike[legs.is_call], held[legs.is_call], middle),
        _walls(legs.strike[~legs.is_call], held[~legs.is_call], middle),
        len(levels),
        len(levels) < FEWEST_STRIKES or not window,
    )


def _zone(levels: FloatArray, paid: FloatArray, max_pain: float, most: float) -> tuple[float, float]:
    """The levels round max pain that pay at most ``most``; between strikes the pay-out is a straight line."""
    at = int(np.searchsorted(levels, max_pain))
    below, above = np.flatnonzero(paid[:at] > most), np.flatnonzero(paid[at:] > most)
    lower, upper = float(levels[0]), float(levels[-1])
    if len(below):
        i = int(below[-1])
        lower = float(np.interp(most, [paid[i + 1], paid[i]], [levels[i + 1], levels[i]]))
    if len(above):
        i = at + int(above[0])
        upper = float(np.interp(most, [paid[i - 1], paid[i]], [levels[i - 1], levels[i]]))
    return lower, upper


def _walls(strike: FloatArray, held: FloatArray, middle: float) -> tuple[Wall, ...]:
    distance = np.abs(strike - middle) if math.isfinite(middle) else np.zeros(len(strike))
    order = np.lexsort((strike, distance, -held))[:WALLS]
    return tuple(Wall(float(strike[i]), float(held[i])) for i in order if held[i] > 0)
