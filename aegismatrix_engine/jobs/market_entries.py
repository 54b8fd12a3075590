"""Entries of markets: which there are, what one says, and whether one is right, by itself and against its bars."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.inputs import COMPANION_SERIES
from aegismatrix_engine.jobs.chosen_market import entry_content, entry_market, own_ids
from aegismatrix_engine.markets import Market, get_market, known_markets, next_expiries, own_entries
from aegismatrix_engine.markets.market_entry import market_of
from aegismatrix_engine.markets.shipped_markets import SUFFIX, companion_of, shipped_text
from aegismatrix_engine.sources.csv_folder import CsvFolder

MOST_WITHOUT_ROW: Final = 0.02
"""The largest share of sessions that may lack a row of the bars; the limit of rows on days without a session, too."""

_SHOWN_EXPIRIES: Final = 3


@dataclass(frozen=True)
class ListedMarket:
    """A market that ``--market`` takes.

    Attributes:
        entry: the file of an own entry; None for one of the engine's.
        market: None where the own entry cannot be used, with the ``fault`` why.
    """

    id: str
    entry: Path | None = None
    market: Market | None = None
    fault: str | None = None


@dataclass(frozen=True)
class CheckedEntry:
    """What was found of an entry.

    Attributes:
        faults: what is wrong, one line each with file, key, rule and remedy.
        findings: what the entry, and the bars, are understood to say, one line each.
    """

    faults: tuple[str, ...]
    findings: tuple[str, ...] = ()


def listed_markets(markets_dir: Path | None) -> tuple[ListedMarket, ...]:
    """The markets of the engine, then those of the folder; raises DataError where there is no such folder."""
    shipped = [ListedMarket(name, market=get_market(name)) for name in known_markets()]
    own = [_own(name, markets_dir) for name in own_ids(markets_dir) if markets_dir is not None]
    return (*shipped, *own)


def entry_text(market_id: str, markets_dir: Path | None) -> str:
    """The entry of a market, as its file has it; raises MarketUnknown, or DataError where it cannot be read."""
    if markets_dir is not None and market_id in own_ids(markets_dir):
        return entry_content(markets_dir / f"{market_id}{SUFFIX}").decode("utf-8-sig", errors="replace")
    return shipped_text(market_id)


def check_entry(path: Path, data: Path | None) -> CheckedEntry:
    """What is wrong with an entry.

    Args:
        path: the entry.
        data: a csv folder of the market's bars, which are then compared with the entry; None for the entry alone.
    """
    try:
        table = own_entries.parsed(entry_content(path), str(path))
    except DataError as error:
        return CheckedEntry((str(error),))
    faults = own_entries.faults(table, str(path), path.name)
    if faults:
        return CheckedEntry(tuple(faults))
    market = market_of(table, companion_of(table))
    faults = own_entries.calendar_faults(market, str(path))
    if faults:
        return CheckedEntry(tuple(faults))
    findings = _of_entry(market)
    if data is None:
        return CheckedEntry((), findings)
    against, seen = _against_bars(market, str(path), data)
    return CheckedEntry(against, (*findings, *seen))


def _own(market_id: str, markets_dir: Path) -> ListedMarket:
    path = markets_dir / f"{market_id}{SUFFIX}"
    try:
        return ListedMarket(market_id, path, entry_market(market_id, markets_dir))
    except DataError as error:
        return ListedMarket(market_id, path, fault=str(error))


def _of_entry(market: Market) -> tuple[str, ...]:
    """What the entry comes to: a reader who knows the market sees whether it is what was meant."""
    calendar, through = market.calendar, market.calendar.valid_through
    sessions = calendar.regular(pd.Timestamp(through.year, 1, 1), through)
    usual = own_entries.usual_session(calendar)
    hours = calendar.hours(usual)
    clock = f"{hours.opens:%H:%M} to {hours.official_close:%H:%M}"
    last = sessions[-1] - pd.Timedelta(days=365)
    kinds = [(kind, next_expiries(market, last, kind, _SHOWN_EXPIRIES)) for kind in ("monthly", "weekly")]
    named = [f"{kind} {', '.join(f'{one.date:%Y-%m-%d}' for one in found)}" for kind, found in kinds if found]
    return (
        f"{market.id}: {market.name}, {market.zone}, {_index(market)}",
        f"{calendar.name} calendar: {len(sessions)} sessions in {through.year}, {clock} on {usual:%Y-%m-%d}, "
        f"announced through {through:%Y-%m-%d}",
        f"expiries after {last:%Y-%m-%d}: {'; '.join(named)}",
    )


def _index(market: Market) -> str:
    if market.volatility_index is not None:
        return f"volatility index {market.volatility_index.name}"
    companion = market.companion
    if companion is None:
        return "no volatility index"
    closes = "of the same date" if companion.same_sessions else "of an earlier date"
    return f"no volatility index, companion index {companion.index_name}, of which a session uses the close {closes}"


def _against_bars(market: Market, path: str, data: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Faults, and what the bars are understood to say."""
    faults, source = list(_absent_indices(market, path, data)), CsvFolder(data)
    try:
        history = source.daily(market)
    except DataError as error:
        limit = f"largest_daily_change = {market.largest_daily_change:g} in {path}"
        remedy = f"; if both prices are right, raise {limit}" if "from row to row" in str(error) else ""
        return (*faults, f"{data}: {error}{remedy}"), ()
    if not market.lunch_break:
        try:
            history = source.with_intraday(history)
        except DataError as error:
            faults.append(f"{data}: {error}")
    return (*faults, *_absent_rows(history, path, data)), (_span(history), _largest(history), *history.notes)


def _absent_indices(market: Market, path: str, data: Path) -> Iterator[str]:
    """The faults that the entry names an index of which the folder has no file."""
    if market.volatility_index is not None and not (data / "vix_daily.csv").exists():
        yield (
            f"{path}: volatility_index: {market.volatility_index.name} is named, and {data} has no vix_daily.csv: "
            'expected that file, or volatility_index = "none"'
        )
    if market.companion is not None and not (data / f"{COMPANION_SERIES}.csv").exists():
        yield (
            f"{path}: companion_index: {market.companion.index_name} is named, and {data} has no "
            f"{COMPANION_SERIES}.csv: expected that file, or no companion_index"
        )


def _absent_rows(history: MarketHistory, path: str, data: Path) -> Iterator[str]:
    """The fault that sessions of the calendar lack rows, where they are too many for gaps in the bars."""
    sessions = history.market.calendar.regular(pd.Timestamp(history.spot.index[0]), history.last_session)
    absent = sessions.difference(pd.DatetimeIndex(history.spot.index))
    if len(absent) > MOST_WITHOUT_ROW * len(sessions):
        yield (
            f"{path}: calendar: {len(absent)} of {len(sessions)} sessions have no row in {data}, first "
            f"{absent[0]:%Y-%m-%d}: expected at most {MOST_WITHOUT_ROW:.0%}; add the closures, or the rows"
        )


def _largest(history: MarketHistory) -> str:
    changes = np.log(history.spot["close"]).diff().abs()
    return (
        f"largest change of a close: {changes.max():.3f} in logarithms, on {changes.idxmax():%Y-%m-%d}; "
        f"largest_daily_change is {history.market.largest_daily_change:g}"
    )


def _span(history: MarketHistory) -> str:
    sessions = history.market.calendar.regular(pd.Timestamp(history.spot.index[0]), history.last_session)
    absent = len(sessions.difference(pd.DatetimeIndex(history.spot.index)))
    bars = "no intraday bars" if history.bars is None else f"{len(history.bars):,} intraday bars"
    span = f"{history.spot.index[0]:%Y-%m-%d} to {history.last_session:%Y-%m-%d}"
    return f"bars: {len(history.spot):,} sessions {span}, {absent} of the calendar without a row; {bars}"
