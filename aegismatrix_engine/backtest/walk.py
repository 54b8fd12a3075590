"""The walk of a backtest: what past walks had measured at each refit, and its blocks, one or many at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from aegismatrix_engine.backtest.bars import Bars
from aegismatrix_engine.backtest.block import BlockMaker
from aegismatrix_engine.backtest.block_files import BlockContent, block_content
from aegismatrix_engine.backtest.inside_sessions import InsideMaker, InsideSessions
from aegismatrix_engine.backtest.plan import Block
from aegismatrix_engine.backtest.refit import Record, measured
from aegismatrix_engine.forecasting.forecasters import ExpandingFits, Forecasters
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import nearest_horizons
from aegismatrix_engine.training.walk_forward import Progress, walk_forward
from aegismatrix_engine.volatility.features import DailyFeatures
from aegismatrix_engine.volatility.log_har import Scales


@dataclass(frozen=True, eq=False)
class Walk:
    """What every block of a backtest is made from.

    Attributes:
        history: daily bars alone.
        features: of its regular sessions.
        records: refit row -> what the walk through the past had measured by then.
        fitted: refit row -> what was fitted there already, of some refits.
        inside: which moments inside sessions are forecast from, too; None for closes alone.
    """

    history: MarketHistory
    features: DailyFeatures
    records: Mapping[int, Record]
    fitted: Mapping[int, Forecasters]
    inside: InsideSessions | None = None

    @property
    def sessions(self) -> pd.DatetimeIndex:
        """The regular sessions."""
        return self.features.series.dates

    def of(self, blocks: Sequence[Block]) -> "Walk":
        """The same for some blocks alone, with no more than they need."""
        rows = {block.refit for block in blocks}
        records = {row: self.records[row] for row in rows}
        return replace(self, records=records, fitted={row: self.fitted[row] for row in rows & self.fitted.keys()})


@dataclass(frozen=True, eq=False)
class KeptFits(ExpandingFits):
    """Fits of which those on the first n rows are kept, for each n in ``kept``."""

    kept: dict[int, Forecasters | None] = field(default_factory=dict)

    def fit(self, n: int, *, index_known: bool = False) -> tuple[Forecasters, Scales]:
        """Fit every part on the first n rows; of those that are kept nothing is left out."""
        found = super().fit(n, index_known=index_known and n not in self.kept)
        if n in self.kept:
            self.kept[n] = found[0]
        return found


def prepare(history: MarketHistory, features: DailyFeatures, refits: Sequence[int], progress: Progress = iter) -> Walk:
    """Measure at each refit, a row of the features, what a training there would have measured."""
    bars = Bars.of(history, features)
    nearest = nearest_horizons(history.market, features.series.dates)
    apart = [row for row in refits if bars.missing_ahead(row, row + 1)]
    together = sorted(set(refits) - set(apart))
    records: dict[int, Record] = {}
    fitted: dict[int, Forecasters] = {}
    for rows in ([together] if together else []) + [[row] for row in apart]:
        known = bars.known_at(rows[-1])
        fits = KeptFits(**vars(ExpandingFits.of(known)), kept={row + 1: None for row in rows})
        walk = walk_forward(known, nearest[: len(known)], progress, fits=fits)
        assert walk is not None, "a refit has 750 sessions before it"
        records |= measured(walk, known, nearest, rows)
        fitted |= {n - 1: found for n, found in fits.kept.items() if found is not None}
    # A forecast from a close needs no other series once its features are there.
    daily = replace(history, bars=None, us_vix=None, us_spot=None, inda=None, companion=None)
    return Walk(daily, features, records, fitted)


def make_blocks(walk: Walk, blocks: Sequence[Block], suffix: str) -> Iterator[BlockContent]:
    """Make blocks one after another, each as what its files hold; ``suffix`` as ``table_suffix`` gives it."""
    maker = BlockMaker(walk.history, walk.features)
    inside = None if walk.inside is None else InsideMaker(walk.inside)
    for block in blocks:
        refit = maker.fit(block, walk.records[block.refit], walk.fitted.get(block.refit))
        tables, found = maker.tables(block, refit), None
        if inside is not None:
            found = inside.make(block, refit)
            tables["forecasts"] = pd.concat([tables["forecasts"], *found.tables])
        dates = walk.sessions[block.refit], walk.sessions[block.start], walk.sessions[block.stop - 1]
        yield block_content(walk.history.market.id, dates, tables, suffix, None if found is None else found.count)
