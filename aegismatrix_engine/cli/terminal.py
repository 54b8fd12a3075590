"""What a person sees: tables on a terminal, plain text elsewhere. Nothing is computed here."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import track
from rich.table import Table
from rich.text import Text

from aegismatrix_engine.artifacts.head_proof import MINIMUM_FORECASTS, HeadProof
from aegismatrix_engine.cli.document_rows import document_rows
from aegismatrix_engine.cli.tables import Part, console, folding_table, number_table, rendered
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.forecasting.audit import ModelReport
from aegismatrix_engine.jobs.check_models import ModelCheck, model_skill
from aegismatrix_engine.record.report import score_table, witness_lines
from aegismatrix_engine.record.scoring import SignalScore
from aegismatrix_engine.training.walk_forward import Progress

if TYPE_CHECKING:
    from aegismatrix_engine.jobs.train import Trained

DEGRADED_SHOWN = 6


def progress_bar(*, shown: bool) -> Progress:
    """What wraps the steps of a long job: a bar on standard error where that is a terminal and one is to be shown."""
    # rich takes FORCE_COLOR for a terminal; a bar redraws itself, which a file or pipe cannot take.
    if not shown or sys.stderr is None or not sys.stderr.isatty():
        return iter
    shown_on = console(sys.stderr)
    return lambda refits: track(list(refits), "walking through the past", console=shown_on, transient=True)


def training_summary(trained: "Trained", folder: Path | None) -> str:
    """What a set was trained on, and its walk-forward scores beside climatology, ready for standard output."""
    manifest = trained.models.manifest
    training = manifest.training
    where = f", written to {click.format_filename(folder)}" if folder else ""
    parts: list[Part] = [
        Text(
            f"Model set {manifest.set_version} for {training.market}{where}: {training.rows:,} sessions "
            f"{training.first} to {training.last}, {training.vix_rows:,} with the volatility index"
        )
    ]
    if training.skill:
        rows = (
            (
                one.signal,
                f"{one.score:.4f}",
                f"{one.climatology:.4f}",
                f"{1 - one.score / one.climatology:+.1%}",
                f"{one.n:,}",
            )
            for one in training.skill
        )
        headings = ("probability", "Brier", "climatology", "skill", "n")
        parts.append(number_table("Walk-forward, beside climatology", headings, rows))
        silent = [head.signal for head in training.heads if not head.proven]
        if silent:
            parts.append(Text(f"Without proven skill, published as base rates: {', '.join(silent)}"))
    else:
        parts.append(Text("Too little history for a walk through the past: no skill was measured."))
    return rendered([*parts, *_lines("Note", trained.notes)])


def _lines(kind: str, texts: Iterable[str]) -> Iterator[Text]:
    """A line for each text, with what kind of text it is."""
    return (Text(f"{kind}: {text}") for text in texts)


def _chain(document: Document) -> Iterator[Text]:
    """Where option prices are from and of when; nothing without a chain."""
    options = document.options
    if options is not None:
        names = ", ".join(file.name for file in options.files)
        left_out = f"; left out: {len(options.left_out)}, see options in the document" if options.left_out else ""
        yield Text(f"option prices: {options.source} as of {options.as_of}, {names}{left_out}")


def _degraded(document: Document) -> Iterator[Text]:
    """The first degraded and frozen signals; a model that serves them all would fill the screen with its name."""
    health = document.health
    for entry in health.degraded[:DEGRADED_SHOWN]:
        yield Text(f"Degraded: {entry.signal} ({entry.basis}): {entry.reason}")
    if len(health.degraded) > DEGRADED_SHOWN:
        yield Text(f"Degraded: {len(health.degraded) - DEGRADED_SHOWN} more, see health in the document")
    for frozen in health.frozen[:DEGRADED_SHOWN]:
        yield Text(f"Frozen: {frozen.signal} is unchanged at {frozen.value} for {frozen.periods} of its periods")


def check_summary(found: ModelCheck) -> str:
    """The findings of check-models, ready for standard output."""
    manifest = found.report.manifest
    parts: list[Part] = []
    if manifest is not None:
        training = manifest.training
        parts.append(
            Text(
                f"Model set {manifest.set_version} for {training.market}, trained {training.trained_at} on "
                f"{training.rows:,} sessions {training.first} to {training.last}, {found.age_days:.0f} days old"
            )
        )
    headings = ("model", "status", "probe error", "skill", "reason")
    parts.append(folding_table(headings, (_model_row(found, one) for one in found.report.reports.values())))
    if manifest is not None:
        parts.append(_head_table(manifest.training.heads))
        parts.append(Text("Trained with " + ", ".join(f"{name} {v}" for name, v in manifest.environment.items())))
    parts += _lines("Unhealthy", (failure.line for failure in found.failures))
    parts += _lines("Warning", found.warnings)
    parts.append(Text("Healthy." if found.healthy else f"Not healthy: {'; '.join(found.steps)}; then check again."))
    return rendered(parts)


def _model_row(found: ModelCheck, one: ModelReport) -> tuple[str, Text, str, str, Text]:
    error = "" if one.probe_error is None else f"{one.probe_error:.0e}"
    skill = model_skill(found.report, one.name)
    spread = f"{min(skill.values()):+.1%} to {max(skill.values()):+.1%}" if skill else ""
    style = "" if one.status == "ok" else "bold red"
    return one.name, Text(one.status, style=style), error, spread, Text(one.finding)


def _head_table(heads: Iterable[HeadProof]) -> Table:
    """Which heads forecast, and the skill that decides it; a silent head is healthy and shows its base rate."""
    headings = ("head", "proven", "skill", "t", "last 3 years", "n")
    rows = ((head.signal, "yes" if head.proven else "no", *_skill_cells(head), f"{head.n:,}") for head in heads)
    return number_table("Skill over the base rate, walk-forward", headings, rows)


def _skill_cells(head: HeadProof) -> tuple[str, str, str]:
    if head.n < MINIMUM_FORECASTS:
        return "", "", ""
    return f"{head.skill:+.1%}", f"{head.t:.1f}", f"{head.recent_skill:+.1%}"


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
        *_chain(document),
        folding_table(("signal", "value", "meaning"), document_rows(document)),
        *_lines("Direction", [] if document.direction.today.note is None else [document.direction.today.note]),
        *_degraded(document),
        *_lines("Note", document.health.notes),
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
            parts.append(number_table(title, *score_table(scored)))
    if not live:
        parts.append(Text("No live forecast has been decided yet."))
    return rendered(parts)
