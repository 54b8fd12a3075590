"""A few sessions' features, kept with a model set as the questions its models must answer alike for ever."""

import numpy as np
import pandas as pd

from aegismatrix_engine.artifacts.manifest import ProbeRows
from aegismatrix_engine.volatility.daily_series import SESSIONS_PER_YEAR, DailySeries
from aegismatrix_engine.volatility.features import DailyFeatures

PROBE_ROWS = 6
PROBE_SPAN = 750


def probe_features(rows: ProbeRows) -> DailyFeatures:
    """The rows as features without bars: all that a forecast reads is here."""
    n = len(rows.vix)
    unknown = np.full(n, np.nan)
    dates = pd.DatetimeIndex(np.arange(n).astype("datetime64[ns]"))
    series = DailySeries(dates, unknown, unknown, unknown, unknown, np.array(rows.vix))
    return DailyFeatures(
        series=series,
        range_block=np.array(rows.range_block).reshape(n, -1),
        vix_block=np.array(rows.vix_block).reshape(n, -1),
        gap=np.array(rows.gap).reshape(n, -1),
        single_gap=np.array(rows.single_gap).reshape(n, -1),
        average_true_range=np.array(rows.average_true_range),
        implied_sd=series.implied_sd,
    )


def probe_rows(features: DailyFeatures) -> ProbeRows:
    """Six sessions spread over the last three years of training whose features are complete.

    Without a volatility index its columns are filled with those of a VIX equal to the realised volatility: the rows
    are questions, and any finite row asks one.
    """
    complete = np.flatnonzero(features.has_vix if features.has_vix.any() else features.has_range)[-PROBE_SPAN:]
    wanted = complete[np.linspace(0, len(complete) - 1, PROBE_ROWS).astype(int)]
    vix, vix_block = features.series.vix[wanted], features.vix_block[wanted]
    if not np.isfinite(vix_block).all():
        vix = 100 * np.sqrt(SESSIONS_PER_YEAR * np.exp(features.range_column("lv22")[wanted]))
        vix_block = np.column_stack([features.range_column("lv22")[wanted], np.zeros((len(wanted), 2))])
    return ProbeRows(
        range_block=features.range_block[wanted].tolist(),
        vix_block=vix_block.tolist(),
        gap=features.gap[wanted].tolist(),
        single_gap=features.single_gap[wanted].tolist(),
        average_true_range=features.average_true_range[wanted].tolist(),
        vix=vix.tolist(),
    )
