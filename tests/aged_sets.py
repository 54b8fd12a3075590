"""Model sets as they were trained a while before a moment: one dated later than now is never believed."""

import json
import os
from pathlib import Path

import pandas as pd

AGE = pd.Timedelta(days=10)


def aged(folder: Path, now: str | pd.Timestamp, below: Path) -> Path:
    """The set of ``folder``, trained ten days before ``now``, in a folder of its own below ``below``."""
    trained_at = (pd.Timestamp(now) - AGE).floor("s")
    at = below / f"set-{trained_at.timestamp():.0f}"
    if at.exists():
        return at
    at.mkdir(parents=True)
    for path in folder.iterdir():
        os.link(path, at / path.name)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["training"]["trained_at"] = trained_at.isoformat()
    (at / "manifest.json").unlink()
    (at / "manifest.json").write_text(json.dumps(manifest))
    return at
