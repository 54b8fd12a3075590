"""How many units of the index a lot has: by the orders or the turnover in the file itself, else by a dated table.

Open interest and volume of NSE's chains are in lots, and a lot changes every few years. Orders are whole lots, so the
file says itself how large a lot is; the table is for files without orders.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.typing import FloatArray, IntArray

_LISTED: Final[Mapping[str, tuple[tuple[str, int], ...]]] = {
    "nifty50": (
        ("2000-01-01", 50),
        ("2014-11-01", 25),
        ("2015-11-01", 75),
        ("2021-06-01", 50),
        ("2024-04-26", 25),
        ("2025-01-01", 75),
        ("2025-12-31", 65),
    ),
}
"""Market -> from when the nearest contracts had which lot."""

SMALLEST_LOT: Final = 10
FEWEST_ORDERS: Final = 8
_GROUP: Final = 8
_TURNOVER_TOLERANCE: Final = 0.02


def lot_of_orders(quantities: IntArray) -> int | None:
    """The lot of orders, each a whole number of lots; None where they are too few or are not in lots.

    Args:
        quantities: (n,) units of the index, zero where there is no order.

    The greatest common divisor of each few orders is taken, and of these the one found most often: one damaged
    quantity then changes nothing.
    """
    orders = quantities[quantities > 0]
    if len(orders) < FEWEST_ORDERS:
        return None
    groups = orders[: len(orders) // _GROUP * _GROUP].reshape(-1, _GROUP)
    found, counts = np.unique(np.gcd.reduce(groups, axis=1), return_counts=True)
    # Few orders of a far expiry may have a multiple of the lot in common: of those as frequent, the smallest.
    lot = int(found[int(counts.argmax())])
    return lot if lot >= SMALLEST_LOT else None


def lot_of_turnover(turnover: FloatArray, lots: FloatArray, strike: FloatArray, price: FloatArray) -> int | None:
    """The lot by turnover in rupees, which is lots x (strike + premium) x lot; None where nothing was traded.

    All are (n,). The median of the legs' ratios is taken, whose premiums moved within the day.
    """
    traded = (lots > 0) & (turnover > 0)
    if not traded.any():
        return None
    ratio = float(np.median(turnover[traded] / (lots[traded] * (strike[traded] + price[traded]))))
    lot = round(ratio) if np.isfinite(ratio) else 0
    return lot if lot >= SMALLEST_LOT and abs(ratio / lot - 1) <= _TURNOVER_TOLERANCE else None


def listed_lot(market_id: str, day: pd.Timestamp) -> int:
    """The lot of the nearest contracts on a naive date, by the dated table."""
    return next(lot for since, lot in reversed(_LISTED[market_id]) if day >= pd.Timestamp(since))
