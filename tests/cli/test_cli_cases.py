"""What people have met, each case from end to end: a document that is right, or a refusal, never silence or a bug.

The cases are those of public bug reports, on a market made here; the last test runs inputs kept beside the checkout.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from aged_sets import aged
from command_line import FORMER, Ended, assert_refused
from csv_market import write_market
from slow_cases import slow_but
from yahoo_server import Served, YahooServer, live_bars, pointed_at

from aegismatrix_engine.document import check_json
from aegismatrix_engine.markets import get_market

MARKET = get_market("nifty50")
SPOT, VIX, FINE, FINE_VIX = ("^NSEI", "1d"), ("^INDIAVIX", "1d"), ("^NSEI", "15m"), ("^INDIAVIX", "15m")
SERIES = (SPOT, VIX, FINE, FINE_VIX)
MONDAY, WEDNESDAY = pd.Timestamp("2026-11-23"), pd.Timestamp("2026-11-25")
"""The exchange is closed on the Tuesday between."""

PRICES = ["open", "high", "low", "close"]
PATIENCE = "8"


def moment(day: str, clock: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-{day} {clock}", tz=MARKET.zone)


IN_SESSION = moment("11-25", "11:07")


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and the document it wrote; empty where it wrote none."""

    ended: Ended
    content: dict[str, Any]

    @property
    def code(self) -> int:
        return self.ended.code

    @property
    def market(self) -> dict[str, Any]:
        found: dict[str, Any] = self.content["market"]
        return found

    @property
    def previous(self) -> tuple[float, str, str]:
        """The close that the change is counted from, its date and its basis."""
        found = self.market
        return found["previous_close"], found["previous_close_date"], found["previous_close_basis"]

    @property
    def as_of(self) -> str:
        return str(self.content["as_of"])

    @property
    def reasons(self) -> list[str]:
        """Why it is degraded."""
        return [entry["reason"] for entry in self.content["health"]["degraded"]]

    def notes(self, *parts: str) -> list[str]:
        """The notes that hold every one of ``parts``."""
        return [note for note in self.content["health"]["notes"] if all(part in note for part in parts)]


Infer = Callable[..., Outcome]


def outcome(ended: Ended, place: Path) -> Outcome:
    assert ended.out == b""
    written = (place / "aegismatrix.json").read_bytes()
    if ended.code not in (0, 10):
        assert written == FORMER
        return Outcome(ended, {})
    assert ended.err == ""
    check_json(written)
    return Outcome(ended, json.loads(written))


@pytest.fixture
def yahoo() -> Iterator[YahooServer]:
    with YahooServer({}) as server, pointed_at(server.address):
        yield server


@pytest.fixture
def live(call: Callable[..., Ended], place: Path, measured_set: Path, yahoo: YahooServer) -> Infer:
    """``aegis infer`` from Yahoo at a moment."""

    def run(now: pd.Timestamp, *more: str) -> Outcome:
        (place / "aegismatrix.json").write_bytes(FORMER)
        models = str(aged(measured_set, now, place.parent))
        options = ("--source", "yahoo", "--patience", PATIENCE, "--models", models, "--quiet")
        return outcome(call("infer", *options, *more, now=now.isoformat()), place)

    return run


@pytest.fixture
def from_csv(call: Callable[..., Ended], place: Path, measured_set: Path) -> Infer:
    """``aegis infer`` from csv files at a moment."""

    def run(now: pd.Timestamp, folder: Path, *more: str) -> Outcome:
        (place / "aegismatrix.json").write_bytes(FORMER)
        models = str(aged(measured_set, now, place.parent))
        options = ("--source", "csv", "--data", str(folder), "--models", models, "--quiet")
        return outcome(call("infer", *options, *more, now=now.isoformat()), place)

    return run


def market_at(now: pd.Timestamp) -> Served:
    """The market as Yahoo shows it at a moment, Muhurat sessions among its rows; the same numbers at every call."""
    return live_bars(MARKET, now, sessions=150, intraday=25, special=True)


def of_day(bars: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    return bars[pd.DatetimeIndex(bars.index).normalize() == day]


def without_day(served: Served, day: pd.Timestamp, *keys: tuple[str, str]) -> None:
    for key in keys:
        bars = served[key].bars
        served[key] = replace(served[key], bars=bars.drop(of_day(bars, day).index))


def with_row(served: Served, key: tuple[str, str], day: pd.Timestamp) -> None:
    """A row of that day which repeats the close before it."""
    bars = served[key].bars
    row = pd.DataFrame(bars.loc[:day, "close"].iloc[-1], index=[day], columns=bars.columns)
    served[key] = replace(served[key], bars=pd.concat([bars, row]).sort_index())


def changed(served: Served, key: tuple[str, str], at: pd.Timestamp, **factors: float) -> None:
    bars = served[key].bars.copy()
    for name, factor in factors.items():
        bars.loc[at, name] *= factor
    served[key] = replace(served[key], bars=bars)


def close_of(served: Served, day: pd.Timestamp, key: tuple[str, str] = SPOT) -> float:
    """The daily close as a document shows it."""
    return round(float(served[key].bars.loc[day, "close"]), 2)


def last_bar(served: Served, day: pd.Timestamp, key: tuple[str, str] = FINE) -> float:
    return round(float(of_day(served[key].bars, day)["close"].iloc[-1]), 2)


def bar_at(served: Served, now: pd.Timestamp, key: tuple[str, str] = FINE) -> float:
    """The close of the last bar that has ended."""
    bars = served[key].bars
    ended = bars.index + pd.Timedelta("15min") <= now.tz_localize(None)
    return round(float(bars["close"][ended].iloc[-1]), 2)


def csv_files(folder: Path, served: Served, **instead: pd.DataFrame | None) -> Path:
    """The rows of past days and the bars that have ended, as csv files; ``instead`` replaces files by name."""
    now = pd.Timestamp(served[FINE].bars.index[-1])
    frames: dict[str, Any] = {
        "spot": served[SPOT].bars.loc[: now.normalize() - pd.Timedelta(days=1)].rename_axis("date"),
        "vix": served[VIX].bars.loc[: now.normalize() - pd.Timedelta(days=1)].rename_axis("date"),
        "spot_intraday": served[FINE].bars.iloc[:-1].rename_axis("timestamp"),
        "vix_intraday": served[FINE_VIX].bars.iloc[:-1].rename_axis("timestamp"),
    }
    return write_market(folder, **(frames | instead))


def shifted(bars: pd.DataFrame, by: str) -> pd.DataFrame:
    return bars.set_axis((bars.index + pd.Timedelta(by)).rename("timestamp"), axis=0)


def minutes(bars: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Minute bars whose quarter hours are ``bars``, those that had ended by then."""
    parts = []
    for start, bar in bars.iterrows():
        path = np.interp(np.arange(16), [0, 5, 10, 15], [bar["open"], bar["high"], bar["low"], bar["close"]])
        index = pd.date_range(start, periods=15, freq="min")
        high, low = np.maximum(path[:-1], path[1:]), np.minimum(path[:-1], path[1:])
        parts.append(pd.DataFrame(np.column_stack([path[:-1], high, low, path[1:]]), index=index, columns=PRICES))
    found = pd.concat(parts).rename_axis("timestamp")
    return found[found.index + pd.Timedelta("1min") <= until.tz_localize(None)]


# A sound market


def test_a_sound_market_is_told_as_it_is(live: Infer, from_csv: Infer, yahoo: YahooServer, tmp_path: Path) -> None:
    yahoo.series.update(market_at(IN_SESSION))
    served = yahoo.series
    for found in (live(IN_SESSION), from_csv(IN_SESSION, csv_files(tmp_path / "csv", served))):
        assert (found.code, found.reasons, found.as_of) == (0, [], "2026-11-25T11:00:00+05:30")
        assert found.previous == (close_of(served, MONDAY), "2026-11-23", "official")
        assert found.market["spot"] == bar_at(served, IN_SESSION)
        change = bar_at(served, IN_SESSION) - close_of(served, MONDAY)
        assert found.market["spot_change"] == pytest.approx(change, abs=0.006)
        assert found.market["vix"] == bar_at(served, IN_SESSION, FINE_VIX)


# Stamps of csv bars: A06, A06b, A08, A10, A11


@pytest.mark.parametrize("replay", [False, True], ids=["live", "replay"])
@pytest.mark.parametrize(
    ("by", "told"),
    [
        (
            "-330min",
            "03:45 to 09:30 on this day, expected within the session from 09:15 to 15:15 in exchange time; "
            "looks like UTC",
        ),
        ("15min", "09:30 to 15:15 on this day looks stamped by the end of each bar"),
    ],
    ids=["A06 utc", "by end"],
)
def test_bars_whose_stamps_mean_something_else_are_refused(
    from_csv: Infer, tmp_path: Path, by: str, told: str, replay: bool
) -> None:
    served = market_at(IN_SESSION)
    folder = csv_files(tmp_path / "csv", served, spot_intraday=shifted(served[FINE].bars.iloc[:-1], by))
    as_of = ("--as-of", IN_SESSION.isoformat()) if replay else ()
    found = from_csv(moment("11-25", "18:00") if replay else IN_SESSION, folder, *as_of)
    assert_refused(found.ended, 65, "spot_intraday.csv, line 2: ", told)


@pytest.mark.parametrize("clock", ["09:00", "09:07", "09:08"])
def test_a08_bars_before_the_open_change_nothing_and_are_named(from_csv: Infer, tmp_path: Path, clock: str) -> None:
    served = market_at(IN_SESSION)
    bars = served[FINE].bars.iloc[:-1]
    plain = from_csv(IN_SESSION, csv_files(tmp_path / "plain", served))
    first = bars.groupby(bars.index.normalize()).head(1)
    # As long before the open of a Muhurat session as before any other.
    early = shifted(first * 1.004, str(pd.Timedelta(f"{clock}:00") - pd.Timedelta("9h15min")))
    folder = csv_files(
        tmp_path / "csv", served, spot_intraday=pd.concat([bars, early]).sort_index().rename_axis("timestamp")
    )
    found = from_csv(IN_SESSION, folder)
    assert found.code == 0
    (note,) = found.notes("spot_intraday.csv: bars before the open were left out")
    assert f"{first.index[0]:%Y-%m-%d} {clock}" in note
    health = found.content["health"]
    health["notes"].remove(note)
    assert found.content == plain.content


@pytest.mark.parametrize("spread", [0.0, 0.001], ids=["without range", "with range"])
def test_a08_a_closing_bar_changes_nothing_and_is_named(from_csv: Infer, tmp_path: Path, spread: float) -> None:
    served = market_at(IN_SESSION)
    bars = served[FINE].bars.iloc[:-1]
    plain = from_csv(IN_SESSION, csv_files(tmp_path / "plain", served))
    ends = bars[bars.index - bars.index.normalize() == pd.Timedelta("15h")]["close"]
    late = pd.DataFrame({"open": ends, "high": ends * (1 + spread), "low": ends * (1 - spread), "close": ends})
    late = late.set_axis(ends.index + pd.Timedelta("15min"), axis=0)
    folder = csv_files(
        tmp_path / "csv", served, spot_intraday=pd.concat([bars, late]).sort_index().rename_axis("timestamp")
    )
    found = from_csv(IN_SESSION, folder)
    assert found.code == 0
    (note,) = found.notes("spot_intraday.csv: bars after the close of continuous trading were left out", "15:15")
    found.content["health"]["notes"].remove(note)
    assert found.content == plain.content


@pytest.mark.parametrize("clock", ["11:07", "11:14", "11:15", "11:20", "12:00"])
def test_a10_minutes_that_end_within_a_quarter_hour_are_none(from_csv: Infer, tmp_path: Path, clock: str) -> None:
    later = moment("11-25", "12:05")
    served = market_at(later)
    fine = minutes(served[FINE].bars.iloc[:-1], moment("11-25", "11:07"))
    folder = csv_files(tmp_path / "csv", served, spot_intraday=fine)
    found = from_csv(moment("11-25", clock), folder)
    assert found.as_of == "2026-11-25T11:00:00+05:30"
    assert found.content["forecast"]["session"]["bars_complete"] == 7
    assert found.market["spot"] == bar_at(served, IN_SESSION)
    # From 45 minutes on the newest bar is too old for a session in progress.
    assert (found.code, bool(found.reasons)) == ((10, True) if clock == "12:00" else (0, False))


def test_a11_the_volatility_index_by_the_minute_is_the_last_one_known(from_csv: Infer, tmp_path: Path) -> None:
    served = market_at(IN_SESSION)
    whole = served[FINE_VIX].bars.iloc[:-1]
    starts = pd.DatetimeIndex([start + pd.Timedelta(minutes=n) for start in whole.index for n in range(15)])
    values = np.repeat(whole["close"].to_numpy(), 15) + np.tile(np.arange(15) / 100, len(whole))
    fine = pd.DataFrame({"close": values}, index=starts.rename("timestamp"))
    found = from_csv(IN_SESSION, csv_files(tmp_path / "csv", served, vix_intraday=fine))
    assert found.code == 0
    assert found.market["vix"] == round(fine["close"].loc["2026-11-25 10:59"], 2)
    assert found.market["vix_as_of"] == "2026-11-25T11:00:00+05:30"
    assert found.notes("vix_intraday.csv") == []


@pytest.mark.parametrize("seed", range(10))
def test_no_document_holds_a_price_later_than_its_own_moment(from_csv: Infer, tmp_path: Path, seed: int) -> None:
    """Bars of every length that fits, with what stands around them in files, live and replayed."""
    draw = np.random.default_rng(seed)
    now = moment("11-25", "09:31") + pd.Timedelta(minutes=int(draw.integers(0, 330)))
    end = moment("11-25", "15:10")
    served = market_at(end)
    whole = minutes(served[FINE].bars.iloc[:-1], end)
    length = f"{[1, 3, 5, 15][seed % 4]}min"
    replay = bool(draw.integers(2))
    known = whole if replay else whole[whole.index < now.tz_localize(None)]
    how = {"open": "first", "high": "max", "low": "min", "close": "last"}
    bars = known.groupby(known.index.floor(length)).agg(how).rename_axis("timestamp")
    early = bars.groupby(bars.index.normalize()).head(1)
    bars = pd.concat([shifted(early, "-8min"), bars]) if draw.integers(2) else bars
    folder = csv_files(tmp_path / "csv", served, spot_intraday=bars.sort_index())
    as_of = ("--as-of", now.isoformat()) if replay else ()
    found = from_csv(moment("11-25", "18:00") if replay else now, folder, *as_of)
    assert found.code == 0, found.ended.err
    until = pd.Timestamp(found.as_of)
    assert now - pd.Timedelta("15min") < until <= now
    assert found.market["spot"] == round(float(whole["close"].loc[until.tz_localize(None) - pd.Timedelta("1min")]), 2)
    assert found.market["vix"] == bar_at(served, until, FINE_VIX)
    spot = whole[whole.index < until.tz_localize(None)]
    today = spot[spot.index >= WEDNESDAY]
    levels = found.content["buyer"]["breakout_levels"]
    assert (levels["broken_out"] in ("up", "both")) == (today["high"].max() > levels["upper"])
    assert (levels["broken_out"] in ("down", "both")) == (today["low"].min() < levels["lower"])


# Series of the volatility index: B01, B01b, B10

EVERY_CLOCK = [
    pytest.param(moment("11-25", "08:40"), id="before the open"),
    pytest.param(IN_SESSION, id="in session"),
    pytest.param(moment("11-25", "15:20"), id="auction"),
    pytest.param(moment("11-25", "16:00"), id="after the close"),
    pytest.param(moment("11-26", "00:30"), id="night"),
    pytest.param(moment("11-24", "11:00"), id="holiday"),
]


@pytest.mark.parametrize("state", ["absent", "empty", "one row"])
@pytest.mark.parametrize("now", EVERY_CLOCK)
def test_b01_without_its_daily_series_the_volatility_index_is_taken_from_its_bars(
    live: Infer, yahoo: YahooServer, now: pd.Timestamp, state: str
) -> None:
    served = market_at(now)
    yahoo.series.update(served)
    if state == "one row":
        yahoo.series[VIX] = replace(served[VIX], bars=served[VIX].bars.iloc[-1:])
    else:
        yahoo.fault["^INDIAVIX 1d"] = state
    found = live(now)
    assert (found.code, found.reasons) == (0, [])
    assert (found.market["vix"], found.market["vix_basis"]) == (bar_at(served, now, FINE_VIX), "market")
    assert found.notes("India VIX: closes of 2026-1", "were missing and taken from the last bars of their sessions")


@pytest.mark.parametrize("now", EVERY_CLOCK)
def test_b01_without_any_series_of_it_an_estimator_stands_in(
    live: Infer, yahoo: YahooServer, now: pd.Timestamp
) -> None:
    yahoo.series.update(market_at(now))
    yahoo.fault["^INDIAVIX"] = "absent"
    found = live(now)
    assert found.code == 10
    assert found.market["vix_basis"] == "estimator"
    assert "India VIX is not known" in found.reasons[0]


def test_b01b_the_same_from_csv_files(from_csv: Infer, tmp_path: Path) -> None:
    served = market_at(IN_SESSION)
    found = from_csv(IN_SESSION, csv_files(tmp_path / "csv", served, vix=None))
    assert found.code == 0
    assert (found.market["vix"], found.market["vix_basis"]) == (bar_at(served, IN_SESSION, FINE_VIX), "market")


@pytest.mark.parametrize("now", [moment("11-23", "16:00"), moment("11-24", "08:40"), moment("11-25", "08:40")])
@pytest.mark.parametrize(
    ("quoted", "by_bars"), [("15:14:58", False), ("15:14:00", False), ("15:16:00", False), ("14:30:00", True)]
)
def test_b10_a_last_price_seconds_before_the_close_is_the_close(
    live: Infer, yahoo: YahooServer, now: pd.Timestamp, quoted: str, by_bars: bool
) -> None:
    served = market_at(now)
    # An official close that is not the last bar's, as close as India VIX keeps to it.
    changed(served, VIX, MONDAY, close=1.01)
    served[VIX] = replace(served[VIX], quoted_at=moment("11-23", quoted))
    yahoo.series.update(served)
    found = live(now)
    assert (found.code, found.reasons) == (0, [])
    assert found.market["vix"] == (last_bar(served, MONDAY, FINE_VIX) if by_bars else close_of(served, MONDAY, VIX))
    told = "India VIX: closes of 2026-11-23 were missing and taken from the last bars of their sessions."
    assert found.notes("India VIX") == ([told] if by_bars else [])


# The calendar is a plan: B03, B04, B11

SATURDAY, TUESDAY, MUHURAT = pd.Timestamp("2026-11-21"), pd.Timestamp("2026-11-24"), pd.Timestamp("2026-11-08")
ROWS = {"spot": (SPOT,), "vix": (VIX,), "both": (SPOT, VIX), "bars": (SPOT, VIX)}


def with_session(served: Served, which: str, day: pd.Timestamp) -> None:
    """A day off the calendar, in rows of the series named, with bars as well where these are asked for."""
    for key in ROWS[which]:
        with_row(served, key, day)
    if which == "bars":
        close = float(served[SPOT].bars.loc[day, "close"])
        starts = pd.date_range(day + pd.Timedelta("9h15min"), periods=24, freq="15min")
        moved = close * (1 + 0.001 * np.sin(np.arange(25)))
        moved[-1] = close
        values = np.column_stack(
            [moved[:-1], np.maximum(moved[:-1], moved[1:]), np.minimum(moved[:-1], moved[1:]), moved[1:]]
        )
        bars = pd.DataFrame(values, index=starts, columns=PRICES)
        served[FINE] = replace(served[FINE], bars=pd.concat([served[FINE].bars, bars]).sort_index())
        row = served[SPOT].bars.copy()
        row.loc[day] = [values[0, 0], values[:, 1].max(), values[:, 2].min(), close]
        served[SPOT] = replace(served[SPOT], bars=row)


@pytest.mark.parametrize("which", ROWS)
@pytest.mark.parametrize(
    ("day", "now"),
    [
        pytest.param(TUESDAY, moment("11-25", "00:30"), id="holiday, after midnight"),
        pytest.param(TUESDAY, moment("11-25", "08:40"), id="holiday, before the open"),
        pytest.param(TUESDAY, moment("11-25", "11:07"), id="holiday, next session"),
        pytest.param(TUESDAY, moment("11-25", "16:00"), id="holiday, next close"),
        pytest.param(SATURDAY, moment("11-22", "11:00"), id="Saturday, on Sunday"),
        pytest.param(SATURDAY, moment("11-23", "08:40"), id="Saturday, before the open"),
        pytest.param(SATURDAY, moment("11-23", "11:07"), id="Saturday, next session"),
    ],
)
def test_b03_a_row_on_a_closed_day_is_a_special_session(
    live: Infer, yahoo: YahooServer, which: str, day: pd.Timestamp, now: pd.Timestamp
) -> None:
    served = market_at(now)
    last = served[SPOT].bars.loc[: day - pd.Timedelta(days=1)].index[-1]
    with_session(served, which, day)
    yahoo.series.update(served)
    found = live(now)
    date, before = f"{day:%Y-%m-%d}", f"{last:%Y-%m-%d}"
    in_session = now.normalize().tz_localize(None) in served[SPOT].bars.index and now.hour > 9
    if which == "vix":
        assert (found.code, found.reasons) == (0, [])
        assert found.notes("rows of dates without a spot row were left out", date)
        assert found.market["previous_close_date" if in_session else "vix_as_of"].startswith(before)
        return
    assert found.notes(date, "the calendar has no session on", "kept as special sessions")
    assert found.previous == (close_of(served, last), date if in_session else before, "official")
    assert in_session or found.as_of == f"{date}T15:35:00+05:30"
    if which == "spot":
        assert found.code == 10
        assert f"the calendar has no session on {date}, and its daily row alone shows one" in found.reasons[0]
    else:
        assert (found.code, found.reasons) == (0, [])


@pytest.mark.parametrize("which", ["spot", "vix", "both"])
@pytest.mark.parametrize(("day", "last"), [(TUESDAY, MONDAY), (SATURDAY, pd.Timestamp("2026-11-20"))])
def test_b03_on_the_day_itself_the_row_is_no_close_yet(
    live: Infer, yahoo: YahooServer, which: str, day: pd.Timestamp, last: pd.Timestamp
) -> None:
    now = (day + pd.Timedelta("16h")).tz_localize(MARKET.zone)
    served = market_at(now)
    with_session(served, which, day)
    yahoo.series.update(served)
    found = live(now)
    assert (found.code, found.reasons, found.as_of) == (0, [], f"{last:%Y-%m-%d}T15:35:00+05:30")


def test_b03_a_session_on_a_closed_day_is_followed_while_it_runs(live: Infer, yahoo: YahooServer) -> None:
    now = moment("11-24", "16:00")
    served = market_at(now)
    with_session(served, "bars", TUESDAY)
    yahoo.series.update(served)
    found = live(now)
    assert (found.code, found.as_of) == (0, "2026-11-24T15:15:00+05:30")
    assert found.previous == (close_of(served, MONDAY), "2026-11-23", "official")
    assert found.notes("The calendar has no session on 2026-11-24, and bars show one: used as a special session.")


@pytest.mark.parametrize(
    ("day", "clock", "code"),
    [
        ("11-23", "16:30", 75),
        ("11-24", "11:00", 69),
        ("11-25", "08:40", 69),
        ("11-25", "09:20", 69),
        ("11-25", "09:31", 0),
        ("11-25", "11:07", 0),
        ("11-25", "16:00", 0),
        ("11-26", "08:00", 0),
    ],
)
def test_b04_a_session_that_was_not_held_is_known_by_bars_of_a_later_one(
    live: Infer, yahoo: YahooServer, day: str, clock: str, code: int
) -> None:
    now = moment(day, clock)
    served = market_at(now)
    without_day(served, MONDAY, *SERIES)
    yahoo.series.update(served)
    found = live(now)
    if code:
        assert_refused(found.ended, code, "the session of 2026-11-23 has closed")
        return
    assert (found.code, found.reasons) == (0, [])
    assert found.previous == (close_of(served, pd.Timestamp("2026-11-20")), "2026-11-20", "official")
    assert found.notes("Sessions of the calendar on 2026-11-23 were not held: no series has a row or a bar.")


UNSEEN = "the special session of 2026-11-08 has no row and no bars; the change is counted from the close of {}"


@pytest.mark.parametrize(
    ("now", "counted_from"),
    [
        pytest.param(moment("11-09", "00:30"), "2026-11-05", id="night"),
        pytest.param(moment("11-09", "08:40"), "2026-11-05", id="before the open"),
        pytest.param(moment("11-09", "11:07"), "2026-11-06", id="in session"),
        pytest.param(moment("11-09", "16:00"), "2026-11-06", id="after the close"),
        pytest.param(moment("11-11", "11:07"), "", id="the session after"),
    ],
)
def test_b11_a_special_session_that_no_series_has_is_told(
    live: Infer, yahoo: YahooServer, now: pd.Timestamp, counted_from: str
) -> None:
    served = market_at(now)
    without_day(served, MUHURAT, *SERIES)
    yahoo.series.update(served)
    found = live(now)
    assert found.notes("No row and no bars of the special sessions 2026-11-08")
    if counted_from:
        assert (found.code, found.reasons) == (10, [UNSEEN.format(counted_from)])
        assert found.previous == (close_of(served, pd.Timestamp(counted_from)), counted_from, "official")
    else:
        assert (found.code, found.reasons) == (0, []), "a change within one session spans no other"


@pytest.mark.parametrize("clock", ["11:07", "16:00"])
def test_b11_a_special_session_whose_bars_are_there_is_rebuilt(live: Infer, yahoo: YahooServer, clock: str) -> None:
    now = moment("11-09", clock)
    served = market_at(now)
    without_day(served, MUHURAT, SPOT, VIX)
    yahoo.series.update(served)
    found = live(now)
    assert found.previous == (last_bar(served, MUHURAT), "2026-11-08", "rebuilt")
    assert found.code == 10
    assert found.reasons[0].startswith("the close of 2026-11-08 that the change is counted from was rebuilt")
    spot = bar_at(served, now)
    assert found.market["spot_change"] == pytest.approx(spot - last_bar(served, MUHURAT), abs=0.006)


def test_b11_a_replay_of_the_day_after(from_csv: Infer, tmp_path: Path) -> None:
    served = market_at(IN_SESSION)
    with_it = from_csv(IN_SESSION, csv_files(tmp_path / "with", served), "--as-of", "2026-11-09")
    spot, vix = (served[key].bars.loc[:MONDAY].rename_axis("date") for key in (SPOT, VIX))
    rows = {"spot": spot.drop(MUHURAT), "vix": vix.drop(MUHURAT), "spot_intraday": None, "vix_intraday": None}
    without = from_csv(IN_SESSION, csv_files(tmp_path / "without", served, **rows), "--as-of", "2026-11-09")
    assert (with_it.code, with_it.previous) == (0, (close_of(served, MUHURAT), "2026-11-08", "official"))
    assert (without.code, without.reasons) == (10, [UNSEEN.format("2026-11-06")])
    assert without.previous == (close_of(served, pd.Timestamp("2026-11-06")), "2026-11-06", "official")


# Rows and bars that contradict: B05, B07, B13


@pytest.mark.parametrize("source", ["yahoo", "csv"])
def test_b05_a_row_that_stands_still_is_rebuilt_from_its_bars(
    live: Infer, from_csv: Infer, yahoo: YahooServer, tmp_path: Path, source: str
) -> None:
    served = market_at(IN_SESSION)
    bars = of_day(served[FINE].bars, MONDAY)
    stands = bars.loc[:"2026-11-23 10:45"]
    rows = served[SPOT].bars.copy()
    rows.loc[MONDAY] = [stands["open"].iloc[0], stands["high"].max(), stands["low"].min(), stands["close"].iloc[-1]]
    served[SPOT] = replace(served[SPOT], bars=rows)
    yahoo.series.update(served)
    found = live(IN_SESSION) if source == "yahoo" else from_csv(IN_SESSION, csv_files(tmp_path / "csv", served))
    assert found.code == 10
    assert found.previous == (last_bar(served, MONDAY), "2026-11-23", "rebuilt")
    change = bar_at(served, IN_SESSION) - last_bar(served, MONDAY)
    assert found.market["spot_change"] == pytest.approx(change, abs=0.006)
    assert found.notes("Daily spot row of 2026-11-23: its ", "a bar closes at", "rebuilt from its bars")
    beyond = max(bars["close"].max() - rows.loc[MONDAY, "high"], rows.loc[MONDAY, "low"] - bars["close"].min())
    assert beyond > 0
    assert found.reasons == [
        "the close of 2026-11-23 that the change is counted from was rebuilt from its bars: the official one is "
        "missing or contradicts them"
    ]


@pytest.mark.parametrize("at", ["10:15", "10:45"], ids=["amid good ones", "the newest"])
@pytest.mark.parametrize(
    "factors",
    [
        pytest.param({"high": 1.2}, id="high"),
        pytest.param({"low": 0.8}, id="low"),
        pytest.param({"high": 1.2, "close": 1.2}, id="close"),
        pytest.param(dict.fromkeys(PRICES, 1.2), id="whole bar"),
    ],
)
def test_b07_a_bad_tick_of_today_is_left_out_and_named(
    live: Infer, yahoo: YahooServer, at: str, factors: dict[str, float]
) -> None:
    served = market_at(IN_SESSION)
    yahoo.series.update(served)
    sound = live(IN_SESSION)
    changed(yahoo.series, FINE, pd.Timestamp(f"2026-11-25 {at}"), **factors)
    # Yahoo's own row of today holds the same tick.
    reached = {"high": factors.get("high", 1.0)} if "high" in factors else {"low": factors["low"]}
    changed(yahoo.series, SPOT, WEDNESDAY, **reached)
    found = live(IN_SESSION)
    assert found.code == 0
    assert found.notes(f"Spot bar of 2026-11-25 {at}: ", "the bar was left out")
    newest = at == "10:45"
    assert found.as_of == f"2026-11-25T{'10:45' if newest else '11:00'}:00+05:30"
    assert newest or found.market["spot"] == sound.market["spot"]
    levels, before = found.content["buyer"]["breakout_levels"], sound.content["buyer"]["breakout_levels"]
    assert levels["lower"] < levels["upper"]
    assert levels["upper"] == pytest.approx(before["upper"], rel=0.01)
    score, sound_score = (one.content["buyer"]["breakout_today"]["score"] for one in (found, sound))
    assert abs(score - sound_score) < 0.1


@pytest.mark.parametrize(("now", "averaged"), [(pd.Timestamp("2026-07-15T11:07+05:30"), True), (IN_SESSION, False)])
def test_b13_a_missing_close_is_estimated_as_the_exchange_makes_it(
    live: Infer, yahoo: YahooServer, now: pd.Timestamp, averaged: bool
) -> None:
    """Until 2026-08-02 an average of the last half hour; since, an auction, to which the last price is nearest."""
    served = market_at(now)
    day = pd.Timestamp(served[SPOT].bars.index[-2])
    without_day(served, day, SPOT)
    yahoo.series.update(served)
    last = of_day(served[FINE].bars, day).iloc[-2:]
    expected = (last["high"] + last["low"] + last["close"]).sum() / 6 if averaged else last["close"].iloc[-1]
    found = live(now)
    assert (found.code, found.previous) == (10, (round(float(expected), 2), f"{day:%Y-%m-%d}", "rebuilt"))


# What Yahoo refuses: B08


def asked(yahoo: YahooServer) -> list[str]:
    """What was asked for in order: cookie, crumb or the crumb that a chart of the first series was asked with."""
    names = []
    for path in yahoo.requests:
        chart = "/chart/%5ENSEI?" in path and "interval=1d" in path
        if chart or "getcrumb" in path or path == "/":
            names.append(path.rpartition("crumb=")[2] if chart else "crumb" if "getcrumb" in path else "cookie")
    return names


@pytest.mark.parametrize(
    "fault", slow_but(["401 once", "401 3 times", "403 once", "403 3 times"], ["401 3 times", "403 once"])
)
def test_b08_what_is_refused_is_asked_for_again_with_a_new_cookie_and_crumb(
    live: Infer, yahoo: YahooServer, fault: str
) -> None:
    yahoo.series.update(market_at(IN_SESSION))
    yahoo.fault["^NSEI 1d"] = fault
    found = live(IN_SESSION)
    assert (found.code, found.as_of) == (0, "2026-11-25T11:00:00+05:30")
    refusals = 1 if "once" in fault else 3
    # The cookie and crumb of a process that has asked before are used first.
    again = [step for n in range(refusals) for step in ("cookie", "crumb", f"crumb{yahoo.crumbs - refusals + n + 1}")]
    assert asked(yahoo)[-len(again) :] == again


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "code", "told"),
    [("401", 75, "HTTP status 401, Invalid Crumb"), ("403", 69, "HTTP status 403"), ("absent", 69, "HTTP status 404")],
)
def test_b08_what_stays_refused_is_told_by_its_status(
    live: Infer, yahoo: YahooServer, fault: str, code: int, told: str
) -> None:
    yahoo.series.update(market_at(IN_SESSION))
    yahoo.fault["^NSEI 1d"] = fault
    found = live(IN_SESSION)
    assert_refused(found.ended, code, "^NSEI", told)
    assert "delisted" not in found.ended.err or fault == "absent"
    assert "check the network" not in found.ended.err


# The files themselves, on the market they were made from


@pytest.fixture(scope="module")
def reference_set(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set trained on the sound market of the cases."""
    from command_line import aegis

    folder = tmp_path_factory.mktemp("reference")
    data = str(shared / "cases" / "REF" / "input")
    ended = aegis("train", "--source", "csv", "--data", data, "--quiet", at=folder, env={"AEGIS_NOW": MORNING})
    assert ended.code == 0, ended.err
    return folder / "models"


MORNING, CASE_NOW = "2026-11-25T08:00+05:30", "2026-11-25T11:07+05:30"
REFUSED_AS_UTC = ("spot_intraday.csv, line 2: bars of 03:45 to 09:30", "looks like UTC; add 5:30")
SOUND = {"spot": 13989.01, "spot_change": -16.80, "previous_close": 14005.81, "vix": 14.62}
"""As of 11:00; the close before is that of 2026-11-23."""

GIVEN = {
    "REF": ("REF", CASE_NOW, (), 0, SOUND),
    "REF, 9 November": ("REF", CASE_NOW, ("--as-of", "2026-11-09"), 0, {"spot_change": 134.39}),
    "A06": ("A06", CASE_NOW, (), 65, REFUSED_AS_UTC),
    "A06b": ("A06b", "2026-11-25T18:00+05:30", ("--as-of", CASE_NOW), 65, REFUSED_AS_UTC),
    "A08": ("A08", CASE_NOW, (), 0, SOUND),
    "A10": ("A10", "2026-11-25T11:20+05:30", (), 0, SOUND),
    "A11": ("A11", CASE_NOW, (), 0, SOUND | {"vix": 16.10}),
    "B01b": ("B01b", CASE_NOW, (), 0, SOUND),
    "B11": (
        "B11",
        CASE_NOW,
        ("--as-of", "2026-11-09"),
        10,
        {"spot_change": -14.35, "previous_close_date": "2026-11-06"},
    ),
}


@pytest.mark.parametrize("case", GIVEN)
def test_the_inputs_that_people_had(
    call: Callable[..., Ended], place: Path, shared: Path, reference_set: Path, case: str
) -> None:
    folder, now, options, code, right = GIVEN[case]
    data = ("--source", "csv", "--data", str(shared / "cases" / folder / "input"), "--models", str(reference_set))
    found = outcome(call("infer", *data, "--quiet", *options, now=now), place)
    if code == 65:
        assert_refused(found.ended, code, *right)
        return
    assert found.code == code, found.reasons
    assert isinstance(right, dict)
    assert {name: found.market[name] for name in right} == right
    if not options:
        assert found.as_of == "2026-11-25T11:00:00+05:30"
        assert found.content["forecast"]["session"]["bars_complete"] == 7
    if case == "B11":
        assert found.reasons == [UNSEEN.format("2026-11-06")]
    if case == "A08":
        assert found.notes("bars before the open were left out", "2026-09-11 09:08")


def test_a08_the_score_is_that_of_the_sound_market(
    call: Callable[..., Ended], place: Path, shared: Path, reference_set: Path
) -> None:
    scores = []
    for folder in ("REF", "A08"):
        data = ("--source", "csv", "--data", str(shared / "cases" / folder / "input"), "--models", str(reference_set))
        found = outcome(call("infer", *data, "--quiet", now=CASE_NOW), place)
        scores.append(found.content["direction"]["today"]["intraday_volatility_score"])
    assert scores == [0.1735, 0.1735]
