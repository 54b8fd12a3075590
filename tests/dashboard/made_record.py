"""Records made by hand for the page: events of any signal, day by day, with the outcomes that a test asks for."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
from sample_rows import forecast, resolution

from aegismatrix_engine.dashboard.figures import Style
from aegismatrix_engine.document import check_json
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "example.json"
DAYS = [f"{day:%Y-%m-%d}" for day in pd.bdate_range(end="2022-12-30", periods=400)]
"""The last of them is that of the example document."""

STYLE = Style("indian", "IST")

NEAREST = {"signal": "seller.expiries.nearest.80", "event": "range", "threshold": "", "probability": "0.8"}
NEXT = {"signal": "forecast.1.80", "event": "range", "threshold": "", "probability": "0.8"}
BREAKOUT = {"signal": "buyer.breakout_today", "event": "breakout", "threshold": "0.0147"}

Decided = tuple[ForecastRow, ResolutionRow | None]


@cache
def example() -> Document:
    """The document of docs/example.json, at the close of 2022-12-30."""
    return check_json(EXAMPLE.read_bytes())


def made(day: int, ahead: int = 1, outcome: str | None = "1", observed: str = "18000", **cells: str) -> Decided:
    """A forecast from the close of ``DAYS[day]``, a day from the end, and what came ``ahead`` days later, if known."""
    ranged = {"lower": "17900", "upper": "18100"} if cells.get("event") == "range" else {}
    row = forecast(
        as_of=f"{DAYS[day]}T15:30:00+05:30",
        generated_at=f"{DAYS[day]}T16:05:00+05:30",
        origin=DAYS[day],
        until=DAYS[day + ahead] if day + ahead < 0 else f"2023-01-{2 + day + ahead:02d}",
        sessions=str(ahead),
        spot="18000",
        **{"climatology": "0.7", "vix": "0.75", "probability": "0.3", **ranged, **cells},
    )
    return row, None if outcome is None else resolution(row, outcome, observed)


def inside(decided: Decided, clock: str, **cells: str) -> Decided:
    """The same forecast from inside the session that decides it, at a time such as 13:15."""
    row, came = decided
    moved = replace(row, as_of=f"{row.until}T{clock}:00+05:30", generated_at=f"{row.until}T{clock}:30+05:30", **cells)
    return moved, None if came is None else replace(came, forecast=moved.key, as_of=moved.as_of)


def many(events: int, held: int, **cells: str) -> Iterator[Decided]:
    """One event a day, of which the first ``held`` happened."""
    return (made(-2 - events + i, outcome="1" if i < held else "0", **cells) for i in range(events))


def ledger(rows: Iterable[Decided]) -> Ledger:
    """The rows as a ledger."""
    found = Ledger()
    for row, came in rows:
        found.forecasts[row.key] = row
        if came is not None:
            found.resolutions[came.key] = came
    return found


def written(folder: Path, rows: Iterable[Decided]) -> Path:
    """The rows as a record on disk."""
    both = list(rows)
    append(folder, [row for row, _ in both])
    append(folder, [came for _, came in both if came is not None])
    return folder


def lines_of(content: bytes) -> list[dict[str, str]]:
    """The rows of a csv file by their columns."""
    return list(csv.DictReader(io.StringIO(content.decode())))
