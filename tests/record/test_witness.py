"""Live is what a commit held in time: the rules by themselves, without any git."""

import pandas as pd
import pytest
from sample_rows import forecast, resolution

from aegismatrix_engine.markets import get_market
from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.rows import ForecastRow, cells
from aegismatrix_engine.record.witness import (
    DATED_AHEAD,
    FROM_THE_FUTURE,
    NO_COMMIT,
    NO_SESSION,
    TOO_LATE,
    Findings,
    first_held,
    witnessed,
)

MARKET = get_market("nifty50")
NOW = pd.Timestamp("2026-06-30T18:00+05:30")
IN_SESSION = forecast()  # of Wednesday 2022-06-15, 10:00
FROM_CLOSE = forecast(as_of="2022-06-15T15:30:00+05:30", origin="2022-06-15")
AT_NIGHT = forecast(as_of="2022-06-16T01:45:00+05:30", origin="2022-06-15")
BEFORE_A_HOLIDAY = forecast(as_of="2022-08-12T15:30:00+05:30", origin="2022-08-12", until="2022-08-25")
BEFORE_DIWALI = forecast(as_of="2022-10-21T15:30:00+05:30", origin="2022-10-21", until="2022-10-27")


def ledger(*rows: ForecastRow) -> Ledger:
    found = Ledger({row.key: row for row in rows}, {row.key: resolution(row) for row in rows})
    found.lines.update({row.key: ",".join(cells(row)) for row in rows})
    return found


def judged(row: ForecastRow, held_at: str | None, now: pd.Timestamp = NOW) -> tuple[str, Findings]:
    """The row's standing before the witness, and what it says, where a commit of that moment was the first with it."""
    held = {} if held_at is None else {",".join(cells(row)): int(pd.Timestamp(held_at).timestamp())}
    found, findings = witnessed(ledger(row), held, MARKET, now)
    return found.forecasts[row.key].standing, findings


IN_TIME = {
    "at once": (IN_SESSION, "2022-06-15T10:00:00+05:30"),
    "45 minutes later in session": (IN_SESSION, "2022-06-15T10:45:00+05:30"),
    "in the night after the close": (FROM_CLOSE, "2022-06-16T03:00:00+05:30"),
    "a second before the open": (FROM_CLOSE, "2022-06-16T09:14:59+05:30"),
    "from the night, before the open": (AT_NIGHT, "2022-06-16T08:40:00+05:30"),
    "over a weekend with a holiday after it": (BEFORE_A_HOLIDAY, "2022-08-15T20:00:00+05:30"),
    "by a clock that is behind": (IN_SESSION, "2022-06-15T09:55:00+05:30"),
}


@pytest.mark.parametrize("case", IN_TIME)
def test_a_row_that_a_commit_held_in_time_is_live(case: str) -> None:
    standing, findings = judged(*IN_TIME[case])
    assert (standing, findings) == ("live", Findings(1, 1, ()))


LATE = {
    "46 minutes later in session": (IN_SESSION, "2022-06-15T10:45:01+05:30", "up to an hour late"),
    "after the close of its session": (IN_SESSION, "2022-06-15T15:40:00+05:30", "up to a day late"),
    "at the next open": (FROM_CLOSE, "2022-06-16T09:15:00+05:30", "up to an hour late"),
    "years later": (FROM_CLOSE, "2026-06-30T17:00:00+05:30", "later"),
    "after the open of a special session": (BEFORE_DIWALI, "2022-10-24T18:15:00+05:30", "up to an hour late"),
}


@pytest.mark.parametrize("case", LATE)
def test_a_row_that_no_commit_held_in_time_is_a_replay_and_the_report_knows_how_late(case: str) -> None:
    row, held_at, delay = LATE[case]
    standing, findings = judged(row, held_at)
    assert standing == "replay"
    assert (findings.claimed, findings.confirmed) == (1, 0)
    (refusal,) = findings.refusals
    assert (refusal.reason, refusal.rows, refusal.first, refusal.last) == (TOO_LATE, 1, row.as_of, row.as_of)
    assert refusal.first_seen == {delay: 1}


def reason(row: ForecastRow, held_at: str | None, now: pd.Timestamp = NOW) -> str:
    standing, findings = judged(row, held_at, now)
    assert standing == "replay"
    return findings.refusals[0].reason


def test_a_commit_dated_later_than_now_is_no_witness() -> None:
    now = pd.Timestamp("2022-06-15T10:10:00+05:30")
    assert reason(IN_SESSION, "2022-06-15T10:15:01+05:30", now) == DATED_AHEAD
    assert judged(IN_SESSION, "2022-06-15T10:15:00+05:30", now)[0] == "live"


def test_a_row_that_was_held_before_its_own_moment_is_none_of_that_moment() -> None:
    assert reason(IN_SESSION, "2022-06-15T09:54:59+05:30") == FROM_THE_FUTURE


def test_a_row_that_no_commit_holds_is_a_replay() -> None:
    assert reason(IN_SESSION, None) == NO_COMMIT


def test_a_moment_that_no_calendar_covers_is_a_replay() -> None:
    ancient = forecast(as_of="1950-06-15T10:00:00+05:30", origin="1950-06-14", until="1950-06-15")
    assert reason(ancient, "1950-06-15T10:01:00+05:30") == NO_SESSION


def test_a_row_that_calls_itself_a_replay_stays_one_whatever_the_witness_saw() -> None:
    standing, findings = judged(forecast(standing="replay"), "2022-06-15T10:00:00+05:30")
    assert (standing, findings.claimed) == ("replay", 0)


def test_the_line_itself_has_to_be_held_and_not_another_of_its_key() -> None:
    other = forecast(probability="0.5")
    assert other.key == IN_SESSION.key
    held = {",".join(cells(other)): int(pd.Timestamp(IN_SESSION.as_of).timestamp())}
    found, _ = witnessed(ledger(IN_SESSION), held, MARKET, NOW)
    assert found.forecasts[IN_SESSION.key].standing == "replay"


def test_reasons_are_counted_and_the_ledger_given_stays_as_it_is() -> None:
    rows = [forecast(signal=f"seller.breach_probabilities.{i}") for i in range(4)]
    before = ledger(*rows)
    times = ("2022-06-15T10:05:00+05:30", "2022-06-15T11:00:00+05:30", "2022-06-17T11:00:00+05:30")
    held = {",".join(cells(row)): int(pd.Timestamp(at).timestamp()) for row, at in zip(rows, times, strict=False)}
    after, findings = witnessed(before, held, MARKET, NOW)
    assert [row.standing for row in after.forecasts.values()] == ["live", "replay", "replay", "replay"]
    assert {row.standing for row in before.forecasts.values()} == {"live"}
    assert (findings.claimed, findings.confirmed) == (4, 1)
    assert [(one.reason, one.rows) for one in findings.refusals] == [(TOO_LATE, 2), (NO_COMMIT, 1)]
    assert findings.refusals[0].first_seen == {"up to an hour late": 1, "later": 1}
    assert (after.resolutions, after.faults) == (before.resolutions, before.faults)


def test_the_first_commit_that_held_a_line_counts() -> None:
    assert first_held([(5, ["a"]), (7, ["a", "b"]), (9, ["b", "a", "c"])]) == {"a": 5, "b": 7, "c": 9}
