"""A program of its own that calls the scheduled run with a page: ``python page_run.py NOW OPTIONS TOLD``.

OPTIONS is JSON: fields of RunSettings, ``hidden`` for a machine without the library of charts.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from aegismatrix_engine.jobs.run import run
from aegismatrix_engine.jobs.scheduled_job import ScheduledJob
from aegismatrix_engine.jobs.settings import BarsSettings, RunSettings


def main(now: str, options: dict[str, Any], told: Path) -> None:
    if options.pop("hidden", False):
        sys.modules["lets_plot"] = None  # type: ignore[assignment]
    heard: list[object] = []
    site = options.pop("site", "site")
    settings = RunSettings(
        BarsSettings("nifty50", "csv", Path("../data")), site=None if site is None else Path(site), **options
    )
    summary = run(settings, ScheduledJob(Path.cwd(), pd.Timestamp(now)), heard.append)
    content = {
        "ended": summary.ended,
        "steps": {name: code for name, code, _ in summary.steps},
        "notes": summary.notes,
        "heard": [one if isinstance(one, str) else type(one).__name__ for one in heard],
        "errors": [str(one) for one in heard if isinstance(one, Exception)],
    }
    told.write_text(json.dumps(content))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3]))
