"""The report of a backtest: how many events there are, then what the forecasts of them were worth."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from aegismatrix_engine.backtest.block_files import BlockFiles
from aegismatrix_engine.backtest.comparison import SignalReport, signal_reports
from aegismatrix_engine.backtest.garch_baseline import GARCH
from aegismatrix_engine.backtest.quantile_scores import HorizonReport, horizon_reports
from aegismatrix_engine.backtest.scored_forecasts import by_horizon, scored_frame


@dataclass(frozen=True)
class Fits:
    """How many fits of a GJR-GARCH there were, and how many of them stopped before they had converged."""

    done: int
    unconverged: int


@dataclass(frozen=True)
class BacktestReport:
    """What was found, and of how many forecasts.

    Attributes:
        market: its id.
        blocks: how many are done.
        first: date of the first origin.
        last: date of the last one.
        forecasts: rows of the table ``forecasts``.
        open: those that the bars do not decide.
        baselines: that were compared with.
        garch: fits of a GJR-GARCH.
        signals: a report of each.
        by_horizon: of signals whose horizon changes, the same apart by sessions to the end.
        quantiles: of the distributions of the close.
    """

    market: str
    blocks: int
    first: str
    last: str
    forecasts: int
    open: int
    baselines: tuple[str, ...]
    garch: Fits
    signals: list[SignalReport]
    by_horizon: list[SignalReport]
    quantiles: list[HorizonReport]

    def content(self) -> dict[str, Any]:
        """All of it, ready for JSON; the numbers of events come first."""
        events = [
            {"signal": one.score.signal, "event": one.score.event, "forecasts": one.score.n}
            | {"events": one.score.events, "independent": one.independent, "enough": one.score.enough}
            for one in self.signals
        ]
        whole = asdict(self)
        counts = {name: whole.pop(name) for name in ("market", "blocks", "first", "last", "forecasts", "open")}
        return counts | {"events": events} | whole


def backtest_report(
    blocks: Sequence[BlockFiles],
    forecasts: pd.DataFrame,
    quantiles: pd.DataFrame,
    oracle: pd.DataFrame,
    garch: Fits | None = None,
) -> BacktestReport:
    """Score the tables of a backtest.

    Args:
        blocks: whose tables these are, one at least.
        forecasts: the table, with the column ``garch`` where there were fits.
        quantiles: the table; other models' distributions may be among them.
        oracle: the table.
        garch: how many fits of a GJR-GARCH the tables hold; None for none.
    """
    frame = scored_frame(forecasts)
    known = [name for name in ("priced", GARCH) if name in frame and frame[name].notna().any()]
    baselines = ("climatology", "vix", *known)
    return BacktestReport(
        market=blocks[0].market,
        blocks=len(blocks),
        first=blocks[0].first,
        last=blocks[-1].last,
        forecasts=len(forecasts),
        open=len(forecasts) - len(frame),
        baselines=baselines,
        garch=garch or Fits(0, 0),
        signals=_ordered(signal_reports(frame, baselines)),
        by_horizon=_ordered(one for part in by_horizon(frame) for one in signal_reports(part, baselines)),
        quantiles=horizon_reports(quantiles, oracle),
    )


def _ordered(reports: Iterable[SignalReport]) -> list[SignalReport]:
    """By their names, numbers in them by their size: t3 before t10."""

    def place(one: SignalReport) -> tuple[list[str | int], tuple[int, int]]:
        parts: list[str | int] = [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", one.name)]
        return parts, one.sessions

    return sorted(reports, key=place)
