"""The head of the page: the market now, and what is expected of it in six lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from aegismatrix_engine.dashboard.figures import Figure, Figures, Sentence
from aegismatrix_engine.dashboard.market_words import MarketWords, knows_volatility_change
from aegismatrix_engine.dashboard.wording import MARKS, chance, mark_of

CALM: Final = 0.3
RISKY: Final = 0.6
"""Levels of ``direction.risk_score`` at which its word changes, those of its schema."""

EIGHT_IN_TEN: Final = ", 8\u00a0in\u00a010"
"""Said beside each range of the summary: the central 80 %."""

Move = Literal["up", "down", "flat"]


@dataclass(frozen=True)
class Header:
    """The market at the document's moment.

    Attributes:
        spot: the index.
        move: the side of its change since the previous close.
        change, change_percent: that change; without its sign, and with it.
        volatility_name: of the volatility index; said to be an estimate where the market's is missing.
        volatility, volatility_change: in vol points; no change where it is an estimate.
        as_of: moment of the price.
    """

    name: str
    spot: Figure
    move: Move
    change: Figure
    change_percent: Figure
    volatility_name: str
    volatility: Figure
    volatility_change: Figure | None
    as_of: Figure


@dataclass(frozen=True)
class SummaryLine:
    """One line of the summary: a name, a sentence, and where its numbers come from if not from a fitted model."""

    name: str
    text: Sentence
    mark: str = ""


def header(figures: Figures, words: MarketWords) -> Header:
    """The market at the document's moment."""
    market = figures.document.market
    known = market.vix_basis == "market"
    return Header(
        name=words.name,
        spot=figures("level", "market.spot"),
        move="up" if market.spot_change > 0 else "down" if market.spot_change < 0 else "flat",
        change=figures("size", "market.spot_change"),
        change_percent=figures("percent_hundredths_signed", "market.spot_change_pct"),
        volatility_name=_short(words.volatility_index) if known else "Volatility, our estimate",
        volatility=figures("vol", "market.vix"),
        volatility_change=figures("vol_signed", "market.vix_change")
        if knows_volatility_change(figures.document)
        else None,
        as_of=figures("moment", "as_of"),
    )


def _short(name: str) -> str:
    """India VIX is VIX beside an index of India."""
    return name.removeprefix("India ")


def summary_lines(figures: Figures) -> tuple[SummaryLine, ...]:
    """Is it riskier than usual, what range is expected, and that no direction is known: in this order."""
    return (
        _risk(figures),
        *_closes(figures),
        *_sellers(figures),
        _buyers(figures),
        _direction(figures),
    )


def _risk(figures: Figures) -> SummaryLine:
    score = figures.document.direction.risk_score
    word = "Calm" if score < CALM else "Usual" if score < RISKY else "Risky"
    years = (" of the last ", figures("years", "direction.risk.percentile_years"), " years were ")
    if score < 0.5:
        text: Sentence = (figures("percent_rest", "direction.risk_score"), *years, "more volatile.")
    else:
        text = (figures("percent", "direction.risk_score"), *years, "calmer.")
    return SummaryLine(word, text, mark_of(figures, "direction.risk"))


def _closes(figures: Figures) -> Iterator[SummaryLine]:
    """The 80 % ranges of the next close and of the nearest expiry; one line where they are the same close."""
    session, horizon = figures.document.forecast.session, figures.document.forecast.horizons[0]
    block, day = ("forecast.session", "session") if session else ("forecast.horizons.0", "until")
    coming = session.session if session else horizon.until
    expiry = figures.document.seller.expiries[0]
    if coming != expiry.expiry:
        levels = {one.level: index for index, one in enumerate(figures.value(f"{block}.quantiles"))}
        lower, upper = (
            figures("level_whole", f"{block}.quantiles.{levels[level]}.index_level") for level in (0.1, 0.9)
        )
        name = "Close today" if session else "Close"
        lead: Sentence = () if session else (figures("weekday", f"{block}.{day}"), " ")
        mark = mark_of(figures, "forecast.session" if session else "forecast")
        yield SummaryLine(name, (*lead, lower, "\u2013", upper, EIGHT_IN_TEN), mark)
    kinds = [(one.kind, one.coverage) for one in expiry.ranges]
    path = f"seller.expiries.0.ranges.{kinds.index(('close_at_expiry', 0.8))}"
    lower, upper = figures("level_whole", f"{path}.lower"), figures("level_whole", f"{path}.upper")
    today = session is not None and session.session == expiry.expiry
    lead = () if today else (figures("weekday", "seller.expiries.0.expiry"), " ")
    text = (*lead, lower, "\u2013", upper, EIGHT_IN_TEN)
    yield SummaryLine("Expiry today" if today else "Expiry", text, mark_of(figures, "seller.expiries.0"))


def _sellers(figures: Figures) -> tuple[SummaryLine, ...]:
    if figures.document.seller.range_width is None:
        return ()
    wider = figures("percent", "seller.range_width.percentile")
    text = ("range wider than ", wider, " of last year")
    return (SummaryLine("Sellers", text, mark_of(figures, "seller.range_width")),)


def _buyers(figures: Figures) -> SummaryLine:
    found = chance(figures, "buyer.breakout_today")
    if found.reason:
        return SummaryLine("Buyers", ("breakout usually ", found.usual, "; no forecast"), found.mark)
    return SummaryLine("Buyers", ("breakout ", found.value, ", usually ", found.usual), found.mark)


def _direction(figures: Figures) -> SummaryLine:
    direction = figures.document.direction
    calls = {call.direction for call in (direction.today, *direction.by_horizon.values())} - {"NEUTRAL"}
    mark = MARKS.get(direction.today.basis, "")
    if direction.night is not None and figures.document.provenance.clock != "in_session":
        gap = figures("level_whole", "direction.night.expected_open")
        return SummaryLine("Direction", ("expected open ", gap, "; after it no edge known"), mark)
    if not calls:
        return SummaryLine("Direction", ("no edge known",), mark)
    sides = " and ".join(sorted("up" if call == "UP" else "down" for call in calls))
    return SummaryLine("Direction", (f"{sides} at some horizon, see Direction",), mark)
