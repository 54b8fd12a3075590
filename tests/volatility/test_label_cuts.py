"""Cuts that make labels, and percentiles that say where today stands."""

import numpy as np
import pytest

from aegismatrix_engine.volatility.daily_series import percentile_of_last
from aegismatrix_engine.volatility.label_cuts import ASSUMED_CUTS, LabelCuts, learn_cuts


def test_cuts_leave_a_third_low_and_a_fifth_high() -> None:
    base = np.random.default_rng(1).uniform(0.1, 0.4, 3000)
    score = base * np.exp(np.random.default_rng(2).normal(scale=0.3, size=3000))
    cuts = learn_cuts(score, base)
    grades = np.array([cuts.grade(p, b) for p, b in zip(score, base, strict=True)])
    assert np.bincount(grades, minlength=3) / 3000 == pytest.approx([1 / 3, 1 - 1 / 3 - 0.2, 0.2], abs=0.001)


def test_a_score_is_graded_relative_to_its_base_rate() -> None:
    cuts = LabelCuts(low=0.9, high=1.2)
    assert [cuts.grade(p, 0.25) for p in (0.22, 0.225, 0.29, 0.30, 0.9)] == [0, 1, 1, 2, 2]
    assert [cuts.grade(0.22, base) for base in (0.1, 0.22, 0.3)] == [2, 1, 0]


def test_unknown_scores_teach_nothing_and_too_few_are_not_trusted() -> None:
    score, base = np.linspace(0.1, 0.3, 250), np.full(250, 0.2)
    learnt = learn_cuts(score, base)
    assert learnt != ASSUMED_CUTS
    assert learn_cuts(np.append(score, np.nan), np.append(base, 0.2)) == learnt
    assert learn_cuts(score[1:], base[1:]) == ASSUMED_CUTS
    assert learn_cuts(np.full(400, np.nan), np.full(400, 0.2)) == ASSUMED_CUTS


@pytest.mark.parametrize(
    ("values", "window", "wanted"),
    [
        ([1, 2, 3, 4], 4, 3.5 / 4),
        ([4, 3, 2, 1], 4, 0.5 / 4),
        ([2, 2, 2, 2], 4, 0.5),
        ([9, 9, 9, 1, 3, 2], 3, 1.5 / 3),
        ([1, np.nan, 3, 2], 4, 1.5 / 3),
        ([5], 252, 0.5),
    ],
)
def test_a_percentile_counts_ties_and_itself_as_half(values: list[float], window: int, wanted: float) -> None:
    assert percentile_of_last(np.array(values, dtype=float), window) == pytest.approx(wanted)
