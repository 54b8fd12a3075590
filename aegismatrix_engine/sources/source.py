"""What every source of bars answers, and how one is chosen by name."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.sources.sample import Sample
from aegismatrix_engine.sources.yahoo.http_budget import Patience
from aegismatrix_engine.sources.yahoo.source import Yahoo

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.markets import Market

SOURCES = ("yahoo", "csv", "sample")


class Source(Protocol):
    """A place that bars come from."""

    @property
    def name(self) -> str:
        """The name a user chooses it by."""
        ...

    @property
    def time_is_up(self) -> bool:
        """Whether the source may take no more time, so that whatever is asked now fails."""
        ...

    def daily(self, market: "Market") -> MarketHistory:
        """The daily bars of a market; raises DataError, or SourceUnavailable where there are none."""
        ...

    def with_intraday(self, history: MarketHistory) -> MarketHistory:
        """The history with intraday bars where the source has any, cut where the history was cut; else unchanged."""
        ...

    def with_us_series(self, history: MarketHistory) -> MarketHistory:
        """The history with the US VIX, the S&P 500 and the US fund of its shares, cut likewise, as far as there are."""
        ...


def open_source(
    name: str,
    data: Path | None = None,
    cache: Path | None = None,
    now: "pd.Timestamp | None" = None,
    patience: float | None = None,
) -> Source:
    """The source of that name.

    Args:
        name: one of ``SOURCES``.
        data: the folder that the csv source reads.
        cache: the folder in which the yahoo source keeps its last good bars; it needs ``now``.
        now: the moment of the run, with a zone, by which the yahoo source knows what is complete.
        patience: seconds that the yahoo source may take for the whole run; its own default where None.

    Raises:
        ConfigurationError: an unknown source, the csv source without a folder, or a cache without a moment.
    """
    if name == "csv":
        if data is None:
            raise ConfigurationError("the csv source needs a folder of data; name one with --data DIR")
        return CsvFolder(data)
    if name == "sample":
        return Sample()
    if name == "yahoo":
        return Yahoo(cache, now, None if patience is None else Patience.of(patience))
    raise ConfigurationError(f"invalid --source {name[:40]!r}: expected one of {', '.join(SOURCES)}")
