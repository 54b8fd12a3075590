"""The spread of today's close: small steps, bounds, and closes that were known, each of its own moment."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.find_origin import find_origin
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import InSession
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.intraday.known_closes import with_known_closes
from aegismatrix_engine.intraday.model import IntradayModel
from aegismatrix_engine.intraday.sessions import MOMENTS, IntradaySessions
from aegismatrix_engine.intraday.spread import SPREAD_BOUNDS, adapt_spread, no_spread
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.typing import FloatArray

LOWER, UPPER = np.full(MOMENTS, -1.3), np.full(MOMENTS, 1.2)
WHOLE = synthetic.whole_history()
BEFORE = "2019-06-14"
NOON = pd.Timestamp("2019-07-24T12:05+05:30")

outcomes = arrays(
    np.float64, st.tuples(st.integers(0, 12), st.just(MOMENTS)), elements=st.floats(-6, 6) | st.just(np.nan)
)
spreads = arrays(np.float64, MOMENTS, elements=st.floats(*SPREAD_BOUNDS))


def path(spread: FloatArray, came: FloatArray) -> FloatArray:
    return adapt_spread(spread, came, LOWER, UPPER)


@settings(max_examples=60, deadline=None)
@given(spreads, outcomes)
def test_every_known_close_moves_its_moment_by_one_small_step_within_the_bounds(
    spread: FloatArray, came: FloatArray
) -> None:
    found = path(spread, came)
    assert found.shape == (len(came) + 1, MOMENTS)
    assert (found[0] == spread).all()
    assert ((found >= SPREAD_BOUNDS[0]) & (found <= SPREAD_BOUNDS[1])).all()
    for before, after, outcome in zip(found[:-1], found[1:], came, strict=True):
        outside = (outcome < LOWER * np.exp(before)) | (outcome > UPPER * np.exp(before))
        step = np.where(np.isnan(outcome), 0.0, np.where(outside, 0.008, -0.002))
        assert after == pytest.approx(np.clip(before + step, *SPREAD_BOUNDS), abs=1e-15)


@settings(max_examples=30, deadline=None)
@given(spreads, outcomes, outcomes)
def test_closes_that_come_in_two_parts_teach_what_they_teach_at_once(
    spread: FloatArray, first: FloatArray, second: FloatArray
) -> None:
    at_once = path(spread, np.vstack([first, second]))[-1]
    assert path(path(spread, first)[-1], second)[-1].tobytes() == at_once.tobytes()


def test_closes_are_taken_in_the_order_in_which_they_came() -> None:
    """A close that just misses a narrow range is inside one that has widened: the same closes, another end."""
    near, far = np.full(MOMENTS, UPPER[0] * 1.004), np.full(MOMENTS, 5.0)
    assert path(no_spread(), np.array([near, far]))[-1] == pytest.approx(0.016)
    assert path(no_spread(), np.array([far, near]))[-1] == pytest.approx(0.006)


def test_one_moment_learns_nothing_from_another() -> None:
    came = np.random.default_rng(3).standard_normal((50, MOMENTS))
    other = came.copy()
    other[:, 7] = 9.0
    ours, theirs = path(no_spread(), came), path(no_spread(), other)
    assert (np.delete(ours, 7, axis=1) == np.delete(theirs, 7, axis=1)).all()
    assert (ours[1:, 7] != theirs[1:, 7]).any()


def test_where_closes_spread_a_fifth_less_than_learnt_one_in_five_misses_again() -> None:
    wide = 1.2816 / 0.8
    came = np.random.default_rng(4).standard_normal((4000, MOMENTS))
    found = adapt_spread(no_spread(), came, np.full(MOMENTS, -wide), np.full(MOMENTS, wide))
    missed = np.abs(came) > wide * np.exp(found[:-1])
    assert missed[:50].mean() < 0.13
    assert missed[500:].mean() == pytest.approx(0.2, abs=0.005)
    assert found[-1].mean() == pytest.approx(np.log(0.8), abs=0.02)


@cache
def models() -> Models:
    return synthetic.trained_whole()[0]


def of_before(spread: FloatArray | None = None, until: str = BEFORE) -> IntradayModel:
    return replace(models().session.intraday, spread=no_spread() if spread is None else spread, known_until=until)


def carried_on(history: MarketHistory, model: IntradayModel | None = None) -> IntradayModel:
    return with_known_closes(model or of_before(), models().distribution, market_features(history), history)


def at(moment: pd.Timestamp) -> MarketHistory:
    return WHOLE.until(AsOf.of(moment))


def without_bars_of(history: MarketHistory, *days: str) -> MarketHistory:
    assert history.bars is not None
    gone = pd.DatetimeIndex(history.bars.index).normalize().isin(pd.DatetimeIndex(days))
    return replace(history, bars=history.bars[~gone])


def test_training_takes_every_close_it_has_learnt_from() -> None:
    trained, features = models().session.intraday, market_features(WHOLE)
    sessions = IntradaySessions.from_bars(synthetic.intraday_frame(), features.series)
    scale = models().distribution.scales(features).horizon
    moves = trained.standardised_closes(features, scale, sessions)
    assert np.isfinite(moves).all()
    assert trained.known_until == f"{features.series.dates[-1]:%Y-%m-%d}"
    spread = 0.0
    for move in moves[:, 11]:
        low, high = (np.exp(spread) * np.quantile(moves[:, 11], level, method="hazen") for level in (0.1, 0.9))
        spread += -0.002 if low <= move <= high else 0.008
    assert trained.spread[11] == pytest.approx(spread)


def test_the_closes_since_training_carry_the_spread_on_one_session_at_a_time() -> None:
    history = at(NOON)
    at_once = carried_on(history)
    assert at_once.known_until == "2019-07-23"
    assert at_once.spread.any()
    halfway = carried_on(at(pd.Timestamp("2019-07-01T12:05+05:30")))
    assert halfway.known_until == "2019-06-28"
    assert carried_on(history, halfway).spread.tobytes() == at_once.spread.tobytes()


def test_a_model_that_knows_the_last_close_or_later_ones_is_kept() -> None:
    for until in ("2019-07-23", models().session.intraday.known_until):
        model = of_before(until=until)
        assert carried_on(at(NOON), model) is model


def test_without_bars_there_is_nothing_to_carry_on_with() -> None:
    model = of_before()
    assert carried_on(replace(at(NOON), bars=None), model) is model


def test_a_session_without_its_bars_teaches_nothing_and_the_others_do() -> None:
    whole, gappy = carried_on(at(NOON)), carried_on(without_bars_of(at(NOON), "2019-07-22"))
    steps = np.round(whole.spread - gappy.spread, 9)
    assert set(np.unique(steps)) <= {-0.002, 0.008}
    assert gappy.known_until == whole.known_until


def test_neither_todays_bars_nor_anything_after_them_reaches_the_spread() -> None:
    at_noon, at_ten = carried_on(at(NOON)), carried_on(at(pd.Timestamp("2019-07-24T10:01+05:30")))
    before_open = carried_on(at(pd.Timestamp("2019-07-23T15:31+05:30")))
    assert at_noon.spread.tobytes() == at_ten.spread.tobytes() == before_open.spread.tobytes()


def test_the_origin_uses_the_spread_of_its_moment_on_todays_close_alone() -> None:
    stored = np.linspace(-0.2, 0.2, MOMENTS)
    found = origin_with(of_before(stored))
    plain = origin_with(of_before(until="2019-07-23"))
    spread = found.session_model.intraday.spread[found.so_far.moment - 1]
    assert spread == carried_on(at(NOON), of_before(stored)).spread[10]
    ours, theirs = found.forecast.distribution.scale, plain.forecast.distribution.scale
    assert ours[0, 0] == pytest.approx(theirs[0, 0] * np.exp(spread), rel=1e-12)
    assert ours[0, 1:].tobytes() == theirs[0, 1:].tobytes()
    assert found.forecast.distribution.up(1) == plain.forecast.distribution.up(1)


def origin_with(intraday: IntradayModel) -> InSession:
    changed = replace(models(), session=replace(models().session, intraday=intraday))
    found = find_origin(at(NOON), changed)
    assert isinstance(found, InSession)
    return found
