"""The option chain of a file, or of the newest files in a folder that count for a document."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import Market
from aegismatrix_engine.options.admissible import OLDER, DocumentMoment, admitted, moment_refusal, refusal
from aegismatrix_engine.options.chain import LeftOut, Legs, OptionChain
from aegismatrix_engine.options.settlement import has_settled
from aegismatrix_engine.sources.options.bhavcopy import bhavcopy_close, read_bhavcopy
from aegismatrix_engine.sources.options.file_content import OptionFile, read_option_file
from aegismatrix_engine.sources.options.leg_rows import chain_of
from aegismatrix_engine.sources.options.nse_json import read_nse_json
from aegismatrix_engine.sources.options.written_moments import written_date, written_moment

SUFFIXES: Final = (".json", ".csv", ".gz", ".zip")
"""Endings of the files of a folder that are read; others are not chains, or not written to their end yet."""

MOST_FILES: Final = 2000

CLOCKS_APART: Final = pd.Timedelta(days=1)
"""How far the clock of the machine that wrote a file may be from the exchange's."""

_EXPIRY: Final = re.compile(r'"expiryDate"\s*:\s*"([^"]{0,40})"')
_TIMESTAMP: Final = re.compile(r'"timestamp"\s*:\s*"([^"]{1,40})"')


def read_options(path: Path, market: Market, moment: DocumentMoment | None) -> OptionChain:
    """The chain of a file or of a folder that counts for a document; without one, for None, the newest that is there.

    A folder gives the newest file of each expiry that counts, because v3 and brokers serve one expiry a file.

    Raises:
        DataError: nothing there that can be used; the message names the file, the leg, the rule and the remedy.
        ConfigurationError: a market without options files.
    """
    return newest_of(_files_in(path) if _is_folder(path) else [path], market, moment)


def read_chain(path: Path, market: Market) -> OptionChain:
    """The chain of one file, whatever its moment; raises as `read_options` does."""
    return chain_of_content(read_option_file(path), market)


def chain_of_content(file: OptionFile, market: Market) -> OptionChain:
    """The chain that the content of one file is."""
    return chain_of(read_nse_json(file, market) if _is_json(file) else read_bhavcopy(file, market), market)


def newest_of(paths: Sequence[Path], market: Market, moment: DocumentMoment | None) -> OptionChain:
    """The chain of the newest files that count, each expiry from the newest one that has it.

    Files that cannot be read or do not count are told in ``left_out``, unless they are merely of another moment. For
    no document, None, the newest file counts, and those at most 20 minutes older.

    Raises:
        DataError: no file counts; the message is that of the newest one.
    """
    if len(paths) == 1:
        return _of_one(paths[0], market, moment)
    since = None if moment is None else admitted(moment, market).first
    candidates, faults = _candidates(_recent(paths, since), market, moment)
    chains: list[OptionChain] = []
    found: set[pd.Timestamp] = set()
    missing: set[pd.Timestamp] | None = None
    for candidate in candidates:
        if candidate.expiries and candidate.expiries <= found:
            continue
        try:
            chain = _of_one(candidate.path, market, moment)
        except DataError as error:
            faults.append(_Fault(candidate.as_of, str(error), told=True))
            continue
        chains.append(chain)
        if missing is None:
            missing = {one for one in chain.listed if not has_settled(market, one, chain.as_of)}
        found |= {legs.expiry for legs in chain.expiries}
        if missing <= found:
            break
    if not chains:
        raise DataError(_newest(faults).words)
    return together(chains, [fault.words for fault in faults if fault.told])


@dataclass(frozen=True)
class _Candidate:
    """A file whose moment counts, and the expiries of its legs, empty where it has to be read to know them."""

    path: Path
    as_of: pd.Timestamp
    has_quotes: bool
    expiries: frozenset[pd.Timestamp]


@dataclass(frozen=True)
class _Fault:
    """Why a file is not used; whether that has to be told, and its moment where known."""

    as_of: pd.Timestamp | None
    words: str
    told: bool


def _of_one(path: Path, market: Market, moment: DocumentMoment | None) -> OptionChain:
    chain = read_chain(path, market)
    why = None if moment is None else refusal(chain, moment, market)
    if why is not None:
        raise DataError(f"{path.name}: {why}")
    return chain


def _is_json(file: OptionFile) -> bool:
    return file.text.lstrip()[:1] in ("{", "[")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        # Whatever is in the way, reading says it.
        return False


def _files_in(folder: Path) -> list[Path]:
    try:
        names = [one for one in sorted(folder.iterdir()) if one.name.lower().endswith(SUFFIXES)]
        found = [one for one in names if not one.name.startswith(".") and one.is_file()]
    except OSError as error:
        raise DataError(f"{_name(folder)} cannot be read ({error.strerror}); name a folder that can be") from None
    if not found:
        raise DataError(
            f"{_name(folder)} holds no option chain: expected files ending in {', '.join(SUFFIXES)}; put one there"
        )
    return found


def _recent(paths: Sequence[Path], first: pd.Timestamp | None) -> Sequence[Path]:
    """The files that were written since a moment, where one is given: one written before it cannot be of it.

    All of them where none was: their times then say nothing.
    """
    since = 0.0 if first is None else (first - CLOCKS_APART).timestamp()
    found = [path for path in paths if _written(path) >= since] or paths
    if len(found) > MOST_FILES:
        raise DataError(
            f"{_name(found[0].parent)} holds {len(found):,} files: expected at most {MOST_FILES:,}; remove the old ones"
        )
    return found


def _name(folder: Path) -> str:
    """A folder's name without those above it, which are nobody's business who reads a document."""
    return folder.name or "the folder"


def _written(path: Path) -> float:
    """When a file was last written; 0 for one that is gone by now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _candidates(
    paths: Sequence[Path], market: Market, moment: DocumentMoment | None
) -> tuple[list[_Candidate], list[_Fault]]:
    """Files whose moment counts, the newest first, and faults of others; of one moment, quotes before a day's file."""
    candidates, faults = [], []
    for path in paths:
        try:
            file = read_option_file(path)
            as_of = _moment_of(file, market)
        except DataError as error:
            faults.append(_Fault(None, str(error), told=True))
            continue
        why = None if moment is None else moment_refusal(as_of, moment, market)
        if why is None:
            candidates.append(_Candidate(path, as_of, _is_json(file), _expiries_in(file)))
        else:
            faults.append(_Fault(as_of, f"{path.name}: {why}", told=False))
    candidates.sort(key=lambda one: (one.as_of, one.has_quotes, one.path.name), reverse=True)
    if moment is None:
        candidates = [one for one in candidates if one.as_of >= candidates[0].as_of - OLDER]
    return candidates, faults


def _moment_of(file: OptionFile, market: Market) -> pd.Timestamp:
    """The moment of a file without reading its legs, which would take long for a folder of a month."""
    if not _is_json(file):
        return bhavcopy_close(file, market)
    found = _TIMESTAMP.findall(file.text)
    # With a second one, such as its collector's, only the place tells which is the exchange's.
    as_of = written_moment(found[0], market.calendar.zone) if len(found) == 1 else None
    return read_nse_json(file, market).as_of if as_of is None else as_of


def _expiries_in(file: OptionFile) -> frozenset[pd.Timestamp]:
    """The expiries of the legs of a file without reading them; empty where one is no date, or the file is no JSON."""
    dates = {written_date(text) for text in set(_EXPIRY.findall(file.text))}
    return frozenset() if None in dates else frozenset(date for date in dates if date is not None)


def _newest(faults: Sequence[_Fault]) -> _Fault:
    known = [fault for fault in faults if fault.as_of is not None]
    return max(known, key=lambda fault: fault.as_of or pd.Timestamp.min) if known else faults[0]


def together(chains: Sequence[OptionChain], unused: Sequence[str]) -> OptionChain:
    """One chain of several, the newest first: an expiry is of the first that has it. unused: why others are not."""
    not_used = tuple(LeftOut(None, 0, words) for words in unused)
    if len(chains) == 1:
        return replace(chains[0], left_out=chains[0].left_out + not_used)
    expiries: dict[pd.Timestamp, Legs] = {}
    used: list[OptionChain] = []
    for chain in chains:
        new = {
            legs.expiry: replace(legs, as_of=chain.as_of, underlying=chain.underlying)
            for legs in chain.expiries
            if legs.expiry not in expiries
        }
        expiries |= new
        used += [chain] if new else []
    left_out = tuple(one for chain in used for one in chain.left_out if one.expiry is None or one.expiry in expiries)
    known = [chain.underlying for chain in used if chain.underlying > 0]
    return OptionChain(
        source="+".join(dict.fromkeys(chain.source for chain in used)),
        as_of=min(chain.as_of for chain in used),
        underlying=known[0] if known else float("nan"),
        expiries=tuple(expiries[expiry] for expiry in sorted(expiries)),
        left_out=left_out + not_used,
        files=tuple(file for chain in used for file in chain.files),
        listed=tuple(sorted({expiry for chain in used for expiry in chain.listed})),
    )
