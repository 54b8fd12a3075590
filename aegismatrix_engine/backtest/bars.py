"""The bars of a backtest, with the features of their sessions as they were known at any close."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from aegismatrix_engine.forecasting.features import event_dates
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import Market
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.features import DailyFeatures, calendar_gaps
from aegismatrix_engine.volatility.near_sessions import event_block
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

Columns = dict[str, FloatArray]


@dataclass(frozen=True, eq=False)
class Bars:
    """What a block needs of a history.

    Features of a session count the sessions ahead of it. One that was to be and has no bars is left out of those of
    the whole history, and was known to be missing only once it was over: the methods give what was known.

    Attributes:
        market: whose bars.
        features: of every regular session.
        close: (n,) official close of each, index points.
    """

    market: Market
    features: DailyFeatures
    close: FloatArray

    @classmethod
    def of(cls, history: MarketHistory, features: DailyFeatures) -> "Bars":
        """Those of a history and the features of its sessions."""
        return cls(history.market, features, history.daily()["close"].to_numpy(dtype=np.float64))

    @cached_property
    def missing(self) -> pd.DatetimeIndex:
        """Sessions of the calendar that have no bars."""
        dates = self.features.series.dates
        return self.market.calendar.regular(dates[0], dates[-1]).difference(dates)

    def missing_ahead(self, start: int, stop: int) -> bool:
        """Whether a session is missing within what features of the rows start..stop - 1 count ahead."""
        dates = self.features.series.dates
        last = self.market.calendar.following(dates[stop - 1], MAX_HORIZON + 1)[-1]
        return bool(((self.missing > dates[start]) & (self.missing <= last)).any())

    def known_at(self, row: int) -> DailyFeatures:
        """The features up to a row, as they were known at its close."""
        known = self.features.head(row + 1)
        if not self.missing_ahead(row, row + 1):
            return known
        newest = known.series.dates[max(row + 1 - MAX_HORIZON, 0) :]
        sessions = newest.union(self.market.calendar.following(newest[-1], MAX_HORIZON + 1))
        columns = self._of_sessions_ahead(newest, sessions)
        older = len(known) - len(newest)
        return _with(known, {name: np.concatenate([getattr(known, name)[:older], c]) for name, c in columns.items()})

    def at_closes(self, rows: slice) -> DailyFeatures:
        """The features of some rows alone, of each as they were known at its own close."""
        found = self.features.rows(rows)
        if not self.missing_ahead(rows.start, rows.stop):
            return found
        dates = found.series.dates
        last = self.market.calendar.following(dates[-1], MAX_HORIZON + 1)[-1]
        return _with(found, self._of_sessions_ahead(dates, self.market.calendar.regular(dates[0], last)))

    def _of_sessions_ahead(self, dates: pd.DatetimeIndex, sessions: pd.DatetimeIndex) -> Columns:
        """The features of these dates that count sessions ahead, by name."""
        gap, single_gap = calendar_gaps(dates, sessions)
        events = event_block(event_dates(self.market), dates, sessions)
        return {"gap": gap, "single_gap": single_gap, "event_block": events}


def _with(features: DailyFeatures, columns: Columns) -> DailyFeatures:
    return replace(features, **columns)  # type: ignore[arg-type]
