"""What a page shows of a market's record: the scores of its live forecasts, its counts, and its last sessions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow
from aegismatrix_engine.record.scoring import SignalScore, resolved_frame, scores

FORECAST_SESSIONS: Final = 70
"""Sessions whose forecasts are kept one by one: those that the decided ones of the last sessions were made in, the
furthest 40 sessions ahead."""
DECIDED_SESSIONS: Final = 20
"""Sessions whose outcomes are kept one by one."""


@dataclass(frozen=True)
class Counts:
    """How many rows a record has.

    Attributes:
        live, replays: forecasts by their standing, which is taken at its word here.
        decided: live forecasts whose outcome is known.
        faults: lines and files that were left out.
        first_fault: the first of them in words; empty without any.
        next_decision: the first date on which an open live forecast is decided, '' without any.
    """

    live: int = 0
    replays: int = 0
    decided: int = 0
    faults: int = 0
    first_fault: str = ""
    next_decision: str = ""


@dataclass(frozen=True)
class KeptRecord:
    """A market's record as a page shows it.

    Attributes:
        market: its id.
        counts: of all rows.
        scores: of every signal, live rows only.
        forecasts: key -> row, of the last ``FORECAST_SESSIONS`` sessions with one.
        resolutions: key of the forecast -> row, of the last ``DECIDED_SESSIONS`` closes that decided one.
    """

    market: str
    counts: Counts
    scores: tuple[SignalScore, ...]
    forecasts: dict[str, ForecastRow]
    resolutions: dict[str, ResolutionRow]


def kept_record(ledger: Ledger, market: str) -> KeptRecord:
    """What a page shows of all rows of a market."""
    forecasts, resolutions = ledger.forecasts, ledger.resolutions
    recent = _last((row.as_of[:10] for row in forecasts.values()), FORECAST_SESSIONS)
    closes = _last((row.known_at[:10] for row in resolutions.values()), DECIDED_SESSIONS)
    return KeptRecord(
        market=market,
        counts=counts_of(ledger),
        scores=tuple(scores(resolved_frame(ledger, "live"))),
        forecasts={key: row for key, row in forecasts.items() if row.as_of[:10] in recent},
        resolutions={key: row for key, row in resolutions.items() if row.known_at[:10] in closes},
    )


def counts_of(ledger: Ledger) -> Counts:
    """How many rows a ledger has."""
    live = {key: row for key, row in ledger.forecasts.items() if row.standing == "live"}
    return Counts(
        live=len(live),
        replays=len(ledger.forecasts) - len(live),
        decided=sum(key in live for key in ledger.resolutions),
        faults=len(ledger.faults),
        first_fault=str(ledger.faults[0]) if ledger.faults else "",
        next_decision=min((row.until for key, row in live.items() if key not in ledger.resolutions), default=""),
    )


def _last(dates: Iterable[str], most: int) -> frozenset[str]:
    return frozenset(sorted(set(dates))[-most:])
