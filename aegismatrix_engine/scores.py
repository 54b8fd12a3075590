"""Measures of past forecasts: Brier scores, intervals of shares, and errors of means of overlapping outcomes."""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from aegismatrix_engine.typing import FloatArray, IntArray

Z_95 = 1.959963984540054
MINIMUM_EVENTS = 30
SEED = 20140101

Count = Annotated[int, Field(ge=0, lt=2**63)]
Score = Annotated[float, Field(ge=0, le=2)]
"""A Brier score, at most 2 where an outcome has several classes."""


@dataclass(frozen=True)
class MeasuredRate:
    """A share of past forecasts that came true.

    Attributes:
        events: independent occasions among the ``n`` forecasts (thirteen of one expiry are one).
        rate: fraction; with fewer than 30 events in a walk through the past the reference.
        low: lower end of its 95 % Wilson interval on ``events``, a fraction.
        reference: the nominal level or base rate to compare it with; NaN of a live record, which has none of its own.
        first: date of the first forecast, 'YYYY-MM-DD', '' without any.
    """

    n: int
    events: int
    rate: float
    low: float
    high: float
    reference: float
    first: str
    last: str

    @property
    def measured(self) -> bool:
        """Whether there are 30 events, below which nothing is claimed."""
        return self.events >= MINIMUM_EVENTS


@dataclass(frozen=True)
class BrierSkill:
    """Mean Brier score of past probabilities of one signal beside that of its climatology at the time.

    Attributes:
        signal: path in the document, 'seller.trap.5'.
        climatology: score of the base rate.
        noise: standard error of the mean difference, allowing for overlapping horizons.
        n: forecasts.
        first: date of the first one, 'YYYY-MM-DD'.
    """

    signal: str
    score: Score
    climatology: Annotated[Score, Field(gt=0)]
    noise: Annotated[float, Field(ge=0)]
    n: Count
    first: str
    last: str


def measured_rate(came_true: FloatArray, events: int, reference: float, dates: list[str]) -> MeasuredRate:
    """Rate of 1.0 among the known values (NaN are open), weighting every forecast alike; dates: of every value."""
    known = np.isfinite(came_true)
    n = int(known.sum())
    if n == 0 or events < MINIMUM_EVENTS:
        return MeasuredRate(0, 0, reference, reference, reference, reference, "", "")
    rate = float(came_true[known].mean())
    low, high = wilson_interval(rate, events)
    inside = [date for date, is_known in zip(dates, known, strict=True) if is_known]
    return MeasuredRate(n, events, rate, low, high, reference, inside[0], inside[-1])


def wilson_interval(rate: float, n: int) -> tuple[float, float]:
    """95 % interval of a share of n independent events: Wilson (1927), Probable inference."""
    centre = (rate + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    half = Z_95 * math.sqrt(rate * (1 - rate) / n + Z_95**2 / (4 * n**2)) / (1 + Z_95**2 / n)
    return min(max(centre - half, 0.0), rate), max(min(centre + half, 1.0), rate)


def squared_errors(probability: FloatArray, outcome: FloatArray) -> FloatArray:
    """(probability - outcome)^2 of each forecast, whose mean is the score of Brier (1950), Verification of forecasts.

    Arrays (n,); outcomes are 1.0 where it happened, 0.0 where not, NaN where not yet known.
    """
    return np.asarray((probability - outcome) ** 2)


def brier_skill(
    signal: str, probability: FloatArray, base_rate: FloatArray, happened: FloatArray, horizon: int, dates: list[str]
) -> BrierSkill | None:
    """Score of the forecasts whose probability, base rate and outcome are known; None where there are none.

    All arrays (n,).
    """
    known = np.isfinite(probability) & np.isfinite(base_rate) & np.isfinite(happened)
    if not known.any():
        return None
    ours, theirs = (squared_errors(one, happened)[known] for one in (probability, base_rate))
    inside = [date for date, is_known in zip(dates, known, strict=True) if is_known]
    return BrierSkill(
        signal=signal,
        score=float(ours.mean()),
        climatology=float(theirs.mean()),
        noise=standard_error(ours - theirs, horizon),
        n=int(known.sum()),
        first=inside[0],
        last=inside[-1],
    )


def standard_error(values: FloatArray, horizon: int) -> float:
    """Standard error of the mean of values whose outcomes overlap by ``horizon`` sessions.

    Bartlett weights, Newey and West (1987), with lag 1.5 h + 5: neighbours share most of their outcome.
    """
    n = len(values)
    centred = values - values.mean()
    lag = min(round(1.5 * horizon) + 5, n - 1)
    total = float(centred @ centred)
    for k in range(1, lag + 1):
        total += 2 * (1 - k / (lag + 1)) * float(centred[k:] @ centred[:-k])
    return math.sqrt(max(total, 0.0)) / n


def block_starts(n: int, length: int, blocks: int, replications: int) -> IntArray:
    """Where the blocks of a moving-block bootstrap begin: Kunsch (1989), The jackknife and the bootstrap.

    Args:
        n: values in their order.
        length: of a block, at most ``n``; long enough that values so far apart share nothing.
        blocks: how many make up a sample.
        replications: samples.

    Returns:
        (replications, blocks) int64 of 0..n - length, drawn with replacement from a fixed seed: the same arguments give
        the same samples.
    """
    return np.random.default_rng(SEED).integers(0, n - length + 1, size=(replications, blocks))
