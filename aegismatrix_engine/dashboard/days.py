"""What the record says day by day: closes, changes since the last one, and where each day's last document is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.dashboard.figures import Figure, Sentence, figure
from aegismatrix_engine.dashboard.market_words import knows_volatility_change
from aegismatrix_engine.dashboard.record_figures import RecordFigures, record_path
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.record.kept_record import KeptRecord
from aegismatrix_engine.record.rows import ForecastRow, parsed

NEAREST_80: Final = "seller.expiries.nearest.80"
MONTHLY_80: Final = "seller.safe_range"
FIRST_OPEN: Final = "09:00"
"""Local time before any session opens and after any night ends, on every exchange that the engine knows."""
COVERAGE: Final = 0.8
DAYS_LINKED: Final = 10
UNCHANGED: Final = 0.005
"""Relative change of a range's width below which it is called unchanged."""


@dataclass(frozen=True)
class DayLink:
    """A day with forecasts, and the page of the repository that lists its documents; no address where none is known."""

    day: Figure
    address: str


def at_closes(kept: KeptRecord) -> dict[str, list[ForecastRow]]:
    """Session -> the live rows of the last document made from its official close on its own day; dates ascending.

    A document of the next morning is made from that close too, but knows the night, and is none of it.
    """
    found: dict[str, list[ForecastRow]] = {}
    for row in kept.forecasts.values():
        if row.as_of[:10] == row.origin and row.standing == "live":
            found.setdefault(row.origin, []).append(row)
    return {session: _of_one_document(found[session]) for session in sorted(found)}


def _of_one_document(rows: list[ForecastRow]) -> list[ForecastRow]:
    last = max(map(_order, rows))
    return [row for row in rows if _order(row) == last]


def session_spots(kept: KeptRecord, before: str) -> tuple[tuple[str, float], ...]:
    """Date and last known spot of each session before a date, ascending; a session without forecasts is missing.

    Args:
        kept: the record.
        before: ISO date or moment.
    """
    last: dict[str, ForecastRow] = {}
    for row in kept.forecasts.values():
        session = session_of_spot(row)
        held = last.get(session)
        if session < before[:10] and (held is None or _order(held) < _order(row)):
            last[session] = row
    return tuple((session, parsed(last[session].spot)) for session in sorted(last))


def session_of_spot(row: ForecastRow) -> str:
    """The session whose price a row's spot is; after the night before a session, the one that closed last."""
    return row.as_of[:10] if row.as_of[11:16] >= FIRST_OPEN else row.origin


def _order(row: ForecastRow) -> tuple[str, str, str]:
    return row.as_of, row.generated_at, row.model_set


def since_previous_close(
    document: Document, kept: KeptRecord, figures: RecordFigures, volatility_index: str
) -> Sentence | None:
    """What changed since the close of the session before: the index, its volatility index, the nearest range.

    None where the record has no forecasts of that close. The range is compared with the one of the same expiry.

    Args:
        document: the one that is shown.
        kept: its market's record.
        figures: how numbers are written.
        volatility_index: the name under which the document's volatility index is shown.
    """
    session = document.market.previous_close_date
    rows = at_closes(kept).get(session)
    if rows is None:
        return None
    return tuple(_changes(document, rows, figures, volatility_index))


def _changes(
    document: Document, rows: list[ForecastRow], figures: RecordFigures, volatility_index: str
) -> Iterator[str | Figure]:
    market, style = document.market, figures.style
    yield from ("Since the close of ", figures.day("market.previous_close_date", market.previous_close_date))
    yield from (": index ", figure("market.spot_change", market.spot_change, "points_signed", style), " points (")
    change = figure("market.spot_change_pct", market.spot_change_pct, "percent_hundredths_signed", style)
    yield from (change, ")")
    if knows_volatility_change(document):
        yield from (f", {volatility_index} ", figure("market.vix_change", market.vix_change, "vol_signed", style))
    yield from _range_change(document, rows, figures)
    yield "."


def _range_change(document: Document, rows: list[ForecastRow], figures: RecordFigures) -> Iterator[str | Figure]:
    """How much wider the 80 % range of the nearest expiry has become that the close before had one of, too."""
    before = {row.until: row for row in rows if row.signal in (NEAREST_80, MONTHLY_80) and row.event == "range"}
    for place, expiry in enumerate(document.seller.expiries):
        row = before.get(expiry.expiry)
        if row is None:
            continue
        now = next(band for band in expiry.ranges if band.kind == "close_at_expiry" and band.coverage == COVERAGE)
        change = (now.upper - now.lower) / (parsed(row.upper) - parsed(row.lower)) - 1
        day = figures.day(f"seller.expiries.{place}.expiry", expiry.expiry)
        yield from (", 80 % range for ", day)
        if abs(change) < UNCHANGED:
            yield " as wide as then"
        else:
            path = record_path("change", row.signal, row.key)
            yield from (" wider by " if change > 0 else " narrower by ", figures.chance(path, abs(change)))
        return


def day_links(
    kept: KeptRecord,
    figures: RecordFigures,
    repository: str | None,
    branch: str,
    document: str,
    shown: int = DAYS_LINKED,
) -> tuple[DayLink, ...]:
    """The last days with forecasts, newest first, each with the commits of its documents.

    Args:
        kept: the record.
        figures: how numbers are written.
        repository: owner/name on GitHub; None where it is not known.
        branch: that is published to.
        document: path of the document on it.
        shown: how many at most.
    """
    days = sorted({row.as_of[:10] for row in kept.forecasts.values()}, reverse=True)[:shown]
    links = []
    for day in days:
        key = next(row.key for row in kept.forecasts.values() if row.as_of[:10] == day)
        shown_day = figures.day(record_path("forecast", key, "as_of"), day)
        links.append(DayLink(shown_day, "" if repository is None else commits_of(repository, branch, document, day)))
    return tuple(links)


def commits_of(repository: str, branch: str, document: str, day: str) -> str:
    """The page on GitHub that lists the commits of a document on one day; the newest is on top."""
    return f"https://github.com/{repository}/commits/{branch}/{document}?since={day}&until={day}"
