"""Direction: three classes that add up, base rates at today's volatility, and a call only where one is proven."""

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.direction.model import (
    DirectionModel,
    DirectionProbabilities,
    class_probabilities,
    shares_by_index,
)
from aegismatrix_engine.direction.targets import HORIZONS, dead_zone, direction_class
from aegismatrix_engine.document.schema import direction as schema
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.forecasters import forecast
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.volatility.distribution import (
    DistributionModel,
    ReturnDistribution,
    Shapes,
    fit_distribution,
)
from aegismatrix_engine.volatility.features import DailyFeatures

PANEL = synthetic.features()


@cache
def said() -> ReturnDistribution:
    return forecast(synthetic.trained()[0].forecasters, PANEL.rows(slice(len(PANEL) - 40, len(PANEL)))).distribution


@pytest.mark.parametrize(
    ("horizon", "zone"), [(1, 0.002), (5, 0.00447213595), (20, 0.00894427191), (40, 0.01264911064)]
)
def test_the_dead_zone_is_two_tenths_of_a_percent_times_the_root_of_the_horizon(horizon: int, zone: float) -> None:
    assert dead_zone(horizon) == pytest.approx(zone)


def test_horizons_are_those_of_the_contract() -> None:
    assert HORIZONS == {"t1": 1, "t3": 3, "t5": 5, "t10": 10, "t20": 20, "t40": 40}
    assert {key: sessions for key, (sessions, _) in schema.HORIZONS.items()} == HORIZONS


def test_classes_are_above_within_and_below_the_dead_zone() -> None:
    returns = np.array([0.0021, 0.002, 0.0, -0.002, -0.0021, np.nan])
    found = direction_class(returns, 1)
    assert found[:5].tolist() == [1.0, 0.0, 0.0, 0.0, -1.0]
    assert np.isnan(found[5])


@pytest.mark.parametrize("horizon", HORIZONS.values())
@pytest.mark.parametrize("share", [0.05, 0.5, 0.56, 0.95])
def test_base_rates_share_out_the_probability_of_any_move(horizon: int, share: float) -> None:
    found = class_probabilities(said(), horizon, share)
    assert found.base_up + found.base_down == pytest.approx(found.up + found.down)
    assert found.edge == pytest.approx(found.base_down - found.down)
    assert found.base_up / (found.base_up + found.base_down) == pytest.approx(share)
    assert ((found.conviction >= 0) & (found.conviction <= 1)).all()
    favoured = np.where(found.edge >= 0, (found.up - found.base_up) / (1 - found.base_up), 0)
    against = np.where(found.edge < 0, (found.down - found.base_down) / (1 - found.base_down), 0)
    assert found.conviction == pytest.approx(favoured + against)


def test_probabilities_are_those_of_the_distribution_beyond_the_dead_zone() -> None:
    zone = dead_zone(5)
    found = class_probabilities(said(), 5, 0.5)
    assert found.up == pytest.approx(1 - said().cumulative(5, np.array([zone]))[:, 0])
    assert found.down == pytest.approx(said().cumulative(5, np.array([-zone]))[:, 0])


def late_index(sessions: int = 2400, first: int = 1200) -> MarketHistory:
    """A market that fell for years before its volatility index began, and has risen since."""
    frame = synthetic.daily_frame(sessions)
    drift = np.where(np.arange(sessions) < first, -0.0008, 0.0006).cumsum()
    known = np.arange(sessions) >= first
    return synthetic.history(
        frame[["open", "high", "low", "close"]].mul(np.exp(drift), axis=0).assign(vix=frame["vix"].where(known))
    )


@cache
def fitted_late() -> tuple[DailyFeatures, DistributionModel]:
    features = market_features(late_index())
    return features, fit_distribution(features)


@pytest.mark.parametrize("with_index", [True, False])
def test_up_shares_count_the_moves_that_shape_the_distribution(with_index: bool) -> None:
    features, model = fitted_late()
    close, found = features.series.close, shares_by_index(features, model)[0 if with_index else 1]
    rows = range(1200 + 21 if with_index else 65, len(close))
    for share, h in zip(found, HORIZONS.values(), strict=True):
        moves = [close[t + h] - close[t] for t in rows if t + h < len(close)]
        ups = sum(move > 0.002 * math.sqrt(h) for move in moves)
        downs = sum(move < -0.002 * math.sqrt(h) for move in moves)
        assert share == pytest.approx((ups + 1) / (ups + downs + 2), rel=1e-12)


@pytest.mark.parametrize("with_index", [True, False])
@pytest.mark.parametrize("horizon", range(len(HORIZONS)))
def test_no_side_is_favoured_on_the_average_of_the_past(with_index: bool, horizon: int) -> None:
    features, model = fitted_late()
    h = list(HORIZONS.values())[horizon]
    scale = model.scales(features, use_vix=with_index).horizon
    rows = np.isfinite(scale[:, -1]) & (features.has_vix | (not with_index))
    distribution = ReturnDistribution(scale[rows], model.shapes(use_vix=with_index))
    share = float(shares_by_index(features, model)[0 if with_index else 1][horizon])
    assert abs(class_probabilities(distribution, h, share).edge.mean()) < 0.006


def test_without_an_index_there_is_one_share() -> None:
    features = market_features(synthetic.history(synthetic.daily_frame().assign(vix=np.nan)))
    with_index, plain = shares_by_index(features, fit_distribution(features))
    assert np.array_equal(with_index, plain)


def turned_over(shapes: Shapes) -> Shapes:
    """The shapes of a market whose every move went the other way."""
    mirrored = replace(shapes.close, grid=-shapes.close.grid[:, ::-1])
    return replace(shapes, close=mirrored, up=shapes.down, down=shapes.up)


def called(*, over: bool = False, **changes: Any) -> dict[str, Any]:
    models, training = synthetic.trained()
    if over:
        distribution = replace(models.distribution, with_vix=turned_over(models.distribution.with_vix))
        models = replace(models, distribution=distribution)
    document = synthetic.document(replace(models, direction=replace(models.direction, **changes)), training)
    direction: dict[str, Any] = document["direction"]
    return direction


def test_without_a_proven_margin_every_call_is_neutral_and_says_so() -> None:
    direction = called(margin=np.full(6, np.inf))
    for call in (direction["today"], *direction["horizons"].values()):
        assert call["direction"] == "NEUTRAL"
    for call in direction["horizons"].values():
        assert call["margin_proven"] is False
        assert "margin" not in call


@pytest.mark.parametrize(("share", "direction"), [(0.02, "UP"), (0.98, "DOWN")])
def test_an_edge_beyond_its_margin_is_a_call_whose_points_do_not_contradict_it(share: float, direction: str) -> None:
    # More synthetic moves go down than up, and the likelier side alone is called.
    found = called(over=direction == "UP", margin=np.full(6, 0.05), up_share=np.full(6, share))
    for key, call in found["horizons"].items():
        side, base = (call["p_up"], call["base_up"]) if direction == "UP" else (call["p_down"], call["base_down"])
        likelier = 2 * side > call["p_up"] + call["p_down"]
        assert call["direction"] == (direction if likelier else "NEUTRAL"), key
        assert call["margin"] == 0.05
        assert call["margin_proven"] is True
        assert side - base >= 0.05 - 1e-4
        assert call["conviction"] == pytest.approx((side - base) / (1 - base), abs=2e-4)
        if likelier:
            assert call["expected_move_points"] >= 0 if direction == "UP" else call["expected_move_points"] <= 0
    assert direction in {call["direction"] for call in found["horizons"].values()}


def test_the_less_likely_side_is_never_called_however_far_above_its_base_rate() -> None:
    up, down = np.array([0.30, 0.50, 0.45, 0.45]), np.array([0.50, 0.30, 0.46, 0.45])
    found = DirectionProbabilities(up, down, up - 0.1, down + 0.1)
    assert found.edge == pytest.approx(np.full(4, 0.1))
    assert found.calls(0.05).tolist() == [0, 1, 0, 0]
    turned = DirectionProbabilities(down, up, down + 0.1, up - 0.1)
    assert turned.calls(0.05).tolist() == [0, -1, 0, 0]
    assert found.calls(0.1001).tolist() == [0, 0, 0, 0]


def test_after_the_night_the_nights_margin_decides_and_inside_a_session_none_does() -> None:
    models, training = synthetic.trained_whole()
    never, always = np.full(6, np.inf), np.full(6, 0.0)
    whole = synthetic.whole_history()
    day = whole.spot.index[-28]

    def labels(time: str, margin: np.ndarray, night_margin: np.ndarray) -> set[str]:
        direction = replace(models.direction, up_share=np.full(6, 0.98), margin=margin, night_margin=night_margin)
        bars = whole.until(AsOf.of(pd.Timestamp(f"{day:%Y-%m-%d}T{time}").tz_localize("Asia/Kolkata")))
        document: Any = synthetic.document(replace(models, direction=direction), training, bars)
        return {call["direction"] for call in document["direction"]["horizons"].values()}

    assert "DOWN" in labels("08:40", never, always)
    assert labels("08:40", always, never) == {"NEUTRAL"}
    assert labels("12:05", always, always) == {"NEUTRAL"}


def test_an_edge_short_of_its_margin_is_no_call() -> None:
    edges = [abs(call["p_up"] - call["base_up"]) for call in called()["horizons"].values()]
    assert all(call["direction"] == "NEUTRAL" for call in called(margin=np.array(edges) + 0.001)["horizons"].values())


def test_today_is_the_next_session_and_equals_the_first_horizon() -> None:
    direction = called()
    today, first = direction["today"], direction["horizons"]["t1"]
    shared = set(today) & set(first)
    assert {name: today[name] for name in shared} == {name: first[name] for name in shared}
    assert today["session"] == first["until"]
    assert today["p_up"] + today["p_down"] + today["p_neutral"] == pytest.approx(1.0, abs=1e-9)


def test_the_volatility_score_is_the_percentile_of_the_last_sessions_range() -> None:
    frame = synthetic.daily_frame()
    before = frame["close"].shift(1)
    ranges = np.log(np.fmax(frame["high"], before) / np.fmin(frame["low"], before)).to_numpy()[-252:]
    share = ((ranges < ranges[-1]).sum() + 0.5) / 252
    assert called()["today"]["intraday_volatility_score"] == pytest.approx(share, abs=5e-5)


def test_the_risk_score_is_the_percentile_of_the_week_ahead_in_five_years() -> None:
    models, _ = synthetic.trained()
    week = models.distribution.scales(PANEL).blended[:, 4]
    known = week[np.isfinite(week)]
    share = ((known < known[-1]).sum() + 0.5) / len(known)
    direction = called()
    assert direction["risk_score"] == direction["risk"]["score"] == pytest.approx(share, abs=5e-5)
    assert direction["risk"]["percentile_years"] == pytest.approx(len(known) / 252, abs=5e-5)
    assert direction["risk"]["sigma_5_pct"] == pytest.approx(known[-1] * math.sqrt(5), abs=5e-7)


def test_a_model_answers_by_the_key_of_its_horizon() -> None:
    model = DirectionModel(np.arange(6) / 10, np.arange(6) / 20, np.arange(6) / 100, np.arange(6) / 50)
    assert [model.share(key, with_index=True) for key in HORIZONS] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert [model.share(key, with_index=False) for key in HORIZONS] == pytest.approx([0, 0.05, 0.1, 0.15, 0.2, 0.25])
    assert [model.proven_margin(key) for key in HORIZONS] == pytest.approx([0, 0.01, 0.02, 0.03, 0.04, 0.05])
    after_night = [model.proven_margin(key, night=True) for key in HORIZONS]
    assert after_night == pytest.approx([0, 0.02, 0.04, 0.06, 0.08, 0.1])
