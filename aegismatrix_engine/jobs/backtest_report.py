"""Score the folder of a backtest, beside a GJR-GARCH where that is asked for."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from aegismatrix_engine.backtest.block_files import finished_blocks, read_blocks
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
    html: Path | None = None,
    progress: Progress = iter,
) -> BacktestReport:
    """Score every decided forecast of a backtest, as far as it is done.

    Args:
        folder: of the backtest.
        now: what the clock says, with a zone; a source over the network needs it.
        garch: where the bars of the backtest come from, to fit a GJR-GARCH to them, whatever their market is
            given as; None for no such baseline.
        html: file that the report is written to as a page; None for none.
        progress: wraps the fits, for a progress bar.

    Raises:
        DataError: the folder is that of no backtest, a file of it was cut or altered, or bars are others.
        ConfigurationError: a package that is needed is not installed.
        OutputUnwritable: the page cannot be written.
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
    found = backtest_report(blocks, forecasts, quantiles, oracle, fits)
    if html is not None:
        write_atomically(html, page(found).encode())
    return found
