import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.sources.source import SOURCES, open_source


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_opened_by_its_name(name: str, tmp_path: Path) -> None:
    assert open_source(name, tmp_path).name == name


@pytest.mark.parametrize(
    ("name", "told"), [("csv", "--data DIR"), ("nse", "yahoo, csv, sample"), ("", "yahoo, csv, sample")]
)
def test_options_that_name_no_source_are_usage_errors(name: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_source(name)
    assert caught.value.exit_code == 2
    assert told in str(caught.value)


def test_a_cache_needs_the_moment_of_the_run(tmp_path: Path) -> None:
    now = pd.Timestamp("2026-07-15T11:07:30+05:30")
    assert open_source("yahoo", None, tmp_path / "cache", now).name == "yahoo"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConfigurationError, match="moment"):
        open_source("yahoo", None, tmp_path)


def test_opening_any_source_imports_neither_yfinance_nor_arch() -> None:
    code = (
        "import sys; from pathlib import Path; from aegismatrix_engine.sources.source import open_source, SOURCES\n"
        "[open_source(name, Path()) for name in SOURCES]\n"
        "assert not {'yfinance', 'arch', 'curl_cffi', 'requests', 'stamina'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
