"""Which series a file holds: by the names in it, by the file's own name, by the level of its values."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_rules import VIX_LEVELS
from aegismatrix_engine.history.inputs import Series
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.recognise.columns import Columns
from aegismatrix_engine.sources.recognise.index_names import Index, in_words, index_names, plain, shipped_in
from aegismatrix_engine.sources.recognise.table import Table
from aegismatrix_engine.typing import FloatArray

US_INDICES: dict[Index, str] = {"us_vix": "the US VIX", "us_spot": "the S&P 500", "inda": "INDA"}
"""What a market may have of the US, daily, and what messages call it."""

Level = Literal["spot", "vix"]

VIX_LOWEST, VIX_HIGHEST = VIX_LEVELS
"""A volatility index has stayed below 90; the S&P 500 has been above 200 since 1986, NIFTY 50 above 800 since 1999."""

STEADY_ROWS, STEADY = 60, 0.012
"""Half of any 60 closes of VIX since 2000 have moved by more than 1.49 %, of India VIX since 2009 by more than 1.34 %;
INDA's usually by 0.8 % (benchmarks/us_limits.py)."""

_OWN_FILES: dict[str, Index] = {
    "spot": "spot",
    "vix": "vix",
    "us vix": "us_vix",
    "us spot": "us_spot",
    "inda": "inda",
}
_OTHER_IN_FILE_NAME = re.compile(
    r"BANK ?NIFTY|NIFTY ?BANK|\bFIN ?NIFTY|NIFTY ?FIN(?:ANCIAL|\b)|NIFTY ?NEXT|JUNIOR|MID ?CAP|MIDCP|SMALL ?CAP|"
    r"SENSEX|BANKEX|BEES|"
    r"NIFTY ?(?:IT|AUTO|PHARMA|FMCG|METAL|REALTY|ENERGY|MEDIA|PSU|INFRA|PVT|COMMODITIES|CONSUMPTION|100|200|500)\b|"
    r"\bETF\b|\bGIFT\b|\bSGX\b|NASDAQ|\bDJI\b|NIKKEI|RUSSELL|\bSPY\b|VVIX|VIX ?(?:9D|3M|6M)|\bVXN\b"
)
_DERIVATIVE = re.compile(r"FUT(?:URE|URES|IDX|STK)?\b|\bOPT(?:ION|IONS|IDX|STK)?\b|\d(?:CE|PE)\b|NIFTY I{1,3}\b")
_TOTAL_RETURN = re.compile(r"\bTRI\b|TOTAL ?RETURN")


@dataclass(frozen=True)
class Named:
    """What the names say: the index, None where they say nothing, and the words for how that is known."""

    index: Index | None
    known_by: str


def by_names(table: Table, columns: Columns, inner_name: str, market: Market) -> Named:
    """The index that the names in a file, or else its own name, mean.

    Raises:
        DataError: more than one index, one that the market does not read, a future, an option, a total return index.
    """
    found: dict[Index, str] = {}
    known = index_names(market).inside
    for words, ticker in _names_inside(table, columns):
        named = known.get(plain(ticker))
        if named is None:
            other = f"{table.name} is of {ticker!r}: {_expected(market)}"
            raise DataError(f"{other}; use --series where it is one of them")
        found.setdefault(named, words)
    if len(found) > 1:
        raise DataError(f"{table.name}: more than one index: {' and '.join(found.values())}; give a file of one alone")
    for index, words in found.items():
        return Named(index, words)
    return _by_file_name(table.name, [name for name in (inner_name, table.name) if name], market)


def _names_inside(table: Table, columns: Columns) -> list[tuple[str, str]]:
    """What a file's header or a column of its own names, each with words for where."""
    inside = [(f"the header names {ticker}", ticker) for ticker in dict.fromkeys(table.tickers) if ticker]
    if columns.tickers is not None:
        values = table.cells.iloc[:, columns.tickers]
        label = table.labels[columns.tickers] or "its first column"
        inside += [(f"{label} has {value}", value) for value in dict.fromkeys(values) if value]
    return inside


def other_index_inside(table: Table, columns: Columns, market: Market, index: Index) -> str | None:
    """Words for where a file names another index of the market than ``index``; None where it does not."""
    known = index_names(market).inside
    for words, ticker in _names_inside(table, columns):
        if known.get(plain(ticker), index) != index:
            return words
    return None


def _expected(market: Market) -> str:
    own = [market.name] if market.volatility_index is None else [market.name, market.volatility_index_name]
    *first, last = *own, *(called for index, called in US_INDICES.items() if f"{index}_daily" in market.us_symbols)
    return f"expected {' or '.join([*([', '.join(first)] if first else []), last])} (--market {market.id})"


def _by_file_name(name: str, names: Iterable[str], market: Market) -> Named:
    known = index_names(market)
    for each in names:
        words = in_words(each)
        own = re.fullmatch(r"(SPOT|VIX|US VIX|US SPOT|INDA) (?:DAILY|INTRADAY) CSV", words)
        if own:
            return Named(_OWN_FILES[own.group(1).casefold()], f"the file is called {each}")
        for pattern, what in ((_TOTAL_RETURN, "a total return index"), (_DERIVATIVE, "futures or options")):
            if pattern.search(words):
                raise DataError(f"{name} is, by its name, of {what}: expected the price index itself")
        meant = [index for index, pattern in known.in_file.items() if pattern.search(words)]
        other = None if "inda" in meant else _OTHER_IN_FILE_NAME.search(known.alone.sub(" ", words))
        named = other.group().strip() if other else "" if meant else shipped_in(words)
        if named:
            raise DataError(
                f"{name} is, by its name, of {named}: {_expected(market)}; use --series where it is one of them"
            )
        if len(meant) == 1 and not (meant[0] == "spot" and re.search(r"\bVIX\b", words)):
            return Named(meant[0], f"the file is called {each}")
    return Named(None, "")


def check_level(name: str, index: Index | None, closes: FloatArray, market: Market) -> Level:
    """Whether closes are those of a spot index or of a volatility index, which they never share.

    Raises:
        DataError: neither, or not what the names say.
    """
    middle = float(np.median(closes))
    if not middle > VIX_LOWEST:
        raise DataError(
            f"{name}: invalid closes about {middle:.4g}: expected a volatility index in vol points (15 for 15 %) or a "
            "spot index in points"
        )
    level: Level = "vix" if middle < VIX_HIGHEST else "spot"
    in_points = {"spot": market.name, "us_spot": US_INDICES["us_spot"]}
    # A fund in dollars may stand at either level.
    if index not in (None, "inda") and (index in in_points) != (level == "spot"):
        called = in_points.get(index, "a volatility index")
        raise DataError(f"{name} is named {called}, but its closes are about {middle:.6g}; check which series it is")
    return level


def series_of(name: str, index: Index, market: Market, chosen: Series | None, *, intraday: bool) -> Series:
    """The series of an index at that length of bars; raises DataError where there is none, or another is chosen."""
    called = US_INDICES.get(index)
    if index == "vix" and market.volatility_index is None:
        raise DataError(f"{name} is of a volatility index, and {market.id} has none by its entry; leave it out")
    if called and f"{index}_daily" not in market.us_symbols:
        raise DataError(f"{name} is of {called}, which {market.id} does not use beside its own bars; leave it out")
    if called and intraday:
        raise DataError(f"{name} has intraday bars of {called}, which are not read; give its daily closes")
    series = cast("Series", f"{index}_{'intraday' if intraday else 'daily'}")
    if chosen and chosen != series:
        raise DataError(f"{name} holds {'intraday bars' if intraday else 'daily rows'}; use --series {series}")
    return series


def refuse_steady(name: str, closes: FloatArray, market: Market) -> None:
    """Raises DataError where closes that no name calls a volatility index move as little as those of a fund."""
    if market.us_fund_symbol is None or len(closes) < STEADY_ROWS:
        return
    usual = float(np.median(np.abs(np.diff(np.log(closes)))))
    if usual < STEADY:
        raise DataError(
            f"{name}: nothing names its closes, and half of them move by less than {usual:.2%}, as a fund's do and a "
            "volatility index's do not; use --series where it is one of the series"
        )
