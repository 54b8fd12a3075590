"""What a live run of ``aegis infer`` costs beyond imports and the network, and how many requests it makes.

    python -m benchmarks.live_run DATA [--runs N]

DATA is a csv folder with daily bars, of which the models are trained. The real yfinance asks a loopback server that
speaks Yahoo's chart format (tests/sources/yahoo_server.py), with twenty years of daily rows and sixty days of bars.
Printed are medians of user + system time: that of the run, of a bare interpreter that imports what every run imports,
and of one that imports yfinance besides; the difference of the first and the last is at most 2 s.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from aegismatrix_engine.markets import get_market

TESTS = Path(__file__).resolve().parents[1] / "tests" / "sources"
sys.path.insert(0, str(TESTS))
from yahoo_server import YahooServer, live_bars  # noqa: E402

NOW = pd.Timestamp("2026-07-15T11:07:30+05:30")
SESSIONS, INTRADAY = 4_000, 59
LIBRARIES = "numpy, pandas, sklearn.linear_model, joblib"


def seconds(command: list[str], environment: dict[str, str]) -> float:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 10):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    market = get_market("nifty50")
    with tempfile.TemporaryDirectory() as folder, YahooServer(live_bars(market, NOW, SESSIONS, INTRADAY)) as server:
        models = f"{folder}/models"
        environment = {**os.environ, **server.environment(), "AEGIS_NOW": NOW.isoformat()}
        train = ["train", "--source", "csv", "--data", str(arguments.data), "--models", models, "--quiet"]
        subprocess.run([sys.executable, "-m", "aegismatrix_engine", *train], check=True, env=environment)
        output = f"{folder}/aegismatrix.json"
        live = [sys.executable, str(TESTS / "yahoo_loopback.py"), "infer", "--source", "yahoo", "--quiet"]
        live += ["--models", models, "--output", output, "--cache", f"{folder}/bars"]
        commands = {
            "aegis infer, live": live,
            "imports": [sys.executable, "-c", f"import {LIBRARIES}"],
            "imports, yfinance": [sys.executable, "-c", f"import {LIBRARIES}, yfinance"],
        }
        for command in commands.values():
            seconds(command, environment)
        server.requests.clear()
        seconds(live, environment)
        requests = len(server.requests)
        found = {name: [] for name in commands}
        for _ in range(arguments.runs):
            for name, command in commands.items():
                found[name].append(seconds(command, environment))
    medians = {name: statistics.median(times) for name, times in found.items()}
    for name, median in medians.items():
        print(f"{name:<20} {median:5.2f} s")
    print(f"beyond imports       {medians['aegis infer, live'] - medians['imports, yfinance']:5.2f} s (at most 2)")
    print(f"requests             {requests:5d}   (at most 10)")


if __name__ == "__main__":
    main()
