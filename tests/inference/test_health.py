"""What a document says of its own health: each signal that came another way, from what, and nothing besides."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic
from moments import FRIDAY, MONDAY, WEDNESDAY, at, bars_of, changed, cut, made

from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.health import Incident, with_frozen_signals
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.scores import MeasuredRate
from aegismatrix_engine.state.last_values import LastValue, LastValues

CALLS = ["direction.today", *(f"direction.horizons.t{sessions}" for sessions in (1, 3, 5, 10, 20, 40))]
EXPIRIES = [f"seller.expiries.{i}" for i in range(4)]
NEXT = [f"buyer.breakout_next.{i}" for i in range(5)]
OF_DISTRIBUTION = ["seller.max_pain", "seller.breach", "seller.safe_range", *EXPIRIES]
OF_WIDTH = ["seller.range_width", "buyer.buyer_environment"]
"""The environment rests on the width of the range where theta is silent."""

WITHOUT_INDEX = ["seller.trap", "seller.expiry_stress", "buyer.theta_edge"]


def measured() -> Any:
    """The models with rates of ranges that were measured: nothing of them is degraded."""
    models, training = synthetic.trained_whole()
    held = MeasuredRate(390, 47, 0.82, 0.7, 0.9, 0.8, "2015-06-01", "2019-05-31")
    return replace(models, breach=replace(models.breach, record=held, nearest_record=held)), training


def of(bars: MarketHistory, incident: Incident | None = None) -> Document:
    models, training = measured()
    return infer(
        bars, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT, incident or Incident()
    ).document


def degraded(document: Document) -> dict[str, str]:
    """Signal -> what it comes from, of those that are named; each is named once."""
    named = [(entry.signal, entry.basis) for entry in document.health.degraded]
    assert len(dict(named)) == len(named)
    return dict(named)


def said(document: Document, signal: str) -> str:
    return next(entry.reason for entry in document.health.degraded if entry.signal == signal)


def without_bars_since(day: pd.Timestamp, time: str) -> MarketHistory:
    """Monday at 12:05, when the bars of a day end before their time."""
    stop = pd.Timestamp(f"{day:%Y-%m-%d}T{time}")
    return changed(cut(MONDAY, "12:05"), lambda bars: bars.loc[bars.index < stop])


# Models


@pytest.mark.parametrize(("day", "time"), [(FRIDAY, "15:31"), (MONDAY, "08:40"), (MONDAY, "12:05")])
def test_with_healthy_models_and_every_series_all_is_well(day: pd.Timestamp, time: str) -> None:
    health = of(cut(day, time)).health
    assert (health.status, health.degraded, health.frozen, health.notes) == ("ok", [], [], [])


OF_MODEL = {
    "direction": CALLS,
    "trap": ["seller.trap"],
    "stress": ["seller.expiry_stress"],
    "breach": ["seller.safe_range", "seller.range_width", *EXPIRIES],
    "breakout": ["buyer.breakout_today", *NEXT],
    "spike": ["buyer.spike_direction_bias"],
    "theta": ["buyer.theta_edge"],
    "gamma": ["buyer.gamma"],
}


@pytest.mark.parametrize("model", OF_MODEL)
def test_the_prior_in_place_of_a_model_is_named_at_every_signal_it_speaks_in(model: str) -> None:
    for day, time in ((FRIDAY, "15:31"), (MONDAY, "12:05")):
        document = of(cut(day, time), Incident({model: "lost in a fire"}))
        assert document.health.status == "degraded"
        assert degraded(document) == dict.fromkeys(OF_MODEL[model], "prior")
        for signal in OF_MODEL[model]:
            assert f"{model} model is lost in a fire" in said(document, signal)


def test_the_models_of_a_session_and_of_a_night_matter_only_there() -> None:
    at_close = cut(FRIDAY, "15:31")
    assert degraded(of(at_close, Incident({"session": "lost"}))) == {}
    assert degraded(of(at_close, Incident({"night": "lost"}))) == {}
    touched = {*CALLS, *OF_DISTRIBUTION, *OF_WIDTH, "seller.expiry_stress", "buyer.theta_edge", "forecast"}
    by_night = of(cut(MONDAY, "08:40"), Incident({"night": "lost"}))
    assert set(degraded(by_night)) == touched | {"direction.night"}
    inside = of(cut(MONDAY, "12:05"), Incident({"session": "lost"}))
    own = {"forecast.session", "buyer.breakout_today", "buyer.breakout_next.0", "buyer.gamma"}
    assert set(degraded(inside)) == touched | own


def test_two_lost_models_are_named_together_where_both_speak() -> None:
    document = of(cut(FRIDAY, "15:31"), Incident({"breach": "lost", "distribution": "torn"}))
    assert "breach model is lost" in said(document, "seller.safe_range")
    assert "distribution model is torn" in said(document, "seller.safe_range")
    assert "breach" not in said(document, "seller.trap")


def test_words_of_a_situation_rest_on_what_is_left_of_lost_models() -> None:
    document = of(cut(FRIDAY, "15:31"), Incident({"trap": "lost", "stress": "torn", "theta": "lost"}))
    width = document.seller.range_width
    assert width is not None
    assert document.seller.seller_flag.models == width.models
    assert set(width.models) < set(document.buyer.buyer_environment.models)
    assert {document.seller.seller_flag.basis, document.buyer.buyer_environment.basis} == {"model"}


def test_notes_of_an_incident_come_first_and_empty_ones_are_none() -> None:
    incident = Incident(notes=("first",)).with_notes("", "second", "")
    assert incident.notes == ("first", "second")
    assert of(cut(FRIDAY, "15:31"), incident).health.notes == ["first", "second"]


def test_a_rate_that_could_not_be_measured_is_named() -> None:
    models, training = measured()
    few = MeasuredRate(0, 0, 0.24, 0.24, 0.24, 0.24, "", "")
    models = replace(models, breakout=replace(models.breakout, record=few))
    document = infer(
        cut(FRIDAY, "15:31"), models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT
    ).document
    assert degraded(document) == {"track_record.breakout_calls": "prior"}
    assert "30" in said(document, "track_record.breakout_calls")


# The volatility index


def test_without_the_index_every_signal_that_needs_it_is_named() -> None:
    document = of(replace(cut(FRIDAY, "15:31"), vix=None, bars=None))
    assert degraded(document) == {"market": "model", "forecast": "model", **dict.fromkeys(WITHOUT_INDEX, "prior")}


def test_an_index_that_only_the_session_knows_is_given_without_a_change() -> None:
    document = of(replace(cut(MONDAY, "12:05"), vix=None))
    assert degraded(document) == {"market": "model", "forecast": "model", **dict.fromkeys(WITHOUT_INDEX, "prior")}
    assert document.market.vix == pytest.approx(bars_of(MONDAY, 11)["vix"].iloc[-1], abs=0.005)
    assert document.market.vix_change == 0


def test_a_hole_in_the_last_month_of_the_index_leaves_the_market_block_alone() -> None:
    bars = cut(FRIDAY, "15:31")
    assert bars.vix is not None
    document = of(replace(bars, vix=bars.vix.drop(bars.vix.index[-12:-8])))
    assert degraded(document) == {"forecast": "model", **dict.fromkeys(WITHOUT_INDEX, "prior")}


def test_without_the_index_of_the_sessions_before_its_change_is_named() -> None:
    bars = cut(FRIDAY, "15:31")
    assert bars.vix is not None
    document = of(replace(bars, vix=bars.vix.drop(bars.vix.index[-4:-1])))
    assert degraded(document)["market"] == "model"
    assert document.market.vix_change == 0


def test_an_index_carried_forward_is_a_note_with_its_age() -> None:
    bars = cut(FRIDAY, "15:31")
    assert bars.vix is not None
    document = of(replace(bars, vix=bars.vix.iloc[:-2]).with_vix_carried(2))
    assert degraded(document) == {}
    (note,) = document.health.notes
    assert "2 session(s) older" in note


# Bars


@pytest.mark.parametrize(("stop", "named"), [("11:15", False), ("11:00", True)])
def test_bars_that_stop_more_than_three_quarters_of_an_hour_ago_are_named(stop: str, named: bool) -> None:
    """At 12:05 the newest bar that is due ended at 12:00."""
    document = of(without_bars_since(MONDAY, stop))
    assert document.as_of == f"2019-07-22T{stop}:00+05:30"
    assert degraded(document) == ({"direction.today": "model"} if named else {})


def test_a_session_without_any_bar_is_named() -> None:
    document = of(without_bars_since(MONDAY, "09:15"))
    assert document.as_of == "2019-07-20T01:45:00+05:30"
    assert degraded(document) == {"direction.today": "model"}


def test_missing_bars_are_counted_in_a_note() -> None:
    holes = [pd.Timestamp(f"2019-07-22T{time}") for time in ("10:00", "10:15", "11:00")]
    document = of(changed(cut(MONDAY, "12:05"), lambda bars: bars.drop(holes)))
    assert degraded(document) == {}
    (note,) = document.health.notes
    assert note.startswith("3 of the session's 11 bars")


@pytest.mark.parametrize(("past", "named"), [(19, True), (20, False)])
def test_fewer_than_twenty_past_sessions_of_bars_leave_todays_volatility_without_a_past(past: int, named: bool) -> None:
    bars = cut(WEDNESDAY, "12:05")
    assert bars.bars is not None
    days = bars.bars.index.normalize().unique()
    document = of(changed(bars, lambda own: own.loc[days[-past - 1] :]))
    assert degraded(document) == ({"direction.today": "model"} if named else {})


def test_an_index_that_is_not_live_is_a_note_with_its_time() -> None:
    document = of(changed(cut(MONDAY, "12:05"), lambda bars: bars.assign(vix=np.nan)))
    assert degraded(document) == {}
    (note,) = document.health.notes
    assert "2019-07-19T15:30:00+05:30" in note


def test_what_ships_in_place_of_learnt_sessions_is_a_note() -> None:
    models, training = synthetic.trained()
    bars = cut(MONDAY, "12:05")
    document = infer(bars, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT).document
    assert [note for note in document.health.notes if note.startswith("the forecast inside the session")]
    assert [note for note in document.health.notes if note.startswith("buyer.gamma_windows shows the prior")]
    assert made(bars)["health"]["notes"] == []


# Numbers that stand still


PATH = "seller.trap.score"


def recent(document: Document, *, periods: int, as_of: str = "") -> LastValues:
    numbers = {PATH: LastValue(document.seller.trap.score, periods), "market.vix": LastValue(document.market.vix, 0)}
    return LastValues(
        "nifty50", as_of or document.as_of, document.seller.safe_range.expiry, document.market.spot, numbers
    )


@pytest.mark.parametrize(("periods", "frozen"), [(7, False), (8, True), (23, True)])
def test_a_number_that_stood_still_over_eight_periods_is_told_with_its_value(periods: int, frozen: bool) -> None:
    document = of(cut(FRIDAY, "15:31"))
    health = with_frozen_signals(document, recent(document, periods=periods)).health
    assert health.status == ("degraded" if frozen else "ok")
    told = [(one.signal, one.value, one.periods) for one in health.frozen]
    assert told == ([(PATH, document.seller.trap.score, periods)] if frozen else [])
    assert health.degraded == []


def test_last_values_of_another_moment_tell_nothing() -> None:
    document = of(cut(FRIDAY, "15:31"))
    assert with_frozen_signals(document, recent(document, periods=9, as_of=at(FRIDAY, "15:15").isoformat())) is document
