"""A market without a volatility index whose entry names another market's as a feature."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from csv_market import csv_text, write_market

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.errors import ModelsOfAnotherMarket
from aegismatrix_engine.forecasting.audit import audit, refuse_another_entry
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.forecasters import fit_forecasters
from aegismatrix_engine.forecasting.model_set import save_models
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.jobs.bars import read_history
from aegismatrix_engine.jobs.train import cautions
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.markets.market import Companion
from aegismatrix_engine.training.train import train
from aegismatrix_engine.volatility.outcomes import mean_range_variance_ahead

PLAIN = get_market("banknifty")
INDIA = replace(PLAIN, companion=Companion(get_market("nifty50"), same_sessions=True))
US = replace(PLAIN, companion=Companion(get_market("sp500"), same_sessions=False))
SESSIONS = 1150
FRAME = synthetic.daily_frame(SESSIONS)
INDEX = FRAME[["vix"]].set_axis(["close"], axis=1)
"""The simulated market's own index, which knows its volatility, as if it were another's."""

BARE = replace(synthetic.history(FRAME.assign(vix=np.nan)), market=PLAIN)
INFORMED = replace(BARE, market=INDIA, companion=INDEX)


@cache
def trained() -> tuple[Models, Training]:
    return train(INFORMED, synthetic.TRAINED_AT)


def made(history: MarketHistory) -> Document:
    models, training = trained()
    return infer(history, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT).document


def test_each_session_uses_the_newest_close_known_by_its_own() -> None:
    day = BARE.last_session
    for market, used in ((INDIA, day), (US, day - pd.Timedelta(days=1))):
        history = replace(BARE, market=market, companion=INDEX)
        expected = 2 * np.log(INDEX["close"].loc[:used].iloc[-1])
        block = market_features(history).companion_block
        assert block[-1, 0] == pytest.approx(expected, rel=1e-12)
        levels = 2 * np.log(INDEX["close"].loc[:used])
        assert block[-1, 1:] == pytest.approx([expected - levels.iloc[-n:].mean() for n in (5, 22)], abs=1e-12)
        later = INDEX.assign(close=np.where(INDEX.index > used, 99.0, INDEX["close"]))
        again = market_features(replace(history, companion=later)).companion_block
        assert np.array_equal(block, again, equal_nan=True), "no later close is seen"


def test_a_cut_keeps_the_closes_that_were_known() -> None:
    history = replace(BARE, market=US, companion=INDEX)
    day = pd.Timestamp(FRAME.index[900])
    for moment, last in ((day, FRAME.index[899]), (f"{day:%Y-%m-%d}T20:00+05:30", FRAME.index[899])):
        known = history.until(AsOf.of(pd.Timestamp(moment))).companion
        assert known is not None
        assert known.index[-1] == last
    same = replace(history, market=INDIA).until(AsOf.of(day)).companion
    assert same is not None
    assert same.index[-1] == day


def test_a_close_is_carried_over_two_sessions_at_most() -> None:
    dates = FRAME.index
    for missing, known in ((1, True), (2, True), (3, False)):
        gone = replace(INFORMED, companion=INDEX.loc[: dates[-1 - missing]])
        features = market_features(gone)
        assert bool(features.has_companion[-1]) == known
        assert features.has_companion[66:-missing].all()


def test_it_improves_the_scale_where_it_knows_more_than_the_ranges() -> None:
    informed, bare = market_features(INFORMED), market_features(BARE)
    train_rows, rows = 800, slice(800, 1100)
    outcome = np.log(mean_range_variance_ahead(bare.series)[rows, 4])
    errors = []
    for features in (informed, bare):
        scales = fit_forecasters(features.head(train_rows)).distribution.scales(features.rows(rows))
        errors.append(np.mean((2 * np.log(scales.har[:, 4]) - outcome) ** 2))
    assert errors[0] < 0.97 * errors[1]


def test_it_is_a_feature_of_the_forecast_and_never_an_implied_level() -> None:
    document = made(INFORMED)
    assert not [one for one in document.health.degraded if not one.signal.startswith("track_record.")]
    calm = made(
        replace(INFORMED, companion=INDEX.assign(close=INDEX["close"].where(INDEX.index < FRAME.index[-1], 9.0)))
    )
    assert calm.forecast.horizons[0].sigma_pct < document.forecast.horizons[0].sigma_pct, "a feature"
    for one in (document, calm):
        assert one.market.vix_basis == "estimator"
        assert one.market.vix_change == 0
        assert one.market.vix_as_of is None
        bases = one.seller.trap.basis, one.seller.expiry_stress.basis, one.buyer.theta_edge.basis
        assert set(bases) == {"prior"}
        assert [given.series for given in one.provenance.inputs] == ["spot_daily", "companion_daily"]
        assert one.provenance.vix_last_bar is None


def test_a_companion_that_is_missing_or_old_is_named() -> None:
    bare = made(replace(BARE, market=INDIA))
    (entry,) = (one for one in bare.health.degraded if one.signal == "forecast")
    assert entry.reason == (
        "India VIX, the companion index, is not known at the time of the forecast; the scale was learnt without it"
    )
    carried = made(replace(INFORMED, companion=INDEX.iloc[:-1]))
    assert "India VIX is 1 session(s) older than it should be and was carried forward" in carried.health.notes
    assert "forecast" not in {one.signal for one in carried.health.degraded}


def test_a_training_without_the_companion_says_so(tmp_path: Path) -> None:
    there, missing = (
        cautions(replace(BARE, market=INDIA, companion=closes), synthetic.TRAINED_AT, tmp_path / "a.json", tmp_path)
        for closes in (INDEX, None)
    )
    assert there == ()
    assert missing == (
        "India VIX, the companion index of banknifty, is not in the bars: this set is trained without it",
    )


def test_a_model_set_is_used_for_the_entry_alone_that_it_was_trained_by(tmp_path: Path) -> None:
    models, training = trained()
    assert (training.companion, training.sessions_per_year) == ("nifty50", 252)
    save_models(models, training, tmp_path)
    report = audit(tmp_path, PLAIN.id)
    assert not report.unhealthy, "it answers its probes, those about the companion among them"
    assert report.models["distribution"].log_har.companion is not None
    refuse_another_entry(report.manifest, INDIA)
    for market, fault in (
        (US, "companion_index = nifty50, not sp500"),
        (PLAIN, "companion_index = nifty50, not none"),
        (replace(INDIA, sessions_per_year=245), "sessions_per_year = 252, not 245"),
    ):
        with pytest.raises(ModelsOfAnotherMarket, match=fault):
            refuse_another_entry(report.manifest, market)


def test_a_csv_folder_has_it_in_a_file_of_its_own(tmp_path: Path) -> None:
    now = pd.Timestamp("2026-06-30T18:00+05:30")
    folder = write_market(tmp_path / "data", FRAME[["open", "high", "low", "close"]])
    index = INDEX.rename_axis("date")
    (folder / "companion_daily.csv").write_text(csv_text(index))
    history = read_history(INDIA, now, folder)
    assert history.companion is not None
    assert np.array_equal(history.companion["close"], index["close"])
    assert history.content_hash() != read_history(US, now, folder).content_hash()
    unnamed = read_history(PLAIN, now, folder)
    assert unnamed.companion is None
    assert "companion_daily was left out: banknifty has no companion_index." in unnamed.notes
    wrong = index.assign(close=index["close"].where(index.index != index.index[700], 400.0))
    (folder / "companion_daily.csv").write_text(csv_text(wrong))
    cut = read_history(INDIA, now, folder)
    assert cut.companion is not None
    assert cut.companion.index[-1] == index.index[699]
    assert any(note.startswith("companion_daily.csv, line 702") for note in cut.notes)
