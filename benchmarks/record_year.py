"""A year of publishing in a git repository: what it weighs when packed, and how long the record's report takes.

    python -m benchmarks.record_year [--sessions 254] [--sets 52] [--keep DIR]

The S&P 500 of the sample stands for the market. Every week has a model set of its own, trained before it on the last
1,100 sessions; every session has a document and forecasts from its close. The other twelve slots of the day are that
document with every number moved a little: what a number is has no part in what it weighs. Each slot is a commit of
the document, the last values beside it, the record's two files, and the set where it is new. Fails from 80 MB on, and
where the report, with the branch's history as its witness or without, takes 10 seconds or more.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document import dump
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.forecasting.find_origin import find_origin
from aegismatrix_engine.forecasting.model_set import save_models
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.forecasts import forecast_rows
from aegismatrix_engine.record.resolution import Resolver
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, number, parsed
from aegismatrix_engine.sources.sample import Sample
from aegismatrix_engine.state.last_values import LastValues, render, updated
from aegismatrix_engine.training.train import train

SLOTS = 13
VALID, PUSHED = pd.Timedelta(minutes=60), pd.Timedelta(minutes=2)
"""How long a document is good for once it is made, and how long after that its commit is."""

TRAINED_SESSIONS = 1100
END = "2018-12-31T22:00:00+00:00"
"""The moment of the reports, shortly after the year's last commit."""

MOST_MEGABYTES, MOST_SECONDS = 80.0, 10.0
MOVED = ("spot", "threshold", "lower", "upper", "probability", "climatology", "vix")


@dataclass
class Year:
    """What a working tree holds as the year goes by, and the stream that git reads."""

    tree: Path
    stream: IO[bytes]
    draws: np.random.Generator
    last_values: LastValues | None = None
    commits: int = 0
    waiting: dict[str, list[ForecastRow]] = field(default_factory=dict)

    def commit(self, at: pd.Timestamp, paths: dict[str, bytes | None]) -> None:
        """One commit, made at a moment, that changes these files; None takes one away."""
        self.commits += 1
        self.stream.write(b"commit refs/heads/published\n")
        self.stream.write(b"committer aegis <aegis@example.org> %d +0000\n" % int(at.timestamp()))
        self.stream.write(b"data 8\npublish\n")
        for name, content in paths.items():
            if content is None:
                self.stream.write(f"D {name}\n".encode())
            else:
                self.stream.write(f"M 100644 inline {name}\ndata {len(content)}\n".encode() + content + b"\n")

    def ledger_files(self, day: str) -> dict[str, bytes]:
        """The record's files of a session as they are now."""
        found = sorted((self.tree / "record").glob(f"*/*/*/{day}.csv"))
        return {path.relative_to(self.tree).as_posix(): path.read_bytes() for path in found}


def moved(value: Any, draws: np.random.Generator) -> Any:
    """The same JSON with every fraction moved by about a thousandth, to as many places as it had."""
    if isinstance(value, dict):
        return {name: moved(inner, draws) for name, inner in value.items()}
    if isinstance(value, list):
        return [moved(inner, draws) for inner in value]
    if not isinstance(value, float):
        return value
    places = len(repr(value).partition(".")[2])
    return round(value * float(np.exp(0.003 * draws.standard_normal())), places)


def slot_rows(rows: list[ForecastRow], day: str, slot: int, draws: np.random.Generator) -> list[ForecastRow]:
    """The forecasts of a slot: those of the close with other moments and numbers."""
    minute = 600 + 30 * slot
    as_of, made = (f"{day}T{at // 60:02d}:{at % 60:02d}:00-05:00" for at in (minute, minute + 4))
    shift = np.exp(0.02 * draws.standard_normal((len(rows), len(MOVED))))
    shift[:, MOVED.index("upper")] = shift[:, MOVED.index("lower")]  # a range stays one
    return [
        replace(
            row,
            as_of=as_of,
            generated_at=made,
            standing="live",
            **{
                name: number(min(parsed(cell) * factor, 1.0) if name in MOVED[4:] else parsed(cell) * factor, digits)
                for name, factor, digits in zip(MOVED, factors, (9, 9, 9, 9, 6, 4, 4), strict=True)
                if (cell := getattr(row, name))
            },
        )
        for row, factors in zip(rows, shift, strict=True)
    ]


def publish_session(year: Year, whole: MarketHistory, day: pd.Timestamp, models: Models, manifest: Manifest) -> None:
    """The thirteen commits of a session, its forecasts, and the resolution of what ends with it."""
    history = whole.until(AsOf.of(day))
    origin = find_origin(history, models)
    document: Document = infer(history, models, manifest, "sample", origin.as_of + pd.Timedelta(minutes=4)).document
    year.last_values = updated(year.last_values, document)
    rows, date = forecast_rows(document, origin), f"{day:%Y-%m-%d}"
    written, last = json.loads(dump(document)), json.loads(render(year.last_values))
    resolver = Resolver(history)
    for slot in range(SLOTS):
        said = slot_rows(rows, date, slot, year.draws)
        made = pd.Timestamp(said[0].generated_at)
        written |= {"generated_at": made.isoformat(), "valid_until": (made + VALID).isoformat()}
        append(year.tree / "record", said)
        for row in said:
            year.waiting.setdefault(row.until, []).append(row)
        if slot == SLOTS - 1:
            decided = resolver.resolve(year.waiting.pop(date, []), origin.as_of + pd.Timedelta(minutes=30))
            append(year.tree / "record", (row for row in decided if isinstance(row, ResolutionRow)))
        files: dict[str, bytes | None] = {
            name: (json.dumps(moved(content, year.draws), indent=1) + "\n").encode()
            for name, content in (("aegismatrix.json", written), ("recent.json", last))
        }
        year.commit(made + PUSHED, {**files, **year.ledger_files(date)})


def model_sets(whole: MarketHistory, sessions: int, sets: int) -> Iterator[tuple[pd.DatetimeIndex, MarketHistory]]:
    """The last sessions in as many parts as there are sets, each with the bars that its set is trained on."""
    dates = pd.DatetimeIndex(whole.spot.index)
    for part in np.array_split(np.arange(len(dates) - sessions, len(dates)), sets):
        end = int(part[0]) - 1
        known = whole.until(AsOf.of(pd.Timestamp(dates[end])))
        first = dates[end - TRAINED_SESSIONS]
        vix = None if known.vix is None else known.vix.loc[first:]
        yield dates[part], replace(known, spot=known.spot.loc[first:], vix=vix)


def build(tree: Path, repository: Path, sessions: int, sets: int) -> int:
    """The year in ``tree`` and ``repository``; how many commits."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)
    market = get_market("sp500")
    whole = Sample().daily(market)
    importing = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=repository, stdin=subprocess.PIPE)
    assert importing.stdin is not None
    year = Year(tree, importing.stdin, np.random.default_rng(2018))
    former: set[str] = set()
    for days, known in model_sets(whole, sessions, sets):
        models, training = train(known, market.calendar.closes_at(known.last_session) + pd.Timedelta(hours=3))
        manifest = save_models(models, training, tree / "models")
        files = {f"models/{path.name}": path.read_bytes() for path in (tree / "models").iterdir() if path.is_file()}
        trained = market.calendar.opens_at(pd.Timestamp(days[0])) - pd.Timedelta(hours=1)
        year.commit(trained, {**files, **dict.fromkeys(former - files.keys())})
        former = set(files)
        for day in days:
            publish_session(year, whole, day, models, manifest)
    importing.stdin.close()
    if importing.wait() != 0:
        raise SystemExit("git fast-import failed")
    return year.commits


def packed_megabytes(repository: Path) -> float:
    """Size of the repository's packs after git gc."""
    # What fast-import has packed badly gc leaves as it is; objects that came by commits it packs as is done here.
    subprocess.run(["git", "repack", "-q", "-a", "-d", "-f"], cwd=repository, check=True)
    subprocess.run(["git", "gc", "--quiet", "--prune=now"], cwd=repository, check=True)
    told = subprocess.run(["git", "count-objects", "-v"], cwd=repository, check=True, capture_output=True, text=True)
    sizes = dict(line.split(": ") for line in told.stdout.splitlines())
    return (int(sizes["size-pack"]) + int(sizes["size"])) / 1024


def report_seconds(at: Path, *options: str) -> tuple[float, dict[str, Any]]:
    """A report in a process of its own, start-up counted in; the best of three, and what it said."""
    command = [sys.executable, "-m", "aegismatrix_engine", "record", "report", "--market", "sp500", "--json", *options]
    environment = {**os.environ, "AEGIS_NOW": END, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    seconds = []
    for _ in range(3):
        begun = time.monotonic()
        done = subprocess.run(command, cwd=at, env=environment, check=True, capture_output=True)
        seconds.append(time.monotonic() - begun)
    told: dict[str, Any] = json.loads(done.stdout)
    print(f"{told['forecasts']:,} forecasts, {told['resolved']:,} resolved, {len(told['live'])} signals scored")
    return min(seconds), told


def published_seconds(repository: Path, clone: Path) -> float:
    """The same of the repository's branch, its history as the witness; in a clone that has it."""
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", str(repository), str(clone)], check=True)
    seconds, told = report_seconds(clone, "--published")
    rows, fresh = told["witness"]["rows"], told["witness"]["freshness"]
    print(f"{rows['confirmed']:,} of {rows['claimed']:,} rows confirmed by {told['witness']['commits']:,} commits")
    print(f"{fresh['share']:.1%} of {fresh['minutes']:,} session minutes fresh")
    return seconds


def main() -> None:
    """Build, pack, report, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=254)
    parser.add_argument("--sets", type=int, default=52)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="build in this new folder and leave it there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        base = asked.keep or Path(made)
        tree, repository = base / "tree", base / "repository.git"
        tree.mkdir(parents=True)
        begun = time.monotonic()
        commits = build(tree, repository, asked.sessions, asked.sets)
        print(f"{commits:,} commits of {asked.sets} sets in {time.monotonic() - begun:.0f} s")
        megabytes = packed_megabytes(repository)
        print(f"{megabytes:.1f} MB packed (less than {MOST_MEGABYTES:.0f})")
        seconds, _ = report_seconds(tree)
        print(f"{seconds:.1f} s for a report (less than {MOST_SECONDS:.0f})")
        witnessed = published_seconds(repository, base / "clone")
        print(f"{witnessed:.1f} s for a report with the witness (less than {MOST_SECONDS:.0f})")
        if megabytes >= MOST_MEGABYTES or max(seconds, witnessed) >= MOST_SECONDS:
            raise SystemExit("too large, or too slow")


if __name__ == "__main__":
    main()
