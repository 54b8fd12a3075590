"""What decides over several markets: their exit code, whose turn it is, and requests to the source."""

from pathlib import Path

import pandas as pd
import pytest
from yahoo_server import YahooServer, live_bars, pointed_at

from aegismatrix_engine.errors import DataError, ExitCode, OutOfMemory, SourceBusy, SourceUnavailable
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.batch import MarketOutcome, batch_code, batch_requests, usable
from aegismatrix_engine.jobs.settings import BarsSettings
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.yahoo.http_budget import MINUTE, MOST_A_MINUTE, Budget, BudgetSpent, Patience
from aegismatrix_engine.sources.yahoo.source import Yahoo

NOW = pd.Timestamp("2026-11-25T17:00+05:30")
INDIAN = ("nifty50", "banknifty", "sensex")

DONE, DEGRADED, UNHEALTHY = (
    MarketOutcome("a", code) for code in (ExitCode.DONE, ExitCode.DEGRADED, ExitCode.UNHEALTHY)
)
FAILED = MarketOutcome.failed("a", DataError("no rows"))


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [((DONE, DONE), 0), ((DONE, DEGRADED), 10), ((UNHEALTHY, DEGRADED), 11), ((DEGRADED, FAILED), 12), ((FAILED,), 12)],
)
def test_a_failure_outweighs_all_else(outcomes: tuple[MarketOutcome, ...], code: int) -> None:
    assert batch_code(outcomes) == code


def test_a_market_s_own_code_stays_in_its_outcome() -> None:
    assert FAILED.code == 65
    assert MarketOutcome.failed("a", OutOfMemory("none left")).code == 71


def test_series_of_the_us_are_requested_once_for_all_markets() -> None:
    served = {}
    for market in INDIAN:
        served |= live_bars(get_market(market), NOW, sessions=70)
    with YahooServer(served) as server, pointed_at(server.address):
        requests = batch_requests(BarsSettings("nifty50", "yahoo"), INDIAN, NOW)
        histories = [usable(requests[market]).read(NOW) for market in INDIAN]
        charts = server.charts()
    asked = [path.partition("?")[0].rpartition("/")[2] for path in charts]
    assert [asked.count(symbol) for symbol in ("%5EVIX", "%5EGSPC", "INDA")] == [1, 1, 1]
    # Daily and intraday rows of each index, and of the one volatility index.
    assert len(charts) == 3 + 2 * len(INDIAN) + 2
    assert all(history.us_vix is not None and history.inda is not None for history in histories)


def test_a_us_series_that_failed_is_not_requested_again() -> None:
    served = {}
    for market in INDIAN:
        served |= live_bars(get_market(market), NOW, sessions=70)
    with YahooServer(served) as server, pointed_at(server.address):
        server.fault["^VIX"] = "absent"
        requests = batch_requests(BarsSettings("nifty50", "yahoo"), INDIAN, NOW)
        notes = [usable(requests["nifty50"]).read(NOW).notes]
        before = sum("%5EVIX" in path for path in server.charts())
        notes += [usable(requests[market]).read(NOW).notes for market in INDIAN[1:]]
        assert sum("%5EVIX" in path for path in server.charts()) == before
    assert all(any("^VIX" in str(note) for note in found) for found in notes)


def test_a_market_whose_turn_does_not_come_is_told_so() -> None:
    source = Yahoo(patience=Patience.of(0.001))
    request = BarsRequest(get_market("sensex"), source)
    assert usable(request) is request
    with YahooServer({}) as server, pointed_at(server.address), pytest.raises(SourceUnavailable):
        request.read(NOW)
    with pytest.raises(SourceBusy, match="its turn did not come within the seconds of --patience"):
        usable(request)


class _Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.time, self.slept = 100.0, list[float]()

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def test_sixty_requests_begin_within_a_minute_and_no_more() -> None:
    clock = _Clock()
    budget = Budget(Patience.of(200), clock.now, clock.sleep)
    begun = []
    for number in range(2 * MOST_A_MINUTE + 1):
        budget.wait_for_turn()
        begun.append(clock.time)
        clock.time += 0.1 * (number % 2)
    for earlier, later in zip(begun, begun[MOST_A_MINUTE:], strict=False):
        assert later - earlier >= MINUTE
    assert len(clock.slept) == 2 or all(seconds < MINUTE for seconds in clock.slept)


def test_a_wait_beyond_the_patience_is_not_begun() -> None:
    clock = _Clock()
    budget = Budget(Patience.of(50), clock.now, clock.sleep)
    for _ in range(MOST_A_MINUTE):
        budget.wait_for_turn()
    with pytest.raises(BudgetSpent, match="60 requests were made within a minute"):
        budget.wait_for_turn()
    assert clock.slept == []
    assert not budget.spent


def test_csv_folders_are_one_for_each_market(tmp_path: Path) -> None:
    (tmp_path / "sp500").mkdir()
    requests = batch_requests(BarsSettings("nifty50", "csv", tmp_path), ("sp500", "sensex"), NOW)
    assert isinstance(requests["sp500"], BarsRequest)
    with pytest.raises(DataError, match=r"there is no folder .*sensex; with several markets --data DIR holds one"):
        usable(requests["sensex"])
