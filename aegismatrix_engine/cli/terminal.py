"""What a person sees: tables on a terminal, plain text elsewhere. Nothing is computed here."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document.schema.document import Document

Row = tuple[str, str, str]


def print_training(manifest: Manifest, notes: Sequence[str], folder: Path | None) -> None:
    """What a set was trained on, and its walk-forward scores beside climatology."""
    console, training = Console(), manifest.training
    where = f", written to {folder}" if folder else ""
    console.print(
        Text(
            f"Model set {manifest.set_version} for {training.market}{where}: {training.rows:,} sessions "
            f"{training.first} to {training.last}, {training.vix_rows:,} with the volatility index"
        )
    )
    if training.skill:
        table = Table(title="Walk-forward, beside climatology", title_justify="left")
        for heading in ("probability", "Brier", "climatology", "skill", "n"):
            table.add_column(heading, justify="left" if heading == "probability" else "right")
        for skill in training.skill:
            gain = 1 - skill.score / skill.climatology
            table.add_row(
                skill.signal, f"{skill.score:.4f}", f"{skill.climatology:.4f}", f"{gain:+.1%}", f"{skill.n:,}"
            )
        console.print(table)
    else:
        console.print("Too little history for a walk through the past: no skill was measured.")
    for note in notes:
        console.print(Text(f"Note: {note}"))


def print_summary(document: Document, *, written_to: Path | None) -> None:
    """The document in a screenful."""
    console = Console()
    market, provenance = document.market, document.provenance
    console.print(
        Text(
            f"{document.market_id} {market.spot:,.2f} ({market.spot_change:+,.2f}, {market.spot_change_pct:+.2%}), "
            f"volatility index {market.vix:.2f} ({market.vix_change:+.2f}) as of {document.as_of}"
        )
    )
    sample = ", in sample" if provenance.in_sample else ""
    console.print(
        Text(f"{provenance.mode}{sample}; source {provenance.source}; health {document.health.status}", style="bold")
    )
    table = Table()
    for heading in ("signal", "value", "meaning"):
        table.add_column(heading, overflow="fold")
    for row in _rows(document):
        table.add_row(*row)
    console.print(table)
    for entry in document.health.degraded:
        console.print(Text(f"Degraded: {entry.signal} ({entry.basis}): {entry.reason}"))
    for note in document.health.notes:
        console.print(Text(f"Note: {note}"))
    console.print(Text(document.disclaimer, style="dim"))
    if written_to:
        console.print(Text(f"Written to {written_to}"))


def _rows(document: Document) -> Iterator[Row]:
    yield from _seller_rows(document)
    yield from _buyer_rows(document)
    direction = document.direction
    calls = ", ".join(f"{key} {call.direction}" for key, call in direction.by_horizon.items())
    strongest = max(call.conviction for call in direction.by_horizon.values())
    yield "direction", calls, f"strongest conviction {strongest:.2f} of 1"
    yield "risk score", f"{direction.risk_score:.2f}", "percentile of the 5-session volatility forecast in 5 years"


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
    yield "volatility trap", f"{trap.label} {trap.score:.0%}", f"realised above implied, 5 sessions; usual {trap.base_rate:.0%}"
    yield (
        "expiry stress",
        f"{stress.label} {stress.score:.0%}",
        f"touch of {stress.distance_points:,.0f} points in {stress.sessions_left} sessions; usual {stress.base_rate:.0%}",
    )
    yield "seller flag", seller.seller_flag.label, f"regime {seller.regime}, day {seller.daily_flag}"


def _buyer_rows(document: Document) -> Iterator[Row]:
    buyer = document.buyer
    coming, levels, theta = buyer.breakout_today, buyer.breakout_levels, buyer.theta_edge
    yield "breakout", f"{coming.label} {coming.score:.0%}", f"on {coming.session}; usual {coming.base_rate:.0%}"
    yield "breakout levels", f"{levels.lower:,.0f} / {levels.upper:,.0f}", f"{levels.multiple} x ATR14 from the last close"
    yield (
        "theta edge",
        f"{theta.label} {theta.score:.0%}",
        f"straddle pays {theta.expected_payoff_ratio:.2f} of its cost on average, +/- {theta.payoff_error:.2f}",
    )
    yield "buyer environment", buyer.buyer_environment.label, f"regime {buyer.regime}"
