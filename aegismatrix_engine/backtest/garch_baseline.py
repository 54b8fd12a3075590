"""The probabilities and quantiles of a GJR-GARCH beside those of a backtest, refitted where the backtest was."""

import math
from collections.abc import Iterator, Sequence
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
GARCH_ID, CLIMATOLOGY_ID = "gjr-garch-t-fhs", "climatology"
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


def with_garch(
    series: DailySeries,
    blocks: Sequence[BlockFiles],
    forecasts: pd.DataFrame,
    quantiles: pd.DataFrame,
    progress: Progress = iter,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The forecasts with the column ``garch``, and the quantiles with those of GJR-GARCH and climatology.

    Forecasts from inside a session have none, nor those of a block that was fitted before row 500.

    Args:
        series: bars of all sessions.
        blocks: of the backtest, each fitted where its models were.
        forecasts: table of all blocks.
        quantiles: table of all blocks.
        progress: wraps the blocks' places, for a progress bar.

    Raises:
        ConfigurationError: ``arch`` is not installed.
    """
    chance, further = np.full(len(forecasts), np.nan), [quantiles]
    rows_of, asked_of = _rows_by_close(forecasts), dict(iter(quantiles.groupby("reference_date")))
    moves = horizon_outcomes(series).close
    for place in progress(range(len(blocks))):
        block = blocks[place]
        fitted, first, last = series.dates.get_indexer(pd.DatetimeIndex([block.fitted, block.first, block.last]))
        if fitted < FEWEST:
            continue
        garch = Garch(series, int(fitted))
        for origin in range(int(first), int(last) + 1):
            day = series.dates[origin]
            rows, asked = rows_of.get(day, _NONE), asked_of.get(day, quantiles.iloc[:0])
            horizons = [*forecasts["sessions"].iloc[rows], *asked["horizon"]]
            if horizons:
                paths = garch.paths(origin, int(max(horizons)))
                chance[rows] = [probability(row, paths) for row in forecasts.iloc[rows].itertuples(index=False)]
                further += _other_quantiles(asked, float(series.close[origin]), paths, _known(moves, origin))
    return forecasts.assign(**{GARCH: chance}), pd.concat(further, ignore_index=True)


_NONE: Final = np.empty(0, dtype=np.int64)


def _rows_by_close(forecasts: pd.DataFrame) -> dict[pd.Timestamp, IntArray]:
    """Session -> places of the forecasts that were made from its close."""
    moments, codes = pd.factorize(forecasts["as_of"].astype(object))[::-1]
    made = pd.to_datetime([str(moment)[:10] for moment in moments]).take(codes)
    at_close = np.flatnonzero(made == pd.DatetimeIndex(forecasts["origin"]))
    places = pd.Series(at_close).groupby(forecasts["origin"].to_numpy()[at_close])
    return {pd.Timestamp(str(day)): part.to_numpy(dtype=np.int64) for day, part in places}


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


def _known(moves: FloatArray, origin: int) -> list[FloatArray]:
    """The returns over 1, 2, ... sessions that were over at the close of a row."""
    return [moves[: max(origin + 1 - h, 0), h - 1] for h in range(1, moves.shape[1] + 1)]


def _other_quantiles(
    asked: pd.DataFrame, close: float, paths: Paths, past: Sequence[FloatArray]
) -> Iterator[pd.DataFrame]:
    """The rows of one origin's distributions, with the values of each other model."""
    for model, of_horizon in ((GARCH_ID, paths.move), (CLIMATOLOGY_ID, past)):
        values = np.empty(len(asked))
        for horizon in asked["horizon"].unique():
            at = (asked["horizon"] == horizon).to_numpy()
            levels = asked["output_type_id"].to_numpy(dtype=np.float64)[at]
            values[at] = np.exp(close + np.quantile(of_horizon[int(horizon) - 1], levels))
        yield asked.assign(model_id=model, value=values)
