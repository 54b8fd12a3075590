"""Score a record, in a folder or as it is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from aegismatrix_engine.files import write_atomically
from aegismatrix_engine.jobs.chosen_market import chosen_market
from aegismatrix_engine.jobs.published_record import published_record
from aegismatrix_engine.jobs.settings import PublishedPlace
from aegismatrix_engine.record.ledger import Fault, read_ledger, uncollected
from aegismatrix_engine.record.report import report_content, report_json, report_page
from aegismatrix_engine.record.scoring import SignalScore, resolved_frame, scores


@dataclass(frozen=True)
class Report:
    """The scores of a record's live forecasts and of replays, faulty lines, and all of it as ``content`` for JSON."""

    content: dict[str, Any]
    live: Sequence[SignalScore]
    replay: Sequence[SignalScore]
    faults: Sequence[Fault]

    def json(self) -> bytes:
        """The content as JSON."""
        return report_json(self.content).encode()


def report(
    market_id: str, record: Path, now: pd.Timestamp, published: PublishedPlace | None = None, page: Path | None = None
) -> Report:
    """Score every decided forecast of a market beside climatology and the volatility index alone.

    Args:
        market_id: whose record.
        record: its folder.
        now: what the clock says, with a zone.
        published: where it is published, to read it from there with the branch's history as its witness; None to
            read the folder, and to take the rows at their word.
        page: the html file that the report is written to; None for none.

    Raises:
        OutputUnwritable: the page cannot be written, or the branch's history not be read.
        RemoteUnreachable: the remote cannot be reached.
        DataError: there is no such branch.
    """
    asked = None
    with uncollected():
        if published is not None:
            market = chosen_market(market_id, published.calendar, published.markets_dir)
            asked = published_record(Path.cwd(), record, published, market, now)
        ledger = read_ledger(record, market_id, now) if asked is None else asked.ledger
        live, replay = (scores(resolved_frame(ledger, standing)) for standing in ("live", "replay"))
    content = report_content(market_id, ledger, live, replay, None if asked is None else asked.witness)
    if page is not None:
        write_atomically(page, report_page(content, live, replay, now.floor("s").isoformat()).encode())
    return Report(content, live, replay, ledger.faults)
