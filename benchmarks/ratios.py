"""What the commands cost, as ratios to bare interpreters in the same run.

    python -m benchmarks.ratios DATA [--runs N]

DATA is a csv folder with daily bars. Each command runs in turn with its denominator, N times after one run that is not
counted; a ratio is that of the two medians of user + system time, which a busy machine disturbs least.

| command | denominator | bound |
|---|---|---|
| aegis infer from csv | numpy, pandas, sklearn.linear_model, joblib imported | 1.5, and 250 MB |
| aegis train on the last 13 years of DATA | the same | 3 |
| aegis check-models | the same as for infer | 1.3 |
| aegis --help | click imported | 3 |

Last, within this process: what verified loading adds to reading the files of a set, at most 100 ms.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from aegismatrix_engine.forecasting.audit import audit

LIBRARIES = [sys.executable, "-c", "import numpy, pandas, sklearn.linear_model, joblib"]
CLICK = [sys.executable, "-c", "import click"]
AEGIS = [sys.executable, "-m", "aegismatrix_engine"]
TRAINING_YEARS = 13
LOADINGS = 50


@dataclass(frozen=True)
class Cost:
    """Median user + system seconds, and the largest resident size in MB."""

    seconds: float
    megabytes: float


def cost_of(command: list[str]) -> Cost:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 10):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def compare(name: str, command: list[str], denominator: list[str], runs: int) -> None:
    cost_of(command), cost_of(denominator)
    pairs = [(cost_of(command), cost_of(denominator)) for _ in range(runs)]
    ours = statistics.median(pair[0].seconds for pair in pairs)
    theirs = statistics.median(pair[1].seconds for pair in pairs)
    size = max(pair[0].megabytes for pair in pairs)
    print(f"{name:<18} {ours:6.2f} s / {theirs:5.2f} s = {ours / theirs:5.2f}   {size:6.0f} MB", flush=True)


def milliseconds(work: Callable[[], object]) -> float:
    """Median over many calls, after one that is not counted."""
    work()
    times = []
    for _ in range(LOADINGS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)


def compare_loading(models: Path) -> None:
    """Audit, load and probe against reading the bytes of manifest and files, of which nothing is asked."""

    def unchecked() -> None:
        for path in models.iterdir():
            path.read_bytes()

    verified, plain = milliseconds(lambda: audit(models, "nifty50")), milliseconds(unchecked)
    print(f"verified loading {verified:.1f} ms - {plain:.1f} ms of reading = {verified - plain:.1f} ms", flush=True)


def last_years(data: Path, folder: Path) -> None:
    for name in ("spot_daily.csv", "vix_daily.csv"):
        table = pd.read_csv(data / name)
        first = pd.Timestamp(table["date"].iloc[-1]) - pd.DateOffset(years=TRAINING_YEARS)
        table[pd.to_datetime(table["date"]) > first].to_csv(folder / name, index=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cut, models = Path(folder) / "data", Path(folder) / "models"
        cut.mkdir()
        last_years(arguments.data, cut)
        bars = ["--source", "csv", "--models", str(models), "--quiet", "--data"]
        train = [*AEGIS, "train", *bars, str(cut)]
        compare("aegis train", train, LIBRARIES, arguments.runs)
        infer = [*AEGIS, "infer", *bars, str(arguments.data), "--output", str(Path(folder) / "document.json")]
        compare("aegis infer", infer, LIBRARIES, arguments.runs)
        check = [*AEGIS, "check-models", "--models", str(models), "--output", str(Path(folder) / "document.json")]
        compare("aegis check-models", check, LIBRARIES, arguments.runs)
        compare_loading(models)
        compare("aegis --help", [*AEGIS, "--help"], CLICK, arguments.runs)


if __name__ == "__main__":
    main()
