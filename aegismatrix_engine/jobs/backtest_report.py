"""Score the folder of a backtest, beside a GJR-GARCH where that is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from aegismatrix_engine.backtest.block_files import RUN_NAME, finished_blocks, read_blocks
from aegismatrix_engine.backtest.garch_baseline import refuse_other_bars, with_garch
from aegismatrix_engine.backtest.report import BacktestReport, Fits, backtest_report
from aegismatrix_engine.backtest.report_tables import page
from aegismatrix_engine.files import write_atomically
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.settings import BarsSettings
from aegismatrix_engine.training.walk_forward import Progress
from aegismatrix_engine.volatility.daily_series import DailySeries


def report(
    folder: Path,
    now: pd.Timestamp,
    garch: BarsSettings | None = None,
    progress: Progress = iter,
) -> BacktestReport:
    """Score every decided forecast of a backtest, as far as it is done.

    Args:
        folder: of the backtest.
        now: what the clock says, with a zone; a source over the network needs it.
        garch: where the bars of the backtest come from, to fit a GJR-GARCH to them, whatever their market is
            given as; None for no such baseline.
        progress: wraps the fits, for a progress bar.

    Raises:
        DataError: the folder is that of no backtest, a file of it was cut or altered, or bars are others.
        ConfigurationError: a package that is needed is not installed.
    """
    blocks = finished_blocks(folder)
    forecasts, quantiles, oracle = (read_blocks(folder, blocks, kind) for kind in ("forecasts", "quantiles", "oracle"))
    fits = None
    if garch is not None:
        history = BarsRequest.of(replace(garch, market=blocks[0].market), now).read(now, intraday=False)
        series = DailySeries.from_frame(history.daily(), history.market.sessions_per_year)
        refuse_other_bars(series, oracle, str(folder))
        compared = with_garch(series, blocks, forecasts, quantiles, progress)
        forecasts, quantiles, fits = compared.forecasts, compared.quantiles, Fits(compared.fits, compared.unconverged)
    return backtest_report(blocks, forecasts, quantiles, oracle, fits)


def market_folders(folder: Path) -> dict[str, Path]:
    """Market -> its folder, where a folder is that of several backtests; empty for the folder of one, or of none."""
    if (folder / RUN_NAME).exists() or not folder.is_dir():
        return {}
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{RUN_NAME}"))}


def reports(
    folders: dict[str, Path], now: pd.Timestamp, garch: BarsSettings | None = None, progress: Progress = iter
) -> Iterator[tuple[str, BacktestReport | Exception]]:
    """The report of each of several backtests, or the error that it ended in; one that fails stops no other.

    Args:
        folders: market -> its folder.
        now: as in ``report``.
        garch: likewise; the csv source has a folder for each market.
        progress: likewise.
    """
    for market, folder in folders.items():
        try:
            yield market, report(folder, now, garch and _of_market(garch, market), progress)
        except Exception as error:  # noqa: BLE001 - a bug ends the market, and no other
            yield market, error


def _of_market(bars: BarsSettings, market: str) -> BarsSettings:
    return replace(bars, data=bars.data / market) if bars.source == "csv" and bars.data is not None else bars


def write_page(path: Path, found: Sequence[BacktestReport]) -> None:
    """Write reports to a file as one page; raises OutputUnwritable."""
    write_atomically(path, page(found).encode())
