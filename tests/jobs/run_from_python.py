"""A program of its own that calls the scheduled run, and writes what came of it to the file it is given."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from aegismatrix_engine.jobs.run import run
from aegismatrix_engine.jobs.scheduled_job import ScheduledJob
from aegismatrix_engine.jobs.settings import BarsSettings, RunSettings


def watched(names: tuple[str, ...], read_again: list[str]) -> None:
    """From the first time a file of one of these names is put in its place, note when it is opened for reading."""
    written: set[str] = set()

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "os.rename":
            written.update({Path(os.fsdecode(arguments[1])).name} & set(names))
        elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            name = Path(os.fsdecode(arguments[0])).name
            if name in written and not arguments[2] & os.O_WRONLY:
                read_again.append(name)

    sys.addaudithook(hear)


def main(now: str, due: bool, first: bool, told: Path) -> None:
    read_again: list[str] = []
    if first:
        watched(("aegismatrix.json", "recent.json"), read_again)
    events: list[object] = []
    settings = RunSettings(BarsSettings("nifty50", "csv", Path("../data")), if_due=due, first=first)
    summary = run(settings, ScheduledJob(Path.cwd(), pd.Timestamp(now)), events.append)
    content = {
        "ended": summary.ended,
        "steps": [step[:2] for step in summary.steps],
        "published": summary.published,
        "heard": [type(event).__name__ for event in events],
        "read_again": read_again,
        "click": "click" in sys.modules,
        "sklearn": "sklearn" in sys.modules,
    }
    told.write_text(json.dumps(content))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "due", sys.argv[3] == "first", Path(sys.argv[4]))
