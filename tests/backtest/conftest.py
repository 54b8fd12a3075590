"""Backtests that several tests read; none of them writes into one."""

from pathlib import Path

import pytest
from simulated_backtest import FIRST_ORIGIN, ORIGINS, SESSIONS, write_backtest
from simulated_market import simulated


@pytest.fixture(scope="session")
def backtest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backtest of 200 origins of the simulated market in four blocks; the last forecasts are open."""
    folder = tmp_path_factory.mktemp("backtest")
    write_backtest(folder, simulated(SESSIONS), FIRST_ORIGIN, ORIGINS)
    return folder
