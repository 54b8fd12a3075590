"""The document of a moment: where the market stands, and the distribution behind every signal."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic
from moments import FRIDAY, MONDAY, RISING, WEDNESDAY, at, bars_of, changed, cut, daily_until, document, made

from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.inference.infer import infer

LAST_CLOSES = {(FRIDAY, "15:31"): FRIDAY, (MONDAY, "08:40"): FRIDAY, (RISING, "15:31"): RISING}
"""Moments outside a session -> the session whose close is the last one known then."""

SESSIONS = {(MONDAY, "09:31"): 1, (FRIDAY, "12:05"): 11, (WEDNESDAY, "12:05"): 11, (MONDAY, "15:20"): 24}
"""Moments inside a session -> bars that are complete then."""


def before(day: pd.Timestamp) -> pd.DataFrame:
    """The sessions before a day."""
    return daily_until(day - pd.Timedelta(days=1))


# The volatility index and its change


@pytest.mark.parametrize(("moment", "session"), LAST_CLOSES.items())
def test_at_a_close_the_index_is_its_close_and_changed_since_the_close_before(
    moment: tuple[pd.Timestamp, str], session: pd.Timestamp
) -> None:
    previous, last = daily_until(session)["vix"].iloc[-2:]
    market = document(*moment)["market"]
    assert market["vix"] == pytest.approx(last, abs=0.005)
    assert market["vix_change"] == pytest.approx(last - previous, abs=0.005)
    assert market["vix_change_pct"] == pytest.approx(last / previous - 1, abs=5.1e-5)


@pytest.mark.parametrize(("moment", "bars"), SESSIONS.items())
def test_inside_a_session_the_index_is_its_newest_bars_and_changed_since_the_last_close(
    moment: tuple[pd.Timestamp, str], bars: int
) -> None:
    now, last_close = bars_of(moment[0], bars)["vix"].iloc[-1], before(moment[0])["vix"].iloc[-1]
    market = document(*moment)["market"]
    assert market["vix"] == pytest.approx(now, abs=0.005)
    assert market["vix_change"] == pytest.approx(now - last_close, abs=0.005)
    assert market["vix_change_pct"] == pytest.approx(now / last_close - 1, abs=5.1e-5)


@pytest.mark.parametrize(("factor", "sign"), [(1.25, 1), (0.8, -1)])
def test_a_rise_of_the_index_is_above_zero_and_a_fall_below(factor: float, sign: int) -> None:
    frame = synthetic.daily_frame().copy()
    frame.iloc[-1, frame.columns.get_loc("vix")] = factor * frame["vix"].iloc[-2]
    market: Any = synthetic.document(*synthetic.trained(), synthetic.history(frame))["market"]
    assert market["vix_change_pct"] == pytest.approx(factor - 1, abs=1e-9)
    assert market["vix_change"] == pytest.approx(sign * abs(factor - 1) * frame["vix"].iloc[-2], abs=0.005)


def test_an_index_that_is_not_live_changes_against_the_close_before_its_own() -> None:
    stopped = changed(cut(MONDAY, "12:05"), lambda bars: bars.assign(vix=np.nan))
    previous, last = daily_until(FRIDAY)["vix"].iloc[-2:]
    market = made(stopped)["market"]
    assert market["vix"] == pytest.approx(last, abs=0.005)
    assert market["vix_change"] == pytest.approx(last - previous, abs=0.005)


def test_without_the_index_the_engines_own_forecast_stands_in_and_has_not_changed() -> None:
    bars = replace(synthetic.history(), vix=None)
    made_of: Any = synthetic.document(*synthetic.trained(), bars)
    market = made_of["market"]
    assert market["vix_basis"] == "estimator"
    assert (market["vix_change"], market["vix_change_pct"]) == (0, 0)
    assert "vix_as_of" not in market


# The regime


def trend_by_hand(sessions: pd.DataFrame) -> float:
    """Return of the last 22 sessions over the root of the sum of their range variances."""
    log = np.log(sessions[["open", "high", "low", "close"]])
    last = log.iloc[-22:]
    night = last["open"].to_numpy() - log["close"].iloc[-23:-1].to_numpy()
    day = (last["high"] - last["low"]).to_numpy() ** 2 / (4 * math.log(2))
    variance = np.maximum(day, 1e-6) + night**2
    return float((log["close"].iloc[-1] - log["close"].iloc[-23]) / math.sqrt(variance.sum()))


@pytest.mark.parametrize("moment", [*LAST_CLOSES, *SESSIONS])
def test_the_trend_is_the_return_of_the_last_month_of_closes_in_its_own_unit(moment: tuple[pd.Timestamp, str]) -> None:
    sessions = daily_until(LAST_CLOSES[moment]) if moment in LAST_CLOSES else before(moment[0])
    assert document(*moment)["market"]["trend_sigmas"] == pytest.approx(trend_by_hand(sessions), abs=5.1e-5)


@pytest.mark.parametrize("moment", [*LAST_CLOSES, *SESSIONS])
def test_the_regime_is_spelt_by_the_trend_and_the_volatility_beside_it(moment: tuple[pd.Timestamp, str]) -> None:
    market = document(*moment)["market"]
    trend, high = market["trend_sigmas"], market["volatility_percentile"] >= 0.5
    if abs(trend) < 0.5:
        assert market["regime"] == ("CHOPPY" if high else "SIDEWAYS")
    else:
        assert market["regime"] == f"{'HIGH' if high else 'LOW'}_VOL_{'BULL' if trend > 0 else 'BEAR'}"


def ending(drift: float, size: float) -> dict[str, Any]:
    """The market block after a month of sessions that drift each day, with moves and an index of another size."""
    frame = synthetic.daily_frame().copy()
    log = np.log(frame[["open", "high", "low", "close"]])
    before_it = log["close"].iloc[-23]
    month = log.iloc[-22:].sub(log["close"].shift(1).iloc[-22:], axis=0) * size
    month = month.sub(month["close"].mean() - drift, axis=0)
    starts = before_it + np.concatenate([[0.0], np.cumsum(month["close"].to_numpy())[:-1]])
    shifted = month.add(starts, axis=0)
    shifted["high"] = shifted.max(axis=1)
    shifted["low"] = shifted.min(axis=1)
    frame.iloc[-22:, :4] = np.exp(shifted)
    frame.iloc[-22:, frame.columns.get_loc("vix")] *= size
    found: Any = synthetic.document(*synthetic.trained(), synthetic.history(frame))["market"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("drift", "size", "regime"),
    [
        (0.003, 0.3, "LOW_VOL_BULL"),
        (0.012, 3.0, "HIGH_VOL_BULL"),
        (-0.003, 0.3, "LOW_VOL_BEAR"),
        (-0.012, 3.0, "HIGH_VOL_BEAR"),
        (0.0, 0.3, "SIDEWAYS"),
        (0.0, 3.0, "CHOPPY"),
    ],
)
def test_a_month_that_rises_or_falls_calmly_or_wildly_is_called_so(drift: float, size: float, regime: str) -> None:
    assert ending(drift, size)["regime"] == regime


# The session in progress


def test_the_share_of_variance_that_is_left_falls_from_bar_to_bar_and_is_measured_on_past_sessions() -> None:
    shares = [document(*moment)["forecast"]["session"]["variance_share_left"] for moment in SESSIONS]
    bars = synthetic.intraday_frame()
    opens = bars["open"].to_numpy().reshape(-1, 25)[:, 0]
    variance = (np.log(bars["high"] / bars["low"]) ** 2 / (4 * math.log(2))).to_numpy().reshape(-1, 25)
    days = bars.index.normalize().unique()
    close = np.log(synthetic.daily_frame()["close"])
    gap = np.log(opens) - close.to_numpy()[close.index.searchsorted(days) - 1]
    # The close is not the last bar's: what lies between them counts as open to the end.
    residual = ((close.loc[days].to_numpy() - np.log(bars["close"].to_numpy()[24::25])) ** 2).sum()
    whole = variance.sum() + (gap**2).sum()
    for share, bar in zip(shares, SESSIONS.values(), strict=True):
        assert share == pytest.approx((variance[:, bar:].sum() + residual) / whole, abs=5.1e-5)
    assert shares == sorted(shares, reverse=True)
    assert len(set(shares)) == 3, "two of the moments are the same time of day"


def test_what_was_seen_is_held_against_the_forecast_of_the_last_close_up_to_that_time() -> None:
    own, last_close = bars_of(WEDNESDAY, 11), before(WEDNESDAY)["close"].iloc[-1]
    seen = float((np.log(own["high"] / own["low"]) ** 2).sum()) / (4 * math.log(2))
    seen += math.log(own["open"].iloc[0] / last_close) ** 2
    found = document(WEDNESDAY, "12:05")["forecast"]["session"]
    last = document(WEDNESDAY - pd.Timedelta(days=1), "15:31")["forecast"]["horizons"][0]["sigma_pct"]
    expected = last**2 * (1 - found["variance_share_left"])
    assert found["seen_over_expected"] == pytest.approx(seen / expected, rel=1e-3)


@pytest.mark.parametrize("moment", LAST_CLOSES)
def test_outside_a_session_there_is_no_forecast_of_one(moment: tuple[pd.Timestamp, str]) -> None:
    assert "session" not in document(*moment)["forecast"]


def test_steps_of_a_session_count_from_the_next_day() -> None:
    found = document(WEDNESDAY, "12:05")["forecast"]
    assert found["session"]["session"] == "2019-07-24"
    assert [one["until"] for one in found["horizons"][:2]] == ["2019-07-25", "2019-07-26"]
    assert found["session"]["sigma_pct"] < found["horizons"][0]["sigma_pct"]


# The moment


def test_a_clock_before_the_newest_bar_is_refused() -> None:
    models, training = synthetic.trained_whole()
    bars = cut(FRIDAY, "15:31")
    with pytest.raises(AegisError, match="the clock says 2019-07-19T15:29:00"):
        infer(bars, models, synthetic.manifest(training), "synthetic", at(FRIDAY, "15:29"))
    exactly = infer(bars, models, synthetic.manifest(training), "synthetic", at(FRIDAY, "15:30")).document
    assert exactly.generated_at == exactly.as_of == "2019-07-19T15:30:00+05:30"


def test_only_the_machines_own_clock_makes_a_live_document_and_only_while_it_holds() -> None:
    models, training = synthetic.trained_whole()
    bars = cut(FRIDAY, "12:05")

    def mode(time: str, clock: Any) -> str:
        made = infer(
            bars, models, synthetic.manifest(training), "synthetic", at(FRIDAY, time), clock_source=clock
        ).document
        return made.provenance.mode

    assert mode("12:06", "machine") == "live"
    assert mode("12:06", "set") == "replay"
    assert mode("13:00", "machine") == "replay", "the document holds until then"
