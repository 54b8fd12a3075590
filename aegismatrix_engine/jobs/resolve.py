"""Decide the forecasts of a record whose time has come, from the bars."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.chosen_market import chosen_market
from aegismatrix_engine.jobs.settings import BarsSettings
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.ledger import Fault, Ledger, read_ledger
from aegismatrix_engine.record.reported_faults import unreported_faults
from aegismatrix_engine.record.resolution import Open, Resolver, waiting
from aegismatrix_engine.record.rows import ResolutionRow


@dataclass(frozen=True)
class Resolved:
    """What was decided and written.

    Attributes:
        rows: the new resolutions.
        open_rows: how many forecasts are still open.
        reasons: why forecasts whose time has come are undecided -> how many.
        faults: lines of the record that cannot be used.
        unreported: those of them that no document has named.
    """

    rows: tuple[ResolutionRow, ...]
    open_rows: int
    reasons: Mapping[str, int]
    faults: tuple[Fault, ...]
    unreported: tuple[Fault, ...]


def resolve(
    settings: BarsSettings,
    record: Path,
    now: pd.Timestamp,
    history: MarketHistory | None = None,
    ledger: Ledger | None = None,
) -> Resolved:
    """Append a resolution for every open forecast that the bars decide; bars are read only where one is open.

    Args:
        settings: where the bars come from.
        record: folder of the record.
        now: what the clock says, with a zone.
        history: the bars, where they are at hand.
        ledger: what the record holds, where that is at hand; it gets what is decided.

    Raises:
        SourceUnavailable: the source cannot be reached, or has nothing.
        DataError: bars that cannot be used.
        OutputUnwritable: the record cannot be appended to.
    """
    market = chosen_market(settings.market, settings.calendar, settings.markets_dir)
    ledger = ledger or read_ledger(record, market.id, now)
    open_rows = waiting(ledger.forecasts.values(), ledger.resolutions)
    found: list[ResolutionRow | Open] = []
    if open_rows:
        history = history or BarsRequest.of(settings, now).read(now)
        found = list(Resolver(history).resolve(open_rows, now))
    decided = tuple(row for row in found if isinstance(row, ResolutionRow))
    append(record, decided)
    ledger.resolutions.update({row.key: row for row in decided})
    return Resolved(
        rows=decided,
        open_rows=len(open_rows) - len(decided),
        reasons=Counter(row.reason for row in found if isinstance(row, Open)),
        faults=tuple(ledger.faults),
        unreported=tuple(unreported_faults(record, market.id, ledger.faults)),
    )
