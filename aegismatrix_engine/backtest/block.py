"""One block of a backtest: from a refit to the tables of what it forecast and what came of it."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from aegismatrix_engine.backtest.bars import Bars
from aegismatrix_engine.backtest.columns import MODEL_ID, OUTPUT_TYPE, STANDING, TARGET, Kind
from aegismatrix_engine.backtest.origins import Origins, origins
from aegismatrix_engine.backtest.outcomes import KnownOutcomes
from aegismatrix_engine.backtest.plan import Block
from aegismatrix_engine.backtest.refit import Record, Refit, Refits
from aegismatrix_engine.backtest.rounding import rounded, significant
from aegismatrix_engine.backtest.row_columns import LEVEL_DIGITS, joined_rows, outcome_columns, same_text
from aegismatrix_engine.backtest.undecided import resolved_alone
from aegismatrix_engine.document.schema.block import timestamp
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION
from aegismatrix_engine.document.schema.quantities import POINT_DECIMALS
from aegismatrix_engine.forecasting.forecasters import Forecasters
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.record.forecasts import RECORDED_HORIZONS
from aegismatrix_engine.record.past_frequencies import PastOutcomes
from aegismatrix_engine.record.resolution import Resolver
from aegismatrix_engine.signals.forecast import QUANTILE_LEVELS
from aegismatrix_engine.volatility.features import DailyFeatures


class BlockMaker:
    """Makes the blocks of one history, each for itself."""

    def __init__(self, history: MarketHistory, features: DailyFeatures) -> None:
        self._bars, self._outcomes = Bars.of(history, features), KnownOutcomes(history)
        self._resolver, self._refits = Resolver(history), Refits.of(features)
        self._past = PastOutcomes.of(features)

    def make(self, block: Block, record: Record, fitted: Forecasters | None = None) -> dict[Kind, pd.DataFrame]:
        """``fit`` at the block's refit, and the ``tables`` of the block."""
        return self.tables(block, self.fit(block, record, fitted))

    def fit(self, block: Block, record: Record, fitted: Forecasters | None = None) -> Refit:
        """Fit at a block's refit.

        Args:
            block: which refit.
            record: what the walk through the past had measured there.
            fitted: what was fitted on the sessions up to the refit, where that was done already.
        """
        bars, n = self._bars, block.refit + 1
        apart = bars.missing_ahead(block.refit, n)
        return (Refits.of(bars.known_at(block.refit)) if apart else self._refits).fit(n, record, fitted)

    def tables(self, block: Block, refit: Refit) -> dict[Kind, pd.DataFrame]:
        """Forecast from each close of a block, decide what has come due."""
        bars = self._bars
        forecasts, quantiles = [], []
        for rows in alike(bars.features, block.start, block.stop):
            at = origins(bars, refit, block.refit, rows, self._past)
            forecasts.append(self._forecasts(at, block.refit))
            quantiles.append(_quantiles(at))
        return {"forecasts": pd.concat(forecasts), "quantiles": pd.concat(quantiles), "oracle": self._oracle(block)}

    def _forecasts(self, at: Origins, refit_row: int) -> pd.DataFrame:
        joined = joined_rows(at)
        row = joined["at"]
        sessions = at.features.series.dates
        closes = pd.Categorical([timestamp(moment) for moment in at.market.calendar.closes_of(sessions)])
        paths = self._outcomes.after(np.arange(at.rows.start, at.rows.stop), at.level)
        constant = {
            "standing": STANDING,
            "market": at.market.id,
            "model_set": at.refit.name,
            "schema_version": SCHEMA_VERSION,
        }
        columns = (
            joined
            | outcome_columns(joined, paths)
            | {"as_of": closes[row], "generated_at": closes[row], "origin": sessions.to_numpy()[row]}
            | {"spot": significant(at.level, LEVEL_DIGITS)[row], "priced": np.full(len(row), np.nan)}
            | {"training_end": np.full(len(row), self._bars.features.series.dates[refit_row].to_datetime64())}
            | {name: same_text(text, len(row)) for name, text in constant.items()}
        )
        del columns["at"]
        return resolved_alone(pd.DataFrame(columns), self._resolver)

    def _oracle(self, block: Block) -> pd.DataFrame:
        """Closes of the sessions that the block's quantiles are of, so far as they have come."""
        dates = self._bars.features.series.dates
        rows = slice(block.start + 1, block.stop + max(RECORDED_HORIZONS))
        columns = {"target_end_date": dates[rows], "oracle_value": self._bars.close[rows]}
        return pd.DataFrame(columns).assign(market=self._bars.market.id, target=TARGET)


def alike(features: DailyFeatures, start: int, stop: int) -> Iterator[slice]:
    """The rows start..stop - 1 in runs that all know the volatility index or all lack it."""
    changes = start + 1 + np.flatnonzero(np.diff(features.has_vix[start:stop]))
    yield from (slice(first, last) for first, last in pairwise([start, *changes.tolist(), stop]))


def _quantiles(at: Origins) -> pd.DataFrame:
    """Quantiles of the close at the recorded horizons, in the columns of hubverse model output."""
    levels, sessions, m = QUANTILE_LEVELS, at.features.series.dates.to_numpy(), len(at)
    steps = np.array(RECORDED_HORIZONS)
    moves = np.stack([at.distribution.quantile(h, levels) for h in RECORDED_HORIZONS], axis=1)
    value = rounded(at.spot[:, None, None] * np.exp(moves), POINT_DECIMALS)
    shape = (m, len(steps), len(levels))
    return pd.DataFrame(
        {
            "model_id": same_text(MODEL_ID, value.size),
            "market": same_text(at.market.id, value.size),
            "reference_date": np.broadcast_to(sessions[:, None, None], shape).ravel(),
            "horizon": np.broadcast_to(steps[:, None], shape).ravel(),
            "target": same_text(TARGET, value.size),
            "target_end_date": np.broadcast_to(at.ahead[:, steps - 1, None], shape).ravel(),
            "output_type": same_text(OUTPUT_TYPE, value.size),
            "output_type_id": np.broadcast_to(levels, shape).ravel(),
            "value": value.ravel(),
        }
    )
