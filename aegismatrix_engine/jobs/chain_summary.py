"""The summary of an option chain, which needs neither bars nor models."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from aegismatrix_engine.jobs.chosen_market import chosen_market
from aegismatrix_engine.jobs.settings import ChainSettings
from aegismatrix_engine.markets import Market
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.options.listed_expiries import calendar_differences
from aegismatrix_engine.options.max_pain import OpenInterest, Wall
from aegismatrix_engine.options.summary import ExpirySummary, PricedExpiry, summarise
from aegismatrix_engine.sources.options import read_options_of


@dataclass(frozen=True, eq=False)
class ChainSummary:
    """What a chain says.

    Attributes:
        market: id of the market.
        chain: as it was read.
        expiries: what prices and open interest of each say.
        differences: where the exchange's list of expiries differs from the calendar, a sentence each.
    """

    market: str
    chain: OptionChain
    expiries: tuple[ExpirySummary, ...]
    differences: tuple[str, ...]

    def content(self) -> dict[str, Any]:
        """The same as JSON; levels in index points, volatilities in per cent, open interest in units of the index."""
        chain = self.chain
        return {
            "market": self.market,
            "source": chain.source,
            "as_of": chain.as_of.isoformat(),
            "index": round(chain.underlying, 2) if math.isfinite(chain.underlying) else None,
            "files": [{"name": name, "sha256": digest} for name, digest in chain.files],
            "expiries": [_expiry(one) for one in self.expiries],
            "left_out": [
                {
                    "expiry": None if one.expiry is None else f"{one.expiry:%Y-%m-%d}",
                    "legs": one.legs,
                    "rule": one.rule,
                }
                for one in chain.left_out
            ],
            "calendar_differences": list(self.differences),
        }


def summarise_chain(settings: ChainSettings, now: pd.Timestamp) -> ChainSummary:
    """Read a chain, whatever its moment, and say what its prices and its open interest say.

    Args:
        settings: which chain.
        now: aware; installed sources and brokers are asked for the chain of that moment.

    Raises:
        DataError: nothing there that can be used; the message names the file, the leg, the rule and the remedy.
        ConfigurationError, MarketUnknown: the settings do not fit together.
        SourceUnavailable: a source over the network, or an installed one, failed.
    """
    market = chosen_market(settings.market, settings.calendar, settings.markets_dir)
    return summary_of(read_options_of(settings.chain, market, now, settings.patience), market)


def summary_of(chain: OptionChain, market: Market) -> ChainSummary:
    """The same for a chain that is at hand."""
    return ChainSummary(market.id, chain, summarise(chain, market), calendar_differences(chain, market))


def _expiry(one: ExpirySummary) -> dict[str, Any]:
    prices, held = one.prices, one.open_interest
    return {
        "expiry": f"{one.expiry:%Y-%m-%d}",
        "settles": one.settles.isoformat(),
        "legs": one.legs,
        "priced": _priced(prices) if isinstance(prices, PricedExpiry) else None,
        "no_prices": None if isinstance(prices, PricedExpiry) else prices.reason,
        "open_interest": _held(held) if isinstance(held, OpenInterest) else None,
        "no_open_interest": None if isinstance(held, OpenInterest) else held.reason,
    }


def _priced(prices: PricedExpiry) -> dict[str, Any]:
    wings = prices.wings
    return {
        "kind": prices.kind,
        "forward": round(prices.forward.level, 2),
        "days": round(prices.days, 3),
        "at_the_money": round(wings.at_the_money, 2),
        "straddle_strike": prices.straddle.strike,
        "straddle_points": round(prices.straddle.points, 2),
        "put_25_delta": _rounded(wings.put, 2),
        "call_25_delta": _rounded(wings.call, 2),
        "risk_reversal": _rounded(wings.risk_reversal, 2),
        "butterfly": _rounded(wings.butterfly, 2),
        "quotes_used": prices.quotes_used,
        "share_inside": _rounded(prices.inside, 4),
    }


def _held(held: OpenInterest) -> dict[str, Any]:
    return {
        "max_pain": held.max_pain,
        "lower": round(held.lower, 2),
        "upper": round(held.upper, 2),
        "strikes": held.strikes,
        "partial": held.partial,
        "calls": held.calls,
        "puts": held.puts,
        "put_call_ratio": _rounded(held.put_call_ratio, 4),
        "call_walls": _walls(held.call_walls),
        "put_walls": _walls(held.put_walls),
    }


def _walls(walls: Iterable[Wall]) -> list[dict[str, float]]:
    return [{"strike": wall.strike, "open_interest": wall.open_interest} for wall in walls]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
