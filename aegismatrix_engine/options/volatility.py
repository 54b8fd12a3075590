"""Black's formula on the forward, and the volatility that a price implies.

Black, F. (1976), The pricing of commodity contracts, Journal of Financial Economics 3. Prices are undiscounted (paid
at the settlement) and volatilities are of the whole time left: annual volatility times the root of the years.
"""

from typing import Final

import numpy as np
from scipy.special import ndtr

from aegismatrix_engine.typing import BoolArray, FloatArray

_STEPS: Final = 80
_CLOSE: Final = 1e-10
_HALF_LOG_TWO_PI: Final = 0.5 * np.log(2 * np.pi)
_WIDEST: Final = 12.0


def black_price(forward: float, strike: FloatArray, is_call: BoolArray, total: FloatArray | float) -> FloatArray:
    """Undiscounted prices in index points.

    Args:
        forward: index points.
        strike: (n,) index points.
        is_call: (n,) False for puts.
        total: (n,) or one number, standard deviation of the log return to the settlement; above 0.
    """
    side = np.where(is_call, 1.0, -1.0)
    up = side * (np.log(forward / strike) / total + 0.5 * np.asarray(total))
    price: FloatArray = side * (forward * ndtr(up) - strike * ndtr(up - side * total))
    return np.maximum(price, 0.0)


def implied_total_volatility(
    forward: FloatArray | float,
    strike: FloatArray,
    is_call: BoolArray,
    price: FloatArray,
    roughly: FloatArray | None = None,
) -> FloatArray:
    """The total volatility at which Black's formula gives each price, (n,); NaN where none does.

    Legs in the money are inverted by the leg on the other side of the same strike, which parity prices. Newton steps
    from the volatility at which a price is most sensitive converge from there without overshooting (Manaster and
    Koehler 1982, Journal of Finance 37); a bracket catches what rounding, or another start, does to them far from the
    money.

    Args:
        forward: (n,) or one number, index points; of one shape, (n,) or any other, are all that follow.
        strike: (n,) index points.
        is_call: (n,) False for puts.
        price: (n,) undiscounted, index points; NaN allowed.
        roughly: (n,) near which each volatility is known to lie, to start from there.
    """
    forward = np.broadcast_to(forward, strike.shape)
    outside = (strike >= forward) == is_call
    chance = np.where(outside, price, price - np.abs(forward - strike))
    calls = strike >= forward
    with np.errstate(invalid="ignore"):
        possible = (chance > 0) & (chance < np.where(calls, forward, strike)) & (strike > 0)
    found = np.full(strike.shape, np.nan)
    start = None if roughly is None else roughly[possible]
    found[possible] = _inverted(forward[possible], strike[possible], calls[possible], chance[possible], start)
    return found


def _inverted(
    forward: FloatArray, strike: FloatArray, is_call: BoolArray, price: FloatArray, start: FloatArray | None
) -> FloatArray:
    money, side = np.log(forward / strike), np.where(is_call, 1.0, -1.0)
    low, high = np.zeros(len(strike)), np.full(len(strike), _WIDEST)
    total = np.clip(np.sqrt(2 * np.abs(money)), 0.01, _WIDEST) if start is None else start
    for _ in range(_STEPS):
        up = money / total + 0.5 * total
        excess = side * (forward * ndtr(side * up) - strike * ndtr(side * (up - total))) - price
        low, high = np.where(excess <= 0, total, low), np.where(excess >= 0, total, high)
        vega = forward * np.exp(-0.5 * up**2 - _HALF_LOG_TWO_PI)
        step = np.divide(excess, vega, out=np.full(len(strike), np.inf), where=vega > 0)
        # A step of a rounding error may well leave the bracket, whose ends have come together.
        settled = np.abs(step) <= _CLOSE * total
        stepped = total - step
        total = np.where(settled | ((stepped > low) & (stepped < high)), stepped, (low + high) / 2)
        if settled.all():
            break
    return total
