"""Lo and MacKinlay's variance ratio, against the formula written as sums and against processes of known ratio."""

import math

import numpy as np
import pytest

from aegismatrix_engine.volatility.variance_ratio import variance_ratio


def by_sums(r: list[float], q: int) -> tuple[float, float]:
    """Equations 12 to 19 of the paper, term by term."""
    n = len(r)
    mu = sum(r) / n
    one = sum((x - mu) ** 2 for x in r) / (n - 1)
    m = q * (n - q + 1) * (1 - q / n)
    many = sum((sum(r[t - q + 1 : t + 1]) - q * mu) ** 2 for t in range(q - 1, n)) / m
    squares = [(x - mu) ** 2 for x in r]
    theta = 0.0
    for j in range(1, q):
        delta = n * sum(squares[t] * squares[t - j] for t in range(j, n)) / sum(squares) ** 2
        theta += (2 * (q - j) / q) ** 2 * delta
    ratio = many / one
    return ratio, math.sqrt(n) * (ratio - 1) / math.sqrt(theta)


@pytest.mark.parametrize(("n", "lag"), [(60, 2), (252, 5), (251, 10)])
def test_ratio_and_statistic_are_those_of_the_paper(n: int, lag: int) -> None:
    returns = np.random.default_rng(n).standard_t(4, size=n) * 0.01 + 0.0005
    assert variance_ratio(returns, lag) == pytest.approx(by_sums(returns.tolist(), lag), rel=1e-9)


def test_a_random_walk_with_changing_volatility_is_found_to_be_one() -> None:
    draws = np.random.default_rng(11)
    found = []
    for _ in range(400):
        sd = 0.01 * np.exp(0.5 * np.repeat(draws.normal(size=6), 42))
        found.append(variance_ratio(draws.normal(size=252) * sd, 5))
    ratios, z = np.array(found).T
    assert ratios.mean() == pytest.approx(1.0, abs=0.02)
    assert z.std() == pytest.approx(1.0, abs=0.15)
    assert (np.abs(z) > 1.96).mean() < 0.09


@pytest.mark.parametrize("phi", [-0.3, 0.3])
def test_an_autoregression_has_the_ratio_theory_gives_it(phi: float) -> None:
    draws = np.random.default_rng(12).normal(size=40_000)
    returns = np.empty_like(draws)
    returns[0] = draws[0]
    for t in range(1, len(draws)):
        returns[t] = phi * returns[t - 1] + draws[t]
    theory = 1 + 2 * sum((1 - k / 5) * phi**k for k in range(1, 5))
    ratio, z = variance_ratio(returns, 5)
    assert ratio == pytest.approx(theory, abs=0.04)
    assert math.copysign(1, z) == math.copysign(1, phi)
    assert abs(z) > 10


def test_nothing_that_moves_has_no_verdict() -> None:
    assert variance_ratio(np.zeros(252), 5) == (1.0, 0.0)
