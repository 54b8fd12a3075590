"""What forecasts from inside sessions will add to a backtest, measured on some sessions of one block."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from aegismatrix_engine.backtest.block import BlockMaker
from aegismatrix_engine.backtest.inside_sessions import InsideMaker, InsideSessions, MadeInside
from aegismatrix_engine.backtest.plan import Block
from aegismatrix_engine.backtest.tables import table_content, table_suffix
from aegismatrix_engine.backtest.walk import Walk

MEASURED_SESSIONS: Final = 10
"""Sessions whose moments are made to measure one: a moment takes far longer than a close."""


@dataclass(frozen=True)
class InsideEstimate:
    """What moments inside sessions take.

    Attributes:
        moments: how many lie in sessions that have bars.
        seconds: of the processor, of all of them, with what is learnt of sessions at every refit.
        size: bytes that they add to the files.
    """

    moments: int
    seconds: float
    size: float


NO_MOMENTS: Final = InsideEstimate(0, 0.0, 0.0)


def measured_block(inside: InsideSessions, blocks: Sequence[Block]) -> Block | None:
    """The middle one of the blocks that have moments; None where none has any."""
    found = [block for block in blocks if len(_with_bars(inside, block))]
    return found[len(found) // 2] if found else None


def inside_estimate(walk: Walk, inside: InsideSessions, blocks: Sequence[Block], block: Block) -> InsideEstimate:
    """Measure the first sessions of a block that have bars, and reckon from them.

    Args:
        walk: knows what had been measured at the block's refit.
        inside: the moments.
        blocks: of the backtest.
        block: as ``measured_block`` gives it.
    """
    counts = [len(_with_bars(inside, one)) for one in blocks]
    first = int(_with_bars(inside, block)[0])
    refit = BlockMaker(walk.history, walk.features).fit(block, walk.records[block.refit])

    def made(sessions: int) -> tuple[float, MadeInside]:
        begun = time.process_time()
        maker = InsideMaker(replace(inside, last=min(first + sessions - 1, inside.last)))
        found = maker.make(replace(block, start=first), refit)
        return time.process_time() - begun, found

    # The first is not counted: libraries compute once what they need.
    made(1)
    (alone, _), (taken, found) = made(1), made(1 + MEASURED_SESSIONS)
    a_session = max(taken - alone, 0.0) / MEASURED_SESSIONS
    a_refit = max(alone - a_session, 0.0)
    moments = sum(counts) * len(inside.times)
    size = sum(len(table_content(table, "forecasts", table_suffix()).data) for table in found.tables)
    seconds = a_session * sum(counts) + a_refit * sum(count > 0 for count in counts)
    return InsideEstimate(moments, seconds, size / max(found.count.moments, 1) * moments)


def _with_bars(inside: InsideSessions, block: Block) -> np.ndarray:
    """The rows of a block's sessions, as ``InsideSessions.rows`` has them, that have bars."""
    rows = np.array(inside.rows(block), dtype=np.int64)
    return rows[inside.with_bars[rows]]
