"""The rows of a backtest are those of documents replayed at its closes, by a set trained at the block's refit."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.backtest.block import BlockMaker
from aegismatrix_engine.backtest.columns import typed
from aegismatrix_engine.backtest.forecast_table import forecast_table
from aegismatrix_engine.backtest.plan import Block, plan
from aegismatrix_engine.backtest.walk import Walk, prepare
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.find_origin import find_origin
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.markets.market import Companion
from aegismatrix_engine.record.forecasts import forecast_rows
from aegismatrix_engine.record.resolution import Resolver
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow
from aegismatrix_engine.training.train import train

OF_THE_RUN = ["generated_at", "standing", "model_set"]
"""Columns that say when and as what a forecast was made."""

MISSING, CLOSE_ALONE = 1048, 1100
"""Rows of a session without bars, and of one that has a close alone."""


def without_index() -> MarketHistory:
    return synthetic.history(synthetic.daily_frame().assign(vix=np.nan))


def index_lost() -> MarketHistory:
    """A market whose volatility index is not known from some session on."""
    frame = synthetic.daily_frame().copy()
    frame.iloc[1070:1090, frame.columns.get_loc("vix")] = np.nan
    return synthetic.history(frame)


def with_gaps() -> MarketHistory:
    """A market whose bars miss a session, and know of another one its close alone."""
    frame = synthetic.daily_frame()
    whole = synthetic.history(frame.drop(frame.index[MISSING]))
    return replace(whole, closes_alone=frozenset({frame.index[CLOSE_ALONE]}))


def with_companion() -> MarketHistory:
    """A market without a volatility index that has another's as its companion, which is known from some session on."""
    companion = Companion(get_market("sp500"), same_sessions=False)
    market = replace(get_market("banknifty"), companion=companion)
    index = synthetic.daily_frame()[["vix"]].set_axis(["close"], axis=1).iloc[300:]
    return replace(without_index(), market=market, companion=index)


MARKETS = {
    "with all series": synthetic.whole_history,
    "without a volatility index": without_index,
    "whose index is lost for a month": index_lost,
    "with a session missing and one in doubt": with_gaps,
    "with a companion index": with_companion,
}


@cache
def prepared(market: str) -> tuple[MarketHistory, Walk]:
    history = MARKETS[market]()
    return history, prepare(history, market_features(history), [750, 1038])


def replayed(history: MarketHistory, refit: pd.Timestamp, closes: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """The rows of documents from these closes, by the set that a training at the refit makes, and what came of them."""
    models, training = train(history.until(AsOf.of(refit)), synthetic.TRAINED_AT)
    rows: list[ForecastRow] = []
    for close in closes:
        known = history.until(AsOf.of(close))
        document = infer(known, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT).document
        rows += forecast_rows(document, find_origin(known, models, frozenset(), training.silent_heads))
    decided = Resolver(history).resolve(rows, synthetic.TRAINED_AT)
    return forecast_table(rows, {row.forecast: row for row in decided if isinstance(row, ResolutionRow)})


def assert_replayed(market: str, block: Block, rows: Sequence[int]) -> pd.DataFrame:
    """The block's rows from these closes are the replayed ones; gives them."""
    history, walk = prepared(market)
    closes = list(walk.sessions[rows])
    table = BlockMaker(walk.history, walk.features).make(block, walk.records[block.refit])["forecasts"]
    made = typed(table[table["origin"].isin(closes)], "forecasts")
    expected = replayed(history, walk.sessions[block.refit], closes)
    assert (made["standing"] == "backtest").all()
    compared = (one.drop(columns=OF_THE_RUN) for one in (made, expected))
    pd.testing.assert_frame_equal(*compared, check_exact=True, check_categorical=False)
    return made


@pytest.mark.parametrize("market", MARKETS)
def test_rows_are_those_of_documents_by_a_set_trained_at_the_refit(market: str) -> None:
    _, walk = prepared(market)
    block = next(b for b in plan("nifty50", walk.sessions, walk.sessions[1038], None, 72) if b.refit == 1038)
    made = assert_replayed(market, block, [1038, 1045, 1047, 1049, 1068, 1075, 1095, 1109])
    assert made["outcome"].isna().any() == (market == "with a session missing and one in doubt")


def test_the_first_possible_block_is_that_of_a_training_without_past_forecasts() -> None:
    _, walk = prepared("with all series")
    block = plan("nifty50", walk.sessions, None, walk.sessions[770], 63)[0]
    assert (block.refit, block.start, block.stop) == (750, 750, 771)
    assert_replayed("with all series", block, [750, 763, 770])


def test_quantiles_are_the_documents_and_the_oracle_holds_the_closes_they_are_of() -> None:
    history, walk = prepared("with all series")
    block = plan("nifty50", walk.sessions, walk.sessions[1038], None, 72)[0]
    tables = BlockMaker(walk.history, walk.features).make(block, walk.records[1038])
    close = walk.sessions[1060]
    models, training = train(history.until(AsOf.of(walk.sessions[1038])), synthetic.TRAINED_AT)
    manifest = synthetic.manifest(training)
    document = infer(history.until(AsOf.of(close)), models, manifest, "synthetic", synthetic.TRAINED_AT).document
    expected = [
        (one.sessions, pd.Timestamp(one.until), quantile.level, quantile.index_level)
        for one in document.forecast.horizons
        if one.sessions in (1, 5, 20)
        for quantile in one.quantiles
    ]
    quantiles = typed(tables["quantiles"], "quantiles")
    own = quantiles[quantiles["reference_date"] == close]
    columns = ["horizon", "target_end_date", "output_type_id", "value"]
    assert list(own[columns].itertuples(index=False, name=None)) == expected
    oracle = typed(tables["oracle"], "oracle").set_index("target_end_date")["oracle_value"]
    assert set(oracle.index) == set(quantiles["target_end_date"])
    assert oracle[close] == history.spot["close"][close]
