"""Scores count events, not forecasts; they equal independent computations, and claim nothing on too few events."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recomputed import one_score, wilson
from sample_rows import forecast, resolution
from sklearn.metrics import log_loss

from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.rows import ForecastRow
from aegismatrix_engine.record.scoring import SignalScore, resolved_frame, scores

DAYS = pd.bdate_range("2020-01-01", periods=900)


def day(i: int) -> str:
    return f"{DAYS[i]:%Y-%m-%d}"


def ledger(rows: list[tuple[ForecastRow, int]]) -> Ledger:
    found = Ledger()
    for row, outcome in rows:
        found.forecasts[row.key] = row
        if outcome >= 0:
            found.resolutions[row.key] = resolution(row, str(outcome))
    return found


def of_event(start: int, update: int, said: float, outcome: int, span: int = 1, **more: str) -> tuple[ForecastRow, int]:
    """An update of the event that ends ``span`` days after it began."""
    row = forecast(
        as_of=f"{day(start)}T{9 + update // 4:02d}:{update % 4 * 15:02d}:00+05:30",
        origin=day(start),
        until=day(start + span),
        probability=repr(said),
        **{"climatology": "0.3", "vix": "0.4", **more},
    )
    return row, outcome


def only(rows: list[tuple[ForecastRow, int]], standing: str = "live") -> SignalScore:
    (found,) = scores(resolved_frame(ledger(rows), standing))
    return found


def test_thirteen_forecasts_of_one_expiry_are_one_event() -> None:
    rows = [of_event(0, k, 0.9, 1) for k in range(13)] + [of_event(5, 0, 0.9, 0)]
    found = only(rows)
    assert (found.n, found.events) == (14, 2)
    assert found.frequency == pytest.approx(0.5)
    assert found.brier == pytest.approx((0.01 + 0.81) / 2)
    assert found.interval == pytest.approx(wilson(0.5, 2))


@pytest.mark.parametrize("signal", ["seller.breach_probabilities", "seller.expiries.nearest.breach_curve"])
def test_the_distances_of_one_table_share_one_event(signal: str) -> None:
    rows = [of_event(0, 0, 0.5, i % 2, signal=f"{signal}.{i}") for i in range(4)]
    rows += [of_event(3, 0, 0.5, 1, signal=f"{signal}.0")]
    found = only(rows)
    assert (found.signal, found.n, found.events) == (signal, 5, 2)
    assert found.frequency == pytest.approx(0.75)


EVENTS = st.lists(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=13), min_size=1, max_size=40
)


@settings(max_examples=40)
@given(events=EVENTS)
def test_every_score_equals_an_independent_computation(events: list[list[tuple[float, int]]]) -> None:
    rows = [
        of_event(i, k, said, outcome) for i, said_of in enumerate(events) for k, (said, outcome) in enumerate(said_of)
    ]
    found = only(rows)
    table = pd.DataFrame([asdict(row) for row, _ in rows])
    expected = one_score(table, np.array([outcome for _, outcome in rows], dtype=float))
    assert (found.n, found.events) == (expected["n"], expected["events"])
    assert (found.first, found.last) == (expected["first"], expected["last"])
    for name in ("frequency", "brier", "log"):
        assert getattr(found, name) == pytest.approx(expected[name], rel=1e-9, abs=1e-12)
    assert found.climatology is not None
    assert found.climatology.skill == pytest.approx(expected["climatology"], rel=1e-9, abs=1e-9)
    assert sum(one.n for one in found.reliability) == found.n
    assert sum(one.events for one in found.reliability) == pytest.approx(found.events)


def test_the_log_score_is_scikit_learns_and_finite_for_the_impossible() -> None:
    rows = [of_event(0, 0, 0.0, 1), of_event(1, 0, 1.0, 0), of_event(2, 0, 0.3, 1)]
    expected = log_loss([1, 0, 1], np.clip([0.0, 1.0, 0.3], 1e-4, 1 - 1e-4))
    assert only(rows).log == pytest.approx(expected)


def test_where_everything_happened_or_nothing_did_there_are_scores_still() -> None:
    for outcome in (0, 1):
        found = only([of_event(i, 0, 0.8, outcome) for i in range(35)])
        assert found.frequency == outcome
        assert found.brier == pytest.approx((0.8 - outcome) ** 2)


def test_a_perfect_baseline_leaves_no_skill_to_speak_of() -> None:
    assert only([of_event(i, 0, 0.8, 1, climatology="1") for i in range(5)]).climatology is None


def test_a_baseline_that_is_not_known_is_left_out_and_the_rest_is_scored() -> None:
    rows = [of_event(i, 0, 0.6, i % 2, vix="" if i < 30 else "0.5") for i in range(40)]
    found = only(rows)
    assert found.n == 40
    assert found.vix is not None
    assert found.vix.skill == pytest.approx(1 - (0.36 + 0.16) / 2 / 0.25)
    assert found.vix.low is None
    assert only([of_event(i, 0, 0.6, 1, vix="") for i in range(3)]).vix is None


@pytest.mark.parametrize(("events", "enough"), [(29, False), (30, True)])
def test_thirteen_times_as_many_forecasts_do_not_make_thirty_events(events: int, enough: bool) -> None:
    rows = [of_event(i, k, 0.5, i % 2) for i in range(events) for k in range(13)]
    found = only(rows)
    assert found.enough is enough
    assert found.climatology is not None
    assert (found.climatology.low is not None) is enough


def test_live_and_replay_are_never_counted_together() -> None:
    rows = [of_event(i, 0, 0.5, 1, standing="live" if i < 4 else "replay") for i in range(10)]
    assert only(rows).n == 4
    assert only(rows, "replay").n == 6


def test_open_forecasts_count_nowhere_and_do_not_take_weight() -> None:
    rows = [of_event(0, 0, 0.5, 1), of_event(0, 1, 0.5, -1), of_event(1, 0, 0.5, -1)]
    assert (only(rows).n, only(rows).events) == (1, 1)
    frame = resolved_frame(ledger(rows), "live")
    assert frame["weight"].tolist() == [1.0]


def test_a_resolution_without_its_forecast_is_no_score() -> None:
    found = ledger([of_event(0, 0, 0.5, 1), of_event(1, 0, 0.5, 1)])
    del found.forecasts[next(iter(found.forecasts))]
    assert [one.n for one in scores(resolved_frame(found, "live"))] == [1]


def test_nothing_decided_is_no_score() -> None:
    assert scores(resolved_frame(Ledger(), "live")) == []


def test_what_is_decided_later_than_the_moment_has_no_influence() -> None:
    rows = [of_event(i, k, 0.7, i % 2, span=3) for i in range(50) for k in range(3)]
    moment = pd.Timestamp(f"{day(30)}T15:30:00+05:30")
    early = resolved_frame(ledger(rows), "live", moment)
    assert set(early["until"]) == {day(i) for i in range(3, 31)}
    assert set(resolved_frame(ledger(rows), "live", moment - pd.Timedelta(seconds=1))["until"]) == {
        day(i) for i in range(3, 30)
    }
    others = [(row, 1 - outcome) if row.until > day(30) else (row, outcome) for row, outcome in rows]
    pd.testing.assert_frame_equal(early, resolved_frame(ledger(others), "live", moment))


def test_coverage_of_a_range_stands_beside_its_nominal() -> None:
    rows = [
        of_event(i, 0, 0.8, int(i % 5 != 0), event="range", signal="forecast.5.80", lower="1", upper="2", threshold="")
        for i in range(50)
    ]
    found = only(rows)
    assert (found.nominal, found.frequency) == (0.8, pytest.approx(0.8))
    assert found.interval[0] < 0.8 < found.interval[1]
    assert found.reliability == ()
    assert only([of_event(0, 0, 0.8, 1)]).nominal is None


def test_reliability_puts_each_forecast_in_its_tenth() -> None:
    rows = [of_event(0, 0, 0.0, 0), of_event(1, 0, 0.05, 1), of_event(2, 0, 0.95, 1), of_event(3, 0, 1.0, 0)]
    rows += [of_event(4, k, 0.45, k % 2) for k in range(4)]
    low, middle, high = only(rows).reliability
    assert [(one.n, one.events) for one in (low, middle, high)] == [(2, 2), (4, 1), (2, 2)]
    assert (low.low, middle.low, high.high) == (0.0, 0.4, 1.0)
    assert (low.mean_probability, middle.mean_probability) == (pytest.approx(0.025), pytest.approx(0.45))
    assert [one.frequency for one in (low, middle, high)] == [0.5] * 3
    assert middle.interval == pytest.approx(wilson(0.5, 1))


def test_parts_by_basis_and_by_model_set_add_up() -> None:
    rows = [of_event(i, 0, 0.5 + i / 100, 1, basis="prior" if i < 3 else "model") for i in range(9)]
    rows = [(row if i % 2 else replace(row, model_set="b" * 12), o) for i, (row, o) in enumerate(rows)]
    found = only(rows)
    assert [(one.name, one.n, one.events) for one in found.by_basis] == [("model", 6, 6), ("prior", 3, 3)]
    assert [one.n for one in found.by_model_set] == [4, 5]
    prior = next(one for one in found.by_basis if one.name == "prior")
    assert prior.brier == pytest.approx(np.mean([(0.5 - i / 100) ** 2 for i in range(3)]))
    weighed = sum(one.brier * one.n for one in found.by_basis) / 9
    assert weighed == pytest.approx(found.brier)


def drawn(seed: int, events: int, span: int, updates: int) -> list[tuple[ForecastRow, int]]:
    """Outcomes that overlap: the sign of the sum of ``span`` noises, forecast knowing only half the truth."""
    draws = np.random.default_rng(seed)
    noise, hint = draws.standard_normal(events + span), draws.standard_normal(events + span)
    rows = []
    for i in range(events):
        signal = hint[i : i + span].sum() / np.sqrt(span)
        outcome = int(noise[i : i + span].sum() / np.sqrt(span) + 0.5 * signal > 0)
        said = 0.5 + 0.16 * np.tanh(signal)
        rows += [of_event(i, k, float(said), outcome, span=span, climatology="0.5") for k in range(updates)]
    return rows


@pytest.mark.parametrize("span", [1, 5])
def test_the_interval_of_skill_holds_the_true_skill_about_as_often_as_it_says(span: int) -> None:
    """Over 120 records of 100 events; the truth is their mean. 90 % nominal; of 300 it held in 92 and 86 %."""
    found = [only(drawn(seed, 100, span, 1)).climatology for seed in range(120)]
    truth = np.mean([one.skill for one in found if one is not None])
    held = [one.low <= truth <= one.high for one in found if one is not None and one.low is not None]  # type: ignore[operator]
    assert len(held) == 120
    assert 0.75 <= np.mean(held) <= 0.99


def test_events_that_overlap_so_much_that_few_blocks_are_left_have_no_interval() -> None:
    few, enough = (only(drawn(2, events, 5, 1)).climatology for events in (89, 90))
    assert few is not None
    assert enough is not None
    assert (few.low, few.high) == (None, None)
    assert enough.low is not None


def test_more_updates_of_the_same_events_make_no_interval_narrower() -> None:
    once, often = (only(drawn(3, 60, 1, updates)).climatology for updates in (1, 5))
    assert once is not None
    assert often is not None
    assert (often.skill, often.low, often.high) == pytest.approx((once.skill, once.low, once.high))


def test_overlapping_events_widen_the_interval() -> None:
    """The same outcomes and forecasts, once as events of one day each, once as events that span nine."""
    spans = drawn(7, 240, 9, 1)
    apart = [of_event(i, 0, float(row.probability), came, climatology="0.5") for i, (row, came) in enumerate(spans)]
    one, other = only(apart).climatology, only(spans).climatology
    assert one is not None
    assert other is not None
    assert None not in (one.low, one.high, other.low, other.high)
    assert one.skill == pytest.approx(other.skill)
    assert other.high - other.low > 1.1 * (one.high - one.low)
    assert one.low < one.skill < one.high
    assert other.low < other.skill < other.high


def test_the_interval_is_the_same_every_time() -> None:
    rows = drawn(1, 50, 2, 2)
    assert only(rows) == only(list(reversed(rows)))
