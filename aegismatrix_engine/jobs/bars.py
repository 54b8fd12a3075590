"""Bars as jobs read them: from a source, complete by now, cut at ``as_of`` where one is given."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pandas as pd

from aegismatrix_engine.errors import AsOfError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.history.session_book import reconciled
from aegismatrix_engine.jobs.chosen_market import chosen_market
from aegismatrix_engine.jobs.settings import BarsSettings
from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.as_of import AsOf, parse_as_of
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.sources.frames import BarFrames
from aegismatrix_engine.sources.source import Source, open_source


@dataclass(frozen=True)
class BarsRequest:
    """A market's bars from a source, up to ``as_of`` or to the last complete session; nothing is read yet.

    ``patience`` is the seconds that any source over the network may take, one of option chains too; None for its own.
    """

    market: Market
    source: Source
    as_of: AsOf | None = None
    patience: float | None = None

    @classmethod
    def of(cls, settings: BarsSettings, now: pd.Timestamp | None = None, source: Source | None = None) -> Self:
        """The request that settings make at ``now``, which a source over the network needs.

        Args:
            settings: what is asked for.
            now: what the clock says, with a zone.
            source: one that several markets share; None to open the one that the settings name.

        Raises:
            MarketUnknown: no market of that name.
            ConfigurationError: settings that do not fit together.
            AsOfError: ``as_of`` is neither a date nor a timestamp.
            DataError: the operator's calendar, or the entry of the market, cannot be used.
        """
        market = chosen_market(settings.market, settings.calendar, settings.markets_dir)
        as_of = None if settings.as_of is None else parse_as_of(settings.as_of, market)
        if source is None:
            source = open_source(settings.source, settings.data, settings.cache, now, settings.patience)
        return cls(market, source, as_of, settings.patience)

    def read(self, now: pd.Timestamp, *, intraday: bool = True) -> MarketHistory:
        """The history up to the last session complete by ``now``, or up to ``as_of``.

        Args:
            now: what the clock says, with a zone.
            intraday: whether with intraday bars and the US series, where the source has them.

        Raises:
            AsOfError: the history does not hold ``as_of``.
            DataError: bars that cannot be used.
            SourceUnavailable: the source cannot be reached, or has nothing.
        """
        history = self.source.daily(self.market)
        if intraday:
            history = self.source.with_us_series(self._with_intraday(history))
        if self.as_of is not None and self.as_of.is_instant and self.as_of.moment <= now:
            # A moment of a day whose row is there but not known yet is inside the history.
            return reconciled(history.until(self.as_of))
        history = history.complete_by(now)
        if self.as_of is None:
            return reconciled(history)
        history = reconciled(history.until(self.as_of))
        if not self.as_of.is_instant and history.last_session != self.as_of.moment:
            raise AsOfError(
                f"as_of {self.as_of} has no daily row, and its bars are too few to make one; the session "
                f"before is {history.last_session:%Y-%m-%d}"
            )
        return history

    def _with_intraday(self, history: MarketHistory) -> MarketHistory:
        """The history with intraday bars, but for a market whose sessions have a break, with a note."""
        if not self.market.lunch_break:
            return self.source.with_intraday(history)
        return history.with_notes(
            Repair(
                f"Bars inside a session are not used: trading at {self.market.calendar.name} stops for lunch, and bars "
                "are not counted through a break."
            )
        )


def read_history(
    market: Market, now: pd.Timestamp, bars: Path | BarFrames | str, as_of: str | None = None
) -> MarketHistory:
    """The history of a market as a forecast may use it: validated, and complete by ``now``.

    Args:
        market: whose bars.
        now: the moment, with a zone; a session that has not closed by then is left out, or is the session in progress.
        bars: a csv folder, frames, or the name of a source: yahoo or sample.
        as_of: up to when, YYYY-MM-DD or an ISO timestamp with a zone; None for the last complete session.

    Raises:
        DataError: bars that cannot be used; the message names file, row, column, value and rule.
        AsOfError: the history does not hold ``as_of``.
        SourceUnavailable: the source cannot be reached, or has nothing.
    """
    if isinstance(bars, str):
        source = open_source(bars, now=now)
    else:
        source = CsvFolder(bars) if isinstance(bars, Path) else bars
    return BarsRequest(market, source, None if as_of is None else parse_as_of(as_of, market)).read(now)
