"""The feed: an Atom document, RFC 4287, with an entry for each session close that the record has forecasts of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from aegismatrix_engine.dashboard.days import COVERAGE, MONTHLY_80, NEAREST_80, at_closes, commits_of
from aegismatrix_engine.dashboard.figures import FORMS, Style, percent
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.forecast import Forecast
from aegismatrix_engine.record.kept_record import KeptRecord
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, parsed

ENTRIES: Final = 20
"""Closes in the feed, the newest first; fewer than the sessions whose outcomes are kept, so that none loses its own."""
NEXT_80: Final = "forecast.1.80"
BREAKOUT: Final = "buyer.breakout_today"
_RANGES: Final = {NEXT_80: "next session", NEAREST_80: "nearest expiry", MONTHLY_80: "monthly expiry"}
TEMPLATE: Final = "feed.xml.j2"


@dataclass(frozen=True)
class Forecasts:
    """What was forecast at a close, by the names of the record's signals.

    Attributes:
        session: whose close it was, ISO date.
        updated: when the newest of it was made, RFC 3339.
        spot: the close.
        ranges: signal -> date of the close, lower and upper level of the 80 % range.
        breakout: the session, the probability of a breakout in it, and the long-run frequency if that is known.
        decided: 80 % ranges of this close that were made at the close before: lower, upper, whether they held.
    """

    session: str
    updated: str
    spot: float
    ranges: dict[str, tuple[str, float, float]]
    breakout: tuple[str, float, float | None] | None
    decided: tuple[tuple[float, float, bool], ...] = ()


@dataclass(frozen=True)
class Entry:
    """One entry as the template writes it."""

    id: str
    title: str
    updated: str
    link: str
    sentences: tuple[str, ...]
    documents: str


def feed(
    document: Document,
    kept: KeptRecord | None,
    *,
    index: str,
    style: Style,
    site_url: str | None = None,
    repository: str | None = None,
    branch: str = "published",
) -> bytes:
    """The feed in UTF-8: the same of the same document, record and address, whenever it is made.

    Args:
        document: its own close is the newest entry where the record does not have it.
        kept: the record; None where none is kept.
        index: name of the index.
        style: how numbers are written.
        site_url: where the page is published, absolute; without it links are relative to the feed.
        repository: owner/name on GitHub, for the documents of a day; None where it is not known.
        branch: that documents are published to.
    """
    base = "" if site_url is None else site_url.rstrip("/") + "/"
    closes = sorted(_closes(document, kept), key=lambda close: close.session, reverse=True)[:ENTRIES]
    entries = [_entry(close, index, base, style, repository, branch) for close in closes]
    text = _template().render(
        id=_id(base, document.market_id),
        index=index,
        updated=max((entry.updated for entry in entries), key=_instant, default=document.generated_at),
        base=base,
        entries=entries,
    )
    return text.encode()


def _closes(document: Document, kept: KeptRecord | None) -> Iterator[Forecasts]:
    """Every close that something was forecast at."""
    sessions = set()
    rows_at = {} if kept is None else at_closes(kept)
    outcomes = {} if kept is None else _decided(kept, rows_at)
    for session, rows in rows_at.items():
        sessions.add(session)
        yield _of_rows(session, rows, outcomes.get(session, []))
    session, made = document.as_of[:10], document.provenance
    of_close = made.close == "official" and made.last_bar == session and made.mode == "live"
    if of_close and session not in sessions:
        yield _of_document(document, session)


def _decided(
    kept: KeptRecord, rows_at: dict[str, list[ForecastRow]]
) -> dict[str, list[tuple[ForecastRow, ResolutionRow]]]:
    """Session -> the 80 % ranges of its close that were made at the close before, and what came."""
    found: dict[str, list[tuple[ForecastRow, ResolutionRow]]] = {}
    for rows in rows_at.values():
        for row in rows:
            outcome = kept.resolutions.get(row.key)
            if row.signal == NEXT_80 and outcome is not None:
                found.setdefault(row.until, []).append((row, outcome))
    return found


def _of_rows(session: str, rows: list[ForecastRow], decided: list[tuple[ForecastRow, ResolutionRow]]) -> Forecasts:
    ranges = {row.signal: (row.until, parsed(row.lower), parsed(row.upper)) for row in rows if row.signal in _RANGES}
    breakout = next((row for row in rows if row.signal == BREAKOUT), None)
    known = None if breakout is None or not breakout.climatology else parsed(breakout.climatology)
    made = [row.generated_at for row in rows] + [outcome.resolved_at for _, outcome in decided]
    return Forecasts(
        session=session,
        updated=max(made, key=_instant),
        spot=parsed(rows[0].spot),
        ranges=ranges,
        breakout=None if breakout is None else (breakout.until, parsed(breakout.probability), known),
        decided=tuple((parsed(row.lower), parsed(row.upper), outcome.outcome == "1") for row, outcome in decided),
    )


def _of_document(document: Document, session: str) -> Forecasts:
    """The same of a document that was made from an official close."""
    safe, today = document.seller.safe_range, document.buyer.breakout_today
    ranges = {**_next_range(document.forecast), MONTHLY_80: (safe.expiry, safe.lower, safe.upper)}
    nearest = document.seller.expiries[0]
    if nearest.expiry != safe.expiry:
        band = next(one for one in nearest.ranges if one.kind == "close_at_expiry" and one.coverage == COVERAGE)
        ranges[NEAREST_80] = nearest.expiry, band.lower, band.upper
    return Forecasts(
        session=session,
        updated=document.generated_at,
        spot=document.market.spot,
        ranges=ranges,
        breakout=(today.session, today.score, today.base_rate),
    )


def _next_range(forecast: Forecast) -> dict[str, tuple[str, float, float]]:
    for horizon in forecast.horizons:
        levels = {quantile.level: quantile.index_level for quantile in horizon.quantiles}
        if horizon.sessions == 1 and 0.1 in levels and 0.9 in levels:
            return {NEXT_80: (horizon.until, levels[0.1], levels[0.9])}
    return {}


def _entry(close: Forecasts, index: str, base: str, style: Style, repository: str | None, branch: str) -> Entry:
    day, spot = FORMS["dated"](close.session, style), FORMS["level"](close.spot, style)
    documents = "" if repository is None else commits_of(repository, branch, "aegismatrix.json", close.session)
    return Entry(
        id=_id(base, close.session),
        title=f"{index} closed at {spot} on {day}",
        updated=close.updated,
        link=f"{base or './'}#sellers",
        sentences=tuple(_sentences(close, style)),
        documents=documents,
    )


def _sentences(close: Forecasts, style: Style) -> Iterator[str]:
    for lower, upper, held in close.decided:
        came = "inside" if held else "outside"
        yield f"The close was {came} the 80 % range of the close before, {_between(lower, upper, style)}."
    for signal, name in _RANGES.items():
        if signal in close.ranges:
            until, lower, upper = close.ranges[signal]
            day = FORMS["dated"](until, style)
            yield f"80 % range of the close on {day} ({name}): {_between(lower, upper, style)}."
    if close.breakout is not None:
        session, chance, usual = close.breakout
        beside = "" if usual is None else f", in the long run {percent(usual)}"
        yield f"Chance of a breakout on {FORMS['dated'](session, style)}: {percent(chance)}{beside}."


def _between(lower: float, upper: float, style: Style) -> str:
    return " to ".join(FORMS["level_whole"](limit, style) for limit in (lower, upper))


def _id(base: str, name: str) -> str:
    """The same for the same address and name, so that a reader of feeds sees an entry once."""
    return uuid5(NAMESPACE_URL, f"{base}#aegismatrix/{name}").urn


def _instant(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE)
