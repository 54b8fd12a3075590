"""The record's signals in a trader's words, and the families that they make."""

import re
from dataclasses import dataclass
from typing import Final

_NAMES: Final[tuple[tuple[str, str], ...]] = (
    (r"seller\.safe_range/range", "80 % range, monthly expiry"),
    (r"seller\.expiries\.primary\.(\d+)/range", r"\1 % range, monthly expiry"),
    (r"seller\.expiries\.nearest\.(\d+)/range", r"\1 % range, nearest expiry"),
    (r"forecast\.session\.(\d+)/range", r"\1 % range of the session's close, from inside it"),
    (r"forecast\.1\.(\d+)/range", r"\1 % range of the next close"),
    (r"forecast\.(\d+)\.(\d+)/range", r"\2 % range of the close in \1 sessions"),
    (r"seller\.expiries\.nearest\.breach_curve/touch", "Touch of four distances, nearest expiry"),
    (r"seller\.breach_probabilities/touch", "Touch of four distances, monthly expiry"),
    (r"seller\.breach_probabilities/close_beyond", "Close beyond four distances, monthly expiry"),
    (r"seller\.expiry_stress/touch", "Touch of the stress distance, nearest expiry"),
    (r"seller\.trap\.(\d+)/trap", r"Next \1 sessions more volatile than implied"),
    (r"buyer\.breakout_today/breakout", "Breakout of the session"),
    (r"buyer\.breakout_next\.(\d+)/breakout", r"Breakout \1 sessions ahead"),
    (r"buyer\.theta_edge/straddle", "Move larger than the straddle's cost"),
    (r"direction\.today/(up|down)", r"Next close \1"),
    (r"direction\.horizons\.t1/(up|down)", r"Close in 1 session \1"),
    (r"direction\.horizons\.t(\d+)/(up|down)", r"Close in \1 sessions \2"),
)


@dataclass(frozen=True)
class Family:
    """Signals about the same question.

    Attributes:
        id: short, for anchors and paths.
        question: what they answer, as a heading.
        pattern: of ``signal/event``.
        heads: the signals that stand for it, as ``signal/event``; the others are in scores.csv.
    """

    id: str
    question: str
    pattern: str
    heads: tuple[str, ...]

    def holds(self, name: str) -> bool:
        """Whether a ``signal/event`` belongs to it."""
        return re.fullmatch(self.pattern, name) is not None


FAMILIES: Final = (
    Family(
        "nearest",
        "Close at the nearest expiry",
        r"seller\.expiries\.nearest\.\d+/range",
        ("seller.expiries.nearest.80/range",),
    ),
    Family(
        "monthly",
        "Close at the monthly expiry",
        r"seller\.(safe_range|expiries\.primary\.\d+)/range",
        ("seller.safe_range/range",),
    ),
    Family(
        "session",
        "Close of a session",
        r"forecast\.(session|1)\.\d+/range",
        ("forecast.session.80/range", "forecast.1.80/range"),
    ),
    Family("later", "Close in 5 and in 20 sessions", r"forecast\.\d+\.\d+/range", ("forecast.5.80/range",)),
    Family(
        "touch",
        "Touch on the way to expiry",
        r"seller\..*/(touch|close_beyond)",
        ("seller.expiries.nearest.breach_curve/touch",),
    ),
    Family("breakout", "Breakout", r"buyer\.breakout_.*/breakout", ("buyer.breakout_today/breakout",)),
    Family("trap", "More volatile than implied", r"seller\.trap\.\d+/trap", ("seller.trap.5/trap",)),
    Family("straddle", "Straddle pays", r"buyer\.theta_edge/straddle", ("buyer.theta_edge/straddle",)),
    Family("direction", "Direction", r"direction\..*/(up|down)", ("direction.today/up",)),
)
"""In the order of the page; a signal belongs to the first that holds it."""


def signal_name(signal: str, event: str) -> str:
    """A signal of the record in words; its path where a later engine has recorded an unknown one."""
    path = f"{signal}/{event}"
    for pattern, words in _NAMES:
        found = re.fullmatch(pattern, path)
        if found is not None:
            return found.expand(words)
    return f"{signal}, {event}"


def family_of(signal: str, event: str) -> Family | None:
    """The family of a signal; None for an unknown one."""
    return next((family for family in FAMILIES if family.holds(f"{signal}/{event}")), None)
