"""The walk of a backtest: what past walks had measured at each refit, and its blocks, one or many at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from aegismatrix_engine.backtest.bars import Bars
from aegismatrix_engine.backtest.block import BlockMaker
from aegismatrix_engine.backtest.block_files import BlockFiles, write_block
from aegismatrix_engine.backtest.plan import Block
from aegismatrix_engine.backtest.refit import Record, measured
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import nearest_horizons
from aegismatrix_engine.training.walk_forward import Progress, walk_forward
from aegismatrix_engine.volatility.features import DailyFeatures


@dataclass(frozen=True, eq=False)
class Walk:
    """What every block of a backtest is made from.

    Attributes:
        history: daily bars alone.
        features: of its regular sessions.
        records: refit row -> what the walk through the past had measured by then.
    """

    history: MarketHistory
    features: DailyFeatures
    records: Mapping[int, Record]

    @property
    def sessions(self) -> pd.DatetimeIndex:
        """The regular sessions."""
        return self.features.series.dates


def prepare(history: MarketHistory, features: DailyFeatures, refits: Sequence[int], progress: Progress = iter) -> Walk:
    """Measure at each refit, a row of the features, what a training there would have measured."""
    bars = Bars.of(history, features)
    nearest = nearest_horizons(history.market, features.series.dates)
    apart = [row for row in refits if bars.missing_ahead(row, row + 1)]
    together = sorted(set(refits) - set(apart))
    records: dict[int, Record] = {}
    for rows in ([together] if together else []) + [[row] for row in apart]:
        known = bars.known_at(rows[-1])
        walk = walk_forward(known, nearest[: len(known)], progress)
        assert walk is not None, "a refit has 750 sessions before it"
        records |= measured(walk, known, nearest, rows)
    # A forecast from a close needs no other series once its features are there.
    daily = replace(history, bars=None, us_vix=None, us_spot=None, inda=None)
    return Walk(daily, features, records)


def make_blocks(walk: Walk, blocks: Sequence[Block], folder: Path, suffix: str) -> Iterator[BlockFiles]:
    """Make blocks one after another and write each; raises OutputUnwritable."""
    maker = BlockMaker(walk.history, walk.features)
    for block in blocks:
        tables = maker.make(block, walk.records[block.refit])
        dates = walk.sessions[block.refit], walk.sessions[block.start], walk.sessions[block.stop - 1]
        yield write_block(folder, walk.history.market.id, dates, tables, suffix)
