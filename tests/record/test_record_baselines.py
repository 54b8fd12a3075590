"""The baselines are what independent formulae, simulation and counting say."""

import math
from functools import cache

import numpy as np
import pytest
import synthetic
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from aegismatrix_engine.record.baselines import Climatology, IndexAlone
from aegismatrix_engine.volatility.features import DailyFeatures

SDS = st.floats(0.001, 0.2)
SIGMAS = st.floats(0.01, 5.0)


@given(sd=SDS, up=SIGMAS, down=SIGMAS)
def test_a_close_beyond_is_both_tails_of_a_normal_without_drift(sd: float, up: float, down: float) -> None:
    expected = 1 - norm(0, sd).cdf(up * sd) + norm(0, sd).cdf(-down * sd)
    assert IndexAlone(sd).beyond(up * sd, down * sd) == pytest.approx(expected, rel=1e-9, abs=1e-14)
    assert IndexAlone(sd).beyond(up * sd, math.inf) == pytest.approx(norm(0, sd).sf(up * sd), rel=1e-9)


@cache
def paths() -> np.ndarray:
    """Brownian motion over one time unit, 20,000 paths of 2,000 steps: highest, lowest and last value of each."""
    draws = np.random.default_rng(5)
    found = []
    for _ in range(20):
        walk = np.cumsum(draws.standard_normal((1000, 2000), dtype=np.float32), axis=1) / math.sqrt(2000)
        found.append(np.column_stack([walk.max(axis=1), walk.min(axis=1), walk[:, -1]]))
    return np.maximum(np.concatenate(found), [0, -np.inf, -np.inf])


# A walk in steps misses what lies between them: on average 0.5826 of a step's deviation, Broadie et al. (1997).
STEP = 0.5826 / math.sqrt(2000)


@pytest.mark.parametrize("distance", [1.0, 1.5, 2.0, 2.5])
def test_a_touch_is_as_frequent_as_in_simulated_paths_of_a_far_distance(distance: float) -> None:
    """The reflection principle counts paths that touch both sides twice: few of them, far away."""
    highest, lowest, _ = paths().T
    touched = ((highest + STEP > distance) | (lowest - STEP < -distance)).mean()
    both = ((highest + STEP > distance) & (lowest - STEP < -distance)).mean()
    assert IndexAlone(0.01).touch(0.01 * distance, 0.01 * distance) == pytest.approx(touched + both, abs=0.012)


@pytest.mark.parametrize("width", [0.8, 1.2, 1.6, 2.0, 2.5, 3.5])
def test_a_range_is_as_frequent_as_in_simulated_paths(width: float) -> None:
    highest, lowest, _ = paths().T
    wide = (highest - np.minimum(lowest, 0) + 2 * STEP > width).mean()
    assert IndexAlone(0.01).range_above(0.01 * width) == pytest.approx(wide, abs=0.012)


def test_the_range_has_the_mean_that_feller_gives() -> None:
    """E(range) = sqrt(8 / pi) standard deviations: the integral of the chance to exceed."""
    widths = np.linspace(1e-3, 12, 12000)
    chances = np.array([IndexAlone(1.0).range_above(float(width)) for width in widths])
    mean = float(((chances[1:] + chances[:-1]) / 2 * np.diff(widths)).sum()) + widths[0]
    assert mean == pytest.approx(math.sqrt(8 / math.pi), abs=2e-3)


@given(sd=SDS, widths=st.tuples(st.floats(0.01, 8), st.floats(0.01, 8)))
def test_a_wider_range_is_never_likelier(sd: float, widths: tuple[float, float]) -> None:
    narrow, wide = sorted(widths)
    index = IndexAlone(sd)
    assert 0 <= index.range_above(wide * sd) <= index.range_above(narrow * sd) + 1e-9 <= 1 + 1e-9


@pytest.mark.parametrize("sessions", [5, 10])
def test_mean_squares_exceed_their_expectation_as_a_chi_square_does(sessions: int) -> None:
    assert IndexAlone.mean_square_above(sessions) == pytest.approx(chi2(sessions).sf(sessions), rel=1e-12)
    drawn = np.random.default_rng(3).standard_normal((200_000, sessions))
    assert IndexAlone.mean_square_above(sessions) == pytest.approx(((drawn**2).mean(axis=1) > 1).mean(), abs=0.005)


@cache
def past() -> tuple[Climatology, DailyFeatures, np.ndarray]:
    features = synthetic.features()
    return Climatology(features), features, np.log(synthetic.daily_frame()[["high", "low", "close"]].to_numpy())


def share(happened: np.ndarray) -> float:
    """A frequency to which one session is added that half happened."""
    return (happened.sum() + 0.5) / (len(happened) + 1)


@pytest.mark.parametrize("h", [1, 5, 20])
def test_climatology_counts_every_past_span(h: int) -> None:
    climatology, _, logs = past()
    n = len(logs)
    moves = logs[h:, 2] - logs[:-h, 2]
    highs = np.array([logs[t + 1 : t + h + 1, 0].max() - logs[t, 2] for t in range(n - h)])
    lows = np.array([logs[t, 2] - logs[t + 1 : t + h + 1, 1].min() for t in range(n - h)])
    up, down = 0.012 * math.sqrt(h), 0.01 * math.sqrt(h)
    assert climatology.beyond(h, up, math.inf) == pytest.approx(share(moves > up))
    assert climatology.beyond(h, math.inf, down) == pytest.approx(share(moves < -down))
    assert climatology.beyond(h, up, down) == pytest.approx(share((moves > up) | (moves < -down)))
    assert 1 - climatology.beyond(h, up, down) == pytest.approx(share((moves >= -down) & (moves <= up)))
    assert climatology.touch(h, up, down) == pytest.approx(share((highs > up) | (lows > down)))


def test_part_of_a_session_is_a_session_shrunk_by_the_square_root_of_its_time() -> None:
    climatology, _, _ = past()
    assert climatology.beyond(0.25, 0.004, math.inf) == pytest.approx(climatology.beyond(1, 0.008, math.inf))
    assert climatology.beyond(2.25, 0.009, math.inf) == pytest.approx(
        climatology.beyond(2, 0.009 / math.sqrt(2.25 / 2), math.inf)
    )


@pytest.mark.parametrize("k", [1, 3, 5])
def test_climatology_of_a_breakout_counts_true_ranges(k: int) -> None:
    climatology, _, logs = past()
    before = logs[:-1, 2]
    ranges = np.maximum(logs[1:, 0], before) - np.minimum(logs[1:, 1], before)  # of session 1 on
    ranges = np.concatenate([[logs[0, 0] - logs[0, 1]], ranges])
    happened = [ranges[t + k] > 1.25 * ranges[t - 13 : t + 1].mean() for t in range(13, len(ranges) - k)]
    assert climatology.breakout(k) == pytest.approx(np.mean(happened))


@pytest.mark.parametrize("k", [5, 10])
def test_climatology_of_a_trap_counts_realised_above_implied(k: int) -> None:
    climatology, _, logs = past()
    squares = np.diff(logs[:, 2]) ** 2
    implied = (synthetic.daily_frame()["vix"].to_numpy() / 100) ** 2 / 252
    happened = [squares[t : t + k].mean() > implied[t] for t in range(len(squares) - k + 1)]
    assert climatology.trap(k) == pytest.approx(np.mean(happened))
