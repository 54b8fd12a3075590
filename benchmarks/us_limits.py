"""What the limits of the US series are measured from: the largest steps of a fund, and how still its closes are.

    python -m benchmarks.us_limits DATA US

DATA is a csv folder with vix_daily.csv; US a folder with vix_daily.csv, spot_daily.csv and inda_daily.csv of the US.
Prints the largest changes of a close, and the range of the median change over ``STEADY_ROWS`` closes, by which a fund
without a name is told from a volatility index.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.history.bar_rules import SourcedBars
from aegismatrix_engine.history.us_series import FUND_STEP_LIMIT, checked_fund, checked_us_spot, checked_vix
from aegismatrix_engine.sources.csv_table import read_text, sourced_bars
from aegismatrix_engine.sources.recognise.series import STEADY, STEADY_ROWS

LARGEST = 4
PRICES = ("open", "high", "low", "close")


def read(path: Path) -> SourcedBars:
    return sourced_bars(path.name, read_text(path), moment="date", prices=PRICES, may_lack=PRICES[:3])


def steps(name: str, closes: pd.Series) -> None:
    change = np.log(closes).diff().abs()
    beyond = f"above {FUND_STEP_LIMIT}: {(change > FUND_STEP_LIMIT).sum():2d}"
    shown = ", ".join(f"{step:.3f} ({date:%Y-%m-%d})" for date, step in change.nlargest(LARGEST).items())
    print(f"{name:18} changes {len(change) - 1:5d}, {beyond}; {shown}")
    usual = change.rolling(STEADY_ROWS - 1).median().dropna()
    print(
        f"{'':18} median change of {STEADY_ROWS} closes {usual.min():.2%} to {usual.max():.2%}, half below "
        f"{usual.median():.2%}; {(usual < STEADY).mean():.1%} of windows below {STEADY:.1%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("data", type=Path, help="a csv folder of NIFTY 50")
    parser.add_argument("us", type=Path, help="a folder of the US")
    asked = parser.parse_args()
    vix, us_vix = read(asked.data / "vix_daily.csv"), read(asked.us / "vix_daily.csv")
    steps("India VIX", checked_vix(vix).bars["close"])
    steps("US VIX", checked_vix(us_vix).bars["close"])
    steps("S&P 500", checked_us_spot(read(asked.us / "spot_daily.csv")).bars["close"])
    steps("INDA", checked_fund(read(asked.us / "inda_daily.csv")).bars["close"])


if __name__ == "__main__":
    main()
