"""Prices and open interest of the real chains beside the checkout."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from vollib.black.implied_volatility import implied_volatility_of_undiscounted_option_price

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.chain import MID, Legs, OptionChain
from aegismatrix_engine.options.max_pain import OpenInterest
from aegismatrix_engine.options.quotes import TICK, quotes_of
from aegismatrix_engine.options.summary import ExpirySummary, PricedExpiry, summarise
from aegismatrix_engine.options.volatility import black_price, implied_total_volatility
from aegismatrix_engine.sources.options import read_chain
from aegismatrix_engine.typing import FloatArray

MARKET = get_market("nifty50")
RATE_OF_NSE = 0.10
Priced = tuple[OptionChain, Legs, ExpirySummary]


@pytest.fixture(scope="module")
def every(shared: Path) -> list[Priced]:
    """Each expiry of each shared chain, with its summary."""
    paths = sorted((shared / "data" / "options").glob("*.gz"))
    return list(_summarised([read_chain(path, MARKET) for path in paths]))


def _summarised(chains: list[OptionChain]) -> Iterator[Priced]:
    for chain in chains:
        for legs, summary in zip(chain.expiries, summarise(chain, MARKET), strict=True):
            yield chain, legs, summary


def brute_force(legs: Legs, middle: float) -> float:
    held = np.nan_to_num(legs.open_interest)
    strikes = sorted(set(legs.strike.tolist()))
    paid = {}
    for level in strikes:
        # Rounded, because lots change and open interest is then a fraction.
        calls = sum(w * max(level - k, 0) for w, k in zip(held[legs.is_call], legs.strike[legs.is_call], strict=True))
        puts = sum(w * max(k - level, 0) for w, k in zip(held[~legs.is_call], legs.strike[~legs.is_call], strict=True))
        paid[level] = round(float(calls + puts), 3)
    least = min(paid.values())
    return min((abs(k - middle), k) for k in strikes if paid[k] == least)[1]


def test_max_pain_is_that_of_every_leg_paid_at_every_strike(every: list[Priced]) -> None:
    compared = 0
    soonest: dict[object, float] = {}
    for chain, legs, summary in every:
        if isinstance(summary.open_interest, OpenInterest):
            middle = summary.prices.forward.level if isinstance(summary.prices, PricedExpiry) else chain.underlying
            if np.isnan(middle):
                # Such as a bhavcopy's: the forward of its nearest expiry, which has prices on both days.
                middle = soonest[chain.files]
            soonest.setdefault(chain.files, middle)
            assert summary.open_interest.max_pain == brute_force(legs, middle), (chain.source, legs.expiry)
            compared += 1
    assert compared >= 60


def test_every_usable_quote_is_repriced_within_a_tick_by_its_own_volatility(every: list[Priced]) -> None:
    repriced = within = 0
    for _, legs, summary in every:
        if isinstance(summary.prices, PricedExpiry):
            forward = summary.prices.forward
            used = quotes_of(legs, forward.level)
            price = used.price / forward.discount
            total = implied_total_volatility(forward.level, used.strike, used.is_call, price)
            outside, known = (used.strike >= forward.level) == used.is_call, np.isfinite(total)
            # In the money some quotes lie below what the option would pay at once, and no volatility prices them.
            assert known[outside].all()
            again = black_price(forward.level, used.strike, used.is_call, total)
            assert np.abs(again - price)[known].max() < TICK / 1000
            repriced += int(known.sum())
            within += int((known & ~outside).sum())
    assert repriced > 2500
    assert within > 700


def test_volatilities_of_quotes_are_those_that_vollib_finds(every: list[Priced]) -> None:
    compared = 0
    for _, legs, summary in every:
        if isinstance(summary.prices, PricedExpiry):
            level = summary.prices.forward.level
            used = quotes_of(legs, level).out_of_the_money(level)
            price = used.price / summary.prices.forward.discount
            total = implied_total_volatility(level, used.strike, used.is_call, price)
            legs_of = zip(price.tolist(), used.strike.tolist(), used.is_call.tolist(), strict=True)
            expected = [
                implied_volatility_of_undiscounted_option_price(paid, level, strike, 1.0, "c" if is_call else "p")
                for paid, strike, is_call in legs_of
            ]
            assert total == pytest.approx(np.array(expected), rel=1e-9)
            compared += len(expected)
    assert compared > 1500


def test_densities_are_sound_and_price_the_quotes(every: list[Priced]) -> None:
    shares = []
    for _, _, summary in every:
        found = summary.prices
        if isinstance(found, PricedExpiry):
            assert found.distribution.mass.min() >= 0
            assert found.distribution.mass.sum() == pytest.approx(1, abs=1e-5)
            assert found.distribution.mean == pytest.approx(found.forward.level, rel=1e-5)
            strikes = found.forward.level * np.linspace(0.7, 1.3, 600)
            slope = np.diff(found.distribution.price(strikes, np.ones(600, dtype=bool))) / np.diff(strikes)
            assert slope.min() >= -1 - 1e-9
            assert slope.max() <= 1e-9
            assert np.diff(slope).min() >= -1e-9
            if found.kind == MID and 2 <= found.days <= 45:
                assert found.inside is not None
                shares.append(found.inside)
    assert len(shares) >= 9
    assert np.median(shares) >= 0.8
    assert min(shares) >= 0.55


def test_forwards_are_near_the_futures_of_the_same_days(every: list[Priced], shared: Path) -> None:
    closes = {}
    for path in sorted((shared / "data" / "options").glob("bhavcopy*.gz")):
        rows = pd.read_csv(path)
        futures = rows[(rows["INSTRUMENT"] == "FUTIDX") & (rows["SYMBOL"] == "NIFTY")]
        closes |= {(path.name, pd.Timestamp(row.EXPIRY_DT)): row.CLOSE for row in futures.itertuples()}
    compared = 0
    for chain, _, summary in every:
        close = closes.get((chain.files[0][0], summary.expiry))
        if close is not None and isinstance(summary.prices, PricedExpiry):
            assert summary.prices.forward.level == pytest.approx(close, rel=0.0015), summary.expiry
            compared += 1
    assert compared >= 5


def published_convention(chain: OptionChain, legs: Legs) -> tuple[FloatArray, int]:
    """Annual per cent by the exchange's convention: on spot, 10 per cent a year, whole days, last price."""
    days = (legs.expiry - chain.as_of.tz_localize(None).normalize()).days
    years = days / 365
    growth = np.exp(RATE_OF_NSE * years)
    total = implied_total_volatility(chain.underlying * growth, legs.strike, legs.is_call, legs.last * growth)
    return 100 * total / np.sqrt(years), days


def test_the_published_volatility_is_reproduced_by_its_own_convention_and_ours_differs(every: list[Priced]) -> None:
    misses, ours_away = [], []
    for chain, legs, summary in every:
        near = np.isfinite(legs.published_volatility) & (np.abs(legs.strike / chain.underlying - 1) <= 0.03)
        if not near.any():
            continue
        by_convention, days = published_convention(chain, legs)
        if not 2 <= days <= 30:
            continue
        miss = np.abs(by_convention - legs.published_volatility)[near]
        assert np.nanmedian(miss) <= 0.25, (chain.as_of, legs.expiry)
        misses.append(miss)
        assert isinstance(summary.prices, PricedExpiry)
        forward = summary.prices.forward
        used = near & ((legs.strike >= forward.level) == legs.is_call)
        price = legs.price[used] / forward.discount
        total = implied_total_volatility(forward.level, legs.strike[used], legs.is_call[used], price)
        ours = 100 * total / np.sqrt(forward.years)
        ours_away.append(np.nanmedian(np.abs(ours - legs.published_volatility[used])))
    assert len(misses) >= 9
    assert np.nanmedian(np.concatenate(misses)) <= 0.1
    assert min(ours_away) > 0.15
    assert max(ours_away) < 1.9


def test_a_chain_and_the_bhavcopy_of_its_day_agree(every: list[Priced]) -> None:
    found = {
        chain.source: summary
        for chain, _, summary in every
        if chain.as_of.year == 2026 and f"{summary.expiry:%Y-%m-%d}" == "2026-06-23"
    }
    quoted, traded = found["nse-v3"], found["bhavcopy"]
    assert isinstance(quoted.open_interest, OpenInterest)
    assert isinstance(traded.open_interest, OpenInterest)
    assert quoted.open_interest.max_pain == traded.open_interest.max_pain
    assert isinstance(quoted.prices, PricedExpiry)
    assert isinstance(traded.prices, PricedExpiry)
    assert traded.prices.forward.level == pytest.approx(quoted.prices.forward.level, rel=0.001)
    assert traded.prices.wings.at_the_money == pytest.approx(quoted.prices.wings.at_the_money, abs=1.0)
