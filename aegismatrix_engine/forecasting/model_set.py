"""A model set as one: loaded healthy or not at all, and saved with what its models answer to the probes."""

from pathlib import Path

import pandas as pd

from aegismatrix_engine import __version__
from aegismatrix_engine.artifacts.environment import environment
from aegismatrix_engine.artifacts.manifest import Manifest, Training
from aegismatrix_engine.artifacts.state import to_state
from aegismatrix_engine.artifacts.store import model_file, packed, set_version, write_set
from aegismatrix_engine.errors import ModelsMissing, ModelsUnusable
from aegismatrix_engine.forecasting.audit import SetReport, audit
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models, model_features
from aegismatrix_engine.forecasting.probes import answers


def load_models(folder: Path, market_id: str, now: pd.Timestamp | None = None) -> tuple[Models, Manifest]:
    """The set in ``folder``, every model of it healthy; with ``now`` its age is judged too.

    Raises:
        ModelsMissing: there is no set.
        ModelsOfAnotherMarket: it was trained for another market.
        ModelsUnusable: a model is not healthy; the message names each with its status and the remedy.
    """
    return healthy_set(audit(folder, market_id, now))


def healthy_set(report: SetReport) -> tuple[Models, Manifest]:
    """The models of a report on which every one is healthy; raises as ``load_models`` does."""
    unhealthy = list(report.unhealthy.values())
    remedy = " and ".join(dict.fromkeys(one.remedy for one in unhealthy))
    if report.manifest is None:
        raise (ModelsMissing if unhealthy[0].status == "missing" else ModelsUnusable)(
            f"{unhealthy[0].reason}; {remedy}", unhealthy[0].status
        )
    if unhealthy:
        reasons = "; ".join(f"{one.name} is {one.status}, {one.reason}" for one in unhealthy)
        raise ModelsUnusable(f"{report.folder}: {reasons}; {remedy}, or publish without them with --allow-degraded")
    return Models(**report.models), report.manifest


def save_models(models: Models, training: Training, folder: Path, *, forced: bool = False) -> Manifest:
    """Write a set into ``folder`` in place of the one there, and return its manifest.

    Args:
        models: trained.
        training: on what, and how their forecasts fared.
        folder: made where it is missing.
        forced: whether the set is kept although it scored worse than climatology.

    Raises:
        OutputUnwritable: a file cannot be written; the former set is then unchanged.
    """
    contents = {name: packed(to_state(getattr(models, name))) for name in MODEL_NAMES}
    files = {name: model_file(name, content) for name, content in contents.items()}
    manifest = Manifest(
        set_version=set_version(files.values()),
        engine_version=__version__,
        environment=environment(),
        training=training,
        files=files,
        features={name: model_features(name, companion=training.companion is not None) for name in MODEL_NAMES},
        label_cuts=_label_cuts(models),
        answers={name: answers(name, getattr(models, name), training.probes) for name in MODEL_NAMES},
        forced=forced,
    )
    write_set(folder, manifest, contents)
    return manifest


def _label_cuts(models: Models) -> dict[str, list[float]]:
    cuts = {"seller.trap": models.trap.cuts, "seller.expiry_stress": models.stress.cuts}
    cuts |= {f"buyer.breakout.{k}": cut for k, cut in enumerate(models.breakout.cuts, start=1)}
    return {signal: [cut.low, cut.high] for signal, cut in cuts.items()}
