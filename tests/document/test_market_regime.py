"""The regime's six words: each pair of trend and volatility has one, and each word has its pairs."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegismatrix_engine.document.schema.market import MarketRegime, market_regime

WORDS = {"LOW_VOL_BULL", "HIGH_VOL_BULL", "LOW_VOL_BEAR", "HIGH_VOL_BEAR", "SIDEWAYS", "CHOPPY"}
TRENDS, SHARES = st.floats(-20, 20), st.floats(0, 1)


def test_the_words_are_the_tiles() -> None:
    assert set(get_args(MarketRegime)) == WORDS


@given(TRENDS, SHARES)
def test_every_pair_has_the_one_word_that_its_trend_and_volatility_spell(trend: float, volatility: float) -> None:
    trends = {"BULL": trend >= 0.5, "BEAR": trend <= -0.5, "": -0.5 < trend < 0.5}
    (side,) = [word for word, holds in trends.items() if holds]
    calm = volatility < 0.5
    flat = "SIDEWAYS" if calm else "CHOPPY"
    assert market_regime(trend, volatility) == (f"{'LOW' if calm else 'HIGH'}_VOL_{side}" if side else flat)


@given(TRENDS, SHARES)
def test_a_market_turned_upside_down_swaps_bull_and_bear(trend: float, volatility: float) -> None:
    swapped = market_regime(trend, volatility).replace("BULL", "B?").replace("BEAR", "BULL").replace("B?", "BEAR")
    assert market_regime(-trend, volatility) == swapped


@pytest.mark.parametrize(
    ("trend", "volatility", "word"),
    [
        (0.5, 0.4999, "LOW_VOL_BULL"),
        (0.5, 0.5, "HIGH_VOL_BULL"),
        (-0.5, 0.4999, "LOW_VOL_BEAR"),
        (-0.5, 0.5, "HIGH_VOL_BEAR"),
        (0.4999, 0.4999, "SIDEWAYS"),
        (-0.4999, 0.5, "CHOPPY"),
        (0.0, 0.0, "SIDEWAYS"),
        (0.0, 1.0, "CHOPPY"),
    ],
)
def test_each_word_is_reached_at_its_edge(trend: float, volatility: float, word: str) -> None:
    assert market_regime(trend, volatility) == word
