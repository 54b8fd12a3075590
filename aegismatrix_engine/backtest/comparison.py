"""What the forecasts of a backtest were worth beside each baseline, however much their horizons overlap.

Scores are those of the record. Overlapping forecasts are nowhere counted as independent: skill has an interval by
blocks of events, its t value allows for autocorrelation, and intervals of shares count only as many events as fit into
the time one after another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from aegismatrix_engine.record.scoring import SignalScore, datetimes, scores
from aegismatrix_engine.record.skill import EventErrors, Skill, by_event, skill_of
from aegismatrix_engine.scores import MINIMUM_EVENTS, squared_errors, standard_error, wilson_interval


@dataclass(frozen=True)
class Comparison:
    """Skill against a baseline, on the forecasts whose probability by the baseline is known.

    Attributes:
        n: forecasts.
        events: of how many events they are.
        skill: with its interval by blocks of events.
        t: mean difference of the Brier scores over its standard error, by Diebold and Mariano (1995), Comparing
            predictive accuracy, with the weights of Newey and West (1987); above 0 the forecasts are the better ones.
            None with fewer than 30 events that do not overlap.
    """

    n: int
    events: int
    skill: Skill
    t: float | None


@dataclass(frozen=True)
class PartSkill:
    """Skill of a part of a signal's forecasts, by baseline where it is known; without intervals.

    Attributes:
        name: year of the outcome, or basis.
        n: forecasts.
    """

    name: str
    n: int
    events: int
    skill: Mapping[str, float]


@dataclass(frozen=True)
class SignalReport:
    """One signal's forecasts of one kind of event beside every baseline.

    Attributes:
        score: as of the record, but for intervals of shares, which count ``independent`` events.
        sessions: smallest and largest number of sessions to the end.
        independent: how many events of this length fit into the time without overlapping.
        against: baseline -> comparison, where the baseline is known of any forecast.
        by_year: of the outcome, in their order.
        by_basis: whether a model, an estimator or something simpler made the forecasts.
    """

    score: SignalScore
    sessions: tuple[int, int]
    independent: int
    against: Mapping[str, Comparison]
    by_year: tuple[PartSkill, ...]
    by_basis: tuple[PartSkill, ...]

    @property
    def name(self) -> str:
        """Signal and kind of event."""
        return f"{self.score.signal} {self.score.event}"


def signal_reports(frame: pd.DataFrame, baselines: Sequence[str]) -> list[SignalReport]:
    """A report of every signal and kind of event, in the order of their names.

    Args:
        frame: as ``record.scoring.scores`` takes it, with a column for each baseline.
        baselines: names of these columns.
    """
    found = {(score.signal, score.event): score for score in scores(frame)}
    groups = frame.groupby(["signal", "event"])
    return [_report(found[str(signal), str(event)], part, baselines) for (signal, event), part in groups]


def _report(score: SignalScore, part: pd.DataFrame, baselines: Sequence[str]) -> SignalReport:
    errors = _Errors(part)
    span = errors.by_event("probability", np.ones(len(part), dtype=bool)).span
    independent = max(score.events // span, 1)
    reliability = tuple(
        replace(one, interval=wilson_interval(one.frequency, max(round(one.events / span), 1)))
        for one in score.reliability
    )
    return SignalReport(
        score=replace(score, interval=wilson_interval(score.frequency, independent), reliability=reliability),
        sessions=(int(part["sessions"].min()), int(part["sessions"].max())),
        independent=independent,
        against={name: one for name in baselines if (one := errors.comparison(name)) is not None},
        by_year=tuple(errors.by(errors.years, baselines)),
        by_basis=tuple(errors.by(part["basis"].to_numpy(dtype=object), baselines)),
    )


class _Errors:
    """Squared errors of one group of forecasts and their baselines, and what they are compared by."""

    def __init__(self, part: pd.DataFrame) -> None:
        self._part = part
        self._outcome, self._weight = (part[name].to_numpy(dtype=np.float64) for name in ("outcome", "weight"))
        self._start, self._end = (datetimes(part[name]) for name in ("origin", "until"))

    def by_event(self, baseline: str, which: np.ndarray) -> EventErrors:
        """Those of the forecasts and of a baseline, by event, of some of the forecasts."""
        return by_event(*self._pair(baseline, which), self._start[which], self._end[which])

    def comparison(self, baseline: str) -> Comparison | None:
        """With a baseline, on the forecasts for which it is known; None where there are none, or it never erred."""
        known = self._known(baseline)
        skill = self._skill(baseline, known)
        if skill is None:
            return None
        errors = self.by_event(baseline, known)
        return Comparison(int(known.sum()), len(errors.ours), skill, _t_value(errors))

    @property
    def years(self) -> np.ndarray:
        """Of the outcomes, as text."""
        return self._end.astype("datetime64[Y]").astype(str)

    def by(self, names: np.ndarray, baselines: Sequence[str]) -> Iterator[PartSkill]:
        """The skill of the forecasts of each name, in the order of the names."""
        for name in sorted(set(names)):
            mine = names == name
            found = {other: self._skill(other, mine & self._known(other)) for other in baselines}
            skill = {other: one.skill for other, one in found.items() if one is not None}
            yield PartSkill(str(name), int(mine.sum()), len(np.unique(self._end[mine])), skill)

    def _known(self, baseline: str) -> np.ndarray:
        return np.asarray(np.isfinite(self._part[baseline].to_numpy(dtype=np.float64)))

    def _skill(self, baseline: str, which: np.ndarray) -> Skill | None:
        if not which.any():
            return None
        return skill_of(*self._pair(baseline, which), self._start[which], self._end[which])

    def _pair(self, baseline: str, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ours, theirs = (
            self._weight[which]
            * squared_errors(self._part[name].to_numpy(dtype=np.float64)[which], self._outcome[which])
            for name in ("probability", baseline)
        )
        return ours, theirs


def _t_value(errors: EventErrors) -> float | None:
    better = errors.theirs - errors.ours
    if len(better) // errors.span < MINIMUM_EVENTS:
        return None
    error = standard_error(better, errors.span)
    return float(better.mean()) / error if error > 0 else None
