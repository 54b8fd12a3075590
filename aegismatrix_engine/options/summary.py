"""All that a snapshot of a chain says, expiry by expiry."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.options.chain import MID, Legs, OptionChain, PriceKind
from aegismatrix_engine.options.distribution import PricedDistribution, fit_distribution, share_inside
from aegismatrix_engine.options.forward import Forward, forward_by_parity
from aegismatrix_engine.options.max_pain import NoOpenInterest, OpenInterest, open_interest_of
from aegismatrix_engine.options.quotes import NoPrices, Quotes, quotes_of
from aegismatrix_engine.options.skew import Smile, Wings, wings
from aegismatrix_engine.options.straddle import Straddle, straddle_at_the_money
from aegismatrix_engine.options.time_to_expiry import settlements, years_left
from aegismatrix_engine.typing import FloatArray

FEWEST_LEGS: Final = 8
"""Out of the money. With fewer prices a distribution is all smoothness and no quotes."""

FAR_ENOUGH: Final = 2.0
"""Deviations from the forward. Chances are given beyond the last usable strike only where it lies as far out.

What is left beyond it is then small: on made-up chains cut there chances are within 0.6 percentage points of the truth,
in the median within 0.1; on chains cut at 1.2 deviations they miss it by up to 1.7.
"""

LEAST_DEVIATION: Final = 0.0003
"""Of the log return; about what is left two minutes before a settlement."""

DAYS_A_YEAR: Final = 365.0


@dataclass(frozen=True, eq=False)
class PricedExpiry:
    """What the prices of one expiry say.

    Attributes:
        kind: 'mid' where they are quotes, 'last' where they are trades of the day, as in a bhavcopy.
        forward: of the expiry, with discount factor and time left.
        days: time left in calendar days, with their fraction.
        straddle: at the money.
        wings: volatility at the money and at both 25-delta strikes, annual per cent.
        quotes_used: how many prices the distribution is fitted to.
        inside: share of these quotes that it prices within bid and ask, to a tick; None for trades, which have none.
        strikes: the lowest and the highest of these prices' strikes.
        deviation: standard deviation of the log return to the settlement, roughly.
        distribution: of the close at the settlement.
    """

    kind: PriceKind
    forward: Forward
    days: float
    straddle: Straddle
    wings: Wings
    quotes_used: int
    inside: float | None
    strikes: tuple[float, float]
    deviation: float
    distribution: PricedDistribution

    def close_beyond(self, up: FloatArray, down: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P(close > forward + up) and P(close < forward - down), for distances in points, (D,) each.

        NaN where a level lies beyond every usable strike and these end near the money, see `FAR_ENOUGH`.
        """
        above, below = self.distribution.close_beyond(up, down)
        far = FAR_ENOUGH * self.deviation * self.forward.level
        middle = self.forward.level
        known_up = max(self.strikes[1] - middle, math.inf if self.strikes[1] >= middle + far else 0.0)
        known_down = max(middle - self.strikes[0], math.inf if self.strikes[0] <= middle - far else 0.0)
        return np.where(up <= known_up, above, np.nan), np.where(down <= known_down, below, np.nan)


@dataclass(frozen=True, eq=False)
class ExpirySummary:
    """One expiry of a snapshot.

    Attributes:
        expiry: naive date, as the file names it.
        settles: the aware moment of its settlement.
        legs: how many legs were read.
        index: its level at the moment of these legs, index points; NaN where their file does not state it.
        prices: what its prices say, or why they say nothing.
        open_interest: what its open interest says, or why it says nothing.
    """

    expiry: pd.Timestamp
    settles: pd.Timestamp
    legs: int
    index: float
    prices: PricedExpiry | NoPrices
    open_interest: OpenInterest | NoOpenInterest


def summarise(chain: OptionChain, market: Market) -> tuple[ExpirySummary, ...]:
    """Everything that a snapshot says of each of its expiries, in their order."""
    moments = settlements(market, [legs.expiry for legs in chain.expiries])
    years = [
        years_left(legs.as_of or chain.as_of, settles) for legs, settles in zip(chain.expiries, moments, strict=True)
    ]
    levels = [chain.underlying if legs.underlying is None else legs.underlying for legs in chain.expiries]
    prices = price_expiries(chain.expiries, levels, years)
    forwards = [found.forward.level if isinstance(found, PricedExpiry) else math.nan for found in prices]
    # A bhavcopy states no index; what is priced soonest is nearest to it.
    index = next((level for level in (chain.underlying, *forwards) if math.isfinite(level)), math.nan)
    return tuple(
        ExpirySummary(
            legs.expiry,
            settles,
            len(legs.strike),
            level,
            found,
            open_interest_of(legs, forward if math.isfinite(forward) else index),
        )
        for legs, settles, level, found, forward in zip(chain.expiries, moments, levels, prices, forwards, strict=True)
    )


def price_expiry(legs: Legs, underlying: float, years: float) -> PricedExpiry | NoPrices:
    """What the prices of one expiry say; ``years`` is the time left to its settlement."""
    return price_expiries([legs], [underlying], [years])[0]


def price_expiries(
    expiries: Sequence[Legs], underlyings: Sequence[float], years: Sequence[float]
) -> list[PricedExpiry | NoPrices]:
    """The same of each of several expiries, each beside the index level of its own file."""
    fitted = [_fitted(*one) for one in zip(expiries, underlyings, years, strict=True)]
    read = iter(wings([one.smile for one in fitted if isinstance(one, _Fitted)]))
    return [one if isinstance(one, NoPrices) else one.priced(next(read)) for one in fitted]


@dataclass(frozen=True, eq=False)
class _Fitted:
    """Prices of one expiry with all that is computed from them but the wings, which are read of all expiries at once.

    Attributes:
        quotes: those that the distribution of the smile is fitted to.
    """

    quotes: Quotes
    forward: Forward
    straddle: Straddle
    smile: Smile

    def priced(self, read: Wings) -> PricedExpiry:
        """The expiry with its wings."""
        distribution, discount = self.smile.distribution, self.forward.discount
        return PricedExpiry(
            self.quotes.kind,
            self.forward,
            self.forward.years * DAYS_A_YEAR,
            self.straddle,
            read,
            len(self.quotes),
            share_inside(distribution, self.quotes, discount) if self.quotes.kind == MID else None,
            self.smile.strikes,
            self.smile.deviation,
            distribution,
        )


def _fitted(legs: Legs, underlying: float, years: float) -> _Fitted | NoPrices:
    if years <= 0:
        return NoPrices("has settled")
    quotes = quotes_of(legs, underlying if math.isfinite(underlying) else float(np.median(legs.strike)))
    forward = forward_by_parity(quotes, underlying, years)
    if isinstance(forward, NoPrices):
        return forward
    straddle = straddle_at_the_money(forward)
    if isinstance(straddle, NoPrices):
        return straddle
    used = quotes.out_of_the_money(forward.level)
    if len(used) < FEWEST_LEGS:
        return NoPrices(f"has {len(used)} usable prices out of the money, {FEWEST_LEGS} are needed")
    deviation = _deviation(straddle, forward)
    strikes = float(used.strike.min()), float(used.strike.max())
    distribution = fit_distribution(used, forward.level, forward.discount, deviation)
    if isinstance(distribution, NoPrices):
        return distribution
    return _Fitted(used, forward, straddle, Smile(distribution, strikes, deviation, years))


def _deviation(straddle: Straddle, forward: Forward) -> float:
    """Standard deviation of the log return to the settlement, roughly.

    A straddle at the money costs about 0.8 deviations (Brenner and Subrahmanyam 1988, Financial Analysts Journal 44);
    half the distance of its strike comes off what it costs.
    """
    points = straddle.points / forward.discount - abs(straddle.strike - forward.level) / 2
    return max(math.sqrt(math.pi / 2) * points / forward.level, LEAST_DEVIATION)
