"""The bars of one market, and its last closes by them."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import HistoryTooShort
from aegismatrix_engine.history.bar_checks import regular_dates
from aegismatrix_engine.history.inputs import Input
from aegismatrix_engine.history.repairs import Doubt, Repair
from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.markets.market import SESSIONS_PER_YEAR

VIX_CARRIED_SESSIONS = 2
NO_DAYS = pd.DatetimeIndex([], dtype="datetime64[ns]")


@dataclass(frozen=True, eq=False)
class KnownBars:
    """Validated bars of one market, known up to a moment; ``MarketHistory`` makes and cuts them.

    Attributes:
        market: whose bars these are.
        spot: float64 open, high, low, close in index points, indexed by naive session date (``date``, ns), ascending;
            regular and special sessions (Muhurat, weekends) alike. At least one row.
        vix: float64 ``close`` of the volatility index in vol points on a subset of those dates, or ``None``. The
            models use closes alone: highs and lows of published volatility indices often contradict their own closes.
        bars: intraday bars, float64 open, high, low, close, vix (NaN where it has none), indexed by naive bar start in
            exchange time (``timestamp``, ns), or ``None``.
        us_vix: float64 ``close`` of the US VIX in vol points by naive US session date (``date``, ns), or ``None``.
        us_spot: float64 open, high, low, close of the S&P 500 in index points, indexed likewise, or ``None``. A row may
            hold a close alone, its other prices NaN.
        inda: float64 ``close`` of a US-listed fund of the market's shares, in dollars and not adjusted for dividends,
            indexed likewise, or ``None``.
        companion: float64 ``close`` of the companion index in vol points by date of its own market, or ``None``.
        repairs: what was repaired when the bars were read.
        inputs: where each series came from.
        provisional_closes: sessions whose row was rebuilt from intraday bars; their close is estimated from these.
        vix_carried: for how many sessions a close of the volatility index is carried forward.
        cut_at: up to when bars are known, that of the last ``until``; bars added afterwards are cut there too.
        row_so_far: the row of the session in progress as a live source gave it, columns as ``spot``, and the instant
            it was given at; it is compared with bars and never used for a forecast.
        closes_alone: sessions whose row came with a close and no open, high or low.
        doubts: sessions whose close, or the lack of one, is in doubt, and why.
        vix_apart: ``close`` of the volatility index on dates without a row of ``spot``, or ``None``.
        vix_bar_days: days that have bars of the volatility index, with or without bars of spot.
    """

    market: Market
    spot: pd.DataFrame
    vix: pd.DataFrame | None = None
    bars: pd.DataFrame | None = None
    us_vix: pd.DataFrame | None = None
    us_spot: pd.DataFrame | None = None
    inda: pd.DataFrame | None = None
    companion: pd.DataFrame | None = None
    repairs: tuple[Repair, ...] = ()
    inputs: tuple[Input, ...] = ()
    provisional_closes: frozenset[pd.Timestamp] = frozenset()
    vix_carried: int = VIX_CARRIED_SESSIONS
    cut_at: AsOf | None = None
    row_so_far: tuple[pd.DataFrame, pd.Timestamp] | None = None
    closes_alone: frozenset[pd.Timestamp] = frozenset()
    doubts: tuple[Doubt, ...] = ()
    vix_apart: pd.DataFrame | None = None
    vix_bar_days: pd.DatetimeIndex = field(default_factory=lambda: NO_DAYS)

    def doubts_since(self, session: pd.Timestamp) -> tuple[Doubt, ...]:
        """The doubts about sessions from ``session`` on."""
        return tuple(doubt for doubt in self.doubts if doubt.session >= session)

    @property
    def cut_by_instant(self) -> bool:
        """Whether the history was cut at an instant, within whose day a session may still be in progress."""
        return self.cut_at is not None and self.cut_at.is_instant

    @property
    def moment(self) -> pd.Timestamp:
        """The instant the history is known at: that of its cut, else the last close or the end of its last day."""
        if self.cut_at is None:
            return self.market.calendar.ends_at(max(self.last_session, self._bounds[1]))
        return self._known_at(self.cut_at)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was repaired and what is missing, in plain sentences."""
        index = self.market.volatility_index
        absent = "" if index is None else f"No {index.name} up to {self.last_session:%Y-%m-%d}."
        return tuple(repair.sentence() for repair in self.repairs) + ((absent,) if absent and self.vix is None else ())

    @property
    def last_session(self) -> pd.Timestamp:
        """Date of the last row, regular or special."""
        return pd.Timestamp(self.spot.index[-1])

    @cached_property
    def regular_sessions(self) -> pd.DatetimeIndex:
        """Dates of the rows that count in horizons."""
        return regular_dates(self.market.calendar, pd.DatetimeIndex(self.spot.index))

    @property
    def open_session(self) -> pd.Timestamp | None:
        """Date of the session that has bars and no official close yet; ``None`` where every session has its row.

        None too where the row of a session before it is missing: a change would then span more than today.
        """
        if self.bars is None:
            return None
        latest, calendar = pd.Timestamp(self.bars.index[-1]).normalize(), self.market.calendar
        if latest <= self.last_session or not calendar.is_session(latest):
            return None
        return latest if calendar.last_closed(calendar.opens_at(latest)) <= self.last_session else None

    @property
    def close(self) -> float:
        """Official close of the last session, index points."""
        return float(self.spot["close"].iloc[-1])

    @property
    def previous_close(self) -> float:
        """Official close of the session before the last, regular or special; raises HistoryTooShort without one."""
        if len(self.spot) < 2:
            raise HistoryTooShort(
                f"the history has one session up to {self.last_session:%Y-%m-%d}; expected at least 2 for a change"
            )
        return float(self.spot["close"].iloc[-2])

    @property
    def vix_close(self) -> float | None:
        """Close of the volatility index at the last session in vol points, ``vix_carried`` sessions old at most."""
        return self._vix_at(-1)

    @property
    def previous_vix_close(self) -> float | None:
        """The same at the session before the last."""
        return self._vix_at(-2)

    @property
    def vix_lag(self) -> int | None:
        """Sessions, special ones too, since the volatility index's last own close; ``None`` without it."""
        if self.vix is None:
            return None
        return len(self.spot.index) - 1 - int(self.spot.index.searchsorted(self.vix.index[-1]))

    @property
    def vix_age(self) -> int | None:
        """The same where that close is still carried forward; ``None`` where it is too old, or absent."""
        return None if self.vix_lag is None or self.vix_lag > self.vix_carried else self.vix_lag

    def daily(self) -> pd.DataFrame:
        """The modelling frame: a row for each regular session, float64 columns open, high, low, close, vix.

        ``vix`` is carried forward over ``vix_carried`` sessions; beyond, and before the index existed, it is NaN.
        """
        return self.spot.assign(vix=self._carried_vix).loc[self.regular_sessions]

    def content_hash(self) -> str:
        """SHA-256 of the bars in hexadecimal, equal on every machine and under every version of pandas.

        What the market's entry makes of them is counted in, where it is not what most entries say.
        """
        digest = hashlib.sha256(self.market.id.encode())
        if self.market.sessions_per_year != SESSIONS_PER_YEAR:
            digest.update(f"sessions_per_year {self.market.sessions_per_year};".encode())
        if self.market.companion_id is not None:
            digest.update(f"companion_index {self.market.companion_id};".encode())
        for name in ("spot", "vix", "bars", "us_vix", "us_spot", "inda", "companion"):
            frame: pd.DataFrame | None = getattr(self, name)
            if frame is None:
                continue
            digest.update(f"{name} {','.join(frame.columns)} {len(frame)};".encode())
            digest.update(pd.DatetimeIndex(frame.index).as_unit("ns").asi8.astype("<i8").tobytes())
            values = frame.to_numpy(dtype=np.float64)
            # NaN has many bit patterns; one is chosen so that they hash alike.
            digest.update(np.ascontiguousarray(np.where(np.isnan(values), np.nan, values)).astype("<f8").tobytes())
        return digest.hexdigest()

    @property
    def _bounds(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Date of the first daily row and of the last row of any kind."""
        intraday = self.last_session if self.bars is None else pd.Timestamp(self.bars.index[-1]).normalize()
        return pd.Timestamp(self.spot.index[0]), max(self.last_session, intraday)

    def _known_at(self, as_of: AsOf) -> pd.Timestamp:
        return as_of.moment if as_of.is_instant else self.market.calendar.ends_at(as_of.moment)

    @cached_property
    def _carried_vix(self) -> "pd.Series[float]":
        if self.vix is None:
            return pd.Series(np.nan, index=self.spot.index)
        own = self.vix["close"].reindex(self.spot.index)
        return own.ffill(limit=self.vix_carried) if self.vix_carried else own

    def _vix_at(self, row: int) -> float | None:
        value = self._carried_vix.iloc[row] if len(self.spot) >= -row else np.nan
        return None if np.isnan(value) else float(value)
