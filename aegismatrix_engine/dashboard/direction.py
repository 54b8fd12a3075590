"""The Direction tab: what is known of the side, which is little, and how wide the range of outcomes is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.dashboard.chart_data import DirectionRow, FanStep, Interval, PastSpot
from aegismatrix_engine.dashboard.figures import Figure, Figures, Sentence
from aegismatrix_engine.dashboard.wording import mark_of
from aegismatrix_engine.training.measures import PROVEN_T

EVENT_WORDS: Final = {
    "union_budget": "Union budget of India",
    "general_election_count": "Counting of votes, general election in India",
    "fomc": "Decision of the Federal Reserve (after NSE's close)",
    "us_presidential_election": "US presidential election",
}
CALL_WORDS: Final = {"UP": "up", "DOWN": "down", "NEUTRAL": "no edge"}
PAST_SHOWN: Final = 30
"""Sessions before the fan: fewer than it has, so that what is ahead has the room."""

BANDS: Final = {0.5: (0.25, 0.75), 0.8: (0.1, 0.9), 0.95: (0.025, 0.975)}
"""Coverage of a band of the fan -> its quantiles; those of the quarter are read between their neighbours."""


@dataclass(frozen=True)
class HorizonRow:
    """One horizon: what is said of the side, beside base rates."""

    until: Sentence
    note: Sentence
    up: Figure
    base_up: Figure
    down: Figure
    base_down: Figure
    call: str
    drift: Figure
    mark: str


@dataclass(frozen=True)
class Night:
    """The open that the US night points to."""

    session: Figure
    us_session: Figure
    open: Figure
    points: Figure
    lower: Figure
    upper: Figure
    coverage: Figure
    after: Sentence
    mark: str


@dataclass(frozen=True)
class DirectionTab:
    """Everything of the tab, in its order."""

    rows: tuple[HorizonRow, ...]
    bars: tuple[DirectionRow, ...]
    neutral: bool
    verdict: Sentence
    note: str
    night: Night | None
    events: tuple[Sentence, ...] | None
    past: tuple[PastSpot, ...]
    spot: float
    steps: tuple[FanStep, ...]
    ends: tuple[tuple[Figure, ...], ...]
    fan_mark: str


def direction_tab(figures: Figures, past: Sequence[float]) -> DirectionTab:
    """The tab of one document.

    Args:
        figures: of the document.
        past: spots of earlier sessions, oldest first, as the record carries them.
    """
    direction, forecast = figures.document.direction, figures.document.forecast
    paths = [f"direction.horizons.{name}" for name in direction.by_horizon]
    if forecast.session is not None:
        paths.insert(0, "direction.today")
    calls = {figures.value(f"{path}.direction") for path in paths}
    return DirectionTab(
        rows=tuple(_row(figures, path) for path in paths),
        bars=tuple(_bar(figures, path) for path in paths),
        neutral=calls == {"NEUTRAL"},
        verdict=_verdict(figures, paths),
        note=figures.value(f"{paths[0]}.note") or "",
        night=_night(figures),
        events=_events(figures),
        past=tuple(PastSpot(index - len(past), spot) for index, spot in enumerate(past)),
        spot=figures.document.market.spot,
        steps=tuple(
            FanStep(one.sessions, _bands({q.level: q.index_level for q in one.quantiles})) for one in forecast.horizons
        ),
        ends=tuple(_ends(figures, index) for index in range(len(forecast.horizons))),
        fan_mark=mark_of(figures, "forecast"),
    )


def _verdict(figures: Figures, paths: Sequence[str]) -> Sentence:
    """The horizons at which a side is called; mostly none."""
    parts: list[str | Figure] = []
    for path in paths:
        call = figures.value(f"{path}.direction")
        if call != "NEUTRAL":
            day = "today" if path == "direction.today" else figures("day", f"{path}.until")
            parts += [", " if parts else "", f"{CALL_WORDS[call]} by ", day]
    return (*parts, "; no edge known elsewhere") if parts else ("no edge known at any horizon",)


def _row(figures: Figures, path: str) -> HorizonRow:
    today = path == "direction.today"
    call = figures.value(f"{path}.direction")
    sessions: Sentence = ("today's close",) if today else _sessions(figures, f"{path}.sessions")
    return HorizonRow(
        until=("today",) if today else (figures("day", f"{path}.until"),),
        note=sessions,
        up=figures("percent", f"{path}.p_up"),
        base_up=figures("percent", f"{path}.base_up"),
        down=figures("percent", f"{path}.p_down"),
        base_down=figures("percent", f"{path}.base_down"),
        call=CALL_WORDS[call],
        drift=figures("points_signed", f"{path}.expected_move_points"),
        mark=mark_of(figures, path),
    )


def _sessions(figures: Figures, path: str) -> Sentence:
    return (figures("count", path), " session" if figures.value(path) == 1 else " sessions")


def _bar(figures: Figures, path: str) -> DirectionRow:
    found = figures.value(path)
    label = "today" if path == "direction.today" else figures("day", f"{path}.until").text
    return DirectionRow(label, found.p_up, found.p_down, found.base_up, found.base_down)


def _bands(levels: dict[float, float]) -> tuple[Interval, ...]:
    """The bands of one horizon; the quarters are halfway between the fifths and the third tenths."""
    known = levels | {0.25: (levels[0.2] + levels[0.3]) / 2, 0.75: (levels[0.7] + levels[0.8]) / 2}
    return tuple(Interval(coverage, known[low], known[high]) for coverage, (low, high) in BANDS.items())


def _ends(figures: Figures, index: int) -> tuple[Figure, ...]:
    """One line of the table behind the fan: date, sessions, 95 % and 80 % bounds from the lowest up."""
    path = f"forecast.horizons.{index}"
    at = {one.level: place for place, one in enumerate(figures.value(f"{path}.quantiles"))}
    bounds = (figures("level_whole", f"{path}.quantiles.{at[level]}.index_level") for level in (0.025, 0.1, 0.9, 0.975))
    return (figures("weekday", f"{path}.until"), figures("count", f"{path}.sessions"), *bounds)


def _night(figures: Figures) -> Night | None:
    found = figures.document.direction.night
    if found is None:
        return None
    path = "direction.night"
    after: Sentence = ("After the open: too few past nights to measure.",)
    if found.after_open_points is not None and found.after_open_t is not None:
        known = "about 0" if abs(found.after_open_t) <= PROVEN_T else "more than chance"
        points = figures("points_signed", f"{path}.after_open_points")
        after = (f"After the open: {known} (", points, " points expected).")
    return Night(
        session=figures("weekday", f"{path}.session"),
        us_session=figures("weekday", f"{path}.us_session"),
        open=figures("level_whole", f"{path}.expected_open"),
        points=figures("points_signed", f"{path}.expected_points"),
        lower=figures("level_whole", f"{path}.lower"),
        upper=figures("level_whole", f"{path}.upper"),
        coverage=figures("in_ten", f"{path}.coverage"),
        after=after,
        mark=mark_of(figures, path),
    )


def _events(figures: Figures) -> tuple[Sentence, ...] | None:
    """Scheduled events ahead, None in documents that do not list them."""
    events = figures.document.market.events
    if events is None:
        return None
    return tuple(
        (figures("weekday", f"market.events.{index}.date"), f": {EVENT_WORDS[event.kind]}")
        for index, event in enumerate(events)
    )
