"""Print the window shares that ship as the prior of gamma windows, from a folder with 15-minute bars.

python -m benchmarks.fit_intraday_profile FOLDER [MARKET]
"""

import sys
from pathlib import Path

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.source import open_source
from aegismatrix_engine.volatility.intraday_profile import window_shares


def main(folder: str, market_id: str = "nifty50") -> None:
    market = get_market(market_id)
    source = open_source("csv", Path(folder))
    history = source.with_intraday(source.daily(market))
    shares, sessions = window_shares(history.bars, market.gamma_windows)
    print(f"{sessions} sessions, {history.bars.index[0]:%Y-%m-%d} to {history.bars.index[-1]:%Y-%m-%d}")
    print("(" + ", ".join(f"{share:.4f}" for share in shares) + ")")


if __name__ == "__main__":
    main(*sys.argv[1:])
