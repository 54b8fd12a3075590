"""Whether a model set that is files of a branch, in no folder yet, passes the audit here."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pandas as pd

from aegismatrix_engine.errors import ModelsOfAnotherMarket


def audit_fault(files: Mapping[str, bytes], market: str, now: datetime) -> str:
    """The first thing that the audit finds unhealthy in a set, 'trap: corrupt, ...'; empty where it passes.

    Args:
        files: path -> bytes; what lies deeper than the manifest is no part of a set.
        market: whose models they have to be.
        now: what the clock here says.
    """
    # A run that publishes the set it found asks nothing, and should import nothing.
    from aegismatrix_engine.forecasting.audit import audit

    with TemporaryDirectory(prefix="aegis-set-") as folder:
        for path, content in files.items():
            (Path(folder) / PurePosixPath(path).name).write_bytes(content)
        try:
            unhealthy = audit(Path(folder), market, pd.Timestamp(now)).unhealthy
        except ModelsOfAnotherMarket:
            return f"it is not of {market}"
    return next((f"{name}: {report.status}, {report.reason}" for name, report in unhealthy.items()), "")
