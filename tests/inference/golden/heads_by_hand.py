"""Logistic heads by hand: a linear score in log odds, averaged with the log odds of the empirical chance."""

import math
from typing import Any

import numpy as np
from material import Material
from scale_by_hand import features


def base_rate(happened: np.ndarray, prior: float) -> float:
    """Share of the known outcomes that happened; the prior weighs as much as one of them."""
    known = [value for value in happened if not math.isnan(value)]
    return (sum(known) + prior) / (len(known) + 1)


def log_odds(chance: float) -> float:
    return math.log(chance / (1 - chance))


def chance(score: float) -> float:
    return 1 / (1 + math.exp(-score))


def pooled(m: Material, head: Any, log_threshold: float, empirical: float) -> float:
    """Head and empirical chance, half each, drawn to the base rate by what the head's own share leaves."""
    known = features(m)
    row = [log_threshold, known.index[-1, 1], known.index[-1, 2], known.ranges[-1, 5]]
    row.append(known.index[-1, 0] - known.ranges[-1, 2])
    score = (head.intercept + sum(w * x for w, x in zip(head.weights, row, strict=True)) + log_odds(empirical)) / 2
    return chance(head.own_share * score + (1 - head.own_share) * log_odds(head.base_rate))


def speaks(m: Material, head: str) -> bool:
    """Whether the set that came with the models has proven a head."""
    return {one.signal: one.proven for one in m.training.heads}[head]
