"""The width of a range for its year, and what the index did after ranges of such a width."""

import numpy as np
import pytest

from aegismatrix_engine.seller.range_width import (
    ALL,
    NARROW,
    USUAL,
    WIDE,
    WIDTH_SESSIONS,
    fit_widths,
    no_widths,
    width_grade,
    year_percentiles,
)
from aegismatrix_engine.typing import FloatArray

M = 2000


def spread(column: FloatArray) -> FloatArray:
    return np.repeat(column[:, None], len(WIDTH_SESSIONS), axis=1)


def past(seed: int, effect: float, lately: float | None = None) -> dict[str, FloatArray]:
    """Ranges whose moves grow with the width by ``effect``; ``lately`` over the last 750."""
    draws = np.random.default_rng(seed)
    level = np.zeros(M)
    for t in range(1, M):
        level[t] = 0.97 * level[t - 1] + draws.standard_normal()
    percentile = level.argsort().argsort() / M
    strength = np.full(M, effect)
    strength[-750:] = effect if lately is None else lately
    move = 0.01 * np.exp(strength * (percentile - 0.5)) * np.abs(draws.standard_normal(M))
    held = (move < 0.0128).astype(np.float64)
    return {"percentile": spread(percentile), "move": spread(move), "held": spread(held), "touched": spread(1 - held)}


def test_a_percentile_is_the_share_of_the_years_closes_below_with_ties_half() -> None:
    values = np.random.default_rng(1).integers(0, 40, size=(300, 2)).astype(np.float64)
    values[100, 1] = np.nan
    found = year_percentiles(values, 252)
    assert found.shape == (49, 2)
    for t in range(49):
        for j in range(2):
            year, own = values[t : t + 252, j], values[t + 251, j]
            if np.isfinite(year).all():
                share = (sum(v < own for v in year) + 0.5 * sum(v == own for v in year)) / 252
                assert found[t, j] == pytest.approx(share, rel=1e-12)
            else:
                assert np.isnan(found[t, j])


def test_a_percentile_of_a_close_knows_no_later_one() -> None:
    values = np.random.default_rng(2).random((400, 1))
    assert np.array_equal(year_percentiles(values[:300], 252), year_percentiles(values, 252)[:49])


@pytest.mark.parametrize(
    ("percentile", "grade"), [(0.0, NARROW), (0.1999, NARROW), (0.2, USUAL), (0.7999, USUAL), (0.8, WIDE), (1.0, WIDE)]
)
def test_the_lowest_fifth_is_narrow_and_the_highest_wide(percentile: float, grade: int) -> None:
    assert width_grade(percentile) == grade


def test_counts_shares_and_medians_are_those_of_the_known_ranges_of_each_grade() -> None:
    ranges = past(3, 1.0)
    ranges["move"][-40:] = np.nan
    found = fit_widths(**ranges)
    p, move = ranges["percentile"][:-40, 0], ranges["move"][:-40, 0]
    rows = {NARROW: p < 0.2, USUAL: (p >= 0.2) & (p < 0.8), WIDE: p >= 0.8, ALL: p >= 0}
    for grade, chosen in rows.items():
        assert (found.ranges[grade] == chosen.sum()).all()
        assert found.held[grade, 0] == pytest.approx(ranges["held"][:-40, 0][chosen].mean())
        assert found.touched[grade, 0] == pytest.approx(ranges["touched"][:-40, 0][chosen].mean())
        assert found.move[grade, 0] == pytest.approx(np.median(move[chosen]))
    assert found.ranges[:3].sum(axis=0) == pytest.approx(found.ranges[ALL])


def test_occasions_share_no_session() -> None:
    found = fit_widths(**past(3, 1.0))
    assert found.occasions[ALL].tolist() == [2000, 1000, 667, 500, 400]
    assert (found.occasions[NARROW] * np.array(WIDTH_SESSIONS) >= found.ranges[NARROW] - 5).all()
    assert (found.occasions <= found.ranges).all()


def test_a_grade_stands_where_moves_follow_its_word() -> None:
    found = fit_widths(**past(4, 1.5))
    assert (found.told_apart[[NARROW, WIDE]] == 1).all()
    assert (found.told_apart[[USUAL, ALL]] == 0).all()


def test_a_grade_that_is_followed_by_the_contrary_falls() -> None:
    assert (fit_widths(**past(4, -1.5)).told_apart == 0).all()


def test_a_grade_that_lately_says_nothing_falls() -> None:
    contrary = [fit_widths(**past(seed, 2.0, lately=-0.7)).told_apart.any() for seed in range(5)]
    assert not any(contrary)


def test_without_any_relation_a_grade_hardly_ever_stands() -> None:
    stands = [bool(fit_widths(**past(seed, 0.0)).told_apart.any()) for seed in range(60)]
    assert sum(stands) <= 3


def test_a_past_too_short_has_no_record() -> None:
    unknown = {name: values * np.nan for name, values in past(1, 1.0).items()}
    for part, nothing in zip(vars(fit_widths(**unknown)).values(), vars(no_widths()).values(), strict=True):
        assert np.array_equal(part, nothing)
