"""Max pain against the pay-out summed leg by leg, its zone, ties, walls and windows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from priced_chains import legs

from aegismatrix_engine.options.chain import Legs
from aegismatrix_engine.options.max_pain import NoOpenInterest, OpenInterest, Wall, open_interest_of
from aegismatrix_engine.typing import FloatArray


def held(strikes: FloatArray, puts: FloatArray, calls: FloatArray) -> Legs:
    """Legs with open interest only."""
    both = np.repeat(strikes, 2)
    side = np.tile([False, True], len(strikes))
    return legs(both, side, open_interest=np.column_stack([puts, calls]).ravel().astype(np.float64))


def paid_at(chain: Legs, level: float) -> float:
    """What all holders are paid by a close at a level, leg by leg."""
    total = 0.0
    for strike, is_call, units in zip(chain.strike, chain.is_call, chain.open_interest, strict=True):
        total += float(units) * max(level - strike if is_call else strike - level, 0.0)
    return total


def open_interest(chain: Legs, middle: float) -> OpenInterest:
    found = open_interest_of(chain, middle)
    assert isinstance(found, OpenInterest)
    return found


@given(
    st.integers(2, 40).flatmap(
        lambda n: st.tuples(
            st.lists(st.integers(0, 5000), min_size=n, max_size=n),
            st.lists(st.integers(0, 5000), min_size=n, max_size=n),
            st.lists(st.sampled_from([50.0, 100.0, 500.0]), min_size=n, max_size=n),
        )
    ),
    st.floats(18000, 30000),
)
def test_it_is_the_strike_of_least_pay_out_and_of_several_the_nearest(
    drawn: tuple[list[int], list[int], list[float]], middle: float
) -> None:
    puts, calls, steps = drawn
    strikes = 20000 + np.cumsum(steps)
    chain = held(strikes, np.array(puts), np.array(calls))
    if sum(puts) + sum(calls) == 0:
        assert isinstance(open_interest_of(chain, middle), NoOpenInterest)
        return
    paid = {float(strike): paid_at(chain, float(strike)) for strike in strikes}
    least = min(paid.values())
    nearest = min((abs(k - middle), k) for k, value in paid.items() if value == least)[1]
    found = open_interest(chain, middle)
    assert found.max_pain == nearest
    assert found.lower <= found.max_pain <= found.upper
    for edge, end, outwards in ((found.lower, strikes[0], -1), (found.upper, strikes[-1], 1)):
        assert paid_at(chain, edge) <= 1.05 * least + 1e-6 * max(paid.values())
        if edge != end:
            assert paid_at(chain, edge + outwards) > 1.05 * least


@pytest.mark.parametrize("middle", [150.0, 200.0])
def test_fractions_of_lots_do_not_hide_that_two_strikes_pay_the_same(middle: float) -> None:
    # Thirds of lots: calls below are as many as puts above, but not to the last bit of a computer's numbers.
    chain = held(np.array([100.0, 150.0, 200.0]), np.array([0, 0, 8 / 3]), np.array([1 / 3, 7 / 3, 0]))
    assert open_interest(chain, middle).max_pain == middle


def test_the_zone_ends_between_strikes_where_the_pay_out_is_a_twentieth_more() -> None:
    chain = held(np.array([100.0, 200.0, 300.0]), np.array([0, 30, 20]), np.array([10, 10, 0]))
    found = open_interest(chain, 200.0)
    # 200 pays 10 x 100 to calls and 20 x 100 to puts; each point lower pays 40 to puts more; above, 20 - 20 = 0.
    assert found.max_pain == 200
    assert found.lower == pytest.approx(200 - 150 / 40)
    assert found.upper == 300


def test_walls_are_the_three_largest_of_each_side_and_the_ratio_is_of_the_sums() -> None:
    strikes = np.arange(23000.0, 23500.0, 100.0)
    found = open_interest(held(strikes, np.array([5, 9, 0, 9, 1]), np.array([0, 0, 7, 0, 5])), 23150.0)
    assert found.put_walls == (Wall(23100.0, 9.0), Wall(23300.0, 9.0), Wall(23000.0, 5.0))
    assert found.call_walls == (Wall(23200.0, 7.0), Wall(23400.0, 5.0))
    assert (found.calls, found.puts) == (12.0, 24.0)
    assert found.put_call_ratio == 2.0


def test_without_calls_there_is_no_ratio() -> None:
    found = open_interest(held(np.array([100.0, 200.0]), np.array([4, 5]), np.array([0, 0])), 150.0)
    assert found.put_call_ratio is None
    assert found.call_walls == ()
    assert found.max_pain == 200


def test_a_leg_without_open_interest_counts_as_none() -> None:
    chain = held(np.array([100.0, 200.0, 300.0]), np.array([math.nan, 5, math.nan]), np.array([math.nan, 5, 1]))
    assert open_interest(chain, 150.0).max_pain == 200


@pytest.mark.parametrize(
    ("first", "count", "partial"),
    [(22500.0, 61, False), (22500.0, 59, True), (23500.0, 61, True), (21300.0, 61, True)],
)
def test_few_strikes_or_a_narrow_window_say_so(first: float, count: int, partial: bool) -> None:
    strikes = first + 50.0 * np.arange(count)
    assert open_interest(held(strikes, np.ones(count), np.ones(count)), 24000.0).partial is partial


def test_where_the_middle_is_not_known_the_window_is_partial() -> None:
    strikes = 22500.0 + 50.0 * np.arange(61)
    assert open_interest(held(strikes, np.ones(61), np.ones(61)), math.nan).partial
