"""What a backtest takes, said before it is made."""

import re
from pathlib import Path

import pytest
from backtest_runs import NOW, bars_folder, ended, made, start

from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.jobs.backtest_estimate import estimate
from aegismatrix_engine.jobs.settings import BacktestSettings, BarsSettings


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bars_folder(tmp_path_factory.mktemp("bars"))


def test_an_estimate_is_of_the_backtest_that_is_asked_for(data: Path, tmp_path: Path) -> None:
    settings = BacktestSettings(BarsSettings("nifty50", "csv", data), output=tmp_path / "backtest")
    found, real = estimate(settings, NOW), made(data, tmp_path / "backtest")
    assert (found.first, found.last, found.blocks) == (real.blocks[0].first, real.blocks[-1].last, len(real.blocks))
    assert found.origins == 250
    # Files differ in what they hold; a block of the middle has about the bytes of the others.
    size = sum(file.size for block in real.blocks for file in block.files.values())
    assert found.size == pytest.approx(size, rel=0.1)
    assert found.size_a_year == pytest.approx(found.size / 250 * 252)
    assert found.seconds == pytest.approx(found.alone + 250 * found.per_origin)
    assert found.alone > 0
    assert found.per_origin > 0
    assert found.megabytes > 50


def test_fewer_sessions_take_fewer_blocks_and_bytes(data: Path) -> None:
    bars = BarsSettings("nifty50", "csv", data)
    whole, part = (estimate(BacktestSettings(bars, last=last), NOW) for last in (None, "2018-06-29"))
    assert part.origins < whole.origins
    assert part.size < whole.size


def test_dates_that_cannot_be_are_refused(data: Path) -> None:
    with pytest.raises(ConfigurationError, match="--from 2018-06-01 is after --to 2018-05-01"):
        estimate(BacktestSettings(BarsSettings("nifty50", "csv", data), "2018-06-01", "2018-05-01"), NOW)


@pytest.mark.slow
def test_the_command_prints_an_estimate_and_writes_nothing(data: Path, tmp_path: Path) -> None:
    output = tmp_path / "backtest"
    code, told, errors = ended(start("--source", "csv", "--data", data, "--output", output, "--estimate"))
    assert (code, errors) == (0, "")
    assert told.startswith("nifty50: 250 sessions to forecast from, ")
    assert re.search(r"processor time, seconds\W+\d+\.\d\W+\d+\.\d\d", told)
    assert re.search(r"Memory: \d+ MB in one process", told)
    assert not output.exists()
