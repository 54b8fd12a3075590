"""Where an operator's option chains come from: a file, a folder, Upstox, or a source that is installed beside us."""

import os
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from os import PathLike, fspath
from pathlib import Path
from typing import Final

import pandas as pd

from aegismatrix_engine.errors import AegisError, ConfigurationError, DataError, SourceUnavailable
from aegismatrix_engine.markets import Market
from aegismatrix_engine.options.admissible import DocumentMoment, refusal
from aegismatrix_engine.options.chain import OptionChain
from aegismatrix_engine.sources.options.files import newest_of, read_options
from aegismatrix_engine.sources.options.symbols import index_symbol
from aegismatrix_engine.sources.options.upstox import read_upstox

GROUP: Final = "aegismatrix.options"
"""Entry points of installed packages that supply chains: each is called with a market and an aware moment, and gives
the paths of files in any layout that is read here."""

UPSTOX: Final = "upstox"

_SOURCES: Final = f"a file, a folder, {UPSTOX} or the name of an installed source"

PATIENCE: Final = 60.0
"""Seconds that a source over the network may take in all, unless an operator says otherwise."""

Supplier = Callable[[Market, pd.Timestamp], Sequence[str | PathLike[str]]]


def read_options_of(
    spec: str, market: Market, moment: DocumentMoment | pd.Timestamp, patience: float = PATIENCE
) -> OptionChain:
    """The option chain that an operator asks for.

    Args:
        spec: 'upstox', the name of an installed source, else a file or folder; a file of such a name is ``./name``.
        market: whose index the options are on.
        moment: of the document that the chain is for; or now, aware, where it is for none: any moment counts then.
        patience: seconds that a source over the network may take in all.

    Raises:
        DataError: nothing there that can be used; the message names the file, the leg, the rule and the remedy.
        ConfigurationError: a market without options, or an installed source that is not usable.
        SourceUnavailable: Upstox, or an installed source, failed; `SourceBusy` where it may answer later.
    """
    index_symbol(market)
    document = moment if isinstance(moment, DocumentMoment) else None
    latest = (moment.latest if isinstance(moment, DocumentMoment) else moment).tz_convert(market.zone)
    if spec == UPSTOX:
        return _counting(read_upstox(market, latest, patience), market, document)
    if not spec.strip():
        raise ConfigurationError(f"no option chain is named: expected {_SOURCES}; see docs/options.md")
    installed = _installed(spec)
    if installed is None:
        if _is_word(spec) and not os.path.lexists(spec):
            raise DataError(f"{spec} is not there: expected {_SOURCES}; see docs/options.md")
        return read_options(Path(spec), market, document)
    return newest_of(_supplied(installed, market, latest), market, document)


def _counting(chain: OptionChain, market: Market, document: DocumentMoment | None) -> OptionChain:
    """The chain where it counts for the document, if it is for one."""
    why = None if document is None else refusal(chain, document, market)
    if why is not None:
        raise DataError(f"{chain.source}: {why}")
    return chain


def _is_word(spec: str) -> bool:
    """Whether it may be the name of a source as well as that of a file."""
    return "/" not in spec and "." not in spec


def _installed(name: str) -> EntryPoint | None:
    # The metadata of every installed package is read for it, which a path need not wait for.
    if not _is_word(name):
        return None
    found = tuple(entry_points(group=GROUP, name=name))
    if len(found) > 1:
        packages = ", ".join(sorted(one.dist.name for one in found if one.dist is not None))
        raise ConfigurationError(f"{packages} each supply options named {name!r}; uninstall all but one")
    return found[0] if found else None


def _supplied(installed: EntryPoint, market: Market, moment: pd.Timestamp) -> list[Path]:
    """The files of an installed source; whatever goes wrong in its code is told as its fault."""
    where = f"the options source {installed.name!r} ({installed.value})"
    try:
        supplier: Supplier = installed.load()
    except Exception as error:
        raise ConfigurationError(f"{where} cannot be loaded: {_words(error)}; repair or uninstall it") from error
    try:
        files = [Path(fspath(one)) for one in supplier(market, moment)]
    except AegisError:
        raise
    except Exception as error:
        raise SourceUnavailable(f"{where} failed: {_words(error)}; ask whoever supplies it") from error
    if not files:
        raise SourceUnavailable(f"{where} has no file for {moment:%Y-%m-%d %H:%M %Z}; ask whoever supplies it")
    return files


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
