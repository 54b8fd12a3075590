"""What a long record adds to the time that ``aegis dashboard`` takes.

    python -m benchmarks.page_record [--sessions 1000] [--rounds 5] [--keep DIR]

The S&P 500 of the sample stands for the market: one model set, trained before the sessions, makes a document at each
close, whose forecasts are decided as their time comes. Then the page of the last document is built in processes of its
own, without a record; with the record, in an empty folder; and with it once more, where the scores beside the former
page spare scoring the same bytes again. Compared are seconds of processor time, start-up counted in, which other work
on the machine changes less than it changes the time on the clock.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from aegismatrix_engine.document import dump
from aegismatrix_engine.forecasting.find_origin import find_origin
from aegismatrix_engine.forecasting.model_set import save_models
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.forecasts import forecast_rows
from aegismatrix_engine.record.resolution import Resolver
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow
from aegismatrix_engine.sources.sample import Sample
from aegismatrix_engine.training.train import train
from benchmarks.record_year import model_sets

LATE = pd.Timedelta(minutes=35)
"""How long after the close a document is made."""


def record(folder: Path, sessions: int) -> int:
    """A record of the last sessions of the sample, with the last document beside it; how many forecasts."""
    market = get_market("sp500")
    whole = Sample().daily(market)
    ((days, known),) = model_sets(whole, sessions, 1)
    models, training = train(known, market.calendar.closes_at(known.last_session) + pd.Timedelta(hours=3))
    manifest = save_models(models, training, folder / "models")
    waiting: dict[str, list[ForecastRow]] = {}
    made = 0
    for day in days:
        history = whole.until(AsOf.of(day))
        origin = find_origin(history, models)
        at = origin.as_of + LATE
        document = infer(history, models, manifest, "sample", at, clock_source="machine").document
        rows = forecast_rows(document, origin)
        made += append(folder / "record", rows)
        for row in rows:
            waiting.setdefault(row.until, []).append(row)
        decided = Resolver(history).resolve(waiting.pop(f"{day:%Y-%m-%d}", []), at)
        append(folder / "record", (row for row in decided if isinstance(row, ResolutionRow)))
    (folder / "aegismatrix.json").write_text(dump(document), encoding="utf-8")
    return made


def seconds(folder: Path, record_folder: str) -> float:
    """Processor time of one build into ``folder/site``."""
    command = [sys.executable, "-m", "aegismatrix_engine", "dashboard", "--quiet", "--document", "aegismatrix.json"]
    command += ["--record", record_folder, "--output", "site", "--site-url", "https://owner.example/name/"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Make the record, build the pages, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="a folder that keeps the record for the next time")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        if not (folder / "aegismatrix.json").exists():
            folder.mkdir(parents=True, exist_ok=True)
            print(f"{record(folder, asked.sessions):,} forecasts of {asked.sessions:,} sessions")
        taken: dict[str, list[float]] = {"without a record": [], "with it": [], "with it again": []}
        for _ in range(asked.rounds):
            taken["without a record"].append(seconds(folder, "none"))
            shutil.rmtree(folder / "site")
            taken["with it"].append(seconds(folder, "record"))
            taken["with it again"].append(seconds(folder, "record"))
    alone = min(taken["without a record"])
    for name, times in taken.items():
        print(f"{name}: {min(times):.2f} s (median {statistics.median(times):.2f}), {min(times) / alone - 1:+.0%}")


if __name__ == "__main__":
    main()
