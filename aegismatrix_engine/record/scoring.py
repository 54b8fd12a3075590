"""How good recorded forecasts were: scores beside their baselines, coverage, reliability, each with its uncertainty.

Thirteen forecasts of one expiry are one event: each of an event's forecasts weighs one over their number, and every
interval counts events. Events whose spans overlap share their outcome, so the bootstrap draws blocks of them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from operator import attrgetter

import numpy as np
import pandas as pd

from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.rows import parsed
from aegismatrix_engine.record.skill import Skill, skill_of
from aegismatrix_engine.scores import MINIMUM_EVENTS, squared_errors, wilson_interval
from aegismatrix_engine.typing import FloatArray, IntArray

_ORDER = ("signal", "event", "until", "day")
_TEXT = ("event", "until", "origin", "basis", "model_set")
_PROBABILITIES = ("probability", "climatology", "vix", "priced")
_CELLS = (*_TEXT, *_PROBABILITIES, "signal", "as_of", "sessions")
_cells_of = attrgetter(*_CELLS)

BINS = np.linspace(0.0, 1.0, 11)
SMALLEST_PROBABILITY = 1e-4

_NUMBERED = re.compile(r"^(seller\.breach_probabilities|seller\.expiries\.nearest\.breach_curve)\.\d+$")


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
    """A part of a signal's forecasts: of one basis, of one model set, or decided in one year.

    Attributes:
        frequency: weighted share that happened; of a range the share that held.
        brier: weighted mean score.
        last: date of its last moment.
    """

    name: str
    n: int
    events: int
    frequency: float
    brier: float
    last: str


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
        priced: skill against option prices, on the forecasts that have them; None where none has.
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
    by_year: tuple[Part, ...] = ()
    priced: Skill | None = None

    @property
    def enough(self) -> bool:
        """Whether there are 30 events, below which no score is shown."""
        return self.events >= MINIMUM_EVENTS


def resolved_frame(ledger: Ledger, standing: str, known_by: pd.Timestamp | None = None) -> pd.DataFrame:
    """Resolved forecasts, live or replay, one row each, with weights; those decided by ``known_by`` where it is given.

    Columns: signal, event, until, day (date of as_of), origin, basis, model_set, sessions; float64 probability,
    climatology, vix, priced (NaN where unknown), outcome, weight (1 / forecasts of the row's event).
    """
    moments = {row.known_at for row in ledger.resolutions.values()}
    later = set() if known_by is None else {moment for moment in moments if pd.Timestamp(moment) > known_by}
    decided = [
        (forecast, resolution.outcome)
        for key, resolution in ledger.resolutions.items()
        if (forecast := ledger.forecasts.get(key)) is not None
        and forecast.standing == standing
        and resolution.known_at not in later
    ]
    cells = dict(zip(_CELLS, zip(*(_cells_of(row) for row, _ in decided), strict=True), strict=True)) if decided else {}
    held = {name: np.array(cells.get(name, ()), dtype=object) for name in (*_TEXT, "signal")}
    held["day"] = np.array([moment[:10] for moment in cells.get("as_of", ())], dtype=object)
    for name in _PROBABILITIES:
        held[name] = np.array([parsed(cell) for cell in cells.get(name, ())], dtype=np.float64)
    held["outcome"] = np.array([float(outcome) for _, outcome in decided], dtype=np.float64)
    held["sessions"] = np.array([int(cell) for cell in cells.get("sessions", ())], dtype=np.int64)
    return weighted(held)


def weighted(columns: "Mapping[str, np.ndarray]") -> pd.DataFrame:
    """Resolved forecasts in their order, each with its weight, as ``scores`` takes them.

    Args:
        columns: (n,) arrays of the columns of ``resolved_frame`` but the weight, text as objects; any others, too.
    """
    held = dict(columns)
    # The numbered items of a list are one signal.
    family = cache(lambda signal: _NUMBERED.sub(r"\1", signal))
    held["signal"] = np.array([family(signal) for signal in held["signal"]], dtype=object)
    codes = {name: pd.factorize(held[name], sort=True)[0] for name in _ORDER}
    event = _numbered([codes["signal"], codes["event"], codes["until"]])
    held["weight"] = 1.0 / np.bincount(event)[event] if len(event) else np.empty(0)
    order = np.lexsort([codes[name] for name in reversed(_ORDER)])
    # As they are: the conversion of text by pandas 3 takes longer than all the rest.
    return pd.DataFrame({name: pd.Series(cells[order], dtype=cells.dtype) for name, cells in held.items()})


def _numbered(codes: list[IntArray]) -> IntArray:
    """One number for each combination of codes."""
    combined = np.zeros(len(codes[0]), dtype=np.int64)
    for one in codes:
        combined = combined * (int(one.max(initial=0)) + 1) + one
    return np.unique(combined, return_inverse=True)[1]


def scores(frame: pd.DataFrame) -> list[SignalScore]:
    """The scores of every signal and kind of event, in the order of their names."""
    dated = frame.assign(end=datetimes(frame["until"]), start=datetimes(frame["origin"]))
    return [_score(str(signal), str(event), part) for (signal, event), part in dated.groupby(["signal", "event"])]


def _score(signal: str, event: str, part: pd.DataFrame) -> SignalScore:
    outcome, probability = _column(part, "outcome"), _column(part, "probability")
    weight, end = _column(part, "weight"), part["end"].to_numpy()
    error = weight * squared_errors(np.clip(probability, 0.0, 1.0), outcome)
    events, total = len(np.unique(end)), float(weight.sum())
    frequency = min(float((weight * outcome).sum()) / total, 1.0)
    clipped = np.clip(probability, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    days, parts = part["day"].to_numpy(dtype=object), _Parts(end, weight, weight * outcome, error)
    return SignalScore(
        signal=signal,
        event=event,
        n=len(part),
        events=events,
        first=str(days.min()),
        last=str(days.max()),
        frequency=frequency,
        interval=wilson_interval(frequency, events),
        nominal=float(probability[0]) if event == "range" else None,
        brier=float(error.sum()) / total,
        log=float((weight * -np.log(np.where(outcome == 1, clipped, 1 - clipped))).sum()) / total,
        climatology=_skill(part, "climatology"),
        vix=_skill(part, "vix"),
        reliability=() if event == "range" else tuple(_reliability(outcome, probability, weight)),
        by_basis=parts.by(part["basis"].to_numpy(dtype=object), days),
        by_model_set=parts.by(part["model_set"].to_numpy(dtype=object), days),
        priced=_skill(part, "priced"),
        by_year=parts.by(1970 + end.astype("datetime64[Y]").astype(np.int64), days),
    )


def _skill(part: pd.DataFrame, baseline: str) -> Skill | None:
    """Skill on the forecasts whose baseline is known."""
    other = _column(part, baseline)
    known = np.isfinite(other)
    if not known.any():
        return None
    outcome, weight, probability = (_column(part, name)[known] for name in ("outcome", "weight", "probability"))
    ours, theirs = (weight * squared_errors(one, outcome) for one in (probability, other[known]))
    return skill_of(ours, theirs, part["start"].to_numpy()[known], part["end"].to_numpy()[known])


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


@dataclass(frozen=True)
class _Parts:
    """Each forecast's end, weight, weighed outcome and weighed error, all (n,), to be summed by a name."""

    end: "np.ndarray"
    weight: FloatArray
    came: FloatArray
    error: FloatArray

    def by(self, names: "np.ndarray", days: "np.ndarray") -> tuple[Part, ...]:
        """The parts of one name each, in the names' order; ``days`` are the forecasts' own."""
        code, found = pd.factorize(names, sort=True)
        weight, came, error = (np.bincount(code, weights=one) for one in (self.weight, self.came, self.error))
        sizes = np.bincount(code)
        return tuple(
            Part(
                name=str(name),
                n=int(sizes[i]),
                events=len(np.unique(self.end[code == i])),
                frequency=min(float(came[i] / weight[i]), 1.0),
                brier=float(error[i] / weight[i]),
                last=str(days[code == i].max()),
            )
            for i, name in enumerate(found)
        )


def _column(frame: pd.DataFrame, name: str) -> FloatArray:
    return frame[name].to_numpy(dtype=np.float64)


def datetimes(dates: "pd.Series[str]") -> "np.ndarray":
    """ISO dates as datetime64[s], which a frame keeps."""
    codes, found = pd.factorize(dates.to_numpy(dtype=object))
    return np.array(list(found), dtype="datetime64[s]")[codes]
