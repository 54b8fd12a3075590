"""The tab of the record: how such statements fared, and what of it would count as failure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from aegismatrix_engine.dashboard.days import DayLink, day_links
from aegismatrix_engine.dashboard.decided import Decision, last_decided
from aegismatrix_engine.dashboard.figures import Figure, Style
from aegismatrix_engine.dashboard.record_families import FamilyRecord, family_records
from aegismatrix_engine.dashboard.record_figures import RecordFigures, record_path
from aegismatrix_engine.dashboard.signal_names import signal_name
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.record.failures import FAILURES, failures
from aegismatrix_engine.record.kept_record import KeptRecord
from aegismatrix_engine.record.kept_scores import Counts
from aegismatrix_engine.record.scoring import Part, SignalScore
from aegismatrix_engine.scores import MINIMUM_EVENTS

RecordState = Literal["none", "young", "kept"]

PUBLISHED_DOCUMENT: Final = "aegismatrix.json"
PUBLISHED_RECORD: Final = "record"
SIGNALS_NAMED: Final = 4
"""Of those that a failure holds for; scores.csv has all."""
PARTS_SHOWN: Final = 3
"""Of each signal, by year, by basis and by model set; scores.csv has no parts, `aegis record report --json` all."""
PARTED: Final = (
    "seller.expiries.nearest.80/range",
    "forecast.1.80/range",
    "buyer.breakout_today/breakout",
    "buyer.theta_edge/straddle",
)
"""The signals whose parts are shown."""


@dataclass(frozen=True)
class FailureShown:
    """A claim that does not hold.

    Attributes:
        words: of docs/record.md.
        signals: in words, the first ``SIGNALS_NAMED`` for which it does not hold.
        all_named: whether there are no others.
        count: for how many it does not hold.
        held: how many signals have enough events to be judged.
    """

    words: str
    signals: tuple[str, ...]
    all_named: bool
    count: Figure
    held: Figure


@dataclass(frozen=True)
class PartLine:
    """A part of one signal's forecasts; without scores where it has fewer than 30 events."""

    signal: str
    part: str
    events: Figure
    came_true: Figure | None
    brier: Figure | None


@dataclass(frozen=True)
class RecordView:
    """The tab.

    Attributes:
        state: none: no record is kept. young: nothing live has been decided.
        first_decision: when the first live forecast is decided, in a young record.
        faults: how many lines and files were left out; None for none.
        first_fault: the first of them.
        replays: rows made after the fact, which count nowhere here; None for none.
        failures: what docs/record.md calls a failure and the scores show.
        by_year, by_basis, by_model_set: of the signals in ``PARTED``.
        rows: the folder of all rows on GitHub; empty where no repository is known.
    """

    state: RecordState
    forecasts: Figure
    decided: Figure
    first_decision: Figure | None
    faults: Figure | None
    first_fault: str
    replays: Figure | None
    failures: tuple[FailureShown, ...]
    families: tuple[FamilyRecord, ...]
    decisions: tuple[Decision, ...]
    by_year: tuple[PartLine, ...]
    by_basis: tuple[PartLine, ...]
    by_model_set: tuple[PartLine, ...]
    days: tuple[DayLink, ...]
    rows: str

    @property
    def enough(self) -> bool:
        """Whether any family has the events that its scores need."""
        return any(head.enough for family in self.families for head in family.heads)


def record_view(
    document: Document,
    kept: KeptRecord | None,
    style: Style,
    *,
    repository: str | None = None,
    branch: str = "published",
) -> RecordView:
    """The tab of a document and its market's record.

    Args:
        document: whose walk through the past is shown where the record is young.
        kept: the record; None where none is kept.
        style: how numbers are written.
        repository: owner/name on GitHub, for links; None where it is not known.
        branch: that documents and record are published to.
    """
    held = KeptRecord(document.market_id, Counts(), (), {}, {}) if kept is None else kept
    counts, scores, figures = held.counts, held.scores, RecordFigures(style, document.as_of[:4])
    by_name = {f"{one.signal}/{one.event}": one for one in scores}
    parted = [by_name[name] for name in PARTED if name in by_name]
    return RecordView(
        state=_state(counts),
        forecasts=figures.count(record_path("count", "live"), counts.live),
        decided=figures.count(record_path("count", "decided"), counts.decided),
        first_decision=_first_decision(counts, figures),
        faults=_if_any("faults", counts.faults, figures),
        first_fault=counts.first_fault,
        replays=_if_any("replays", counts.replays, figures),
        failures=tuple(_failures(scores, figures)),
        families=family_records(by_name, document, figures),
        decisions=last_decided(held, figures),
        by_year=tuple(_parts(parted, "by_year", figures)),
        by_basis=tuple(_parts(parted, "by_basis", figures)),
        by_model_set=tuple(_parts(parted, "by_model_set", figures)),
        days=day_links(held, figures, repository, branch, PUBLISHED_DOCUMENT),
        rows=f"https://github.com/{repository}/tree/{branch}/{PUBLISHED_RECORD}/{held.market}" if repository else "",
    )


def _state(counts: Counts) -> RecordState:
    if not (counts.live or counts.replays or counts.faults):
        return "none"
    return "kept" if counts.decided else "young"


def _first_decision(counts: Counts, figures: RecordFigures) -> Figure | None:
    """When a young record's first live forecast is decided."""
    if counts.decided or not counts.next_decision:
        return None
    return figures.day(record_path("count", "next_decision"), counts.next_decision)


def _if_any(name: str, value: int, figures: RecordFigures) -> Figure | None:
    return figures.count(record_path("count", name), value) if value else None


def _failures(scores: Sequence[SignalScore], figures: RecordFigures) -> Iterator[FailureShown]:
    found = failures(scores)
    judged = sum(score.enough for score in scores)
    for kind, words in FAILURES.items():
        signals = tuple(signal_name(one.score.signal, one.score.event) for one in found if one.kind == kind)
        if signals:
            yield FailureShown(
                words=words.replace("`", ""),
                signals=signals[:SIGNALS_NAMED],
                all_named=len(signals) <= SIGNALS_NAMED,
                count=figures.count(record_path("failures", kind), len(signals)),
                held=figures.count(record_path("failures", "judged"), judged),
            )


def _parts(heads: Sequence[SignalScore], field: str, figures: RecordFigures) -> Iterator[PartLine]:
    """The parts of each signal that has several, those used last on top; of many the first ``PARTS_SHOWN``."""
    for score in heads:
        parts: tuple[Part, ...] = getattr(score, field)
        if len(parts) == 1:
            continue
        for part in sorted(parts, key=lambda part: part.last, reverse=True)[:PARTS_SHOWN]:
            path = record_path(score.signal, score.event, field, part.name)
            enough = part.events >= MINIMUM_EVENTS
            yield PartLine(
                signal=signal_name(score.signal, score.event),
                part=part.name,
                events=figures.count(f"{path}/events", part.events),
                came_true=figures.share(f"{path}/frequency", part.frequency) if enough else None,
                brier=figures.brier(f"{path}/brier", part.brier) if enough else None,
            )
