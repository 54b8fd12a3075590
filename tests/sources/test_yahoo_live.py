"""The real yfinance against a loopback server that speaks Yahoo's chart format: good runs and bad ones."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from machine_clock import machine_clock, process_clock
from yahoo_server import YahooServer, live_bars, pointed_at

from aegismatrix_engine.errors import AegisError, ConfigurationError, DataError, SourceBusy, SourceUnavailable
from aegismatrix_engine.history import MarketHistory, bar_checks, bar_rules, us_series
from aegismatrix_engine.history.inputs import COMPANION_SERIES, SERIES
from aegismatrix_engine.history.session_book import reconciled
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.network.retries import Pauses
from aegismatrix_engine.sources.yahoo.http_budget import Patience
from aegismatrix_engine.sources.yahoo.source import Yahoo

MARKET = get_market("nifty50")
NOW = pd.Timestamp("2026-07-15T11:07:30+05:30")
TODAY, YESTERDAY = pd.Timestamp("2026-07-15"), pd.Timestamp("2026-07-14")
SHORT = Pauses(attempts=3, first=0.01, longest=0.05, jitter=0.01)
PATIENT = Patience(pauses=SHORT)
HASTY = Patience(total=8.0, share=2.0, request=0.7, pauses=SHORT)
"""Against a server that hangs, and leaves a loaded machine the time for the answers of one that does not."""

NO_END = 600.0
"""How long a hanging server hangs, in seconds: no test that waited for it would end."""
SPOT, VIX, FINE = ("^NSEI", "1d"), ("^INDIAVIX", "1d"), ("^NSEI", "15m")


BARS = live_bars(MARKET, NOW)


@pytest.fixture
def server() -> Iterator[YahooServer]:
    with YahooServer({key: replace(series) for key, series in BARS.items()}) as server, pointed_at(server.address):
        yield server


def read(now: pd.Timestamp = NOW, cache: Path | None = None, fault: str = "") -> MarketHistory:
    source = Yahoo(cache, now, HASTY if fault == "time-out" else PATIENT)
    with machine_clock(now):
        return source.with_us_series(source.with_intraday(source.daily(MARKET)))


def compared(cache: Path | None = None) -> MarketHistory:
    """The same as a run at NOW compares it, session by session."""
    return reconciled(read(cache=cache).complete_by(NOW))


def test_every_series_is_checked_once(server: YahooServer, monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[tuple[str, str]] = []

    def counted(placed: bar_rules.SourcedBars, may_lack: tuple[str, ...] = ()) -> None:
        passes.append((placed.name, str(placed.rows.index.name)))
        bar_rules.check_positive(placed, may_lack)

    monkeypatch.setattr(bar_checks, "check_positive", counted)
    monkeypatch.setattr(us_series, "check_positive", counted)
    read()
    daily, fine = ("^NSEI", "^INDIAVIX", "^VIX", "^GSPC", "INDA"), ("^NSEI", "^INDIAVIX")
    expected = [(f"Yahoo {name}", "date") for name in daily] + [(f"Yahoo {name}", "timestamp") for name in fine]
    assert sorted(passes) == sorted(expected)


def half_hour_mean(session: pd.Timestamp) -> float:
    """The mean of the last half hour of a session, each of its two bars at (high + low + close) / 3."""
    last = BARS[FINE].bars.loc[f"{session:%Y-%m-%d}"].iloc[-2:]
    return float((last["high"] + last["low"] + last["close"]).sum() / 6)


def served_by(history: MarketHistory) -> dict[str, str]:
    return {given.series: given.served_by for given in history.inputs}


EVERY = tuple(series for series in SERIES if series != COMPANION_SERIES)


def test_a_good_run_has_every_series_and_tells_nothing(server: YahooServer) -> None:
    history = read()
    assert served_by(history) == dict.fromkeys(EVERY, "yahoo")
    assert {given.fetched_at for given in history.inputs} == {NOW}
    assert history.notes == ()
    spot = server.series[SPOT].bars
    pd.testing.assert_frame_equal(history.spot, spot.iloc[:-1], check_exact=True, check_names=False, check_freq=False)
    assert history.bars is not None
    assert history.bars.index[-1] == pd.Timestamp("2026-07-15 10:45")
    assert history.bars["vix"].notna().all()
    assert history.open_session == TODAY
    for frame in (history.us_vix, history.us_spot, history.inda):
        assert frame is not None
        assert frame.index[-1] == YESTERDAY
    assert len(server.charts()) == 7


CODE = """
import os, sys
sys.path.insert(0, sys.argv[1])
from yahoo_server import ADDRESS_VARIABLE, pointed_at
import pandas as pd
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.source import open_source
with pointed_at(os.environ[ADDRESS_VARIABLE]):
    source = open_source("yahoo", None, None, pd.Timestamp(sys.argv[2]))
    source.with_us_series(source.with_intraday(source.daily(get_market("nifty50"))))
"""


@pytest.mark.parametrize("cookie", [True, False])
def test_a_fresh_process_makes_at_most_10_requests_and_leaves_nothing(tmp_path: Path, cookie: bool) -> None:
    with YahooServer(BARS) as server:
        server.gives_cookie = cookie
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", CODE, str(Path(__file__).parent), NOW.isoformat()],
            env={**os.environ, **server.environment(), "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert len(server.charts()) == 7
        assert len(server.requests) <= 10
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


BUSY = ["429", "500", "time-out", "reset", "truncated"]
GONE = ["html", "empty", "absent"]


@pytest.mark.parametrize("fault", [*BUSY, *GONE])
def test_a_spot_that_fails_is_the_error_within_the_budget(server: YahooServer, fault: str) -> None:
    server.fault["^NSEI"] = fault
    server.hangs_for = NO_END
    with pytest.raises(SourceUnavailable, match=r"\^NSEI") as caught:
        read(fault=fault)
    assert isinstance(caught.value, SourceBusy) == (fault in BUSY)
    assert "\n" not in str(caught.value)
    assert 1 <= len(server.charts()) <= (SHORT.attempts if fault in BUSY else 2)


@pytest.mark.parametrize("fault", ["429", "500", "reset", "truncated"])
def test_a_fault_that_passes_is_waited_for(server: YahooServer, fault: str) -> None:
    server.fault["^NSEI"] = f"{fault} once"
    history = read()
    assert served_by(history) == dict.fromkeys(EVERY, "yahoo")
    assert history.notes == ()


@pytest.mark.slow
def test_all_symbols_together_keep_to_the_budget(server: YahooServer, tmp_path: Path) -> None:
    read(cache=tmp_path)
    server.fault = dict.fromkeys(("^NSEI", "^INDIAVIX", "^VIX", "^GSPC", "INDA"), "time-out")
    server.hangs_for = NO_END
    history = read(NOW + pd.Timedelta(minutes=30), tmp_path, "time-out")
    assert served_by(history) == dict.fromkeys(EVERY, "store")


@pytest.mark.parametrize("fault", [*BUSY, *GONE])
def test_the_store_serves_where_yahoo_fails_and_is_told(server: YahooServer, tmp_path: Path, fault: str) -> None:
    good = read(cache=tmp_path)
    stored = {path: path.read_bytes() for path in tmp_path.iterdir()}
    server.fault["^NSEI"] = fault
    server.hangs_for = NO_END
    later = NOW + pd.Timedelta(minutes=30)
    history = read(later, tmp_path, fault)
    assert history.content_hash() == good.content_hash()
    by = {given.series: given for given in history.inputs}
    assert (by["spot_daily"].served_by, by["spot_daily"].fetched_at) == ("store", NOW)
    assert (by["spot_intraday"].served_by, by["spot_intraday"].fetched_at) == ("store", NOW)
    assert (by["us_vix_daily"].served_by, by["us_vix_daily"].fetched_at) == ("yahoo", later)
    assert any("spot daily is taken from the store, as fetched at 2026-07-15 11:07" in note for note in history.notes)
    assert any("0.5 hours ago: " in note for note in history.notes)
    unchanged = [path for path in stored if path.name in ("nifty50-spot_daily.bars", "nifty50-spot_intraday.bars")]
    assert len(unchanged) == 2
    assert all(path.read_bytes() == stored[path] for path in unchanged)


@pytest.mark.parametrize(
    ("symbol", "absent"),
    [
        ("^INDIAVIX", ("vix_daily", "vix_intraday")),
        ("^VIX", ("us_vix_daily",)),
        ("^GSPC", ("us_spot_daily",)),
        ("INDA", ("inda_daily",)),
        ("^NSEI 15m", EVERY[2:4]),
    ],
)
def test_a_history_goes_without_what_is_absent(server: YahooServer, symbol: str, absent: tuple[str, ...]) -> None:
    server.fault[symbol] = "absent"
    history = read()
    assert set(served_by(history)) == set(EVERY) - set(absent)
    assert any(f"of {symbol.split()[0]} were left out: " in note for note in history.notes)
    assert (history.vix is None, history.bars is None) == ("vix_daily" in absent, "spot_intraday" in absent)


def test_prices_of_another_symbol_are_not_used(server: YahooServer) -> None:
    server.series[VIX] = replace(server.series[VIX], named="^VIX")
    history = read()
    assert history.vix is None
    assert "vix_daily" not in served_by(history)
    assert any("Yahoo answered for ^INDIAVIX with prices of '^VIX'; try again" in note for note in history.notes)
    server.series[SPOT] = replace(server.series[SPOT], named="^NSEBANK")
    with pytest.raises(SourceUnavailable, match=r"answered for \^NSEI with prices of '\^NSEBANK'"):
        read()


def test_a_volatility_index_three_days_old_says_so(server: YahooServer) -> None:
    server.series[VIX].bars = server.series[VIX].bars.iloc[:-4]
    history = read()
    assert (history.vix_close, history.vix_age) == (None, None)
    assert any("Yahoo ^INDIAVIX: no close on" in note for note in history.notes)


def changed(frame: pd.DataFrame, row: int, factor: float) -> pd.DataFrame:
    frame = frame.copy()
    frame.iloc[row] *= factor
    return frame


MIDDLE: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "nan rows": lambda frame: changed(frame, 20, np.nan),
    "hundredfold spike": lambda frame: changed(frame, 20, 100.0),
    "zero row": lambda frame: changed(frame, 20, 0.0),
}


@pytest.mark.parametrize("fault", MIDDLE)
def test_one_bad_row_in_the_middle_is_left_out_and_told(server: YahooServer, fault: str) -> None:
    date = server.series[SPOT].bars.index[20]
    server.series[SPOT].bars = MIDDLE[fault](server.series[SPOT].bars)
    history = read()
    assert date not in history.spot.index
    assert any(f"^NSEI on {date:%Y-%m-%d}" in note and "were left out" in note for note in history.notes)


@pytest.mark.parametrize("factor", [100.0, 0.01, 0.0])
def test_an_absurd_last_close_is_refused_or_served_from_the_store(
    server: YahooServer, tmp_path: Path, factor: float
) -> None:
    good = read(cache=tmp_path)
    server.series[SPOT].bars = changed(server.series[SPOT].bars, -2, factor)
    server.series[SPOT].bars = server.series[SPOT].bars.iloc[:-1]
    with pytest.raises(DataError, match="2026-07-14"):
        read()
    history = read(cache=tmp_path)
    pd.testing.assert_frame_equal(history.spot, good.spot, check_exact=True)
    assert served_by(history)["spot_daily"] == "store"


def test_equal_repeated_rows_are_dropped_and_told(server: YahooServer) -> None:
    bars = server.series[SPOT].bars
    server.series[SPOT].bars = bars.iloc[[*range(20), 19, *range(20, len(bars))]]
    history = read()
    pd.testing.assert_frame_equal(history.spot, bars.iloc[:-1], check_exact=True, check_names=False, check_freq=False)
    assert history.notes == (f"Yahoo ^NSEI: repeated rows with equal closes were dropped ({bars.index[19]:%Y-%m-%d}).",)


def test_unlike_repeated_rows_are_left_out_and_told(server: YahooServer) -> None:
    bars = server.series[SPOT].bars
    server.series[SPOT].bars = changed(bars.iloc[[*range(20), 19, *range(20, len(bars))]], 20, 1.01)
    history = read()
    assert bars.index[19] not in history.spot.index
    assert history.notes[0] == (
        f"Yahoo ^NSEI: {bars.index[19]:%Y-%m-%d} are given more than once with different closes and were left out."
    )


def test_an_unlike_repeated_last_close_is_refused(server: YahooServer) -> None:
    bars = server.series[SPOT].bars
    server.series[SPOT].bars = changed(bars.iloc[[*range(len(bars) - 1), -2, -1]], -2, 1.01)
    with pytest.raises(DataError, match="2026-07-14 is given more than once with different closes"):
        read()


def test_a_missing_week_is_rebuilt_from_whole_sessions(server: YahooServer) -> None:
    bars = server.series[SPOT].bars
    week = bars.index[-7:-2]
    server.series[SPOT].bars = bars.drop(week)
    history = read()
    kept = bars.iloc[:-1].copy()
    kept.loc[week, "close"] = [half_hour_mean(session) for session in week]
    pd.testing.assert_frame_equal(history.spot, kept, rtol=1e-12, check_names=False, check_freq=False)
    assert history.provisional_closes == frozenset(week)
    assert any("were missing and rebuilt from intraday bars" in note for note in history.notes)


def test_a_missing_week_without_bars_is_refused(server: YahooServer) -> None:
    server.series[SPOT].bars = server.series[SPOT].bars.drop(server.series[SPOT].bars.index[10:15])
    with pytest.raises(DataError, match="no rows for 5 sessions in a row"):
        read()


def test_yesterday_missing_is_rebuilt_and_today_is_not(server: YahooServer, tmp_path: Path) -> None:
    whole = server.series[SPOT].bars
    server.series[SPOT].bars = whole.drop([YESTERDAY, TODAY])
    history = compared(tmp_path)
    assert history.last_session == YESTERDAY
    assert history.provisional_closes == {YESTERDAY}
    assert history.spot.loc[YESTERDAY].tolist()[:3] == whole.loc[YESTERDAY].tolist()[:3]
    assert history.close == pytest.approx(half_hour_mean(YESTERDAY), rel=1e-12)
    server.fault["^NSEI 1d"] = "429"
    assert compared(tmp_path).provisional_closes == {YESTERDAY}


def test_a_session_without_its_last_half_hour_is_not_rebuilt(server: YahooServer) -> None:
    server.series[SPOT].bars = server.series[SPOT].bars.drop([YESTERDAY, TODAY])
    server.series[FINE].bars = server.series[FINE].bars.drop(pd.Timestamp("2026-07-14 15:00"))
    assert compared().last_session == pd.Timestamp("2026-07-13")


@pytest.mark.parametrize(
    ("clock", "quoted", "official"),
    [
        ("15:31", "15:30", False),
        ("15:44", "15:30", False),
        ("15:45", "15:30", True),
        ("23:00", "14:10", False),
        ("23:00", "15:30", True),
    ],
)
def test_today_s_row_is_a_close_once_it_settled(clock: str, quoted: str, official: bool) -> None:
    now = pd.Timestamp(f"2026-07-15T{clock}+05:30")
    served = live_bars(MARKET, now)
    served[SPOT].quoted_at = served[VIX].quoted_at = pd.Timestamp(f"2026-07-15T{quoted}+05:30")
    with YahooServer(served) as server, pointed_at(server.address):
        history = read(now)
    assert history.last_session == (TODAY if official else YESTERDAY)
    assert history.bars is not None
    assert history.bars.index[-1] == pd.Timestamp("2026-07-15 15:15")
    assert (history.vix_close, history.vix_age) == (served[VIX].bars["close"].iloc[-1 if official else -2], 0)


def test_bars_that_end_earlier_neither_serve_nor_replace(server: YahooServer, tmp_path: Path) -> None:
    good = read(cache=tmp_path)
    server.series[SPOT].bars = server.series[SPOT].bars.iloc[:-3]
    server.series[FINE].bars = server.series[FINE].bars.iloc[:-30]
    history = read(cache=tmp_path)
    assert history.content_hash() == good.content_hash()
    assert served_by(history)["spot_daily"] == served_by(history)["spot_intraday"] == "store"
    assert any("before the stored bars" in note for note in history.notes)


def test_a_damaged_store_is_told_and_not_used(server: YahooServer, tmp_path: Path) -> None:
    read(cache=tmp_path)
    path = tmp_path / "nifty50-spot_daily.bars"
    path.write_bytes(path.read_bytes()[:-100])
    server.fault["^NSEI 1d"] = "html"
    with pytest.raises(SourceUnavailable):
        read(cache=tmp_path)
    server.fault.clear()
    history = read(cache=tmp_path)
    assert any("nifty50-spot_daily.bars are damaged" in note for note in history.notes)
    assert read(cache=tmp_path).notes == ()


def test_bars_stored_after_the_moment_are_not_known_at_it(server: YahooServer, tmp_path: Path) -> None:
    read(NOW + pd.Timedelta(hours=1), tmp_path)
    server.fault["^NSEI"] = "absent"
    with pytest.raises(SourceUnavailable):
        read(NOW, tmp_path)


def test_a_store_that_cannot_be_written_is_told(server: YahooServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = read(cache=tmp_path / "file")
    assert sum("could not be stored" in note for note in history.notes) == len(EVERY)


@pytest.mark.parametrize("now", [None, pd.Timestamp("2026-07-15T11:07:30")])
def test_a_store_needs_the_moment(tmp_path: Path, now: pd.Timestamp | None) -> None:
    with pytest.raises(ConfigurationError, match="moment of the run"):
        Yahoo(tmp_path, now)


def test_every_error_is_one_of_ours(server: YahooServer) -> None:
    server.series[SPOT].bars = server.series[SPOT].bars.iloc[:1]
    with pytest.raises(AegisError):
        read()


def test_the_command_line_can_be_pointed_at_the_server(tmp_path: Path) -> None:
    command = [sys.executable, str(Path(__file__).with_name("yahoo_loopback.py")), "train", "--models", str(tmp_path)]
    with YahooServer(BARS) as server:
        environment = {**os.environ, **server.environment(), **process_clock(NOW)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert len(server.charts()) >= 2
    assert done.returncode == 65, done.stderr
    assert "sessions" in done.stderr


def test_a_history_cut_before_an_official_close_gets_no_row_in_its_place() -> None:
    # Since August 2026 the last bar ends at 15:15, and the official close comes at 15:35.
    now, moment = pd.Timestamp("2026-08-12T11:07+05:30"), pd.Timestamp("2026-08-11T15:20+05:30")
    with YahooServer(live_bars(MARKET, now)) as server, pointed_at(server.address):
        source = Yahoo(None, now, PATIENT)
        history = source.with_intraday(source.daily(MARKET).complete_by(moment))
    assert history.last_session == pd.Timestamp("2026-08-10")
    assert history.open_session == pd.Timestamp("2026-08-11")
    assert history.bars is not None
    assert history.bars.index[-1] == pd.Timestamp("2026-08-11 15:00")


def test_it_is_asked_only_for_what_a_market_has() -> None:
    market = get_market("sp500")
    now = pd.Timestamp("2026-07-15T11:07:30-04:00")
    with YahooServer(live_bars(market, now)) as server, pointed_at(server.address):
        source = Yahoo(None, now, PATIENT)
        history = source.with_us_series(source.with_intraday(source.daily(market)))
        assert len(server.charts()) == 4
    assert (history.us_vix, history.notes) == (None, ())
    assert history.bars is not None
    assert history.bars.index[-1] == pd.Timestamp("2026-07-15 10:45")


def test_no_volatility_index_is_asked_for_where_the_market_has_none() -> None:
    market = get_market("banknifty")
    with YahooServer(live_bars(market, NOW)) as server, pointed_at(server.address), machine_clock(NOW):
        source = Yahoo(None, NOW, PATIENT)
        history = source.with_us_series(source.with_intraday(source.daily(market)))
        assert len(server.charts()) == 5, "spot, its bars and three series of the US"
    assert (history.vix, history.notes) == (None, ())
    assert history.bars is not None
    assert history.bars["vix"].isna().all()
