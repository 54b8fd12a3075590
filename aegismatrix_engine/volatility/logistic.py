"""Logistic regression by Newton's method, in so few passes over the rows that a walk can refit it hundreds of times."""

import numpy as np

from aegismatrix_engine.typing import FloatArray

TOLERANCE = 1e-8
MOST_STEPS = 20
CHUNK = 512
"""Rows of one matrix product: few enough for linear algebra to leave them to one thread, so that the sums do not
depend on how many there are."""


def fit_logistic(columns: FloatArray, happened: FloatArray, inverse_penalty: float) -> FloatArray:
    """Intercept and weights, shape (1 + p,), that minimise the sum of the log losses + |weights|^2 / (2 C).

    Newton's steps from zero, until the gradient of the mean and half of the squared Newton decrement are at most 1e-8:
    those of scikit-learn's ``newton-cholesky``, which takes over where whole steps do not lead there.

    Args:
        columns: (p, n) finite, of about unit size.
        happened: (n,) of 1.0 and 0.0, both of them there.
        inverse_penalty: C.
    """
    n = len(happened)
    rows, outcomes = _chunks([np.ones(n), *columns]), _chunks([happened])
    across = rows.transpose(0, 2, 1)
    penalty = np.full(len(columns) + 1, 1 / (inverse_penalty * n))
    penalty[0] = 0.0
    found, probability = np.zeros(len(penalty)), np.full_like(outcomes, 0.5)
    gradient = ((probability - outcomes) @ across).sum(axis=0)[0] / n
    for _ in range(MOST_STEPS):
        curvature = ((rows * (probability * (1 - probability))) @ across).sum(axis=0) / n + np.diag(penalty)
        step = np.linalg.solve(curvature, -gradient)
        found = found + step
        with np.errstate(over="ignore"):
            probability = 1 / (1 + np.exp(-(found @ rows)))[:, None, :]
        gradient = ((probability - outcomes) @ across).sum(axis=0)[0] / n + penalty * found
        if np.abs(gradient).max() <= TOLERANCE and step @ curvature @ step / 2 <= TOLERANCE:
            return found
    return _by_damped_steps(columns, happened, inverse_penalty)


def _chunks(columns: list[FloatArray]) -> FloatArray:
    """K columns (n,) as (c, k, 512), 0 after the last row."""
    n = len(columns[0])
    padded = np.zeros((len(columns), -(-n // CHUNK) * CHUNK))
    for row, column in zip(padded, columns, strict=True):
        row[:n] = column
    return np.ascontiguousarray(padded.reshape(len(columns), -1, CHUNK).transpose(1, 0, 2))


def _by_damped_steps(columns: FloatArray, happened: FloatArray, inverse_penalty: float) -> FloatArray:
    from sklearn.linear_model import LogisticRegression  # heavy, and hardly ever needed

    solver = LogisticRegression(C=inverse_penalty, solver="newton-cholesky", tol=TOLERANCE)
    fitted = solver.fit(columns.T, happened)
    return np.concatenate([fitted.intercept_, fitted.coef_[0]])
