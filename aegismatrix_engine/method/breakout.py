"""Breakouts in the buyer's block, in words."""

from aegismatrix_engine.buyer.targets import BREAKOUT_MULTIPLE, BREAKOUT_OFFSETS
from aegismatrix_engine.document.schema.quantities import Basis
from aegismatrix_engine.method.entry import STANDS_IN, Entry, Formula, listed, number
from aegismatrix_engine.method.notation import LEVEL, POINTS, PROBABILITY, SESSIONS
from aegismatrix_engine.volatility.realised_variance import ATR_WINDOW

_EVENT = f"TR[t+k] above {number(BREAKOUT_MULTIPLE)} x ATR[t], ATR over {ATR_WINDOW} sessions"
_BREAKOUT = (
    Formula(
        "score",
        PROBABILITY,
        f"logit mean of head and shape; shape: share of past TR[t+k] / b_k above {number(BREAKOUT_MULTIPLE)} x ATR / "
        "b_k; for the session in progress see inside a session: breakout",
    ),
    Formula(
        "label",
        "",
        "ratio of score to base_rate",
        "LOW, MEDIUM, HIGH: cuts of score / base_rate learned in the walk, for each k; see label cuts",
    ),
    Formula("session", "", "date of the regular session t+k"),
    Formula(
        "base_rate", PROBABILITY, "share of training sessions followed by the event, for each k, as under event heads"
    ),
)

_INSIDE: tuple[Basis, str] = ("prior", f"{STANDS_IN[1]}; or inside a session by the constants that ship")

ENTRIES = (
    Entry(
        path="buyer.breakout_today",
        about=f"The session in progress, else the next one; the same as day_offset {BREAKOUT_OFFSETS[0]}. Event: "
        f"{_EVENT}.",
        silent="Which way it breaks, or that it closes there: the true range counts, not the close. HIGH is high "
        "against "
        "its own past.",
        basis=(("model", "of healthy models; without VIX from the shape alone"), _INSIDE),
        models=("breakout", "distribution", "session"),
        fields=_BREAKOUT,
    ),
    Entry(
        path="buyer.breakout_next[]",
        about=f"Each of the sessions k = {listed(BREAKOUT_OFFSETS)} after the last close, by a head and a shape of "
        "its own. "
        f"Event: {_EVENT}.",
        silent="That one of the five breaks out: the five overlap in what they know, so their chances do not multiply.",
        basis=(("model", "of healthy models; without VIX from the shape alone"), _INSIDE),
        models=("breakout", "distribution", "session"),
        fields=(*_BREAKOUT, Formula("day_offset", SESSIONS, "k")),
    ),
    Entry(
        path="buyer.breakout_levels",
        about="Of the session in progress, else of the next: the levels at which it becomes a breakout, the event's "
        "own "
        "threshold. They follow the range so far until it is complete; from then on they stand as they stood before, "
        "the crossed one behind the index.",
        silent="How likely they are to be reached: that is breakout_today. A gap makes the range wider than the "
        "session.",
        basis=(("estimator", "always: prices and a multiple, no model"),),
        fields=(
            Formula(
                "upper",
                LEVEL,
                f"lo x exp({number(BREAKOUT_MULTIPLE)} x ATR), lo the lower of the last close and the low so far, of "
                "the time before the breakout once there is one",
            ),
            Formula(
                "lower",
                LEVEL,
                f"hi x exp(-{number(BREAKOUT_MULTIPLE)} x ATR), hi the higher of the last close and the high so far, "
                "likewise",
            ),
            Formula(
                "broken_out",
                "",
                "up: the high so far is above upper; down: the low so far is below lower; both; else none. In the bar "
                "that completes the range a close at or above its open means that its low came before its high",
            ),
            Formula("atr_points", POINTS, f"spot x ATR, ATR over {ATR_WINDOW} sessions"),
            Formula("multiple", "average true ranges", number(BREAKOUT_MULTIPLE)),
        ),
    ),
)
