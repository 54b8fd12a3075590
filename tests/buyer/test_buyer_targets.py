"""What a buyer waits for, counted session by session, and how its forecasters learn."""

import math

import numpy as np
import pytest
import synthetic

from aegismatrix_engine.buyer.model import SpikeSide, fit_breakout, fit_spike_side, fit_straddle, payoff_errors
from aegismatrix_engine.buyer.targets import breakout_happened, straddle_cost, straddle_pays
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.distribution import ReturnDistribution, fit_distribution
from aegismatrix_engine.volatility.event_head import head_columns
from aegismatrix_engine.volatility.features import DailyFeatures

BARS = synthetic.daily_frame(300)
PANEL = synthetic.features(300)
N = len(BARS)


def log(name: str) -> list[float]:
    return [math.log(value) for value in BARS[name]]


def test_a_breakout_is_a_true_range_above_five_quarters_of_the_atr_of_the_origin() -> None:
    high, low, close = log("high"), log("low"), log("close")
    true_range = [high[0] - low[0]]
    true_range += [max(high[t], close[t - 1]) - min(low[t], close[t - 1]) for t in range(1, N)]
    found = breakout_happened(PANEL.series)
    for t in range(N):
        for k in range(1, 6):
            if t + k >= N or t < 13:
                assert math.isnan(found[t, k - 1])
            else:
                atr = sum(true_range[t - 13 : t + 1]) / 14
                assert found[t, k - 1] == float(true_range[t + k] > 1.25 * atr)


def test_the_straddle_costs_eight_tenths_of_the_implied_sigma() -> None:
    implied = 15 / 100 / math.sqrt(252)
    assert straddle_cost(np.array([implied]), 5)[0] == pytest.approx(0.8 * 0.15 * math.sqrt(5 / 252))
    # Brenner and Subrahmanyam (1988): the mean absolute move of a normal, sqrt(2 / pi) = 0.7979
    assert straddle_cost(np.array([1.0]), 1)[0] == pytest.approx(math.sqrt(2 / math.pi), abs=0.003)


@pytest.mark.parametrize("horizon", [1, 3, 5])
def test_a_straddle_pays_where_the_move_exceeds_its_cost(horizon: int) -> None:
    close, found = log("close"), straddle_pays(PANEL.series, horizon)
    for t in range(N):
        if t + horizon >= N:
            assert math.isnan(found[t])
        else:
            cost = 0.8 * BARS["vix"].iloc[t] / 100 * math.sqrt(horizon / 252)
            assert found[t] == float(abs(close[t + horizon] - close[t]) > cost)


def test_each_offset_has_a_head_and_a_shape_of_its_own() -> None:
    features = synthetic.features()
    model = fit_distribution(features)
    scales, plain = model.scales(features), model.scales(features, use_vix=False)
    fitted = fit_breakout(features, scales, plain)
    happened = breakout_happened(features.series)
    assert len({head.intercept for head in fitted.heads}) == 5
    for k, head in enumerate(fitted.heads):
        known = happened[np.isfinite(happened[:, k]), k]
        assert head.base_rate == pytest.approx((known.sum() + 0.24) / (len(known) + 1), rel=1e-12)
        assert fitted.plain_shape.count[k] == len(features) - 65 - k - 1
    latest = features.rows(slice(len(features) - 1, len(features)))
    said = fitted.probability(latest, model.scales(latest))[0]
    assert len(set(said)) == 5
    for k, head in enumerate(fitted.heads):
        threshold = 1.25 * latest.average_true_range
        empirical = fitted.shape.exceedance(k, threshold / model.scales(latest).session_blended[:, k])
        columns = head_columns(latest, threshold, model.scales(latest).session_har[:, k])
        own = head.probability(columns)
        logits = [math.log(p / (1 - p)) for p in (float(own[0]), float(empirical[0]), float(said[k]))]
        assert logits[2] == pytest.approx((logits[0] + logits[1]) / 2, abs=1e-9)


def test_without_the_index_a_breakout_is_read_off_the_shape_alone() -> None:
    features = synthetic.features()
    model = fit_distribution(features)
    fitted = fit_breakout(features, model.scales(features), model.scales(features, use_vix=False))
    bare = market_features(synthetic.history(synthetic.daily_frame().assign(vix=np.nan))).rows(slice(900, 905))
    scales = model.scales(bare, use_vix=False)
    found = fitted.probability(bare, scales)
    threshold = 1.25 * bare.average_true_range
    for k in range(5):
        assert np.array_equal(found[:, k], fitted.plain_shape.exceedance(k, threshold / scales.session_blended[:, k]))


def test_the_straddles_empirical_part_is_the_close_beyond_its_cost_on_either_side() -> None:
    features = synthetic.features()
    model = fit_distribution(features)
    fitted = fit_straddle(features, model.scales(features))
    rows = features.rows(slice(1000, 1004))
    scales = model.scales(rows)
    said = ReturnDistribution(scales.horizon, model.with_vix)
    cost = straddle_cost(rows.implied_sd, 3)
    beyond = 1 - (said.cumulative(3, cost[:, None]) - said.cumulative(3, -cost[:, None]))[:, 0]
    columns = head_columns(rows, cost, scales.har[:, 2] * math.sqrt(3))
    wanted = fitted.heads[2].pooled(columns, beyond)
    assert fitted.probability(rows, scales, said, 3) == pytest.approx(wanted, rel=1e-9)


def sides_by_hand(features: DailyFeatures) -> tuple[list[int], list[int]]:
    """Breakouts, and those that closed up, after a falling and after a rising week."""
    happened, close = breakout_happened(features.series)[:, 0], features.series.close
    n, ups = [0, 0], [0, 0]
    for t in range(65, len(features) - 1):  # features are complete from row 65 on
        if happened[t] == 1:
            state = int(close[t] >= close[t - 5])
            n[state] += 1
            ups[state] += int(close[t + 1] > close[t])
    return n, ups


def test_sides_of_breakouts_are_counted_by_the_week_before() -> None:
    features = synthetic.features()
    fitted, (n, ups) = fit_spike_side(features), sides_by_hand(features)
    assert fitted.breakouts == sum(n)
    assert fitted.base_up == pytest.approx((sum(ups) + 1) / (sum(n) + 2), rel=1e-12)


def panel_of_sides(p_falling: float, p_rising: float, seed: int = 1) -> DailyFeatures:
    """Breakouts every third session whose side depends on the week before."""
    draws = np.random.default_rng(seed)
    dates = synthetic.daily_frame(1500).index
    moves = list(draws.choice([-0.002, 0.002], size=20))
    for t in range(20, 1500):
        rising = sum(moves[t - 5 : t]) >= 0
        if t % 4:
            moves.append(float(draws.choice([-0.002, 0.002])))
        else:
            up = draws.uniform() < (p_rising if rising else p_falling)
            moves.append(0.03 if up else -0.03)
    close = 8000 * np.exp(np.cumsum(moves))
    before = np.concatenate([[8000.0], close[:-1]])
    frame = {"open": before, "high": np.maximum(before, close), "low": np.minimum(before, close), "close": close}
    bars = BARS.iloc[:0].reindex(dates).assign(**frame, vix=15.0)
    return market_features(synthetic.history(bars))


def test_a_side_that_depends_on_the_week_before_is_told_apart() -> None:
    fitted = fit_spike_side(panel_of_sides(0.85, 0.25))
    assert fitted.up[0] > fitted.base_up + 0.15
    assert fitted.up[1] < fitted.base_up - 0.15


def test_sides_that_do_not_depend_on_it_are_drawn_together() -> None:
    raw, shrunk = 0.0, 0.0
    for seed in range(8):
        features = panel_of_sides(0.4, 0.4, seed)
        fitted, (n, ups) = fit_spike_side(features), sides_by_hand(features)
        assert fitted.base_up == pytest.approx(0.4, abs=0.08)
        raw += abs(ups[0] / n[0] - ups[1] / n[1])
        shrunk += abs(float(fitted.up[0] - fitted.up[1]))
        for state in (0, 1):
            low, high = sorted((fitted.base_up, ups[state] / n[state]))
            assert low - 1e-12 <= fitted.up[state] <= high + 1e-12
    assert shrunk < 0.6 * raw


def test_a_few_breakouts_share_one_rate() -> None:
    fitted = fit_spike_side(synthetic.features(200))
    assert fitted.breakouts < 60
    assert fitted.up.tolist() == [fitted.base_up] * 2


def test_the_state_of_the_week_picks_the_share() -> None:
    side = SpikeSide(0.5, np.array([0.3, 0.7]), 100)
    found = side.up_probability(PANEL)
    close = PANEL.series.close
    for t in range(65, N):
        assert found[t] == (0.7 if close[t] >= close[t - 5] else 0.3)


def moves(sessions: int, seed: int, drift: float = 0.0) -> FloatArray:
    """|return| over 1..5 sessions in units of its forecast mean, whose truth wanders from it by ``drift``.

    The truth is a new draw every half year, so that most blocks of 66 sessions lie within one.
    """
    draws = np.random.default_rng(seed)
    truth = np.repeat(np.exp(drift * draws.standard_normal(sessions // 132 + 2)), 132)[: sessions + 5]
    path = np.concatenate([[0.0], np.cumsum(truth * draws.standard_normal(sessions + 5))])
    ahead = np.column_stack([np.abs(path[h : sessions + h] - path[:sessions]) / math.sqrt(h) for h in range(1, 6)])
    return np.asarray(ahead / math.sqrt(2 / math.pi))


def mean_error(sessions: int, drift: float, count: int = 12) -> FloatArray:
    """Mean over several histories."""
    found = [payoff_errors(moves(sessions, seed, drift), np.ones((sessions, 5))) for seed in range(count)]
    return np.asarray(np.mean(found, axis=0))


@pytest.mark.parametrize("drift", [0.1, 0.2])
def test_the_error_of_the_payoff_is_how_far_the_truth_lies_from_the_forecast_of_a_day(drift: float) -> None:
    assert mean_error(4000, drift)[[0, 4]] == pytest.approx(drift, rel=0.3)


def test_a_forecast_that_is_right_has_an_error_near_that_of_a_mean() -> None:
    of_mean = math.sqrt((1 - 2 / math.pi) / (2 / math.pi) / 4000)
    assert of_mean < mean_error(4000, 0.0)[0] < 4 * of_mean


def test_the_error_is_of_one_day_and_does_not_shrink_with_a_longer_past() -> None:
    short, long = mean_error(2000, 0.2)[0], mean_error(8000, 0.2)[0]
    assert long == pytest.approx(short, rel=0.25)


def test_the_error_by_an_independent_computation() -> None:
    sessions, h = 1000, 3
    came, expected = moves(sessions, 1), np.linspace(0.8, 1.2, sessions)[:, None] * np.ones(5)
    came[-7:] = np.nan
    ratios = (came[:-7, h - 1] / expected[:-7, h - 1]).tolist()
    blocks = [ratios[start : start + 66] for start in range(len(ratios) - 15 * 66, len(ratios), 66)]
    means = [sum(block) / 66 for block in blocks]
    middle = sum(means) / 15
    between = sum((mean - middle) ** 2 for mean in means) / 14
    noise = []
    for block, mean in zip(blocks, means, strict=True):
        apart = [value - mean for value in block]
        total = sum(a * a for a in apart)
        lag = round(1.5 * h) + 5
        for k in range(1, lag + 1):
            total += 2 * (1 - k / (lag + 1)) * sum(a * b for a, b in zip(apart, apart[k:], strict=False))
        noise.append(max(total, 0) / 66**2)
    wanted = math.sqrt(max(between - sum(noise) / 15, 0) + between / 15)
    assert payoff_errors(came, expected)[h - 1] == pytest.approx(wanted, rel=1e-9)


def test_with_fewer_than_two_blocks_of_outcomes_nothing_is_known_about_the_payoff() -> None:
    assert payoff_errors(moves(131, 1), np.ones((131, 5))).tolist() == [1.0] * 5
    assert (payoff_errors(moves(132, 1), np.ones((132, 5))) < 1).all()
