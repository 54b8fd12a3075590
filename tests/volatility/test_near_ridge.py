"""The third ridge: scikit-learn's on what is left over, one for each set of blocks, nothing beyond five sessions."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import synthetic
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from test_near_sessions import us_frame

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.volatility.distribution import fit_distribution
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import NEAR, LogHar, fit_log_har
from aegismatrix_engine.volatility.near_ridge import KNOWN_BLOCKS, NEAR_FEATURES
from aegismatrix_engine.volatility.outcomes import mean_range_variance_ahead, session_range_variance_ahead

PENALTY = 1e-2
LEFT_OUT = slice(1000, 1100)
"""Rows whose S&P 500 is not known."""


@cache
def features() -> DailyFeatures:
    history = replace(synthetic.history(), us_spot=us_frame(last="2019-12-31"))
    found = market_features(history)
    spillover = found.spillover_block.copy()
    spillover[LEFT_OUT] = np.nan
    return replace(found, spillover_block=spillover)


@cache
def fitted() -> LogHar:
    return fit_log_har(features())


def without_third(model: LogHar) -> LogHar:
    nothing = np.zeros_like(model.near_weights)
    return replace(model, near_weights=nothing, near_residual_weights=nothing)


def log_variance(model: LogHar, found: DailyFeatures, *, with_vix: bool) -> np.ndarray:
    scales = model.scales(found, with_vix=with_vix)
    return 2 * np.log(np.hstack([scales.har, scales.session_har]))


@pytest.mark.parametrize("with_vix", [True, False])
@pytest.mark.parametrize("target", [0, 4, 45, 49])
def test_it_is_the_ridge_of_what_the_first_two_left_over(target: int, with_vix: bool) -> None:
    found, model = features(), fitted()
    outcome = np.hstack([mean_range_variance_ahead(found.series), session_range_variance_ahead(found.series)])
    before = log_variance(without_third(model), found, with_vix=with_vix)
    left_over = np.log(outcome[:, target]) - before[:, target]
    near = list(NEAR).index(target)
    columns = np.column_stack([found.high_block, found.spillover_block, found.event_block[:, near]])
    known = np.isfinite(columns).all(axis=1) & np.isfinite(left_over)
    scaled = StandardScaler().fit(columns[known])
    ridge = Ridge(alpha=PENALTY * known.sum()).fit(scaled.transform(columns[known]), left_over[known])
    added = (log_variance(model, found, with_vix=with_vix) - before)[known, target]
    assert added == pytest.approx(ridge.predict(scaled.transform(columns[known])), abs=1e-9)


def test_nothing_changes_beyond_five_sessions() -> None:
    found, model = features(), fitted()
    change = log_variance(model, found, with_vix=True) - log_variance(without_third(model), found, with_vix=True)
    assert (change[300:, NEAR] != 0).mean() > 0.9
    others = np.setdiff1d(np.arange(change.shape[1]), NEAR)
    assert (np.nan_to_num(change[:, others]) == 0).all()


def test_a_session_without_the_us_series_gets_what_was_learnt_without_it() -> None:
    alone = fit_log_har(replace(features(), spillover_block=np.full_like(features().spillover_block, np.nan)))
    model = fitted()
    row = slice(1050, 1051)
    both = [log_variance(one, features().rows(row), with_vix=True) for one in (alone, model)]
    assert np.array_equal(*both)
    assert not np.array_equal(model.near_weights[0], model.near_weights[1])


@pytest.mark.parametrize(("us", "events"), KNOWN_BLOCKS)
def test_each_set_of_blocks_has_weights_for_what_it_knows_and_no_others(us: bool, events: bool) -> None:
    weights = fitted().near_weights[KNOWN_BLOCKS.index((us, events))]
    columns = dict(zip(NEAR_FEATURES, weights[:, 1:].T, strict=True))
    assert columns["below_high66"].all()
    assert columns["us_lv1"].any() == us
    assert columns["fomc"].any() == events


def test_a_set_that_few_sessions_know_is_not_learnt() -> None:
    few = features().spillover_block.copy()
    few[:-700] = np.nan
    model = fit_log_har(replace(features(), spillover_block=few))
    assert not model.near_weights[0].any()
    assert model.near_weights[1].any()


def test_a_forecast_does_not_depend_on_the_rows_forecast_with_it() -> None:
    model = fit_distribution(features())
    whole, one = model.scales(features()), model.scales(features().rows(slice(1050, 1051)))
    assert np.array_equal(whole.blended[1050], one.blended[0])


def test_a_history_too_short_for_a_high_is_forecast_as_without_the_third() -> None:
    found = features().rows(slice(70, 250))
    assert np.array_equal(
        log_variance(fitted(), found, with_vix=True), log_variance(without_third(fitted()), found, with_vix=True)
    )
