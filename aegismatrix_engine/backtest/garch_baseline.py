"""The probabilities and quantiles of a GJR-GARCH beside those of a backtest, refitted where the backtest was."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from aegismatrix_engine.backtest.block_files import BlockFiles
from aegismatrix_engine.backtest.garch import FEWEST, Garch, Paths
from aegismatrix_engine.errors import DataError
from aegismatrix_engine.training.walk_forward import Progress
from aegismatrix_engine.typing import FloatArray, IntArray
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.outcomes import horizon_outcomes

GARCH: Final = "garch"
"""Column of a table of forecasts with the probability by this baseline, NaN where it has none."""
MODELS: Final = ("gjr-garch-t-fhs", "climatology")
"""``model_id`` of the distributions that are compared with: GJR-GARCH, and the returns that were over by then."""
CLOSE_TOLERANCE: Final = 1e-6


def refuse_other_bars(series: DailySeries, oracle: pd.DataFrame, where: str) -> None:
    """Raises DataError unless the closes of a backtest are those of the bars."""
    rows = series.dates.get_indexer(pd.DatetimeIndex(oracle["target_end_date"]).as_unit("ns"))
    came = oracle["oracle_value"].to_numpy(dtype=np.float64)
    ours = np.where(rows < 0, np.nan, np.exp(series.close[rows]))
    other = ~(np.abs(ours / came - 1) <= CLOSE_TOLERANCE) & np.isfinite(came)
    if other.any():
        i = int(other.argmax())
        day = oracle["target_end_date"].iloc[i]
        there = "no row" if rows[i] < 0 else f"{ours[i]:.2f}"
        raise DataError(
            f"the bars are not those of the backtest in {where}: the close of {day:%Y-%m-%d} is {came[i]:.2f} there, "
            f"and {there} in the bars; name the same --source and --data as for the backtest"
        )


_NONE: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class WithGarch:
    """The tables of a backtest with a baseline more.

    Attributes:
        forecasts: with the column ``garch``, NaN where it has no forecast.
        quantiles: those of each of ``MODELS`` beside the engine's.
        fits: how many there were.
        unconverged: how many of them stopped early; what they had found is used.
    """

    forecasts: pd.DataFrame
    quantiles: pd.DataFrame
    fits: int
    unconverged: int


def with_garch(
    series: DailySeries,
    blocks: Sequence[BlockFiles],
    forecasts: pd.DataFrame,
    quantiles: pd.DataFrame,
    progress: Progress = iter,
) -> WithGarch:
    """The same tables with what a GJR-GARCH, and climatology, would have forecast.

    Forecasts from inside a session have none, nor those of a block that was fitted before row 500.

    Args:
        series: bars of all sessions.
        blocks: of the backtest, each fitted where its models were.
        forecasts: table of all blocks.
        quantiles: table of all blocks.
        progress: wraps the blocks' places, for a progress bar.

    Raises:
        ConfigurationError: ``arch`` is not installed.
        DataError: no parameters are found for the returns before a block.
    """
    baseline = _Baseline(series, forecasts, quantiles)
    for place in progress(range(len(blocks))):
        baseline.add(blocks[place])
    return WithGarch(
        forecasts=forecasts.assign(**{GARCH: baseline.chance}),
        quantiles=_with_models(quantiles, MODELS, baseline.values),
        fits=baseline.fits,
        unconverged=baseline.unconverged,
    )


class _Baseline:
    """What is known so far of every row, NaN where nothing is.

    Attributes:
        chance: (forecasts,) by GJR-GARCH.
        values: (2, quantiles) index levels by each of ``MODELS``.
        fits: how many there were so far.
        unconverged: how many of them stopped early.
    """

    def __init__(self, series: DailySeries, forecasts: pd.DataFrame, quantiles: pd.DataFrame) -> None:
        self.chance, self.values = np.full(len(forecasts), np.nan), np.full((len(MODELS), len(quantiles)), np.nan)
        self.fits = self.unconverged = 0
        self._series, self._forecasts = series, forecasts
        self._rows, self._asked = _rows_by_close(forecasts), _places(quantiles["reference_date"])
        self._sessions, self._horizons = (table.to_numpy() for table in (forecasts["sessions"], quantiles["horizon"]))
        self._levels = quantiles["output_type_id"].to_numpy(dtype=np.float64)
        self._moves = horizon_outcomes(series).close

    def add(self, block: BlockFiles) -> None:
        """Fit where the block's models were, and forecast from each of its closes."""
        dates = pd.DatetimeIndex([block.fitted, block.first, block.last])
        fitted, first, last = self._series.dates.get_indexer(dates)
        if fitted >= FEWEST:
            garch = Garch(self._series, int(fitted))
            self.fits += 1
            self.unconverged += not garch.parameters.converged
            for origin in range(int(first), int(last) + 1):
                self._add_close(garch, origin)

    def _add_close(self, garch: Garch, origin: int) -> None:
        day = self._series.dates[origin]
        rows, asked = self._rows.get(day, _NONE), self._asked.get(day, _NONE)
        longest = max(self._sessions[rows].max(initial=0), self._horizons[asked].max(initial=0))
        if longest == 0:
            return
        paths = garch.paths(origin, int(longest))
        self.chance[rows] = [probability(row, paths) for row in self._forecasts.iloc[rows].itertuples(index=False)]
        for horizon in np.unique(self._horizons[asked]):
            at = asked[self._horizons[asked] == horizon]
            past = self._moves[: max(origin + 1 - horizon, 0), horizon - 1]
            found = [np.quantile(moves, self._levels[at]) for moves in (paths.move[horizon - 1], past)]
            self.values[:, at] = np.exp(self._series.close[origin] + np.array(found))


def _with_models(quantiles: pd.DataFrame, models: Sequence[str], values: FloatArray) -> pd.DataFrame:
    """The table with the values of other models, (models, rows), NaN where a model has none."""
    kept = [quantiles]
    for model, of_model in zip(models, values, strict=True):
        known = np.isfinite(of_model)
        names = pd.Categorical([model] * int(known.sum()))
        kept.append(quantiles[known].assign(model_id=names, value=of_model[known]))
    joined = pd.concat(kept, ignore_index=True)
    return joined.assign(model_id=pd.api.types.union_categoricals([part["model_id"] for part in kept]))


def _rows_by_close(forecasts: pd.DataFrame) -> dict[pd.Timestamp, IntArray]:
    """Session -> places of the forecasts that were made from its close."""
    codes, moments = pd.factorize(forecasts["as_of"].astype(object))
    made = pd.to_datetime([str(moment)[:10] for moment in moments]).take(codes)
    at_close = np.flatnonzero(made == pd.DatetimeIndex(forecasts["origin"]))
    return {day: at_close[places] for day, places in _places(forecasts["origin"].iloc[at_close]).items()}


def _places(dates: "pd.Series[pd.Timestamp]") -> dict[pd.Timestamp, IntArray]:
    """Date -> its places in the column."""
    codes, found = pd.factorize(dates)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(found)))
    return dict(zip(pd.DatetimeIndex(found), np.split(order, ends[:-1]), strict=True)) if len(found) else {}


def probability(row: Any, paths: Paths) -> float:
    """The share of paths on which a forecast's event happens.

    Args:
        row: has the fields of the table ``forecasts``; a trap and its threshold count from the origin, as recorded.
        paths: from its origin, over its sessions at least.
    """
    last = row.sessions - 1
    move = paths.move[last]
    if row.event == "touch":
        up, down = _log_distances(row)
        happened = (paths.up[last] > up) | (paths.down[last] > down)
    elif row.event == "close_beyond":
        up, down = _log_distances(row)
        happened = (move > up) | (move < -down)
    elif row.event == "range":
        happened = (move >= math.log(row.lower / row.spot)) & (move <= math.log(row.upper / row.spot))
    elif row.event == "breakout":
        happened = paths.true_range[last] > row.threshold
    elif row.event == "trap":
        happened = paths.squares[last] / row.sessions > row.threshold**2
    else:
        sides = {"up": move > row.threshold, "down": move < -row.threshold, "straddle": np.abs(move) > row.threshold}
        happened = sides[row.event]
    return float(happened.mean())


def _log_distances(row: Any) -> tuple[float, float]:
    return math.log1p(row.threshold / row.spot), -math.log1p(-row.threshold / row.spot)
