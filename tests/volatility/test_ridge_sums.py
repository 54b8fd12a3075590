"""Ridges from sums of products: those of ``fit_ridge`` on the rows themselves, whatever rows follow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.volatility.ridge import fit_ridge
from aegismatrix_engine.volatility.ridge_sums import CHUNK, RidgeSums

PENALTY = 1e-3
TARGETS, SHARED = 3, 4
COLUMNS = [SHARED, *range(SHARED)]
RESPONSE = np.tile(np.eye(SHARED + 2)[-1], (TARGETS, 1))


def drawn(n: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shared columns far from zero, each target's own column with the target last, and the rows to use."""
    draws = np.random.default_rng(seed)
    shared = draws.normal(size=(n, SHARED)) * [1, 0.1, 3, 1] + [-9, 4, 0, 1e3]
    own = np.stack([draws.normal(size=(n, TARGETS)), shared[:, :TARGETS] + draws.normal(size=(n, TARGETS))], axis=2)
    used = draws.uniform(size=n) < 0.9
    used[:7] = False
    shared[:7] = np.nan
    return shared, own, used


def ridges(sums: RidgeSums, ends: np.ndarray) -> np.ndarray:
    return sums.until(ends).ridge(COLUMNS, RESPONSE, np.zeros(TARGETS), PENALTY)


def by_rows(shared: np.ndarray, own: np.ndarray, used: np.ndarray, ends: np.ndarray) -> np.ndarray:
    found = []
    for i, end in enumerate(ends):
        rows = np.flatnonzero(used[:end])
        found.append(fit_ridge(np.column_stack([own[rows, i, 0], shared[rows]]), own[rows, i, 1], PENALTY))
    return np.array(found)


@given(n=st.integers(40, 300), back=st.lists(st.integers(0, 20), min_size=TARGETS, max_size=TARGETS))
@settings(max_examples=40, deadline=None)
def test_they_are_the_ridges_of_the_rows(n: int, back: list[int]) -> None:
    shared, own, used = drawn(300)
    ends = n - np.array(back)
    weights, wanted = ridges(RidgeSums.of(shared, own, used), ends), by_rows(shared, own, used, ends)
    assert weights[:, 1:] == pytest.approx(wanted[:, 1:], abs=1e-11)
    assert weights[:, 0] == pytest.approx(wanted[:, 0], rel=1e-10)


@pytest.mark.parametrize("n", [CHUNK * 3 - 1, CHUNK * 3, CHUNK * 3 + 1, 300])
def test_rows_that_follow_do_not_reach_them(n: int) -> None:
    shared, own, used = drawn(301)
    garbled = [column.copy() for column in (shared, own)]
    garbled[0][n:], garbled[1][n:] = 1e6, np.nan
    ends = n - np.arange(TARGETS)
    alone = ridges(RidgeSums.of(shared[:n], own[:n], used[:n]), ends)
    assert np.array_equal(alone, ridges(RidgeSums.of(shared, own, used), ends))
    assert np.array_equal(alone, ridges(RidgeSums.of(*garbled, used), ends))


def test_a_constant_column_gets_no_weight() -> None:
    shared, own, used = drawn(200)
    shared[7:, 1], own[:, 2, 0] = np.log(7 / 5), 0.1
    weights = ridges(RidgeSums.of(shared, own, used), np.full(TARGETS, 200))
    assert (weights[:, 1 + COLUMNS.index(1)] == 0).all()
    assert weights[2, 1] == 0
    assert weights[:2, 1].all()


def test_what_an_earlier_forecast_left_over_is_explained() -> None:
    shared, own, used = drawn(200)
    earlier = np.random.default_rng(1).normal(size=(TARGETS, 1 + SHARED))
    response = np.column_stack([-earlier[:, 1:], np.zeros(TARGETS), np.ones(TARGETS)])
    sums = RidgeSums.of(shared, own, used)
    weights = sums.until(np.full(TARGETS, 200)).ridge([SHARED], response, -earlier[:, 0], PENALTY)
    for i in range(TARGETS):
        left_over = own[used, i, 1] - earlier[i, 0] - shared[used] @ earlier[i, 1:]
        assert weights[i] == pytest.approx(fit_ridge(own[used, i, :1], left_over, PENALTY), abs=1e-9)
