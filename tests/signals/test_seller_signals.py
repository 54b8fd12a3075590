"""The seller's block: ranges, curves, labels and reasons that agree with the distribution and with one another."""

import math
import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.document.schema.range_width import WidthGrade
from aegismatrix_engine.document.schema.seller import TrapLabel
from aegismatrix_engine.document.schema.situation import (
    DAILY_FLAGS,
    FLAG_LABELS,
    REGIMES,
    STRESS_LABELS,
    TRAP_LABELS,
    seller_words,
)
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.find_origin import origin_at_close
from aegismatrix_engine.forecasting.forecasters import forecast
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.markets import nearest_expiry, primary_expiry, sessions_left
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.signals.ranges import current_miss, range_ladder
from aegismatrix_engine.signals.seller import (
    NORMAL_TAIL_SHARE,
    tail_shares,
)
from aegismatrix_engine.volatility.conformal import adapt, nominal_miss
from aegismatrix_engine.volatility.distribution import ReturnDistribution
from aegismatrix_engine.volatility.label_cuts import LabelCuts
from aegismatrix_engine.volatility.outcomes import horizon_outcomes

LEVEL = 0.006  # an index level is rounded to 0.01
CUTS = {0: LabelCuts(low=1e9, high=1e10), 1: LabelCuts(low=0.0, high=1e9), 2: LabelCuts(low=0.0, high=0.0)}


@cache
def document() -> dict[str, Any]:
    return synthetic.document(*synthetic.trained())


@cache
def seller() -> dict[str, Any]:
    found: dict[str, Any] = document()["seller"]
    return found


@cache
def origin() -> Origin:
    return origin_at_close(synthetic.history(), synthetic.trained()[0].forecasters)


def said() -> ReturnDistribution:
    return origin().forecast.distribution


def test_the_safe_range_is_the_forecasts_central_interval_at_the_primary_expiry() -> None:
    found = seller()["safe_range"]
    last = synthetic.history().last_session
    expiry = primary_expiry(synthetic.MARKET, last)
    h = sessions_left(synthetic.MARKET, last, expiry.date)
    assert (found["expiry"], found["sessions_left"]) == (f"{expiry.date:%Y-%m-%d}", h)
    assert found["horizon_days"] == (expiry.date - last).days >= 7
    assert (found["coverage"], found["kind"]) == (0.80, "close_at_expiry")
    miss = float(
        current_miss(synthetic.trained()[0].breach, synthetic.trained()[0].distribution, origin().features)[0, h - 1]
    )
    assert (found["lower_level"], found["upper_level"]) == pytest.approx((miss / 2, 1 - miss / 2), abs=5e-5)
    low, middle, high = said().quantile(h, np.array([miss / 2, 0.5, 1 - miss / 2]))[0]
    wider = 1 + 0.05 * max(h - 20, 0) / 20
    spot = synthetic.history().close
    assert found["lower"] == pytest.approx(spot * math.exp(middle + wider * (low - middle)), abs=LEVEL)
    assert found["upper"] == pytest.approx(spot * math.exp(middle + wider * (high - middle)), abs=LEVEL)
    assert found["lower"] < spot < found["upper"]


def test_a_central_80_percent_range_is_left_on_the_way_more_often_than_at_the_close() -> None:
    found = seller()["safe_range"]
    assert 0.2 < found["touch_probability"] < 0.65
    spot = document()["market"]["spot"]
    up, down = np.log([found["upper"] / spot]), -np.log([found["lower"] / spot])
    wanted = said().breaches(found["sessions_left"], up, down).touch[0, 0]
    assert found["touch_probability"] == pytest.approx(wanted, abs=2e-4)


def test_every_range_of_a_close_says_how_likely_it_is_left_on_the_way_and_no_band_does() -> None:
    spot, safe = document()["market"]["spot"], seller()["safe_range"]
    for expiry in seller()["expiries"]:
        for band in expiry["ranges"]:
            if band["kind"] == "band_not_left":
                assert "touch_probability" not in band
                continue
            up, down = np.log([band["upper"] / spot]), -np.log([band["lower"] / spot])
            chances = said().breaches(expiry["sessions_left"], up, down)
            assert band["touch_probability"] == pytest.approx(chances.touch[0, 0], abs=2e-4)
            assert band["touch_probability"] >= chances.close[0, 0] - 2e-4, "a close outside has left it"
    primary = next(one for one in seller()["expiries"] if one["expiry"] == safe["expiry"])
    assert primary["ranges"][0]["touch_probability"] == safe["touch_probability"]


def test_breach_distances_are_strikes_near_multiples_of_sigma() -> None:
    h = seller()["breach"]["sessions_left"]
    sigma = document()["market"]["spot"] * said().scale[0, h - 1]
    distances = [point["distance"] for point in seller()["breach_probabilities"]]
    for multiple, distance in zip((0.5, 1, 1.5, 2), distances, strict=True):
        assert distance % 50 == 0
        assert abs(distance - multiple * sigma) <= 25 + 1e-9


def test_breach_probabilities_are_the_distributions_at_points_not_percent() -> None:
    spot, h = synthetic.history().close, seller()["breach"]["sessions_left"]
    for point in seller()["breach_probabilities"]:
        up, down = math.log((spot + point["distance"]) / spot), -math.log((spot - point["distance"]) / spot)
        found = said().breaches(h, np.array([up]), np.array([down]))
        wanted = [found.touch, found.close, found.touch_up, found.touch_down, found.close_up, found.close_down]
        names = ["probability", "close_beyond", "touch_up", "touch_down", "close_up", "close_down"]
        assert [point[name] for name in names] == pytest.approx([float(p[0, 0]) for p in wanted], abs=5.1e-5)


def test_two_weekly_and_two_monthly_expiries_in_order() -> None:
    expiries = seller()["expiries"]
    assert sorted(one["kind"] for one in expiries) == ["monthly", "monthly", "weekly", "weekly"]
    dates = [one["expiry"] for one in expiries]
    assert dates == sorted(dates)
    assert seller()["safe_range"]["expiry"] in dates


def test_before_weeklies_only_monthly_expiries_are_spoken_of() -> None:
    bars = synthetic.history(synthetic.daily_frame().iloc[:900])
    assert bars.last_session < pd.Timestamp("2019-02-01")
    found = synthetic.document(*synthetic.trained(), bars)
    assert [one["kind"] for one in found["seller"]["expiries"]] == ["monthly", "monthly"]
    assert "expiry" not in found["seller"]["expiry_stress"]
    assert found["seller"]["expiry_stress"]["sessions_left"] == 5
    assert found["buyer"]["theta_edge"]["sessions_left"] == 5


@pytest.mark.parametrize("index", range(4))
def test_ranges_of_an_expiry_hold_one_another_and_bands_are_left_as_often_as_they_say(index: int) -> None:
    one = seller()["expiries"][index]
    h, spot = one["sessions_left"], document()["market"]["spot"]
    for kind in ("close_at_expiry", "band_not_left"):
        ranges = [r for r in one["ranges"] if r["kind"] == kind]
        assert [r["coverage"] for r in ranges] == [0.80, 0.90, 0.95]
        for narrow, wide in pairwise(ranges):
            assert wide["lower"] <= narrow["lower"] < spot < narrow["upper"] <= wide["upper"]
    for band in (r for r in one["ranges"] if r["kind"] == "band_not_left"):
        away = math.log(band["upper"] / spot)
        assert away == pytest.approx(-math.log(band["lower"] / spot), rel=1e-3)
        assert said().breaches(h, np.array([away])).touch[0, 0] == pytest.approx(1 - band["coverage"], abs=0.004)


def test_a_wider_coverage_whose_own_range_would_be_narrower_takes_over_both_ends_of_the_one_within_it() -> None:
    """Each coverage adapts its miss rate by itself: here 80 % misses 5 %, 90 % misses 40 % and 95 % misses 2 %."""
    models, training = synthetic.trained()
    miss = np.repeat([[0.05], [0.4], [0.02]], models.breach.miss.shape[1], axis=1)
    found: Any = synthetic.document(replace(models, breach=replace(models.breach, miss=miss)), training)
    for expiry in found["seller"]["expiries"]:
        inner, middle, outer = (r for r in expiry["ranges"] if r["kind"] == "close_at_expiry")
        assert (middle["coverage"], middle["lower"], middle["upper"]) == (0.9, inner["lower"], inner["upper"])
        assert outer["lower"] < middle["lower"] < middle["upper"] < outer["upper"]


KINDS = [(kind, coverage) for kind in ("close_at_expiry", "band_not_left") for coverage in (0.80, 0.90, 0.95)]


def with_miss(miss: np.ndarray) -> dict[str, Any]:
    """The seller's block under miss rates (3, 45); no outcome has come since, so its ranges aim at just these."""
    models, training = synthetic.trained()
    found: Any = synthetic.document(replace(models, breach=replace(models.breach, miss=miss)), training)
    return dict(found["seller"])


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0.01, 0.5), min_size=6, max_size=6))
def test_no_later_expiry_has_a_nearer_bound_and_every_answer_agrees_with_it(rates: list[float]) -> None:
    found = with_miss(np.geomspace(rates[:3], rates[3:], 45, axis=1))
    for sooner, later in pairwise(found["expiries"]):
        for near, far in zip(sooner["ranges"], later["ranges"], strict=True):
            assert (near["kind"], near["coverage"]) == (far["kind"], far["coverage"])
            assert far["lower"] <= near["lower"] < near["upper"] <= far["upper"]
    safe, spot = found["safe_range"], document()["market"]["spot"]
    primary = next(one for one in found["expiries"] if one["expiry"] == safe["expiry"])
    assert (primary["ranges"][0]["lower"], primary["ranges"][0]["upper"]) == (safe["lower"], safe["upper"])
    up, down = np.log([safe["upper"] / spot]), -np.log([safe["lower"] / spot])
    wanted = said().breaches(safe["sessions_left"], up, down).touch[0, 0]
    assert safe["touch_probability"] == pytest.approx(wanted, abs=2e-4)
    assert primary["ranges"][0]["touch_probability"] == safe["touch_probability"]


def test_a_later_expiry_whose_own_range_would_be_narrower_takes_over_the_bounds_of_the_one_before() -> None:
    sessions = [one["sessions_left"] for one in seller()["expiries"]]
    assert sessions[0] < sessions[1] < sessions[2]
    miss = nominal_miss()
    miss[:, sessions[0] - 1], miss[:, sessions[1] - 1] = 0.02, 0.5
    first, second, third, _ = (one["ranges"] for one in with_miss(miss)["expiries"])
    for i in range(3):
        assert (second[i]["lower"], second[i]["upper"]) == (first[i]["lower"], first[i]["upper"])
    assert third[2]["lower"] < second[2]["lower"], "at its own miss rate the third reaches farther by itself"


def test_the_ladder_leaves_ranges_that_widen_with_time_as_they_are() -> None:
    listed = [primary_expiry(synthetic.MARKET, origin().day)]
    alone, *_ = range_ladder(origin(), listed, nominal_miss())
    nearest = nearest_expiry(synthetic.MARKET, origin().session)
    assert nearest is not None
    both = range_ladder(origin(), [nearest, *listed], nominal_miss())
    assert both[1] == alone
    assert list(alone) == KINDS


def test_the_expected_zone_is_strikes_round_the_median_with_its_own_probability() -> None:
    for one in (*(e["max_pain"] for e in seller()["expiries"]), seller()["max_pain"]):
        assert one["basis"] == "estimator"
        assert one["lower"] < one["strike"] < one["upper"]
        assert all(one[name] % 50 == 0 for name in ("lower", "strike", "upper"))
    first = seller()["expiries"][0]
    zone, h, spot = first["max_pain"], first["sessions_left"], synthetic.history().close
    inside = said().cumulative(h, np.log(np.array([zone["lower"], zone["upper"]]) / spot))[0]
    assert zone["confidence"] == pytest.approx(inside[1] - inside[0], abs=5.1e-5)
    median = spot * math.exp(said().quantile(h, np.array([0.5]))[0, 0])
    assert abs(zone["strike"] - median) <= 25


def test_max_pain_is_the_zone_of_the_nearest_expiry() -> None:
    found, expiries = seller()["max_pain"], seller()["expiries"]
    nearest = min(expiries, key=lambda one: one["expiry"])
    assert found["expiry"] == nearest["expiry"] == seller()["expiry_stress"]["expiry"]
    assert {name: found[name] for name in nearest["max_pain"]} == nearest["max_pain"]
    assert found["expiry"] < seller()["safe_range"]["expiry"]


def test_before_weekly_expiries_max_pain_is_of_the_next_monthly() -> None:
    frame = synthetic.daily_frame()
    assert frame.index[-200] < pd.Timestamp("2019-02-01"), "weekly contracts are not listed yet"
    found = synthetic.document(*synthetic.trained(), synthetic.history(frame.iloc[:-200]))["seller"]
    assert "expiry" not in found["expiry_stress"]
    assert {one["kind"] for one in found["expiries"]} == {"monthly"}
    assert found["max_pain"]["expiry"] == found["expiries"][0]["expiry"]


def test_on_its_day_an_expiry_is_the_nearest_until_its_close() -> None:
    whole, calendar = synthetic.whole_history(), synthetic.MARKET.calendar
    days = [
        day
        for day in whole.spot.index[-60:]
        if nearest_expiry(synthetic.MARKET, day - pd.Timedelta(1, "D")).date == day
    ]
    day = pd.Timestamp(days[-1])
    for moment, on_its_day in ((calendar.closes_at(day) - pd.Timedelta("30min"), True), (day, False)):
        made = synthetic.document(*synthetic.trained_whole(), whole.until(AsOf.of(moment)))
        expiry = pd.Timestamp(made["seller"]["max_pain"]["expiry"])
        assert (expiry == day) == on_its_day
        assert expiry >= day


def test_skew_is_the_share_of_the_variance_in_each_tail() -> None:
    found, h = seller()["skew"], seller()["safe_range"]["sessions_left"]
    sample = said().quantile(h, (np.arange(200_000) + 0.5) / 200_000)[0]
    squares = (sample - sample.mean()) ** 2
    wanted = (squares[:10_000].sum() / squares.sum(), squares[-10_000:].sum() / squares.sum())
    assert (found["put_skew"], found["call_skew"]) == pytest.approx(wanted, abs=0.01)
    assert found["net_skew"] == round(found["call_skew"] - found["put_skew"], 4)


def test_a_normals_tail_holds_22_percent_of_its_variance_wherever_and_however_wide_it_is() -> None:
    outcomes = np.array([NormalDist(3, 7).inv_cdf((i + 0.5) / 100_000) for i in range(100_000)])
    assert tail_shares(outcomes) == pytest.approx((0.2196, 0.2196), abs=2e-4)
    assert pytest.approx(0.2196, abs=5e-5) == NORMAL_TAIL_SHARE


def test_flat_outcomes_hold_what_a_uniform_distribution_does() -> None:
    # Integral of x^2 from 0.45 to 0.5 over that from -0.5 to 0.5.
    wanted = (0.5**3 - 0.45**3) / (2 * 0.5**3)
    assert tail_shares(np.linspace(0, 1, 100_001)) == pytest.approx((wanted, wanted), abs=1e-4)


@given(st.lists(st.floats(-1, 1), min_size=40, max_size=400, unique=True), st.floats(0.001, 5))
def test_no_tail_is_negative_and_a_tail_farther_out_weighs_more(values: list[float], farther: float) -> None:
    outcomes = np.sort(np.array(values))
    put, call = tail_shares(outcomes)
    assert 0 <= put <= 1
    assert 0 <= call <= 1
    assert put + call <= 1 + 1e-9
    tail = round(0.05 * len(outcomes))
    heavier = np.concatenate([outcomes[:tail] - farther, outcomes[tail:]])
    assert tail_shares(heavier)[0] > put - 1e-12


def graded(trap: int, stress: int, *, proven: bool = True) -> dict[str, Any]:
    models, training = synthetic.trained()
    models = replace(
        models, trap=replace(models.trap, cuts=CUTS[trap]), stress=replace(models.stress, cuts=CUTS[stress])
    )
    found: dict[str, Any] = synthetic.document(models, synthetic.with_heads(training, proven))["seller"]
    return found


@pytest.mark.parametrize("trap", [0, 1, 2])
@pytest.mark.parametrize("stress", [0, 1, 2])
def test_flag_regime_and_day_follow_from_both_words_while_they_are_proven(trap: int, stress: int) -> None:
    found = graded(trap, stress)
    assert found["trap"]["word"] == TRAP_LABELS[trap]
    assert found["expiry_stress"]["word"] == STRESS_LABELS[stress]
    grade = {0: 0, 1: 0, 2: 1, 3: 2, 4: 2}[trap + stress]
    assert found["seller_flag"]["label"] == FLAG_LABELS[grade]
    assert found["seller_flag"]["color"] == ("GREEN", "AMBER", "RED")[grade]
    assert found["regime"] == REGIMES[max(trap, stress)]
    assert found["daily_flag"] == DAILY_FLAGS[min(stress + (trap == 2), 2)]
    assert "proven" in found["seller_flag"]["reasons"][0]


@pytest.mark.parametrize("trap", [0, 2])
@pytest.mark.parametrize("stress", [0, 2])
def test_heads_that_are_not_proven_change_no_word(trap: int, stress: int) -> None:
    found, other = graded(trap, stress, proven=False), graded(1, 1, proven=False)
    for name in ("regime", "daily_flag"):
        assert found[name] == other[name]
    assert found["seller_flag"] == other["seller_flag"]
    assert found["seller_flag"]["basis"] == "model"
    assert found["seller_flag"]["models"] == ["breach", "distribution", "stress", "trap"]


WORDS: dict[WidthGrade, tuple[str, str, str]] = {
    "NARROW": ("FAVOURABLE", "CALM", "FAVOURABLE"),
    "USUAL": ("CAUTION", "CAUTIOUS", "NEUTRAL"),
    "WIDE": ("HOSTILE", "HOSTILE", "RISKY"),
}


@pytest.mark.parametrize("grade", WORDS)
def test_without_a_proven_head_the_words_are_those_of_the_ranges_width(grade: WidthGrade) -> None:
    assert seller_words(None, None, grade) == WORDS[grade]


@pytest.mark.parametrize("word", TRAP_LABELS)
def test_one_proven_head_alone_gives_the_words(word: TrapLabel) -> None:
    grade = TRAP_LABELS.index(word)
    assert seller_words(word, None, "USUAL") == list(WORDS.values())[grade]
    assert seller_words(None, STRESS_LABELS[grade], "USUAL") == list(WORDS.values())[grade]


def test_reasons_name_the_numbers() -> None:
    found = graded(1, 1)
    text = " ".join(found["seller_flag"]["reasons"])
    for number in (found["trap"]["score"], found["expiry_stress"]["score"], found["trap"]["iv_percentile"]):
        assert f"{round(100 * number):d}%" in text
    assert f"{found['expiry_stress']['distance_points']:,.0f}" in text
    assert not re.search(r"\b(buy|sell)\b", text, re.IGNORECASE)


def test_reasons_without_a_proven_head_say_so_and_claim_no_pay() -> None:
    reasons = graded(1, 1, proven=False)["seller_flag"]["reasons"]
    assert "not whether selling pays" in reasons[0]
    assert all("no skill" in reason for reason in reasons[2:4])


def test_percentiles_are_one_year_ranks_of_the_index_and_of_22_sessions_realised() -> None:
    frame = synthetic.daily_frame()
    vix = frame["vix"].to_numpy()[-252:]
    assert seller()["trap"]["iv_percentile"] == pytest.approx(((vix < vix[-1]).sum() + 0.5) / 252, abs=5e-5)
    squares = np.log(frame["close"]).diff() ** 2
    realised = squares.rolling(22).mean().to_numpy()[-252:]
    assert seller()["trap"]["rv_percentile"] == pytest.approx(((realised < realised[-1]).sum() + 0.5) / 252, abs=5e-5)


def test_miss_rates_go_on_from_training_with_the_outcomes_that_have_come_since() -> None:
    models, _ = synthetic.trained()
    cut, h = 1000, 7
    features = market_features(synthetic.history())
    known_until = f"{features.series.dates[cut - 1]:%Y-%m-%d}"
    trained_then = replace(models.breach, miss=nominal_miss() * 1.2, known_until=known_until)
    found = current_miss(trained_then, models.distribution, features)
    returns = horizon_outcomes(features.series).close[:, h - 1]
    # Known at training: origins up to row cut - 1 - h. Known by now: those up to the last row - h.
    came = [row for row in range(len(features)) if cut - 1 - h < row <= len(features) - 1 - h]
    pit = np.full((len(came), 45), np.nan)
    for i, row in enumerate(came):
        one = forecast(models.forecasters, features.rows(slice(row, row + 1))).distribution
        pit[i, h - 1] = one.cumulative(h, returns[[row]])[0, 0]
    wanted = adapt(trained_then.miss, pit)[-1][:, h - 1]
    assert found[:, h - 1] == pytest.approx(wanted, rel=1e-12)
    assert not np.allclose(wanted, trained_then.miss[:, h - 1])


def test_a_replay_of_the_past_keeps_the_miss_rates_it_was_trained_with() -> None:
    models, _ = synthetic.trained()
    features = market_features(synthetic.history(synthetic.daily_frame().iloc[:900]))
    assert np.array_equal(current_miss(models.breach, models.distribution, features), models.breach.miss)
