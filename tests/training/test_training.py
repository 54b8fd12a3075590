"""Training: what it needs, what it does with less, and what it says about it."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.errors import AegisError, DataError, HistoryTooShort, InvalidDocument
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.intraday.profile import PRIOR_SHARES
from aegismatrix_engine.markets import nearest_expiry, primary_expiry
from aegismatrix_engine.scores import measured_rate
from aegismatrix_engine.training.train import train
from aegismatrix_engine.training.walk_forward import walk_forward
from aegismatrix_engine.volatility.conformal import adapt, known_miss, nominal_miss
from aegismatrix_engine.volatility.label_cuts import ASSUMED_CUTS

VIX_SIGNALS = {
    "seller.trap",
    "seller.expiry_stress",
    "buyer.theta_edge",
}


def told(document: dict[str, Any]) -> dict[str, str]:
    return {entry["signal"]: entry["reason"] for entry in document["health"]["degraded"]}


def block(document: dict[str, Any], path: str) -> Any:
    content: Any = document
    for part in path.split("."):
        content = content[part]
    return content


@cache
def without_vix() -> tuple[MarketHistory, Models, Training]:
    bars = synthetic.history(synthetic.daily_frame(800).assign(vix=np.nan))
    return bars, *train(bars, synthetic.TRAINED_AT)


@cache
def short() -> tuple[MarketHistory, Models, Training]:
    bars = synthetic.history(synthetic.daily_frame(500))
    return bars, *train(bars, synthetic.TRAINED_AT)


def test_fewer_than_500_sessions_are_refused_with_the_number_needed() -> None:
    with pytest.raises(HistoryTooShort) as refusal:
        train(synthetic.history(synthetic.daily_frame(499)), synthetic.TRAINED_AT)
    message = str(refusal.value)
    assert message.startswith("nifty50: 499 regular sessions up to 2017-01-")
    assert "training needs 500" in message
    assert "\n" not in message
    assert isinstance(refusal.value, DataError)


def test_the_set_says_what_it_was_trained_on() -> None:
    _, training = synthetic.trained()
    bars = synthetic.daily_frame()
    assert (training.market, training.rows) == ("nifty50", len(bars))
    assert (training.first, training.last) == (f"{bars.index[0]:%Y-%m-%d}", f"{bars.index[-1]:%Y-%m-%d}")
    assert training.vix_rows == len(bars) - 65
    assert training.trained_at == "2030-01-01T12:00:00+00:00"
    assert training.data_hash == synthetic.history().content_hash()
    assert {skill.signal for skill in training.skill} >= {"seller.trap.5", "buyer.breakout.5", "seller.expiry_stress"}


def test_training_twice_gives_the_same_models() -> None:
    bars, models, training = short()
    again, training_again = train(bars, synthetic.TRAINED_AT)
    assert synthetic.equal(again, models)
    assert training_again == training


def test_without_the_index_it_trains_and_every_signal_that_needs_it_falls_back_and_says_so() -> None:
    bars, models, training = without_vix()
    assert training.vix_rows == 0
    assert not models.distribution.log_har.knows_vix
    document = synthetic.document(models, training, bars)
    assert document["health"]["status"] == "degraded"
    assert set(told(document)) >= VIX_SIGNALS | {"market", "forecast"}
    assert "India VIX is not known" in told(document)["forecast"]
    for path in VIX_SIGNALS:
        assert block(document, path)["basis"] == "prior"
        assert "India VIX is not known" in told(document)[path]
    assert document["market"]["vix_basis"] == "estimator"
    assert document["market"]["vix_change"] == 0.0
    assert document["seller"]["trap"]["score"] == document["seller"]["trap"]["base_rate"]
    assert document["buyer"]["theta_edge"]["score"] == document["buyer"]["theta_edge"]["base_rate"]
    assert document["seller"]["expiry_stress"]["score"] == document["seller"]["expiry_stress"]["base_rate"]
    assert "vix_age_sessions" not in document["provenance"]
    assert any("No India VIX" in note for note in document["health"]["notes"])


def test_without_the_index_breakouts_and_ranges_still_come_from_models() -> None:
    bars, models, training = without_vix()
    document = synthetic.document(models, synthetic.with_heads(training, True), bars)
    for path in ("seller.safe_range", "buyer.breakout_today", "direction.today", "forecast", "seller.breach"):
        assert block(document, path)["basis"] == "model"
        assert path == "forecast" or path not in told(document)
    scores = [one["score"] for one in document["buyer"]["breakout_next"]]
    assert len(set(scores)) == 5
    assert all(0.02 < score < 0.8 for score in scores)


def test_models_that_know_the_index_forecast_without_it_where_it_has_gone() -> None:
    models, training = synthetic.trained()
    bare = synthetic.history(synthetic.daily_frame().assign(vix=np.nan))
    document = synthetic.document(models, training, bare)
    assert set(told(document)) >= VIX_SIGNALS | {"market", "forecast"}
    assert document["seller"]["trap"]["basis"] == "prior"
    sigma = [h["sigma_pct"] for h in document["forecast"]["horizons"]]
    with_index = [h["sigma_pct"] for h in synthetic.document(models, training)["forecast"]["horizons"]]
    assert sigma != with_index
    assert sigma == pytest.approx(with_index, rel=0.5)


def test_models_that_never_learnt_the_index_say_so_where_it_has_come() -> None:
    _, models, training = without_vix()
    document = synthetic.document(models, training, synthetic.history(synthetic.daily_frame(800)))
    assert document["market"]["vix_basis"] == "market"
    reasons = told(document)
    assert "market" not in reasons
    assert "too little history of India VIX" in reasons["forecast"]
    assert "too little history of India VIX" in reasons["seller.trap"]


def test_a_hole_in_the_index_is_told_as_one_and_todays_value_is_still_published() -> None:
    models, training = synthetic.trained()
    frame = synthetic.daily_frame().copy()
    frame.iloc[-10:-6, 4] = np.nan
    document = synthetic.document(models, training, synthetic.history(frame))
    assert document["market"]["vix_basis"] == "market"
    assert document["market"]["vix"] == pytest.approx(frame["vix"].iloc[-1], abs=0.005)
    assert "market" not in told(document)
    assert "not known at every one of the last 22 sessions" in told(document)["seller.trap"]


def test_an_index_back_after_a_hole_has_no_change_and_says_so() -> None:
    models, training = synthetic.trained()
    frame = synthetic.daily_frame().copy()
    frame.iloc[-5:-1, 4] = np.nan
    document = synthetic.document(models, training, synthetic.history(frame))
    assert document["market"]["vix_basis"] == "market"
    assert document["market"]["vix_change"] == 0.0
    assert "not known at the session before" in told(document)["market"]


def test_an_index_a_session_old_is_carried_forward_and_noted() -> None:
    models, training = synthetic.trained()
    frame = synthetic.daily_frame().copy()
    frame.iloc[-1, 4] = np.nan
    document = synthetic.document(models, training, synthetic.history(frame))
    assert document["provenance"]["vix_age_sessions"] == 1
    assert document["market"]["vix"] == pytest.approx(frame["vix"].iloc[-2], abs=0.005)
    assert document["seller"]["trap"]["basis"] == "model"
    assert any("1 session(s) older" in note for note in document["health"]["notes"])


def test_too_short_a_history_for_a_walk_publishes_nominal_rates_as_priors() -> None:
    bars, models, training = short()
    assert training.skill == ()
    assert (models.trap.cuts, models.stress.cuts) == (ASSUMED_CUTS, ASSUMED_CUTS)
    assert np.isinf(models.direction.margin).all()
    assert np.array_equal(models.breach.miss, nominal_miss())
    document = synthetic.document(models, training, bars)
    record = document["track_record"]
    assert (record["safe_range"]["basis"], record["safe_range"]["n"], record["safe_range"]["rate"]) == ("prior", 0, 0.8)
    calls = record["breakout_calls"]
    assert (calls["basis"], calls["n"]) == ("prior", 0)
    assert calls["rate"] == calls["base_rate"] == document["buyer"]["historical_spike_rate"]
    assert 0.1 < calls["rate"] < 0.5
    assert document["seller"]["historical_hit_rate"] == 0.8
    assert set(told(document)) == {"track_record.safe_range", "track_record.breakout_calls"}
    assert record["skill"] == []


def test_a_walk_of_a_few_sessions_does_not_publish_a_rate_of_a_few_sessions() -> None:
    bars = synthetic.history(synthetic.daily_frame(751))
    models, _ = train(bars, synthetic.TRAINED_AT)
    assert not models.breakout.record.measured
    assert models.breakout.record.rate == models.breakout.forecaster.heads[0].base_rate


def test_an_unmeasured_rate_of_the_nearest_range_is_told_as_a_prior() -> None:
    models, training = synthetic.trained()
    unmeasured = measured_rate(np.empty(0), 0, 0.8, [])
    document = synthetic.document(replace(models, breach=replace(models.breach, nearest_record=unmeasured)), training)
    rate = document["track_record"]["nearest_range"]
    assert (rate["basis"], rate["n"], rate["rate"], rate["pooled"]) == ("prior", 0, 0.8, 0.8)
    assert "fewer than 30 past events" in told(document)["track_record.nearest_range"]


def test_the_walk_measures_the_nearest_range_from_the_first_weekly_contract_on() -> None:
    bars = synthetic.history(synthetic.daily_frame(1200))
    models, _ = train(bars, synthetic.TRAINED_AT)
    market, dates = bars.market, bars.spot.index
    record = models.breach.nearest_record
    since = dates[dates >= market.expiry_rules.weeklies_listed]
    counted = [
        (day, nearest.date)
        for day in since
        if (nearest := nearest_expiry(market, day)) is not None
        and nearest.date <= dates[-1]
        and nearest.date != primary_expiry(market, day).date
    ]
    assert since[0] == pd.Timestamp("2019-02-11")
    assert (record.n, record.events) == (len(counted), len({expiry for _, expiry in counted}))
    assert (record.first, record.last) == tuple(f"{counted[i][0]:%Y-%m-%d}" for i in (0, -1))
    assert len(counted) < len(since), "at some origins the nearest expiry is the primary one"
    assert record.rate == pytest.approx(0.8, abs=0.12)


def test_enough_history_publishes_measured_rates() -> None:
    models, training = synthetic.trained()
    record = synthetic.document(models, training)["track_record"]["breakout_calls"]
    assert record["basis"] == "model"
    assert record["n"] > 100
    assert record["interval"][0] < record["rate"] < record["interval"][1]


def intraday(days: pd.DatetimeIndex, per_day: int, step: str) -> pd.DataFrame:
    starts = pd.DatetimeIndex(
        np.concatenate([pd.date_range(d + pd.Timedelta("9h15min"), periods=per_day, freq=step) for d in days])
    )
    close = 8000 * np.exp(0.001 * np.random.default_rng(1).normal(size=len(starts)))
    frame = pd.DataFrame({"open": close, "high": close * 1.001, "low": close * 0.999, "close": close}, index=starts)
    return frame.assign(vix=np.nan)


@pytest.mark.parametrize(
    ("days", "per_day", "step", "measured"),
    [(60, 25, "15min", True), (59, 25, "15min", False), (80, 3, "2h", False)],
)
def test_windows_are_measured_from_sixty_sessions_of_bars_that_fit_them(
    days: int, per_day: int, step: str, measured: bool
) -> None:
    bars = synthetic.history(synthetic.daily_frame(500))
    dates = pd.DatetimeIndex(bars.spot.index[-days:])
    models, training = train(replace(bars, bars=intraday(dates, per_day, step)), synthetic.TRAINED_AT)
    assert models.gamma.sessions == (days if measured else 0)
    gamma = synthetic.document(models, training, bars)["buyer"]["gamma"]
    assert gamma["basis"] == ("model" if measured else "prior")
    if not measured:
        assert models.gamma.shares.tolist() == list(PRIOR_SHARES)


def test_miss_rates_are_those_known_at_the_last_session() -> None:
    features = synthetic.features()
    walk = walk_forward(features, np.full(len(features), 5))
    assert walk is not None
    path = adapt(nominal_miss(), walk.pit)
    found = synthetic.trained()[0].breach
    for h in (1, 10, 45):
        assert np.array_equal(found.miss[:, h - 1], known_miss(path, len(walk) - 1, h))
    assert found.known_until == f"{features.series.dates[-1]:%Y-%m-%d}"


@pytest.mark.parametrize("sessions", [1, 2, 65])
def test_inference_says_how_many_sessions_it_needs(sessions: int) -> None:
    models, training = synthetic.trained()
    with pytest.raises(HistoryTooShort, match=rf"{sessions} regular sessions up to .* a forecast needs 66"):
        synthetic.document(models, training, synthetic.history(synthetic.daily_frame(sessions)))


def test_inference_from_66_sessions_is_a_document() -> None:
    models, training = synthetic.trained()
    document = synthetic.document(models, training, synthetic.history(synthetic.daily_frame(66)))
    assert document["provenance"]["rows"] == 66


def test_numbers_no_document_can_hold_are_a_refusal_not_a_traceback() -> None:
    models, training = synthetic.trained()
    broken = replace(models, gamma=replace(models.gamma, shares=np.full(6, 7.0)))
    with pytest.raises(InvalidDocument) as refusal:
        synthetic.document(broken, training)
    assert "\n" not in str(refusal.value)


def test_a_clock_before_the_close_is_a_mistake_of_the_caller() -> None:
    models, training = synthetic.trained()
    bars = synthetic.history()
    early = pd.Timestamp(bars.last_session).tz_localize("Asia/Kolkata") + pd.Timedelta("10h")
    with pytest.raises(AegisError, match=r"the clock says .*, before the end of the history, .*; set the clock right"):
        infer(bars, models, synthetic.manifest(training), "synthetic", early)


def test_a_document_before_the_end_of_training_calls_itself_in_sample() -> None:
    models, training = synthetic.trained()
    past = synthetic.document(models, training, synthetic.history(synthetic.daily_frame().iloc[:900]))
    now = synthetic.document(models, training)
    assert past["provenance"]["in_sample"] is True
    assert now["provenance"]["in_sample"] is False
    assert now["provenance"]["mode"] == "replay"


def test_what_stands_in_for_a_number_of_the_index_is_told_and_no_reason_speaks_of_the_index() -> None:
    bars, models, training = without_vix()
    document = synthetic.document(models, training, bars)
    reasons = told(document)
    trap = block(document, "seller.trap")
    assert trap["iv_percentile"] == trap["rv_percentile"]
    assert "iv_percentile is that of realised volatility" in reasons["seller.trap"]
    assert "distance_points is of the engine's own" in reasons["seller.expiry_stress"]
    assert "straddle_cost_points is of the engine's own" in reasons["buyer.theta_edge"]
    assert not any("India VIX is above" in reason for reason in block(document, "seller.seller_flag")["reasons"])
