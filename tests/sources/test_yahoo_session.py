"""How long a run waits, and from when on a row is a close."""

import pandas as pd
import pytest

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.yahoo.close import official_from, us_official_rows
from aegismatrix_engine.sources.yahoo.http_budget import Budget, BudgetSpent, Patience


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_run_lasts_a_minute_from_its_first_request() -> None:
    clock = Clock()
    budget = Budget(Patience(), clock)
    clock.now += 1000.0
    assert (budget.left(), budget.for_request()) == (60.0, 10.0)
    clock.now += 50.5
    assert (budget.for_request(), budget.allows_pause()) == (9.5, True)
    clock.now += 1.5
    assert not budget.allows_pause()
    clock.now += 8.0
    with pytest.raises(BudgetSpent, match="60 s"):
        budget.for_request()


def test_a_pause_with_its_jitter_never_outlasts_the_budget() -> None:
    budget, pauses = Budget(Patience(), Clock()), Patience().pauses
    assert budget.left() >= pauses.attempts * pauses.longest
    assert pauses.longest >= pauses.first + pauses.jitter


def test_a_close_settles_for_a_quarter_of_an_hour() -> None:
    market = get_market("nifty50")
    assert official_from(market, pd.Timestamp("2026-07-15")) == pd.Timestamp("2026-07-15T15:45+05:30")
    # Since August 2026 the official close comes from an auction that ends at 15:35.
    assert official_from(market, pd.Timestamp("2026-08-11")) == pd.Timestamp("2026-08-11T15:50+05:30")
    # A Sunday that the calendar does not know as a session is over when it ends.
    assert official_from(market, pd.Timestamp("2026-07-19")) == pd.Timestamp("2026-07-20T00:00+05:30")


@pytest.mark.parametrize(("clock", "last"), [("16:29", 13), ("16:30", 14), ("09:40", 13)])
def test_the_us_vix_s_row_of_today_counts_after_its_close(clock: str, last: int) -> None:
    index = pd.DatetimeIndex(["2026-07-10", "2026-07-13", "2026-07-14"], name="date").as_unit("ns")
    frame = pd.DataFrame({"Close": [17.0, 18.0, 19.0]}, index=index.tz_localize("America/Chicago"))
    now = pd.Timestamp(f"2026-07-14T{clock}", tz="America/New_York").tz_convert("Asia/Kolkata")
    assert us_official_rows(frame, now).index[-1] == pd.Timestamp(f"2026-07-{last}", tz="America/Chicago")
