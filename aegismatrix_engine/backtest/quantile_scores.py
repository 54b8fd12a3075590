"""How good the distributions of the close were: coverage, where closes fell in them, and CRPS beside other models.

Distributions from h sessions before share h - 1 of them with the next one: every interval counts one in h of them, and
every standard error allows for it.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from aegismatrix_engine.backtest.columns import MODEL_ID
from aegismatrix_engine.scores import MINIMUM_EVENTS, standard_error, wilson_interval
from aegismatrix_engine.typing import FloatArray

SAME_LEVEL: Final = 1e-9
YEARLY_COVERAGE: Final = 0.8
"""Coverage of the central range that is reported by year."""


@dataclass(frozen=True)
class Share:
    """A share of closes beside the one that is meant, with its 95 % interval."""

    meant: float
    found: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class CrpsComparison:
    """CRPS beside another model's on the same closes: 1 - ratio of the means, and the t value of the difference.

    t: mean difference over its standard error, above 0 where the engine is better; None with fewer than 30
        distributions that do not overlap.
    """

    n: int
    skill: float
    t: float | None


@dataclass(frozen=True)
class HorizonReport:
    """The distributions of the close after one number of sessions, by one model.

    Attributes:
        n: distributions whose close is known.
        independent: how many of them fit into the time without overlapping.
        coverage: share of closes inside each central range.
        pit: share of closes at or below each quantile: the distribution of the probability integral transform, Dawid
            (1984), Statistical theory, at these levels.
        crps: mean continuous ranked probability score, as a fraction of the median forecast.
        coverage_by_year: year -> share of closes inside the widest central range of at most 80 %.
        against: other model -> comparison.
    """

    horizon: int
    n: int
    independent: int
    first: str
    last: str
    coverage: tuple[Share, ...]
    pit: tuple[Share, ...]
    crps: float
    coverage_by_year: Mapping[str, float]
    against: Mapping[str, CrpsComparison]


def horizon_reports(quantiles: pd.DataFrame, oracle: pd.DataFrame) -> list[HorizonReport]:
    """A report of every horizon of the engine's distributions, beside those of all other ``model_id``.

    Args:
        quantiles: rows of the table ``quantiles``; others' quantiles are at the same levels.
        oracle: rows of the table ``oracle``.
    """
    came = oracle.set_index("target_end_date")["oracle_value"]
    text = quantiles["model_id"].astype(object)
    own = quantiles[text == MODEL_ID]
    found = []
    for horizon, part in own.groupby("horizon"):
        mine = _wide(part, came)
        if mine is not None:
            others = quantiles[(quantiles["horizon"] == horizon) & (text != MODEL_ID)]
            found.append(_report(int(str(horizon)), mine, others, came))
    return found


@dataclass(frozen=True)
class _Wide:
    """Distributions of one model and horizon in the order of their days: index levels (n, levels), closes (n,)."""

    days: pd.DatetimeIndex
    ends: pd.DatetimeIndex
    levels: FloatArray
    index_levels: FloatArray
    close: FloatArray

    @property
    def relative_crps(self) -> FloatArray:
        middle = self.index_levels[:, int(np.abs(self.levels - 0.5).argmin())]
        return np.asarray(crps(self.levels, self.index_levels, self.close) / middle)


def _wide(part: pd.DataFrame, came: "pd.Series[float]") -> _Wide | None:
    keys = ["reference_date", "target_end_date", "output_type_id"]
    table = part.set_index(keys)["value"].unstack()  # noqa: PD010 - pivot_table would average what stands there twice
    ends = pd.DatetimeIndex(table.index.get_level_values("target_end_date"))
    close = came.reindex(ends).to_numpy(dtype=np.float64)
    known = np.isfinite(close) & table.notna().all(axis=1).to_numpy()
    if not known.any():
        return None
    days = pd.DatetimeIndex(table.index.get_level_values("reference_date"))
    levels = table.columns.to_numpy(dtype=np.float64)
    quantiles = np.asarray(table.to_numpy(dtype=np.float64)[known])
    return _Wide(days[known], ends[known], levels, quantiles, np.asarray(close[known], dtype=np.float64))


def crps(levels: FloatArray, values: FloatArray, close: FloatArray) -> FloatArray:
    """Continuous ranked probability score from quantiles: twice the integral of the quantile score over the level.

    By the trapezium rule over the given levels, whose first and last reach to 0 and 1: Laio and Tamea (2007),
    Verification tools for probabilistic forecasts of continuous hydrological variables.

    Args:
        levels: (L,) rising, between 0 and 1.
        values: (n, L) quantiles.
        close: (n,) what happened.

    Returns:
        (n,) in the unit of the values.
    """
    miss = close[:, None] - values
    loss = np.where(miss >= 0, levels * miss, (levels - 1) * miss)
    between = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]])
    return np.asarray(2 * (loss * np.diff(between)).sum(axis=1))


def _report(horizon: int, mine: _Wide, others: pd.DataFrame, came: "pd.Series[float]") -> HorizonReport:
    n = len(mine.close)
    independent = max(n // horizon, 1)
    below = mine.close[:, None] <= mine.index_levels
    inside = {
        meant: (mine.index_levels[:, low] <= mine.close) & below[:, high] for meant, low, high in _central(mine.levels)
    }
    yearly = [held for meant, held in inside.items() if meant <= YEARLY_COVERAGE + SAME_LEVEL][-1:]
    return HorizonReport(
        horizon=horizon,
        n=n,
        independent=independent,
        first=f"{mine.days[0]:%Y-%m-%d}",
        last=f"{mine.days[-1]:%Y-%m-%d}",
        coverage=tuple(_share(meant, held, independent) for meant, held in inside.items()),
        pit=tuple(_share(float(level), below[:, i], independent) for i, level in enumerate(mine.levels)),
        crps=float(mine.relative_crps.mean()),
        coverage_by_year=_by_year(yearly[0], mine.ends) if yearly else {},
        against=dict(_comparisons(horizon, mine, others, came)),
    )


def _central(levels: FloatArray) -> Iterator[tuple[float, int, int]]:
    """Coverage and the places of both ends of every range that leaves as much below as above, by rising coverage."""
    for low in range(len(levels) // 2 - 1, -1, -1):
        high = len(levels) - 1 - low
        if abs(levels[low] + levels[high] - 1) < SAME_LEVEL:
            yield round(float(levels[high] - levels[low]), 9), low, high


def _share(meant: float, held: np.ndarray, independent: int) -> Share:
    found = float(held.mean())
    return Share(meant, found, wilson_interval(found, independent))


def _by_year(held: np.ndarray, ends: pd.DatetimeIndex) -> dict[str, float]:
    shares = pd.Series(held.astype(np.float64)).groupby(ends.year).mean()
    return {str(year): float(share) for year, share in shares.items()}


def _comparisons(
    horizon: int, mine: _Wide, others: pd.DataFrame, came: "pd.Series[float]"
) -> Iterator[tuple[str, CrpsComparison]]:
    own = pd.Series(mine.relative_crps, index=mine.days)
    for name, part in others.groupby("model_id", observed=True):
        other = _wide(part, came)
        if other is None:
            continue
        both = pd.concat([own, pd.Series(other.relative_crps, index=other.days)], axis=1, join="inner").to_numpy()
        ours, theirs = both.T
        if len(both) and theirs.sum() > 0:
            yield str(name), CrpsComparison(len(both), float(1 - ours.sum() / theirs.sum()), _t(theirs - ours, horizon))


def _t(better: FloatArray, horizon: int) -> float | None:
    if len(better) // horizon < MINIMUM_EVENTS:
        return None
    error = standard_error(better, horizon)
    return float(better.mean()) / error if error > 0 and math.isfinite(error) else None
