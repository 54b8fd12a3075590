"""Logistic regression: scikit-learn's to the last digits, whatever the number of rows and of threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from aegismatrix_engine.volatility.logistic import CHUNK, fit_logistic


def drawn(n: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Five columns of unit size and an event that two of them know of; its first two rows differ."""
    draws = np.random.default_rng(seed)
    columns = draws.normal(size=(5, n))
    happened = (draws.uniform(size=n) < 1 / (1 + np.exp(1.5 - columns[0] + 0.5 * columns[3]))).astype(float)
    happened[:2] = 0.0, 1.0
    return columns, happened


def by_scikit_learn(columns: np.ndarray, happened: np.ndarray, inverse_penalty: float) -> np.ndarray:
    solver = LogisticRegression(C=inverse_penalty, solver="newton-cholesky", tol=1e-8)
    fitted = solver.fit(columns.T, happened)
    return np.concatenate([fitted.intercept_, fitted.coef_[0]])


@given(n=st.integers(5, 3 * CHUNK), seed=st.integers(0, 1000), inverse_penalty=st.sampled_from([1e-4, 0.02, 1.0, 50.0]))
@settings(max_examples=40, deadline=None)
def test_it_is_scikit_learns(n: int, seed: int, inverse_penalty: float) -> None:
    columns, happened = drawn(n, seed)
    wanted = by_scikit_learn(columns, happened, inverse_penalty)
    assert fit_logistic(columns, happened, inverse_penalty) == pytest.approx(wanted, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("n", [CHUNK - 1, CHUNK, CHUNK + 1, 20_000])
def test_its_sums_do_not_depend_on_the_threads_of_linear_algebra(n: int) -> None:
    found = []
    for threads in (1, 4):
        with threadpool_limits(threads):
            found.append(fit_logistic(*drawn(n), 0.02))
    assert np.array_equal(*found)


def test_where_whole_steps_do_not_lead_to_the_minimum_damped_ones_do() -> None:
    # Nearly no penalty, and classes that one column tells apart: the weights run away by about as much a step.
    columns = np.linspace(-1.7, 1.7, 40)[None, :]
    happened = (columns[0] > 0).astype(float)
    assert fit_logistic(columns, happened, 1e9) == pytest.approx(by_scikit_learn(columns, happened, 1e9), abs=1e-9)
