"""Bars as the commands read them: from the source named, complete by now, cut where the user asks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pandas as pd

from aegismatrix_engine.errors import AsOfError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.session_book import reconciled
from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.as_of import AsOf, parse_as_of
from aegismatrix_engine.sources.source import Source, open_source


@dataclass(frozen=True)
class BarsAsked:
    """Which bars the options ask for; a mistake in them is told here, before anything is read.

    as_of: up to when, as ``parse_as_of`` gives it; None for the last complete session.
    """

    market: Market
    source: Source
    as_of: AsOf | None

    @classmethod
    def by_options(
        cls,
        market: Market,
        source_name: str,
        data: Path | None,
        as_of: str | None,
        cache: Path | None = None,
        now: pd.Timestamp | None = None,
        patience: float | None = None,
    ) -> Self:
        """The last three are for a source over the network: where it keeps the last good bars, what it takes for now,
        and how many seconds it may take.

        Raises ConfigurationError and AsOfError.
        """
        moment = None if as_of is None else parse_as_of(as_of, market)
        return cls(market, open_source(source_name, data, cache, now, patience), moment)

    def read(self, now: pd.Timestamp, *, intraday: bool) -> MarketHistory:
        """The history up to the last session complete by ``now``, or up to ``as_of``.

        With intraday bars and the US VIX where they are asked for and there. Raises what the source and ``until``
        raise.
        """
        history = self.source.daily(self.market)
        if intraday:
            history = self.source.with_us_vix(self.source.with_intraday(history))
        if self.as_of is not None and self.as_of.is_instant and self.as_of.moment <= now:
            # A moment of a day whose row is there but not known yet lies inside the history.
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
