"""The validated bars of one market, and the only way to travel in time through them."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import AsOfError
from aegismatrix_engine.history.bar_checks import CheckedBars
from aegismatrix_engine.history.bar_spans import bars_until, us_rows_until
from aegismatrix_engine.history.beside_spot import close_notes, joined_bars
from aegismatrix_engine.history.inputs import Input
from aegismatrix_engine.history.known_bars import NO_DAYS, KnownBars
from aegismatrix_engine.history.repairs import Doubt, Repair
from aegismatrix_engine.history.stamps_by_opens import check_opens
from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.as_of import AsOf, exchange_day
from aegismatrix_engine.markets.sessions import SessionCalendar
from aegismatrix_engine.typing import BoolArray


@dataclass(frozen=True, eq=False)
class MarketHistory(KnownBars):
    """Validated bars of one market, made of checked series; make one with ``from_bars``."""

    @classmethod
    def from_bars(
        cls,
        market: Market,
        spot: CheckedBars,
        vix: CheckedBars | None,
        repairs: tuple[Repair, ...] = (),
        inputs: tuple[Input, ...] = (),
    ) -> Self:
        """A history of daily bars: those of ``checked_spot`` and ``checked_vix``.

        ``repairs`` are the repairs the source itself made.
        """
        history = cls(market, spot.bars, repairs=repairs + spot.repairs, inputs=inputs, closes_alone=spot.closes_alone)
        if vix is None:
            return history
        sourced = vix.bars.index.isin(spot.bars.index)
        own, apart = vix.bars[sourced], vix.bars[~sourced]
        return replace(history, vix=own if len(own) else None, vix_apart=apart if len(apart) else None).with_notes(
            *vix.repairs, *close_notes(vix, pd.DatetimeIndex(spot.bars.index))
        )

    def with_intraday(self, spot: CheckedBars, vix: CheckedBars | None, inputs: tuple[Input, ...] = ()) -> Self:
        """The same history with intraday bars, those of ``checked_intraday`` and ``checked_vix_intraday``.

        They are cut where the history was cut.

        Raises:
            DataError: the daily opens are those of bars stamped at another time than the session's open.
        """
        bars, repairs = joined_bars(spot, vix)
        check_opens(spot.given, self.spot, self.market.calendar)
        days = NO_DAYS if vix is None else pd.DatetimeIndex(vix.given.rows.index).normalize().unique().sort_values()
        whole = replace(self, bars=bars, vix_bar_days=days, repairs=self.repairs + repairs, inputs=self.inputs + inputs)
        return whole if self.cut_at is None else whole._cut(self.last_session, self.cut_at)

    def with_us_vix(self, closes: CheckedBars, inputs: tuple[Input, ...] = ()) -> Self:
        """The same history with daily closes of the US VIX, those of ``checked_vix``, cut where the history was cut."""
        whole = replace(self, us_vix=closes.bars, repairs=self.repairs + closes.repairs, inputs=self.inputs + inputs)
        return whole if self.cut_at is None else whole._cut(self.last_session, self.cut_at)

    def with_notes(self, *repairs: Repair, inputs: tuple[Input, ...] = ()) -> Self:
        """The same bars with more told about them."""
        return replace(self, repairs=self.repairs + repairs, inputs=self.inputs + inputs)

    def with_vix_carried(self, sessions: int) -> Self:
        """The same bars, a close of the volatility index carried forward over so many sessions."""
        return replace(self, vix_carried=sessions)

    def with_calendar(self, calendar: SessionCalendar) -> Self:
        """The same bars under another calendar of their market."""
        return (
            self if calendar is self.market.calendar else replace(self, market=replace(self.market, calendar=calendar))
        )

    def with_doubts(self, *doubts: Doubt) -> Self:
        """With more reasons to doubt closes."""
        return replace(self, doubts=(*self.doubts, *doubts))

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
            if self.bars is not None and (pd.DatetimeIndex(self.bars.index).normalize() == day).any():
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
        if len(dates) and dates[-1] == day and self.market.calendar.ends_at(day) > moment:
            dates = dates[:-1]
        if dates.empty:
            raise AsOfError(
                f"as_of {moment} lies before the first official close in the history, "
                f"that of {self.spot.index[0]:%Y-%m-%d}; name a later one"
            )
        return self._cut(dates[-1], AsOf(moment))

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
        repairs = (
            repair.until(last_bar) if repair.of_intraday else repair.until(last_row, last_known)
            for repair in self.repairs
        )
        return replace(
            self,
            spot=self.spot.loc[:last],
            vix=vix if vix is not None and len(vix) else None,
            bars=bars if bars is not None and len(bars) else None,
            us_vix=us_vix if us_vix is not None and len(us_vix) else None,
            repairs=tuple(repair for repair in repairs if repair is not None),
            provisional_closes=frozenset(date for date in self.provisional_closes if date <= last),
            cut_at=as_of,
            row_so_far=self.row_so_far if known_so_far else None,
            closes_alone=frozenset(date for date in self.closes_alone if date <= last),
            doubts=tuple(doubt for doubt in self.doubts if doubt.session <= last),
            vix_apart=None if self.vix_apart is None else self.vix_apart.loc[self._closed(self.vix_apart.index, known)],
            vix_bar_days=self.vix_bar_days[self.vix_bar_days < exchange_day(known, self.market)],
        )

    def _closed(self, dates: pd.Index, moment: pd.Timestamp) -> BoolArray:
        """Which sessions' closes were known at an instant; of ascending dates the last ones alone can be later."""
        known = np.asarray(dates <= exchange_day(moment, self.market))
        for at in range(len(dates) - 1, -1, -1):
            if not known[at]:
                continue
            if self.market.calendar.ends_at(pd.Timestamp(dates[at])) <= moment:
                break
            known[at] = False
        return known
