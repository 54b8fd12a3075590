"""Forecasts from moments inside past sessions: what a document of each moment would have left in the record.

There is no second way to compute them: the history is cut at the moment, and the functions that speak live make its
signals and its rows, by the models of the block's refit.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np
import pandas as pd

from aegismatrix_engine.artifacts.head_proof import HEADS
from aegismatrix_engine.backtest.block_files import InsideCount
from aegismatrix_engine.backtest.clock_times import refuse_outside, refuse_without_bars
from aegismatrix_engine.backtest.columns import STANDING
from aegismatrix_engine.backtest.forecast_table import forecast_table
from aegismatrix_engine.backtest.plan import Block
from aegismatrix_engine.backtest.refit import Refit
from aegismatrix_engine.backtest.session_moments import DOUBTED, SessionMoments
from aegismatrix_engine.document.schema.block import timestamp
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.find_origin import origin_at_close, origin_since
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import AtClose, InSession
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.intraday.known_closes import with_known_closes
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.record.forecasts import rows_of
from aegismatrix_engine.record.resolution import Resolver
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow
from aegismatrix_engine.signals.blocks import signal_blocks
from aegismatrix_engine.training.train import models_of
from aegismatrix_engine.typing import BoolArray
from aegismatrix_engine.volatility.night_moves import no_nights

_UNPROVEN: Final = "not proven by the walk up to the refit"


@dataclass(frozen=True, eq=False)
class InsideSessions:
    """Which moments inside sessions a backtest forecasts from.

    Attributes:
        history: with bars inside sessions.
        sessions: the regular ones of the history.
        times: of day, HH:MM by the exchange's clock.
        last: row of the last session that has such moments.
    """

    history: MarketHistory
    sessions: pd.DatetimeIndex
    times: tuple[str, ...]
    last: int

    @classmethod
    def of(
        cls, times: tuple[str, ...], history: MarketHistory, sessions: pd.DatetimeIndex, blocks: Sequence[Block]
    ) -> "InsideSessions | None":
        """The moments at these times within some blocks; None without any time.

        Raises:
            ConfigurationError: a time outside the sessions, or a history without bars inside them.
        """
        if not times:
            return None
        refuse_without_bars(history)
        refuse_outside(times, history.market, sessions[blocks[0].start : blocks[-1].stop])
        return cls(history, sessions, times, blocks[-1].stop - 1)

    @cached_property
    def with_bars(self) -> BoolArray:
        """(n,) which sessions have any bars."""
        bars = self.history.bars
        days = pd.DatetimeIndex([]) if bars is None else pd.DatetimeIndex(bars.index).normalize()
        return np.asarray(self.sessions.isin(days))

    def rows(self, block: Block) -> range:
        """The sessions that a block's models speak inside of: those after the refit, up to the next one.

        The session of the refit is known to the models, and belongs to the block before.
        """
        return range(max(block.start, block.refit + 1), min(block.stop, self.last) + 1)


@dataclass(frozen=True)
class MadeInside:
    """The forecasts of a block from inside sessions.

    Attributes:
        tables: in the columns of ``forecasts``, one for each session that has any.
        count: of the moments.
    """

    tables: tuple[pd.DataFrame, ...]
    count: InsideCount


class InsideMaker:
    """Makes the forecasts from inside sessions, block by block."""

    def __init__(self, inside: InsideSessions) -> None:
        self._inside, self._moments = inside, SessionMoments(inside.history, inside.sessions)
        self._resolver = Resolver(inside.history)

    def make(self, block: Block, refit: Refit) -> MadeInside:
        """Forecast from the moments of a block, and decide what has come due."""
        inside, left_out = self._inside, Counter[str]()
        if not inside.rows(block):
            return MadeInside((), InsideCount(0, {}))
        model_set = _ModelSet.of(inside.history.until(AsOf.of(inside.sessions[block.refit])), refit)
        tables: list[pd.DataFrame] = []
        moments = 0
        for row in inside.rows(block):
            left_out.update(self._moments.in_special_sessions(row, len(inside.times)))
            rows: list[ForecastRow] = []
            for found in self._of_session(row, model_set):
                if isinstance(found, str):
                    left_out[found] += 1
                else:
                    moments += 1
                    rows += found
            # A table a session: a row as text is many times as large.
            tables += [self._table(rows)] if rows else []
        return MadeInside(tuple(tables), InsideCount(moments, dict(sorted(left_out.items()))))

    def _of_session(self, row: int, model_set: "_ModelSet") -> Iterator[list[ForecastRow] | str]:
        """The rows from each moment inside a session, or why there are none."""
        close: AtClose | None = None
        for time in self._inside.times:
            moment = self._moments.moment(row, time)
            if isinstance(moment, str):
                yield moment
                continue
            known = self._inside.history.until(AsOf(moment))
            if close is None:
                # What is known of the closes before is the same at every moment of a session.
                close = origin_at_close(known, model_set.models.forecasters, unproven=model_set.unproven)
                model_set = model_set.carried_on(close, known)
            origin = origin_since(close, known, model_set.models)
            yield model_set.rows(origin) if isinstance(origin, InSession) else DOUBTED

    def _table(self, rows: list[ForecastRow]) -> pd.DataFrame:
        # When they are resolved is not in the table: any moment will do.
        decided = self._resolver.resolve(rows, pd.Timestamp(rows[-1].as_of))
        return forecast_table(rows, {one.forecast: one for one in decided if isinstance(one, ResolutionRow)})


@dataclass(frozen=True, eq=False)
class _ModelSet:
    """The set of a training at a refit, so far as forecasts depend on it: no labels, calls or track records.

    Attributes:
        unproven: head -> that it is not proven.
        name: of the set.
    """

    models: Models
    unproven: Mapping[str, str]
    name: str

    @classmethod
    def of(cls, known: MarketHistory, refit: Refit) -> Self:
        """With what is learnt of sessions from the bars that were known at the refit."""
        features, fitted = market_features(known), refit.forecasters
        # No night is forecast from: inside a session it is over.
        night = no_nights(len(features))
        models = models_of(known, features, (fitted, fitted.distribution.scales(features)), None, night)
        breach = replace(models.breach, miss=refit.record.miss)
        unproven = {head: _UNPROVEN for head in HEADS if head not in refit.record.proven}
        return cls(replace(models, breach=breach), unproven, refit.name)

    def carried_on(self, close: AtClose, known: MarketHistory) -> Self:
        """The same once the closes up to the last one are known, as a document's session model is."""
        session, distribution = self.models.session, self.models.distribution
        intraday = with_known_closes(session.intraday, distribution, close.features, known)
        return replace(self, models=replace(self.models, session=replace(session, intraday=intraday)))

    def rows(self, origin: InSession) -> list[ForecastRow]:
        """What the record would keep of a document from a moment."""
        # Rates of past ranges and calls stand beside the signals; no forecast depends on them.
        rates = self.models.breach.record.rate, self.models.breakout.record.rate
        blocks, as_of = signal_blocks(origin, self.models, *rates, volatility_score=None), timestamp(origin.as_of)
        shared = {
            "as_of": as_of,
            "generated_at": as_of,
            "standing": STANDING,
            "market": origin.market.id,
            "model_set": self.name,
            "training_end": self.models.breach.known_until,
            "schema_version": SCHEMA_VERSION,
        }
        return rows_of(blocks, origin, shared)
