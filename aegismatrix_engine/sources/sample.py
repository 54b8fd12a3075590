"""Real bars without network or files: the S&P 500 (1999-2018) and VIX (2014-2019) that the ``arch`` package carries.

The two csv files are read where the package is installed. ``arch`` itself is never imported: its models cost seconds.
"""

import gzip
import re
import zlib
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from aegismatrix_engine.errors import ConfigurationError, SourceUnavailable
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_rules import PRICES, SourcedBars
from aegismatrix_engine.history.inputs import Series
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.csv_table import sourced_bars
from aegismatrix_engine.sources.given_series import GivenSeries

_INSTALL = "pip install 'aegismatrix-engine[demo]'"
_AMERICAN_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4}),", re.MULTILINE | re.ASCII)
_NO_VALUE = re.compile(r"^(\d{4}-\d{2}-\d{2}),\.$", re.MULTILINE | re.ASCII)


class Sample(GivenSeries):
    """The sample history, of the market ``sp500`` only, daily."""

    name = "sample"

    def daily(self, market: Market) -> MarketHistory:
        """S&P 500 and VIX as ``arch`` carries them, validated like any other file.

        Raises:
            ConfigurationError: another market.
            SourceUnavailable: ``arch`` is not installed, or its data are not there.
        """
        if market.id != "sp500":
            raise ConfigurationError(
                f"the sample source has the market sp500 only, not {market.id}; use --market sp500"
            )
        history = super().daily(market)
        # On days the exchange was closed the file has a dot in place of a value.
        dots = tuple(pd.Timestamp(date).as_unit("ns") for date in _NO_VALUE.findall(_text("vix", "vix.csv.gz")))
        left_out = Repair("vix.csv.gz: rows with a dot in place of a value were left out ({dates}).", dots)
        return replace(history, repairs=(*((left_out,) if dots else ()), *history.repairs))

    def sourced(self, series: Series, market: Market) -> SourcedBars | None:
        """The rows of a daily series."""
        if series == "spot_daily":
            return sourced_bars("sp500.csv.gz", _text("sp500", "sp500.csv.gz"), moment="date", prices=PRICES)
        if series != "vix_daily":
            return None
        text = _NO_VALUE.sub("", _text("vix", "vix.csv.gz").replace("date,vix", "date,close", 1))
        return sourced_bars("vix.csv.gz", text, moment="date", prices=("close",))


def _arch_data() -> Path:
    try:
        spec = find_spec("arch")
    except ValueError:
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise SourceUnavailable(f"the sample history comes with the package arch, which is not installed; {_INSTALL}")
    return Path(spec.submodule_search_locations[0]) / "data"


def _text(folder: str, file: str) -> str:
    """The file's text with ISO dates, line for line."""
    path = _arch_data() / folder / file
    try:
        text = gzip.decompress(path.read_bytes()).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        text = ""
    if not text:
        raise SourceUnavailable(f"the sample file {path} is missing or damaged; {_INSTALL}")
    header, _, rows = text.replace("\r\n", "\n").partition("\n")
    return header.lower() + "\n" + _AMERICAN_DATE.sub(lambda d: f"{d[3]}-{int(d[1]):02}-{int(d[2]):02},", rows)
