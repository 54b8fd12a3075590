"""The scale: ridge against scikit-learn's, and the two blocks against fits made by hand."""

import numpy as np
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import LogHar, fit_log_har
from aegismatrix_engine.volatility.outcomes import mean_range_variance_ahead, session_range_variance_ahead
from aegismatrix_engine.volatility.ridge import fit_ridge

PENALTY = 1e-3
PANEL = synthetic.features(700)
LATE_VIX = 300


def with_vix_from(first: int, sessions: int = 700) -> DailyFeatures:
    frame = synthetic.daily_frame(sessions).copy()
    frame.iloc[:first, frame.columns.get_loc("vix")] = np.nan
    return market_features(synthetic.history(frame))


def sklearn_ridge(columns: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Predictions of scikit-learn's ridge on standardised columns, for the same rows."""
    scaled = StandardScaler().fit_transform(columns)
    return Ridge(alpha=PENALTY * len(target)).fit(scaled, target).predict(scaled)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(5, 60), p=st.integers(1, 6), penalty=st.floats(1e-3, 1.0))
@settings(max_examples=30, deadline=None)
def test_ridge_is_scikit_learns_on_standardised_columns(seed: int, n: int, p: int, penalty: float) -> None:
    draws = np.random.default_rng(seed)
    columns = draws.normal(draws.normal(size=p) * 3, np.exp(draws.normal(size=p)), size=(n, p))
    target = draws.normal(size=n) + columns[:, 0]
    weights = fit_ridge(columns, target, penalty)
    scaler = StandardScaler().fit(columns)
    reference = Ridge(alpha=penalty * n, solver="cholesky").fit(scaler.transform(columns), target)
    assert weights[0] + columns @ weights[1:] == pytest.approx(
        reference.predict(scaler.transform(columns)), rel=1e-6, abs=1e-8
    )


def test_a_constant_column_gets_no_weight() -> None:
    draws = np.random.default_rng(1).normal(size=(40, 2))
    weights = fit_ridge(np.column_stack([draws[:, 0], np.full(40, 7.0)]), draws[:, 1], PENALTY)
    assert weights[2] == 0.0
    assert weights[:2] == pytest.approx(fit_ridge(draws[:, :1], draws[:, 1], PENALTY), rel=1e-12)


def target_of(features: DailyFeatures, i: int) -> np.ndarray:
    if i < 45:
        return np.log(mean_range_variance_ahead(features.series)[:, i])
    return np.log(session_range_variance_ahead(features.series)[:, i - 45])


@pytest.mark.parametrize("i", [0, 4, 21, 44, 45, 49])
def test_both_blocks_are_the_ridges_of_their_definition(i: int) -> None:
    features = with_vix_from(LATE_VIX)
    model, target = fit_log_har(features), target_of(features, i)
    gap = np.hstack([features.gap, features.single_gap])[:, i]
    every = features.has_range & np.isfinite(target)
    base = sklearn_ridge(np.column_stack([gap, features.range_block])[every], target[every])
    scales = model.scales(features, with_vix=False)
    plain = np.hstack([scales.har, scales.session_har])[:, i]
    assert 2 * np.log(plain[every]) == pytest.approx(base, abs=1e-6)

    overlap = features.has_vix & np.isfinite(target)
    left_over = target[overlap] - 2 * np.log(plain[overlap])
    added = sklearn_ridge(np.column_stack([gap, features.range_block, features.vix_block])[overlap], left_over)
    full = model.scales(features, with_vix=True)
    with_index = np.hstack([full.har, full.session_har])[:, i]
    assert 2 * np.log(with_index[overlap] / plain[overlap]) == pytest.approx(added, abs=1e-6)


def test_an_index_that_starts_late_leaves_the_range_block_as_it_is() -> None:
    assert np.array_equal(fit_log_har(with_vix_from(LATE_VIX)).range_weights, fit_log_har(PANEL).range_weights)


def test_bars_before_the_index_do_not_reach_the_vix_block_but_through_the_range_block() -> None:
    late = fit_log_har(with_vix_from(LATE_VIX))
    assert late.knows_vix
    assert not np.array_equal(late.residual_weights, fit_log_har(PANEL).residual_weights)


@pytest.mark.parametrize(("first", "knows"), [(384, True), (385, False), (700, False)])
def test_it_takes_295_sessions_with_the_index_to_learn_from_it(first: int, knows: bool) -> None:
    # 700 - 384 sessions have it, the 22-session mean costs 21 of them: 295 complete rows, and one fewer.
    model = fit_log_har(with_vix_from(first))
    assert model.knows_vix is knows
    assert model.residual_weights.shape == ((50, 13) if knows else (0, 13))


def test_the_blend_is_two_thirds_model_and_one_third_index() -> None:
    scales = fit_log_har(PANEL).scales(PANEL, with_vix=True)
    row, h = 400, 10
    har, vix = np.sqrt(h) * scales.har[row, h - 1], np.sqrt(h) * PANEL.implied_sd[row]
    assert scales.horizon[row, h - 1] == pytest.approx(har ** (2 / 3) * vix ** (1 / 3), rel=1e-12)


def test_without_the_index_blend_and_model_are_one() -> None:
    scales = fit_log_har(PANEL).scales(PANEL, with_vix=False)
    assert np.array_equal(scales.blended, scales.har, equal_nan=True)
    assert np.array_equal(scales.session_blended, scales.session_har, equal_nan=True)


def test_a_row_is_forecast_alike_alone_and_among_others() -> None:
    model = fit_log_har(PANEL)
    alone = model.scales(PANEL.rows(slice(500, 501)), with_vix=True)
    assert np.array_equal(alone.blended[0], model.scales(PANEL, with_vix=True).blended[500])


def test_outcomes_not_known_by_the_last_row_are_left_out() -> None:
    cut = PANEL.head(400)
    h = 20
    known = cut.head(400 - h)
    columns = np.column_stack([known.gap[:, h - 1], known.range_block])[known.has_range]
    target = np.log(mean_range_variance_ahead(cut.series)[: 400 - h, h - 1])[known.has_range]
    assert np.isfinite(target).all()
    assert fit_log_har(cut).range_weights[h - 1] == pytest.approx(fit_ridge(columns, target, PENALTY), rel=1e-9)


def test_coefficients_are_shaped_by_target_and_feature() -> None:
    model = fit_log_har(PANEL)
    assert isinstance(model, LogHar)
    assert model.range_weights.shape == (50, 10)
    assert model.residual_weights.shape == (50, 13)
