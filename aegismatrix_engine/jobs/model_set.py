"""A model set as documents are made with it, from a folder or from a training."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.forecasting.audit import audit
from aegismatrix_engine.forecasting.model_set import healthy_set
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.inference.health import Incident


@dataclass(frozen=True)
class ModelSet:
    """Models with their manifest, and what was wrong with them.

    Attributes:
        models: every model; the climatology prior in place of those that the incident names.
        manifest: identity and training of the set, and the scores of its forecasts in the past.
        incident: what was wrong with the set, and what was done about it; empty where all was well.
    """

    models: Models
    manifest: Manifest
    incident: Incident = field(default_factory=Incident)


def load_models(folder: Path, market_id: str, now: pd.Timestamp | None = None) -> ModelSet:
    """The set in a folder, every model of it healthy.

    Args:
        folder: where ``train`` put it.
        market_id: the market that it must have been trained for.
        now: the moment, with a zone, by which its age is judged; None not to judge it.

    Raises:
        ModelsMissing: there is no set.
        ModelsOfAnotherMarket: it was trained for another market.
        ModelsUnusable: a model is not healthy; the message names each with its status and the remedy.
    """
    return ModelSet(*healthy_set(audit(folder, market_id, now)))
