"""The report of a backtest: how many events there are, then what the forecasts of them were worth."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from aegismatrix_engine.backtest.block_files import BlockFiles
from aegismatrix_engine.backtest.comparison import SignalReport, signal_reports
from aegismatrix_engine.backtest.garch_baseline import GARCH
from aegismatrix_engine.backtest.quantile_scores import HorizonReport, horizon_reports
from aegismatrix_engine.backtest.scored_forecasts import by_horizon, scored_frame, times_of_day

BASELINES: Final = ("climatology", "vix")
"""What all forecasts are compared with, those from inside sessions with nothing else."""


@dataclass(frozen=True)
class Fits:
    """How many fits of a GJR-GARCH there were, and how many of them stopped before they had converged."""

    done: int
    unconverged: int


@dataclass(frozen=True)
class TimeReport:
    """The forecasts of one signal from one time of day inside sessions.

    Attributes:
        time: HH:MM by the exchange's clock.
        report: of these forecasts alone: those of other times have the same events, and count for nothing here.
    """

    time: str
    report: SignalReport


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
        inside: how many of the forecasts are from inside sessions.
        baselines: that were compared with.
        garch: fits of a GJR-GARCH.
        signals: a report of each, of forecasts from closes.
        by_horizon: of signals whose horizon changes, the same apart by sessions to the end.
        quantiles: of the distributions of the close.
        by_time: of each signal and time of day, of forecasts from inside sessions.
    """

    market: str
    blocks: int
    first: str
    last: str
    forecasts: int
    open: int
    inside: int
    baselines: tuple[str, ...]
    garch: Fits
    signals: list[SignalReport]
    by_horizon: list[SignalReport]
    quantiles: list[HorizonReport]
    by_time: list[TimeReport]

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
    times = times_of_day(forecasts)
    frame = scored_frame(forecasts[times == ""])
    known = [name for name in ("priced", GARCH) if name in frame and frame[name].notna().any()]
    baselines = (*BASELINES, *known)
    return BacktestReport(
        market=blocks[0].market,
        blocks=len(blocks),
        first=blocks[0].first,
        last=blocks[-1].last,
        forecasts=len(forecasts),
        open=int(forecasts["outcome"].isna().sum()),
        inside=int((times != "").sum()),
        baselines=baselines,
        garch=garch or Fits(0, 0),
        signals=_ordered(signal_reports(frame, baselines)),
        by_horizon=_ordered(one for part in by_horizon(frame) for one in signal_reports(part, baselines)),
        quantiles=horizon_reports(quantiles, oracle),
        by_time=_by_time(forecasts, times),
    )


def _by_time(forecasts: pd.DataFrame, times: np.ndarray) -> list[TimeReport]:
    """Every time of day scored as if there were no other, signal by signal."""
    found = [
        TimeReport(time, one)
        for time in sorted(set(times) - {""})
        for one in signal_reports(scored_frame(forecasts[times == time]), BASELINES)
    ]
    return sorted(found, key=lambda one: (_place(one.report), one.time))


def _ordered(reports: Iterable[SignalReport]) -> list[SignalReport]:
    return sorted(reports, key=lambda one: (_place(one), one.sessions))


def _place(one: SignalReport) -> list[str | int]:
    """By the name, numbers in it by their size: t3 before t10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", one.name)]
