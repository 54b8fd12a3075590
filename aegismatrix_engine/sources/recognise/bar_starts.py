"""Where intraday bars begin in exchange time, how long they are, and which of them are left out."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import BAR, Market, SessionCalendar
from aegismatrix_engine.markets.sessions import CLOCK_TIMES
from aegismatrix_engine.sources.recognise.bar_stamp import BarStamp, StampedBars, Times, stamp_of_bars
from aegismatrix_engine.sources.recognise.exchange_time import naive
from aegismatrix_engine.sources.recognise.table import Table
from aegismatrix_engine.typing import BoolArray

PREOPEN_SPAN, CLOSING_SPAN = pd.Timedelta(minutes=15), pd.Timedelta(minutes=60)
"""How far outside a session bars of its pre-open and of its closing auction and closing session lie."""
OFF_GRID_SHARE = 0.02
ZoneBy = Literal["file", "user"]

_MINUTE = np.timedelta64(1, "m")
_SECOND = np.timedelta64(1, "s")


@dataclass(frozen=True)
class BarStarts:
    """Starts of bars.

    Attributes:
        starts: (n,) naive datetime64[ns] in exchange time.
        kept: (n,) bool, False for bars outside the hours of their session or off its grid.
        findings: what was understood, in words.
    """

    starts: pd.DatetimeIndex
    kept: BoolArray
    findings: tuple[str, ...]


def bar_starts(
    table: Table,
    stamps: pd.DatetimeIndex,
    flat: BoolArray,
    market: Market,
    chosen: BarStamp | None,
    zone_by: ZoneBy | None,
) -> BarStarts:
    """Starts of bars out of their stamps, (n,) naive exchange time; ``flat`` as in `StampedBars`.

    ``zone_by`` says who names the zone of the stamps; None where their hours have to prove it.

    Raises:
        DataError: bars of more than 15 minutes or of two lengths, hours that are not the exchange's, nothing that shows
            whether stamps are of the start or the end.
    """
    moments = stamps.to_numpy(dtype="datetime64[ns]")
    at_last_second = (moments - moments.astype("datetime64[m]")) == 59 * _SECOND
    findings = ["times at the last second of a minute are the end of that minute"] if at_last_second.all() else []
    moments = moments + (_SECOND if at_last_second.all() else 0 * _SECOND)
    length = _length(table, moments)
    bars = _with_hours(moments, flat, length, market.calendar)
    _check_hours(table, bars, market, zone_by)
    findings += [] if zone_by else [f"times are of {market.zone}: they fit the hours of its sessions"]
    stamp, proof = stamp_of_bars(table.name, bars, chosen)
    starts: Times = np.subtract(moments, length) if stamp == "end" else moments
    minutes = int(length / _MINUTE)
    findings.append(f"bars of {minutes} minute{'s' if minutes > 1 else ''}, stamped by their {stamp}: {proof}")
    early, late = bars.known & (starts < bars.opens), bars.known & (starts + length > bars.closes)
    off_grid = bars.known & ~early & ~late & ((starts - bars.opens) % length != np.timedelta64(0))
    if off_grid.sum() > max(1, OFF_GRID_SHARE * len(stamps)):
        row = int(off_grid.argmax())
        problem = f"{stamps[row]} is not a whole number of bars of {minutes} minutes after the open"
        raise table.refusal(row, f"{problem}; give bars of one length")
    outside = ((early, "before the open"), (late, "after the close"), (off_grid, "between bars"))
    findings += [table.left_out(mask, why) for mask, why in outside if mask.any()]
    unplanned = pd.DatetimeIndex(moments[~bars.known][:1])
    findings += [f"the calendar has no session on {moment:%Y-%m-%d}; its bars are kept" for moment in unplanned]
    return BarStarts(pd.DatetimeIndex(starts), ~(early | late | off_grid), tuple(findings))


def _length(table: Table, moments: Times) -> np.timedelta64:
    """The one length of all bars: the commonest step within a day."""
    ordered = np.unique(moments)
    days, steps = ordered.astype("datetime64[D]")[1:], np.diff(ordered)
    within = days == ordered.astype("datetime64[D]")[:-1]
    by_day: dict[np.datetime64, Counter[np.timedelta64]] = {}
    for day, step in zip(days[within], steps[within], strict=True):
        by_day.setdefault(day, Counter())[step] += 1
    overall: Counter[np.timedelta64] = sum(by_day.values(), Counter())
    length = overall.most_common(1)[0][0]
    if length > BAR.to_timedelta64():
        raise DataError(
            f"{table.name}: bars of {int(length / _MINUTE)} minutes: expected bars of 15 minutes or shorter"
        )
    if length % _MINUTE != np.timedelta64(0):
        raise DataError(f"{table.name}: bars of {int(length / _SECOND)} seconds: expected bars of whole minutes")
    for day, counts in by_day.items():
        commonest = counts.most_common(1)[0][0]
        if commonest != length and counts.total() >= 3:
            raise DataError(
                f"{table.name}: bars of {int(length / _MINUTE)} minutes, and of {int(commonest / _MINUTE)} minutes on "
                f"{day}; give each length in a file of its own"
            )
    return length


def _with_hours(moments: Times, flat: BoolArray, length: np.timedelta64, calendar: SessionCalendar) -> StampedBars:
    days, row = np.unique(moments.astype("datetime64[D]"), return_inverse=True)
    covered = days >= np.datetime64(calendar.first_date, "D")
    hours = np.full((len(days), len(CLOCK_TIMES)), np.datetime64("NaT", "ns"))
    hours[covered] = calendar.local_hours(pd.DatetimeIndex(days[covered].astype("datetime64[ns]")))
    opens, closes, official = hours[row].T
    return StampedBars(moments, flat, opens, closes, ~np.isnat(opens), official > closes, length)


def _check_hours(table: Table, bars: StampedBars, market: Market, zone_by: ZoneBy | None) -> None:
    """Every bar of a session lies in its hours, in its pre-open, or shortly after its close."""
    moments, known = bars.moments, bars.known
    early = moments < bars.opens - PREOPEN_SPAN.to_timedelta64()
    outside = known & (early | (moments > bars.closes + CLOSING_SPAN.to_timedelta64()))
    if not outside.any() and known.any():
        return
    row = int(outside.argmax())
    day = pd.Timestamp(moments[row]).normalize()
    if not known.any():
        raise DataError(
            f"{table.name}: bars on {day:%Y-%m-%d}, and no session on any of its days; check dates and zone"
        )
    own = moments[moments.astype("datetime64[D]") == np.datetime64(day, "D")]
    opens, closes = bars.opens[row], bars.closes[row]
    first, last, open_, close = (pd.Timestamp(at).strftime("%H:%M") for at in (own.min(), own.max(), opens, closes))
    likely = None if zone_by else _likely_zone(own, opens, closes, market, bars.length)
    if zone_by:
        hint = "check --zone" if zone_by == "user" else "correct the zone that its times carry"
    else:
        hint = f"they look like {likely}: use --zone {likely}" if likely else "name their zone with --zone NAME"
    problem = f"bars from {first} to {last} on {day:%Y-%m-%d}, outside the session, {open_} to {close} of {market.zone}"
    raise table.refusal(row, f"{problem}; {hint}")


def _likely_zone(
    own: Times, opens: np.datetime64, closes: np.datetime64, market: Market, length: np.timedelta64
) -> str | None:
    """The zone in which a day's bars would begin and end with the session."""
    for zone in ("UTC", "America/New_York", "Asia/Kolkata", "Europe/London", "Asia/Singapore"):
        local = naive(pd.DatetimeIndex(own).tz_localize(zone, ambiguous=True, nonexistent="shift_forward"), market.zone)
        first, last = local.min().to_datetime64(), local.max().to_datetime64()
        if zone != market.zone and opens <= first <= opens + length and closes - length <= last <= closes:
            return zone
    return None
