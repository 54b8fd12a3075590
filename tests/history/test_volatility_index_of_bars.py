"""Daily closes of the volatility index against its bars: a few that differ are taken from the bars, many are not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.session_book import MOST_CONTRADICTED, reconciled

SESSIONS, WITH_BARS = 120, 30


def with_bars_off_by(factor: float, sessions: int) -> MarketHistory:
    """A market whose bars of the volatility index are off by a factor in each of its last sessions."""
    bars = synthetic.intraday_frame(SESSIONS, WITH_BARS).copy()
    days = pd.DatetimeIndex(bars.index).normalize()
    bars.loc[days.isin(days.unique()[-sessions:]), "vix"] *= factor
    return replace(synthetic.history(synthetic.daily_frame(SESSIONS)), bars=bars)


def told(history: MarketHistory) -> list[str]:
    return [note for note in history.notes if "daily close" in note]


@pytest.mark.parametrize("factor", [1.2, 0.8])
def test_up_to_three_closes_that_bars_contradict_are_taken_from_the_bars(factor: float) -> None:
    given = with_bars_off_by(factor, MOST_CONTRADICTED)
    found = reconciled(given)
    assert found.vix is not None
    assert given.bars is not None
    assert found.vix["close"].iloc[-1] == given.bars["vix"].iloc[-1]
    assert len(told(found)) == MOST_CONTRADICTED


@pytest.mark.parametrize("factor", [1.2, 0.8])
def test_bars_of_another_index_leave_the_daily_closes_as_they_are(factor: float) -> None:
    given = with_bars_off_by(factor, WITH_BARS)
    found = reconciled(given)
    assert given.vix is not None
    assert found.vix is not None
    pd.testing.assert_frame_equal(found.vix, given.vix)
    assert found.bars is not None
    assert np.isnan(found.bars["vix"]).all(), "no bar of it is known"
    assert len(found.bars) == len(given.bars if given.bars is not None else ()), "those of spot stay"
    (note,) = told(found)
    assert f"contradict on {WITH_BARS} of {WITH_BARS} sessions" in note
    assert "the daily closes were kept" in note
