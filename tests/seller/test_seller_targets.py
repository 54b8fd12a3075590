"""What a seller fears, counted session by session."""

import math

import numpy as np
import pytest
import synthetic

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.seller.model import fit_stress, fit_trap, stress_probability, stress_touched
from aegismatrix_engine.seller.targets import STRESS_PRIOR, stress_distance, trap_sprung
from aegismatrix_engine.volatility.distribution import ReturnDistribution, fit_distribution
from aegismatrix_engine.volatility.outcomes import realised_variance_ahead

BARS = synthetic.daily_frame(300)
PANEL = synthetic.features(300)
N = len(BARS)


@pytest.mark.parametrize("horizon", [5, 10])
def test_the_trap_springs_where_realised_variance_exceeds_what_the_index_paid(horizon: int) -> None:
    log = [math.log(c) for c in BARS["close"]]
    found = trap_sprung(PANEL.series, horizon)
    for t in range(N):
        if t + horizon >= N:
            assert math.isnan(found[t])
            continue
        realised = sum((log[i] - log[i - 1]) ** 2 for i in range(t + 1, t + horizon + 1)) / horizon
        assert found[t] == float(realised > (BARS["vix"].iloc[t] / 100) ** 2 / 252)
    assert 0.05 < np.nanmean(found) < 0.6


def test_a_trap_without_the_index_is_unknown() -> None:
    bare = market_features(synthetic.history(BARS.assign(vix=np.nan)))
    assert np.isnan(trap_sprung(bare.series, 5)).all()


def test_the_stress_distance_is_five_quarters_of_the_implied_sigma_of_the_time_left() -> None:
    implied = 16 / 100 / math.sqrt(252)
    found = stress_distance(np.array([implied]), np.array([4.0]))
    assert found[0] == pytest.approx(1.25 * implied * 2)
    assert found[0] == pytest.approx(0.0251976, abs=1e-7)


def test_stress_is_a_high_or_low_beyond_the_distance_within_the_horizon() -> None:
    found = stress_touched(PANEL)
    high, low, close = (np.log(BARS[name].to_numpy()) for name in ("high", "low", "close"))
    for t in range(0, N, 7):
        for h in (1, 4, 20):
            if t + h >= N:
                assert math.isnan(found[t, h - 1])
                continue
            distance = 1.25 * BARS["vix"].iloc[t] / 100 * math.sqrt(h / 252)
            up = max(high[t + 1 : t + h + 1]) - close[t]
            down = close[t] - min(low[t + 1 : t + h + 1])
            assert found[t, h - 1] == float(max(up, down) > distance)


def test_stress_base_rates_are_past_shares_with_the_prior_as_one_session() -> None:
    touched, base = stress_touched(PANEL), fit_stress(PANEL)
    for h in (1, 5, 45):
        known = touched[np.isfinite(touched[:, h - 1]), h - 1]
        assert base.base_rate[h - 1] == pytest.approx((known.sum() + STRESS_PRIOR) / (len(known) + 1), rel=1e-12)
    assert base.sessions == N - 1


def test_without_the_index_the_stress_base_rate_is_the_prior() -> None:
    base = fit_stress(market_features(synthetic.history(BARS.assign(vix=np.nan))))
    assert base.sessions == 0
    assert base.base_rate.tolist() == [STRESS_PRIOR] * 45


def test_stress_probability_is_the_touch_at_each_origins_own_horizon() -> None:
    model = fit_distribution(PANEL)
    rows = PANEL.rows(slice(200, 206))
    said = ReturnDistribution(model.scales(rows).horizon, model.with_vix)
    horizons = np.array([1, 5, 3, 3, 1, 4])
    found = stress_probability(rows, said, horizons)
    for i, h in enumerate(horizons):
        distance = 1.25 * rows.implied_sd[i] * math.sqrt(h)
        assert found[i] == said.row(i).breaches(int(h), np.array([distance])).touch[0, 0]


def test_stress_without_the_index_is_unknown() -> None:
    model = fit_distribution(PANEL)
    bare = market_features(synthetic.history(BARS.assign(vix=np.nan))).rows(slice(200, 203))
    said = ReturnDistribution(model.scales(bare, use_vix=False).horizon, model.without_vix)
    assert np.isnan(stress_probability(bare, said, np.array([1, 2, 3]))).all()


def test_the_traps_shape_is_realised_volatility_in_units_of_its_forecast() -> None:
    features = synthetic.features()
    model = fit_distribution(features)
    scales = model.scales(features)
    trap = fit_trap(features, scales)
    ratio = np.sqrt(realised_variance_ahead(features.series, 10)) / scales.blended[:, 9]
    known = ratio[features.has_vix & np.isfinite(ratio)]
    assert trap.shape.count[1] == len(known)
    assert trap.shape.quantile(1, np.array(0.5)) == pytest.approx(np.quantile(known, 0.5, method="hazen"))
    assert [head.rows for head in trap.heads] == [len(features) - 65 - 5, len(features) - 65 - 10]


def test_the_trap_is_likelier_where_the_index_is_low_against_the_forecast() -> None:
    features = synthetic.features()
    models, _ = synthetic.trained()
    scales = models.distribution.scales(features)
    said = models.trap.forecaster.probability(features, scales, 5)
    ratio = features.implied_sd / scales.blended[:, 4]
    known = np.isfinite(said)
    dear, cheap = (said[known][ratio[known] > np.quantile(ratio[known], 0.8)], said[known])
    assert dear.mean() < cheap.mean() < said[known][ratio[known] < np.quantile(ratio[known], 0.2)].mean()
