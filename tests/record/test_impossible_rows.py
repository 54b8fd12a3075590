"""A row with a right checksum and impossible content is named with its field and read past; nothing else is lost."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from hypothesis import given
from hypothesis import strategies as st
from sample_rows import FORECAST, forecast, resolution
from slow_cases import slow_but

from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.record import ledger_files
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.ledger import Ledger, read_ledger
from aegismatrix_engine.record.resolution import Open, Resolver
from aegismatrix_engine.record.row_checks import impossible
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, Row, cells

RANGE = forecast(event="range", threshold="", lower="15600", upper="15900", probability="0.8")
FILE = Path("nifty50", "forecasts", "2022", "2022-06-15.csv")

IMPOSSIBLE: dict[str, tuple[Row, str]] = {
    "as_of no date": (forecast(as_of="2022-13-45T10:00:00+05:30"), "as_of"),
    "as_of without a zone": (forecast(as_of="2022-06-15T10:00:00"), "as_of"),
    "as_of in weeks": (forecast(as_of="2022-W24-3T10:00:00+05:30"), "as_of"),
    "as_of of year 1": (forecast(as_of="0001-01-01T10:00:00+05:30"), "as_of"),
    "generated_at": (forecast(generated_at="later"), "generated_at"),
    "standing": (forecast(standing="lives"), "standing"),
    "event": (forecast(event="moon"), "event"),
    "origin": (forecast(origin="2022-02-30"), "origin"),
    "until": (forecast(until="2026-13-45"), "until"),
    "until in basic form": (forecast(until="20220630"), "until"),
    "until beyond any calendar": (forecast(until="9999-12-31"), "until"),
    "sessions": (forecast(sessions="x"), "sessions"),
    "sessions below 0": (forecast(sessions="-1"), "sessions"),
    "sessions in other digits": (forecast(sessions="١٢"), "sessions"),
    "sessions without end": (forecast(sessions="9" * 3000), "sessions"),
    "spot 0": (forecast(spot="0"), "spot"),
    "spot below 0": (forecast(spot="-5"), "spot"),
    "spot infinite": (forecast(spot="1e400"), "spot"),
    "spot none": (forecast(spot=""), "spot"),
    "threshold nan": (forecast(threshold="nan"), "threshold"),
    "threshold none": (forecast(threshold=""), "threshold"),
    "threshold whose square overflows": (forecast(threshold="1e300"), "threshold"),
    "probability 7": (forecast(probability="7"), "probability"),
    "probability no number": (forecast(probability="abc"), "probability"),
    "climatology": (forecast(climatology="1.5"), "climatology"),
    "vix": (forecast(vix="-0.1"), "vix"),
    "training_end": (forecast(training_end="soon"), "training_end"),
    "lower none": (replace(RANGE, lower=""), "lower"),
    "upper infinite": (replace(RANGE, upper="inf"), "upper"),
    "lower above upper": (replace(RANGE, lower="16000"), "lower"),
    "outcome": (resolution(FORECAST, "2"), "outcome"),
    "observed": (resolution(FORECAST, observed="nan"), "observed"),
    "known_at": (resolution(FORECAST, known_at="2022-06-30"), "known_at"),
    "resolved_at": (resolution(FORECAST, resolved_at="x"), "resolved_at"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_is_named_by_its_field(case: str) -> None:
    row, name = IMPOSSIBLE[case]
    wrong = impossible(row)
    assert wrong is not None
    assert wrong.startswith(f"has the {name} {vars(row)[name][:20]!r}")
    assert impossible(resolution(FORECAST) if isinstance(row, ResolutionRow) else RANGE) is None


@pytest.mark.parametrize("row", [FORECAST, RANGE, resolution(FORECAST)], ids=["forecast", "range", "resolution"])
@given(data=st.data())
def test_no_cell_whatever_ends_the_check(row: Row, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in vars(row) if name != "key"]))
    odd = st.sampled_from(["", "nan", "inf", "-0", "1e400", "1_0", " 1", "2022-06-31", "\0", "\uff19"])
    changed = replace(row, **{name: data.draw(st.text(max_size=30) | odd)})
    wrong = impossible(changed)
    assert wrong is None or name == "event" or f"has the {name} " in wrong or f"above its {name} " in wrong


def test_probabilities_that_rounding_has_moved_a_hair_beyond_are_probabilities() -> None:
    assert impossible(forecast(probability="-1.1e-16", vix="1.0000000000000002")) is None


HISTORY = synthetic.history(synthetic.daily_frame(900))
SESSIONS = HISTORY.regular_sessions


def made(i: int, **changes: str) -> ForecastRow:
    """A forecast from the close of a session, of the close five sessions later."""
    origin, until = SESSIONS[i], SESSIONS[i + 5]
    closed = HISTORY.market.calendar.closes_at(origin)
    plain = {
        "as_of": closed.isoformat(),
        "generated_at": closed.isoformat(),
        "origin": f"{origin:%Y-%m-%d}",
        "until": f"{until:%Y-%m-%d}",
        "sessions": "5",
        "spot": f"{HISTORY.spot['close'].loc[origin]:.2f}",
        "signal": f"direction.horizons.{i}",
        "event": "up",
        "threshold": "0.01",
        "training_end": "2014-01-01",
    }
    return forecast(**{**plain, **changes})


EVENTS = ("up", "down", "close_beyond", "touch", "trap", "straddle", "breakout")
GOOD = [made(600 + i, event=event, threshold="0.02") for i, event in enumerate(EVENTS)]
# What the types of the cells allow and no session or price answers to.
ODD = {
    "until a holiday": made(700, until="2022-08-15", event="breakout"),
    "until a Sunday": made(701, until=f"{SESSIONS[701] + pd.offsets.Week(weekday=6):%Y-%m-%d}", event="breakout"),
    "until before origin": made(702, until=f"{SESSIONS[690]:%Y-%m-%d}"),
    "origin before any calendar": made(703, origin="1900-01-01", event="trap"),
    "as_of long after until": made(704, as_of="2190-01-01T10:00:00+05:30", event="touch"),
    "as_of long before origin": made(705, as_of="1901-01-01T10:00:00+05:30", event="touch"),
    "a spot like none": made(706, spot="1e-11", event="straddle"),
    "a threshold like none": made(707, threshold="1e11", event="trap"),
    "sessions like none": made(708, sessions="9999", event="trap"),
}


def test_rows_that_nothing_answers_to_stay_open_with_a_reason_and_all_others_are_resolved() -> None:
    at = HISTORY.market.calendar.closes_at(HISTORY.last_session)
    found = list(Resolver(HISTORY).resolve([*ODD.values(), *GOOD], at))
    decided = {row.forecast for row in found if isinstance(row, ResolutionRow)}
    assert {row.key for row in GOOD} <= decided
    left = {one.row.signal: one.reason for one in found if isinstance(one, Open)}
    for case in ("until a Sunday", "until before origin", "origin before any calendar", "as_of long after until"):
        assert left.pop(ODD[case].signal), case
    assert all(impossible(row) is None for row in found if isinstance(row, ResolutionRow))


def test_impossible_rows_in_a_record_end_no_reading_and_every_good_row_is_there(tmp_path: Path) -> None:
    rows = [row for row, _ in IMPOSSIBLE.values() if isinstance(row, ForecastRow)]
    good = [forecast(signal=f"good.{i}") for i in range(5)]
    path = tmp_path / FILE
    append(tmp_path, good)
    with path.open("a") as file:
        file.writelines(",".join(cells(row)) + "\n" for row in rows)
    ledger = read_ledger(tmp_path, "nifty50")
    assert list(ledger.forecasts.values()) == good
    assert [fault.line for fault in ledger.faults] == list(range(7, 7 + len(rows)))
    assert str(ledger.faults[8]).startswith(f"{FILE}, line 15: has the until '2026-13-45': expected a date that exists")


def test_a_good_row_is_appended_beside_an_impossible_one_of_its_key(tmp_path: Path) -> None:
    append(tmp_path, [forecast(probability="7")])
    assert append(tmp_path, [FORECAST]) == 1
    assert list(read_ledger(tmp_path, "nifty50").forecasts.values()) == [FORECAST]


def read(folder: Path) -> Ledger:
    return read_ledger(folder, "nifty50")


def test_what_is_no_plain_file_is_named_and_never_waited_for(tmp_path: Path) -> None:
    append(tmp_path, [FORECAST, forecast(as_of="2022-06-16T10:00:00+05:30")])
    year = tmp_path / FILE.parent
    os.mkfifo(year / "2022-06-13.csv")
    (year / "2022-06-12.csv").symlink_to("/dev/zero")
    (year / "2022-06-17.csv").symlink_to(year / "2022-06-16.csv")
    (year / "2022-06-18.csv").mkdir()
    (year.parent / "2021").symlink_to(year)
    ledger = read(tmp_path)
    assert len(ledger.forecasts) == 2
    assert [(fault.file.removeprefix("nifty50/forecasts/"), fault.reason.split(",")[0]) for fault in ledger.faults] == [
        ("2021", "is a link"),
        ("2022/2022-06-12.csv", "is a link"),
        ("2022/2022-06-13.csv", "is a pipe"),
        ("2022/2022-06-17.csv", "is a link"),
        ("2022/2022-06-18.csv", "is a folder"),
    ]
    for day in (12, 13, 17, 18):
        with pytest.raises(OutputUnwritable, match=f"2022-06-{day}.csv cannot be appended to: it is a "):
            append(tmp_path, [forecast(as_of=f"2022-06-{day}T10:00:00+05:30")])


def test_a_file_larger_than_any_of_the_ledger_is_named_and_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(tmp_path, [FORECAST, forecast(as_of="2022-06-16T10:00:00+05:30")])
    monkeypatch.setattr(ledger_files, "LARGEST_FILE", 2**20)
    with (tmp_path / FILE).open("a") as file:
        file.truncate(2**20 + 1)
    ledger = read(tmp_path)
    assert len(ledger.forecasts) == 1
    assert [str(fault) for fault in ledger.faults] == [
        f"{FILE} is larger than 1 MB, more than any of the ledger; restore it from git; it is left out"
    ]


def test_a_line_longer_than_any_row_is_named(tmp_path: Path) -> None:
    append(tmp_path, [FORECAST])
    path = tmp_path / FILE
    path.write_text(path.read_text() + "x" * 100_000 + "\n")
    (fault,) = read(tmp_path).faults
    assert fault.reason == "has 100,000 characters, expected 4,096 at most"


def test_a_name_that_is_no_text_is_named_all_the_same(tmp_path: Path) -> None:
    append(tmp_path, [FORECAST])
    os.mkfifo(os.fsencode(tmp_path / FILE.parent) + b"/\xff\n.csv")
    (fault,) = read(tmp_path).faults
    assert json.loads(json.dumps(str(fault)).encode())


FILLING = """
import resource, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from sample_rows import forecast
from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.record.appending import append
folder, limit = Path(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    append(folder, [forecast(signal=f"new.{i}") for i in range(50)])
except OutputUnwritable as error:
    sys.exit(f"refused: {error}")
"""


@pytest.mark.parametrize(
    ("there", "room"),
    slow_but([(there, room) for there in (0, 4) for room in (0, 1, 1000, 2500)], [(0, 1000), (4, 0), (4, 2500)]),
)
def test_a_write_that_failed_half_way_takes_its_half_back(tmp_path: Path, there: int, room: int) -> None:
    if there:
        append(tmp_path, [forecast(signal=f"old.{i}") for i in range(there)])
    path = tmp_path / FILE
    before = path.read_bytes() if there else b""
    command = [sys.executable, "-c", FILLING, str(Path(__file__).parent), str(tmp_path), str(len(before) + room)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr.startswith("refused: "), done.stderr
    assert "2022-06-15.csv cannot be appended to (File too large)" in done.stderr
    assert path.read_bytes() == before
    assert append(tmp_path, [FORECAST]) == 1
    assert read(tmp_path).faults == []
    assert len(read(tmp_path).forecasts) == there + 1


def test_a_row_dated_later_than_now_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    now = pd.Timestamp("2022-06-16T10:00+05:30")
    sound = forecast()
    ahead = [
        forecast(as_of="2023-06-15T10:00:00+05:30", generated_at="2023-06-15T10:04:00+05:30"),
        forecast(signal="seller.trap.5", generated_at="2023-06-15T10:04:00+05:30"),
    ]
    within = forecast(
        signal="seller.trap.10", as_of="2022-06-16T10:00:00+05:30", generated_at="2022-06-16T10:05:00+05:30"
    )
    decided = resolution(sound, resolved_at="2023-07-01T16:10:00+05:30")
    append(tmp_path, [sound, *ahead, within, decided])
    ledger = read_ledger(tmp_path, "nifty50", now)
    assert ledger.forecasts.keys() == {sound.key, within.key}
    assert ledger.resolutions == {}
    assert len(ledger.faults) == 3
    assert "as_of 2023-06-15T10:00:00+05:30 is later than now, 2022-06-16T10:00:00+05:30" in str(ledger.faults[1])
    assert len(read_ledger(tmp_path, "nifty50").forecasts) == 4, "without a clock no date is doubted"
