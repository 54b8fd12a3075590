"""What a snapshot says of each expiry, and the reasons where it says nothing."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from priced_chains import EXPIRY, FORWARD, Mixture, legs, legs_at, wide_strikes

from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.chain import Legs, OptionChain
from aegismatrix_engine.options.forward import RATE
from aegismatrix_engine.options.max_pain import NoOpenInterest, OpenInterest, open_interest_of
from aegismatrix_engine.options.quotes import NoPrices
from aegismatrix_engine.options.summary import PricedExpiry, price_expiry, summarise
from aegismatrix_engine.options.time_to_expiry import settlement, years_left

MARKET = get_market("nifty50")
AS_OF = pd.Timestamp("2026-06-19T15:30:00+05:30")
YEARS = 4 / 365
TOTAL = 0.12 * math.sqrt(YEARS)
DISCOUNT = math.exp(-RATE * YEARS)


def sample() -> Legs:
    return legs_at(Mixture.lognormal(TOTAL).call, wide_strikes(TOTAL, sigmas=5.0), discount=DISCOUNT)


def as_trades(of: Legs) -> Legs:
    """The same prices, known from trades of the day only."""
    last = (of.bid + of.ask) / 2
    return legs(of.strike, of.is_call, last=last, traded=np.isfinite(last), volume=np.full(len(last), 6500.0))


def chain(*expiries: Legs, underlying: float = FORWARD - 25) -> OptionChain:
    return OptionChain("nse", AS_OF, underlying, expiries, (), (("chain.json", "0" * 64),))


def reason(found: PricedExpiry | NoPrices) -> str:
    assert isinstance(found, NoPrices)
    return found.reason


def test_every_expiry_has_prices_and_open_interest_of_its_own() -> None:
    first = replace(sample(), open_interest=np.where(sample().is_call, 65.0, 130.0))
    later = replace(sample(), expiry=pd.Timestamp("2026-06-30"))
    near, far = summarise(chain(first, later), MARKET)
    assert isinstance(near.prices, PricedExpiry)
    assert near.prices.forward.level == pytest.approx(FORWARD, abs=0.1)
    assert near.prices.days == 4.0
    assert near.prices.wings.at_the_money == pytest.approx(12, abs=0.05)
    assert near.prices.straddle.strike == FORWARD
    assert near.prices.inside == 1.0
    assert near.prices.quotes_used < near.legs == len(first.strike)
    assert isinstance(near.open_interest, OpenInterest)
    assert near.open_interest.put_call_ratio == 2.0
    assert near.settles == pd.Timestamp("2026-06-23T15:30:00+05:30")
    assert isinstance(far.open_interest, NoOpenInterest)
    assert isinstance(far.prices, PricedExpiry)
    assert far.prices.wings.at_the_money == pytest.approx(12 * math.sqrt(4 / 11), abs=0.05)


def test_time_is_left_from_the_moment_of_each_expirys_own_file() -> None:
    later = AS_OF + pd.Timedelta(minutes=15)
    near, far = summarise(
        chain(replace(sample(), as_of=later), replace(sample(), expiry=pd.Timestamp("2026-06-30"), as_of=AS_OF)), MARKET
    )
    assert isinstance(near.prices, PricedExpiry)
    assert isinstance(far.prices, PricedExpiry)
    assert near.prices.days == pytest.approx(4 - 15 / (24 * 60), abs=1e-12)
    assert far.prices.days == 11.0


def test_prices_are_compared_with_the_index_level_of_their_own_file() -> None:
    far = replace(sample(), expiry=pd.Timestamp("2026-06-30"))
    moved = FORWARD * 1.03
    files = replace(sample(), underlying=FORWARD), replace(far, underlying=FORWARD)
    assert all(isinstance(one.prices, PricedExpiry) for one in summarise(chain(*files, underlying=moved), MARKET))
    wrong = replace(far, underlying=moved)
    near, later = summarise(chain(replace(sample(), underlying=FORWARD), wrong, underlying=FORWARD), MARKET)
    assert isinstance(near.prices, PricedExpiry)
    assert "violates put-call parity" in reason(later.prices)


def test_minutes_count() -> None:
    settles = settlement(MARKET, EXPIRY)
    assert years_left(settles - pd.Timedelta(minutes=90), settles) == pytest.approx(90 / (365 * 24 * 60))
    with pytest.raises(AegisError, match="has no zone"):
        years_left(settles.tz_localize(None), settles)


def test_an_expiry_that_our_calendar_has_as_a_holiday_settles_at_the_usual_time() -> None:
    assert settlement(MARKET, pd.Timestamp("2026-01-26")) == pd.Timestamp("2026-01-26T15:30:00+05:30")


def test_trades_are_priced_without_a_share_inside_quotes() -> None:
    found = price_expiry(as_trades(sample()), math.nan, YEARS)
    assert isinstance(found, PricedExpiry)
    assert found.kind == "last"
    assert found.inside is None
    assert found.forward.level == pytest.approx(FORWARD, abs=1.0)
    assert found.wings.at_the_money == pytest.approx(12, abs=0.2)


def test_a_settlement_price_is_never_a_price() -> None:
    quoted = sample()
    theoretical = legs(
        quoted.strike, quoted.is_call, settlement=quoted.ask, last=quoted.ask, open_interest=np.ones(len(quoted.ask))
    )
    assert reason(price_expiry(theoretical, FORWARD, YEARS)).startswith(
        "has 0 strikes of which call and put are traded"
    )


def test_an_expiry_that_has_settled_has_no_prices() -> None:
    assert reason(price_expiry(sample(), FORWARD, 0.0)) == "has settled"


def test_one_side_only_gives_no_prices_but_open_interest() -> None:
    both = sample()
    puts = legs(
        both.strike[~both.is_call],
        both.is_call[~both.is_call],
        bid=both.bid[~both.is_call],
        ask=both.ask[~both.is_call],
        open_interest=np.full(int((~both.is_call).sum()), 65.0),
    )
    found = summarise(chain(puts), MARKET)[0]
    assert "has 0 strikes" in reason(found.prices)
    assert isinstance(found.open_interest, OpenInterest)


def test_a_handful_of_prices_is_no_distribution() -> None:
    few = legs_at(Mixture.lognormal(TOTAL).call, FORWARD + 50.0 * np.arange(-3, 3), discount=DISCOUNT)
    assert reason(price_expiry(few, FORWARD, YEARS)) == "has 6 usable prices out of the money, 8 are needed"


def test_chances_are_not_drawn_far_out_of_a_chain_that_ends_near_the_money() -> None:
    strikes, deviation = wide_strikes(TOTAL), TOTAL * FORWARD
    inside = (strikes > FORWARD - 1.5 * deviation) & (strikes < FORWARD + 2.3 * deviation)
    mixture = Mixture.lognormal(TOTAL)
    found = price_expiry(legs_at(mixture.call, strikes[inside], discount=DISCOUNT), FORWARD, YEARS)
    assert isinstance(found, PricedExpiry)
    assert found.strikes == (strikes[inside][0], strikes[inside][-1])
    points = np.array([0.5, 1.4, 1.6, 3.0]) * deviation
    up, down = found.close_beyond(points, points)
    assert up == pytest.approx([mixture.above(FORWARD + d) for d in points], abs=0.003)
    assert down[:2] == pytest.approx([1 - mixture.above(FORWARD - d) for d in points[:2]], abs=0.003)
    assert np.isnan(down[2:]).all()


@pytest.mark.parametrize(("total", "above", "spread"), [(TOTAL, 300, 60), (0.08, 500, 130)])
def test_a_wide_quote_is_not_used(total: float, above: int, spread: float) -> None:
    # The first is most of a small price, the second half a hundredth of the index.
    years = (total / 0.12) ** 2
    tight = legs_at(Mixture.lognormal(total).call, wide_strikes(total, sigmas=5.0), discount=math.exp(-RATE * years))
    far = (tight.strike == FORWARD + above) & tight.is_call
    wide = legs(tight.strike, tight.is_call, bid=tight.bid, ask=np.where(far, tight.bid + spread, tight.ask))
    index = FORWARD * math.exp(-RATE * years)
    before, after = price_expiry(tight, index, years), price_expiry(wide, index, years)
    assert isinstance(before, PricedExpiry)
    assert isinstance(after, PricedExpiry)
    assert after.quotes_used == before.quotes_used - 1
    assert after.wings.at_the_money == pytest.approx(before.wings.at_the_money, abs=0.01)


def test_the_same_legs_give_the_same_numbers_to_the_last_bit() -> None:
    first, again = (price_expiry(sample(), FORWARD, YEARS) for _ in range(2))
    assert isinstance(first, PricedExpiry)
    assert isinstance(again, PricedExpiry)
    assert np.array_equal(first.distribution.mass, again.distribution.mass)
    assert (first.forward.level, first.wings, first.straddle) == (again.forward.level, again.wings, again.straddle)


@given(
    seed=st.integers(0, 2**32 - 1),
    strikes=st.integers(1, 60),
    missing=st.floats(0.0, 0.9),
    noise=st.sampled_from([0.0, 0.001, 0.1, 3.0]),
    years=st.floats(1e-6, 4.0),
    underlying=st.sampled_from([math.nan, 1.0, FORWARD - 50, FORWARD * 3]),
)
def test_any_legs_give_a_sound_distribution_or_a_reason(
    seed: int, strikes: int, missing: float, noise: float, years: float, underlying: float
) -> None:
    draws = np.random.default_rng(seed)
    exact = legs_at(
        Mixture.lognormal(0.15 * math.sqrt(years)).call, FORWARD + 100.0 * (np.arange(strikes) - strikes // 2)
    )
    shaken = np.exp(noise * draws.standard_normal(len(exact.strike)))
    gone = draws.random(len(exact.strike)) < missing
    bid, ask = (np.where(gone, np.nan, price * shaken) for price in (exact.bid, exact.ask))
    last = np.where(draws.random(len(bid)) < missing, np.nan, exact.ask)
    some = legs(
        exact.strike,
        exact.is_call,
        bid=bid,
        ask=ask,
        last=last,
        traded=np.isfinite(last) & (draws.random(len(last)) < 0.5),
        volume=np.where(gone, np.nan, 65.0),
        open_interest=np.where(gone, np.nan, np.floor(draws.random(len(bid)) * 3)),
    )
    found = price_expiry(some, underlying, years)
    if isinstance(found, PricedExpiry):
        assert found.distribution.mass.min() >= 0
        assert found.distribution.mass.sum() == pytest.approx(1, abs=1e-5)
        assert found.distribution.mean == pytest.approx(found.forward.level, rel=1e-5)
        assert found.straddle.points > 0
        assert found.wings.at_the_money > 0
        assert found.inside is None or 0 <= found.inside <= 1
    else:
        assert found.reason
    held = open_interest_of(some, underlying)
    if isinstance(held, OpenInterest):
        assert held.max_pain in some.strike


def test_a_minute_before_the_settlement_what_is_left_is_priced() -> None:
    # The index has all but come to rest between two strikes, of which one pays and nothing else is worth a tick.
    chain = legs_at(
        Mixture.lognormal(0.0002, FORWARD + 20).call, FORWARD + 50.0 * np.arange(-20, 21), forward=FORWARD + 20
    )
    bid = np.where(np.isfinite(chain.bid), chain.bid, 0.05)
    found = price_expiry(
        legs(chain.strike, chain.is_call, bid=bid, ask=np.maximum(chain.ask, bid)), FORWARD + 20, 1 / (365 * 24 * 60)
    )
    assert isinstance(found, PricedExpiry)
    up, down = found.distribution.close_beyond(np.array([100.0]), np.array([100.0]))
    assert max(up[0], down[0]) < 0.01


def test_a_straddle_that_costs_less_than_its_distance_still_leaves_a_sound_distribution() -> None:
    above = FORWARD + 20
    chain = legs_at(Mixture.lognormal(TOTAL, above).call, wide_strikes(TOTAL), forward=above, discount=DISCOUNT)
    nearest = chain.strike == FORWARD
    bid, ask = np.where(nearest, 0.05, chain.bid), np.where(nearest, 0.10, chain.ask)
    found = price_expiry(legs(chain.strike, chain.is_call, bid=bid, ask=ask), above, YEARS)
    assert isinstance(found, PricedExpiry)
    assert found.straddle.points < (found.forward.level - FORWARD) / 2
    assert (np.diff(found.distribution.levels) > 0).all()
    assert found.wings.at_the_money > 0
    assert found.distribution.mean == pytest.approx(found.forward.level, rel=1e-5)


def test_where_a_file_states_no_index_open_interest_is_judged_by_the_soonest_forward() -> None:
    held = np.full(len(sample().strike), 65.0)
    unpriced = legs(sample().strike, sample().is_call, open_interest=held)
    later = replace(unpriced, expiry=pd.Timestamp("2026-06-30"))
    _, far = summarise(chain(sample(), later, underlying=math.nan), MARKET)
    assert isinstance(far.prices, NoPrices)
    assert isinstance(far.open_interest, OpenInterest)
    # All strikes hold the same, so that the middle ones pay least; the nearest of them to the forward is taken.
    assert abs(far.open_interest.max_pain - FORWARD) <= 50
