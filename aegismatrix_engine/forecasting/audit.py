"""Audit, then load, then probe: whether each model of a set is healthy in the environment that is about to use it.

Nothing of a file is trusted before its bytes match the manifest, nothing is built that is not a plain number, and
nothing is called healthy that does not answer the probes as it did when it was trained.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast, get_type_hints

import pandas as pd

from aegismatrix_engine.artifacts.environment import environment_changes
from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME, MEND, Manifest, ModelFile, parse_manifest
from aegismatrix_engine.artifacts.plain_numbers import read_plain_numbers
from aegismatrix_engine.artifacts.state import from_state
from aegismatrix_engine.errors import (
    ModelsMissing,
    ModelsOfAnotherMarket,
    ModelsUnusable,
    UntrustedModelFile,
)
from aegismatrix_engine.files import pointer, stand_in
from aegismatrix_engine.forecasting.acceptance import unskilled_models
from aegismatrix_engine.forecasting.model_features import model_features
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models
from aegismatrix_engine.forecasting.probes import TOLERANCE, answers, probe_error
from aegismatrix_engine.state.plain_file import FaultKind, FileFault, read_plain_file
from aegismatrix_engine.state.time_policy import SET_AHEAD, dated_ahead

Status = Literal[
    "ok",
    "missing",
    "unreadable",
    "corrupt",
    "untrusted",
    "incompatible",
    "drifted",
    "schema-mismatch",
    "expired",
    "future-dated",
    "unskilled",
]

SIZE_LIMIT = 2 * 2**20
SECONDS_PER_DAY = 86400
OLD_AFTER_DAYS, EXPIRED_AFTER_DAYS = 35, 100


@dataclass(frozen=True)
class ModelReport:
    """One model's standing.

    reason: why it is not ok. probe_error: largest relative difference of its answers, where it was asked at all.
    remedy: what puts it right.
    """

    name: str
    status: Status
    reason: str
    probe_error: float | None = None
    remedy: str = MEND

    @property
    def finding(self) -> str:
        """The reason, with the remedy where that is another than to train again."""
        return self.reason if self.remedy == MEND else f"{self.reason}; {self.remedy}"


@dataclass(frozen=True)
class SetReport:
    """A set's standing: its manifest where it can be read, a report and, where healthy, the model under each name.

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


class _Refusal(Exception):
    def __init__(self, status: Status, reason: str, error: float | None = None, remedy: str = MEND) -> None:
        super().__init__(reason)
        self.status, self.reason, self.error, self.remedy = status, reason, error, remedy


def audit(folder: Path, market_id: str, now: pd.Timestamp | None = None) -> SetReport:
    """The standing of the set in ``folder``, model by model; with ``now`` its age counts too.

    Raises ModelsOfAnotherMarket for another market's set.
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
            f"run `aegis train --market {market_id}` or name their folder with --models"
        )
    unskilled = {} if manifest.forced else unskilled_models(manifest.training.skill)
    reports, models = {}, {}
    for name in MODEL_NAMES:
        try:
            model, error_found = _healthy_model(folder, manifest, name)
            _refuse_by_age(manifest, now)
            if name in unskilled:
                raise _Refusal("unskilled", f"forecasts worse than climatology, {unskilled[name]}", error_found)
            models[name] = model
            reports[name] = ModelReport(name, "ok", "", error_found)
        except _Refusal as refusal:
            reports[name] = ModelReport(name, refusal.status, refusal.reason, refusal.error, refusal.remedy)
    return SetReport(folder, manifest, reports, models, environment_changes(manifest.environment))


def age_in_days(manifest: Manifest, now: pd.Timestamp) -> float:
    """Days since the set was trained."""
    trained_at = datetime.fromisoformat(manifest.training.trained_at)
    return (now.to_pydatetime(warn=False) - trained_at).total_seconds() / SECONDS_PER_DAY


def _refuse_by_age(manifest: Manifest, now: pd.Timestamp | None) -> None:
    if now is None:
        return
    ahead = dated_ahead(now, {"trained_at": datetime.fromisoformat(manifest.training.trained_at)}, SET_AHEAD)
    if ahead is not None:
        raise _Refusal("future-dated", f"{ahead}, and cannot be believed")
    if age_in_days(manifest, now) > EXPIRED_AFTER_DAYS:
        age = age_in_days(manifest, now)
        raise _Refusal("expired", f"was trained {age:.0f} days ago, {EXPIRED_AFTER_DAYS} are allowed")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the set in ``folder``; raises ModelsMissing or ModelsUnusable."""
    path = folder / MANIFEST_NAME
    try:
        data = _plain_file(path)
        _refuse_stand_in(path.name, data, stand_in(data))
        text = data.decode()
    except _Refusal as refusal:
        if refusal.status == "missing" and refusal.remedy == MEND:
            raise ModelsMissing(f"{folder}: there are no models here; {MEND}") from refusal
        kind = ModelsMissing if refusal.status == "missing" else ModelsUnusable
        raise kind(f"{folder}: {refusal.reason}; {refusal.remedy}", refusal.status) from refusal
    except UnicodeDecodeError as error:
        raise ModelsUnusable(f"{path}: cannot be read ({error}); {MEND}") from error
    return parse_manifest(text, str(path))


def _healthy_model(folder: Path, manifest: Manifest, name: str) -> tuple[Any, float]:
    """A model that answers its probes, and the error of its answers; raises _Refusal otherwise."""
    data = _vouched_bytes(folder, manifest.files[name])
    try:
        state = read_plain_numbers(data)
    except UntrustedModelFile as error:
        raise _Refusal("untrusted", f"{manifest.files[name].file} {error}; do not trust it") from error
    except ValueError as error:
        raise _Refusal("corrupt", f"{manifest.files[name].file} cannot be read, {error}") from error
    if manifest.features.get(name) != model_features(name):
        raise _Refusal("schema-mismatch", "was trained on other features than this engine computes")
    try:
        model = from_state(get_type_hints(Models)[name], state, name, len(data))
    except UntrustedModelFile as error:
        raise _Refusal("untrusted", f"{manifest.files[name].file} {error}; do not trust it") from error
    except ModelsUnusable as error:
        raise _Refusal("schema-mismatch", str(error).removesuffix(f"; {MEND}")) from error
    try:
        found = answers(name, model, manifest.training.probes)
    except Exception as error:
        raise _Refusal("incompatible", f"fails when asked, {type(error).__name__}: {error}") from error
    error_found = probe_error(manifest.answers[name], found)
    if not error_found <= TOLERANCE:
        reason = f"answers its probes otherwise than when it was trained, by {error_found:.1e}"
        raise _Refusal("drifted", reason, error_found if math.isfinite(error_found) else None)
    return model, error_found


def _vouched_bytes(folder: Path, entry: ModelFile) -> bytes:
    """The bytes the manifest vouches for; a link, a file of another size, or other bytes are refused."""
    if entry.size > SIZE_LIMIT:
        raise _Refusal("untrusted", f"{entry.file} is said to be larger than any model, {entry.size} bytes")
    data = _plain_file(folder / entry.file)
    if hashlib.sha256(data).hexdigest() == entry.sha256 and len(data) == entry.size:
        return data
    _refuse_stand_in(entry.file, data, pointer(data))
    if len(data) != entry.size:
        raise _Refusal("corrupt", f"{entry.file} has {len(data)} bytes, its manifest says {entry.size}")
    raise _Refusal("corrupt", f"{entry.file} is not what its manifest vouches for")


def _refuse_stand_in(name: str, data: bytes, told: str | None) -> None:
    """Raise _Refusal for a file that only points to the one meant, or was put in its place by mistake, as ``told``."""
    if told is not None:
        reason, _, remedy = told.partition("; ")
        raise _Refusal("missing" if pointer(data) else "corrupt", f"{name} {reason}", remedy=remedy)


_STATUS_OF: Mapping[FaultKind, Status] = {
    "missing": "missing",
    "forbidden": "unreadable",
    "link": "untrusted",
    "not_plain": "untrusted",
    "too_large": "untrusted",
    "unreadable": "corrupt",
}


def _plain_file(path: Path) -> bytes:
    """What a file of a set holds; raises _Refusal for one that is no plain file, not there, or too large for a set."""
    try:
        return read_plain_file(path, SIZE_LIMIT)
    except FileFault as fault:
        remedy = MEND
        if fault.kind == "forbidden":
            remedy = f"give that user the right to read {path.parent} and its files"
        raise _Refusal(_STATUS_OF[fault.kind], f"{path.name} {fault.reason}", remedy=remedy) from fault
