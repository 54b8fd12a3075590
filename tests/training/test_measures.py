"""Rates, margins and skill that a walk earns, counted again by hand."""

import statistics
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import synthetic

from aegismatrix_engine.buyer.targets import breakout_happened
from aegismatrix_engine.direction.model import DirectionProbabilities
from aegismatrix_engine.direction.targets import HORIZONS, direction_class
from aegismatrix_engine.markets import nearest_horizons, primary_horizons
from aegismatrix_engine.scores import wilson_interval
from aegismatrix_engine.seller.targets import trap_sprung
from aegismatrix_engine.training.measures import (
    breakout_record,
    direction_margins,
    range_record,
    scored_signals,
    session_dates,
    skills,
)
from aegismatrix_engine.training.walk_forward import WalkForward, walk_forward
from aegismatrix_engine.volatility.conformal import adapt, central_interval, known_miss, nominal_miss
from aegismatrix_engine.volatility.outcomes import horizon_outcomes

PANEL = synthetic.features()
ROWS = np.arange(750, len(PANEL))


@cache
def walk() -> WalkForward:
    found = walk_forward(PANEL, nearest_horizons(synthetic.MARKET, PANEL.series.dates))
    assert found is not None
    return found


def test_a_safe_range_held_where_the_close_at_its_expiry_lay_inside() -> None:
    # Expiries five sessions from every origin: enough occasions to measure on in a short walk.
    primary = np.full(len(PANEL), 5)
    record = range_record(walk(), PANEL, primary)
    path, held, ends = adapt(nominal_miss(), walk().pit), [], set()
    for block in walk().blocks:
        for row in range(block.rows.start, block.rows.stop):
            if row + 5 >= len(PANEL):
                continue
            miss = float(known_miss(path, row - 750, 5)[0])
            interval = central_interval(block.forecast.distribution, row - block.rows.start, 5, miss)
            came = PANEL.series.close[row + 5] - PANEL.series.close[row]
            held.append(interval.lower <= came <= interval.upper)
            ends.add(row + 5)
    assert record.n == len(held) == len(PANEL) - 750 - 5
    assert record.events == len(ends)
    assert record.rate == pytest.approx(np.mean(held), rel=1e-12)
    assert (record.low, record.high) == wilson_interval(record.rate, record.events)
    assert record.rate == pytest.approx(0.8, abs=0.08)
    dates = PANEL.series.dates.strftime("%Y-%m-%d")
    assert (record.first, record.last) == (dates[750], dates[len(PANEL) - 6])


def test_ranges_of_one_expiry_are_one_event() -> None:
    primary = primary_horizons(synthetic.MARKET, PANEL.series.dates)
    record = range_record(walk(), PANEL, primary)
    months = len(np.unique((ROWS + primary[ROWS])[ROWS + primary[ROWS] < len(PANEL)]))
    assert 15 < months < 30  # one a month: too few to call it measured
    assert (record.measured, record.rate) == (False, 0.80)


def test_an_origin_with_no_sessions_left_is_not_counted() -> None:
    sessions = np.where(np.arange(len(PANEL)) % 2 == 0, 5, 0)
    record, every = range_record(walk(), PANEL, sessions), range_record(walk(), PANEL, np.full(len(PANEL), 5))
    counted = [row for row in range(750, len(PANEL) - 5) if row % 2 == 0]
    assert record.n == record.events == len(counted)
    assert every.n == len(PANEL) - 755
    assert range_record(walk(), PANEL, np.zeros(len(PANEL), dtype=np.int64)).n == 0


def test_a_breakout_call_is_a_score_above_the_median_of_those_before_it() -> None:
    record = breakout_record(walk(), PANEL, base_rate=0.5)
    score, happened = walk().breakout[:, 0], breakout_happened(PANEL.series)[ROWS, 0]
    above = [i for i in range(1, len(score)) if score[i] > statistics.median(score[:i])]
    calls = [happened[i] for i in above if np.isfinite(happened[i])]
    assert record.n == record.events == len(calls)
    assert record.rate == pytest.approx(np.mean(calls), rel=1e-12)
    assert record.reference == pytest.approx(np.nanmean(happened), rel=1e-12)


def test_with_too_few_calls_the_reference_is_trainings_base_rate() -> None:
    features = PANEL.head(751)
    short = walk_forward(features, np.full(751, 5))
    assert short is not None
    record = breakout_record(short, features, base_rate=0.24)
    assert (record.measured, record.rate, record.reference) == (False, 0.24, 0.24)


def with_view(edge: np.ndarray) -> WalkForward:
    """The walk with a made-up view on the sign: P(up) exceeds its base by ``edge``."""
    base = np.full(len(ROWS), 0.4)
    view = DirectionProbabilities(up=base + edge, down=base - edge, base_up=base, base_down=base)
    return replace(walk(), direction=dict.fromkeys(HORIZONS, view))


def margins(found: WalkForward) -> np.ndarray:
    """The margins of the walk's calls at a close."""
    return direction_margins(found, PANEL, found.direction)


def outcome(horizon: int) -> np.ndarray:
    return direction_class(horizon_outcomes(PANEL.series).close[ROWS][:, horizon - 1], horizon)


def test_a_view_that_knows_the_sign_proves_the_margin_it_is_given_with() -> None:
    knowing = np.nan_to_num(outcome(1)) * 0.04
    assert margins(with_view(knowing))[0] == 0.01
    # Small edges that are wrong do not spoil the larger margin.
    mixed = np.where(np.arange(len(ROWS)) % 5 < 2, knowing, -np.sign(knowing) * 0.015)
    assert margins(with_view(mixed))[0] == 0.02


def test_calls_after_the_night_prove_margins_of_their_own() -> None:
    knowing = with_view(np.nan_to_num(outcome(1)) * 0.04)
    found = replace(knowing, direction=walk().direction, night_direction=knowing.direction)
    assert direction_margins(found, PANEL, found.night_direction)[0] == 0.01
    assert np.isinf(direction_margins(found, PANEL, found.direction)).all()


def test_nights_of_which_nothing_was_said_are_no_calls() -> None:
    view = with_view(np.nan_to_num(outcome(1)) * 0.04).direction["t1"]
    unknown = np.where(np.arange(len(ROWS)) % 8, np.nan, 1.0)
    few = DirectionProbabilities(*(values * unknown for values in (view.up, view.down, view.base_up, view.base_down)))
    assert np.isinf(direction_margins(walk(), PANEL, dict.fromkeys(HORIZONS, few))).all()
    assert np.isnan(walk().night_direction["t1"].up).all()


def test_a_view_without_skill_proves_nothing() -> None:
    guessed = np.random.default_rng(3).choice([-0.05, 0.05], size=len(ROWS))
    assert np.isinf(margins(with_view(guessed))).all()
    assert np.isinf(margins(walk())).all()


def test_a_view_that_held_in_one_half_only_proves_nothing() -> None:
    knowing = np.nan_to_num(outcome(1)) * 0.04
    knowing[len(ROWS) // 2 :] *= -0.01 / 0.04 * 1.001  # wrong ever after, by the smallest edge that calls
    assert np.isinf(margins(with_view(knowing))[0])


def test_a_few_lucky_calls_prove_nothing() -> None:
    knowing = np.nan_to_num(outcome(1)) * 0.04
    called = np.flatnonzero(knowing)
    knowing[called[99:]] = 0.0
    assert np.isinf(margins(with_view(knowing))[0])


def test_skill_is_the_brier_score_of_what_was_said_beside_the_base_rate_of_the_day() -> None:
    nearest = nearest_horizons(synthetic.MARKET, PANEL.series.dates)
    found = {
        skill.signal: skill for skill in skills(scored_signals(walk(), PANEL, nearest), session_dates(walk(), PANEL))
    }
    assert {"seller.trap.5", "seller.expiry_stress", "buyer.breakout.1", "direction.t40.up"} <= set(found)
    assert {f"buyer.theta_edge.{h}" for h in range(1, 6)} <= set(found)
    sprung = trap_sprung(PANEL.series, 5)[ROWS]
    known = np.isfinite(sprung)
    skill = found["seller.trap.5"]
    assert skill.n == known.sum() == len(ROWS) - 5
    assert skill.score == pytest.approx(np.mean((walk().trap[known, 0] - sprung[known]) ** 2), rel=1e-12)
    assert skill.climatology == pytest.approx(np.mean((walk().trap_base[known, 0] - sprung[known]) ** 2), rel=1e-12)
    assert skill.noise > 0


def test_dates_are_those_of_the_origins() -> None:
    dates = session_dates(walk(), PANEL)
    assert (dates[0], dates[-1], len(dates)) == (
        f"{PANEL.series.dates[750]:%Y-%m-%d}",
        f"{PANEL.series.dates[-1]:%Y-%m-%d}",
        len(ROWS),
    )
