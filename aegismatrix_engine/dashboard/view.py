"""What the page shows of a document and its record: plain values, no HTML, no clock."""

from dataclasses import dataclass
from datetime import datetime

from aegismatrix_engine.dashboard.buyers import BuyersTab, buyers_tab
from aegismatrix_engine.dashboard.direction import DirectionTab, direction_tab
from aegismatrix_engine.dashboard.figures import Figures, Style
from aegismatrix_engine.dashboard.market_words import market_words
from aegismatrix_engine.dashboard.method_texts import MethodText, method_texts
from aegismatrix_engine.dashboard.sellers import SellersTab, sellers_tab
from aegismatrix_engine.dashboard.state_lines import StateLine, state_lines
from aegismatrix_engine.dashboard.summary import Header, SummaryLine, header, summary_lines
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.record.ledger import Ledger
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


@dataclass(frozen=True)
class View:
    """The whole page.

    Attributes:
        title: of the page.
        market: name of the index; what could be learnt of it.
        style: of its numbers.
        stamps: None of a document that cannot be read.
        states: lines on top.
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
    tabs: Tabs | None
    methods: dict[str, MethodText]
    disclaimer: str


def page_view(document: Document, ledger: Ledger) -> View:
    """The page of a document that can be read; of one that was withdrawn, the reason alone."""
    words = market_words(document)
    figures = Figures(document, words.style)
    stamps = Stamps(
        generated_at=document.generated_at,
        as_of=document.as_of,
        next_due=document.next_due,
        old_from=(datetime.fromisoformat(document.valid_until) + OUT_OF_DATE_AFTER).isoformat(),
        zone=words.zone,
        zone_name=words.style.zone_name,
    )
    title = f"{words.name}: risk signals"
    if document.health.status == "withdrawn":
        reason = (
            "Withdrawn by its publisher: ",
            figures("text", "health.withdrawn"),
            ". Use none of its numbers; a newer document replaces it.",
        )
        states = (StateLine("withdrawn", reason),)
        return View(title, words.name, words.style, stamps, states, None, (), None, {}, document.disclaimer)
    return View(
        title=title,
        market=words.name,
        style=words.style,
        stamps=stamps,
        states=tuple(state_lines(figures, words)),
        header=header(figures, words),
        summary=summary_lines(figures),
        tabs=Tabs(sellers_tab(figures), buyers_tab(figures), direction_tab(figures, ())),
        methods=method_texts(figures),
        disclaimer=document.disclaimer,
    )


def unreadable_view(reason: str, disclaimer: str) -> View:
    """The page in place of a document that cannot be read: what is wrong, and nothing else."""
    states = (StateLine("unreadable", (reason,)),)
    return View("AegisMatrix", "AegisMatrix", Style("western", "UTC"), None, states, None, (), None, {}, disclaimer)
