"""What a person sees: tables on a terminal, plain text elsewhere. Nothing is computed here."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.progress import track
from rich.text import Text

from aegismatrix_engine.cli.tables import Part, console, folding_table, lines, number_table, rendered
from aegismatrix_engine.document.schema.breakout import Breakout
from aegismatrix_engine.document.schema.buyer import ThetaEdge
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.seller import Trap
from aegismatrix_engine.record.report import HEADINGS, table_rows, witness_lines
from aegismatrix_engine.record.scoring import SignalScore
from aegismatrix_engine.training.walk_forward import Progress

DEGRADED_SHOWN = 6
NO_WORD = "no proven skill:"
Row = tuple[str, str, str]


def progress_bar(*, shown: bool) -> Progress:
    """What wraps the steps of a long job: a bar on standard error where that is a terminal and one is to be shown."""
    # rich takes FORCE_COLOR for a terminal; a bar redraws itself, which a file or pipe cannot take.
    if not shown or sys.stderr is None or not sys.stderr.isatty():
        return iter
    shown_on = console(sys.stderr)
    return lambda refits: track(list(refits), "walking through the past", console=shown_on, transient=True)


def _degraded(document: Document) -> Iterator[Text]:
    """The first degraded and frozen signals; a model that serves them all would fill the screen with its name."""
    health = document.health
    for entry in health.degraded[:DEGRADED_SHOWN]:
        yield Text(f"Degraded: {entry.signal} ({entry.basis}): {entry.reason}")
    if len(health.degraded) > DEGRADED_SHOWN:
        yield Text(f"Degraded: {len(health.degraded) - DEGRADED_SHOWN} more, see health in the document")
    for frozen in health.frozen[:DEGRADED_SHOWN]:
        yield Text(f"Frozen: {frozen.signal} is unchanged at {frozen.value} for {frozen.periods} of its periods")


def summary(document: Document, *, written_to: Path | None) -> str:
    """The document in a screenful, ready for standard output."""
    market, provenance = document.market, document.provenance
    # An estimate has no change; a zero would read as one.
    index = (
        f"{market.vix:.2f} ({market.vix_change:+.2f})" if market.vix_basis == "market" else f"about {market.vix:.2f}"
    )
    sample = ", in sample" if provenance.in_sample else ""
    parts: list[Part] = [
        Text(
            f"{document.market_id} {market.spot:,.2f} ({market.spot_change:+,.2f}, {market.spot_change_pct:+.2%}), "
            f"volatility index {index} as of {document.as_of}"
        ),
        Text(f"{provenance.mode}{sample}; source {provenance.source}; health {document.health.status}", style="bold"),
        folding_table(("signal", "value", "meaning"), _rows(document)),
        *_degraded(document),
        *lines("Note", document.health.notes),
        Text(document.disclaimer, style="dim"),
    ]
    if written_to:
        parts.append(Text(f"Written to {click.format_filename(written_to)}"))
    return rendered(parts)


def record_summary(content: dict[str, Any], live: Sequence[SignalScore], replay: Sequence[SignalScore]) -> str:
    """The record's scores, ready for standard output."""
    parts: list[Part] = [
        Text(f"Record of {content['market']}: {content['forecasts']:,} forecasts, {content['resolved']:,} decided"),
        *(Text(line) for line in witness_lines(content)),
    ]
    for title, scored in (("Live", live), ("Replay, made after the fact", replay)):
        if scored:
            parts.append(number_table(title, HEADINGS, table_rows(scored)))
    if not live:
        parts.append(Text("No live forecast has been decided yet."))
    return rendered(parts)


def _rows(document: Document) -> Iterator[Row]:
    session = document.forecast.session
    if session is not None:
        levels = {quantile.level: quantile.index_level for quantile in session.quantiles}
        reach = f"80% of the official close of {session.session}, after {session.bars_complete} of {session.bars} bars"
        yield "rest of the session", f"{levels[0.1]:,.0f} to {levels[0.9]:,.0f}", reach
    yield from _seller_rows(document)
    yield from _buyer_rows(document)
    direction = document.direction
    calls = ", ".join(f"{key} {call.direction}" for key, call in direction.by_horizon.items())
    strongest = max(call.conviction for call in direction.by_horizon.values())
    yield "direction", calls, f"strongest conviction {strongest:.2f} of 1"
    yield "risk score", f"{direction.risk_score:.2f}", "percentile of the 5-session volatility forecast in 5 years"


def _forecast(head: Trap | Breakout | ThetaEdge) -> str:
    """A head's word and score, or that its base rate stands for both."""
    return f"{head.label if head.reason is None else NO_WORD} {head.score:.0%}"


def _seller_rows(document: Document) -> Iterator[Row]:
    seller, record = document.seller, document.track_record.safe_range
    held = seller.safe_range
    yield (
        "safe range",
        f"{held.lower:,.0f} to {held.upper:,.0f}",
        f"{held.coverage:.0%} of the close on {held.expiry}; left on the way in {held.touch_probability:.0%}",
    )
    measured = f"measured {record.rate:.1%} over {record.events} expiries" if record.n else "not measured yet"
    yield "", "", f"past safe ranges that held: {measured}, nominal {record.nominal:.0%}"
    for point in seller.breach_probabilities:
        value = f"{point.probability:.0%} touch, {point.close_beyond:.0%} close"
        yield f"breach {point.distance:,} points", value, f"either side of spot by {seller.breach.expiry}"
    trap, stress = seller.trap, seller.expiry_stress
    yield (
        "volatility trap",
        _forecast(trap),
        f"realised above implied, 5 sessions; usual {trap.base_rate:.0%}",
    )
    reach = f"touch of {stress.distance_points:,.0f} points in {stress.sessions_left} sessions"
    yield (
        "expiry stress",
        f"{stress.label if stress.reason is None else NO_WORD} {stress.score:.0%}",
        f"{reach}; usual {stress.base_rate:.0%}",
    )
    yield "seller flag", seller.seller_flag.label, f"regime {seller.regime}, day {seller.daily_flag}"


def _buyer_rows(document: Document) -> Iterator[Row]:
    buyer = document.buyer
    coming, levels, theta = buyer.breakout_today, buyer.breakout_levels, buyer.theta_edge
    yield "breakout", _forecast(coming), f"on {coming.session}; usual {coming.base_rate:.0%}"
    yield (
        "breakout levels",
        f"{levels.lower:,.0f} / {levels.upper:,.0f}",
        f"{levels.multiple} x ATR14 from the last close"
        + (", the range so far counted in" if document.forecast.session is not None else "")
        + ("" if levels.broken_out == "none" else f"; crossed: {levels.broken_out}"),
    )
    yield (
        "theta edge",
        _forecast(theta),
        f"straddle pays {theta.expected_payoff_ratio:.2f} of its cost on average, +/- {theta.payoff_error:.2f}",
    )
    yield "buyer environment", buyer.buyer_environment.label, f"regime {buyer.regime}"
