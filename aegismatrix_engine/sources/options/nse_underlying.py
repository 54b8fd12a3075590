"""The index that the legs of a chain are on, and its level, which each leg states."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import Market
from aegismatrix_engine.options.chain import LeftOut
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.options.flaws import MISSING
from aegismatrix_engine.sources.options.symbols import index_symbol
from aegismatrix_engine.typing import FloatArray

UNDERLYING: Final = "underlyingValue"

LARGEST_DIFFERENCE: Final = 0.003
"""Between two index levels in one chain, as a fraction; with more, its legs are of different moments."""


def check_symbol(name: str, symbols: Sequence[object], market: Market) -> None:
    """Raise DataError where a leg is of another index than the market's, or where no leg names any."""
    expected = index_symbol(market)
    other = next((one for one in symbols if one is not MISSING and one != expected), None)
    if other is not None:
        raise DataError(
            f"{name} has options of {shown(str(other))}: expected {expected}; fetch the chain of {expected}"
        )
    if all(one is MISSING for one in symbols):
        raise DataError(f"{name}: no leg names its `underlying`: expected {expected}; fetch the chain again")


def agreed_underlying(name: str, levels: FloatArray, of_file: object) -> tuple[float, tuple[LeftOut, ...]]:
    """The index level of a chain, and what has to be told about it; NaN where no leg and nothing else states one.

    Args:
        name: the file's name.
        levels: (n,) the level that each leg states, index points, 0 where it states none.
        of_file: the level that the file states for all of them.

    Raises:
        DataError: two levels are more than 0.3 % apart.
    """
    stated = levels[levels > 0]
    whole = float(of_file) if isinstance(of_file, int | float) and 0 < of_file < np.inf else np.nan
    every = np.unique(stated if np.isnan(whole) else np.append(stated, whole))
    if not len(every):
        return np.nan, (LeftOut(None, 0, "no leg states the index level"),)
    if every[-1] / every[0] - 1 > LARGEST_DIFFERENCE:
        raise DataError(
            f"{name}: legs state index levels from {every[0]:.2f} to {every[-1]:.2f}, more than "
            f"{100 * LARGEST_DIFFERENCE:.1f} % apart, so two snapshots are mixed; fetch the chain again"
        )
    told = () if len(every) == 1 else (_two_levels(every),)
    if not np.isnan(whole):
        return whole, told
    values, counts = np.unique(stated, return_counts=True)
    return float(values[int(counts.argmax())]), told


def _two_levels(every: FloatArray) -> LeftOut:
    return LeftOut(
        None, 0, f"legs state index levels from {every[0]:.2f} to {every[-1]:.2f}: two snapshots, all legs are used"
    )
