"""How wide the range to the nearest expiry is for its year, and what the index did after ranges of such a width."""

from typing import Literal

from aegismatrix_engine.document.schema.block import Day, Signal
from aegismatrix_engine.document.schema.meaning import published
from aegismatrix_engine.document.schema.quantities import Count, Move, SessionCount, Share

WidthGrade = Literal["NARROW", "USUAL", "WIDE"]

_OF_SUCH = "of the walk's ranges over h sessions whose width lay in the same part of its year"


class RangeWidth(Signal):
    """The width of the range to the nearest expiry against the last year's, and what followed such widths."""

    percentile: Share = published(
        "Share of the last year's closes from which a range over as many sessions was narrower, in per cent of spot "
        "and by today's model.",
        "percentile of S_h; inside a session S_h x sqrt(h / sessions' worth of variance still to come)",
        updates="event",
    )
    percentile_sigmas: Share | None = published(
        "The same in units of the implied standard deviation; absent without VIX. No grade is read off it.",
        "percentile of S_h / (i x sqrt(h))",
        updates="event",
        default=None,
    )
    grade: WidthGrade = published(
        "NARROW or WIDE for its year, only while moves after such ranges differ from the usual in the walk.",
        "percentile; moves above the median of all, a median test with errors that allow for overlap",
        cut_offs="NARROW below {{ NARROW_BELOW }}, WIDE from {{ WIDE_FROM }} on, else USUAL; USUAL too where smaller "
        "moves after NARROW, larger ones after WIDE are not proven with t > {{ TOLD_APART_T }}, and lately with t > "
        "{{ RECENT_T }}, or where nothing is measured",
    )
    expiry: Day | None = published("The nearest expiry; absent before weekly expiries.", default=None)
    sessions_left: SessionCount = published(
        "Sessions the range is compared over, at most {{ WIDTH_SESSIONS[-1] }}.", "h", updates="event"
    )
    ranges: Count = published(f"How many {_OF_SUCH}.", unit="ranges", updates="event", changes_with="training")
    occasions: Count = published(
        "How many of them follow one another without sharing a session.",
        unit="ranges",
        updates="event",
        changes_with="training",
    )
    held: Share | None = published(
        f"Share {_OF_SUCH} that held at their end; absent under {{{{ MINIMUM_EVENTS }}}} occasions.",
        updates="event",
        changes_with="training",
        default=None,
    )
    usual_held: Share | None = published(
        "The same of ranges of any width.", updates="event", changes_with="training", default=None
    )
    touched: Share | None = published(
        f"Share {_OF_SUCH} that were left on the way.", updates="event", changes_with="training", default=None
    )
    usual_touched: Share | None = published(
        "The same of ranges of any width.", updates="event", changes_with="training", default=None
    )
    median_move: Move | None = published(
        f"Median absolute move over h sessions {_OF_SUCH}.",
        "median of abs(C[t+h] - C[t])",
        updates="event",
        changes_with="training",
        default=None,
    )
    usual_median_move: Move | None = published(
        "The same of ranges of any width.", updates="event", changes_with="training", default=None
    )
