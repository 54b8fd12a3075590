"""How each family of signals fared: live from 30 events on, before that in the walk through the past."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from aegismatrix_engine.dashboard import chart_data
from aegismatrix_engine.dashboard.figures import Figure
from aegismatrix_engine.dashboard.record_figures import RecordFigures, record_path
from aegismatrix_engine.dashboard.signal_names import FAMILIES, Family, signal_name
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.schema.track_record import PooledRate
from aegismatrix_engine.record.scoring import ReliabilityBin, SignalScore
from aegismatrix_engine.record.skill import Skill
from aegismatrix_engine.scores import MINIMUM_EVENTS

LONGEST_STRADDLE: Final = 5
"""Sessions ahead up to which the straddle is measured in the walk."""


@dataclass(frozen=True)
class Measured:
    """A number with its interval, as figures and as the plain numbers that a chart draws.

    Attributes:
        interval: None where too little is known for one.
        reference: what it is compared with: the nominal coverage, or 0 for a skill; None for a share without one.
        numbers: value, low, high, reference; None where there is none.
    """

    value: Figure
    interval: Figure | None
    reference: Figure | None
    numbers: tuple[float, float | None, float | None, float | None]


@dataclass(frozen=True)
class Tenth:
    """Forecasts whose probability lies in one tenth.

    Attributes:
        between: '20-30 %'.
        drawn: the same as a chart draws it.
    """

    between: str
    events: Figure
    came_true: Figure
    interval: Figure
    drawn: chart_data.ReliabilityBin


@dataclass(frozen=True)
class Walk:
    """How the same kind of forecast fared in the walk through the past, which the model set carries.

    Attributes:
        of: what the share is of, in words.
        compared: what its reference is, in words.
        share: that came true, beside the nominal coverage or the base rate; None where a score was measured alone.
        skill: gain on the long-run frequency; None where a share was measured alone.
        n: forecasts.
        first, last: days.
    """

    of: str
    compared: str
    share: Measured | None
    skill: Figure | None
    n: Figure
    first: Figure
    last: Figure


@dataclass(frozen=True)
class Head:
    """One signal that stands for its family.

    Attributes:
        name: in words.
        events: live ones so far.
        progress: of the 30 that are needed, 0 to 1.
        enough: whether there are 30; below, nothing live but ``events`` is shown.
        came_true: share that came true, next to the nominal coverage of ranges.
        climatology, index: skill against the long-run frequency and against the volatility index alone.
        reliability: forecasts by their tenths; empty for ranges.
        walk: of the past, where it was measured; None from 30 live events on.
    """

    name: str
    events: Figure
    progress: float
    enough: bool
    came_true: Measured | None = None
    climatology: Measured | None = None
    index: Measured | None = None
    reliability: tuple[Tenth, ...] = ()
    walk: Walk | None = None


@dataclass(frozen=True)
class FamilyRecord:
    """A family's heads under its question; one that no record and no walk knows is left out."""

    id: str
    question: str
    heads: tuple[Head, ...]


def family_records(
    scores: Mapping[str, SignalScore], document: Document, figures: RecordFigures
) -> tuple[FamilyRecord, ...]:
    """Every family; ``scores`` are those of live forecasts by ``signal/event``."""
    found = (FamilyRecord(family.id, family.question, _heads(family, scores, document, figures)) for family in FAMILIES)
    return tuple(record for record in found if record.heads)


def _heads(
    family: Family, scores: Mapping[str, SignalScore], document: Document, figures: RecordFigures
) -> tuple[Head, ...]:
    """The heads that have live events or a walk; all of them without any."""
    heads = [(name, scores.get(name), _walk(name, document, figures)) for name in family.heads]
    known = [one for one in heads if one[1] is not None or one[2] is not None] or heads[:1]
    return tuple(_head(name, score, walk, figures) for name, score, walk in known)


def _head(name: str, score: SignalScore | None, walk: Walk | None, figures: RecordFigures) -> Head:
    signal, _, event = name.rpartition("/")
    live = 0 if score is None else score.events
    head = Head(
        name=signal_name(signal, event),
        events=figures.count(record_path(name, "events"), live),
        progress=min(live / MINIMUM_EVENTS, 1.0),
        enough=live >= MINIMUM_EVENTS,
        walk=walk if live < MINIMUM_EVENTS else None,
    )
    if score is None or not score.enough:
        return head
    return replace(
        head,
        came_true=_came_true(score, figures),
        climatology=_skill(score, "climatology", figures),
        index=_skill(score, "vix", figures),
        reliability=tuple(_tenths(score, figures)),
    )


def _came_true(score: SignalScore, figures: RecordFigures) -> Measured:
    """The share that came true with its interval, beside the nominal coverage of ranges."""
    path = record_path(score.signal, score.event)
    low, high = score.interval
    return Measured(
        value=figures.share(f"{path}/frequency", score.frequency),
        interval=figures.share_interval(f"{path}/interval", low, high),
        reference=None if score.nominal is None else figures.chance(f"{path}/nominal", score.nominal),
        numbers=(score.frequency, low, high, score.nominal),
    )


def _skill(score: SignalScore, baseline: str, figures: RecordFigures) -> Measured | None:
    """The skill against ``climatology`` or ``vix``; None where the baseline was not known."""
    found: Skill | None = getattr(score, baseline)
    if found is None:
        return None
    path = record_path(score.signal, score.event, baseline)
    return Measured(
        value=figures.gain(f"{path}/skill", found.skill),
        interval=_ends(path, found, figures),
        reference=None,
        numbers=(found.skill, found.low, found.high, 0.0),
    )


def _ends(path: str, found: Skill, figures: RecordFigures) -> Figure | None:
    return None if found.low is None or found.high is None else figures.gain_interval(path, found.low, found.high)


def _tenths(score: SignalScore, figures: RecordFigures) -> Iterator[Tenth]:
    for place, tenth in enumerate(score.reliability):
        yield _tenth(tenth, record_path(score.signal, score.event, "reliability", place), figures)


def _tenth(tenth: ReliabilityBin, path: str, figures: RecordFigures) -> Tenth:
    low, high = tenth.interval
    return Tenth(
        between=f"{100 * tenth.low:.0f}\N{EN DASH}{100 * tenth.high:.0f} %",
        events=figures.events(f"{path}/events", tenth.events),
        came_true=figures.share(f"{path}/frequency", tenth.frequency),
        interval=figures.share_interval(f"{path}/interval", low, high),
        drawn=chart_data.ReliabilityBin(tenth.mean_probability, tenth.frequency, low, high, tenth.events),
    )


def _walk(name: str, document: Document, figures: RecordFigures) -> Walk | None:
    """What the document's walk through the past says of a head; None where it measured nothing of it."""
    track = document.track_record
    if name == "seller.expiries.nearest.80/range":
        rate = track.nearest_range
        return None if rate is None else _rate_walk("nearest_range", rate, figures, "nominal", "ranges held")
    if name == "seller.safe_range/range":
        safe = track.safe_range
        return _rate_walk("safe_range", safe, figures, "nominal", "ranges held")
    if name == "buyer.breakout_today/breakout":
        calls = track.breakout_calls
        return _rate_walk("breakout_calls", calls, figures, "base_rate", "calls came true")
    sessions = min(document.buyer.theta_edge.sessions_left, LONGEST_STRADDLE)
    measured = {
        "seller.expiry_stress/touch": "seller.expiry_stress",
        "seller.trap.5/trap": "seller.trap.5",
        "buyer.theta_edge/straddle": f"buyer.theta_edge.{sessions}",
        "direction.today/up": "direction.t1.up",
    }.get(name)
    place = next((i for i, one in enumerate(track.skill) if one.signal == measured), None)
    if place is None:
        return None
    found, path = track.skill[place], f"track_record.skill.{place}"
    return Walk(
        of="forecasts",
        compared="",
        share=None,
        skill=figures.gain(f"{path}.skill_pct", found.skill_pct),
        n=figures.count(f"{path}.n", found.n),
        first=figures.day(f"{path}.first", found.first),
        last=figures.day(f"{path}.last", found.last),
    )


def _rate_walk(field: str, rate: PooledRate, figures: RecordFigures, compared: str, of: str) -> Walk | None:
    if rate.n == 0 or rate.interval is None or rate.first is None or rate.last is None:
        return None
    path, reference = f"track_record.{field}", getattr(rate, compared)
    low, high = rate.interval
    share = Measured(
        value=figures.share(f"{path}.rate", rate.rate),
        interval=figures.share_interval(f"{path}.interval", low, high),
        reference=figures.share(f"{path}.{compared}", reference),
        numbers=(rate.rate, low, high, reference),
    )
    return Walk(
        of=of,
        compared="usually" if compared == "base_rate" else "should be",
        share=share,
        skill=None,
        n=figures.count(f"{path}.n", rate.n),
        first=figures.day(f"{path}.first", rate.first),
        last=figures.day(f"{path}.last", rate.last),
    )
