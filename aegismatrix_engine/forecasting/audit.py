"""Audit, then load, then probe: whether each model of a set is healthy in the environment that is about to use it.

Nothing of a file is trusted before its bytes match the manifest, nothing is built that is not a plain number, and
nothing is called healthy that does not answer the probes as it did when it was trained.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast, get_type_hints

import pandas as pd

from aegismatrix_engine.artifacts import reading
from aegismatrix_engine.artifacts.environment import environment_changes
from aegismatrix_engine.artifacts.head_proof import HEADS
from aegismatrix_engine.artifacts.manifest import LONGEST_TEXT, MANIFEST_NAME, REMEDY, Manifest, refusal
from aegismatrix_engine.artifacts.reading import Refusal, Status, read_state
from aegismatrix_engine.artifacts.state import from_state
from aegismatrix_engine.errors import ModelsMissing, ModelsOfAnotherMarket, ModelsUnusable, UntrustedModelFile
from aegismatrix_engine.forecasting.acceptance import unskilled_models
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models, model_features, model_of_signal
from aegismatrix_engine.forecasting.probes import TOLERANCE, answers, probe_error
from aegismatrix_engine.markets import Market
from aegismatrix_engine.state.time_policy import SET_AHEAD, dated_ahead

SECONDS_PER_DAY = 86400
OLD_AFTER_DAYS, EXPIRED_AFTER_DAYS = 35, 100


@dataclass(frozen=True)
class ModelReport:
    """The health of one model.

    Attributes:
        name: of the model.
        status: ok, or what is wrong.
        reason: why it is not ok.
        probe_error: largest relative difference of its answers, where its probes were run.
        remedy: how to fix it.
    """

    name: str
    status: Status
    reason: str
    probe_error: float | None = None
    remedy: str = REMEDY

    @property
    def finding(self) -> str:
        """The reason, with the remedy where that is another than to train again."""
        return self.reason if self.remedy == REMEDY else f"{self.reason}; {self.remedy}"


@dataclass(frozen=True)
class SetReport:
    """The health of a set: its manifest where it can be read, a report and, where healthy, the model by name.

    Attributes:
        changes: libraries of another version than in training, 'numpy 2.4.6, trained with 1.26.0'.
    """

    folder: Path
    manifest: Manifest | None
    reports: Mapping[str, ModelReport]
    models: Mapping[str, Any]
    changes: tuple[str, ...]

    @property
    def unhealthy(self) -> dict[str, ModelReport]:
        """The reports of the models that cannot be used."""
        return {name: report for name, report in self.reports.items() if report.status != "ok"}


def audit(folder: Path, market_id: str, now: pd.Timestamp | None = None) -> SetReport:
    """The health of the set in ``folder``, model by model; with ``now`` its age counts too.

    Raises:
        ModelsOfAnotherMarket: the set is another market's.
    """
    try:
        manifest = read_manifest(folder)
    except ModelsUnusable as error:
        status = cast(Status, "missing" if isinstance(error, ModelsMissing) else error.status)
        reason, _, remedy = str(error).rpartition("; ")
        reports = {name: ModelReport(name, status, reason, remedy=remedy) for name in MODEL_NAMES}
        return SetReport(folder, None, reports, {}, ())
    if manifest.training.market != market_id:
        raise ModelsOfAnotherMarket(
            f"{folder}: these models were trained for {manifest.training.market}, not for {market_id}; "
            f"name its own folder with --models, or run `aegis train --market {market_id} --models {folder}`, which "
            "replaces these"
        )
    unskilled = {} if manifest.forced else unskilled_models(manifest.training.skill)
    reports, models = {}, {}
    for name in MODEL_NAMES:
        try:
            model, error_found = _healthy_model(folder, manifest, name)
            _refuse_by_age(manifest, now)
            if name in unskilled:
                raise Refusal("unskilled", f"forecasts worse than climatology, {unskilled[name]}", error_found)
            models[name] = model
            reports[name] = ModelReport(name, "ok", "", error_found)
        except Refusal as refused:
            reports[name] = ModelReport(name, refused.status, refused.reason, refused.error, refused.remedy)
    return SetReport(folder, manifest, reports, models, environment_changes(manifest.environment))


def refuse_another_entry(manifest: Manifest | None, market: Market, models: str = "the model set") -> None:
    """Raises ModelsOfAnotherMarket where the market's entry says other things than the models were trained by.

    models: what the message calls them, the folder where they are of one.
    """
    if manifest is None:
        return
    trained, training = [], manifest.training
    if training.sessions_per_year != market.sessions_per_year:
        trained.append(f"sessions_per_year = {training.sessions_per_year}, not {market.sessions_per_year}")
    if training.companion != market.companion_id:
        trained.append(f"companion_index = {training.companion or 'none'}, not {market.companion_id or 'none'}")
    if trained:
        raise ModelsOfAnotherMarket(
            f"{models}: trained for {market.id} with {' and '.join(trained)} as its entry says now; "
            f"run `aegis train --market {market.id}`"
        )


def age_in_days(manifest: Manifest, now: pd.Timestamp) -> float:
    """Days since the set was trained."""
    trained_at = datetime.fromisoformat(manifest.training.trained_at)
    return (now.to_pydatetime(warn=False) - trained_at).total_seconds() / SECONDS_PER_DAY


def _refuse_by_age(manifest: Manifest, now: pd.Timestamp | None) -> None:
    if now is None:
        return
    ahead = dated_ahead(now, {"trained_at": datetime.fromisoformat(manifest.training.trained_at)}, SET_AHEAD)
    if ahead is not None:
        raise Refusal("future-dated", ahead)
    age = age_in_days(manifest, now)
    if age > EXPIRED_AFTER_DAYS:
        raise Refusal("expired", f"was trained {age:.0f} days ago, at most {EXPIRED_AFTER_DAYS} are allowed")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the set in ``folder``, if it is one of the engine's models.

    Raises:
        ModelsMissing: there is none.
        ModelsUnusable: it cannot be read, holds a score of no model, or not exactly the engine's models.
    """
    manifest = reading.read_manifest(folder)
    where = str(folder / MANIFEST_NAME)
    for i, score in enumerate(manifest.training.skill):
        try:
            model_of_signal(score.signal)
        except KeyError as error:
            raise refusal(where, ("training", "skill", i, "signal"), "is not a signal of any model") from error
    if [head.signal for head in manifest.training.heads] != list(HEADS):
        # A head that is not named would speak without a proof.
        raise refusal(where, ("training", "heads"), "does not hold a proof of each of the engine's heads")
    for part in ("files", "answers"):
        if sorted(getattr(manifest, part)) != sorted(MODEL_NAMES):
            found = str(sorted(getattr(manifest, part)))[:LONGEST_TEXT]
            raise ModelsUnusable(f"{where}: {part} names the models {found}, not those of this engine; {REMEDY}")
    return manifest


def _healthy_model(folder: Path, manifest: Manifest, name: str) -> tuple[Any, float]:
    """A model that answers its probes, and the error of its answers; raises Refusal otherwise."""
    entry = manifest.files[name]
    state = read_state(folder, entry)
    if manifest.features.get(name) != model_features(name, companion=manifest.training.companion is not None):
        raise Refusal("schema-mismatch", "was trained on other features than this engine computes")
    try:
        model = from_state(get_type_hints(Models)[name], state, name, entry.size)
    except UntrustedModelFile as error:
        raise Refusal("untrusted", f"{entry.file} {error}; do not trust it") from error
    except ModelsUnusable as error:
        raise Refusal("schema-mismatch", str(error).removesuffix(f"; {REMEDY}")) from error
    try:
        found = answers(name, model, manifest.training.probes)
    except Exception as error:
        raise Refusal("incompatible", f"fails on its probes, {type(error).__name__}: {error}") from error
    error_found = probe_error(manifest.answers[name], found)
    if not error_found <= TOLERANCE:
        reason = f"answers its probes differently than in training, by {error_found:.1e}"
        raise Refusal("drifted", reason, error_found if math.isfinite(error_found) else None)
    return model, error_found
