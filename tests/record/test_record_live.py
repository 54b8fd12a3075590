"""Live and walk-forward rates pool by their events; what is decided after a moment has no influence on its document."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recomputed import wilson
from sample_rows import forecast, resolution

from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.live import NO_RATE, LiveRecord, live_record, pooled_rate
from aegismatrix_engine.scores import MeasuredRate

DAYS = pd.bdate_range("2020-01-01", periods=400)
WALK = MeasuredRate(96, 78, 0.8125, 0.7232, 0.8781, 0.8, "2014-01-01", "2022-11-24")
UNMEASURED = MeasuredRate(0, 0, 0.8, 0.8, 0.8, 0.8, "", "")


def rate(events: int, share: float) -> MeasuredRate:
    return MeasuredRate(events * 13, events, share, 0.0, 1.0, math.nan, "2020-01-01", "2020-12-31")


def add(ledger: Ledger, signal: str, event: str, i: int, said: float, outcome: int, update: int = 0) -> None:
    row = forecast(
        signal=signal,
        event=event,
        as_of=f"{DAYS[i]:%Y-%m-%d}T{10 + update}:00:00+05:30",
        origin=f"{DAYS[i - 1]:%Y-%m-%d}",
        until=f"{DAYS[i]:%Y-%m-%d}",
        probability=repr(said),
    )
    ledger.forecasts[row.key] = row
    ledger.resolutions[row.key] = resolution(row, str(outcome))


def closed(i: int) -> pd.Timestamp:
    return pd.Timestamp(f"{DAYS[i]:%Y-%m-%d}T15:30:00+05:30")


def test_without_live_events_the_pooled_rate_is_the_walks() -> None:
    assert pooled_rate(WALK, NO_RATE) == 0.8125
    assert pooled_rate(UNMEASURED, NO_RATE) == 0.8


def test_pooled_weighs_by_events() -> None:
    assert pooled_rate(WALK, rate(22, 0.5)) == pytest.approx((78 * 0.8125 + 22 * 0.5) / 100)
    assert pooled_rate(UNMEASURED, rate(30, 0.6)) == pytest.approx(0.7)


@given(outcomes=st.lists(st.integers(0, 1), min_size=1, max_size=200), measured=st.booleans())
def test_no_single_event_makes_the_pooled_rate_jump(outcomes: list[int], measured: bool) -> None:
    walk = WALK if measured else UNMEASURED
    before = pooled_rate(walk, NO_RATE)
    for n in range(1, len(outcomes) + 1):
        now = pooled_rate(walk, rate(n, float(np.mean(outcomes[:n]))))
        assert abs(now - before) <= 1 / ((78 if measured else 30) + n)
        assert 0 <= now <= 1
        before = now


def test_many_live_events_outweigh_the_walk() -> None:
    assert pooled_rate(WALK, rate(100_000, 0.5)) == pytest.approx(0.5, abs=1e-3)


def test_an_empty_record_says_nothing() -> None:
    assert live_record(Ledger(), closed(0)) == LiveRecord()


def test_safe_ranges_count_once_an_expiry() -> None:
    ledger = Ledger()
    for i in range(1, 40):
        for update in range(3):
            add(ledger, "seller.safe_range", "range", i, 0.8, int(i % 4 != 0), update)
    held = live_record(ledger, closed(399)).safe_range
    assert (held.n, held.events) == (117, 39)
    assert held.rate == pytest.approx(30 / 39)
    assert (held.low, held.high) == pytest.approx(wilson(30 / 39, 39))
    assert (held.first, held.last) == (f"{DAYS[1]:%Y-%m-%d}", f"{DAYS[39]:%Y-%m-%d}")
    assert held.measured
    assert not live_record(ledger, closed(29)).safe_range.measured
    assert live_record(ledger, closed(30)).safe_range.measured


def test_ranges_of_the_nearest_expiry_are_a_rate_of_their_own() -> None:
    """Neither those of other coverages nor the primary expiry's count in it."""
    ledger = Ledger()
    for i in range(1, 36):
        add(ledger, "seller.expiries.nearest.80", "range", i, 0.8, int(i % 5 != 0), 0)
        add(ledger, "seller.expiries.nearest.95", "range", i, 0.95, 1, 0)
    for i in range(1, 9):
        add(ledger, "seller.safe_range", "range", i, 0.8, 0, 0)
    found = live_record(ledger, closed(399))
    assert (found.nearest_range.n, found.nearest_range.events, found.nearest_range.rate) == (35, 35, 28 / 35)
    assert (found.safe_range.events, found.safe_range.rate) == (8, 0)
    assert [one.nominal for one in found.signals] == [0.8, 0.95, 0.8]


def test_calls_are_sessions_said_likelier_than_the_median_of_those_before() -> None:
    ledger, said = Ledger(), [0.3, 0.5, 0.2, 0.31, 0.3, 0.9, 0.1]
    for i, score in enumerate(said, start=1):
        add(ledger, "buyer.breakout_today", "breakout", i, score - 0.05, int(score > 0.4), 0)
        add(ledger, "buyer.breakout_today", "breakout", i, score + 0.05, int(score > 0.4), 1)
    called = [i for i in range(1, 7) if said[i] > np.median(said[:i])]
    assert called == [1, 3, 5]
    calls = live_record(ledger, closed(399)).breakout_calls
    assert (calls.n, calls.events) == (6, 3)
    assert calls.rate == pytest.approx(2 / 3)


@pytest.mark.parametrize("cut", [10, 35, 60])
def test_time_travel_nothing_decided_after_the_moment_has_any_influence(cut: int) -> None:
    draws = np.random.default_rng(cut)
    past, other = Ledger(), Ledger()
    for i in range(1, 80):
        for name, event in (
            ("seller.safe_range", "range"),
            ("buyer.breakout_today", "breakout"),
            ("direction.today", "up"),
        ):
            said, outcome = float(draws.uniform()), int(draws.integers(2))
            add(past, name, event, i, said, outcome)
            add(other, name, event, i, said if i <= cut else said / 3, outcome if i <= cut else 1 - outcome)
    known = live_record(past, closed(cut))
    assert known == live_record(other, closed(cut))
    assert known.safe_range.events == cut
    assert known != live_record(past, closed(cut + 1))
    assert live_record(past, closed(79)) != live_record(other, closed(79))


def test_the_moment_may_be_in_any_zone() -> None:
    ledger = Ledger()
    for i in range(1, 5):
        add(ledger, "seller.safe_range", "range", i, 0.8, 1)
    moment = closed(3).tz_convert("UTC")
    assert live_record(ledger, moment).safe_range.events == 3
    assert live_record(ledger, moment - pd.Timedelta(seconds=1)).safe_range.events == 2


def test_replays_have_no_part_in_it() -> None:
    ledger = Ledger()
    row = forecast(signal="seller.safe_range", event="range", standing="replay")
    ledger.forecasts[row.key] = row
    ledger.resolutions[row.key] = resolution(row)
    assert live_record(ledger, closed(399) + pd.Timedelta(days=2000)) == LiveRecord()
