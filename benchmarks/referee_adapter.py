"""The engine as a candidate of the referee: calls the engine's own fit and predict, and nothing else."""

import numpy as np
import pandas as pd

from aegismatrix_engine.forecasters import fit_forecasters, forecast
from aegismatrix_engine.volatility.daily_series import DailySeries
from aegismatrix_engine.volatility.features import DailyPanel
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

QUANTILE_HORIZONS = (1, 3, 5, 10, 20, 40)
BREACH_HORIZONS = (1, 2, 3, 4, 5, 20)
DISTANCES = np.array([0.01, 0.015, 0.02, 0.03, 0.04, 0.05])
LEVELS = np.arange(1, 100) / 100


class Engine:
    """Daily track. ``sessions`` is extended by weekdays where it ends less than 45 sessions after a bar."""

    def __init__(self, sessions: pd.DatetimeIndex):
        to_come = pd.bdate_range(sessions[-1] + pd.Timedelta(days=1), periods=MAX_HORIZON + 1)
        self._sessions = sessions.append(to_come)

    def fit(self, daily: pd.DataFrame) -> None:
        self._forecasters = fit_forecasters(self._panel(daily))

    def predict(self, daily: pd.DataFrame) -> dict[str, dict]:
        panel = self._panel(daily)
        found = forecast(self._forecasters, panel.rows(slice(len(panel) - 1, len(panel))))
        by_horizon = found.distribution.breaches_by_horizon(max(BREACH_HORIZONS), DISTANCES)
        pairs = [(h, i, float(d)) for h in BREACH_HORIZONS for i, d in enumerate(DISTANCES)]
        return {
            "quantiles": {h: found.distribution.quantile(h, LEVELS)[0] for h in QUANTILE_HORIZONS},
            "terminal": {(h, d): float(by_horizon[h - 1].close[0, i]) for h, i, d in pairs},
            "touch": {(h, d): float(by_horizon[h - 1].touch[0, i]) for h, i, d in pairs},
            "up": {h: float(found.distribution.up(h)[0]) for h in QUANTILE_HORIZONS},
            "trap": {k: float(p[0]) for k, p in found.trap.items()},
            "straddle": {h: float(p[0]) for h, p in found.straddle.items()},
            "breakout": {k + 1: float(found.breakout[0, k]) for k in range(found.breakout.shape[1])},
        }

    def _panel(self, daily: pd.DataFrame) -> DailyPanel:
        return DailyPanel.from_series(DailySeries.from_frame(daily), self._sessions)
