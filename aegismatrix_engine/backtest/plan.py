"""Which sessions a backtest forecasts from, and at which of them the models are fitted anew."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from aegismatrix_engine.errors import ConfigurationError, HistoryTooShort
from aegismatrix_engine.training.walk_forward import FIRST_ORIGIN

REFIT_SESSIONS: Final = 63
"""Sessions that models are used for before they are fitted anew: a quarter of a year."""


@dataclass(frozen=True)
class Block:
    """Consecutive origins that the same models speak from.

    Attributes:
        refit: row of the last session that the models know.
        start: row of the first origin; the refit's own, or a later one where the backtest begins inside a block.
        stop: the row after the last origin.
    """

    refit: int
    start: int
    stop: int


def plan(
    market: str, sessions: pd.DatetimeIndex, first: pd.Timestamp | None, last: pd.Timestamp | None, refit: int
) -> tuple[Block, ...]:
    """The blocks of a backtest, in order; every regular session from ``first`` to ``last`` is an origin of one.

    Models are fitted at session 751 of the history and every ``refit`` sessions from there, wherever the backtest
    begins: two backtests of the same bars forecast the same from the same session.

    Args:
        market: its id, for messages.
        sessions: the regular sessions of the history, oldest first.
        first: date from which on sessions are origins; None for the first possible one.
        last: date of the last possible origin; None for the last session.
        refit: sessions that models are used for, 1 or more.

    Raises:
        ConfigurationError: ``first`` after ``last`` or outside the sessions that can be origins, or ``refit`` below 1.
        HistoryTooShort: the history has no session after its first 750.
    """
    if refit < 1:
        raise ConfigurationError(f"invalid --refit {refit}: expected 1 session or more")
    if first is not None and last is not None and first > last:
        raise ConfigurationError(f"--from {first:%Y-%m-%d} is after --to {last:%Y-%m-%d}; swap them")
    if len(sessions) <= FIRST_ORIGIN:
        raise HistoryTooShort(
            f"{market}: {len(sessions)} regular sessions up to {sessions[-1]:%Y-%m-%d}, a backtest needs more than "
            f"{FIRST_ORIGIN}, which come before its first forecast; give a longer history"
        )
    possible, newest = sessions[FIRST_ORIGIN], sessions[-1]
    start = FIRST_ORIGIN if first is None else int(sessions.searchsorted(first))
    if start < FIRST_ORIGIN:
        raise ConfigurationError(
            f"invalid --from {first:%Y-%m-%d}: only {start} of the {FIRST_ORIGIN} regular sessions that a first "
            f"forecast needs are before it; the first possible date is {possible:%Y-%m-%d}"
        )
    stop = len(sessions) if last is None else int(sessions.searchsorted(last, side="right"))
    if start >= stop:
        raise ConfigurationError(
            f"no session of {market} lies between --from and --to; the bars allow dates from {possible:%Y-%m-%d} to "
            f"{newest:%Y-%m-%d}"
        )
    refits = range(start - (start - FIRST_ORIGIN) % refit, stop, refit)
    return tuple(Block(row, max(row, start), min(row + refit, stop)) for row in refits)
