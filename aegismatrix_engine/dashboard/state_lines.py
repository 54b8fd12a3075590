"""The lines on top of the page: what the market is doing, and whatever makes the numbers less than usual."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from aegismatrix_engine.dashboard.figures import Figure, Figures, Sentence
from aegismatrix_engine.dashboard.market_words import MarketWords
from aegismatrix_engine.dashboard.record_tab import RecordView
from aegismatrix_engine.document.schema.health import Degradation
from aegismatrix_engine.document.schema.options import UNUSABLE
from aegismatrix_engine.state.rollback_file import ROLLBACK_NOTES

Kind = Literal[
    "market",
    "replay",
    "degraded",
    "index",
    "frozen",
    "rollback",
    "calendar",
    "record",
    "fault",
    "withdrawn",
    "unreadable",
]


@dataclass(frozen=True)
class StateLine:
    """One line on top of the page.

    Attributes:
        kind: what it is about; all but ``market`` are warnings.
        text: the line.
        items: what it counts, shown when the line is opened.
    """

    kind: Kind
    text: Sentence
    items: tuple[Sentence, ...] = ()


def state_lines(figures: Figures, words: MarketWords) -> Iterator[StateLine]:
    """The lines of a document that was not withdrawn: the market's state first, then the warnings."""
    document = figures.document
    yield StateLine("market", market_state(figures))
    if document.provenance.mode == "replay":
        yield StateLine(
            "replay",
            ("Not live: computed afterwards, for ", figures("moment", "as_of"), ". Never recorded as live."),
        )
    yield from _degraded(document.health.degraded)
    if document.market.vix_basis != "market":
        what = f"{words.volatility_index} is missing" if words.has_index else f"{words.name} has no volatility index"
        yield StateLine("index", (f"{what}: the volatility shown is our own estimate from the index.",))
    frozen = document.health.frozen
    if frozen:
        subject = "1 number has" if len(frozen) == 1 else f"{len(frozen)} numbers have"
        text = f"Frozen: {subject} not moved while the index did. Do not rely on them."
        yield StateLine("frozen", (text,), tuple(_frozen(figures, index) for index in range(len(frozen))))
    for note in document.health.notes:
        if note.startswith(ROLLBACK_NOTES):
            # What follows the first clause tells the operator how to lift it.
            yield StateLine("rollback", (f"Rolled back: {note.partition(';')[0]}.",))
    if document.health.calendar.provisional:
        last = figures("dated", "health.calendar.valid_through")
        yield StateLine("calendar", ("Provisional: dates after ", last, " are not announced by the exchange yet."))


def _degraded(degraded: Sequence[Degradation]) -> Iterator[StateLine]:
    """That signals stand on less than usual; a chain that could not be used in a line of its own."""
    chain = [one for one in degraded if one.reason.startswith(UNUSABLE)]
    others = [one for one in degraded if not one.reason.startswith(UNUSABLE)]
    for found, start in ((others, "Degraded: "), (chain, "No option prices: the chain cannot be used, so that ")):
        if found:
            subject = "1 signal stands" if len(found) == 1 else f"{len(found)} signals stand"
            items = tuple((f"{one.signal}: {one.reason}",) for one in found)
            yield StateLine("degraded", (f"{start}{subject} on less than usual.",), items)


def record_lines(record: RecordView) -> Iterator[StateLine]:
    """What the lines on top say of the record: that there is none, or that some of it cannot be used."""
    if record.state == "none":
        yield StateLine("record", ("No record is kept here: nothing shows how live forecasts fared.",))
    if record.faults is not None:
        text = ("The record is at fault: ", record.faults, " of its lines cannot be used; see Record.")
        yield StateLine("fault", text)


def market_state(figures: Figures) -> Sentence:
    """What the market is doing: in session, before the open, closed, or on holiday."""
    provenance, session = figures.document.provenance, figures.document.forecast.session
    coming = figures("weekday", "buyer.breakout_today.session")
    close = figures("weekday", "provenance.last_bar")
    if provenance.close == "in_session":
        time = figures("time", "as_of")
        if session is None:
            return ("Special session, ", time, ".")
        done, bars = (figures("count", f"forecast.session.{name}") for name in ("bars_complete", "bars"))
        return ("In session: ", time, ", ", done, " of ", bars, " bars.")
    if provenance.close == "provisional":
        return ("Session over; its official close is not in yet.",)
    if provenance.clock == "in_session":
        return ("In session, but no bar of today has come in yet: numbers from the close of ", close, ".")
    if provenance.clock == "before_open":
        night = _us_session(figures)
        known = (" The US night of ", night, " is in the numbers.") if night else (" The US night is not in yet.",)
        return ("Before the open of ", coming, ".", *(known if _has_night(figures) else ()))
    if provenance.clock == "holiday":
        return ("No session today: numbers from the close of ", close, ". Next session ", coming, ".")
    return ("Market closed: numbers from the close of ", close, ". Next session ", coming, ".")


def _has_night(figures: Figures) -> bool:
    """Whether a US night precedes the market's open."""
    served = {series.series for series in figures.document.provenance.inputs}
    return "us_vix_daily" in served


def _us_session(figures: Figures) -> Figure | None:
    used = figures.document.provenance.us_night is not None
    return figures("weekday", "provenance.us_night.last_bar") if used else None


def _frozen(figures: Figures, index: int) -> Sentence:
    entry = figures.document.health.frozen[index]
    path = f"health.frozen.{index}"
    value, periods = figures("plain", f"{path}.value"), figures("count", f"{path}.periods")
    return (f"{entry.signal} at ", value, " for ", periods, " of its periods")
