"""The buyer's block: five breakouts, levels that are the event's own, and a price of time with its error."""

import math
import re
from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.buyer.targets import breakout_happened
from aegismatrix_engine.document.schema.breakout import BreakoutLabel
from aegismatrix_engine.document.schema.buyer import ThetaLabel
from aegismatrix_engine.document.schema.range_width import WidthGrade
from aegismatrix_engine.document.schema.situation import environment_word
from aegismatrix_engine.forecasting.find_origin import origin_at_close
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.volatility.distribution import Shapes
from aegismatrix_engine.volatility.label_cuts import LabelCuts
from aegismatrix_engine.volatility.variance_ratio import variance_ratio

LOW, HIGH = LabelCuts(low=1e9, high=1e10), LabelCuts(low=0.0, high=0.0)


def buyer(models: Models | None = None, frame: pd.DataFrame | None = None, *, proven: bool = True) -> dict[str, Any]:
    trained, training = synthetic.trained()
    training = synthetic.with_heads(training, proven)
    found: dict[str, Any] = synthetic.document(models or trained, training, synthetic.history(frame))["buyer"]
    return found


@cache
def healthy() -> dict[str, Any]:
    return buyer()


@cache
def origin() -> Origin:
    return origin_at_close(synthetic.history(), synthetic.trained()[0].forecasters)


def test_there_are_five_breakouts_and_today_is_the_first() -> None:
    coming = healthy()["breakout_next"]
    assert [one["day_offset"] for one in coming] == [1, 2, 3, 4, 5]
    assert len({one["score"] for one in coming}) == 5
    first = {name: value for name, value in coming[0].items() if name != "day_offset"}
    assert healthy()["breakout_today"] == first
    sessions = synthetic.MARKET.calendar.following(synthetic.history().last_session, 5)
    assert [one["session"] for one in coming] == [f"{day:%Y-%m-%d}" for day in sessions]


def test_scores_are_the_forecasters_and_labels_their_cuts() -> None:
    models, _ = synthetic.trained()
    for k, one in enumerate(healthy()["breakout_next"]):
        score, head = origin().forecast.breakout[0, k], models.breakout.forecaster.heads[k]
        assert one["score"] == pytest.approx(score, abs=5e-5)
        assert one["base_rate"] == pytest.approx(head.base_rate, abs=5e-5)
        assert one["label"] == ("LOW", "MEDIUM", "HIGH")[models.breakout.cuts[k].grade(float(score), head.base_rate)]


@pytest.mark.parametrize("side", ["upper", "lower"])
def test_a_session_that_crosses_a_level_is_a_breakout_and_one_that_stops_short_is_none(side: str) -> None:
    frame, levels = synthetic.daily_frame(), healthy()["breakout_levels"]
    spot, day = frame["close"].iloc[-1], synthetic.MARKET.calendar.following(frame.index[-1], 1)[0]
    for beyond, happens in ((0.02, 1.0), (-0.02, 0.0)):
        level = levels[side] + (beyond if side == "upper" else -beyond)
        bar = {"open": spot, "high": max(spot, level), "low": min(spot, level), "close": spot, "vix": 15.0}
        longer = pd.concat([frame, pd.DataFrame([bar], index=[day])])
        happened = breakout_happened(synthetic.series(longer))
        assert happened[-2, 0] == happens
    assert levels["lower"] < spot < levels["upper"]
    assert levels["multiple"] == 1.25


@pytest.mark.filterwarnings("ignore:divide by zero")  # the logarithm of no range, in the breakout's features
def test_an_index_that_has_not_moved_has_two_levels_all_the_same() -> None:
    frame = synthetic.daily_frame().copy()
    frame.iloc[-30:, :4] = frame["close"].iloc[-31]
    levels = buyer(frame=frame)["breakout_levels"]
    assert levels["atr_points"] == 0
    assert levels["lower"] < frame["close"].iloc[-1] < levels["upper"]


@pytest.mark.filterwarnings("ignore:divide by zero")  # the logarithm of no range, in the breakout's features
def test_the_levels_of_an_index_that_has_not_moved_are_a_hundredth_of_a_point_from_its_close() -> None:
    frame = synthetic.daily_frame().copy()
    frame.iloc[-30:, :4] = 10000.0057
    levels = buyer(frame=frame)["breakout_levels"]
    assert (levels["lower"], levels["upper"]) == (10000.0, 10000.02), "9999.9957 and 10000.0157, as they are published"


def swung(day: pd.Timestamp, closes: dict[int, float]) -> MarketHistory:
    """The whole history with bars of one session moved to levels, points against the close before, from a bar on."""
    whole = synthetic.whole_history()
    assert whole.bars is not None
    bars, spot = whole.bars.copy(), float(whole.spot["close"].loc[:day].iloc[-2])
    own = bars.index[bars.index.normalize() == day]
    level = 0.0
    for number, start in enumerate(own):
        before, level = level, closes.get(number, level)
        prices = [spot + before, spot + max(before, level), spot + min(before, level), spot + level]
        bars.loc[start, ["open", "high", "low", "close"]] = prices
    return replace(whole, bars=bars)


SWINGS = {
    "none": {2: 0.4, 8: -0.4},
    "up": {2: 0.4, 8: -0.4, 14: 1.2},
    "down": {2: 0.4, 8: -0.9},
    "both": {2: 1.4, 8: -1.6},
}


@pytest.mark.parametrize("side", SWINGS)
def test_in_session_levels_stay_in_order_and_say_which_was_crossed(side: str) -> None:
    models, training = synthetic.trained_whole()
    day = pd.Timestamp(synthetic.whole_history().spot.index[-28])
    calm = synthetic.document(models, training, synthetic.whole_history().until(AsOf.of(day - pd.Timedelta(1, "D"))))
    unit = calm["buyer"]["breakout_levels"]["atr_points"] * 1.25  # type: ignore[index]
    bars = swung(day, {number: level * unit for number, level in SWINGS[side].items()})
    seen = []
    for time in ("09:35", "10:05", "11:35", "13:05", "15:20"):
        moment = pd.Timestamp(f"{day:%Y-%m-%d}T{time}").tz_localize("Asia/Kolkata")
        found: Any = synthetic.document(models, training, bars.until(AsOf.of(moment)))
        levels, spot = found["buyer"]["breakout_levels"], found["market"]["spot"]
        assert levels["lower"] < levels["upper"]
        assert (levels["broken_out"] != "none") == (found["buyer"]["breakout_today"]["score"] == 1)
        if levels["broken_out"] == "none":
            assert levels["lower"] <= spot <= levels["upper"]
        seen.append(levels["broken_out"])
    assert seen[0] == "none"
    assert seen[-1] == side
    after = [word for word in seen if word != "none"]
    assert seen == ["none"] * (len(seen) - len(after)) + after, "what is crossed stays crossed"


def test_before_the_open_and_at_a_close_no_level_is_crossed() -> None:
    models, training = synthetic.trained_whole()
    whole = synthetic.whole_history()
    for day, time in (
        (whole.spot.index[-28], "08:40"),
        (whole.spot.index[-28], "15:31"),
        (whole.spot.index[-27], "02:00"),
    ):
        moment = pd.Timestamp(f"{day:%Y-%m-%d}T{time}").tz_localize("Asia/Kolkata")
        found: Any = synthetic.document(models, training, whole.until(AsOf.of(moment)))
        assert found["buyer"]["breakout_levels"]["broken_out"] == "none"


def test_sides_add_up_to_one() -> None:
    found = healthy()["spike_direction_bias"]
    assert found["up_prob"] + found["down_prob"] == pytest.approx(1.0, abs=1e-12)
    spike = synthetic.trained()[0].spike
    assert (found["base_up"], found["evidence"]) == (pytest.approx(spike.base_up, abs=5e-5), spike.breakouts)


def test_windows_are_the_exchanges_and_without_bars_a_prior() -> None:
    windows = healthy()["gamma_windows"]
    assert [one["window"] for one in windows] == [
        "09:15-09:45",
        "09:45-10:45",
        "10:45-12:00",
        "12:00-14:00",
        "14:00-15:00",
        "15:00-15:30",
    ]
    assert {one["basis"] for one in windows} == {"prior"} == {healthy()["gamma"]["basis"]}
    assert sum(one["share"] for one in windows) == pytest.approx(1.0, abs=3e-4)
    assert windows[0]["score"] == max(one["score"] for one in windows) > 0.5


def test_the_price_of_time_is_the_mean_move_over_its_cost() -> None:
    found, vix = healthy()["theta_edge"], synthetic.daily_frame()["vix"].iloc[-1]
    h = found["sessions_left"]
    cost = 0.8 * vix / 100 * math.sqrt(h / 252)
    spot = synthetic.history().close
    assert found["straddle_cost_points"] == pytest.approx(spot * cost, abs=0.006)
    said = origin().forecast
    moves = np.abs(said.distribution.quantile(h, (np.arange(100_000) + 0.5) / 100_000)[0])
    assert found["expected_payoff_ratio"] == pytest.approx(moves.mean() / cost, abs=0.01)
    assert found["score"] == pytest.approx(said.straddle[h][0], abs=5e-5)
    error = synthetic.trained()[0].theta.payoff_error[h - 1]
    assert found["payoff_error"] == pytest.approx(found["expected_payoff_ratio"] * error, abs=1e-4)


def outlook(spread: float, error: float, cuts: LabelCuts | None = None) -> Models:
    """The models with every move that many times as large, the pay-off's error and the breakout's label as given."""
    models, _ = synthetic.trained()
    shapes = models.distribution.with_vix
    wider = Shapes(
        *(replace(getattr(shapes, f.name), grid=getattr(shapes, f.name).grid * spread) for f in fields(shapes))
    )
    return replace(
        models,
        distribution=replace(models.distribution, with_vix=wider),
        theta=replace(models.theta, payoff_error=np.full(5, error)),
        breakout=replace(models.breakout, cuts=(cuts,) * 5) if cuts else models.breakout,
    )


@pytest.mark.parametrize(
    ("spread", "error", "label"),
    [
        (2.0, 0.02, "EDGE_JUSTIFIES_PREMIUM"),
        (2.0, 5.0, "BORDERLINE"),
        (1.0, 0.001, "DONT_WASTE_PREMIUM"),
        (1.0, 5.0, "BORDERLINE"),
    ],
)
def test_an_edge_needs_a_payoff_above_its_cost_beyond_the_error(spread: float, error: float, label: str) -> None:
    found = buyer(outlook(spread, error))["theta_edge"]
    assert found["label"] == label
    ratio, width = found["expected_payoff_ratio"], 1.645 * found["payoff_error"]
    assert (ratio - width > 1) == (label == "EDGE_JUSTIFIES_PREMIUM")
    assert (ratio + width < 1) == (label == "DONT_WASTE_PREMIUM")


@pytest.mark.parametrize(
    ("spread", "error", "cuts", "label"),
    [
        (2.0, 0.02, LOW, "PREMIUM_FRIENDLY"),
        (1.0, 5.0, HIGH, "PREMIUM_FRIENDLY"),
        (1.0, 5.0, LOW, "SPECULATIVE_ONLY"),
        (1.0, 0.001, HIGH, "SPECULATIVE_ONLY"),
        (1.0, 0.001, LOW, "UNFAVOURABLE"),
    ],
)
def test_the_environment_follows_from_price_and_breakout(
    spread: float, error: float, cuts: LabelCuts, label: str
) -> None:
    found = buyer(outlook(spread, error, cuts))
    state = {
        "PREMIUM_FRIENDLY": ("GREEN", "PREMIUM_FRIENDLY"),
        "SPECULATIVE_ONLY": ("AMBER", "CAUTIOUS"),
        "UNFAVOURABLE": ("RED", "AVOID_FULL_RISK"),
    }[label]
    assert found["buyer_environment"]["label"] == label
    assert (found["buyer_environment"]["color"], found["environment_state"]) == state


@pytest.mark.parametrize("cuts", [LOW, HIGH])
@pytest.mark.parametrize(("spread", "error"), [(2.0, 0.02), (1.0, 0.001)])
def test_no_environment_is_friendly_without_a_proven_head(spread: float, error: float, cuts: LabelCuts) -> None:
    found = buyer(outlook(spread, error, cuts), proven=False)
    assert found["buyer_environment"]["label"] != "PREMIUM_FRIENDLY"
    assert found["buyer_environment"] == buyer(outlook(spread, 5.0, LOW), proven=False)["buyer_environment"] | {
        "reasons": found["buyer_environment"]["reasons"]
    }


@pytest.mark.parametrize(
    ("breakout", "theta", "grade", "word"),
    [
        (None, None, "NARROW", "UNFAVOURABLE"),
        (None, None, "USUAL", "SPECULATIVE_ONLY"),
        (None, None, "WIDE", "SPECULATIVE_ONLY"),
        ("HIGH", None, "NARROW", "SPECULATIVE_ONLY"),
        ("HIGH", None, "WIDE", "PREMIUM_FRIENDLY"),
        ("LOW", None, "WIDE", "SPECULATIVE_ONLY"),
        (None, "EDGE_JUSTIFIES_PREMIUM", "NARROW", "PREMIUM_FRIENDLY"),
        (None, "BORDERLINE", "NARROW", "SPECULATIVE_ONLY"),
        (None, "DONT_WASTE_PREMIUM", "WIDE", "UNFAVOURABLE"),
        ("HIGH", "DONT_WASTE_PREMIUM", "WIDE", "SPECULATIVE_ONLY"),
    ],
)
def test_where_theta_is_silent_the_width_of_the_range_says_how_far_the_index_moves(
    breakout: BreakoutLabel | None, theta: ThetaLabel | None, grade: WidthGrade, word: str
) -> None:
    assert environment_word(breakout, theta, grade) == word


def test_the_regime_is_the_variance_ratio_of_the_last_year() -> None:
    returns = np.diff(np.log(synthetic.daily_frame()["close"].to_numpy()))[-252:]
    ratio, z = variance_ratio(returns, 5)
    found = healthy()["regime_evidence"]
    assert (found["variance_ratio"], found["z_statistic"]) == pytest.approx((ratio, z), abs=5.1e-5)
    assert (found["lag"], found["window"]) == (5, 252)
    assert healthy()["regime"] == ("TREND_FOLLOWING" if z >= 1 else "MEAN_REVERTING" if z <= -1 else "CHOPPY")


@pytest.mark.parametrize(("sign", "regime"), [(1, "TREND_FOLLOWING"), (-1, "MEAN_REVERTING")])
def test_a_year_that_trends_or_reverts_is_called_so(sign: int, regime: str) -> None:
    frame = synthetic.daily_frame().copy()
    moves = np.log(frame["close"]).diff().to_numpy()[-260:].copy()
    for t in range(1, 260):
        moves[t] = moves[t] + sign * 0.5 * moves[t - 1]
    factor = np.exp(np.cumsum(moves)) * frame["close"].iloc[-261] / frame["close"].iloc[-260:]
    frame.iloc[-260:, :4] = frame.iloc[-260:, :4].mul(factor, axis=0)
    assert buyer(frame=frame)["regime"] == regime


def test_the_measured_share_of_calls_is_the_track_records() -> None:
    assert healthy()["historical_spike_rate"] == pytest.approx(synthetic.trained()[0].breakout.record.rate, abs=5e-5)


def test_reasons_name_the_numbers_and_tell_nobody_what_to_do() -> None:
    text = " ".join(healthy()["buyer_environment"]["reasons"])
    assert f"{healthy()['theta_edge']['expected_payoff_ratio']:.2f}" in text
    assert f"{round(100 * healthy()['breakout_today']['score']):d}%" in text
    assert not re.search(r"\b(buy|sell)\b", text, re.IGNORECASE)
