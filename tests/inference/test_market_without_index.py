"""A market whose entry names no volatility index, and one whose sessions stop for lunch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from csv_market import write_market
from own_entry import tokyo

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.jobs.bars import read_history
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.training.train import train

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


def made(history: MarketHistory, models: Models, training: Training) -> Document:
    training = replace(training, market=history.market.id)
    return infer(history, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT).document


def test_what_needs_an_implied_level_says_that_there_is_none() -> None:
    history = replace(synthetic.history(synthetic.daily_frame(1100).assign(vix=np.nan)), market=BANKNIFTY)
    models, training = train(history, synthetic.TRAINED_AT)
    document = made(history, models, training)
    degraded = {entry.signal for entry in document.health.degraded}
    assert all(signal.startswith("track_record.") for signal in degraded), "measured on too few events"
    trap, stress, theta = document.seller.trap, document.seller.expiry_stress, document.buyer.theta_edge
    reason = "the market has no volatility index, and the historical average is shown: see health"
    assert (trap.basis, trap.reason, trap.score) == ("prior", reason, trap.base_rate)
    assert (stress.basis, stress.reason, stress.score) == ("prior", reason, stress.base_rate)
    assert (theta.basis, theta.reason, theta.score) == ("prior", reason, theta.base_rate)
    assert document.market.vix_basis == "estimator"
    assert any("There is no volatility index" in text for text in document.seller.seller_flag.reasons)
    missing = made(replace(history, market=get_market("nifty50")), models, training)
    assert {"market", "forecast", "seller.trap"} <= {entry.signal for entry in missing.health.degraded}
