"""What the document says of past forecasts: measured in a walk through the past, measured live, and both pooled."""

import math
from dataclasses import replace
from typing import Any

import pytest
import synthetic

from aegismatrix_engine.forecasting.find_origin import origin_at_close
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.inference.track_record import track_record_block
from aegismatrix_engine.record.live import LiveRecord
from aegismatrix_engine.record.scoring import SignalScore
from aegismatrix_engine.record.skill import Skill
from aegismatrix_engine.scores import BrierSkill, MeasuredRate

MODELS, TRAINING = synthetic.trained_whole()
ORIGIN = origin_at_close(synthetic.history(), MODELS.forecasters)
BEFORE_WEEKLIES = origin_at_close(synthetic.history(synthetic.daily_frame().iloc[:900]), MODELS.forecasters)
WALK = MeasuredRate(650, 50, 0.82, 0.69, 0.90, 0.8, "2016-01-04", "2019-06-28")
UNMEASURED = MeasuredRate(0, 0, 0.8, 0.8, 0.8, 0.8, "", "")
LIVE = MeasuredRate(120, 30, 0.9, 0.74, 0.97, math.nan, "2020-01-01", "2020-06-30")
NONE = MeasuredRate(0, 0, 0.0, 0.0, 1.0, math.nan, "", "")
SCORE = SignalScore(
    signal="seller.trap",
    event="sprung",
    n=90,
    events=30,
    first="2020-01-01",
    last="2020-06-30",
    frequency=0.21,
    interval=(0.1, 0.35),
    nominal=None,
    brier=0.162,
    log=0.5,
    climatology=Skill(0.11, 0.02, 0.19),
    vix=Skill(-0.04, -0.1, 0.03),
    reliability=(),
    by_basis=(),
    by_model_set=(),
)


def block(
    *,
    safe: MeasuredRate = WALK,
    calls: MeasuredRate = WALK,
    nearest: MeasuredRate = WALK,
    live: MeasuredRate = NONE,
    live_nearest: MeasuredRate = NONE,
    scores: tuple[SignalScore, ...] = (),
    origin: Origin | None = None,
) -> dict[str, Any]:
    models = replace(
        MODELS,
        breach=replace(MODELS.breach, record=safe, nearest_record=nearest),
        breakout=replace(MODELS.breakout, record=calls),
    )
    record = LiveRecord(safe_range=live, nearest_range=live_nearest, breakout_calls=NONE, signals=scores)
    made = track_record_block(origin or ORIGIN, models, synthetic.manifest(TRAINING), record)
    content: dict[str, Any] = made.model_dump(mode="json")
    return content


def test_a_measured_walk_is_given_with_its_interval_and_its_dates() -> None:
    found = block()["safe_range"]
    assert (found["n"], found["events"], found["rate"], found["nominal"]) == (650, 50, 0.82, 0.8)
    assert (found["interval"], found["first"], found["last"]) == ([0.69, 0.90], "2016-01-04", "2019-06-28")
    assert (found["kind"], found["basis"]) == ("walk_forward", "model")


def test_a_walk_too_short_to_measure_gives_the_nominal_rate_and_claims_nothing() -> None:
    found = block(safe=UNMEASURED)["safe_range"]
    assert (found["n"], found["events"], found["rate"], found["basis"]) == (0, 0, 0.8, "prior")
    assert (found["interval"], found["first"], found["last"]) == (None, None, None)


def test_safe_ranges_and_breakout_calls_keep_their_own_rates() -> None:
    calls = replace(WALK, rate=0.31, reference=0.24, n=400, events=400)
    found = block(calls=calls)
    assert (found["breakout_calls"]["rate"], found["breakout_calls"]["base_rate"]) == (0.31, 0.24)
    assert (found["safe_range"]["rate"], found["safe_range"]["nominal"]) == (0.82, 0.8)


def test_ranges_of_the_nearest_expiry_have_rates_of_their_own() -> None:
    """The monthly ones are not measured yet when the nearest ones long are."""
    walk = replace(WALK, n=900, events=240, rate=0.79)
    found = block(nearest=walk, live=replace(LIVE, events=7), live_nearest=LIVE)
    assert (found["nearest_range"]["rate"], found["nearest_range"]["events"]) == (0.79, 240)
    assert found["nearest_range"]["nominal"] == 0.8
    assert (found["nearest_range"]["live"]["state"], found["nearest_range"]["live"]["rate"]) == ("measured", 0.9)
    assert found["nearest_range"]["pooled"] == pytest.approx((240 * 0.79 + 30 * 0.9) / 270, abs=5e-5)
    assert found["safe_range"]["live"]["state"] == "not enough yet"
    assert found["safe_range"]["rate"] == 0.82


def test_before_weekly_expiries_there_is_no_rate_of_the_nearest_one() -> None:
    assert block(origin=BEFORE_WEEKLIES)["nearest_range"] is None


@pytest.mark.parametrize(
    ("safe", "live", "pooled"),
    [
        (WALK, NONE, 0.82),
        (WALK, LIVE, (50 * 0.82 + 30 * 0.9) / 80),
        (WALK, replace(LIVE, events=5, rate=0.6), (50 * 0.82 + 5 * 0.6) / 55),
        (UNMEASURED, NONE, 0.8),
        (UNMEASURED, replace(LIVE, events=10, rate=0.4), (30 * 0.8 + 10 * 0.4) / 40),
    ],
)
def test_both_are_weighted_by_their_events_and_a_nominal_rate_by_thirty(
    safe: MeasuredRate, live: MeasuredRate, pooled: float
) -> None:
    assert block(safe=safe, live=live)["safe_range"]["pooled"] == pytest.approx(pooled, abs=5.1e-5)


def test_live_forecasts_are_counted_from_the_first_and_claimed_from_thirty_events_on() -> None:
    few = block(live=replace(LIVE, events=29))["safe_range"]["live"]
    assert (few["state"], few["n"], few["events"]) == ("not enough yet", 120, 29)
    assert (few["rate"], few["interval"]) == (None, None)
    assert (few["first"], few["last"]) == ("2020-01-01", "2020-06-30")
    enough = block(live=LIVE)["safe_range"]["live"]
    assert (enough["state"], enough["rate"], enough["interval"]) == ("measured", 0.9, [0.74, 0.97])


def test_without_a_live_forecast_there_is_no_date() -> None:
    live = block()["safe_range"]["live"]
    assert (live["n"], live["first"], live["last"]) == (0, None, None)


def test_skill_is_the_part_of_climatologys_score_that_was_saved() -> None:
    skill = (
        BrierSkill("seller.trap.score", 0.15, 0.2, 0.001, 800, "2016-01-04", "2019-06-28"),
        BrierSkill("buyer.theta_edge.score", 0.25, 0.2, 0.001, 700, "2016-02-01", "2019-06-27"),
    )
    manifest = synthetic.manifest(replace(TRAINING, skill=skill))
    better, worse = track_record_block(ORIGIN, MODELS, manifest, LiveRecord()).skill
    assert (better.signal, better.skill_pct, worse.skill_pct) == ("seller.trap.score", 0.25, -0.25)
    assert (better.score, better.climatology, better.n) == (0.15, 0.2, 800)
    assert (worse.first, worse.last, worse.measure) == ("2016-02-01", "2019-06-27", "brier")


def test_a_live_score_says_what_it_is_worth_against_both_baselines() -> None:
    (live,) = block(scores=(SCORE,))["live"]
    assert (live["state"], live["n"], live["events"]) == ("measured", 90, 30)
    assert (live["brier"], live["came_true"]) == (0.162, 0.21)
    assert (live["against_climatology"], live["climatology_interval"]) == (0.11, [0.02, 0.19])
    assert (live["against_index"], live["index_interval"]) == (-0.04, [-0.1, 0.03])


def test_a_live_score_on_fewer_events_is_counted_and_withheld() -> None:
    (live,) = block(scores=(replace(SCORE, events=29),))["live"]
    assert (live["state"], live["signal"], live["event"]) == ("not enough yet", "seller.trap", "sprung")
    assert (live["n"], live["events"], live["first"], live["last"]) == (90, 29, "2020-01-01", "2020-06-30")
    withheld = ("brier", "came_true", "against_climatology", "climatology_interval", "against_index", "index_interval")
    assert {live[name] for name in withheld} == {None}


def test_a_baseline_that_was_not_known_or_has_no_interval_leaves_its_place_empty() -> None:
    (live,) = block(scores=(replace(SCORE, climatology=Skill(0.11, None, None), vix=None),))["live"]
    assert (live["against_climatology"], live["climatology_interval"]) == (0.11, None)
    assert (live["against_index"], live["index_interval"]) == (None, None)
