"""The moment up to which a document knows the record: that of its bars, and never later than the clock."""

from dataclasses import replace

import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.jobs.infer import record_cut
from aegismatrix_engine.markets.as_of import AsOf

HISTORY = synthetic.history()
CLOSE = pd.Timestamp(f"{HISTORY.last_session:%Y-%m-%d}T15:30").tz_localize("Asia/Kolkata")
HOUR = pd.Timedelta(hours=1)


@pytest.mark.parametrize("cut", [CLOSE - HOUR, CLOSE, CLOSE + HOUR])
def test_bars_cut_at_an_instant_know_the_record_up_to_it(cut: pd.Timestamp) -> None:
    assert record_cut(replace(HISTORY, cut_at=None if cut is None else AsOf(cut)), CLOSE + 24 * HOUR) == cut


@pytest.mark.parametrize("cut", [CLOSE + HOUR, CLOSE + 24 * HOUR])
def test_an_instant_that_is_still_to_come_is_cut_at_the_clock(cut: pd.Timestamp) -> None:
    now = CLOSE + HOUR / 2
    assert record_cut(replace(HISTORY, cut_at=None if cut is None else AsOf(cut)), now) == now


@pytest.mark.parametrize("cut", [None, HISTORY.last_session, HISTORY.last_session + pd.Timedelta(days=9)])
def test_bars_cut_at_a_date_or_not_at_all_know_it_up_to_their_last_close(cut: pd.Timestamp | None) -> None:
    bars = replace(HISTORY, cut_at=None if cut is None else AsOf(cut))
    assert record_cut(bars, CLOSE + 24 * HOUR) == CLOSE
    assert record_cut(bars, CLOSE - HOUR) == CLOSE - HOUR, "a clock that stands before the last close"
