"""Where the coming closes are expected: the table of the Sellers tab, and the ladder below it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.dashboard.chart_data import Interval, LadderRow
from aegismatrix_engine.dashboard.figures import Figure, Figures, Sentence
from aegismatrix_engine.dashboard.wording import mark_of

_CLOSE: Final = "close_at_expiry"
_BAND: Final = "band_not_left"


@dataclass(frozen=True)
class CloseRow:
    """Where one close is expected.

    Attributes:
        name: its date, or 'today'.
        note: weekly or monthly, and how many sessions are left.
        close: 80 % range of the close; lower and upper.
        band: band that is not left on the way with 80 %; None where none is published.
        touch: chance that the 80 % range of the close is left on the way; None where it is not published.
        wider: 90 % and 95 % ranges, for the table behind the ladder: coverage, lower, upper.
        mark: what the numbers come from, where that is not a fitted model.
    """

    name: Sentence
    note: Sentence
    close: tuple[Figure, Figure]
    band: tuple[Figure, Figure] | None
    touch: Figure | None
    wider: tuple[tuple[Figure, Figure, Figure], ...]
    mark: str


def expected_closes(figures: Figures) -> Iterator[tuple[CloseRow, LadderRow]]:
    """Today's close while its session runs, then each expiry; today's expiry is today's close."""
    session = figures.document.forecast.session
    if session is not None and session.session != figures.document.seller.expiries[0].expiry:
        yield _today(figures)
    for index, expiry in enumerate(figures.document.seller.expiries):
        path = f"seller.expiries.{index}"
        at = {(one.kind, one.coverage): f"{path}.ranges.{place}" for place, one in enumerate(expiry.ranges)}
        close, wider = at[_CLOSE, 0.8], [at[_CLOSE, coverage] for coverage in (0.9, 0.95)]
        day = figures("day", f"{path}.expiry")
        left = figures("count", f"{path}.sessions_left")
        note: Sentence = (f"{expiry.kind}, ", left, " session" if expiry.sessions_left == 1 else " sessions")
        row = CloseRow(
            name=(day,),
            note=(*note, ", date provisional") if expiry.provisional else note,
            close=_bounds(figures, close),
            band=_bounds(figures, at[_BAND, 0.8]),
            touch=_touch(figures, close),
            wider=tuple((figures("percent", f"{one}.coverage"), *_bounds(figures, one)) for one in wider),
            mark=mark_of(figures, path),
        )
        intervals = tuple(Interval(one.coverage, one.lower, one.upper) for one in expiry.ranges if one.kind == _CLOSE)
        yield row, LadderRow(day.text, intervals)


def _today(figures: Figures) -> tuple[CloseRow, LadderRow]:
    path = "forecast.session"
    quantiles = figures.value(f"{path}.quantiles")
    at = {one.level: f"{path}.quantiles.{index}.index_level" for index, one in enumerate(quantiles)}
    levels = {0.8: (0.1, 0.9), 0.9: (0.05, 0.95), 0.95: (0.025, 0.975)}

    def bounds(coverage: float) -> tuple[Figure, Figure]:
        low, high = levels[coverage]
        return figures("level_whole", at[low]), figures("level_whole", at[high])

    done, bars = (figures("count", f"{path}.{name}") for name in ("bars_complete", "bars"))
    row = CloseRow(
        name=("today",),
        note=("after ", done, " of ", bars, " bars"),
        close=bounds(0.8),
        band=None,
        touch=None,
        wider=(),
        mark=mark_of(figures, path),
    )
    values = {coverage: tuple(figures.value(at[level]) for level in pair) for coverage, pair in levels.items()}
    return row, LadderRow("today", tuple(Interval(coverage, *pair) for coverage, pair in values.items()))


def _bounds(figures: Figures, path: str) -> tuple[Figure, Figure]:
    return figures("level_whole", f"{path}.lower"), figures("level_whole", f"{path}.upper")


def _touch(figures: Figures, path: str) -> Figure | None:
    """The chance that a range of the close is left on the way; before schema 2.3.0 known of the safe range alone."""
    found = figures.value(path)
    if found.touch_probability is not None:
        return figures("percent", f"{path}.touch_probability")
    held = figures.document.seller.safe_range
    if (found.lower, found.upper) == (held.lower, held.upper):
        return figures("percent", "seller.safe_range.touch_probability")
    return None
