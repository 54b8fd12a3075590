"""Forecasts of all signals from the closes of a block as columns of one table, in the order of the record's rows."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from aegismatrix_engine.backtest.forecasts import all_forecasts
from aegismatrix_engine.backtest.origins import Origins
from aegismatrix_engine.backtest.outcomes import Paths
from aegismatrix_engine.backtest.rounding import significant
from aegismatrix_engine.backtest.signal_forecasts import SignalForecasts
from aegismatrix_engine.record.resolution import decision
from aegismatrix_engine.typing import FloatArray

LEVEL_DIGITS, BASELINE_DIGITS, PROBABILITY_DIGITS = 9, 4, 6
"""Significant digits of the ledger's cells."""

DIGITS: Final = {
    "threshold": LEVEL_DIGITS,
    "lower": LEVEL_DIGITS,
    "upper": LEVEL_DIGITS,
    "probability": PROBABILITY_DIGITS,
    "climatology": BASELINE_DIGITS,
    "vix": BASELINE_DIGITS,
}
TEXTS: Final = ("signal", "event", "basis")

Columns = dict[str, Any]


def joined_rows(at: Origins) -> Columns:
    """Every forecast, origin by origin, with its place among the origins as ``at``."""
    found = list(all_forecasts(at))
    made = [np.arange(len(at)) if one.made is None else np.flatnonzero(one.made) for one in found]
    place = np.concatenate(made)
    # Signals of one close stand in the order of a document's rows.
    order = np.argsort(place, kind="stable")
    counts = [len(which) for which in made]

    def gathered(column: Callable[[SignalForecasts], np.ndarray | None]) -> np.ndarray:
        parts = (column(one) for one in found)
        unknown = np.full(len(at), np.nan)
        rows = [(unknown if part is None else part)[which] for part, which in zip(parts, made, strict=True)]
        return np.asarray(np.concatenate(rows)[order])

    numbers: dict[str, FloatArray] = {
        "threshold": gathered(lambda one: one.threshold),
        "lower": gathered(lambda one: one.lower),
        "upper": gathered(lambda one: one.upper),
        "probability": gathered(lambda one: one.probability),
        "climatology": gathered(lambda one: one.known[0]),
        "vix": gathered(lambda one: one.known[1]),
    }
    texts = {name: _text([getattr(one, name) for one in found], counts, order) for name in TEXTS}
    steps = gathered(lambda one: one.steps)
    return {
        **texts,
        **{name: significant(values, DIGITS[name]) for name, values in numbers.items()},
        "at": place[order],
        "sessions": steps,
        "until": at.ahead[place[order], steps - 1],
    }


def outcome_columns(rows: Columns, paths: Paths) -> Columns:
    """Columns ``outcome``, ``observed`` and ``resolved_on`` of rows beyond doubt; ``alone``: those left open."""
    at, until = rows["at"], rows["until"]
    due, clear = paths.due(until), np.zeros(len(at), dtype=bool)
    outcome, observed = np.full((2, len(at)), np.nan)
    for code, event in enumerate(rows["event"].categories):
        of = np.flatnonzero((rows["event"].codes == code) & due)
        of = of[paths.clear(event, at[of], until[of])]
        clear[of] = True
        came = paths.came(event, at[of], rows["sessions"][of], until[of])
        decided = decision(
            event, came, paths.spot[at[of]], *(rows[name][of] for name in ("threshold", "lower", "upper"))
        )
        assert decided is not None, event
        outcome[of], observed[of] = decided
    return {
        "outcome": outcome,
        "observed": significant(observed, LEVEL_DIGITS),
        "resolved_on": np.where(clear, until, np.datetime64("NaT")),
        "alone": due & ~clear,
    }


def same_text(text: str, count: int) -> "pd.Categorical[str]":
    """A column that says the same in every row."""
    return pd.Categorical.from_codes(np.zeros(count, dtype=np.int64), pd.Index([text], dtype=str))


def _text(values: list[str], counts: list[int], order: np.ndarray) -> "pd.Categorical[str]":
    """A column of text, ``values`` so many times each, in another order."""
    codes, found = pd.factorize(np.array(values, dtype=object))
    return pd.Categorical.from_codes(np.repeat(codes, counts)[order], pd.Index(found, dtype=str))
