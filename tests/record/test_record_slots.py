"""Three synthetic sessions, three slots each: the record says what the bars say, worked out apart from the engine."""

from pathlib import Path

import pandas as pd
import pytest
import synthetic
from recomputed import Bars
from recording import assert_recomputed, inside, record_slots, resolve_all, said

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.ledger import read_ledger
from aegismatrix_engine.record.resolution import Resolver
from aegismatrix_engine.record.rows import ResolutionRow
from aegismatrix_engine.training.train import train

MARKET = get_market("nifty50")
DAYS = synthetic.daily_frame().index[[-60, -52, -20]]
SLOTS = ("10:00", "12:30", "15:30")
LAST = synthetic.daily_frame().index[-1]
AT = pd.Timestamp("2026-06-30T18:00+05:30")


@pytest.fixture(scope="module")
def models() -> tuple[Models, Manifest]:
    made, training = train(
        synthetic.whole_history().until(AsOf.of(synthetic.daily_frame().index[-100])), synthetic.TRAINED_AT
    )
    return made, synthetic.manifest(training)


def moments() -> list[pd.Timestamp]:
    return [pd.Timestamp(f"{day:%Y-%m-%d}T{slot}", tz=MARKET.zone) for day in DAYS for slot in SLOTS]


def test_the_record_says_what_the_bars_say(tmp_path: Path, models: tuple[Models, Manifest]) -> None:
    whole = synthetic.whole_history()
    rows = record_slots(tmp_path, whole, *models, moments())
    assert record_slots(tmp_path, whole, *models, moments()[-1:]) == 0
    # One of them again, too late to be live.
    replay = said(inside(whole, moments()[0] + pd.Timedelta(minutes=30)), *models, late=pd.Timedelta(minutes=46))[1]
    assert {row.standing for row in replay} == {"replay"}
    assert append(tmp_path, replay) == len(replay)
    resolve_all(tmp_path, whole, AT)
    bars = Bars(whole.spot, synthetic.intraday_frame(), frozenset())
    report = assert_recomputed(tmp_path, MARKET.id, bars, f"{LAST:%Y-%m-%d}")
    assert report["forecasts"] == rows + len(replay)
    assert len(report["live"]) == len(report["replay"])  # type: ignore[arg-type]


def test_resolved_day_by_day_it_comes_to_the_same(tmp_path: Path, models: tuple[Models, Manifest]) -> None:
    """What is decided on its day, with nothing later known, is what is decided at the end."""
    whole = synthetic.whole_history()
    rows = said(inside(whole, moments()[0]), *models)[1]
    at_the_end = {row.key: row for row in Resolver(whole).resolve(rows, AT) if isinstance(row, ResolutionRow)}
    days = synthetic.daily_frame().loc[DAYS[0] :].index
    for day in days:
        known = whole.until(AsOf.of(day))
        for row in Resolver(known).resolve([row for row in rows if row.until == f"{day:%Y-%m-%d}"], AT):
            assert row == at_the_end[row.forecast]  # type: ignore[union-attr]
            append(tmp_path, [row])  # type: ignore[list-item]
    assert read_ledger(tmp_path, MARKET.id).resolutions == at_the_end
    assert len(at_the_end) == len([row for row in rows if row.until <= f"{LAST:%Y-%m-%d}"])
