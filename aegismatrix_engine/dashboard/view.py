"""What the page shows of a document and its record: plain values, no HTML, no clock."""

from dataclasses import dataclass
from datetime import datetime

from aegismatrix_engine.dashboard.buyers import BuyersTab, buyers_tab
from aegismatrix_engine.dashboard.days import session_spots, since_previous_close
from aegismatrix_engine.dashboard.direction import PAST_SHOWN, DirectionTab, direction_tab
from aegismatrix_engine.dashboard.figures import Figures, Sentence, Style
from aegismatrix_engine.dashboard.market_words import MarketWords, market_words
from aegismatrix_engine.dashboard.method_texts import MethodText, method_texts
from aegismatrix_engine.dashboard.record_figures import RecordFigures
from aegismatrix_engine.dashboard.record_tab import RecordView, record_view
from aegismatrix_engine.dashboard.sellers import SellersTab, sellers_tab
from aegismatrix_engine.dashboard.state_lines import StateLine, record_lines, state_lines
from aegismatrix_engine.dashboard.summary import Header, SummaryLine, header, summary_lines
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.markets import Market
from aegismatrix_engine.record.kept_record import KeptRecord
from aegismatrix_engine.state.lateness import OUT_OF_DATE_AFTER


@dataclass(frozen=True)
class Stamps:
    """The moments by which the page's script tells its age; ISO-8601 with a zone.

    Attributes:
        next_due: when the next document is due; None where the document does not say.
        old_from: from when the page counts as old: ``valid_until`` and what a scheduler's delays may cost.
        zone: IANA name of the exchange's zone; empty for that of the stamps.
    """

    generated_at: str
    as_of: str
    next_due: str | None
    old_from: str
    zone: str
    zone_name: str


@dataclass(frozen=True)
class Tabs:
    """The four tabs."""

    sellers: SellersTab
    buyers: BuyersTab
    direction: DirectionTab
    record: RecordView


@dataclass(frozen=True)
class View:
    """The whole page.

    Attributes:
        title: of the page.
        market: name of the index; what could be learnt of it.
        style: of its numbers.
        stamps: None of a document that cannot be read.
        states: lines on top.
        since: what changed since the close before; None where the record has no forecast of it.
        header, summary, tabs: None where nothing but the states may be shown.
        methods: block of the document -> what its numbers mean.
    """

    title: str
    market: str
    style: Style
    stamps: Stamps | None
    states: tuple[StateLine, ...]
    header: Header | None
    summary: tuple[SummaryLine, ...]
    since: Sentence | None
    tabs: Tabs | None
    methods: dict[str, MethodText]
    disclaimer: str


def page_view(
    document: Document,
    kept: KeptRecord | None,
    *,
    repository: str | None = None,
    branch: str = "published",
    own: Market | None = None,
) -> View:
    """The page of a document that can be read; of one that was withdrawn, the reason alone.

    Args:
        document: what is published.
        kept: its market's record; None where none is kept.
        repository: owner/name on GitHub, for links to the history; None for no such links.
        branch: that holds the published documents.
        own: the market, where its entry does not ship with the engine.
    """
    words = market_words(document, own)
    figures, title = Figures(document, words.style), f"{words.name}: risk signals"
    stamps = _stamps(document, words)
    if document.health.status == "withdrawn":
        states = (_withdrawn(figures),)
        return View(title, words.name, words.style, stamps, states, None, (), None, None, {}, document.disclaimer)
    since: Sentence | None = None
    past: tuple[float, ...] = ()
    if kept is not None:
        of_record = RecordFigures(words.style, document.as_of[:4])
        since = since_previous_close(document, kept, of_record, words.volatility_index)
        past = tuple(spot for _, spot in session_spots(kept, document.as_of)[-PAST_SHOWN:])
    record = record_view(document, kept, words.style, repository=repository, branch=branch)
    return View(
        title=title,
        market=words.name,
        style=words.style,
        stamps=stamps,
        states=(*state_lines(figures, words), *record_lines(record)),
        header=header(figures, words),
        summary=summary_lines(figures),
        since=since,
        tabs=Tabs(sellers_tab(figures), buyers_tab(figures), direction_tab(figures, past), record),
        methods=method_texts(figures),
        disclaimer=document.disclaimer,
    )


def _stamps(document: Document, words: MarketWords) -> Stamps:
    return Stamps(
        generated_at=document.generated_at,
        as_of=document.as_of,
        next_due=document.next_due,
        old_from=(datetime.fromisoformat(document.valid_until) + OUT_OF_DATE_AFTER).isoformat(),
        zone=words.zone,
        zone_name=words.style.zone_name,
    )


def _withdrawn(figures: Figures) -> StateLine:
    reason = figures("text", "health.withdrawn")
    text = ("Withdrawn by its publisher: ", reason, ". Use none of its numbers; a newer document replaces it.")
    return StateLine("withdrawn", text)


def unreadable_view(text: str, reason: str, disclaimer: str) -> View:
    """The page in place of a document that cannot be read: that it is so, why, and nothing else."""
    states = (StateLine("unreadable", (text,), ((reason,),)),)
    return View(
        "AegisMatrix", "AegisMatrix", Style("western", "UTC"), None, states, None, (), None, None, {}, disclaimer
    )
