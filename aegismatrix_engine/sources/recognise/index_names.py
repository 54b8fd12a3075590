"""What exports call the indices of a market: inside of files, and in the names of files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from aegismatrix_engine.markets import Market

Index = Literal["spot", "vix", "us_vix", "us_spot", "inda"]

_PREFIX = re.compile(r"^(?:INDEX)?(?:NSE|BOM|CBOE|SP|TVC|BSE)(?:_INDEX|_IDX)?[:|_]\s*|^[\^$.]", re.IGNORECASE)
_SUFFIX = re.compile(r"-INDEX$", re.IGNORECASE)

_VIX = ("VIX", "CBOEVIX", "CBOEVOLATILITYINDEX", "VIXINDEX")
_S_AND_P = ("GSPC", "SPX", "SP500", "INX", "SP500INDEX", "SPXINDEX")
_S_AND_P_FILE = r"\bGSPC\b|\bSPX\b|\bS ?P ?500\b|\bSP500"
_BANK = ("NIFTYBANK", "BANKNIFTY", "NSEBANK", "CNXBANK", "NIFTYBANKINDEX", "BANKNIFTYINDEX")
_BANK_FILE = r"BANK ?NIFTY|NIFTY ?BANK|CNX ?BANK|\bNSEBANK\b"
_SENSEX = ("SENSEX", "SENSEX30", "BSESN", "BSESENSEX", "SPBSESENSEX", "SENSEXINDEX")

_INSIDE: Mapping[str, Mapping[Index, tuple[str, ...]]] = {
    "nifty50": {
        "spot": ("NIFTY50", "NIFTY", "NSEI", "CNXNIFTY", "SPCNXNIFTY", "NIFTY50INDEX", "NIFTYINDEX"),
        "vix": ("INDIAVIX", "INDIAVIXINDEX"),
    },
    "banknifty": {"spot": _BANK},
    "sensex": {"spot": _SENSEX},
    "sp500": {"spot": _S_AND_P, "vix": _VIX},
}
_IN_FILE_NAME: Mapping[str, Mapping[Index, str]] = {
    "nifty50": {"spot": r"NIFTY|\bNSEI\b", "vix": r"INDIA ?VIX"},
    "banknifty": {"spot": _BANK_FILE},
    "sensex": {"spot": r"SENSEX|\bBSESN\b"},
    "sp500": {"spot": _S_AND_P_FILE, "vix": r"\bVIX\b|\bCBOE\b"},
}
_SHIPPED_FILES = re.compile(rf"\bNIFTY ?50\b|\bNSEI\b|{_BANK_FILE}|SENSEX|\bBSESN\b|{_S_AND_P_FILE}|INDIA ?VIX")

_US_INSIDE: Mapping[Index, tuple[str, ...]] = {
    "us_vix": (*_VIX, "USVIX"),
    "us_spot": _S_AND_P,
    "inda": ("INDA", "INDAUS", "ISHARESMSCIINDIAETF"),
}
_US_IN_FILE_NAME: Mapping[Index, str] = {
    "us_vix": r"\bUS ?VIX\b|\bCBOE\b|\bVIX HISTORY\b",
    "us_spot": _S_AND_P_FILE,
    "inda": r"\bINDA\b|\bMSCI INDIA ETF\b",
}


@dataclass(frozen=True)
class IndexNames:
    """Names of the indices that a market uses, its own and those of the US.

    Attributes:
        inside: indices by their names in headers and columns, as `plain` writes them.
        in_file: what the name of an index's file has, of its words as `in_words` writes them.
        alone: names of the spot index in the name of a file that no other index has a part of.
    """

    inside: Mapping[str, Index]
    in_file: Mapping[Index, re.Pattern[str]]
    alone: re.Pattern[str]


def index_names(market: Market) -> IndexNames:
    """The names of a market's indices; those of an entry of one's own are its id, name and symbols."""
    own = market.volatility_index
    spot = (market.id, market.name, market.spot_symbol)
    of_entry: dict[Index, tuple[str, ...]] = {"spot": spot, **({"vix": (own.name, own.symbol)} if own else {})}
    us = [index for index in _US_INSIDE if f"{index}_daily" in market.us_symbols]
    inside = {name: index for index in us for name in _US_INSIDE[index]}
    for index, names in (_INSIDE.get(market.id) or of_entry).items():
        inside |= dict.fromkeys(map(plain, names), index)
    in_file = _IN_FILE_NAME.get(market.id) or {index: _any_of(names) for index, names in of_entry.items()}
    patterns = {
        index: re.compile(text) for index, text in ({at: _US_IN_FILE_NAME[at] for at in us} | {**in_file}).items()
    }
    # Every index of NSE is a NIFTY.
    alone = re.compile(r"\bNIFTY ?50\b|\bNSEI\b") if market.id == "nifty50" else patterns["spot"]
    return IndexNames(inside, patterns, alone)


def _any_of(names: tuple[str, ...]) -> str:
    return "|".join(rf"\b{re.escape(in_words(name))}\b" for name in names)


def shipped_in(words: str) -> str:
    """The words by which the name of a file names an index that ships with the engine; empty where it names none."""
    found = _SHIPPED_FILES.search(words)
    return found.group() if found else ""


def plain(ticker: str) -> str:
    """A ticker's letters and digits, without the exchange before it."""
    bare = _SUFFIX.sub("", _PREFIX.sub("", _PREFIX.sub("", ticker.strip())))
    return re.sub(r"[^A-Z0-9]", "", bare.upper())


def in_words(name: str) -> str:
    """The words of a name in capital letters, with one space between them."""
    return " ".join(re.sub(r"[_\W]+", " ", name.upper()).split())
