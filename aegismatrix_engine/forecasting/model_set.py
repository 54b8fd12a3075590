"""The healthy set, or an error: what a command that needs every model calls."""

from pathlib import Path

import pandas as pd

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.errors import ModelsMissing, ModelsUnusable
from aegismatrix_engine.forecasting.audit import SetReport, audit
from aegismatrix_engine.forecasting.models import Models


def load_models(folder: Path, market_id: str, now: pd.Timestamp | None = None) -> tuple[Models, Manifest]:
    """The set in ``folder``, every model of it healthy; with ``now`` its age and skill are judged too.

    Raises ModelsMissing where there is none, ModelsOfAnotherMarket where it belongs to another market, ModelsUnusable
    where any model is not healthy; the message names each with its status and the mend.
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
        told = "; ".join(f"{one.name} is {one.status}, {one.reason}" for one in unhealthy)
        raise ModelsUnusable(f"{report.folder}: {told}; {remedy}, or publish without them with --allow-degraded")
    return Models(**report.models), report.manifest
