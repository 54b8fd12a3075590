"""Every row says what the document says; live or replay by each of the rules; baselines known at the moment alone."""

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic
from recording import inside, said

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.record.forecasts import mode_of
from aegismatrix_engine.record.rows import ForecastRow
from aegismatrix_engine.training.train import train

MARKET = get_market("nifty50")
DAY = synthetic.daily_frame().index[-60]
MOMENTS = {"close": None, "11:00": "11:00", "15:15": "15:15"}


@cache
def models() -> tuple[Models, Manifest]:
    known = synthetic.whole_history().until(AsOf.of(synthetic.daily_frame().index[-100]))
    made, training = train(known, synthetic.TRAINED_AT)
    return made, synthetic.manifest(training)


@cache
def recorded(moment: str) -> tuple[Document, dict[tuple[str, str], ForecastRow], list[ForecastRow]]:
    whole = synthetic.whole_history()
    at = MOMENTS[moment]
    history = (
        whole.until(AsOf.of(DAY)) if at is None else inside(whole, pd.Timestamp(f"{DAY:%Y-%m-%d}T{at}", tz=MARKET.zone))
    )
    document, rows = said(history, *models())
    return document, {(row.signal, row.event): row for row in rows}, rows


def numbers(row: ForecastRow) -> list[float | None]:
    return [float(cell) if cell else None for cell in (row.probability, row.threshold, row.lower, row.upper)]


CHANGED_IN_2 = ("market.", "seller.max_pain", "seller.skew", "buyer.breakout_levels", "buyer.regime")
"""What schema 2.0.0 gave another meaning, or other words."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_rows_of_schema_1_and_2_speak_of_the_same_events(moment: str) -> None:
    """Scores pool rows of all versions, so nothing whose meaning changed may be recorded under its former name."""
    _, _, rows = recorded(moment)
    assert [row.signal for row in rows if row.signal.startswith(CHANGED_IN_2)] == []


def expected_of_the_nearest(document: Document) -> dict[tuple[str, str], list[float | None]]:
    """Its three ranges of the close, and touches about 0.5, 1, 1.5 and 2 sigma away."""
    nearest = min(document.seller.expiries, key=lambda one: one.expiry)
    assert nearest.expiry < document.seller.safe_range.expiry
    closes = [band for band in nearest.ranges if band.kind == "close_at_expiry"]
    found: dict[tuple[str, str], list[float | None]] = {
        (f"seller.expiries.nearest.{name}", "range"): [band.coverage, None, band.lower, band.upper]
        for name, band in zip(("80", "90", "95"), closes, strict=True)
    }
    for place in (1, 3, 5, 6):
        point = nearest.breach_curve[place]
        name = f"seller.expiries.nearest.breach_curve.{place}"
        found[name, "touch"] = [point.touch, point.distance, None, None]
    return found


def expected(document: Document) -> dict[tuple[str, str], list[float | None]]:
    """Probability, threshold, lower and upper of every forecast, read off the document."""
    found: dict[tuple[str, str], list[float | None]] = {}
    calls: dict[str, Any] = {"today": document.direction.today}
    calls |= {f"horizons.{name}": call for name, call in document.direction.by_horizon.items()}
    for name, call in calls.items():
        found[f"direction.{name}", "up"] = [call.p_up, call.dead_zone_pct, None, None]
        found[f"direction.{name}", "down"] = [call.p_down, call.dead_zone_pct, None, None]
    seller, buyer = document.seller, document.buyer
    for i, point in enumerate(seller.breach_probabilities):
        found[f"seller.breach_probabilities.{i}", "touch"] = [point.probability, point.distance, None, None]
        found[f"seller.breach_probabilities.{i}", "close_beyond"] = [point.close_beyond, point.distance, None, None]
    stress, safe = seller.expiry_stress, seller.safe_range
    found["seller.expiry_stress", "touch"] = [stress.score, stress.distance_points, None, None]
    found["seller.safe_range", "range"] = [0.8, None, safe.lower, safe.upper]
    primary = next(one for one in seller.expiries if one.expiry == safe.expiry)
    for band in primary.ranges:
        if band.kind == "close_at_expiry" and band.coverage > 0.85:
            name = f"seller.expiries.primary.{band.coverage:.0%}".removesuffix("%")
            found[name, "range"] = [band.coverage, None, band.lower, band.upper]
    found |= expected_of_the_nearest(document)
    found["buyer.theta_edge", "straddle"] = [
        buyer.theta_edge.score,
        buyer.theta_edge.straddle_cost_points / document.market.spot,
        None,
        None,
    ]
    spans: dict[str, Any] = {f"forecast.{one.sessions}": one for one in document.forecast.horizons}
    spans = {name: spans[name] for name in ("forecast.1", "forecast.5", "forecast.20")}
    if document.forecast.session is not None:
        spans["forecast.session"] = document.forecast.session
    for name, span in spans.items():
        levels = {quantile.level: quantile.index_level for quantile in span.quantiles}
        found[f"{name}.80", "range"] = [0.8, None, levels[0.1], levels[0.9]]
        found[f"{name}.90", "range"] = [0.9, None, levels[0.05], levels[0.95]]
    return found


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_row_has_the_documents_own_numbers(moment: str) -> None:
    document, rows, _ = recorded(moment)
    for name, values in expected(document).items():
        assert numbers(rows[name]) == [None if one is None else pytest.approx(one, rel=2e-6) for one in values], name
    rest = {name for name in rows if name not in expected(document)}
    breakouts = {("buyer.breakout_today", "breakout")} | {(f"buyer.breakout_next.{k}", "breakout") for k in range(2, 6)}
    assert rest == breakouts | {("seller.trap.5", "trap"), ("seller.trap.10", "trap")}


@pytest.mark.parametrize("moment", MOMENTS)
def test_breakouts_and_traps_have_the_thresholds_of_the_last_close(moment: str) -> None:
    document, rows, _ = recorded(moment)
    daily = synthetic.daily_frame()
    known = daily.loc[: document.provenance.last_bar]
    logs = np.log(known[["high", "low", "close"]].to_numpy())
    before = logs[-15:-1, 2]
    ranges = np.maximum(logs[-14:, 0], before) - np.minimum(logs[-14:, 1], before)
    scores = [document.buyer.breakout_today.score, *(one.score for one in document.buyer.breakout_next[1:])]
    names = ["buyer.breakout_today", *(f"buyer.breakout_next.{k}" for k in range(2, 6))]
    for name, score in zip(names, scores, strict=True):
        assert numbers(rows[name, "breakout"]) == [
            pytest.approx(score, rel=1e-5),
            pytest.approx(1.25 * ranges.mean(), rel=1e-8),
            None,
            None,
        ]
    implied = known["vix"].iloc[-1] / 100 / math.sqrt(252)
    trap = document.seller.trap
    for name, score in (("seller.trap.5", trap.score), ("seller.trap.10", trap.score_10)):
        said_of = rows[name, "trap"]
        assert numbers(said_of) == [pytest.approx(score, rel=1e-5), pytest.approx(implied, rel=1e-8), None, None]


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_row_says_where_it_came_from(moment: str) -> None:
    document, _, rows = recorded(moment)
    made_of = document.provenance
    for row in rows:
        assert (row.as_of, row.generated_at) == (document.as_of, document.generated_at)
        assert (row.market, row.model_set, row.training_end) == ("nifty50", made_of.model_set, made_of.training_end)
        assert (row.origin, row.schema_version) == (made_of.last_bar, document.schema_version)
        assert float(row.spot) == pytest.approx(document.market.spot, rel=1e-8)
        assert row.basis in {"model", "base_rate", "estimator", "prior"}
    trap = document.seller.trap
    bases = {row.signal: row.basis for row in rows}
    assert (bases["seller.trap.5"], bases["seller.trap.10"]) == (trap.basis, trap.basis_10)
    assert len({row.key for row in rows}) == len(rows)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_forecast_ends_at_the_close_of_its_session_counted_from_the_last_close(moment: str) -> None:
    document, rows, every = recorded(moment)
    origin = pd.Timestamp(document.provenance.last_bar)
    ahead = MARKET.calendar.following(origin, 45)
    for row in every:
        assert row.until == f"{ahead[int(row.sessions) - 1]:%Y-%m-%d}"
    today = 0 if moment == "close" else 1
    assert rows["direction.today", "up"].sessions == "1"
    for name, sessions in (("t1", 1), ("t3", 3), ("t5", 5), ("t10", 10), ("t20", 20), ("t40", 40)):
        assert int(rows[f"direction.horizons.{name}", "up"].sessions) == sessions + today
    assert rows["seller.safe_range", "range"].until == document.seller.safe_range.expiry
    assert rows["seller.breach_probabilities.0", "touch"].until == document.seller.breach.expiry
    assert rows["seller.expiry_stress", "touch"].until == document.seller.expiry_stress.expiry
    assert rows["buyer.breakout_today", "breakout"].until == document.buyer.breakout_today.session


@pytest.mark.parametrize("moment", MOMENTS)
def test_baselines_are_probabilities_that_fall_with_distance(moment: str) -> None:
    _, rows, every = recorded(moment)
    for row in every:
        assert 0 <= float(row.climatology) <= 1
        assert 0 <= float(row.vix) <= 1
    for event in ("touch", "close_beyond"):
        for column in ("climatology", "vix"):
            curve = [float(getattr(rows[f"seller.breach_probabilities.{i}", event], column)) for i in range(4)]
            assert curve == sorted(curve, reverse=True)
    for i in range(4):
        touch, close = (rows[f"seller.breach_probabilities.{i}", event] for event in ("touch", "close_beyond"))
        assert float(touch.vix) == pytest.approx(min(2 * float(close.vix), 1.0), rel=1e-3)
        assert float(touch.climatology) >= float(close.climatology)


def test_without_the_volatility_index_its_baseline_is_empty_and_there_is_no_trap() -> None:
    frame = synthetic.daily_frame().copy()
    frame["vix"] = frame["vix"].where(frame.index < DAY - pd.Timedelta(days=30))
    _, rows = said(synthetic.history(frame).until(AsOf.of(DAY)), *models())
    assert {row.vix for row in rows} == {""}
    assert not [row for row in rows if row.event == "trap"]
    assert all(row.climatology for row in rows)


def said_at(date: str) -> tuple[Document, list[ForecastRow]]:
    whole = synthetic.whole_history()
    return said(whole.until(AsOf.of(pd.Timestamp(date))), *models())


def of_the_nearest(rows: list[ForecastRow]) -> list[ForecastRow]:
    return [row for row in rows if row.signal.startswith("seller.expiries.nearest.")]


def test_where_the_nearest_expiry_is_the_primary_one_it_is_not_recorded_twice() -> None:
    """From the close of Thursday 2019-07-18, an expiry day, the next one is the monthly of a week later."""
    document, rows = said_at("2019-07-18")
    assert document.seller.expiry_stress.expiry == document.seller.safe_range.expiry == "2019-07-25"
    assert of_the_nearest(rows) == []
    assert len([row for row in rows if (row.until, row.event) == ("2019-07-25", "range")]) >= 3
    _, before = said_at("2019-07-17")
    assert {row.until for row in of_the_nearest(before)} == {"2019-07-18"}


def test_before_weekly_expiries_there_is_no_nearest_one_to_record() -> None:
    document, rows = said_at("2018-11-14")
    assert document.seller.expiry_stress.expiry is None
    assert of_the_nearest(rows) == []


def standing(as_of_close: bool, late: str, **provenance: Any) -> str:
    document, _, _ = recorded("close" if as_of_close else "11:00")
    generated = pd.Timestamp(document.as_of) + pd.Timedelta(late)
    changed = document.model_copy(
        update={
            "generated_at": generated.isoformat(),
            "provenance": document.provenance.model_copy(update=provenance),
        }
    )
    return mode_of(changed, MARKET)


@pytest.mark.parametrize(("late", "told"), [("0min", "live"), ("45min", "live"), ("45min1s", "replay")])
def test_inside_a_session_a_forecast_is_live_for_45_minutes(late: str, told: str) -> None:
    assert standing(False, late) == told


def test_from_a_close_a_forecast_is_live_until_the_next_open() -> None:
    close = MARKET.calendar.closes_at(DAY)
    gap = MARKET.calendar.opens_at(MARKET.calendar.following(DAY, 1)[0]) - close
    assert standing(True, str(gap - pd.Timedelta(seconds=1))) == "live"
    assert standing(True, str(gap)) == "replay"
    assert standing(True, str(gap + pd.Timedelta(days=9))) == "replay"


@pytest.mark.parametrize("weeks", [1, 2, 3])
def test_a_provisional_close_is_no_more_live_once_a_session_has_opened_even_on_a_day_of_rest(weeks: int) -> None:
    saturday = DAY.normalize() + pd.Timedelta(days=(5 - DAY.weekday()) % 7 + 7 * weeks)
    late = saturday.tz_localize(MARKET.zone) - MARKET.calendar.closes_at(DAY)
    assert not MARKET.calendar.is_session(saturday)
    assert standing(True, str(late), close="provisional") == "replay"


def test_an_evening_session_ends_what_is_live_of_the_close_before_it() -> None:
    """Muhurat 2018-11-07, 17:30 to 18:30."""
    evening = pd.Timestamp("2018-11-07")
    before = MARKET.calendar.regular(evening - pd.Timedelta(days=9), evening)[-1]
    document, _, _ = recorded("close")
    for late, told in ((-1, "live"), (0, "replay")):
        generated = MARKET.calendar.opens_at(evening) + pd.Timedelta(minutes=late)
        changed = {"as_of": MARKET.calendar.closes_at(before).isoformat(), "generated_at": generated.isoformat()}
        assert mode_of(document.model_copy(update=changed), MARKET) == told


@pytest.mark.parametrize("as_of_close", [True, False])
def test_models_that_have_seen_later_bars_and_documents_of_the_past_are_replay(as_of_close: bool) -> None:
    assert standing(as_of_close, "1min") == "live"
    assert standing(as_of_close, "1min", in_sample=True) == "replay"
    assert standing(as_of_close, "1min", mode="replay") == "replay"


def test_nothing_after_the_moment_changes_any_row() -> None:
    whole = synthetic.whole_history()
    assert whole.bars is not None
    moment = pd.Timestamp(f"{DAY:%Y-%m-%d}T11:00")
    spot, bars = whole.spot.copy(), whole.bars.copy()
    spot.loc[DAY:] *= 3
    bars.loc[moment:] *= 3
    changed = replace(whole, spot=spot, bars=bars)
    assert said(inside(changed, moment.tz_localize(MARKET.zone)), *models())[1] == recorded("11:00")[2]
