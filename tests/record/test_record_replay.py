"""Real sessions, thirteen slots each, by models that end before them: the record says what the raw bars say.

Sixty sessions take many minutes (`pytest -m exhaustive`); CI runs ten.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from recomputed import Bars
from recording import assert_recomputed, record_slots, resolve_all, since

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.sources.csv_table import read_text, sourced_bars
from aegismatrix_engine.training.train import train

MARKET = get_market("nifty50")
TRAINED_THROUGH, LAST = pd.Timestamp("2021-12-31"), "2022-12-30"
TRAINED_SESSIONS, SLOTS, PERFECT = 1500, 13, 25


def real_history(shared: Path) -> MarketHistory:
    source = CsvFolder(shared / "data" / "nifty50")
    us = sourced_bars("US VIX", read_text(shared / "data" / "us" / "vix_daily.csv"), moment="date", prices=("close",))
    return source.with_intraday(source.daily(MARKET)).with_us_vix(us)


def raw_bars(shared: Path) -> Bars:
    data = shared / "data"
    return Bars(
        pd.read_csv(data / "nifty50" / "spot_daily.csv", index_col="date", parse_dates=True),
        pd.read_csv(data / "nifty50" / "spot_intraday.csv", index_col="timestamp", parse_dates=True),
        frozenset(pd.read_csv(data / "calendar" / "nse_special_sessions.csv", parse_dates=["date"])["date"]),
    )


def moments(bars: Bars, sessions: int) -> list[pd.Timestamp]:
    """Every half hour from 09:30 to 15:30 of sessions evenly spread over the year after training."""
    days = pd.Series(1, index=bars.intraday.index.normalize()).groupby(level=0).sum()
    complete = days.index[(days == PERFECT) & (days.index > TRAINED_THROUGH)]
    ordinary = [day for day in complete if day not in bars.special]
    chosen = [ordinary[i] for i in np.linspace(0, len(ordinary) - 1, sessions).astype(int)]
    first = pd.Timedelta(hours=9, minutes=30)
    slots = [first + k * pd.Timedelta(minutes=30) for k in range(SLOTS)]
    return [(day + slot).tz_localize(MARKET.zone) for day in chosen for slot in slots]


@pytest.mark.parametrize(
    "sessions", [pytest.param(10, marks=pytest.mark.slow), pytest.param(60, marks=pytest.mark.exhaustive)]
)
def test_a_year_of_slots_is_recorded_decided_and_scored_as_the_raw_bars_have_it(
    shared: Path, tmp_path: Path, sessions: int
) -> None:
    known = real_history(shared)
    bars, whole = raw_bars(shared), since(known, known.until(AsOf.of(TRAINED_THROUGH)).spot.index[-TRAINED_SESSIONS])
    models, training = train(whole.until(AsOf.of(TRAINED_THROUGH)), pd.Timestamp("2022-01-01T12:00+05:30"))
    when = moments(bars, sessions)
    assert len(when) == sessions * SLOTS
    rows = record_slots(tmp_path, whole, models, synthetic.manifest(training), when)
    assert rows >= 40 * len(when)
    resolve_all(tmp_path, whole, pd.Timestamp("2022-12-30T18:00+05:30"))
    report = assert_recomputed(tmp_path, MARKET.id, bars, LAST)
    assert report["replay"] == []
    safe = next(one for one in report["live"] if one["signal"] == "seller.safe_range")  # type: ignore[attr-defined]
    assert safe["events"] <= 12
