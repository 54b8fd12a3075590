"""How often an event happened in the market's own past, as it was known at each of many closes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from aegismatrix_engine.buyer.targets import breakout_happened
from aegismatrix_engine.seller.targets import TRAP_HORIZONS, trap_sprung
from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON, HorizonOutcomes, horizon_outcomes


@dataclass(frozen=True, eq=False)
class _Spans:
    """Past spans of some sessions, and how far each rose and fell.

    Attributes:
        rises, falls: (n,) of every row, NaN where not known.
        shared: first rows that every origin knows.
        known: (n + 1,) how many of the first 0..n rows are known.
        order: (k,) the known ones of the shared rows, by how far they rose; of paths by the larger of rise and fall.
    """

    rises: FloatArray
    falls: FloatArray
    shared: int
    known: IntArray
    order: IntArray
    paths: bool

    @classmethod
    def of(cls, rises: FloatArray, falls: FloatArray, shared: int, order: IntArray, *, paths: bool) -> "_Spans":
        """Returns, which fall by as much as they do not rise, or paths, which may do both.

        order: of ``PastOutcomes.order``, of these rows and of any later ones.
        """
        finite = np.isfinite(rises)
        known = np.concatenate([[0], np.cumsum(finite)])
        first = order[order < shared]
        return cls(rises, falls, shared, known, first[finite[first]], paths)

    def share(self, came: IntArray, up: FloatArray, down: FloatArray) -> FloatArray:
        """Frequency of rises above ``up`` or falls beyond ``down``, (g, D), among the first ``came`` rows, (g,).

        Half an observation is added on each side, so that what was never seen does not get 0.
        """
        newer = slice(self.shared, int(came.max()))
        happened = (self.rises[newer] > up[..., None]) | (self.falls[newer] > down[..., None])
        happened &= (np.arange(newer.stop - newer.start) < (came - self.shared)[:, None])[:, None]
        count = (self._paths if self.paths else self._returns)(up, down) + np.count_nonzero(happened, axis=2)
        return np.asarray((count + 0.5) / (self.known[came] + 1)[:, None])

    def _returns(self, up: FloatArray, down: FloatArray) -> IntArray:
        ordered = self._rise
        above = len(ordered) - np.searchsorted(ordered, up, side="right")
        # A return is never on both sides: ``up`` is at least -``down``.
        return np.asarray(above + np.searchsorted(ordered, -down, side="left"))

    def _paths(self, up: FloatArray, down: FloatArray) -> IntArray:
        # Reaching further than both is enough, less far than either too little; what lies between is looked through.
        rise, fall, reach = self._rise, self._fall, self._reach
        start = np.searchsorted(reach, np.minimum(up, down), side="right")
        stop = np.searchsorted(reach, np.maximum(up, down), side="right")
        count = len(reach) - stop
        for at in zip(*np.nonzero(stop > start), strict=True):
            between = slice(start[at], stop[at])
            count[at] += np.count_nonzero((rise[between] > up[at]) | (fall[between] > down[at]))
        return np.asarray(count)

    @cached_property
    def _rise(self) -> FloatArray:
        return self.rises[self.order]

    @cached_property
    def _fall(self) -> FloatArray:
        return self.falls[self.order]

    @cached_property
    def _reach(self) -> FloatArray:
        return np.maximum(self._rise, self._fall)


@dataclass(frozen=True, eq=False)
class PastOutcomes:
    """What came from every session of daily features, in the order of the sessions.

    Attributes:
        moves: over 1..45 sessions.
        traps: sessions -> (n,), see ``trap_sprung``.
        breakouts: (n, 5), see ``breakout_happened``.
    """

    moves: HorizonOutcomes
    traps: Mapping[int, FloatArray]
    breakouts: FloatArray
    _orders: dict[tuple[bool, int], IntArray] = field(default_factory=dict)

    @classmethod
    def of(cls, features: DailyFeatures) -> "PastOutcomes":
        """From every row of the features."""
        series = features.series
        traps = {k: trap_sprung(series, k) for k in TRAP_HORIZONS}
        return cls(horizon_outcomes(series), traps, breakout_happened(series))

    def order(self, h: int, *, touched: bool) -> IntArray:
        """(n,) all rows by their rise over h sessions, of touches by the larger of rise and fall; sorted once."""
        key = touched, h
        if key not in self._orders:
            moves, column = self.moves, h - 1
            reach = np.maximum(moves.up[:, column], moves.down[:, column]) if touched else moves.close[:, column]
            self._orders[key] = np.argsort(reach)
        return self._orders[key]


class PastFrequencies:
    """Frequencies before each of m origins, from outcomes that had come by then; each session counts once."""

    def __init__(self, past: PastOutcomes, origins: IntArray) -> None:
        """Take the rows ``origins``, rising, as origins; later rows do not influence an origin's answers."""
        self._past, self._origins = past, origins
        self._spans: dict[tuple[bool, int, float], _Spans] = {}

    def beyond(self, time: FloatArray, up: FloatArray, down: FloatArray) -> FloatArray:
        """Share of past returns over ``time`` sessions above ``up`` or below -``down``.

        Args:
            time: (m,) of each origin.
            up: (m, D) log points, or infinite.
            down: (m, D) likewise.
        """
        return self._shares(time, up, down, touched=False)

    def touch(self, time: FloatArray, up: FloatArray, down: FloatArray) -> FloatArray:
        """Share of past spans of ``time`` sessions on which either level was touched; arguments as of ``beyond``."""
        return self._shares(time, up, down, touched=True)

    def trap(self, sessions: int) -> FloatArray:
        """(m,) share of past sessions after which realised variance exceeded implied; NaN where never known."""
        return self._known_shares(self._past.traps[sessions], sessions)

    def breakout(self, offset: int) -> FloatArray:
        """(m,) share of past breakouts ``offset`` sessions ahead; NaN where never known."""
        return self._known_shares(self._past.breakouts[:, offset - 1], offset)

    def _shares(self, time: FloatArray, up: FloatArray, down: FloatArray, *, touched: bool) -> FloatArray:
        result = np.empty(up.shape)
        for one in np.unique(time).tolist():
            h = min(max(round(one), 1), MAX_HORIZON)
            of = np.flatnonzero(time == one)
            came = np.maximum(self._origins[of] - h + 1, 0)
            result[of] = self._over(h, one, touched=touched).share(came, up[of], down[of])
        return result

    def _over(self, h: int, time: float, *, touched: bool) -> _Spans:
        """Outcomes over h sessions, the whole number nearest to ``time``, stretched to it by its square root."""
        key = touched, h, time
        if key not in self._spans:
            stretch, found, end = math.sqrt(time / h), self._past.moves, int(self._origins[-1]) + 1
            rises = (found.up if touched else found.close)[:end, h - 1] * stretch
            falls = found.down[:end, h - 1] * stretch if touched else -rises
            # Whichever rows follow, the sorted first ones are the same.
            order, shared = self._past.order(h, touched=touched), max(int(self._origins[0]) - h + 1, 0)
            self._spans[key] = _Spans.of(rises, falls, shared, order, paths=touched)
        return self._spans[key]

    def _known_shares(self, happened: FloatArray, sessions: int) -> FloatArray:
        """Mean of the known ones that came within so many sessions."""
        known = np.isfinite(happened)
        came = np.maximum(self._origins - sessions + 1, 0)
        total, count = (
            np.concatenate([[0.0], np.cumsum(values)])[came] for values in (np.where(known, happened, 0.0), known)
        )
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)
