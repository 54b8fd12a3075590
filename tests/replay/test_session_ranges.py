"""80 % ranges of today's close, replayed bar by bar over five real years by models that end before them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.intraday.model import fit_intraday
from aegismatrix_engine.intraday.sessions import MOMENTS, IntradaySessions
from aegismatrix_engine.intraday.state import states
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.scores import wilson_interval
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.typing import BoolArray
from aegismatrix_engine.volatility.distribution import fit_distribution
from aegismatrix_engine.volatility.features import DailyFeatures

MARKET = get_market("nifty50")
FIRST = "2018-01-01"
REFIT_INTERVAL = 63
TAILS = np.array([0.1, 0.9])


def ranges_that_held(features: DailyFeatures, sessions: IntradaySessions, *, adapt: bool) -> BoolArray:
    """Whether the close fell inside the range from each moment of the sessions since FIRST, (n, 25).

    Models are fitted on everything before every 63rd session; between, the spread knows the closes of the days before.
    """
    first, held = int(features.series.dates[sessions.rows].searchsorted(pd.Timestamp(FIRST))), []
    for start in range(first, len(sessions), REFIT_INTERVAL):
        row = int(sessions.rows[start])
        known = features.head(row)
        daily = fit_distribution(known)
        scale, shapes = daily.scales(features).horizon, daily.shapes(use_vix=True)
        model = fit_intraday(known, scale[:row], sessions.where(sessions.rows < row))
        model = model if adapt else model.without_spread()
        for at in range(start, min(start + REFIT_INTERVAL, len(sessions))):
            today = sessions.where(np.arange(len(sessions)) == at)
            close, inside = features.series.close[today.rows[0]], []
            for moment in range(1, MOMENTS + 1):
                found = model.distribution(
                    scale[today.rows - 1], shapes, states(today, features.series, moment)
                ).quantile(1, TAILS)[0]
                inside.append(found[0] <= close - today.level[0, moment - 1] <= found[1])
            held.append(inside)
            if adapt:
                moves = model.standardised_closes(features, scale, today)
                model = model.carried_on(moves, pd.Timestamp(features.series.dates[today.rows[0]]))
    return np.array(held)


@pytest.mark.slow
def test_80_percent_ranges_of_todays_close_hold_four_times_in_five_at_every_moment(shared: Path) -> None:
    source = CsvFolder(shared / "data" / "nifty50")
    history = source.with_intraday(source.daily(MARKET))
    assert history.bars is not None
    features = market_features(history)
    sessions = IntradaySessions.from_bars(history.bars, features.series)
    ours, plain = (ranges_that_held(features, sessions, adapt=adapt) for adapt in (True, False))
    print(f"\n{len(ours)} sessions since {FIRST}: ranges that held, rate and its 95 % interval; without the spread")
    for moment in range(1, MOMENTS + 1):
        rate, without = ours[:, moment - 1].mean(), plain[:, moment - 1].mean()
        low, high = wilson_interval(rate, len(ours))
        clock = pd.Timestamp("09:15") + moment * pd.Timedelta(minutes=15)
        count = ours[:, moment - 1].sum()
        print(f"{clock:%H:%M}: {count:5,} {rate:.1%} [{low:.1%}, {high:.1%}]; {without:.1%}")
    assert len(ours) > 1200
    assert ours.mean(axis=0) == pytest.approx(0.8, abs=0.02)
    worst = np.abs(ours.mean(axis=0) - 0.8).max(), np.abs(plain.mean(axis=0) - 0.8).max()
    assert worst[0] < worst[1], "the spread makes the worst moment better"
