"""What a person sees of a model set: what it was trained on, its health, and the skill of its heads."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from aegismatrix_engine.artifacts.head_proof import MINIMUM_FORECASTS, HeadProof
from aegismatrix_engine.cli.tables import Part, folding_table, lines, number_table, rendered
from aegismatrix_engine.forecasting.audit import ModelReport
from aegismatrix_engine.jobs.check_models import ModelCheck, model_skill

if TYPE_CHECKING:
    from aegismatrix_engine.jobs.train import Trained


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
    return rendered([*parts, *lines("Note", trained.notes)])


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
    parts += lines("Unhealthy", (failure.line for failure in found.failures))
    parts += lines("Warning", found.warnings)
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
