"""The market of a job: the engine's or the operator's own, with the operator's calendar where there is one."""

import os
from pathlib import Path

from aegismatrix_engine.errors import DataError, MarketUnknown
from aegismatrix_engine.markets import Market, get_market, known_markets
from aegismatrix_engine.markets.calendar_end import CALENDAR_FILE_NAME
from aegismatrix_engine.markets.shipped_markets import SUFFIX
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file


def chosen_market(market_id: str, calendar: Path | None = None, markets_dir: Path | None = None) -> Market:
    """The market of that id, with the entries of the operator's file in its calendar.

    Args:
        market_id: such as nifty50.
        calendar: the file; None for ``calendar.toml`` in the working directory, if it is there.
        markets_dir: folder of entries of markets that do not ship with the engine, ID.toml each.

    Raises:
        MarketUnknown: there is no market of that id.
        DataError: a file that was named is not there, or one that is there cannot be read or breaks a rule.
    """
    market = entry_market(market_id, markets_dir)
    path = Path(CALENDAR_FILE_NAME) if calendar is None else calendar
    # A broken link is an error, not an absent file.
    if calendar is None and not path.exists() and not path.is_symlink():
        return market
    try:
        content = read_plain_file(path, DOCUMENT_LIMIT, follow_links=True)
    except FileFault as fault:
        raise DataError(f"{path}: the calendar {fault.reason}; name a file with --calendar") from fault
    from aegismatrix_engine.markets import merged_sessions, operator_calendar  # slow, for an operator's file alone

    # The document holds text in one line, which a name on a disk need not be.
    name = " ".join(os.fsencode(path.name).decode(errors="replace").split())
    known = tuple(sorted({*known_markets(), *own_ids(markets_dir)}))
    entries = operator_calendar.read_operator_calendar(content, str(path), name, market_id, known)
    return market if entries is None else merged_sessions.merged_market(market, entries)


def entry_market(market_id: str, markets_dir: Path | None = None) -> Market:
    """The market of an entry: the engine's, or that of a file in the folder ``markets_dir``.

    Raises:
        MarketUnknown: there is no entry of that id.
        DataError: the entry cannot be read or breaks a rule; an id of the engine's has a file in the folder, too.
    """
    if market_id not in own_ids(markets_dir) or markets_dir is None:
        if markets_dir is not None and market_id not in known_markets():
            raise MarketUnknown(
                f"invalid market {market_id!r}: expected one of {', '.join(known_markets())}, or a file "
                f"{market_id}{SUFFIX} in {markets_dir}"
            )
        return get_market(market_id)
    from aegismatrix_engine.markets import own_entries  # slow, for an operator's entry alone

    path = markets_dir / f"{market_id}{SUFFIX}"
    return own_entries.own_market(entry_content(path), str(path), path.name)


def own_market(market_id: str, markets_dir: Path | None) -> Market | None:
    """The market of a file in the folder ``markets_dir``; None where it has none of that id.

    Raises:
        DataError: the entry cannot be read or breaks a rule.
    """
    return entry_market(market_id, markets_dir) if market_id in own_ids(markets_dir) else None


def own_ids(markets_dir: Path | None) -> tuple[str, ...]:
    """The ids that have a file in a folder of entries, in alphabetical order."""
    if markets_dir is None:
        return ()
    if not markets_dir.is_dir():
        raise DataError(f"{markets_dir}: no such folder of entries; name one with --markets-dir")
    return tuple(sorted(path.stem for path in markets_dir.iterdir() if path.suffix == SUFFIX))


def entry_content(path: Path) -> bytes:
    """The bytes of an entry; raises DataError where it cannot be read."""
    try:
        return read_plain_file(path, DOCUMENT_LIMIT, follow_links=True)
    except FileFault as fault:
        raise DataError(f"{path}: the entry {fault.reason}; name another file") from fault
