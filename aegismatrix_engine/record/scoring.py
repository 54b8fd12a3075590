"""How good recorded forecasts were: scores beside two baselines, coverage, reliability, each with its uncertainty.

Thirteen forecasts of one expiry are one event: each of an event's forecasts weighs one over their number, and every
interval counts events. Events whose spans overlap share their outcome, so the bootstrap draws blocks of them.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from operator import itemgetter

import numpy as np
import pandas as pd

from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.rows import parsed
from aegismatrix_engine.scores import MINIMUM_EVENTS, block_starts, squared_errors, wilson_interval
from aegismatrix_engine.typing import FloatArray

_EVENT_AND_DAY = ("signal", "event", "until", "day")
_TEXT = ("origin", "basis", "model_set")
_PROBABILITIES = ("probability", "climatology", "vix")

SKILL_REPLICATIONS = 500
FEWEST_BLOCKS = 10
"""Below so many blocks the bootstrap's 90 % intervals hold the truth in 60 to 80 % of simulated records, so none is
given; from there on in about 85 %."""
BINS = np.linspace(0.0, 1.0, 11)
SMALLEST_PROBABILITY = 1e-4

_NUMBERED = re.compile(r"^(seller\.breach_probabilities|seller\.expiries\.nearest\.breach_curve)\.\d+$")


@dataclass(frozen=True)
class Skill:
    """1 - Brier score / the baseline's, a fraction, with a 90 % interval; None where too little is known for one."""

    skill: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ReliabilityBin:
    """Forecasts whose probability lies in a tenth: how many, of how many events' weight, mean and frequency."""

    low: float
    high: float
    n: int
    events: float
    mean_probability: float
    frequency: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Part:
    """A part of a signal's forecasts, by their basis or by their model set."""

    name: str
    n: int
    events: int
    brier: float


@dataclass(frozen=True)
class SignalScore:
    """One signal's resolved forecasts of one kind of event.

    Attributes:
        n: forecasts.
        events: of how many events they are.
        first: date of the first moment.
        last: date of the last moment.
        frequency: weighted share that happened; of a range the share that held.
        interval: its 95 % interval.
        nominal: coverage of a range; None for other events.
        brier: weighted mean score.
        log: weighted mean logarithmic score.
        climatology: skill against the long-run frequency; None where that was not known.
        vix: skill against the volatility index alone; None where that was not known.
    """

    signal: str
    event: str
    n: int
    events: int
    first: str
    last: str
    frequency: float
    interval: tuple[float, float]
    nominal: float | None
    brier: float
    log: float
    climatology: Skill | None
    vix: Skill | None
    reliability: tuple[ReliabilityBin, ...]
    by_basis: tuple[Part, ...]
    by_model_set: tuple[Part, ...]

    @property
    def enough(self) -> bool:
        """Whether there are 30 events, below which no score is shown."""
        return self.events >= MINIMUM_EVENTS


def resolved_frame(ledger: Ledger, standing: str, known_by: pd.Timestamp | None = None) -> pd.DataFrame:
    """Resolved forecasts, live or replay, one row each, with weights; those decided by ``known_by`` where it is given.

    Columns: signal, event, until, day (date of as_of), origin, basis, model_set, sessions; float64 probability,
    climatology, vix (NaN where unknown), outcome, weight (1 / forecasts of the row's event).
    """
    closed = {moment: pd.Timestamp(moment) for moment in {row.known_at for row in ledger.resolutions.values()}}
    decided = [
        (ledger.forecasts[key], resolution.outcome)
        for key, resolution in ledger.resolutions.items()
        if key in ledger.forecasts
        and ledger.forecasts[key].standing == standing
        and (known_by is None or closed[resolution.known_at] <= known_by)
    ]
    # The numbered items of a list are one signal.
    family = cache(lambda signal: _NUMBERED.sub(r"\1", signal))
    rows = sorted(
        ((family(row.signal), row.event, row.until, row.as_of[:10], row, outcome) for row, outcome in decided),
        key=itemgetter(0, 1, 2, 3),
    )
    size = Counter((signal, event, until) for signal, event, until, *_ in rows)
    # As objects: the conversion of text by pandas 3 itself takes longer than all the rest.
    text = {name: pd.Series([row[i] for row in rows], dtype=object) for i, name in enumerate(_EVENT_AND_DAY)}
    text |= {name: pd.Series([getattr(row[4], name) for row in rows], dtype=object) for name in _TEXT}
    numbers = {name: [parsed(getattr(row[4], name)) for row in rows] for name in _PROBABILITIES}
    numbers |= {"outcome": [float(row[5]) for row in rows], "weight": [1.0 / size[row[:3]] for row in rows]}
    return pd.DataFrame(text | numbers | {"sessions": [int(row[4].sessions) for row in rows]})


def scores(frame: pd.DataFrame) -> list[SignalScore]:
    """The scores of every signal and kind of event, in the order of their names."""
    return [_score(str(signal), str(event), part) for (signal, event), part in frame.groupby(["signal", "event"])]


def _score(signal: str, event: str, part: pd.DataFrame) -> SignalScore:
    outcome, probability = _column(part, "outcome"), _column(part, "probability")
    weight = _column(part, "weight")
    events = int(part["until"].nunique())
    frequency = float(np.average(outcome, weights=weight))
    clipped = np.clip(probability, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return SignalScore(
        signal=signal,
        event=event,
        n=len(part),
        events=events,
        first=str(part["day"].min()),
        last=str(part["day"].max()),
        frequency=frequency,
        interval=wilson_interval(frequency, events),
        nominal=float(probability[0]) if event == "range" else None,
        brier=float(np.average(squared_errors(np.clip(probability, 0.0, 1.0), outcome), weights=weight)),
        log=float(np.average(-np.log(np.where(outcome == 1, clipped, 1 - clipped)), weights=weight)),
        climatology=_skill(part, "climatology"),
        vix=_skill(part, "vix"),
        reliability=() if event == "range" else tuple(_reliability(outcome, probability, weight)),
        by_basis=_parts(part, "basis"),
        by_model_set=_parts(part, "model_set"),
    )


def _skill(part: pd.DataFrame, baseline: str) -> Skill | None:
    """Skill on the forecasts whose baseline is known; its interval by moving blocks of events."""
    known = part[np.isfinite(_column(part, baseline))]
    if known.empty:
        return None
    outcome, weight = _column(known, "outcome"), _column(known, "weight")
    ours = weight * squared_errors(_column(known, "probability"), outcome)
    theirs = weight * squared_errors(_column(known, baseline), outcome)
    sums = pd.DataFrame({"until": known["until"], "ours": ours, "theirs": theirs}).groupby("until", sort=True).sum()
    starts = known[["until", "origin"]].sort_values(["until", "origin"]).drop_duplicates("until")
    mine, other = _column(sums, "ours"), _column(sums, "theirs")
    if other.sum() == 0:
        return None
    skill = float(1 - mine.sum() / other.sum())
    block = _overlap(starts["origin"].to_numpy(dtype=str), sums.index.to_numpy(dtype=str))
    if len(sums) < max(MINIMUM_EVENTS, FEWEST_BLOCKS * block):
        return Skill(skill, None, None)
    starts_of_blocks = block_starts(len(sums), block, -(-len(sums) // block), SKILL_REPLICATIONS)
    drawn = (starts_of_blocks[:, :, None] + np.arange(block)).reshape(SKILL_REPLICATIONS, -1)[:, : len(sums)]
    values = 1 - mine[drawn].sum(axis=1) / np.maximum(other[drawn].sum(axis=1), 1e-12)
    low, high = np.quantile(values, [0.05, 0.95])
    return Skill(skill, float(low), float(high))


def _overlap(starts: "np.ndarray", ends: "np.ndarray") -> int:
    """How many events a typical event shares its span with, itself counted in."""
    inside = np.searchsorted(np.sort(starts), ends, side="left") - np.searchsorted(ends, starts, side="right")
    return max(int(np.median(inside)), 1)


def _reliability(outcome: FloatArray, probability: FloatArray, weight: FloatArray) -> Iterable[ReliabilityBin]:
    which = np.clip(np.digitize(probability, BINS) - 1, 0, len(BINS) - 2)
    for i in np.unique(which):
        inside = which == i
        events = float(weight[inside].sum())
        frequency = float(np.average(outcome[inside], weights=weight[inside]))
        yield ReliabilityBin(
            low=float(BINS[i]),
            high=float(BINS[i + 1]),
            n=int(inside.sum()),
            events=events,
            mean_probability=float(np.average(probability[inside], weights=weight[inside])),
            frequency=frequency,
            interval=wilson_interval(frequency, max(round(events), 1)),
        )


def _parts(part: pd.DataFrame, column: str) -> tuple[Part, ...]:
    weight = _column(part, "weight")
    error = weight * squared_errors(_column(part, "probability"), _column(part, "outcome"))
    frame = pd.DataFrame({"name": part[column], "until": part["until"], "weight": weight, "error": error})
    groups = frame.groupby("name", sort=True)
    sizes, events, sums = groups.size(), groups["until"].nunique(), groups[["weight", "error"]].sum()
    brier = _column(sums, "error") / _column(sums, "weight")
    counted = zip(sums.index, sizes, events, brier, strict=True)
    return tuple(Part(str(name), int(n), int(of), float(score)) for name, n, of, score in counted)


def _column(frame: pd.DataFrame, name: str) -> FloatArray:
    return frame[name].to_numpy(dtype=np.float64)
