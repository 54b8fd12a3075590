"""What a page shows of a market's record: the scores of its live forecasts, its counts, and its last sessions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Final

from aegismatrix_engine.record.kept_scores import Counts, earlier_scores, record_digest, scores_json
from aegismatrix_engine.record.ledger import Ledger, ledger_of, uncollected
from aegismatrix_engine.record.ledger_files import LedgerFile, ledger_files
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow
from aegismatrix_engine.record.scoring import SignalScore, resolved_frame, scores

DECIDED_SESSIONS: Final = 25
"""Sessions whose outcomes are kept one by one."""
FORECAST_SESSIONS: Final = DECIDED_SESSIONS + 42
"""Sessions whose forecasts are: what was decided in the last sessions was forecast up to 40 sessions before."""
SETS_KEPT: Final = 10
"""Model sets of each signal whose scores are kept, those used last: a market has 52 a year."""


@dataclass(frozen=True)
class KeptRecord:
    """A market's record as a page shows it.

    Attributes:
        market: its id.
        counts: of all rows.
        scores: of every signal, live rows only, by model set for the last ``SETS_KEPT`` of them.
        forecasts: key -> row, of the last ``FORECAST_SESSIONS`` sessions with one.
        resolutions: key of the forecast -> row, of the last ``DECIDED_SESSIONS`` closes that decided one.
    """

    market: str
    counts: Counts
    scores: tuple[SignalScore, ...]
    forecasts: dict[str, ForecastRow]
    resolutions: dict[str, ResolutionRow]


@dataclass(frozen=True)
class ReadRecord:
    """A record that was read, and the file of its scores for whoever reads the same record next."""

    kept: KeptRecord
    scores_file: bytes


def read_record(folder: Path, market: str, earlier: bytes | None = None) -> ReadRecord | None:
    """What a page shows of a market's record on disk; None where the folder has no file of it.

    Every byte is read. Rows are checked and scored again only where ``earlier``, the file of scores of an earlier
    reading, is not of the same bytes; the last sessions always are. No date is compared with a clock.
    """
    with uncollected():
        forecasts, resolutions = (list(ledger_files(folder, market, kind)) for kind in (ForecastRow, ResolutionRow))
        files = [*forecasts, *resolutions]
        if not files:
            return None
        digest = record_digest(files)
        known = earlier_scores(earlier, market, digest)
        # What is a fault may depend on rows of other files.
        if earlier is None or known is None or known.counts.faults:
            kept = kept_record(ledger_of(files, market), market)
            return ReadRecord(kept, scores_json(market, digest, kept.counts, kept.scores))
        made = _newest(forecasts, market, FORECAST_SESSIONS).forecasts
        decided = _newest(resolutions, market, DECIDED_SESSIONS).resolutions
        return ReadRecord(KeptRecord(market, known.counts, known.scores, made, decided), earlier)


def _with_last_sets(score: SignalScore) -> SignalScore:
    last = sorted(score.by_model_set, key=lambda part: part.last)[-SETS_KEPT:]
    return replace(score, by_model_set=tuple(last))


def kept_record(ledger: Ledger, market: str) -> KeptRecord:
    """What a page shows of all rows of a market."""
    forecasts, resolutions = ledger.forecasts, ledger.resolutions
    made = _last((row.as_of[:10] for row in forecasts.values()), FORECAST_SESSIONS)
    closes = _last((row.known_at[:10] for row in resolutions.values()), DECIDED_SESSIONS)
    return KeptRecord(
        market=market,
        counts=counts_of(ledger),
        scores=tuple(map(_with_last_sets, scores(resolved_frame(ledger, "live")))),
        forecasts={key: row for key, row in forecasts.items() if row.as_of[:10] in made},
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


def _newest(files: Sequence[LedgerFile], market: str, sessions: int) -> Ledger:
    """The rows of the newest sessions that have any; each session has a file of its own."""
    found: list[Ledger] = []
    for file in sorted(files, key=lambda file: file.session, reverse=True):
        rows = ledger_of([file], market)
        if rows.forecasts or rows.resolutions:
            found.append(rows)
        if len(found) == sessions:
            break
    found.reverse()
    return Ledger(
        forecasts=dict(chain.from_iterable(one.forecasts.items() for one in found)),
        resolutions=dict(chain.from_iterable(one.resolutions.items() for one in found)),
    )


def _last(dates: Iterable[str], most: int) -> frozenset[str]:
    return frozenset(sorted(set(dates))[-most:])
