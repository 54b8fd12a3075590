"""The validated bars of one market, and the only way to travel in time through them."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import AsOfError
from aegismatrix_engine.history.bar_checks import CheckedBars
from aegismatrix_engine.history.bar_spans import us_known_at, us_last_known
from aegismatrix_engine.history.inputs import Input, UsSeries
from aegismatrix_engine.history.known_bars import NO_DAYS, KnownBars
from aegismatrix_engine.history.repairs import Doubt, Repair, of_us
from aegismatrix_engine.history.stamps_by_opens import check_opens
from aegismatrix_engine.markets import BAR, Market
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
        """A history of daily bars, ``checked_spot`` and ``checked_vix``; ``repairs`` are those of the source itself."""
        history = cls(market, spot.bars, repairs=repairs + spot.repairs, inputs=inputs, closes_alone=spot.closes_alone)
        if vix is None:
            return history
        sourced = vix.bars.index.isin(spot.bars.index)
        notes = (*vix.repairs, *_close_notes(vix, pd.DatetimeIndex(spot.bars.index)))
        return replace(history, vix=_rows(vix.bars[sourced]), vix_apart=_rows(vix.bars[~sourced])).with_notes(*notes)

    def with_intraday(self, spot: CheckedBars, vix: CheckedBars | None, inputs: tuple[Input, ...] = ()) -> Self:
        """The history with intraday bars, ``checked_intraday`` and ``checked_vix_intraday``, cut where it was cut.

        Raises:
            DataError: the daily opens are those of bars stamped at another time than the session's open.
        """
        bars, repairs = joined_bars(spot, vix)
        check_opens(spot.given, self.spot, self.market.calendar)
        days = NO_DAYS if vix is None else pd.DatetimeIndex(vix.given.rows.index).normalize().unique().sort_values()
        return replace(self, bars=bars, vix_bar_days=days).with_notes(*repairs, inputs=inputs)._cut_again()

    def with_us_vix(self, closes: CheckedBars, inputs: tuple[Input, ...] = ()) -> Self:
        """The history with daily closes of the US VIX, ``checked_vix``, cut where it was cut."""
        return replace(self, us_vix=closes.bars).with_notes(*of_us(closes.repairs), inputs=inputs)._cut_again()

    def with_us_spot(self, prices: CheckedBars, inputs: tuple[Input, ...] = ()) -> Self:
        """The history with daily bars of the S&P 500, cut where it was cut."""
        return replace(self, us_spot=prices.bars).with_notes(*of_us(prices.repairs), inputs=inputs)._cut_again()

    def with_inda(self, closes: CheckedBars, inputs: tuple[Input, ...] = ()) -> Self:
        """The history with daily closes of the US-listed fund of the market's shares, cut where it was cut."""
        return replace(self, inda=closes.bars).with_notes(*of_us(closes.repairs), inputs=inputs)._cut_again()

    def with_companion(self, closes: CheckedBars, inputs: tuple[Input, ...] = ()) -> Self:
        """The history with daily closes of the companion index, ``checked_vix``, cut where it was cut."""
        return replace(self, companion=closes.bars).with_notes(*of_us(closes.repairs), inputs=inputs)._cut_again()

    def with_us(self, series: UsSeries, checked: CheckedBars, inputs: tuple[Input, ...] = ()) -> Self:
        """The history with a US series by its name, cut where it was cut."""
        added = {"us_vix_daily": self.with_us_vix, "us_spot_daily": self.with_us_spot, "inda_daily": self.with_inda}
        return added[series](checked, inputs)

    def with_notes(self, *repairs: Repair, inputs: tuple[Input, ...] = ()) -> Self:
        """The same bars with more notes about them."""
        return replace(self, repairs=self.repairs + repairs, inputs=self.inputs + inputs)

    def with_vix_carried(self, sessions: int) -> Self:
        """The same bars, a close of the volatility index carried forward over at most so many sessions."""
        return replace(self, vix_carried=sessions)

    def with_calendar(self, calendar: SessionCalendar) -> Self:
        """The same bars under another calendar of their market."""
        changed = calendar is not self.market.calendar
        return replace(self, market=replace(self.market, calendar=calendar)) if changed else self

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
                f"as_of {as_of} is outside the history, expected a date from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
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
        """Like ``until`` an instant, but ``moment`` may be after the history.

        This removes today's row, which some sources give while the session still runs, from a live history.

        Raises:
            AsOfError: ``moment`` has no zone, or no session of the history had closed by then.
        """
        if moment.tz is None:
            raise AsOfError(f"moment {moment} has no zone; expected one, as in 2022-12-30T15:30+05:30")
        day = exchange_day(moment, self.market)
        dates = pd.DatetimeIndex(self.spot.index[self.spot.index <= day])
        if len(dates) and dates[-1] == day and self.market.calendar.ends_at(day) > moment:
            dates = dates[:-1]
        if dates.empty:
            raise AsOfError(
                f"as_of {moment} is before the first official close in the history, that of "
                f"{self.spot.index[0]:%Y-%m-%d}; name a later one"
            )
        return self._cut(dates[-1], AsOf(moment))

    def _cut_again(self) -> Self:
        return self if self.cut_at is None else self._cut(self.last_session, self.cut_at)

    def _cut(self, last: pd.Timestamp, as_of: AsOf) -> Self:
        """Daily rows up to the date ``last`` and intraday bars that were whole at ``as_of``."""
        known = self._known_at(as_of)
        known_locally = known.tz_convert(self.market.zone).tz_localize(None)
        known_so_far = self.row_so_far is not None and as_of.is_instant and known >= self.row_so_far[1]
        bars, apart = self.bars, self.vix_apart
        if bars is not None:
            day_ends = as_of.moment + pd.Timedelta(days=1)
            bars = bars[
                (pd.DatetimeIndex(bars.index) + BAR <= known_locally) if as_of.is_instant else (bars.index < day_ends)
            ]
        # What a source has of days gone by, and of today up to now, is known, also where nothing of it was kept.
        today = as_of.day(self.market)
        last_row, by = (max(last, today - pd.Timedelta(days=1)), today) if as_of.is_instant else (last, last)
        repairs = (
            repair.until(us_last_known(known) if repair.of_us else known_locally)
            if repair.of_us or repair.of_intraday
            else repair.until(last_row, by)
            for repair in self.repairs
        )
        return replace(
            self,
            spot=self.spot.loc[:last],
            vix=None if self.vix is None else _rows(self.vix.loc[:last]),
            bars=_rows(bars),
            us_vix=_us_rows(self.us_vix, known),
            us_spot=_us_rows(self.us_spot, known),
            inda=_us_rows(self.inda, known),
            companion=self._known_companion(known),
            repairs=tuple(repair for repair in repairs if repair is not None),
            provisional_closes=frozenset(date for date in self.provisional_closes if date <= last),
            cut_at=as_of,
            row_so_far=self.row_so_far if known_so_far else None,
            closes_alone=frozenset(date for date in self.closes_alone if date <= last),
            doubts=tuple(doubt for doubt in self.doubts if doubt.session <= last),
            vix_apart=None if apart is None else apart.loc[_closed(apart.index, known, self.market)],
            vix_bar_days=self.vix_bar_days[self.vix_bar_days < exchange_day(known, self.market)],
        )

    def _known_companion(self, known: pd.Timestamp) -> pd.DataFrame | None:
        companion, closes = self.market.companion, self.companion
        if companion is None or closes is None:
            return None
        return _rows(closes.loc[_closed(closes.index, known, companion.market)])


def _closed(dates: pd.Index, moment: pd.Timestamp, market: Market) -> BoolArray:
    """Which sessions' closes were known at an instant; of ascending dates the last ones alone can be later."""
    known = np.asarray(dates <= exchange_day(moment, market))
    for at in range(len(dates) - 1, -1, -1):
        if not known[at]:
            continue
        if market.calendar.ends_at(pd.Timestamp(dates[at])) <= moment:
            break
        known[at] = False
    return known


def _rows(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    """The frame, ``None`` where it has no row."""
    return None if frame is None or frame.empty else frame


def _us_rows(frame: pd.DataFrame | None, known: pd.Timestamp) -> pd.DataFrame | None:
    """The rows of US sessions whose close was known at an instant, ``None`` where there is none."""
    return None if frame is None else _rows(frame[us_known_at(pd.DatetimeIndex(frame.index)) <= known])


def _close_notes(vix: CheckedBars, sessions: pd.DatetimeIndex) -> tuple[Repair, ...]:
    """What is reported of dates that differ from the ``sessions`` of spot: those too many, and those missing."""
    dates = pd.DatetimeIndex(vix.bars.index)
    extra = dates[~dates.isin(sessions)]
    holes = sessions[(sessions > dates[0]) & ~sessions.isin(dates)]
    left_out = f"{vix.given.name}: rows of dates without a spot row were left out ({{dates}})."
    carried = f"{vix.given.name}: no close on {{dates}}; the close before is carried forward for at most 2 sessions."
    repairs = (Repair(left_out, tuple(extra), missing="spot"), Repair(carried, tuple(holes), missing="vix"))
    return tuple(repair for repair in repairs if repair.dates)


def joined_bars(spot: CheckedBars, vix: CheckedBars | None) -> tuple[pd.DataFrame, tuple[Repair, ...]]:
    """Quarter hours of spot with the volatility index known at the end of each (NaN where none is), and all repairs.

    Columns open, high, low, close (points), vix (vol points).
    """
    if vix is None:
        return spot.bars.assign(vix=np.nan), spot.repairs
    repairs, extra = spot.repairs + vix.repairs, vix.bars.index.difference(spot.bars.index)
    if len(extra):
        text = f"{vix.given.name}: bars without a spot bar of the same quarter hour were left out ({{dates}})."
        repairs += (Repair(text, tuple(extra), of_intraday=True),)
    return spot.bars.assign(vix=vix.bars["close"].reindex(spot.bars.index)), repairs
