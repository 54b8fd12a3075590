"""The Yahoo source without Yahoo: what it makes of frames, of every upstream error, and of no network at all."""

import inspect
import json
import os
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from aegismatrix_engine.bar_rules import PlacedBars
from aegismatrix_engine.errors import SourceBusy, SourceUnavailable
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.yahoo import Yahoo, placed_frame, source_error

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import curl_cffi.requests.exceptions
    import requests.exceptions
    import yfinance
    import yfinance.exceptions

PRICES = ("open", "high", "low", "close")
WAITING_HELPS = {
    "YFRateLimitError",
    "curl_cffi.Timeout",
    "curl_cffi.ConnectTimeout",
    "curl_cffi.ReadTimeout",
    "requests.Timeout",
    "requests.ConnectTimeout",
    "requests.ReadTimeout",
}


def upstream_errors() -> list[object]:
    found: dict[type[Exception], str] = {}
    for module in (yfinance.exceptions, curl_cffi.requests.exceptions, requests.exceptions):
        family = module.__name__.split(".")[0]
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Exception) and not issubclass(kind, Warning):
                found.setdefault(kind, name if family == "yfinance" else f"{family}.{name}")
    return [pytest.param(kind, name, id=name) for kind, name in found.items()]


@pytest.mark.parametrize(("kind", "name"), upstream_errors())
def test_every_upstream_exception_is_one_of_ours(kind: type[Exception], name: str) -> None:
    upstream = kind.__new__(kind)
    upstream.args = ("first line\nsecond line " + "x" * 500,)
    error = source_error("^NSEI", upstream)
    assert type(error) is (SourceBusy if name in WAITING_HELPS else SourceUnavailable)
    assert error.exit_code == (75 if name in WAITING_HELPS else 69)
    assert "^NSEI" in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 320


@pytest.mark.parametrize(
    "upstream", [TimeoutError("slow"), KeyError("chart"), TypeError("None"), ValueError("json"), OSError(5, "io")]
)
def test_so_is_every_other_exception(upstream: Exception) -> None:
    assert type(source_error("^VIX", upstream)) is (
        SourceBusy if isinstance(upstream, TimeoutError) else SourceUnavailable
    )


def yahoo_frame(dates: list[str], zone: str = "Asia/Kolkata", level: float = 100.0) -> pd.DataFrame:
    index = pd.DatetimeIndex(dates).tz_localize(zone).rename("Date")
    close = np.full(len(dates), level)
    columns = {"Open": close, "High": close, "Low": close, "Close": close, "Adj Close": close, "Volume": 0}
    return pd.DataFrame(columns, index=index)


def test_bars_stand_on_the_exchange_s_own_dates() -> None:
    placed, mends = placed_frame("^NSEI", yahoo_frame(["2022-12-29", "2022-12-30"]), PRICES)
    assert list(placed.rows.index) == [pd.Timestamp("2022-12-29"), pd.Timestamp("2022-12-30")]
    assert placed.rows.index.dtype == np.dtype("datetime64[ns]")
    assert list(placed.bars().columns) == list(PRICES)
    assert mends == ()


def test_an_index_in_another_zone_keeps_its_own_dates() -> None:
    placed, _ = placed_frame("^VIX", yahoo_frame(["2022-12-30"], "America/Chicago", 20.0), ("close",))
    assert list(placed.rows.index) == [pd.Timestamp("2022-12-30")]


def test_rows_without_prices_are_left_out_and_told() -> None:
    frame = yahoo_frame(["2022-12-28", "2022-12-29", "2022-12-30"])
    frame.loc[frame.index[1], "Low"] = np.nan
    placed, mends = placed_frame("^NSEI", frame, PRICES)
    assert list(placed.rows.index.day) == [28, 30]
    assert [mend.sentence() for mend in mends] == [
        "Yahoo has no prices for ^NSEI on 2022-12-29; those rows were left out."
    ]


def test_india_vix_begins_where_yahoo_s_series_is_nse_s() -> None:
    frame = yahoo_frame(["2010-07-29", "2010-07-30", "2010-08-02"], level=20.0)
    placed, mends = placed_frame("^INDIAVIX", frame, ("close",))
    assert list(placed.rows.index) == [pd.Timestamp("2010-08-02")]
    assert "before 2010-08-01 is not NSE's series and was left out (2010-07-29, 2010-07-30)" in mends[0].sentence()
    assert len(placed_frame("^VIX", frame, ("close",))[0].rows) == 3


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        yahoo_frame([]),
        yahoo_frame(["2022-12-30"]).drop(columns="Close"),
        yahoo_frame(["2022-12-30"]).assign(Close=np.nan),
        yahoo_frame(["2022-12-30"]).assign(Close="text"),
        yahoo_frame(["2022-12-30"]).reset_index(drop=True),
    ],
    ids=["nothing", "no rows", "no close", "no prices", "text", "no dates"],
)
def test_an_empty_answer_is_no_history(frame: pd.DataFrame) -> None:
    with pytest.raises(SourceUnavailable, match=r"Yahoo has no .* for \^NSEI"):
        placed_frame("^NSEI", frame, PRICES)


def test_an_error_in_bars_without_a_file_names_symbol_and_date() -> None:
    frame = yahoo_frame(["2022-12-28", "2022-12-29", "2022-12-30"])
    frame.iloc[1, :4] = 10000.0
    spot: PlacedBars = placed_frame("^NSEI", frame, PRICES)[0]
    with pytest.raises(
        Exception, match=r"^Yahoo \^NSEI, 2022-12-29, column close: 10000 follows 100 in Yahoo \^NSEI, 2022"
    ):
        MarketHistory.from_bars(get_market("nifty50"), spot, None)


@dataclass(frozen=True)
class Answer:
    """What Yahoo's chart endpoint answers, as recorded in shape: quotes of 15:30 Kolkata, one an empty day."""

    symbol: str
    closes: tuple[float | None, ...]

    @property
    def text(self) -> str:
        return json.dumps(self.json())

    def json(self) -> dict[str, object]:
        stamps = [int(pd.Timestamp(f"2022-12-{day} 09:15", tz="Asia/Kolkata").timestamp()) for day in (28, 29, 30)]
        zone = {"exchangeTimezoneName": "Asia/Kolkata", "timezone": "IST", "gmtoffset": 19800}
        meta = {"symbol": self.symbol, "instrumentType": "INDEX", "currency": "INR", "priceHint": 2, **zone}
        period = {"timezone": "IST", "start": stamps[-1], "end": stamps[-1] + 22500, "gmtoffset": 19800}
        meta |= {
            "currentTradingPeriod": {"pre": period, "regular": period, "post": period},
            "validRanges": ["1d", "max"],
        }
        prices = dict.fromkeys(("open", "high", "low", "close"), self.closes)
        indicators = {"quote": [{**prices, "volume": [0, 0, 0]}], "adjclose": [{"adjclose": self.closes}]}
        return {"chart": {"result": [{"meta": meta, "timestamp": stamps, "indicators": indicators}], "error": None}}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Answer | Exception]:
    """Answers in place of the network; everything on this side of it is yfinance's own."""
    given: dict[str, Answer | Exception] = {}

    def get(_self: object, url: str, **_arguments: object) -> Answer:
        answer = given[url.rpartition("/")[2]]
        if isinstance(answer, Exception):
            raise answer
        return answer

    yfinance.set_tz_cache_location(str(tmp_path))
    monkeypatch.setattr("yfinance.data.YfData.get", get)
    monkeypatch.setattr("yfinance.data.YfData.cache_get", get)
    return given


def test_yfinance_s_own_frames_become_a_history(answers: dict[str, Answer | Exception]) -> None:
    answers["^NSEI"] = Answer("^NSEI", (18122.5, 18191.0, 18105.3))
    answers["^INDIAVIX"] = Answer("^INDIAVIX", (15.4, None, 14.87))
    history = Yahoo().daily(get_market("nifty50"))
    assert history.spot["close"].tolist() == [18122.5, 18191.0, 18105.3]
    assert history.last_session == pd.Timestamp("2022-12-30")
    assert (history.vix_close, history.vix_age) == (14.87, 0)
    assert any("no prices for ^INDIAVIX on 2022-12-29" in note for note in history.notes)
    assert Yahoo().with_intraday(history) is history


def test_a_volatility_index_that_fails_leaves_a_history_without_it(answers: dict[str, Answer | Exception]) -> None:
    answers["^NSEI"] = Answer("^NSEI", (18122.5, 18191.0, 18105.3))
    answers["^INDIAVIX"] = yfinance.exceptions.YFRateLimitError()
    history = Yahoo().daily(get_market("nifty50"))
    assert history.vix is None
    assert history.notes[0].startswith(
        "^INDIAVIX was left out: Yahoo did not give ^INDIAVIX (YFRateLimitError: Too Many"
    )
    assert history.notes[-1] == "No India VIX up to 2022-12-30."


def test_a_spot_that_fails_is_the_error(answers: dict[str, Answer | Exception]) -> None:
    answers["^NSEI"] = yfinance.exceptions.YFRateLimitError()
    with pytest.raises(SourceBusy, match=r"\^NSEI .* try again in some minutes"):
        Yahoo().daily(get_market("nifty50"))


def test_without_a_network_the_error_is_one_line_and_nothing_else_is_printed(tmp_path: Path) -> None:
    code = (
        "from aegismatrix_engine.errors import AegisError\n"
        "from aegismatrix_engine.markets import get_market\n"
        "from aegismatrix_engine.sources.source import open_source\n"
        "for _ in range(3):\n"
        " try: open_source('yahoo').daily(get_market('nifty50'))\n"
        " except AegisError as error: print(type(error).__name__, int(error.exit_code), error)"
    )
    closed = dict.fromkeys(
        ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"), "http://127.0.0.1:1"
    )
    environment = {**os.environ, **closed, "NO_PROXY": "", "no_proxy": "", "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    told = done.stdout.splitlines()
    assert len(told) == 3
    for line in told:
        assert line.startswith("SourceUnavailable 69 Yahoo did not give ^NSEI (ConnectionError: ")
        assert line.endswith("--source csv --data DIR")
