"""Many numbers are rounded at once exactly as Python rounds each: as documents and the record hold them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegismatrix_engine.backtest.rounding import rounded, significant
from aegismatrix_engine.record.rows import number

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=64)
USUAL = st.one_of(
    st.floats(-1, 1), st.floats(1, 100_000), st.integers(-(10**7), 10**7).map(lambda k: k / 20_000), NUMBERS
)


@given(st.lists(USUAL, min_size=1, max_size=20), st.sampled_from([2, 4, 6]))
def test_decimals(values: list[float], decimals: int) -> None:
    found = rounded(np.array(values), decimals).tolist()
    assert found == [round(value, decimals) + 0.0 for value in values]
    assert all(math.copysign(1, value) == 1 for value in found if value == 0)


@given(st.lists(USUAL, min_size=1, max_size=20), st.sampled_from([4, 6, 9]))
def test_significant_digits(values: list[float], digits: int) -> None:
    assert significant(np.array(values), digits).tolist() == [float(number(value, digits)) for value in values]


@pytest.mark.parametrize("value", [0.00005, 0.00015, 2.675, 1.005, 0.125, 8.5, 18105.305, 99999.995, 1e-300, 5e-324])
def test_ties_and_what_only_looks_like_one(value: float) -> None:
    assert rounded(np.array([value]), 2)[0] == round(value, 2)
    assert rounded(np.array([value]), 4)[0] == round(value, 4)
    assert significant(np.array([value]), 4)[0] == float(f"{value:.4g}")


def test_what_is_not_known_stays_unknown_and_the_shape_is_kept() -> None:
    found = rounded(np.array([[np.nan, 0.12345], [np.inf, -0.00001]]), 4)
    np.testing.assert_array_equal(found, [[np.nan, round(0.12345, 4)], [np.inf, 0.0]])
    np.testing.assert_array_equal(significant(np.array([np.nan, 0.0]), 4), [np.nan, 0.0])
