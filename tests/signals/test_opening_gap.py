"""The open that a US night points to: only before that open, and said beside every call."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.cli.terminal import summary
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.volatility.opening_gap import NOT_MEASURED, AfterOpen

WHOLE = synthetic.whole_history()
MONDAY = "2019-07-22"


def document(time: str, after_open: AfterOpen | None = None, day: str = MONDAY) -> Document:
    models, training = synthetic.trained_whole()
    if after_open is not None:
        models = replace(models, night=replace(models.night, after_open=after_open))
    bars = WHOLE.until(AsOf.of(pd.Timestamp(f"{day}T{time}").tz_localize("Asia/Kolkata")))
    return infer(bars, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT).document


def night(time: str, after_open: AfterOpen | None = None) -> Any:
    return document(time, after_open).direction.night


def test_the_open_is_forecast_after_the_us_close_and_not_once_the_market_is_open() -> None:
    assert night("08:40") is not None
    for time in ("09:31", "12:05", "15:31"):
        assert night(time) is None
        assert document(time).direction.today.note is None
    assert document("20:00", day="2019-07-19").direction.night is None, "the US has not closed"


def test_the_open_is_that_of_the_next_session_and_of_the_night_before_it() -> None:
    found = night("08:40")
    assert (found.session, found.us_session) == (MONDAY, "2019-07-19")
    assert found.lower < found.expected_open < found.upper
    assert found.expected_points == pytest.approx(found.expected_open - document("08:40").market.spot, abs=0.011)


def test_every_call_before_the_open_says_that_it_is_about_the_gap() -> None:
    made = document("08:40")
    opens = made.direction.night
    assert opens is not None
    calls = [made.direction.today, *made.direction.by_horizon.values()]
    assert len(calls) == 7
    for call in calls:
        assert call.note is not None
        assert call.note.startswith("about the opening gap: open expected at ")
        assert f"{opens.expected_open:,.2f} ({opens.expected_points:+,.2f})" in call.note
        assert f"80% from {opens.lower:,.2f} to {opens.upper:,.2f}" in call.note
        assert f"{opens.after_open_points:+,.2f} points expected after it" in call.note


def test_the_terminal_says_it_beside_the_calls() -> None:
    made = document("08:40")
    assert f"Direction: {made.direction.today.note}" in summary(made, written_to=None)
    assert "about the opening gap" not in summary(document("12:05"), written_to=None)


def test_what_is_left_after_the_open_is_the_past_mean_in_units_of_the_session() -> None:
    found = night("08:40", AfterOpen(-0.05, 0.0, 0.0, 0.02, 0.7, 900))
    unit = float(synthetic.trained_whole()[0].distribution.scales(known_at_close()).horizon[-1, 0])
    assert found.after_open_points == pytest.approx(found.expected_open * np.expm1(-0.05 * unit), abs=0.01)
    assert (found.after_open_correlation, found.after_open_t, found.after_open_nights) == (0.02, 0.7, 900)


def known_at_close() -> Any:
    panel = synthetic.features()
    return panel.head(int(panel.series.dates.searchsorted(pd.Timestamp(MONDAY))))


def test_a_proven_slope_moves_what_is_left_with_the_gap() -> None:
    flat, steep = (night("08:40", AfterOpen(-0.05, slope, 0.0, 0.4, 5.0, 900)) for slope in (0.0, 0.5))
    added = steep.after_open_points - flat.after_open_points
    assert np.sign(added) == np.sign(flat.expected_points)
    assert abs(added) > 0.1


def test_without_a_measured_past_nothing_is_said_of_the_rest_of_the_session() -> None:
    found = night("08:40", NOT_MEASURED)
    assert (found.after_open_points, found.after_open_correlation, found.after_open_t) == (None, None, None)
    assert found.after_open_nights == 0
    note = document("08:40", NOT_MEASURED).direction.today.note
    assert note is not None
    assert "after it" not in note
