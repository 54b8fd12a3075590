"""What several markets of one command cost beside one, as ratios in one run.

    python -m benchmarks.batches_cost DATA [--runs N] [--former DIR]

DATA is a csv folder of NIFTY 50. Eight entries over copies of these bars are made, each of them marked,
and one of them is also asked for alone. Each command runs in turn with its denominator, N times after one run that is
not counted; a ratio is that of the two medians of user + system time, children included.

| command | denominator | bound |
|---|---|---|
| aegis infer --all | aegis infer of one of them | 3 |
| aegis check-models --all | aegis check-models of one | 3 |
| aegis train of two, --jobs 2 | aegis train of two | 1.25, the start of the two processes aside |
| aegis infer of one | the same in the checkout DIR, where --former names one | 1.05 |
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

from aegismatrix_engine.markets.shipped_markets import shipped_text

ROOT = Path(__file__).resolve().parents[1]
AEGIS = [sys.executable, "-m", "aegismatrix_engine"]
MARKETS = 8
SESSIONS = 1000
"""Enough for a set, and too few for a walk through the past: how good it is does not matter here."""

EXPECTED = (0, 10)


def made_up(at: Path, data: Path) -> tuple[str, ...]:
    """Eight entries in own/; for each the bars in data/ID, and the last of them in recent/ID. Gives the ids."""
    names = tuple(f"copy{number}" for number in range(1, MARKETS + 1))
    (at / "own").mkdir()
    for name in names:
        entry = shipped_text("nifty50").replace('id = "nifty50"', f'id = "{name}"\npublish = true')
        (at / "own" / f"{name}.toml").write_text(entry, encoding="utf-8")
        shutil.copytree(data, at / "data" / name)
        (at / "recent" / name).mkdir(parents=True)
        for series in ("spot_daily.csv", "vix_daily.csv"):
            header, *rows = (data / series).read_text(encoding="utf-8").splitlines()
            text = "\n".join([header, *rows[-SESSIONS:], ""])
            (at / "recent" / name / series).write_text(text, encoding="utf-8")
    return names


def seconds(command: list[str], at: Path, source: Path = ROOT) -> float:
    """User + system seconds of a command and of the processes that it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(source)}
    code = subprocess.run(command, cwd=at, env=environment, stdout=subprocess.DEVNULL, check=False).returncode
    if code not in EXPECTED:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(name: str, ours: list[str], theirs: list[str], at: Path, runs: int, former: Path = ROOT) -> None:
    seconds(ours, at), seconds(theirs, at, former)
    pairs = [(seconds(ours, at), seconds(theirs, at, former)) for _ in range(runs)]
    mine, other = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    print(f"{name:<28} {mine:6.2f} s / {other:6.2f} s = {mine / other:5.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--former", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        first, second, *_ = made_up(at, arguments.data.resolve())
        entries, quiet = ["--markets-dir", "own"], "--quiet"
        bars = ["--source", "csv", "--data"]
        every = [*entries, "--all", quiet]
        seconds([*AEGIS, "train", *every, *bars, "recent"], at)
        alone = [*entries, "--market", first, quiet]
        infer = [*AEGIS, "infer", *alone, *bars, f"data/{first}"]
        compare(f"infer --all of {MARKETS}", [*AEGIS, "infer", *every, *bars, "data"], infer, at, arguments.runs)
        check = [*AEGIS, "check-models"]
        compare(f"check-models --all of {MARKETS}", [*check, *every], [*check, *alone], at, arguments.runs)
        if arguments.former is not None:
            known = ["--market", "nifty50", "--models", "known", quiet, *bars]
            seconds([*AEGIS, "train", *known, f"recent/{first}"], at)
            infer = [*AEGIS, "infer", *known, f"data/{first}"]
            compare("infer of one, before", infer, infer, at, arguments.runs, arguments.former.resolve())
        two = [*AEGIS, "train", *entries, "--market", first, "--market", second, quiet, *bars, "data"]
        compare("train of two, --jobs 2", [*two, "--jobs", "2"], two, at, arguments.runs)


if __name__ == "__main__":
    main()
