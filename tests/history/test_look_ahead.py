"""No price later than the moment asked for reaches a history, whatever the stamps of the bars' files.

Truth is a price that rises from each minute to the next, so that every price names the instant it was made at. Files of
bars are written from it in the ways people have them; a history read from them either is refused or holds each price
in the quarter hour that it was made in.
"""

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from csv_market import csv_text
from numpy.typing import NDArray

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.sources.csv_folder import CsvFolder

MARKET = get_market("nifty50")
DAYS = MARKET.calendar.regular(pd.Timestamp("2022-01-03"), pd.Timestamp("2022-01-14"))
"""Ten sessions: daily rows of all, bars of the last few."""

BEFORE_OPEN, OPEN, CLOSE, AFTER = 9 * 60, 9 * 60 + 15, 15 * 60 + 30, 16 * 60
UTC = -330
QUARTER = pd.Timedelta(minutes=15)
ROUNDING = 1e-9


@dataclass(frozen=True)
class Bars:
    """How one file of bars was made; every time in minutes.

    Attributes:
        length: of each bar.
        offset: added to every stamp: 0 is the bar's start in exchange time.
        days: sessions at the end of ``DAYS`` that the file holds, today's among them.
        own: offset and length of one day, counted from the end, where it is unlike the others.
        extra: stamps of bars outside of continuous trading that every whole day has.
        dropped: bars that are missing, counted from the end of the file.
    """

    length: int = 15
    offset: int = 0
    days: int = 3
    own: tuple[int, int, int] | None = None
    extra: tuple[int, ...] = ()
    dropped: frozenset[int] = field(default_factory=frozenset)

    def rows(self, truth: "Truth", written: pd.Timestamp) -> pd.DataFrame:
        """Stamp, open, high, low and close of the bars begun by ``written``, the newest as it stood then."""
        stamps, begins, ends = [], [], []
        for back in range(self.days, 0, -1):
            offset, length = self.offset, self.length
            if self.own is not None and self.own[0] == back:
                offset, length = self.own[1:]
            start = np.array(sorted({*range(OPEN, CLOSE, length), *self.extra}))
            end = np.minimum(start + length, np.where((start >= OPEN) & (start < CLOSE), CLOSE, AFTER))
            stamps.append(DAYS[-back] + pd.to_timedelta(start + offset, unit="min"))
            begins.append(DAYS[-back] + pd.to_timedelta(start, unit="min"))
            ends.append(DAYS[-back] + pd.to_timedelta(end, unit="min"))
        begin, end = (pd.DatetimeIndex(np.concatenate(moments)) for moments in (begins, ends))
        prices = truth.at(begin), truth.at(end.where(end < written, written))
        columns = {"open": prices[0], "high": prices[1], "low": prices[0], "close": prices[1]}
        index = pd.DatetimeIndex(np.concatenate(stamps), name="timestamp")
        frame = pd.DataFrame(columns, index=index)[np.asarray(begin < written)]
        missing = [len(frame) - 1 - back for back in self.dropped if back < len(frame)]
        return frame.iloc[np.setdiff1d(np.arange(len(frame)), missing)]


@dataclass(frozen=True)
class Truth:
    """A price at every minute of the sessions, rising by ``step`` points from each to the next."""

    step: float
    first: float = 17000.0

    def at(self, moments: pd.DatetimeIndex) -> NDArray[np.float64]:
        """Prices at instants of the sessions, naive exchange time."""
        day = DAYS.searchsorted(moments, side="right") - 1
        minute = np.asarray((moments - DAYS[day]) / pd.Timedelta(minutes=1))
        return self.first + self.step * (day * (AFTER - BEFORE_OPEN) + minute - BEFORE_OPEN)

    def daily(self) -> pd.DataFrame:
        """Rows with the official close, the average of the last half hour."""
        opens, closes = (self.at(DAYS + pd.Timedelta(minutes=minute)) for minute in (OPEN, CLOSE))
        columns = {"open": opens, "high": closes, "low": opens, "close": closes - 15 * self.step}
        return pd.DataFrame(columns, index=DAYS.rename("date"))


@dataclass(frozen=True)
class Case:
    """Files and the question that is asked of them: ``as_of`` at ``now``, None for what is known now."""

    spot: Bars
    vix: Bars | None
    step: float
    now: pd.Timestamp
    as_of: pd.Timestamp | None
    written: pd.Timestamp


def local(day: int, minute: int) -> pd.Timestamp:
    """An instant of a session counted from the end, naive exchange time."""
    return pd.Timestamp(DAYS[-day] + pd.Timedelta(minutes=minute))


def drawn_length(draw: Random) -> int:
    return draw.choice([15, 15, 15, 5, 5, 3, 3, 1, 1, 1, 2, 10, 30, 60])


def drawn_offset(draw: Random) -> int:
    """None, one that a zone makes, whole quarters of an hour, or a few minutes."""
    named = draw.choice([UTC, UTC + 15, UTC + 1, -270, 60])
    return draw.choice([0, 0, named, 15 * draw.randint(-8, 8), draw.randint(-14, 14)])


def drawn_holes(draw: Random, *, alone: bool) -> frozenset[int]:
    """At most six bars that are missing: anywhere, or, unless each is ``alone``, every second one."""
    count = draw.randint(0, 6)
    if draw.random() < 0.5 or alone:
        return frozenset(draw.randint(0, 400) for _ in range(count))
    last = draw.choice([0, 1, 2, draw.randint(0, 400)])
    return frozenset(range(last, last + 2 * count, 2))


def drawn_bars(draw: Random, *, of_vix: bool = False, sound: bool = False) -> Bars:
    """A file as people have it; with ``sound`` one of bars that fit, stamped as they must be."""
    length = draw.choice([15, 5, 3, 1]) if sound else drawn_length(draw)
    # Two past sessions at least beside one that is unlike the others: what one has against its stamps can be chance.
    days = draw.randint(4, 6)
    extra = draw.choice([(), (), (540,), (547,), (548,), (525, 540), (CLOSE,), (548, CLOSE), (CLOSE, 945)])
    # Nothing but prices tells bars of which every second is missing from longer ones, and the index has closes alone.
    dropped = drawn_holes(draw, alone=of_vix and sound)
    if sound:
        return Bars(length, 0, days, None, extra, dropped)
    offset = draw.choice([0, 0, length, drawn_offset(draw)])
    if of_vix and offset < 0 and CLOSE in extra:
        # Bars after the close fill the hole that the shift leaves, and the index has no daily open that would tell.
        extra = ()
    own = draw.choice(
        [None, None, (draw.randint(1, days), drawn_offset(draw), draw.choice([length, drawn_length(draw)]))]
    )
    return Bars(length, offset, days, own if own is not None and provable(*own[:2], extra) else None, extra, dropped)


def provable(back: int, offset: int, extra: tuple[int, ...]) -> bool:
    """Whether one day that alone is shifted shows it.

    It does where it leaves the hours of every kind of bar. The session in progress lacks its end whatever its stamps
    mean; and where bars stand around the other sessions, those of a shifted one look like them.
    """
    return offset == 0 or OPEN + offset < OPEN - 45 or (back > 1 and not extra)


def drawn_case(seed: int, *, sound: bool = False) -> Case:
    """The case of a seed: what is drawn depends on nothing else, and so does the share of files that are refused."""
    draw = Random(seed)
    spot = drawn_bars(draw, sound=sound)
    vix = draw.choice([None, drawn_bars(draw, of_vix=True, sound=sound)])
    step = draw.choice([0.01, 0.2])
    if draw.random() < 0.5:
        # A file of a live run is written at its moment: a bar that was in progress at an earlier one looks whole.
        now = local(1, draw.randint(OPEN, AFTER + 60))
        return Case(spot, vix, step, now, None, now)
    now = local(1, 20 * 60)
    as_of = local(draw.randint(1, spot.days), draw.randint(OPEN, AFTER))
    return Case(spot, vix, step, now, as_of, now)


def read(case: Case) -> MarketHistory:
    """As ``aegis infer --source csv`` reads it."""
    truth = Truth(case.step)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spot_daily.csv").write_text(csv_text(truth.daily()))
        (folder / "spot_intraday.csv").write_text(csv_text(case.spot.rows(truth, case.written)))
        if case.vix is not None:
            bars = case.vix.rows(VIX_TRUTH, case.written)
            (folder / "vix_intraday.csv").write_text(csv_text(bars))
        as_of = None if case.as_of is None else AsOf(case.as_of.tz_localize(MARKET.zone))
        return BarsRequest(MARKET, CsvFolder(folder), as_of).read(case.now.tz_localize(MARKET.zone), intraday=True)


VIX_TRUTH = Truth(1e-4, 14.0)


def assert_no_look_ahead(case: Case) -> bool:
    """Whether the files were read, not refused in a line; where they were, every price is where it was made."""
    try:
        history = read(case)
    except DataError as refused:
        return "\n" in str(refused)
    asked = pd.DatetimeIndex([case.now if case.as_of is None else case.as_of])
    truth = Truth(case.step)
    assert history.spot.to_numpy().max() <= truth.at(asked)[0] + ROUNDING
    if history.vix is not None:
        assert history.vix.to_numpy().max() <= VIX_TRUTH.at(asked)[0] + ROUNDING
    if history.bars is None:
        return True
    starts = pd.DatetimeIndex(history.bars.index)
    ends = starts + QUARTER
    assert ends[-1] <= asked[0]
    np.testing.assert_allclose(history.bars["close"], truth.at(ends), rtol=0, atol=ROUNDING)
    prices = history.bars[["open", "high", "low", "close"]].to_numpy()
    assert (prices.min(axis=1) >= truth.at(starts) - ROUNDING).all()
    assert (prices.max(axis=1) <= truth.at(ends) + ROUNDING).all()
    vix = history.bars["vix"].to_numpy()
    assert (np.isnan(vix) | (vix <= VIX_TRUTH.at(ends) + ROUNDING)).all()
    return True


EXAMPLES = pytest.mark.parametrize(
    "examples",
    [40, pytest.param(300, marks=pytest.mark.slow), pytest.param(2000, marks=pytest.mark.exhaustive)],
)


@EXAMPLES
def test_a_price_stands_in_the_quarter_hour_it_was_made_in_or_the_file_is_refused(examples: int) -> None:
    read_and_refused = [0, 0]
    for seed in range(examples):
        read_and_refused[not assert_no_look_ahead(drawn_case(seed))] += 1
    assert min(read_and_refused) > examples / 10, "a property of files that are all refused, or all read, says little"


@EXAMPLES
def test_a_file_that_is_stamped_as_it_must_be_is_never_refused(examples: int) -> None:
    refused = [case for seed in range(examples) if not assert_no_look_ahead(case := drawn_case(seed, sound=True))]
    assert not refused, refused[0]
