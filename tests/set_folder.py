"""A model set's folder, as one who spoils it sees it."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME
from aegismatrix_engine.forecasting.audit import ModelReport, audit


def manifest_of(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
    return content


def write_manifest(folder: Path, content: object) -> None:
    (folder / MANIFEST_NAME).write_text(json.dumps(content), encoding="utf-8")


def file_of(folder: Path, name: str) -> Path:
    return folder / manifest_of(folder)["files"][name]["file"]


def vouch_for(folder: Path, name: str, data: bytes) -> None:
    """Put other bytes in a model's file, with a manifest that vouches for them."""
    content = manifest_of(folder)
    entry = content["files"][name]
    (folder / entry["file"]).write_bytes(data)
    entry.update(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    write_manifest(folder, content)


def pickled(state: object) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(state, buffer)
    return buffer.getvalue()


def edited(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = manifest_of(folder)
    change(content)
    write_manifest(folder, content)


def report_of(folder: Path, name: str) -> ModelReport:
    """What the audit says of one model."""
    report = audit(folder, "nifty50").reports[name]
    assert "\n" not in report.reason
    return report
