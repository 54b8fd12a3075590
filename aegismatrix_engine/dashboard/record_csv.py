"""Scores of every signal, and the last decided forecasts, as csv."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Final

from aegismatrix_engine.record.kept_record import KeptRecord
from aegismatrix_engine.record.rows import ForecastRow, Row, number
from aegismatrix_engine.record.scoring import SignalScore

DECIDED_CSV: Final = "record/decided.csv"
SCORES_CSV: Final = "record/scores.csv"
"""Their paths in the site."""
FORECAST: Final = tuple(field.name for field in fields(ForecastRow))
OUTCOME: Final = ("resolved_at", "known_at", "outcome", "observed")
"""What a resolution adds to its forecast."""
SCORE_COLUMNS: Final = (
    *("signal", "event", "events", "forecasts", "first", "last"),
    *("came_true", "came_true_low", "came_true_high", "nominal", "brier", "log"),
    *("against_climatology", "against_climatology_low", "against_climatology_high"),
    *("against_index", "against_index_low", "against_index_high"),
)
"""Shares with 95 % intervals, skill with 90 % ones; scores as docs/record.md defines them."""


def decided_csv(kept: KeptRecord) -> bytes:
    """The last live forecast before each event that was decided in the last sessions, one line each, in UTF-8.

    The columns are the key and the cells of a forecast, as in the record, and what came; by the date of the close that
    decided, then by signal.
    """
    last: dict[tuple[str, str, str], ForecastRow] = {}
    for key in kept.resolutions:
        row = kept.forecasts.get(key)
        if row is None or row.standing != "live":
            continue
        event = (row.until, row.signal, row.event)
        if event not in last or (last[event].as_of, last[event].generated_at) < (row.as_of, row.generated_at):
            last[event] = row
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("key", *FORECAST, *OUTCOME))
    for event in sorted(last):
        row = last[event]
        writer.writerow((row.key, *_cells(row, FORECAST), *_cells(kept.resolutions[row.key], OUTCOME)))
    return text.getvalue().encode()


def scores_csv(kept: KeptRecord) -> bytes:
    """The scores of every signal's live forecasts, one line each, in UTF-8; those of fewer than 30 events are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(SCORE_COLUMNS)
    for score in kept.scores:
        known = (score.signal, score.event, score.events, score.n, score.first, score.last)
        writer.writerow((*known, *(_measured(score) if score.enough else ("",) * (len(SCORE_COLUMNS) - len(known)))))
    return text.getvalue().encode()


def _measured(score: SignalScore) -> Iterator[str]:
    shown: list[float | None] = [score.frequency, *score.interval, score.nominal, score.brier, score.log]
    for skill in (score.climatology, score.vix):
        shown += [None] * 3 if skill is None else [skill.skill, skill.low, skill.high]
    yield from (number(value) for value in shown)


def _cells(row: Row, names: Iterable[str]) -> list[str]:
    return [getattr(row, name) for name in names]
