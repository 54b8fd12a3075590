"""The session book: series that speak of the same session compared, before anything is forecast from them.

It is opened on a history that has been cut at a moment, so that it sees what a run at that moment would have seen. What
contradicts is left out or rebuilt by the rules of the modules beside this one, and always told: series, date, both
values, and which was believed. docs/data.md has the table.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from aegismatrix_engine.history.history import MarketHistory
from aegismatrix_engine.history.impossible_bars import bars_reported, impossible_bars, still_days
from aegismatrix_engine.history.known_bars import NO_DAYS
from aegismatrix_engine.history.rebuilding import (
    rebuilt,
    with_range_of_bars,
    without_bars,
    without_bars_of,
)
from aegismatrix_engine.history.repairs import LISTED, Doubt, Repair, the_rest
from aegismatrix_engine.history.rows_against_bars import (
    MOST_CONTRADICTED,
    MOST_CONTRADICTED_SHARE,
    Contradiction,
    SessionBars,
    contradicted_rows,
    far_closes,
)
from aegismatrix_engine.history.sessions_held import SessionsHeld, sessions_held
from aegismatrix_engine.history.vix_against_bars import vix_closes_rebuilt, with_vix_sourced, without_impossible_vix
from aegismatrix_engine.markets.as_of import exchange_day
from aegismatrix_engine.markets.observed_sessions import planned

MOST_IMPOSSIBLE = 3
MOST_IMPOSSIBLE_SHARE = 0.02
"""Bars that may be left out because they cannot be, whichever is more; beyond, none of them is believed."""

DOUBTED_ROWS = 5
"""Newest daily rows whose shape is doubted: older ones bear no change."""


def reconciled(history: MarketHistory) -> MarketHistory:
    """The history with its series compared, as of the moment it was cut at.

    Daily rows that are missing or contradicted are rebuilt from whole sessions of bars, bars that cannot be are left
    out, the calendar is corrected by what was held, and closes that stay in doubt are named in ``doubts``.
    """
    today = exchange_day(history.moment, history.market)
    first = _held(history, today)
    history = _without_bars_after(history.with_calendar(first.calendar), first.hole)
    history = without_impossible_vix(_without_still_bars(_without_impossible_bars(history)))
    history = _compared(history, today)
    history = _doubtful_rows(history)
    held = _held(history, today)
    history = without_bars_of(history.with_calendar(held.calendar), held.stale)
    known = () if history.vix is None else tuple(history.vix.index)
    explained = {"": (), "spot": {*held.not_held, *history.provisional_closes}, "vix": {*known, *held.not_held}}
    repairs = (repair.without(explained[repair.missing]) for repair in history.repairs)
    return replace(
        history,
        repairs=(*(repair for repair in repairs if repair is not None), *held.repairs()),
    ).with_doubts(*held.doubts())


def _held(history: MarketHistory, today: pd.Timestamp) -> SessionsHeld:
    """What the series of the history say of the sessions up to today."""
    vix = history.vix_bar_days
    for closes in (history.vix, history.vix_apart):
        vix = vix if closes is None else vix.union(pd.DatetimeIndex(closes.index))
    plan = planned(history.market.calendar)
    running = NO_DAYS if history.row_so_far is None else pd.DatetimeIndex(history.row_so_far[0].index)
    return sessions_held(plan, pd.DatetimeIndex(history.spot.index), vix, history.bars, today, running)


def _without_bars_after(history: MarketHistory, hole: pd.DatetimeIndex) -> MarketHistory:
    """Without the bars after sessions that no series has: a move over them would pass for one of a session."""
    if history.bars is None or hole.empty:
        return history
    days = pd.DatetimeIndex(history.bars.index).normalize().unique()
    text = (
        f"Spot: no rows and no bars for {len(hole)} sessions in a row, {hole[0]:%Y-%m-%d} to {hole[-1]:%Y-%m-%d}; the "
        "bars after them were left out."
    )
    return without_bars_of(history, days[days > hole[-1]]).with_notes(Repair(text))


def _compared(history: MarketHistory, today: pd.Timestamp) -> MarketHistory:
    """With rows, bars and closes of the volatility index compared session by session."""
    if history.bars is None:
        return history
    found = SessionBars.of(history.bars, history.market)
    for session in found.days[found.whole & found.days.isin(list(history.closes_alone))]:
        history = with_range_of_bars(history, pd.Timestamp(session))
    history = _rows_believed(history, found)
    if history.bars is None:
        return history
    past = found.days < today if history.cut_by_instant else found.days <= today
    missing = found.days[past & ~found.days.isin(history.spot.index)]
    doubted = {doubt.session for doubt in history.doubts}
    far = {day: text for day, text in far_closes(history.spot, found).items() if day not in doubted}
    history = history.with_doubts(
        *(Doubt(day, f"daily spot row of {day:%Y-%m-%d}: {text}") for day, text in far.items())
    )
    history = _missing_rows_rebuilt(history, missing[np.asarray(missing.isin(found.days[found.closing]))], found)
    special = history.market.calendar.special(found.days[0], found.days[-1])
    history = without_bars_of(history, missing[missing.isin(special) & ~missing.isin(history.spot.index)])
    return vix_closes_rebuilt(with_vix_sourced(history))


def _doubtful_rows(history: MarketHistory) -> MarketHistory:
    """With doubts about daily rows that no market makes, of the regular sessions that a change can stand on."""
    newest = history.spot.loc[history.regular_sessions].iloc[-DOUBTED_ROWS - 1 :]
    repeats = (newest == newest.shift(1)).all(axis=1) & ~newest.index.isin(list(history.provisional_closes))
    flat = newest["high"] == newest["low"]
    doubts = []
    for day in newest.index[1:]:
        close = float(newest["close"][day])
        if repeats[day]:
            doubts.append(Doubt(day, f"the daily row of {day:%Y-%m-%d} repeats the one before, close {close:.2f}"))
        elif flat[day]:
            doubts.append(Doubt(day, f"the daily row of {day:%Y-%m-%d} has no range, close {close:.2f}"))
    return history.with_doubts(*doubts)


def _without_impossible_bars(history: MarketHistory) -> MarketHistory:
    """Without bars that cannot be, or without all of them where they are many."""
    if history.bars is None:
        return history
    found = impossible_bars(history.bars, history.spot, history.row_so_far)
    if len(found) > max(MOST_IMPOSSIBLE, MOST_IMPOSSIBLE_SHARE * len(history.bars)):
        first = found[0]
        reason = (
            f"{len(found)} of {len(history.bars)} spot bars cannot be, first that of {first.start:%Y-%m-%d %H:%M}: "
            f"{first.found}; none of the bars was believed"
        )
        return _without_any_bars(history, reason)
    starts = pd.DatetimeIndex([bar.start for bar in found])
    reported = bars_reported(found, "Spot bar", "the bar was left out")
    return without_bars(history, starts).with_notes(*reported, *the_rest(len(found), "bars that cannot be"))


def _without_any_bars(history: MarketHistory, reason: str) -> MarketHistory:
    doubt = Doubt(history.last_session, reason, of_close=False)
    return replace(history, bars=None).with_notes(Repair(f"Spot: {reason}.")).with_doubts(doubt)


def _without_still_bars(history: MarketHistory) -> MarketHistory:
    """Without sessions of bars that never move and have no daily row; such a session in progress is doubted."""
    if history.bars is None:
        return history
    still = still_days(history.bars)
    still = still[~still.index.isin(history.spot.index)]
    newest = pd.Timestamp(history.bars.index[-1]).normalize()
    if newest in still.index:
        price = float(still[newest])
        reason = f"every bar of {newest:%Y-%m-%d} stands at {price:.2f}, as where a feed has stopped"
        history = history.with_doubts(Doubt(newest, reason))
    past = pd.DatetimeIndex(still.index[still.index < newest])
    if past.empty:
        return history
    text = "Spot bars of {dates} all stand at one price, as where a feed has stopped, and were left out."
    return without_bars_of(history, past).with_notes(Repair(text, tuple(past)))


def _rows_believed(history: MarketHistory, found: SessionBars) -> MarketHistory:
    """With every row that its own bars contradict rebuilt, or its bars left out where they are not whole."""
    contradicted = [
        one for one in contradicted_rows(history.spot, found, history.market) if one.session not in history.closes_alone
    ]
    if not contradicted:
        return history
    compared = int(found.days.isin(history.spot.index).sum())
    most = max(MOST_CONTRADICTED, MOST_CONTRADICTED_SHARE * compared)
    if len(contradicted) > most or 1 < compared == len(contradicted):
        first = contradicted[0]
        reason = (
            f"daily rows and bars contradict on {len(contradicted)} of {compared} sessions, first on "
            f"{first.session:%Y-%m-%d}: {first.found}; the daily rows were believed and all spot bars left out"
        )
        return _without_any_bars(history, reason)
    for one in contradicted:
        if one.of_range:
            history = with_range_of_bars(history, one.session)
        elif one.whole:
            history = rebuilt(history, one.session)
    reported = [_row_reported(one) for one in contradicted[:LISTED]]
    history = history.with_notes(*reported, *the_rest(len(contradicted), "daily rows that their bars contradict"))
    for one in contradicted:
        if not one.whole:
            history = without_bars_of(history, pd.DatetimeIndex([one.session]))
            history = history.with_doubts(Doubt(one.session, _row_reported(one).text.rstrip(".")))
    return history


def _row_reported(one: Contradiction) -> Repair:
    what = "the row was believed and its bars, which are not whole, left out"
    if one.of_range:
        what = "the range of its bars was believed, and the row's close"
    elif one.whole:
        what = "the row was rebuilt from its bars and its close is provisional"
    return Repair(f"Daily spot row of {one.session:%Y-%m-%d}: {one.found}; {what}.", (one.session,))


def _missing_rows_rebuilt(history: MarketHistory, sessions: pd.DatetimeIndex, found: SessionBars) -> MarketHistory:
    """With a row for each of these sessions, whose last half hour of bars is there."""
    if sessions.empty:
        return history
    for session in sessions:
        history = rebuilt(history, pd.Timestamp(session))
    text = "Daily rows of {dates} were missing and rebuilt from intraday bars; their closes are provisional."
    reported = [Repair(text, tuple(sessions))]
    partly = sessions[~sessions.isin(found.days[found.whole])]
    if len(partly):
        reported.append(
            Repair("Bars of {dates} are missing; rows rebuilt from the others may lack highs and lows.", tuple(partly))
        )
    return history.with_notes(*reported)
