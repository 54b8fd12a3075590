"""The models a document is made with: the healthy set, a new one, or what is healthy with the prior for the rest."""

import pandas as pd

from aegismatrix_engine import __version__
from aegismatrix_engine.artifacts.environment import environment
from aegismatrix_engine.artifacts.manifest import REMEDY, Manifest, Training
from aegismatrix_engine.errors import AegisError, HistoryTooShort
from aegismatrix_engine.forecasting.audit import SetReport, audit
from aegismatrix_engine.forecasting.climatology import climatology
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.model_set import healthy_set
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models
from aegismatrix_engine.forecasting.probes import probe_rows
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.health import Incident
from aegismatrix_engine.jobs.earlier_state import EarlierState
from aegismatrix_engine.jobs.model_set import ModelSet
from aegismatrix_engine.jobs.settings import InferSettings
from aegismatrix_engine.jobs.train import train
from aegismatrix_engine.training.head_gate import head_proofs
from aegismatrix_engine.training.train import MINIMUM_TRAINING_SESSIONS


def usable_models(
    earlier: EarlierState, history: MarketHistory, now: pd.Timestamp, settings: InferSettings
) -> ModelSet:
    """The audited set as it is allowed to be used; one that was rolled back to is not replaced by a training.

    Args:
        earlier: the audited set, and whether a rollback is in force.
        history: what a training, or the prior, learns from.
        now: what the clock says.
        settings: whether the climatology prior may replace models that are not healthy, and whether a new set is
            trained first where there are such models.

    Raises:
        ModelsUnusable: a model is not healthy and nothing else is allowed; or one of its kin, also from training.
        HistoryTooShort: the history is too short for the prior, or for training alone.
    """
    report, notes = earlier.report, list[str]()
    allow_degraded, retrain = settings.allow_degraded, settings.retrain_if_unhealthy
    if retrain and earlier.rollback.active:
        allow_degraded, retrain = True, False
    if report.unhealthy and retrain:
        try:
            notes.append(_retrained(report, history, now))
        except AegisError as error:
            if not allow_degraded:
                raise
            notes.append(f"a new set could not be trained ({error}); the old one stays")
        report = audit(report.folder, history.market.id, now)
    notes += [f"another environment than in training: {change}" for change in report.changes]
    if report.manifest is not None and report.manifest.forced:
        notes.append("the model set forecasts worse than climatology and was put in place with --force")
    if not (report.unhealthy and allow_degraded):
        return ModelSet(*healthy_set(report), Incident(notes=tuple(notes)))
    return _with_prior(report, history, now, tuple(notes))


def _with_prior(report: SetReport, history: MarketHistory, now: pd.Timestamp, notes: tuple[str, ...]) -> ModelSet:
    """What is healthy of a set, with the climatology prior in place of the rest."""
    sessions = len(history.regular_sessions)
    if sessions < MINIMUM_TRAINING_SESSIONS:
        raise HistoryTooShort(
            f"{history.market.id}: {sessions} regular sessions up to {history.last_session:%Y-%m-%d}, the climatology "
            f"prior needs {MINIMUM_TRAINING_SESSIONS} as training does; give a longer history, or {REMEDY} on one"
        )
    prior = climatology(market_features(history))
    return ModelSet(
        models=Models(**{name: report.models.get(name, getattr(prior, name)) for name in MODEL_NAMES}),
        manifest=report.manifest or _no_manifest(history, now),
        incident=Incident({name: f"{one.status}, {one.reason}" for name, one in report.unhealthy.items()}, notes),
    )


def _retrained(report: SetReport, history: MarketHistory, now: pd.Timestamp) -> str:
    """Train a new set on the history and its intraday bars, and say why."""
    manifest = train(history, now, report.folder).manifest
    reasons = ", ".join(f"{one.name} {one.status}" for one in report.unhealthy.values())
    return f"the model set was not healthy ({reasons}); set {manifest.set_version} was trained before this document"


def _no_manifest(history: MarketHistory, now: pd.Timestamp) -> Manifest:
    """The manifest where there is no set: nothing trained, nothing measured."""
    features = market_features(history)
    first, last = (f"{features.series.dates[i]:%Y-%m-%d}" for i in (0, -1))
    training = Training(
        market=history.market.id,
        trained_at=now.tz_convert(history.market.zone).floor("s").isoformat(),
        first=first,
        last=last,
        rows=len(features),
        vix_rows=int(features.has_vix.sum()),
        data_hash=history.content_hash(),
        skill=(),
        heads=head_proofs(()),
        probes=probe_rows(features),
        sessions_per_year=history.market.sessions_per_year,
        companion=history.market.companion_id,
    )
    return Manifest("none", __version__, environment(), training, {}, {}, {}, {}, forced=False)
