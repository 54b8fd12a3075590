"""The walk through the past never looks ahead, and says what fits made by hand would have said."""

from dataclasses import fields
from functools import cache

import numpy as np
import pytest
import synthetic

from aegismatrix_engine.direction.model import class_probabilities, shares_by_index
from aegismatrix_engine.direction.targets import HORIZONS
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.forecasters import fit_forecasters, forecast
from aegismatrix_engine.markets import nearest_horizons
from aegismatrix_engine.seller.model import fit_stress, stress_probability
from aegismatrix_engine.training.walk_forward import FIRST_ORIGIN, REFIT_INTERVAL, WalkForward, walk_forward
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import horizon_outcomes

SESSIONS = 1000
ARRAYS = ("trap", "trap_base", "straddle", "straddle_base", "breakout", "breakout_base", "stress", "stress_base")


def walk(features: DailyFeatures) -> WalkForward:
    found = walk_forward(features, nearest_horizons(synthetic.MARKET, features.series.dates))
    assert found is not None
    return found


@cache
def whole() -> WalkForward:
    return walk(synthetic.features(SESSIONS))


def forecasts_until(found: WalkForward, row: int) -> list[np.ndarray]:
    """Everything said from origins up to a row of the panel."""
    n = row - FIRST_ORIGIN + 1
    said = [getattr(found, name)[:n] for name in ARRAYS]
    for key in HORIZONS:
        said += [getattr(found.direction[key], field.name)[:n] for field in fields(found.direction[key])]
    scales = np.concatenate([block.forecast.distribution.scale for block in found.blocks])
    quantiles = np.concatenate(
        [block.forecast.distribution.quantile(20, np.linspace(0.01, 0.99, 21)) for block in found.blocks]
    )
    return [*said, scales[:n], quantiles[:n]]


def garbled_after(row: int, *, vix: bool) -> DailyFeatures:
    frame = synthetic.daily_frame(SESSIONS).copy()
    later = slice(row + 1, None)
    draws = np.random.default_rng(row)
    n = SESSIONS - row - 1
    frame.iloc[later, :4] *= np.exp(0.05 * draws.normal(size=(n, 1)))
    frame.iloc[later, 4] = frame.iloc[later, 4] * np.exp(draws.normal(size=n)) if vix else np.nan
    return market_features(synthetic.history(frame))


@pytest.mark.parametrize("row", [760, 880])
@pytest.mark.parametrize("vix", [True, False])
def test_no_bar_after_an_origin_reaches_its_forecast(row: int, vix: bool) -> None:
    garbled = walk(garbled_after(row, vix=vix))
    for left, right in zip(forecasts_until(whole(), row), forecasts_until(garbled, row), strict=True):
        assert np.array_equal(left, right, equal_nan=True)
    # The garbling is not idle: origins after it say something else.
    assert not np.array_equal(forecasts_until(whole(), row + 30)[-1][-1], forecasts_until(garbled, row + 30)[-1][-1])


def test_outcomes_past_the_row_of_the_fit_are_never_used() -> None:
    first = FIRST_ORIGIN + REFIT_INTERVAL
    features = synthetic.features(SESSIONS)
    head = fit_forecasters(features.head(first + 1))
    origins = features.rows(slice(first, min(first + REFIT_INTERVAL, SESSIONS)))
    by_hand, block = forecast(head, origins), whole().blocks[1]
    assert (block.rows.start, block.rows.stop) == (first, SESSIONS)
    assert np.array_equal(block.forecast.distribution.scale, by_hand.distribution.scale)
    for side in ("close", "up", "down", "either"):
        left, right = (getattr(one.distribution.shapes, side) for one in (block.forecast, by_hand))
        assert np.array_equal(left.grid, right.grid)
        # Purge: of the first + 1 sessions the last h have no outcome yet, the first 65 no features.
        known = (first + 1) - 65 - np.arange(1, 46)
        assert (right.count <= known).all()
    assert np.array_equal(block.forecast.breakout, by_hand.breakout)
    for part in ("trap", "straddle"):
        for horizon, said in getattr(by_hand, part).items():
            assert np.array_equal(getattr(block.forecast, part)[horizon], said)


def test_every_part_of_a_block_is_what_its_fit_says() -> None:
    first, features = FIRST_ORIGIN, synthetic.features(SESSIONS)
    head, rows = features.head(first + 1), slice(0, REFIT_INTERVAL)
    fitted, origins = fit_forecasters(head), features.rows(slice(first, first + REFIT_INTERVAL))
    said = forecast(fitted, origins)
    assert np.array_equal(whole().trap[rows], np.column_stack([said.trap[5], said.trap[10]]))
    assert np.array_equal(whole().trap_base[0], [one.base_rate for one in fitted.trap.heads])
    assert np.array_equal(whole().breakout_base[0], [one.base_rate for one in fitted.breakout.heads])
    assert np.array_equal(whole().straddle[rows], np.column_stack([said.straddle[h] for h in range(1, 6)]))
    nearest = nearest_horizons(synthetic.MARKET, features.series.dates)[first : first + REFIT_INTERVAL]
    assert np.array_equal(whole().stress[rows], stress_probability(origins, said.distribution, nearest))
    assert np.array_equal(whole().stress_base[rows], fit_stress(head).base_rate[nearest - 1])
    share = shares_by_index(head, fitted.distribution)[0][2]
    classes = class_probabilities(said.distribution, 5, float(share))
    assert np.array_equal(whole().direction["t5"].up[rows], classes.up)
    assert np.array_equal(whole().direction["t5"].base_up[rows], classes.base_up)


def test_the_transform_is_of_the_returns_that_came() -> None:
    returns = horizon_outcomes(synthetic.features(SESSIONS).series).close[FIRST_ORIGIN:]
    assert np.array_equal(np.isfinite(whole().pit), np.isfinite(returns))
    block = whole().blocks[0]
    wanted = block.forecast.distribution.cumulative(7, returns[: len(block.forecast.breakout), [6]])[:, 0]
    assert np.array_equal(whole().pit[: len(wanted), 6], wanted)


def test_blocks_cover_every_origin_once_in_order() -> None:
    rows = np.concatenate([np.arange(block.rows.start, block.rows.stop) for block in whole().blocks])
    assert np.array_equal(rows, np.arange(FIRST_ORIGIN, SESSIONS))
    assert np.array_equal(whole().rows, rows)
    assert len(whole()) == SESSIONS - FIRST_ORIGIN


def test_origins_without_the_index_are_forecast_without_it_and_the_others_with_it() -> None:
    frame = synthetic.daily_frame(SESSIONS).copy()
    frame.iloc[800:, 4] = np.nan
    found = walk(market_features(synthetic.history(frame)))
    rows = np.arange(FIRST_ORIGIN, SESSIONS)
    known = rows < 802  # carried forward over two sessions
    assert np.array_equal(np.isfinite(found.trap[:, 0]), known)
    assert np.array_equal(found.trap[rows < 800], whole().trap[rows < 800])
    assert [block.forecast.with_index for block in found.blocks] == [True, False, False]
    assert np.isfinite(found.breakout).all()


@pytest.mark.parametrize("sessions", [500, FIRST_ORIGIN])
def test_a_history_without_an_origin_has_no_walk(sessions: int) -> None:
    features = synthetic.features(sessions)
    assert walk_forward(features, np.full(sessions, 5)) is None


def test_one_session_past_the_first_750_is_a_walk() -> None:
    features = synthetic.features(FIRST_ORIGIN + 1)
    found = walk(features)
    assert len(found) == 1
    assert np.isnan(found.pit).all()


def test_progress_is_asked_once_a_refit() -> None:
    seen: list[int] = []

    def watch(steps: range) -> range:
        seen.extend(steps)
        return steps

    features = synthetic.features(SESSIONS)
    walk_forward(features, np.full(SESSIONS, 5), watch)
    assert seen == [FIRST_ORIGIN, FIRST_ORIGIN + REFIT_INTERVAL]
