"""Two ways from option prices to the chances of closes, on real chains: masses fitted to prices, and a smile.

    python -m benchmarks.option_densities CHAIN...

For each expiry of 2 to 45 days whose prices are quotes: the share of quotes that the engine's masses price within bid
and ask, to a tick; and, of a smoothing spline through the volatilities of the same quotes, the same share and the
chance that its second difference gives to levels where it is negative. The spline is of total variance over the log of
strike by forward, with GCV's smoothing and as weights the quotes' sensitivity over half their spread.
"""

import argparse
import statistics
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.interpolate import make_smoothing_spline

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.options.chain import MID, Legs
from aegismatrix_engine.options.quotes import TICK, Quotes, quotes_of
from aegismatrix_engine.options.summary import PricedExpiry, summarise
from aegismatrix_engine.options.volatility import black_price, implied_total_volatility
from aegismatrix_engine.sources.options import read_chain

MARKET = get_market("nifty50")
SHORTEST, LONGEST = 2.0, 45.0


def expiries(paths: list[Path]) -> Iterator[tuple[str, Legs, float, PricedExpiry]]:
    """Each expiry with quotes, with the index level of its chain."""
    for path in paths:
        chain = read_chain(path, MARKET)
        for legs, one in zip(chain.expiries, summarise(chain, MARKET), strict=True):
            prices = one.prices
            if isinstance(prices, PricedExpiry) and prices.kind == MID and SHORTEST <= prices.days <= LONGEST:
                yield f"{chain.as_of:%Y-%m-%d} {one.expiry:%Y-%m-%d}", legs, chain.underlying, prices


def spline(used: Quotes, prices: PricedExpiry) -> tuple[float, float]:
    """Share of quotes priced within bid and ask, to a tick, and the chance that is negative."""
    forward, discount = prices.forward.level, prices.forward.discount
    middle = (used.low + used.high) / 2 / discount
    total = implied_total_volatility(forward, used.strike, used.is_call, middle)
    known = np.isfinite(total)
    strike, is_call, total = used.strike[known], used.is_call[known], total[known]
    width = np.maximum(used.high - used.low, TICK)[known] / 2 / discount
    step = 1e-4
    change = black_price(forward, strike, is_call, total + step) - black_price(forward, strike, is_call, total - step)
    sensitivity = np.maximum(change / (4 * step * total), 1e-6)
    fitted = make_smoothing_spline(np.log(strike / forward), total**2, w=(sensitivity / width) ** 2)

    def volatility(level: np.ndarray) -> np.ndarray:
        return np.sqrt(np.maximum(fitted(np.log(level / forward)), 1e-10))

    priced = discount * black_price(forward, strike, is_call, volatility(strike))
    inside = (priced >= used.low[known] - TICK) & (priced <= used.high[known] + TICK)
    levels = np.linspace(strike.min(), strike.max(), 801)
    calls = black_price(forward, levels, np.ones(len(levels), dtype=np.bool_), volatility(levels))
    mass = np.diff(calls, 2) / (levels[1] - levels[0])
    return float(inside.mean()), float(-mass[mass < 0].sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chains", nargs="+", type=Path)
    masses, splines, negative = [], [], []
    for name, legs, index, prices in expiries(parser.parse_args().chains):
        used = quotes_of(legs, index).out_of_the_money(prices.forward.level)
        inside, below = spline(used, prices)
        masses.append(prices.inside or 0.0)
        splines.append(inside)
        negative.append(below)
        print(f"{name}: {prices.days:5.1f} days, masses {masses[-1]:.2f} inside; spline {inside:.2f}, {below:.4f} < 0")
    print(f"{len(masses)} expiries; masses: median {statistics.median(masses):.2f}, least {min(masses):.2f}")
    print(f"spline: median {statistics.median(splines):.2f}, least {min(splines):.2f}")
    print(
        f"spline: a negative chance above 0.0005 in {sum(one > 0.0005 for one in negative)}, most {max(negative):.4f}"
    )


if __name__ == "__main__":
    main()
