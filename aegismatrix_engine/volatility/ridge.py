"""Ridge regression on standardised columns, for many small problems on one machine."""

import numpy as np

from aegismatrix_engine.typing import FloatArray


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
