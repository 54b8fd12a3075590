"""A logistic head for one event, and its mean in logit space with the empirical probability."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from aegismatrix_engine.typing import FloatArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.logistic import fit_logistic

INVERSE_PENALTY = 0.02
HEAD_FEATURES = ("ln(threshold/har)", "dvix5", "dvix22", "neg5", "lvix-lv22")
SHORT_HISTORY, SHORT_SHARE = 750, 0.5
MINIMUM_HEAD_ROWS = 250


@dataclass(frozen=True)
class EventHead:
    """Logistic regression of an event on HEAD_FEATURES; with one class only in training the weights are zero.

    Attributes:
        weights: (5,) on the raw columns.
        base_rate: frequency of the event among all known outcomes.
        rows: sessions trained on.
        own_share: how much of the logit is the forecast's own, in 0..1; the rest is the base rate's.
    """

    intercept: float
    weights: FloatArray
    base_rate: float
    rows: int
    own_share: float = 1.0

    @property
    def learnt(self) -> bool:
        """Whether there were enough sessions to learn from."""
        return self.rows >= MINIMUM_HEAD_ROWS

    def probability(self, columns: FloatArray) -> FloatArray:
        """P(event) for (n, 5) columns, shape (n,)."""
        return expit(self.score(columns))

    def score(self, columns: FloatArray) -> FloatArray:
        """The same as a logit, shape (n,); summed column by column so that rows do not depend on each other."""
        score = np.full(len(columns), self.intercept)
        for j, weight in enumerate(self.weights):
            score = score + weight * columns[:, j]
        return score

    def pooled(self, columns: FloatArray, empirical: FloatArray) -> FloatArray:
        """Mean in logit space of the head and the empirical probability, drawn to the base rate, shape (n,).

        NaN under 250 sessions of training: nothing was learnt then.
        """
        if not self.learnt:
            return np.full(len(columns), np.nan)
        score = (self.score(columns) + logit(empirical)) / 2
        if self.own_share < 1:
            score = self.own_share * score + (1 - self.own_share) * logit(self.base_rate)
        return expit(score)


def head_columns(features: DailyFeatures, threshold: FloatArray, har: FloatArray) -> FloatArray:
    """HEAD_FEATURES at every row, shape (n, 5). threshold, har: (n,) in log points over the same span."""
    return np.stack(
        [
            np.log(threshold / har),
            features.vix_column("dvix5"),
            features.vix_column("dvix22"),
            features.range_column("neg5"),
            features.vix_column("lvix") - features.range_column("lv22"),
        ]
    ).T


def fit_event_head(columns: FloatArray, happened: FloatArray, prior: float, own_share: float = 1.0) -> EventHead:
    """Fit on the rows whose columns and outcome are known. columns: (n, 5); happened: (n,) of 1.0, 0.0 or NaN.

    prior: what the base rate is held to be before any outcome is known; it weighs as much as one of them. own_share:
    see ``EventHead``.
    """
    by_column = columns.T
    known = np.isfinite(by_column).all(axis=0) & np.isfinite(happened)
    X, y = by_column[:, known], happened[known]
    constant = base_rate_head(happened, prior)
    if len(y) == 0 or y.min() == y.max():
        return replace(constant, rows=len(y), own_share=own_share)
    mean = X.mean(axis=1)
    centred = X - mean[:, None]
    sd = np.sqrt(np.einsum("ij,ij->i", centred, centred) / len(y))
    sd = np.where(sd > 0, sd, 1.0)
    # From zero each time: from another start it stops elsewhere, its tolerance leaving them up to 4e-8 from the best.
    intercept, *found = fit_logistic(centred / sd[:, None], y, INVERSE_PENALTY)
    weights = np.array(found) / sd
    return EventHead(float(intercept - mean @ weights), weights, constant.base_rate, len(y), own_share)


def share_of_own(sessions: int, long_share: float) -> float:
    """The ``own_share`` of an event that is priced by the index: at most one half under 750 sessions of training.

    Such an event is a comparison of two forecasts of the same variance, of which the index is the better informed;
    what remains is small, and its size on one span of years says little about the next.
    """
    return long_share if sessions >= SHORT_HISTORY else min(long_share, SHORT_SHARE)


def base_rate_head(happened: FloatArray, prior: float) -> EventHead:
    """A head that knows the event's base rate and nothing else: no row was learnt from. happened: (n,), NaN unknown."""
    outcomes = happened[np.isfinite(happened)]
    base = float((outcomes.sum() + prior) / (len(outcomes) + 1))
    return EventHead(float(logit(base)), np.zeros(len(HEAD_FEATURES)), base, 0)


def logit(probability: ArrayLike) -> FloatArray:
    """ln(p / (1 - p)), of the same shape."""
    p = np.asarray(probability, dtype=np.float64)
    return np.asarray(np.log(p) - np.log1p(-p))


def expit(score: FloatArray) -> FloatArray:
    """1 / (1 + exp(-score)), without overflow; NaN stays NaN."""
    with np.errstate(invalid="ignore"):  # numpy warns of NaN here, and here only
        return np.exp(-np.logaddexp(0.0, -score))
