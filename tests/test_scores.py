"""Measures of past forecasts, against published values and other libraries."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from sklearn.metrics import brier_score_loss

from aegismatrix_engine.scores import block_starts, brier_skill, measured_rate, standard_error, wilson_interval

DATES = [f"2022-01-{day:02d}" for day in range(1, 32)] + [f"2022-03-{day:02d}" for day in range(1, 32)]


# Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_has_newcombes_published_values(events: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(events / n, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("rate", "n"), [(0.5, 30), (0.8, 120), (0.97, 40)])
def test_its_ends_are_the_shares_that_the_rate_just_does_not_reject(rate: float, n: int) -> None:
    def distance(p: float, sign: float) -> float:
        return rate - p + sign * 1.959963984540054 * math.sqrt(p * (1 - p) / n)

    wanted = brentq(distance, 1e-12, rate, args=(-1,)), brentq(distance, rate, 1 - 1e-12, args=(1,))
    assert wilson_interval(rate, n) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_it_stays_within_zero_and_one_and_holds_the_rate(rate: float) -> None:
    low, high = wilson_interval(rate, 30)
    assert 0 <= low <= rate <= high <= 1
    assert high - low > 0.05


def test_no_rounding_carries_an_end_past_zero_or_one() -> None:
    """The ends of rates of 1 and 0 are 1 and 0; as computed, that of 1 lies a last bit above 1 for 16 events."""
    for n in range(1, 400):
        assert wilson_interval(1.0, n)[1] == 1
        assert wilson_interval(0.0, n)[0] == 0


def test_a_rate_weighs_forecasts_alike_and_is_as_sure_as_its_events() -> None:
    came_true = np.array([1.0] * 45 + [0.0] * 15)
    few, many = (measured_rate(came_true, events, 0.8, DATES[:60]) for events in (30, 60))
    assert few.rate == many.rate == 0.75
    assert (few.low, few.high) == wilson_interval(0.75, 30)
    assert few.high - few.low > many.high - many.low
    assert (few.n, few.events, few.measured, few.reference) == (60, 30, True, 0.8)


def test_open_forecasts_count_for_nothing() -> None:
    came_true = np.array([np.nan, np.nan] + [1.0] * 30 + [0.0] * 10 + [np.nan])
    record = measured_rate(came_true, 40, 0.8, DATES[:43])
    assert (record.n, record.rate) == (40, 0.75)
    assert (record.first, record.last) == (DATES[2], DATES[41])


@pytest.mark.parametrize("events", [0, 29])
def test_too_few_events_leave_the_reference_unmeasured(events: int) -> None:
    record = measured_rate(np.ones(60), events, 0.8, DATES[:60])
    assert not record.measured
    assert (record.n, record.events, record.rate, record.low, record.high) == (0, 0, 0.8, 0.8, 0.8)
    assert (record.first, record.last) == ("", "")


def test_nothing_known_is_not_measured() -> None:
    assert measured_rate(np.full(40, np.nan), 40, 0.3, DATES[:40]).rate == 0.3


def test_brier_scores_are_scikit_learns() -> None:
    draws = np.random.default_rng(4)
    probability, happened = draws.uniform(size=60), draws.integers(0, 2, size=60).astype(float)
    base = np.full(60, 0.4)
    probability[3], base[10], happened[59] = np.nan, np.nan, np.nan
    known = np.setdiff1d(np.arange(60), [3, 10, 59])
    skill = brier_skill("x.y", probability, base, happened, 5, DATES[:60])
    assert skill is not None
    assert skill.score == pytest.approx(brier_score_loss(happened[known], probability[known]), rel=1e-12)
    assert skill.climatology == pytest.approx(brier_score_loss(happened[known], base[known]), rel=1e-12)
    assert (skill.signal, skill.n, skill.first, skill.last) == ("x.y", 57, DATES[0], DATES[58])
    difference = (probability[known] - happened[known]) ** 2 - (base[known] - happened[known]) ** 2
    assert skill.noise == standard_error(difference, 5)


def test_nothing_known_has_no_skill() -> None:
    assert brier_skill("x", np.full(5, np.nan), np.full(5, 0.2), np.ones(5), 1, DATES[:5]) is None


@pytest.mark.parametrize(("horizon", "lag"), [(1, 7), (2, 8), (5, 13), (10, 20), (20, 35)])
def test_the_standard_error_is_newey_wests(horizon: int, lag: int) -> None:
    # round() goes to the even number: 1.5 + 5 is 7, 7.5 + 5 is 13.
    x = np.random.default_rng(horizon).normal(size=300).cumsum() * 0.1
    n, mean = len(x), x.mean()
    total = sum((v - mean) ** 2 for v in x) / n
    for k in range(1, lag + 1):
        gamma = sum((x[t] - mean) * (x[t - k] - mean) for t in range(k, n)) / n
        total += 2 * (1 - k / (lag + 1)) * gamma
    assert standard_error(x, horizon) == pytest.approx(math.sqrt(total / n), rel=1e-9)


def test_the_error_of_fewer_values_than_the_lag_counts_every_lag_there_is() -> None:
    """Centred 2, -1, -1, 0: products 6, then -1, -2 and 0 one to three apart, weighted by 3/4, 1/2 and 1/4."""
    values = np.array([3.0, 0.0, 0.0, 1.0])
    assert standard_error(values, 5) == pytest.approx(math.sqrt(6 + 2 * (-3 / 4 - 2 / 2)) / 4, rel=1e-12)


def test_overlapping_outcomes_are_known_less_surely() -> None:
    draws = np.random.default_rng(6).normal(size=2000)
    overlapping = np.convolve(draws, np.ones(20) / np.sqrt(20), mode="valid")
    naive = overlapping.std() / math.sqrt(len(overlapping))
    assert 3 < standard_error(overlapping, 20) / naive < 6
    assert standard_error(draws, 1) == pytest.approx(draws.std() / math.sqrt(2000), rel=0.15)


@pytest.mark.parametrize("values", [[0.3], [0.3, 0.3, 0.3], [1.0, 0.0]])
def test_a_handful_of_values_has_a_finite_error(values: list[float]) -> None:
    assert math.isfinite(standard_error(np.array(values), 5))


def test_blocks_lie_within_the_values_and_any_of_them_may_be_drawn() -> None:
    starts = block_starts(12, 5, blocks=3, replications=200)
    assert starts.shape == (200, 3)
    assert set(np.unique(starts)) == set(range(8))
    assert (starts == block_starts(12, 5, blocks=3, replications=200)).all()


def test_means_of_moving_blocks_spread_as_newey_and_wests_error_says() -> None:
    draws = np.random.default_rng(8).normal(size=3000)
    overlapping = np.convolve(draws, np.ones(10) / np.sqrt(10), mode="valid")
    n, length = len(overlapping), 60
    starts = block_starts(n, length, blocks=n // length, replications=2000)
    means = overlapping[starts[:, :, None] + np.arange(length)].mean(axis=(1, 2))
    assert means.std() == pytest.approx(standard_error(overlapping, 10), rel=0.2)
