"""A market whose year has another number of sessions than 252."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.training.train import train

YEAR = 240
FRAME = synthetic.daily_frame()
OF_240 = replace(get_market("nifty50"), sessions_per_year=YEAR)
HISTORY = replace(synthetic.history(FRAME), market=OF_240)


@cache
def trained() -> tuple[Models, Training]:
    return train(HISTORY, synthetic.TRAINED_AT)


def made(history: MarketHistory) -> Document:
    models, training = trained()
    return infer(history, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT).document


def test_an_index_implies_a_session_of_such_a_year() -> None:
    features = market_features(HISTORY)
    assert features.implied_sd == pytest.approx(FRAME["vix"].to_numpy() / 100 / np.sqrt(YEAR), rel=1e-12)
    assert features.vix_column("lvix")[-1] == pytest.approx(2 * np.log(features.implied_sd[-1]), rel=1e-12)
    assert features.rows(slice(5, 9)).series.sessions_per_year == YEAR


def test_yearly_figures_of_a_document_count_so_many_sessions() -> None:
    document = made(HISTORY)
    vix = FRAME["vix"].to_numpy()[-YEAR:]
    assert document.seller.trap.iv_percentile == pytest.approx(((vix < vix[-1]).sum() + 0.5) / YEAR, abs=5e-5)
    implied = vix[-1] / 100 / np.sqrt(YEAR) * np.sqrt(document.seller.expiry_stress.sessions_left)
    distance = 1.25 * implied * FRAME["close"].iloc[-1]
    assert document.seller.expiry_stress.distance_points == pytest.approx(distance, abs=0.01)
    scales = len(market_features(HISTORY).has_range.nonzero()[0])
    assert document.direction.risk.percentile_years == pytest.approx(min(scales / YEAR, 5), abs=5e-5)


def test_the_engine_s_own_level_is_that_of_such_a_year() -> None:
    bare = replace(HISTORY, vix=None)
    document = made(bare)
    assert document.market.vix_basis == "estimator"
    scale = trained()[0].distribution.scales(market_features(bare)).blended[-1, 21]
    assert document.market.vix == pytest.approx(100 * np.sqrt(YEAR) * scale, abs=0.005)


def test_bars_hash_by_the_year_that_they_are_read_with() -> None:
    plain = synthetic.history(FRAME)
    assert HISTORY.content_hash() != plain.content_hash()
    assert replace(HISTORY, market=get_market("nifty50")).content_hash() == plain.content_hash()
    assert trained()[1].sessions_per_year == YEAR
    assert pd.Timestamp(trained()[1].last) == FRAME.index[-1]
