"""Which series a history holds and where each came from."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import pandas as pd

Series = Literal[
    "spot_daily",
    "vix_daily",
    "spot_intraday",
    "vix_intraday",
    "us_vix_daily",
    "us_spot_daily",
    "inda_daily",
    "companion_daily",
]
UsSeries = Literal["us_vix_daily", "us_spot_daily", "inda_daily"]
SERIES: tuple[Series, ...] = get_args(Series)
COMPANION_SERIES: Final[Literal["companion_daily"]] = "companion_daily"
US_SERIES: tuple[UsSeries, ...] = get_args(UsSeries)


@dataclass(frozen=True)
class Input:
    """One series and where it came from.

    Attributes:
        symbol: the source's name for it, where it has one.
        served_by: yahoo, csv, sample, or store, which is the cache of the last good bars.
        fetched_at: when the source gave it, with a zone; ``None`` where files hold it.
    """

    series: Series
    symbol: str | None
    served_by: str
    fetched_at: pd.Timestamp | None = None
