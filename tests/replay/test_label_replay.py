"""Documents of 2018 to 2022 on real bars: what followed each word goes with the word."""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.source import open_source
from benchmarks.replay_labels import followed, orders, published_as_model, replay, report

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("label replay")]


@cache
def documents(shared: Path) -> pd.DataFrame:
    """Every fourth close, models trained anew every 63 sessions."""
    history = open_source("csv", shared / "data" / "nifty50").daily(get_market("nifty50"))
    found = replay(history, pd.Timestamp("2018-01-01"), pd.Timestamp("2022-12-31"), every=63, step=4)
    print(report(found))
    return found


def test_no_order_of_words_is_contradicted_by_what_came(shared: Path) -> None:
    assert len(documents(shared)) > 300
    assert [one for one in orders(documents(shared)) if one.contradicted] == []


def test_moves_grow_with_the_width_of_the_range(shared: Path) -> None:
    means = {
        one.value: one.mean
        for one in followed(documents(shared))
        if one.label == "seller.range_width.grade" and one.outcome == "move in %"
    }
    assert means["NARROW"] < means["USUAL"] < means["WIDE"]


def test_a_friendly_environment_is_followed_by_more_breakouts(shared: Path) -> None:
    rates = {
        one.value: one.mean
        for one in followed(documents(shared))
        if one.label == "buyer.buyer_environment.label" and one.outcome == "next session breaks out"
    }
    assert rates["UNFAVOURABLE"] < rates["SPECULATIVE_ONLY"] < rates["PREMIUM_FRIENDLY"]


def test_an_edge_over_the_premium_is_hardly_ever_claimed(shared: Path) -> None:
    words = documents(shared)["buyer.theta_edge.word"]
    assert (words == "EDGE_JUSTIFIES_PREMIUM").mean() < 0.02


def test_breakouts_keep_their_word_and_the_side_of_one_has_none(shared: Path) -> None:
    counts = published_as_model(documents(shared))
    for k in range(1, 6):
        model, of = counts[f"buyer.breakout.{k}"]
        assert model > 0.9 * of > 0
    assert counts["buyer.spike_direction_bias"][0] == 0
