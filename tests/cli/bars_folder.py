"""The synthetic market as a csv folder for the commands."""

from pathlib import Path

import pandas as pd
from csv_market import write_market

# Long enough for measured rates, so that nothing is degraded.
SESSIONS = 1455


def write_data(folder: Path, frame: pd.DataFrame) -> Path:
    vix = frame[["vix"]].rename(columns={"vix": "close"}).dropna()
    return write_market(folder, frame[["open", "high", "low", "close"]], vix)
