"""How far trap and straddle should be drawn to their base rates: skill by own share, in each era of a csv folder.

    python -m benchmarks.head_shares DATA [--market sp500]

For every head, era and share of its own logit: Brier skill over the base rate in per cent, and in brackets its t. The
forecasts are those of the walk that training makes, before anything is drawn.
"""

import argparse
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

from aegismatrix_engine import get_market, read_history
from aegismatrix_engine.buyer.model import STRADDLE_HORIZONS
from aegismatrix_engine.buyer.targets import straddle_pays
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.markets import nearest_horizons
from aegismatrix_engine.scores import squared_errors, standard_error
from aegismatrix_engine.seller.targets import TRAP_HORIZONS, trap_sprung
from aegismatrix_engine.training.walk_forward import walk_forward
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.event_head import expit, logit

SHARES = (1.0, 0.8, 0.7, 0.6, 0.5, 0.4)
ERAS = (("2012", "2016"), ("2017", "2019"), ("2020", "2022"), ("2023", "2100"))


def main() -> None:
    """Print a line for each head and era."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--market", default="nifty50")
    given = arguments.parse_args()
    history = read_history(get_market(given.market), pd.Timestamp.now(tz="UTC"), given.data)
    features = market_features(history)
    nearest = nearest_horizons(history.market, features.series.dates)
    undrawn = "aegismatrix_engine.{}.model.share_of_own"
    with patch(undrawn.format("seller"), lambda *_: 1.0), patch(undrawn.format("buyer"), lambda *_: 1.0):
        walk = walk_forward(features, nearest)
    assert walk is not None
    dates = features.series.dates[walk.rows]
    heads = [(f"trap {k}", walk.trap[:, i], walk.trap_base[:, i], trap_sprung, k) for i, k in enumerate(TRAP_HORIZONS)]
    heads += [
        (f"straddle {h}", walk.straddle[:, i], walk.straddle_base[:, i], straddle_pays, h)
        for i, h in enumerate(STRADDLE_HORIZONS)
    ]
    for name, own, base, event, horizon in heads:
        happened = event(features.series, horizon)[walk.rows]
        for first, last in ERAS:
            inside = np.asarray((dates >= first) & (dates <= f"{last}-12-31"))
            found = [_skill(own, base, happened, horizon, inside, share) for share in SHARES]
            if all(found):
                print(
                    name,
                    f"{first}-{last}",
                    *(f"{share:.1f}: {text}" for share, text in zip(SHARES, found, strict=True)),
                )


def _skill(
    own: FloatArray, base: FloatArray, happened: FloatArray, horizon: int, inside: np.ndarray, share: float
) -> str:
    drawn = expit(share * logit(own) + (1 - share) * logit(base))
    known = inside & np.isfinite(drawn + base + happened)
    if known.sum() < 250:
        return ""
    theirs = squared_errors(base, happened)[known]
    gain = theirs - squared_errors(drawn, happened)[known]
    return f"{100 * gain.mean() / theirs.mean():+.2f} ({gain.mean() / standard_error(gain, horizon):.1f})"


if __name__ == "__main__":
    main()
