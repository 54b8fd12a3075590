"""The validated bars of one market, and the only way to travel in time through them."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aegismatrix_engine.errors import AsOfError, HistoryTooShort
from aegismatrix_engine.history.bar_checks import CheckedBars, regular_dates
from aegismatrix_engine.history.bar_spans import bars_until, us_rows_until
from aegismatrix_engine.history.beside_spot import close_notes, joined_bars
from aegismatrix_engine.history.inputs import Input
from aegismatrix_engine.history.repairs import Doubt, Mend
from aegismatrix_engine.history.stamps_by_opens import check_opens
from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.as_of import AsOf, exchange_day
from aegismatrix_engine.markets.sessions import SessionCalendar

VIX_CARRIED_SESSIONS = 2
NO_DAYS = pd.DatetimeIndex([], dtype="datetime64[ns]")


@dataclass(frozen=True, eq=False)
class MarketHistory:
    """Validated bars of one market; make one with ``from_bars``.

    Attributes:
        market: whose bars these are.
        spot: float64 open, high, low, close in index points, indexed by naive session date (``date``, ns), ascending;
            regular and special sessions (Muhurat, weekends) alike. At least one row.
        vix: float64 ``close`` of the volatility index in vol points on a subset of those dates, or ``None``. The
            close is all that the models use and all that is kept: highs and lows of published volatility indices
            contradict their own closes too often to be checked, and a file may hold closes only.
        bars: intraday bars, float64 open, high, low, close, vix (NaN where it has none), indexed by naive bar start in
            exchange time (``timestamp``, ns), or ``None`` where none were read.
        us_vix: float64 ``close`` of the US VIX in vol points by naive US session date (``date``, ns), or ``None``.
        mends: what was mended on the way in.
        inputs: where each series came from.
        provisional_closes: sessions whose row was rebuilt from intraday bars; their close is estimated from these.
        vix_carried: for how many sessions a close of the volatility index is carried forward.
        cut_at: up to when bars are known, that of the last ``until``; bars added afterwards are cut there too.
        row_so_far: the row of the session in progress as a live source gave it, columns as ``spot``, and the instant
            it was given at; it is compared with bars and never forecast from.
        closes_alone: sessions whose row came with a close and no open, high or low.
        doubts: sessions whose close, or the lack of one, is in doubt, and why; as the session book found them.
        vix_apart: ``close`` of the volatility index on dates without a row of ``spot``, or ``None``.
        vix_bar_days: days that have bars of the volatility index, with or without bars of spot.
    """

    market: Market
    spot: pd.DataFrame
    vix: pd.DataFrame | None = None
    bars: pd.DataFrame | None = None
    us_vix: pd.DataFrame | None = None
    mends: tuple[Mend, ...] = ()
    inputs: tuple[Input, ...] = ()
    provisional_closes: frozenset[pd.Timestamp] = frozenset()
    vix_carried: int = VIX_CARRIED_SESSIONS
    cut_at: AsOf | None = None
    row_so_far: tuple[pd.DataFrame, pd.Timestamp] | None = None
    closes_alone: frozenset[pd.Timestamp] = frozenset()
    doubts: tuple[Doubt, ...] = ()
    vix_apart: pd.DataFrame | None = None
    vix_bar_days: pd.DatetimeIndex = field(default_factory=lambda: NO_DAYS)

    @classmethod
    def from_bars(
        cls,
        market: Market,
        spot: CheckedBars,
        vix: CheckedBars | None,
        mends: tuple[Mend, ...] = (),
        inputs: tuple[Input, ...] = (),
    ) -> Self:
        """A history of daily bars: those of ``checked_spot`` and ``checked_vix``.

        ``mends`` are the repairs the source itself made.
        """
        history = cls(market, spot.bars, mends=mends + spot.repairs, inputs=inputs, closes_alone=spot.closes_alone)
        if vix is None:
            return history
        placed = vix.bars.index.isin(spot.bars.index)
        own, apart = vix.bars[placed], vix.bars[~placed]
        return replace(history, vix=own if len(own) else None, vix_apart=apart if len(apart) else None).with_notes(
            *vix.repairs, *close_notes(vix, pd.DatetimeIndex(spot.bars.index))
        )

    def with_intraday(self, spot: CheckedBars, vix: CheckedBars | None, inputs: tuple[Input, ...] = ()) -> Self:
        """The same history with intraday bars, those of ``checked_intraday`` and ``checked_vix_intraday``.

        They are cut where the history was cut.

        Raises:
            DataError: the daily opens are those of bars stamped at another time than the session's open.
        """
        bars, mends = joined_bars(spot, vix)
        check_opens(spot.given, self.spot, self.market.calendar)
        days = NO_DAYS if vix is None else pd.DatetimeIndex(vix.given.rows.index).normalize().unique().sort_values()
        whole = replace(self, bars=bars, vix_bar_days=days, mends=self.mends + mends, inputs=self.inputs + inputs)
        return whole if self.cut_at is None else whole._cut(self.last_session, self.cut_at)

    def with_us_vix(self, closes: CheckedBars, inputs: tuple[Input, ...] = ()) -> Self:
        """The same history with daily closes of the US VIX, those of ``checked_vix``, cut where the history was cut."""
        whole = replace(self, us_vix=closes.bars, mends=self.mends + closes.repairs, inputs=self.inputs + inputs)
        return whole if self.cut_at is None else whole._cut(self.last_session, self.cut_at)

    def with_notes(self, *mends: Mend, inputs: tuple[Input, ...] = ()) -> Self:
        """The same bars with more told about them."""
        return replace(self, mends=self.mends + mends, inputs=self.inputs + inputs)

    def with_vix_carried(self, sessions: int) -> Self:
        """The same bars, a close of the volatility index carried forward over so many sessions."""
        return replace(self, vix_carried=sessions)

    def with_calendar(self, calendar: SessionCalendar) -> Self:
        """The same bars under another calendar of their market."""
        return (
            self if calendar is self.market.calendar else replace(self, market=replace(self.market, calendar=calendar))
        )

    def doubting(self, *doubts: Doubt) -> Self:
        """With more reasons to doubt closes."""
        return replace(self, doubts=(*self.doubts, *doubts))

    def doubts_since(self, session: pd.Timestamp) -> tuple[Doubt, ...]:
        """The doubts about sessions from ``session`` on."""
        return tuple(doubt for doubt in self.doubts if doubt.session >= session)

    def until(self, as_of: AsOf) -> Self:
        """What was known at ``as_of``; nothing after it has any influence on the result.

        Args:
            as_of: a session's official close, or an instant, which keeps the sessions whose official close, and the
                intraday bars whose end, is not after it.

        Raises:
            AsOfError: outside the history, or a date without a row.
        """
        day = as_of.day(self.market)
        first, last = self._bounds
        if not first <= day <= last:
            raise AsOfError(
                f"as_of {as_of.moment} lies outside the history, which runs from {first:%Y-%m-%d} to {last:%Y-%m-%d}; "
                "name a date in it"
            )
        if as_of.is_instant:
            return self.complete_by(as_of.moment)
        if day not in self.spot.index:
            earlier = self.spot.index[self.spot.index < day][-1]
            if self._has_bars_of(day):
                return self._cut(earlier, as_of)
            raise AsOfError(f"as_of {day:%Y-%m-%d} has no session in the history; the one before is {earlier:%Y-%m-%d}")
        return self._cut(day, as_of)

    def complete_by(self, moment: pd.Timestamp) -> Self:
        """Like ``until`` an instant, but ``moment`` may lie after the history.

        This takes today's row, which some sources print while the session still runs, out of a live history.

        Raises:
            AsOfError: ``moment`` has no zone, or no session of the history had closed by then.
        """
        if moment.tz is None:
            raise AsOfError(f"moment {moment} has no zone; write one, such as 2022-12-30T15:30+05:30")
        day = exchange_day(moment, self.market)
        dates = pd.DatetimeIndex(self.spot.index[self.spot.index <= day])
        if len(dates) and dates[-1] == day and self._close_of(day) > moment:
            dates = dates[:-1]
        if dates.empty:
            raise AsOfError(
                f"as_of {moment} lies before the first official close in the history, "
                f"that of {self.spot.index[0]:%Y-%m-%d}; name a later one"
            )
        return self._cut(dates[-1], AsOf(moment))

    @property
    def cut_by_instant(self) -> bool:
        """Whether the history was cut at an instant, within whose day a session may still be in progress."""
        return self.cut_at is not None and self.cut_at.is_instant

    @property
    def moment(self) -> pd.Timestamp:
        """The instant the history is known at: that of its cut, else the last close or the end of its last day."""
        if self.cut_at is None:
            return self._close_of(max(self.last_session, self._bounds[1]))
        return self._known_at(self.cut_at)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was mended and what is missing, in plain sentences."""
        absent = f"No {self.market.volatility_index_name} up to {self.last_session:%Y-%m-%d}."
        return tuple(mend.sentence() for mend in self.mends) + ((absent,) if self.vix is None else ())

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

        None too where the row of a session before it is missing: a change from an older close would be none of today's.
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
                f"the history has one session up to {self.last_session:%Y-%m-%d}; a change needs at least 2 sessions"
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

        Returns:
            Special sessions are left out. ``vix`` is carried forward over ``vix_carried`` sessions and never
            backwards; beyond, and before the index existed, it is NaN.
        """
        return self.spot.assign(vix=self._carried_vix).loc[self.regular_sessions]

    def content_hash(self) -> str:
        """SHA-256 of the bars in hexadecimal, equal on every machine and under every version of pandas."""
        digest = hashlib.sha256(self.market.id.encode())
        frames = (("spot", self.spot), ("vix", self.vix), ("bars", self.bars), ("us_vix", self.us_vix))
        for name, frame in frames:
            if frame is None:
                continue
            digest.update(f"{name} {','.join(frame.columns)} {len(frame)};".encode())
            digest.update(pd.DatetimeIndex(frame.index).as_unit("ns").asi8.astype("<i8").tobytes())
            values = frame.to_numpy(dtype=np.float64)
            # NaN has many bit patterns; one is chosen so that they hash alike.
            digest.update(np.ascontiguousarray(np.where(np.isnan(values), np.nan, values)).astype("<f8").tobytes())
        return digest.hexdigest()

    @cached_property
    def _carried_vix(self) -> "pd.Series[float]":
        if self.vix is None:
            return pd.Series(np.nan, index=self.spot.index)
        own = self.vix["close"].reindex(self.spot.index)
        return own.ffill(limit=self.vix_carried) if self.vix_carried else own

    def _vix_at(self, row: int) -> float | None:
        value = self._carried_vix.iloc[row] if len(self.spot) >= -row else np.nan
        return None if np.isnan(value) else float(value)

    @property
    def _bounds(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Date of the first daily row and of the last row of any kind."""
        intraday = self.last_session if self.bars is None else pd.Timestamp(self.bars.index[-1]).normalize()
        return pd.Timestamp(self.spot.index[0]), max(self.last_session, intraday)

    def _closed(self, dates: pd.Index, moment: pd.Timestamp) -> NDArray[np.bool_]:
        """Which sessions' closes were known at an instant; of ascending dates the last ones alone can be later."""
        known = np.asarray(dates <= exchange_day(moment, self.market))
        for at in range(len(dates) - 1, -1, -1):
            if not known[at]:
                continue
            if self._close_of(pd.Timestamp(dates[at])) <= moment:
                break
            known[at] = False
        return known

    def _has_bars_of(self, day: pd.Timestamp) -> bool:
        return self.bars is not None and bool((pd.DatetimeIndex(self.bars.index).normalize() == day).any())

    def _close_of(self, date: pd.Timestamp) -> pd.Timestamp:
        calendar = self.market.calendar
        if calendar.is_session(date):
            return calendar.closes_at(date)
        # A session the calendar does not know has no known close: it is over when its day is.
        return (date + pd.Timedelta(days=1)).tz_localize(self.market.zone)

    def _known_at(self, as_of: AsOf) -> pd.Timestamp:
        return as_of.moment if as_of.is_instant else self._close_of(as_of.moment)

    def _cut(self, last: pd.Timestamp, as_of: AsOf) -> Self:
        """Daily rows up to the date ``last`` and intraday bars that were whole at ``as_of``."""
        vix = None if self.vix is None else self.vix.loc[:last]
        bars = None if self.bars is None else bars_until(self.bars, as_of, self.market)
        known = self._known_at(as_of)
        us_vix = None if self.us_vix is None else us_rows_until(self.us_vix, known)
        known_so_far = self.row_so_far is not None and as_of.is_instant and known >= self.row_so_far[1]
        # What a source has of days gone by, and of today up to now, is known, also where nothing of it was kept.
        today = as_of.day(self.market)
        last_row = max(last, today - pd.Timedelta(days=1)) if as_of.is_instant else last
        last_bar = known.tz_convert(self.market.zone).tz_localize(None)
        last_known = today if as_of.is_instant else last
        mends = (mend.until(last_bar) if mend.of_intraday else mend.until(last_row, last_known) for mend in self.mends)
        return replace(
            self,
            spot=self.spot.loc[:last],
            vix=vix if vix is not None and len(vix) else None,
            bars=bars if bars is not None and len(bars) else None,
            us_vix=us_vix if us_vix is not None and len(us_vix) else None,
            mends=tuple(mend for mend in mends if mend is not None),
            provisional_closes=frozenset(date for date in self.provisional_closes if date <= last),
            cut_at=as_of,
            row_so_far=self.row_so_far if known_so_far else None,
            closes_alone=frozenset(date for date in self.closes_alone if date <= last),
            doubts=tuple(doubt for doubt in self.doubts if doubt.session <= last),
            vix_apart=None if self.vix_apart is None else self.vix_apart.loc[self._closed(self.vix_apart.index, known)],
            vix_bar_days=self.vix_bar_days[self.vix_bar_days < exchange_day(known, self.market)],
        )
