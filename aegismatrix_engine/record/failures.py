"""What would count as failure of a signal, in words that docs/record.md holds, and which of it a record shows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from aegismatrix_engine.record.scoring import ReliabilityBin, SignalScore
from aegismatrix_engine.record.skill import Skill

FailureKind = Literal["coverage", "climatology", "index", "reliability", "model_set"]

FAILURES: Final[dict[FailureKind, str]] = {
    "coverage": (
        "the interval of `seller.safe_range`, of `seller.expiries.nearest.*`, of another range or of `forecast.*` does "
        "not contain its nominal coverage"
    ),
    "climatology": (
        "the whole interval of a signal's skill against climatology lies below zero: the long-run frequency is the "
        "better forecast"
    ),
    "index": (
        "the whole interval of its skill against the volatility index lies below zero: the index alone is the better "
        "forecast"
    ),
    "reliability": (
        "in a reliability table with several events in most tenths, the shares do not rise with the forecast, or "
        "intervals do not contain it"
    ),
    "model_set": "a model set scores worse than earlier sets, although the market has not changed",
}
"""The list in docs/record.md, entry for entry."""

JUDGED_BY_EYE: Final = (
    "The last is judged by eye, from the scores by model set: a set is in use for a week or so, and its own events are "
    "too few for an interval."
)

CHANCE: Final = (
    "There are many signals, and one in twenty intervals of 90 % lies below the true value by chance. So one bad "
    "signal may be chance; several of a kind are not."
)

SEVERAL_EVENTS: Final = 5
"""Events of a tenth from which it counts in the judgement of a reliability table."""
FEWEST_TENTHS: Final = 2
"""Tenths with several events from which a table is judged."""
FEWEST_MISSES: Final = 2
"""Tenths whose interval does not contain the mean forecast from which that is a failure: one in twenty does so by
chance."""


@dataclass(frozen=True)
class Failure:
    """One signal for which a claim does not hold.

    Attributes:
        kind: which of ``FAILURES``.
        score: the signal's scores, which show it.
    """

    kind: FailureKind
    score: SignalScore


def failures(scores: Iterable[SignalScore]) -> list[Failure]:
    """What the scores show, in the order of ``FAILURES``; nothing of signals with fewer than 30 events.

    The kind ``model_set`` is never found here, see ``JUDGED_BY_EYE``.
    """
    order = list(FAILURES)
    found = [Failure(kind, score) for score in scores if score.enough for kind in _kinds(score)]
    return sorted(found, key=lambda failure: order.index(failure.kind))


def _kinds(score: SignalScore) -> Iterator[FailureKind]:
    if score.nominal is not None and not score.interval[0] <= score.nominal <= score.interval[1]:
        yield "coverage"
    if _below_zero(score.climatology):
        yield "climatology"
    if _below_zero(score.vix):
        yield "index"
    if unreliable(score.reliability):
        yield "reliability"


def _below_zero(skill: Skill | None) -> bool:
    return skill is not None and skill.high is not None and skill.high < 0


def unreliable(table: tuple[ReliabilityBin, ...]) -> bool:
    """Whether a reliability table contradicts its forecasts.

    It is judged where most of its tenths have several events. The shares do not rise where the whole interval of a
    tenth lies below that of a lower tenth; one interval beside its forecast may be chance, two are not.
    """
    judged = [tenth for tenth in table if tenth.events >= SEVERAL_EVENTS]
    if len(judged) < FEWEST_TENTHS or 2 * len(judged) <= len(table):
        return False
    pairs = ((low, high) for i, low in enumerate(judged) for high in judged[i + 1 :])
    falls = any(high.interval[1] < low.interval[0] for low, high in pairs)
    missed = [t for t in judged if not t.interval[0] <= t.mean_probability <= t.interval[1]]
    return falls or len(missed) >= FEWEST_MISSES
