"""The session book: series of the same session compared, before anything is forecast from them.

It is opened on a history that has been cut at a moment, so that it sees what a run at that moment would have seen. What
contradicts is left out or rebuilt by the rules of the modules beside this one, and always reported: series, date, both
values, and which was used. docs/data.md has the table.
"""

from dataclasses import replace

import pandas as pd

from aegismatrix_engine.history.history import MarketHistory
from aegismatrix_engine.history.impossible_bars import bars_reported, impossible_bars, still_days
from aegismatrix_engine.history.known_bars import NO_DAYS
from aegismatrix_engine.history.rebuilding import rebuilt, with_range_of_bars, without_bars, without_bars_of
from aegismatrix_engine.history.repairs import Doubt, Repair, listed
from aegismatrix_engine.history.rows_against_bars import (
    MOST_CONTRADICTED,
    MOST_CONTRADICTED_SHARE,
    Contradiction,
    contradicted_rows,
    far_closes,
    session_bars,
)
from aegismatrix_engine.history.sessions_held import SessionsHeld, sessions_held
from aegismatrix_engine.history.vix_against_bars import vix_closes_rebuilt, with_vix_sourced, without_impossible_vix
from aegismatrix_engine.markets.as_of import exchange_day
from aegismatrix_engine.markets.observed_sessions import planned

MOST_IMPOSSIBLE = 3
MOST_IMPOSSIBLE_SHARE = 0.02
"""Impossible bars that may be left out, whichever is more; beyond, all bars are."""

DOUBTED_ROWS = 5
"""Newest daily rows whose shape is doubted: no change is counted from older ones."""


def reconciled(history: MarketHistory) -> MarketHistory:
    """The history with its series compared, as of the moment it was cut at.

    Daily rows that are missing or contradicted are rebuilt from whole sessions of bars, impossible bars are left out,
    the calendar is corrected by the sessions held, and closes that stay in doubt are named in ``doubts``.
    """
    today = exchange_day(history.moment, history.market)
    first = _held(history, today)
    history = _without_bars_after(history.with_calendar(first.calendar), first.hole)
    for step in (_without_impossible_bars, _without_still_bars, without_impossible_vix, _compared):
        if history.bars is not None:
            history = step(history, history.bars)
    history = _doubtful_rows(history)
    held = _held(history, today)
    history = without_bars_of(history.with_calendar(held.calendar), held.stale)
    known = () if history.vix is None else tuple(history.vix.index)
    explained = {"": (), "spot": {*held.not_held, *history.provisional_closes}, "vix": {*known, *held.not_held}}
    left = (repair.without(explained[repair.missing]) for repair in history.repairs)
    repairs = (*(repair for repair in left if repair is not None), *held.repairs)
    return replace(history, repairs=repairs).with_doubts(*held.doubts)


def _held(history: MarketHistory, today: pd.Timestamp) -> SessionsHeld:
    """What the series of the history show of the sessions up to today."""
    vix = history.vix_bar_days
    for closes in (history.vix, history.vix_apart):
        vix = vix if closes is None else vix.union(pd.DatetimeIndex(closes.index))
    plan = planned(history.market.calendar)
    running = NO_DAYS if history.row_so_far is None else pd.DatetimeIndex(history.row_so_far[0].index)
    return sessions_held(plan, pd.DatetimeIndex(history.spot.index), vix, history.bars, today, running)


def _without_bars_after(history: MarketHistory, hole: pd.DatetimeIndex) -> MarketHistory:
    """Without the bars after sessions that no series has: a move over them would look like one of a session."""
    if history.bars is None or hole.empty:
        return history
    days = pd.DatetimeIndex(history.bars.index).normalize().unique()
    text = (
        f"Spot: no rows and no bars for {len(hole)} sessions in a row, {hole[0]:%Y-%m-%d} to {hole[-1]:%Y-%m-%d}; the "
        "bars after them were left out."
    )
    return without_bars_of(history, days[days > hole[-1]]).with_notes(Repair(text))


def _without_impossible_bars(history: MarketHistory, bars: pd.DataFrame) -> MarketHistory:
    """Without impossible bars, or without any bars where they are many."""
    found = impossible_bars(bars, history.spot, history.row_so_far)
    if len(found) > max(MOST_IMPOSSIBLE, MOST_IMPOSSIBLE_SHARE * len(bars)):
        first = found[0]
        return _without_any_bars(
            history,
            f"{len(found)} of {len(bars)} spot bars are impossible, first that of {first.start:%Y-%m-%d %H:%M}: "
            f"{first.found}; all bars were left out",
        )
    reported = bars_reported(found, "Spot bar", "the bar was left out", "impossible bars")
    return without_bars(history, pd.DatetimeIndex([bar.start for bar in found])).with_notes(*reported)


def _without_any_bars(history: MarketHistory, reason: str) -> MarketHistory:
    doubt = Doubt(history.last_session, reason, of_close=False)
    return replace(history, bars=None).with_notes(Repair(f"Spot: {reason}.")).with_doubts(doubt)


def _without_still_bars(history: MarketHistory, bars: pd.DataFrame) -> MarketHistory:
    """Without sessions of bars that never move and have no daily row; such a session in progress is doubted."""
    still = still_days(bars)
    still = still[~still.index.isin(history.spot.index)]
    newest = pd.Timestamp(bars.index[-1]).normalize()
    if newest in still.index:
        reason = f"every bar of {newest:%Y-%m-%d} is unchanged at {still[newest]:.2f}, as if the feed had stopped"
        history = history.with_doubts(Doubt(newest, reason))
    past = pd.DatetimeIndex(still.index[still.index < newest])
    if past.empty:
        return history
    text = "Spot bars of {dates} are all unchanged at one price, as if the feed had stopped, and were left out."
    return without_bars_of(history, past).with_notes(Repair(text, tuple(past)))


def _compared(history: MarketHistory, bars: pd.DataFrame) -> MarketHistory:
    """With rows, bars and closes of the volatility index compared session by session."""
    found = session_bars(bars, history.market)
    days = pd.DatetimeIndex(found.index)
    for session in days[found["whole"] & days.isin(list(history.closes_alone))]:
        history = with_range_of_bars(history, session)
    history = _rows_compared(history, bars, found)
    if history.bars is None:
        return history
    today = exchange_day(history.moment, history.market)
    past = days < today if history.cut_by_instant else days <= today
    missing = days[past & ~days.isin(history.spot.index)]
    doubted = {doubt.session for doubt in history.doubts}
    far = far_closes(history.spot, found).items()
    history = history.with_doubts(
        *(Doubt(day, f"daily spot row of {day:%Y-%m-%d}: {text}") for day, text in far if day not in doubted)
    )
    history = _missing_rows_rebuilt(history, missing[found["closing"].loc[missing]], found)
    special = history.market.calendar.special(days[0], days[-1])
    history = without_bars_of(history, missing[missing.isin(special) & ~missing.isin(history.spot.index)])
    history = with_vix_sourced(history)
    return history if history.bars is None else vix_closes_rebuilt(history, history.bars)


def _rows_compared(history: MarketHistory, bars: pd.DataFrame, found: pd.DataFrame) -> MarketHistory:
    """With every row that its own bars contradict rebuilt, or its bars left out where they are not whole."""
    contradicted = [
        one
        for one in contradicted_rows(history.spot, bars, found, history.market)
        if one.session not in history.closes_alone
    ]
    if not contradicted:
        return history
    compared = int(found.index.isin(history.spot.index).sum())
    most = max(MOST_CONTRADICTED, MOST_CONTRADICTED_SHARE * compared)
    if len(contradicted) > most or 1 < compared == len(contradicted):
        first = contradicted[0]
        return _without_any_bars(
            history,
            f"daily rows and bars contradict on {len(contradicted)} of {compared} sessions, first on "
            f"{first.session:%Y-%m-%d}: {first.found}; the daily rows were kept and all spot bars left out",
        )
    reported = [_row_reported(one) for one in contradicted]
    history = history.with_notes(*listed(reported, "daily rows that their bars contradict"))
    for one, repair in zip(contradicted, reported, strict=True):
        if one.of_range:
            history = with_range_of_bars(history, one.session)
        elif one.whole:
            history = rebuilt(history, one.session)
        else:
            history = without_bars_of(history, pd.DatetimeIndex([one.session]))
            history = history.with_doubts(Doubt(one.session, repair.text.rstrip(".")))
    return history


def _row_reported(one: Contradiction) -> Repair:
    what = "the row was kept and its bars, which are not whole, left out"
    if one.of_range:
        what = "the range of its bars was used, and the row's close"
    elif one.whole:
        what = "the row was rebuilt from its bars and its close is provisional"
    return Repair(f"Daily spot row of {one.session:%Y-%m-%d}: {one.found}; {what}.", (one.session,))


def _missing_rows_rebuilt(history: MarketHistory, sessions: pd.DatetimeIndex, found: pd.DataFrame) -> MarketHistory:
    """With a row for each of these sessions, whose last half hour of bars is there."""
    for session in sessions:
        history = rebuilt(history, session)
    texts = {
        "Daily rows of {dates} were missing and rebuilt from intraday bars; their closes are provisional.": sessions,
        "Bars of {dates} are missing; rows rebuilt from the others may lack highs and lows.": (
            sessions[~found["whole"].loc[sessions]]
        ),
    }
    return history.with_notes(*(Repair(text, tuple(days)) for text, days in texts.items() if len(days)))


def _doubtful_rows(history: MarketHistory) -> MarketHistory:
    """With doubts about newest daily rows of regular sessions that repeat the row before or have no range."""
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
