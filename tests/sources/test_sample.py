import importlib.util
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from aegismatrix_engine.errors import ConfigurationError, SourceUnavailable
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.sample import Sample

needs_arch = pytest.mark.skipif(importlib.util.find_spec("arch") is None, reason="needs the package arch")


@needs_arch
def test_the_sample_is_twenty_years_of_the_sp500_with_five_of_vix() -> None:
    history = Sample().daily(get_market("sp500"))
    assert (history.spot.index[0], history.last_session) == (pd.Timestamp("1999-01-04"), pd.Timestamp("2018-12-31"))
    assert (history.close, history.vix_close) == (2506.850098, 25.42)
    assert history.vix is not None
    assert history.vix.index[0] == pd.Timestamp("2014-01-03")
    assert len(history.daily()) == len(history.spot) == 5031
    assert len(history.notes) == 2
    assert (
        "rows with a dot in place of a value were left out (2014-01-20, 2014-02-17, 2014-04-18 and 43"
        in history.notes[0]
    )
    assert "without a spot row were left out (2019-01-02, 2019-01-03)" in history.notes[1]


@needs_arch
def test_the_sample_is_read_without_importing_arch() -> None:
    code = (
        "import sys; from aegismatrix_engine.markets import get_market\n"
        "from aegismatrix_engine.sources.sample import Sample\n"
        "Sample().daily(get_market('sp500')); assert not {'arch', 'statsmodels', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_the_sample_has_no_other_market() -> None:
    with pytest.raises(ConfigurationError, match="--market sp500"):
        Sample().daily(get_market("nifty50"))


@needs_arch
def test_the_sample_has_no_intraday_bars() -> None:
    history = Sample().daily(get_market("sp500"))
    assert Sample().with_intraday(history) is history
    assert Sample().with_us_series(history) is history
    assert {given.series: given.served_by for given in history.inputs} == {
        "spot_daily": "sample",
        "vix_daily": "sample",
    }


def test_without_arch_the_way_to_install_it_is_told() -> None:
    code = (
        "import sys; sys.modules['arch'] = None\n"
        "from aegismatrix_engine.markets import get_market; from aegismatrix_engine.sources.sample import Sample\n"
        "from aegismatrix_engine.errors import SourceUnavailable\n"
        "try: Sample().daily(get_market('sp500'))\n"
        "except SourceUnavailable as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.count("\n") == 1
    assert "pip install 'aegismatrix-engine[demo]'" in done.stdout


@pytest.mark.parametrize("content", [None, b"", b"not gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03abc"])
def test_a_damaged_installation_of_arch_is_told(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "arch" / "data" / "sp500"
    folder.mkdir(parents=True)
    (tmp_path / "arch" / "__init__.py").touch()
    if content is not None:
        (folder / "sp500.csv.gz").write_bytes(content)
    monkeypatch.delitem(sys.modules, "arch", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SourceUnavailable, match=r"sp500\.csv\.gz is missing or damaged"):
        Sample().daily(get_market("sp500"))
