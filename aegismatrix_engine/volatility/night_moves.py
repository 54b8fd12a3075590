"""What a US night says of the session to come: moves of the US VIX, the S&P 500 and a US fund of the market's shares.

A night runs from a session's close to the next session's open. The US closes in between, so that its last close before
the date of the session is the newest one known at its close, and its last one before the date of the next session is
the newest one known at the next open.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.typing import BoolArray, FloatArray, IntArray

NIGHT_SERIES: Final = ("us_vix", "us_spot", "inda")

VIX_CLIP = 0.15
SIGMA_CLIP = 4.0
ADJUSTED = 5.0
"""A fund's excess return beyond so many implied standard deviations is a distribution or a split, not news."""

BEFORE_ALL: Final = np.iinfo(np.int64).min

REMEMBERED = 5
FADING = 0.5


@dataclass(frozen=True, eq=False)
class UsBars:
    """Daily rows by naive US session date, rising; None where a series is not there.

    Attributes:
        us_vix: ``close`` of the US VIX.
        us_spot: ``open`` and ``close`` of the S&P 500; an open may be NaN.
        inda: ``close`` of a US-listed fund of the market's shares, in dollars and not adjusted for distributions.
    """

    us_vix: pd.DataFrame | None = None
    us_spot: pd.DataFrame | None = None
    inda: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False)
class NightMoves:
    """The nights that follow n sessions, as the columns a model sees; NaN where a series does not know one.

    Attributes:
        us_vix: (n,) log change of the US VIX, clipped at 15 %.
        us_spot: (n,) S&P 500 from the first open to the last close of the night, in implied standard deviations of the
            market's session, clipped at 4.
        inda: (n,) return of the fund less what the market's own closes have shown of it, in the same unit, clipped at
            4; NaN on a night of a distribution or a split.
        inda_before: (n,) the same of the five nights before, each night half as much as the one after it; 0 where none
            of them is known.
        last: (n,) date of the last US session, NaT where no series knows the night.
        us_vix_change: (n,) log change of the US VIX, unclipped.
    """

    us_vix: FloatArray
    us_spot: FloatArray
    inda: FloatArray
    inda_before: FloatArray
    last: pd.DatetimeIndex
    us_vix_change: FloatArray

    def __len__(self) -> int:
        return len(self.us_vix)

    def rows(self, wanted: slice) -> "NightMoves":
        """Some consecutive nights."""
        return NightMoves(*(column[wanted] for column in vars(self).values()))

    def where(self, wanted: BoolArray) -> "NightMoves":
        """The nights that are wanted, (n,) bool."""
        return NightMoves(*(column[wanted] for column in vars(self).values()))

    @property
    def known(self) -> BoolArray:
        """(n, 3) bool: which of NIGHT_SERIES know each night."""
        return np.column_stack([np.isfinite(getattr(self, name)) for name in NIGHT_SERIES])

    def mean_columns(self, series: tuple[str, ...]) -> list[FloatArray]:
        """What shifts the mean, given these series: rise and fall of the US VIX, the S&P 500, the fund and before."""
        columns = _sides(self.us_vix) if "us_vix" in series else []
        columns += [self.us_spot] if "us_spot" in series else []
        return columns + ([self.inda, self.inda_before] if "inda" in series else [])

    def scale_columns(self, series: tuple[str, ...]) -> list[FloatArray]:
        """What changes the scale, given these series: rise and fall of each."""
        return [side for name in NIGHT_SERIES if name in series for side in _sides(getattr(self, name))]


def no_nights(n: int) -> NightMoves:
    """The nights after n sessions of which nothing is known."""
    unknown = np.full(n, np.nan)
    return NightMoves(unknown, unknown, unknown, np.zeros(n), pd.DatetimeIndex([pd.NaT] * n).as_unit("ns"), unknown)


def night_moves(
    us: UsBars,
    closes: "pd.Series[float]",
    dates: pd.DatetimeIndex,
    sessions: pd.DatetimeIndex,
    implied_sd: FloatArray,
) -> NightMoves:
    """The nights after each of ``dates``.

    A series that lacks the newest US session of a night, or of the night before it, which another one has, does not
    know the night: it would call an old change the latest one.

    Args:
        us: what is known of the US.
        closes: official closes of the market in index points, special sessions included, by date.
        dates: (n,) sessions, each of them in ``closes``.
        sessions: the exchange's calendar, at least one session longer than ``dates``.
        implied_sd: (n,) one-session standard deviation that the market's volatility index implies, NaN without one.
    """
    nights, moves = no_nights(len(dates)), vars(us)
    frames = {name: frame for name in NIGHT_SERIES if (frame := moves[name]) is not None and len(frame)}
    if not frames or not len(dates):
        return nights
    calendar = sessions.as_unit("ns")
    following = calendar[calendar.searchsorted(dates.as_unit("ns"), side="right")]
    spans = {name: _Span.of(frame, dates.as_unit("ns"), following) for name, frame in frames.items()}
    first = np.maximum.reduce([span.first for span in spans.values()])
    last = np.maximum.reduce([span.last for span in spans.values()])
    known = {name: span.known & (span.first == first) & (span.last == last) for name, span in spans.items()}
    found = {"us_vix": nights.us_vix, "us_spot": nights.us_spot, "inda": nights.inda}
    for name, span in spans.items():
        with np.errstate(invalid="ignore"):
            found[name] = np.where(known[name], _MOVES[name](frames[name], span, closes, dates), np.nan)
    spot, fund = found["us_spot"] / implied_sd, found["inda"] / implied_sd
    fund = np.clip(np.where(np.abs(fund) > ADJUSTED, np.nan, fund), -SIGMA_CLIP, SIGMA_CLIP)
    date = pd.DatetimeIndex(np.where(np.any(list(known.values()), axis=0), last, pd.NaT.value).astype("datetime64[ns]"))
    return NightMoves(
        us_vix=np.clip(found["us_vix"], -VIX_CLIP, VIX_CLIP),
        us_spot=np.clip(spot, -SIGMA_CLIP, SIGMA_CLIP),
        inda=fund,
        inda_before=_fading(fund),
        last=date,
        us_vix_change=found["us_vix"],
    )


@dataclass(frozen=True, eq=False)
class _Span:
    """Where n nights start and end in one series: positions of its rows, their dates in ns, and whether it has both."""

    start: IntArray
    end: IntArray
    first: IntArray
    last: IntArray
    known: BoolArray

    @classmethod
    def of(cls, frame: pd.DataFrame, dates: pd.DatetimeIndex, following: pd.DatetimeIndex) -> "_Span":
        index = pd.DatetimeIndex(frame.index).as_unit("ns")
        start = np.asarray(index.searchsorted(dates, side="left"), dtype=np.int64) - 1
        end = np.asarray(index.searchsorted(following, side="left"), dtype=np.int64) - 1
        # Before its first row a series has no date that another one could be older than.
        first, last = (np.where(at >= 0, index.asi8[np.maximum(at, 0)], BEFORE_ALL) for at in (start, end))
        known = (start >= 0) & (end > start) & (last >= dates.asi8)
        return cls(np.maximum(start, 0), np.maximum(end, 0), first, last, known)


def _vix_change(frame: pd.DataFrame, span: _Span, closes: "pd.Series[float]", dates: pd.DatetimeIndex) -> FloatArray:
    level = _logs(frame, "close")
    return np.asarray(level[span.end] - level[span.start])


def _spot_move(frame: pd.DataFrame, span: _Span, closes: "pd.Series[float]", dates: pd.DatetimeIndex) -> FloatArray:
    """From the open of the first US session of the night: what came before it, the market's own close knew."""
    opens = _logs(frame, "open")
    return np.asarray(_logs(frame, "close")[span.end] - opens[np.minimum(span.start + 1, len(opens) - 1)])


def _fund_excess(frame: pd.DataFrame, span: _Span, closes: "pd.Series[float]", dates: pd.DatetimeIndex) -> FloatArray:
    """The fund's return from the US close before the session, less the market's own from its last close before that."""
    level, own = _logs(frame, "close"), np.log(closes.to_numpy(dtype=np.float64))
    index = pd.DatetimeIndex(closes.index).as_unit("ns")
    before = np.asarray(index.asi8.searchsorted(span.first, side="right"), dtype=np.int64) - 1
    shown = own[index.get_indexer(dates.as_unit("ns"))] - np.where(before >= 0, own[np.maximum(before, 0)], np.nan)
    return np.asarray(level[span.end] - level[span.start] - shown)


_MOVES: Final = {"us_vix": _vix_change, "us_spot": _spot_move, "inda": _fund_excess}


def _fading(values: FloatArray) -> FloatArray:
    """Sum of the values of the rows before, each half as much as the one after it; what is not known counts as 0."""
    known, total = np.nan_to_num(values), np.zeros(len(values))
    for back in range(1, min(REMEMBERED, len(values) - 1) + 1):
        total[back:] += FADING ** (back - 1) * known[:-back]
    return total


def _logs(frame: pd.DataFrame, column: str) -> FloatArray:
    return np.asarray(np.log(frame[column].to_numpy(dtype=np.float64)))


def _sides(values: FloatArray) -> list[FloatArray]:
    """A rise and a fall."""
    return [np.maximum(values, 0.0), np.minimum(values, 0.0)]
