"""Ridge regression on standardised columns, row by row."""

import numpy as np

from aegismatrix_engine.typing import FloatArray

HAR_PENALTY = 1e-3
"""Relative penalty of the ridges that forecast a variance, of ``log_har`` and inside a session."""


def fit_ridge(columns: FloatArray, target: FloatArray, relative_penalty: float) -> FloatArray:
    """Intercept and weights on the raw columns, shape (1 + p,): prediction = row[0] + columns @ row[1:].

    Least squares with penalty relative_penalty * n on the squared weights of the standardised columns. columns: (n, p),
    target: (n,), both finite. The intercept is not penalised; a constant column gets weight 0.
    """
    mean, sd = columns.mean(axis=0), columns.std(axis=0)
    usable = sd > 1e-12
    scale = np.where(usable, sd, 1.0)
    standardised = np.where(usable, (columns - mean) / scale, 0.0)
    centre = target.mean()
    gram = standardised.T @ standardised
    gram[np.diag_indices_from(gram)] += max(relative_penalty * len(target), 1e-12)
    weights = np.linalg.solve(gram, standardised.T @ (target - centre)) / scale
    return np.concatenate([[centre - mean @ weights], weights])


def fit_ridges(target: FloatArray, own: FloatArray, block: FloatArray, minimum: int = 0) -> FloatArray:
    """One ridge per column of (n, m) target on its column of ``own`` and the shared block, shape (m, 2 + p).

    Rows of intercept, own and block; where fewer than ``minimum`` rows are known, the column of ``own`` alone counts.
    """
    complete = np.isfinite(block).all(axis=1)
    rows = []
    for i in range(target.shape[1]):
        known = complete & np.isfinite(own[:, i]) & np.isfinite(target[:, i])
        columns = np.column_stack([own[known, i], block[known]])
        enough = int(known.sum()) >= minimum
        rows.append(fit_ridge(columns, target[known, i], HAR_PENALTY) if enough else np.eye(2 + block.shape[1])[1])
    return np.array(rows)
