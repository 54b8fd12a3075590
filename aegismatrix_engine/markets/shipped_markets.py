"""The markets that ship with the engine: one entry each, in ``entries/``, named by the market's id."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from aegismatrix_engine.errors import MarketUnknown
from aegismatrix_engine.markets.market import Companion, Market
from aegismatrix_engine.markets.market_entry import market_of

SUFFIX: Final = ".toml"
_ENTRIES = files(__package__).joinpath("entries")


@cache
def known_markets() -> tuple[str, ...]:
    """The ids that `get_market` knows, in alphabetical order."""
    names = (entry.name for entry in _ENTRIES.iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


@cache
def get_market(market_id: str) -> Market:
    """The market of that id, the same object on every call; raises `MarketUnknown`."""
    entry = shipped_entry(market_id)
    return market_of(entry, companion_of(entry))


def companion_of(entry: Mapping[str, Any]) -> Companion | None:
    """The companion that an entry names by the id of a shipped market; None where it names none."""
    named: str | None = entry.get("companion_index")
    if named is None:
        return None
    sessions = entry["calendar"]["sessions"]
    return Companion(get_market(named), sessions == shipped_entry(named)["calendar"]["sessions"] != "weekdays")


def shipped_entry(market_id: str) -> dict[str, Any]:
    """The entry of that id, as tomllib reads it; raises `MarketUnknown`."""
    return tomllib.loads(shipped_text(market_id))


def shipped_text(market_id: str) -> str:
    """The text of the entry of that id; raises `MarketUnknown`."""
    if market_id not in known_markets():
        raise MarketUnknown(f"invalid market {market_id!r}: expected one of {', '.join(known_markets())}")
    return _ENTRIES.joinpath(f"{market_id}{SUFFIX}").read_text(encoding="utf-8")
