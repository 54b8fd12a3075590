"""Train every model on a history, and put the set into a folder."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from aegismatrix_engine.artifacts.reading import read_manifest
from aegismatrix_engine.errors import ModelsUnusable, OutputUnwritable
from aegismatrix_engine.forecasting.acceptance import refuse_dead, refuse_unskilled, unskilled_models
from aegismatrix_engine.forecasting.model_set import save_models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.model_set import ModelSet
from aegismatrix_engine.jobs.settings import TrainSettings
from aegismatrix_engine.state.beside import ROLLBACK_NAME, refuse_taken_name
from aegismatrix_engine.state.rollback_file import read_rollback
from aegismatrix_engine.training.train import train as fitted
from aegismatrix_engine.training.walk_forward import Progress


@dataclass(frozen=True)
class Trained:
    """The set that was trained, notes on the bars, and warnings about the set, one line each."""

    models: ModelSet
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def train_set(settings: TrainSettings, now: pd.Timestamp, progress: Progress = iter) -> Trained:
    """Read the bars and train a set on them; raises what reading and ``train`` raise."""
    refuse_taken_name(settings.output)
    history = BarsRequest.of(settings.bars, now).read(now)
    warnings = cautions(history, now, settings.output, settings.models)
    models = train(history, now, settings.models, force=settings.force, progress=progress)
    return Trained(models, history.notes, warnings)


def held_back(output: Path, now: pd.Timestamp) -> tuple[str, ...]:
    """Why a set that is trained now will not be published with the document at ``output``: a rollback is in force."""
    rollback = read_rollback(output.parent / ROLLBACK_NAME, now)
    return (f"this set does not replace the published one: {rollback.why}",) if rollback.active else ()


def cautions(history: MarketHistory, now: pd.Timestamp, output: Path, folder: Path) -> tuple[str, ...]:
    """What is to be known of a set that is to be trained, one line each.

    Args:
        history: that it is trained on.
        now: the moment of the training, with a zone.
        output: the document that the set is for.
        folder: where the set goes.
    """
    return (*held_back(output, now), *_replaced(folder, history.market.id), *_without_companion(history))


def _without_companion(history: MarketHistory) -> tuple[str, ...]:
    """That the companion index which the market's entry names is not in the bars."""
    companion = history.market.companion
    if companion is None or history.companion is not None:
        return ()
    return (
        f"{companion.index_name}, the companion index of {history.market.id}, is not in the bars: this set is trained "
        "without it",
    )


def _replaced(folder: Path, market: str) -> tuple[str, ...]:
    """That a set trained into a folder takes the place of another market's; empty where there is none."""
    try:
        former = read_manifest(folder).training.market
    except ModelsUnusable:
        return ()
    if former == market:
        return ()
    return (
        f"{folder} held a set of {former}, which the one of {market} has replaced; give each market a folder of its "
        "own with --models",
    )


def train(
    history: MarketHistory,
    now: pd.Timestamp,
    folder: Path | None = None,
    *,
    force: bool = False,
    progress: Progress = iter,
) -> ModelSet:
    """Fit every model on a whole history; cut it first (``MarketHistory.until``) to train as of a day.

    Args:
        history: daily bars, with or without intraday ones; 500 regular sessions at least, 1,250 to measure skill.
        now: the moment of the training, with a zone.
        folder: where the set goes, whole, in place of the one there; None to keep it in memory alone. What the heads
            of the set there have proven counts for this one.
        force: whether a set that forecasts worse than climatology is accepted; its manifest says so.
        progress: wraps the spans of the past that are refitted one after another, for a progress bar.

    Returns:
        The models with their manifest.

    Raises:
        HistoryTooShort: fewer than 500 regular sessions.
        DeadModels: a model answers with NaN or a constant; the set that was there is kept, as in each case below.
        ModelsUnskilled: without ``force``, a set worse than climatology beyond its noise.
        OutputUnwritable: the folder cannot be written.
    """
    if folder is None:
        try:
            temporary = tempfile.TemporaryDirectory()
        except OSError as error:
            reason = f"cannot make a temporary folder ({error.strerror}); set TMPDIR to a folder that can be written"
            raise OutputUnwritable(reason) from error
        with temporary as name:
            return train(history, now, Path(name), force=force, progress=progress)
    moment = now.tz_convert(history.market.zone).floor("s")
    models, record = fitted(history, moment, progress, _proven_before(folder, history))
    refuse_dead(models, record)
    if not force:
        refuse_unskilled(record)
    manifest = save_models(models, record, folder, forced=bool(unskilled_models(record.skill)))
    return ModelSet(models, manifest)


def _proven_before(folder: Path, history: MarketHistory) -> frozenset[str]:
    """Heads that the set in the folder has proven; none of another market's set, or of one that knows later bars."""
    try:
        training = read_manifest(folder).training
    except ModelsUnusable:
        return frozenset()
    if training.market != history.market.id or training.last > f"{history.last_session:%Y-%m-%d}":
        return frozenset()
    return frozenset(head.signal for head in training.heads if head.proven)
