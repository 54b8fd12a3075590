"""What NSE's files call the index that a market's options are on."""

from collections.abc import Mapping
from typing import Final

from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.markets import Market

_SYMBOLS: Final[Mapping[str, str]] = {"nifty50": "NIFTY"}


def index_symbol(market: Market) -> str:
    """The symbol of a market's index in NSE's files; `ConfigurationError` for markets without any."""
    if market.id not in _SYMBOLS:
        known = ", ".join(sorted(_SYMBOLS))
        raise ConfigurationError(f"option chains are read for {known} only, not for {market.id}; leave --options out")
    return _SYMBOLS[market.id]
