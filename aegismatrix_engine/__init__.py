"""Calibrated risk signals for an equity index from its spot and volatility index.

The names below are the Python API (docs/python.md). Each is imported when it is first asked for, so that a command with
nothing to do, and the check that needs the standard library alone, stay light.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from aegismatrix_engine.errors import (
    AegisError,
    AsOfError,
    BranchGone,
    ClusterUnreachable,
    ConfigurationError,
    DataError,
    DeadModels,
    HistoryTooShort,
    InvalidDocument,
    MarketUnknown,
    ModelsMissing,
    ModelsOfAnotherMarket,
    ModelsUnskilled,
    ModelsUnusable,
    OtherSchemaVersion,
    OutOfMemory,
    OutputUnwritable,
    RaceLost,
    RemoteUnreachable,
    SourceBusy,
    SourceUnavailable,
    UntrustedModelFile,
    WorkersDiffer,
    WorkersEnded,
)

if TYPE_CHECKING:
    from aegismatrix_engine.document.schema.document import Document
    from aegismatrix_engine.history import MarketHistory
    from aegismatrix_engine.jobs.bars import read_history
    from aegismatrix_engine.jobs.check_models import check_models
    from aegismatrix_engine.jobs.make_document import make_document
    from aegismatrix_engine.jobs.model_set import load_models
    from aegismatrix_engine.jobs.train import train
    from aegismatrix_engine.markets import get_market
    from aegismatrix_engine.sources.frames import BarFrames

__version__ = "0.2.0"

__all__ = [
    "AegisError",
    "AsOfError",
    "BarFrames",
    "BranchGone",
    "ClusterUnreachable",
    "ConfigurationError",
    "DataError",
    "DeadModels",
    "Document",
    "HistoryTooShort",
    "InvalidDocument",
    "MarketHistory",
    "MarketUnknown",
    "ModelsMissing",
    "ModelsOfAnotherMarket",
    "ModelsUnskilled",
    "ModelsUnusable",
    "OtherSchemaVersion",
    "OutOfMemory",
    "OutputUnwritable",
    "RaceLost",
    "RemoteUnreachable",
    "SourceBusy",
    "SourceUnavailable",
    "UntrustedModelFile",
    "WorkersDiffer",
    "WorkersEnded",
    "check_models",
    "get_market",
    "load_models",
    "make_document",
    "read_history",
    "train",
]

_ROOMS = {
    "BarFrames": "sources.frames",
    "Document": "document.schema.document",
    "MarketHistory": "history",
    "check_models": "jobs.check_models",
    "get_market": "markets",
    "load_models": "jobs.model_set",
    "make_document": "jobs.make_document",
    "read_history": "jobs.bars",
    "train": "jobs.train",
}


def __getattr__(name: str) -> object:
    """A public name, from the room it lives in."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *_ROOMS]
