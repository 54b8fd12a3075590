"""The pictures of the record's tab: what its views hold, drawn."""

from typing import Final

from markupsafe import Markup

from aegismatrix_engine.dashboard import charts, gauges
from aegismatrix_engine.dashboard.record_families import Head, Measured
from aegismatrix_engine.scores import MINIMUM_EVENTS

SKILL_SCALE: Final = 0.3
"""How far the scale of a skill reaches to both sides of 0, at least."""


def progress(head: Head) -> Markup:
    """Events so far out of 30; the words beside it say the same."""
    return Markup(gauges.progress(head.progress * MINIMUM_EVENTS, MINIMUM_EVENTS, label=""))


def share(measured: Measured) -> Markup:
    """A share with its interval on what it is compared with, from 0 to 1; nothing where it is compared with nothing."""
    value, low, high, reference = measured.numbers
    if low is None or high is None or reference is None:
        return Markup()
    return Markup(gauges.interval_scale(value, low, high, reference=reference, minimum=0.0, maximum=1.0, label=""))


def skill(measured: Measured) -> Markup:
    """A skill with its interval about 0; nothing without an interval."""
    value, low, high, _ = measured.numbers
    if low is None or high is None:
        return Markup()
    return Markup(
        gauges.interval_scale(value, low, high, reference=0.0, minimum=-SKILL_SCALE, maximum=SKILL_SCALE, label="")
    )


def reliability(head: Head) -> Markup:
    """The forecasts of a head by their tenths; nothing where there are none."""
    bins = [tenth.drawn for tenth in head.reliability]
    label = f"{head.name}: how often what was forecast came true, by the tenth of the probability"
    return Markup(charts.reliability(bins, label=label)) if bins else Markup()
