"""The walk through past nights never looks ahead, and each night is forecast by the series that know it."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import synthetic

from aegismatrix_engine.direction.model import class_probabilities, shares_by_index
from aegismatrix_engine.direction.targets import HORIZONS
from aegismatrix_engine.forecasting.features import market_features, nights
from aegismatrix_engine.forecasting.forecasters import ExpandingFits, forecast
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import nearest_horizons
from aegismatrix_engine.training.measures import after_open
from aegismatrix_engine.training.walk_forward import FIRST_ORIGIN, REFIT_INTERVAL, WalkForward, walk_forward
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.night import SUBSETS, fit_night
from aegismatrix_engine.volatility.night_moves import NIGHT_SERIES, NightMoves
from aegismatrix_engine.volatility.opening_gap import NOT_MEASURED, gap_unit
from aegismatrix_engine.volatility.outcomes import after_open_ahead

PANEL = synthetic.features()
WHOLE = synthetic.whole_history()


def walk(features: DailyFeatures, moves: NightMoves) -> WalkForward:
    found = walk_forward(features, nearest_horizons(synthetic.MARKET, features.series.dates), night=moves)
    assert found is not None
    return found


@cache
def whole() -> WalkForward:
    return walk(PANEL, nights(WHOLE, PANEL))


def garbled_after(row: int) -> MarketHistory:
    """Every price at the exchange after a row is another one, and every price of the US from the next session on."""
    frame, draws = synthetic.daily_frame().copy(), np.random.default_rng(row)
    following = frame.index[row + 1]
    frame.iloc[row + 1 :, :4] *= np.exp(0.05 * draws.normal(size=(len(frame) - row - 1, 1)))
    us = {}
    for name in NIGHT_SERIES:
        bars: pd.DataFrame = getattr(WHOLE, name).copy()
        later = bars.index >= following
        bars.loc[later] *= np.exp(0.05 * draws.normal(size=(int(later.sum()), 1)))
        us[name] = bars
    return replace(synthetic.history(frame), **us)


@pytest.mark.parametrize("row", [800, 1000])
def test_nothing_after_a_night_reaches_its_forecast(row: int) -> None:
    history = garbled_after(row)
    features = market_features(history)
    found, n = walk(features, nights(history, features)), row - FIRST_ORIGIN + 1
    assert found.night_gap[:n].tobytes() == whole().night_gap[:n].tobytes()
    assert np.isfinite(whole().night_gap[:n]).mean() > 0.9
    for key in HORIZONS:
        pair = (vars(one.night_direction[key]).values() for one in (found, whole()))
        for left, right in zip(*pair, strict=True):
            assert left[:n].tobytes() == right[:n].tobytes()
    assert not np.array_equal(found.night_gap[n : n + 60], whole().night_gap[n : n + 60], equal_nan=True)


def test_a_block_says_what_fits_made_by_hand_say_of_its_nights() -> None:
    first, moves = FIRST_ORIGIN + REFIT_INTERVAL, nights(WHOLE, PANEL)
    known, rows = PANEL.head(first + 1), slice(first, first + REFIT_INTERVAL)
    fitted, scales = ExpandingFits.of(known).fit(len(known))
    model = fit_night(known, scales.horizon, moves.rows(slice(0, first + 1)))
    at_close, own = forecast(fitted, PANEL.rows(rows)).distribution, moves.rows(rows)
    chosen, share = model.chosen(own), float(shares_by_index(known, fitted.distribution)[0][0])
    assert set(chosen) == {-1, SUBSETS.index(("us_vix", "us_spot", "inda"))}
    for place in np.flatnonzero(chosen >= 0)[:20]:
        night, plain = own.rows(slice(place, place + 1)), at_close.row(place)
        expected = class_probabilities(model.applied(plain, night, 0), 1, share)
        said = whole().night_direction["t1"]
        for found, by_hand in zip(vars(said).values(), vars(expected).values(), strict=True):
            assert found[REFIT_INTERVAL + place] == by_hand[0]
        unit = gap_unit(PANEL.head(first + place + 1).series, plain.scale[:, 0])
        gap = unit * model.gap_shift(night, 0) / plain.scale[:, 0]
        assert whole().night_gap[REFIT_INTERVAL + place] == pytest.approx(gap[0], rel=1e-12)


def test_a_night_that_no_series_knows_is_forecast_by_none() -> None:
    moves = nights(WHOLE, PANEL)
    unknown = ~moves.known.any(axis=1)[FIRST_ORIGIN:]
    assert unknown.any()
    assert np.isnan(whole().night_gap[unknown]).all()
    assert np.isnan(whole().night_direction["t1"].up[unknown]).all()


def test_where_one_series_ends_the_others_forecast() -> None:
    """The fund is known to a day within a block: the nights after it rest on the other two."""
    moves = nights(WHOLE, PANEL)
    ended = replace(moves, inda=np.where(np.arange(len(PANEL)) <= 900, moves.inda, np.nan))
    found, n = walk(PANEL, ended), 900 - FIRST_ORIGIN + 1
    assert np.array_equal(found.night_gap[:n], whole().night_gap[:n], equal_nan=True)
    late = slice(n, REFIT_INTERVAL + n)
    known = np.isfinite(whole().night_gap[late])
    assert np.isfinite(found.night_gap[late][known]).all()
    assert not np.array_equal(found.night_gap[late][known], whole().night_gap[late][known])


def with_gap(gap: np.ndarray) -> WalkForward:
    return replace(whole(), night_gap=gap)


def moved() -> np.ndarray:
    """The move after the open of each origin's next session, in units of the session's scale."""
    unit = np.concatenate([block.forecast.distribution.scale[:, 0] for block in whole().blocks])
    return after_open_ahead(PANEL.series)[FIRST_ORIGIN:] / unit


def test_the_move_after_the_open_is_its_past_mean_unless_it_follows_the_gap() -> None:
    noise = np.random.default_rng(5).standard_normal(len(whole()))
    found, known = after_open(with_gap(noise), PANEL), np.isfinite(moved())
    assert found.nights == known.sum()
    assert found.slope == 0
    assert abs(found.t) < 3
    assert found.correlation == pytest.approx(np.corrcoef(noise[known], moved()[known])[0, 1], rel=1e-9)
    assert found.expected(0.7) == found.mean == pytest.approx(moved()[known].mean())


def test_a_move_after_the_open_that_follows_the_gap_is_expected_to() -> None:
    gap = np.nan_to_num(moved()) + np.random.default_rng(6).standard_normal(len(whole()))
    found, known = after_open(with_gap(gap), PANEL), np.isfinite(moved())
    slope, intercept = np.polyfit(gap[known], moved()[known], 1)
    assert found.t > 3
    assert found.expected(0.7) == pytest.approx(intercept + 0.7 * slope, rel=1e-9)


def test_of_few_nights_nothing_is_measured() -> None:
    few = np.where(np.arange(len(whole())) < 99, 0.1, np.nan)
    assert after_open(with_gap(few), PANEL) == NOT_MEASURED
    assert after_open(with_gap(np.full(len(whole()), 0.1)), PANEL) == NOT_MEASURED, "a constant follows nothing"
