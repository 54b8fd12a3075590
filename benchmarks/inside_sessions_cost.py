"""What a moment inside a session costs a backtest, beside a GJR-GARCH fit.

    python -m benchmarks.inside_sessions_cost DATA [--runs N]

DATA is a csv folder with daily rows and quarter hours of NIFTY 50 and its volatility index. Needs ``arch``, which the
engine does not. Seconds are user + system. A moment is the middle of N estimates of ``aegis backtest --estimate``, with
what is learnt of sessions at each refit spread over 63 sessions; the fit has t shocks and 2,500 returns.
"""

import argparse
import statistics
from pathlib import Path

import numpy as np
import pandas as pd
from arch import arch_model

from aegismatrix_engine.jobs.backtest_estimate import estimate
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.source import open_source
from benchmarks.walk_cost import GARCH_RETURNS, seconds

NOW = pd.Timestamp("2026-01-01T12:00:00+00:00")
TIMES = {"one time a session": "11:15", "three times a session": "10:15,12:30,14:45"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    closes = open_source("csv", asked.data).daily(get_market("nifty50")).daily()["close"].to_numpy(dtype=np.float64)
    returns = 100 * np.diff(np.log(closes))[-GARCH_RETURNS:]
    fit = seconds(lambda: arch_model(returns, p=1, o=1, q=1, dist="t").fit(disp="off"), 5 * asked.runs)
    for name, times in TIMES.items():
        settings = BacktestSettings(BarsSettings("nifty50", "csv", asked.data), intraday=times)
        found = [estimate(settings, NOW).inside for _ in range(asked.runs)]
        moment = statistics.median(one.seconds / one.moments for one in found)
        print(f"{name}: {1000 * moment:.0f} ms a moment, {moment / fit:.1f} GARCH fits ({1000 * fit:.1f} ms)")


if __name__ == "__main__":
    main()
