"""A few sessions' features, kept with a model set as the questions its models must answer alike for ever."""

import numpy as np
import pandas as pd

from aegismatrix_engine.artifacts.manifest import ProbeRows
from aegismatrix_engine.volatility.daily_series import SESSIONS_PER_YEAR, DailySeries
from aegismatrix_engine.volatility.features import DailyPanel

PROBE_ROWS = 6
PROBE_SPAN = 750


def probe_panel(rows: ProbeRows) -> DailyPanel:
    """The rows as a panel whose bars are not known: all that a forecast reads is here."""
    n = len(rows.vix)
    unknown = np.full(n, np.nan)
    dates = pd.DatetimeIndex(np.arange(n).astype("datetime64[ns]"))
    series = DailySeries(dates, unknown, unknown, unknown, unknown, np.array(rows.vix))
    return DailyPanel(
        series=series,
        range_block=np.array(rows.range_block).reshape(n, -1),
        vix_block=np.array(rows.vix_block).reshape(n, -1),
        gap=np.array(rows.gap).reshape(n, -1),
        single_gap=np.array(rows.single_gap).reshape(n, -1),
        average_true_range=np.array(rows.average_true_range),
        implied_sd=series.implied_sd,
    )


def probe_rows(panel: DailyPanel) -> ProbeRows:
    """Six sessions spread over the last three years of training whose features are complete.

    Without a volatility index its columns are filled with those of a VIX equal to the realised volatility: the rows
    are questions, and any finite row asks one.
    """
    complete = np.flatnonzero(panel.has_vix if panel.has_vix.any() else panel.has_range)[-PROBE_SPAN:]
    wanted = complete[np.linspace(0, len(complete) - 1, PROBE_ROWS).astype(int)]
    vix, vix_block = panel.series.vix[wanted], panel.vix_block[wanted]
    if not np.isfinite(vix_block).all():
        vix = 100 * np.sqrt(SESSIONS_PER_YEAR * np.exp(panel.range_column("lv22")[wanted]))
        vix_block = np.column_stack([panel.range_column("lv22")[wanted], np.zeros((len(wanted), 2))])
    return ProbeRows(
        range_block=panel.range_block[wanted].tolist(),
        vix_block=vix_block.tolist(),
        gap=panel.gap[wanted].tolist(),
        single_gap=panel.single_gap[wanted].tolist(),
        average_true_range=panel.average_true_range[wanted].tolist(),
        vix=vix.tolist(),
    )
