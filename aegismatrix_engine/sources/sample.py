"""Real bars without network or files: the S&P 500 (1999-2018) and VIX (2014-2019) that the ``arch`` package carries.

The two csv files are read where the package is installed. ``arch`` itself is never imported: its models cost seconds.
"""

import gzip
import re
import zlib
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from aegismatrix_engine.errors import ConfigurationError, SourceUnavailable
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.history.bar_checks import checked_spot, checked_vix
from aegismatrix_engine.history.bar_rules import PRICES
from aegismatrix_engine.history.inputs import Input
from aegismatrix_engine.history.repairs import Repair
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.csv_table import sourced_bars

_INSTALL = "pip install 'aegismatrix-engine[demo]'"
_AMERICAN_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4}),", re.MULTILINE | re.ASCII)
_NO_VALUE = re.compile(r"^(\d{4}-\d{2}-\d{2}),\.$", re.MULTILINE | re.ASCII)


class Sample:
    """The sample history, of the market ``sp500`` only."""

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
        folder = _arch_data()
        spot = _text(folder / "sp500" / "sp500.csv.gz")
        vix = _text(folder / "vix" / "vix.csv.gz").replace("date,vix", "date,close", 1)
        # On days the exchange was closed the file has a dot in place of a value.
        dots = tuple(pd.Timestamp(date).as_unit("ns") for date in _NO_VALUE.findall(vix))
        repairs = (
            (Repair("vix.csv.gz: rows with a dot in place of a value were left out ({dates}).", dots),) if dots else ()
        )
        rows = sourced_bars("sp500.csv.gz", spot, moment="date", prices=PRICES)
        closes = sourced_bars("vix.csv.gz", _NO_VALUE.sub("", vix), moment="date", prices=("close",))
        return MarketHistory.from_bars(
            market,
            checked_spot(rows, market.calendar),
            checked_vix(closes),
            repairs,
            (Input("spot_daily", None, self.name), Input("vix_daily", None, self.name)),
        )

    def with_intraday(self, history: MarketHistory) -> MarketHistory:
        """The history unchanged: the sample is daily."""
        return history

    def with_us_vix(self, history: MarketHistory) -> MarketHistory:
        """The history unchanged: the sample's own market is the US one."""
        return history


def _arch_data() -> Path:
    try:
        spec = find_spec("arch")
    except ValueError:
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise SourceUnavailable(f"the sample history comes with the package arch, which is not installed; {_INSTALL}")
    return Path(spec.submodule_search_locations[0]) / "data"


def _text(path: Path) -> str:
    """The file's text with ISO dates, line for line."""
    try:
        text = gzip.decompress(path.read_bytes()).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        text = ""
    if not text:
        raise SourceUnavailable(f"the sample file {path} is missing or damaged; {_INSTALL}")
    lines = text.replace("\r\n", "\n")
    header, _, rows = lines.partition("\n")
    return header.lower() + "\n" + _AMERICAN_DATE.sub(lambda d: f"{d[3]}-{int(d[1]):02}-{int(d[2]):02},", rows)
