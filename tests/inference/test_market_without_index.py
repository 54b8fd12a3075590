"""A market whose entry names no volatility index, and one whose sessions stop for lunch."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from csv_market import write_market
from own_entry import tokyo

from aegismatrix_engine.jobs.bars import read_history
from aegismatrix_engine.markets import get_market

NOW = pd.Timestamp("2026-06-30T18:00+05:30")
BANKNIFTY = get_market("banknifty")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Bars of India, a volatility index among them."""
    frame, fine = synthetic.daily_frame(600), synthetic.intraday_frame(600, 5)
    spot, vix = frame[["open", "high", "low", "close"]], frame[["vix"]].rename(columns={"vix": "close"}).dropna()
    fine_vix = fine[["vix"]].rename(columns={"vix": "close"})
    return write_market(tmp_path / "data", spot, vix, fine.drop(columns="vix"), fine_vix)


def test_a_volatility_index_in_the_folder_is_left_out_with_a_note(folder: Path) -> None:
    history = read_history(BANKNIFTY, NOW, folder)
    assert history.vix is None
    assert history.bars is not None
    assert history.bars["vix"].isna().all()
    assert "vix_daily was left out: banknifty has no volatility index by its entry." in history.notes
    assert not [note for note in history.notes if "olatility index up to" in note], "nothing is missing"
    assert read_history(get_market("nifty50"), NOW, folder).vix is not None


def test_bars_inside_a_session_are_withheld_from_a_market_with_a_lunch_break(folder: Path) -> None:
    market = replace(tokyo(), calendar=BANKNIFTY.calendar, zone=BANKNIFTY.zone)
    history = read_history(market, NOW, folder)
    assert history.bars is None
    (note,) = (note for note in history.notes if "lunch" in note)
    assert note.startswith("Bars inside a session are not used: trading at NSE stops for lunch")
