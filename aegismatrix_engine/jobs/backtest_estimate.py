"""What a backtest will take, measured on one block of it; nothing is written."""

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import pandas as pd

from aegismatrix_engine.backtest.clock_times import clock_times
from aegismatrix_engine.backtest.inside_sessions import InsideSessions
from aegismatrix_engine.backtest.plan import Block
from aegismatrix_engine.backtest.tables import table_suffix
from aegismatrix_engine.backtest.walk import Walk, make_blocks, prepare
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.jobs.backtest_run import planned
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.batch import MarketOutcome, Observer, batch_requests, usable
from aegismatrix_engine.jobs.inside_estimate import NO_MOMENTS, InsideEstimate, inside_estimate, measured_block
from aegismatrix_engine.jobs.settings import BacktestSettings

RUNS: Final = 3
"""Times that the block is made; the cost is their median."""


@dataclass(frozen=True)
class BacktestEstimate:
    """What making a backtest takes on this machine, its start aside.

    Attributes:
        market: its id.
        sessions_per_year: of the market.
        first: date of the first origin.
        last: date of the last one.
        origins: sessions that are forecast from.
        blocks: how many.
        alone: processor seconds that one process works before blocks can be shared: bars, features, and the walk
            through the past.
        per_origin: processor seconds of an origin in its block, which is fitted, forecast and encoded.
        bytes_per_origin: of the files.
        megabytes: the most memory that this process held.
        inside: what moments inside sessions add.
    """

    market: str
    sessions_per_year: int
    first: str
    last: str
    origins: int
    blocks: int
    alone: float
    per_origin: float
    bytes_per_origin: float
    megabytes: float
    inside: InsideEstimate = NO_MOMENTS

    @property
    def seconds(self) -> float:
        """Processor seconds of all of it."""
        return self.alone + self.per_origin * self.origins + self.inside.seconds

    @property
    def seconds_a_year(self) -> float:
        """Processor seconds of one year of this market."""
        return self.seconds / self.origins * self.sessions_per_year

    @property
    def size(self) -> float:
        """Bytes of all files but run.json."""
        return self.bytes_per_origin * self.origins + self.inside.size

    @property
    def size_a_year(self) -> float:
        """Bytes of the files of one year of this market."""
        return self.size / self.origins * self.sessions_per_year


def estimate(settings: BacktestSettings, now: pd.Timestamp) -> BacktestEstimate:
    """Measure the walk through the past and the middle block of a backtest, and reckon from them.

    Args:
        settings: what is asked for; its folder is not looked at.
        now: what the clock says, with a zone; sessions that have closed by then are used.

    Raises:
        ConfigurationError: options that do not fit together.
        HistoryTooShort: fewer than 751 regular sessions.
        DataError: bars that cannot be used.
    """
    return _estimated(settings, BarsRequest.of(settings.bars, now), now)


def estimates(
    settings: BacktestSettings, markets: Sequence[str], now: pd.Timestamp, observer: Observer
) -> tuple[tuple[BacktestEstimate, ...], tuple[MarketOutcome, ...]]:
    """The same of several markets, those that could be measured; and the outcomes of the others.

    Args:
        settings: of all; the csv source has a folder for each market.
        markets: ids.
        now: what the clock says, with a zone.
        observer: is informed of each market that failed.

    Raises:
        ConfigurationError, AsOfError, MarketUnknown: what was asked for cannot be of any market.
    """
    found: list[BacktestEstimate] = []
    failed: list[MarketOutcome] = []
    for market, request in batch_requests(settings.bars, markets, now).items():
        try:
            found.append(_estimated(settings, usable(request), now))
        except Exception as error:  # noqa: BLE001 - a bug ends the market, and no other
            failed.append(MarketOutcome.failed(market, error))
            observer(failed[-1])
    return tuple(found), tuple(failed)


def _estimated(settings: BacktestSettings, request: BarsRequest, now: pd.Timestamp) -> BacktestEstimate:
    begun, times = time.process_time(), clock_times(settings.intraday)
    history = request.read(now)
    features = market_features(history)
    sessions = features.series.dates
    blocks = planned(settings, history.market.id, sessions)
    middle = blocks[len(blocks) // 2]
    inside = InsideSessions.of(times, history, sessions, blocks)
    measured = None if inside is None else measured_block(inside, blocks)
    walk = prepare(history, features, [block.refit for block in (middle, measured, blocks[-1]) if block is not None])
    alone = time.process_time() - begun
    seconds, size = _measured(walk, middle)
    added = inside_estimate(walk, inside, blocks, measured) if inside and measured else NO_MOMENTS
    length = middle.stop - middle.start
    return BacktestEstimate(
        market=history.market.id,
        sessions_per_year=history.market.sessions_per_year,
        first=f"{sessions[blocks[0].start]:%Y-%m-%d}",
        last=f"{sessions[blocks[-1].stop - 1]:%Y-%m-%d}",
        origins=sum(block.stop - block.start for block in blocks),
        blocks=len(blocks),
        alone=alone,
        per_origin=seconds / length,
        bytes_per_origin=size / length,
        megabytes=_peak_megabytes(),
        inside=added,
    )


def _measured(walk: Walk, block: Block) -> tuple[float, int]:
    """Processor seconds of one block, its models fitted, and the bytes of its files."""
    # Every second block of a backtest finds models that the walk has fitted: the estimate is rather high.
    unfitted = replace(walk, fitted={})
    taken, size, before = [], 0, time.process_time()
    for content in make_blocks(unfitted, [block] * (RUNS + 1), table_suffix()):
        taken.append(time.process_time() - before)
        size, before = content.size, time.process_time()
    # The first is not counted: it has what is computed once for many blocks.
    return median(taken[1:]), size


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Bytes on macOS, kilobytes elsewhere.
    return peak / (1e6 if sys.platform == "darwin" else 1024)
