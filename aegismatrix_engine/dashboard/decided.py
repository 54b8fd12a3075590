"""The last decided forecasts, one of each event, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.dashboard.figures import Figure, Sentence
from aegismatrix_engine.dashboard.record_figures import RecordFigures, record_path
from aegismatrix_engine.record.kept_record import KeptRecord
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, parsed

SHOWN: Final = 20
EVEN: Final = 0.5
"""A probability from which an event was expected rather than not."""

LISTED: Final = {
    "forecast.session.80/range": "Today's close",
    "forecast.1.80/range": "Next close",
    "seller.expiries.nearest.80/range": "Nearest expiry",
    "seller.safe_range/range": "Monthly expiry",
    "buyer.breakout_today/breakout": "Breakout",
    "seller.expiry_stress/touch": "Touch",
    "buyer.theta_edge/straddle": "Straddle",
}
"""The signals that the list takes its forecasts from, with short names, in the order within a day.

One of each question whose events do not overlap; none of direction, where of up, down and between none is held more
likely than not, so that no outcome is a miss.
"""


@dataclass(frozen=True)
class Decision:
    """A forecast and what came of it.

    Attributes:
        key: of the forecast's row.
        name: what it is about, in a word or two.
        missed: the close was outside the range, or what was held less likely came.
        said: the forecast, with the date it was for.
        came: what came.
        at: the moment it was made for.
    """

    key: str
    name: str
    missed: bool
    said: Sentence
    came: Sentence
    at: Figure


def last_decided(kept: KeptRecord, figures: RecordFigures, shown: int = SHOWN) -> tuple[Decision, ...]:
    """The events of live forecasts that were decided last, misses first, then the newest.

    Args:
        kept: the record.
        figures: how numbers are written.
        shown: how many at most.
    """
    last: dict[tuple[str, str], ForecastRow] = {}
    for key in kept.resolutions:
        row = kept.forecasts.get(key)
        if row is None or row.standing != "live" or _place(row) is None:
            continue
        event = (row.until, f"{row.signal}/{row.event}")
        if event not in last or (last[event].as_of, last[event].generated_at) < (row.as_of, row.generated_at):
            last[event] = row
    rows = sorted(last.values(), key=lambda row: _place(row) or 0)
    rows = sorted(rows, key=lambda row: row.until, reverse=True)[:shown]
    decisions = [_decision(row, kept.resolutions[row.key], figures) for row in rows]
    return tuple(sorted(decisions, key=lambda decision: not decision.missed))


def _place(row: ForecastRow) -> int | None:
    """Where a signal stands in the list; None for one that is not in it."""
    name = f"{row.signal}/{row.event}"
    return list(LISTED).index(name) if name in LISTED else None


def missed(row: ForecastRow, resolution: ResolutionRow) -> bool:
    """Whether a close was outside its range, or what was held less likely came."""
    came = resolution.outcome == "1"
    return not came if row.event == "range" else came != (parsed(row.probability) >= EVEN)


def _decision(row: ForecastRow, resolution: ResolutionRow, figures: RecordFigures) -> Decision:
    words = _Words(row, resolution, figures)
    return Decision(
        key=row.key,
        name=LISTED[f"{row.signal}/{row.event}"],
        missed=missed(row, resolution),
        said=tuple(words.said()),
        came=tuple(words.came()),
        at=figures.moment(record_path("forecast", row.key, "as_of"), row.as_of),
    )


@dataclass(frozen=True)
class _Words:
    """One decided forecast as sentences."""

    row: ForecastRow
    resolution: ResolutionRow
    figures: RecordFigures

    def said(self) -> Iterator[str | Figure]:
        until = self.figures.day(self._of("until"), self.row.until)
        event = self.row.event
        yield from (self.figures.chance(self._of("probability"), parsed(self.row.probability)), ": ")
        if event == "range":
            yield from (self._limit("lower"), " to ", self._limit("upper"), " on ", until)
        elif event in ("touch", "close_beyond"):
            way = " by " if event == "touch" else " on "
            yield from (self._points("threshold"), " points from ", self._level("spot"), way, until)
        elif event == "breakout":
            yield from ("a day's range above ", self._size("threshold"), " on ", until)
        elif event == "trap":
            yield from ("daily moves above the implied ", self._size("threshold"), " until ", until)
        elif event == "straddle":
            yield from ("a move above its cost of ", self._size("threshold"), " by ", until)
        else:
            move = "rise" if event == "up" else "fall"
            yield from (f"a {move} of more than ", self._size("threshold"), " by ", until)

    def came(self) -> Iterator[str | Figure]:
        happened = self.resolution.outcome == "1"
        path, seen = record_path("resolution", self.row.key, "observed"), parsed(self.resolution.observed)
        size = self.figures.size(path, seen)
        event = self.row.event
        if event == "range":
            yield from (f"closed {'inside' if happened else 'outside'} at ", self.figures.level(path, seen))
        elif event in ("touch", "close_beyond"):
            moved = self.figures.distance(path, seen)
            yield from ("went at most " if event == "touch" else "closed ", moved, " points away")
        elif event in ("breakout", "trap"):
            yield from ("it was " if event == "breakout" else "they were ", size)
        else:
            yield from (f"{'rose' if seen > 0 else 'fell'} ", size) if seen else ("unchanged, ", size)

    def _of(self, column: str) -> str:
        return record_path("forecast", self.row.key, column)

    def _level(self, column: str) -> Figure:
        return self.figures.level(self._of(column), parsed(getattr(self.row, column)))

    def _limit(self, column: str) -> Figure:
        """A limit of a range without decimals, but where the close would then seem to be on its other side."""
        limit, close = parsed(getattr(self.row, column)), parsed(self.resolution.observed)
        near = abs(limit - close) < 1
        return self.figures.level(self._of(column), limit, whole=not near)

    def _points(self, column: str) -> Figure:
        return self.figures.distance(self._of(column), parsed(getattr(self.row, column)))

    def _size(self, column: str) -> Figure:
        return self.figures.size(self._of(column), parsed(getattr(self.row, column)))
