"""The market of a job, with the operator's own calendar where there is one."""

import os
from pathlib import Path

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import Market, get_market, known_markets
from aegismatrix_engine.markets.calendar_end import CALENDAR_FILE_NAME
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file


def chosen_market(market_id: str, calendar: Path | None = None) -> Market:
    """The market of that id, with the entries of the operator's file in its calendar.

    Args:
        market_id: such as nifty50.
        calendar: the file; None for ``calendar.toml`` in the working directory, if it is there.

    Raises:
        MarketUnknown: there is no market of that id.
        DataError: a file that was named is not there, or one that is there cannot be read or breaks a rule.
    """
    market = get_market(market_id)
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
    entries = operator_calendar.read_operator_calendar(content, str(path), name, market_id, known_markets())
    return market if entries is None else merged_sessions.merged_market(market, entries)
