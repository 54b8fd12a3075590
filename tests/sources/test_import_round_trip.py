"""Any sound frame written in any format comes back exactly: numbers to the last bit, dates and bar starts unchanged."""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from csv_market import sessions
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_import_formats import FORMATS, recognised

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.recognise import check_series, merged

DATES = sessions("2018-01-01", "2022-12-30")
Writer = Callable[[pd.DataFrame], str]


def indian(value: float) -> str:
    """With a comma between thousands."""
    return f'"{value:,.2f}"'


def european(value: float) -> str:
    """With a decimal comma."""
    return repr(value).replace(".", ",")


def written(header: str, row: str, moment: str, number: Callable[[float], str] = repr) -> Writer:
    """A writer of rows: ``row`` names date, o, h, l and c; ``moment`` is how the date is written."""

    def write(frame: pd.DataFrame) -> str:
        lines = [
            row.format(
                date=f"{at:{moment}}", **{price[0]: number(value) for price, value in zip(frame, values, strict=True)}
            )
            for at, values in zip(frame.index, frame.to_numpy().tolist(), strict=True)
        ]
        return "\n".join([header, *lines]) + "\n"

    return write


def backwards(writer: Writer) -> Writer:
    return lambda frame: writer(frame[::-1])


def in_capitals(writer: Writer) -> Writer:
    return lambda frame: writer(frame).upper()


def epoch(unit: int, hours: float) -> Writer:
    """Dates as a number since 1970, at that many hours before midnight of UTC."""

    def write(frame: pd.DataFrame) -> str:
        moments = (frame.index - pd.Timedelta(hours=hours)).as_unit("ns").asi8 // unit
        rows = [
            ",".join([str(at), *map(repr, row)]) for at, row in zip(moments, frame.to_numpy().tolist(), strict=True)
        ]
        return "\n".join(["time,open,high,low,close", *rows]) + "\n"

    return write


DAILY: dict[str, Writer] = {
    "NSE": backwards(
        in_capitals(written("Date ,Open ,High ,Low ,Close ,Turnover (₹ Cr)", "{date},{o},{h},{l},{c},", "%d-%b-%Y"))
    ),
    "niftyindices": backwards(
        written(
            '"Index Name","Date","Open","High","Low","Close"', '"NIFTY 50","{date}","{o}","{h}","{l}","{c}"', "%d %b %Y"
        )
    ),
    "yfinance": written(
        "Price,Close,High,Low,Open\nTicker,^NSEI,^NSEI,^NSEI,^NSEI\nDate,,,,", "{date},{c},{h},{l},{o}", "%Y-%m-%d"
    ),
    "Ticker.history": written("Date,Open,High,Low,Close", "{date} 00:00:00+05:30,{o},{h},{l},{c}", "%Y-%m-%d"),
    "investing.com": backwards(
        written('"Date","Price","Open","High","Low"', '"{date}",{c},{o},{h},{l}', "%m/%d/%Y", indian)
    ),
    "investing.com, named": written(
        '"Date","Price","Open","High","Low"', '"{date}",{c},{o},{h},{l}', "%b %d, %Y", indian
    ),
    "day first": written("Date;Open;High;Low;Close", "{date};{o};{h};{l};{c}", "%d.%m.%Y", european),
    "stooq": written(
        "<TICKER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>", "^NSEI,{date},000000,{o},{h},{l},{c}", "%Y%m%d"
    ),
    "epoch seconds of the open": epoch(10**9, -3.75),
    "epoch milliseconds of India's midnight": epoch(10**6, 5.5),
    "epoch seconds of UTC's midnight": epoch(10**9, 0),
}


@st.composite
def daily(draw: st.DrawFn) -> pd.DataFrame:
    """Consecutive sessions of a market that moves, each price with two decimals."""
    rows = draw(st.integers(15, 60))
    first = draw(st.integers(0, len(DATES) - rows))
    index = DATES[first : first + rows].rename("date").as_unit("ns")
    return bars(draw(st.integers(0, 2**32 - 1)), index)


def bars(seed: int, index: pd.DatetimeIndex) -> pd.DataFrame:
    draws = np.random.default_rng(seed).standard_normal((4, len(index)))
    close = 11000 * np.exp(np.cumsum(0.002 * draws[0]))
    open_ = np.concatenate([[close[0]], close[:-1]]) * np.exp(0.0002 * draws[1])
    high = np.maximum(open_, close) * np.exp(0.002 * np.abs(draws[2])) + 0.01
    low = np.minimum(open_, close) * np.exp(-0.002 * np.abs(draws[3])) - 0.01
    return pd.DataFrame({"open": open_, "high": high, "low": low, "close": close}, index=index).round(2)


@pytest.mark.parametrize("writer", DAILY.values(), ids=DAILY)
@settings(max_examples=25, deadline=None)
@given(frame=daily())
def test_daily_rows_come_back_exactly(writer: Writer, frame: pd.DataFrame) -> None:
    file = recognised("nifty 50.csv", writer(frame))
    assert file.series == "spot_daily"
    pd.testing.assert_frame_equal(file.rows.drop(columns="line"), frame, check_exact=True, check_freq=False)


STAMPED: dict[str, Callable[[pd.DatetimeIndex, int], tuple[str, list[str]]]] = {
    "exchange time": lambda starts, _: ("timestamp", [f"{at:%Y-%m-%d %H:%M:%S}" for at in starts]),
    "with an offset": lambda starts, _: ("date", [f"{at:%Y-%m-%dT%H:%M:%S}+0530" for at in starts]),
    "UTC": lambda starts, _: ("Datetime", [f"{at - pd.Timedelta('5h30min'):%Y-%m-%d %H:%M:%S}+00:00" for at in starts]),
    "epoch": lambda starts, _: ("time", [str(int((at - pd.Timedelta("5h30min")).timestamp())) for at in starts]),
    "their end": lambda starts, length: (
        "date",
        [f"{at + pd.Timedelta(minutes=length):%d-%m-%Y %I:%M %p}" for at in starts],
    ),
    "their last second": lambda starts, length: (
        "Date,Time",
        [f"{at + pd.Timedelta(minutes=length) - pd.Timedelta(seconds=1):%Y%m%d,%H:%M:%S}" for at in starts],
    ),
}


@pytest.mark.parametrize("stamped", STAMPED.values(), ids=STAMPED)
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    first=st.integers(0, len(DATES) - 20),
    days=st.integers(13, 16),
    length=st.sampled_from([5, 15]),
)
def test_intraday_bars_come_back_exactly(
    stamped: Callable[[pd.DatetimeIndex, int], tuple[str, list[str]]], seed: int, first: int, days: int, length: int
) -> None:
    step = pd.Timedelta(minutes=length)
    regular = [day for day in DATES[first : first + days] if day.day_of_week < 5 and day.month not in (10, 11)]
    # Days up to the 12th alone could be months: such a file has two meanings, and is refused.
    assume(any(day.day > 12 for day in regular))
    starts = pd.DatetimeIndex(
        np.concatenate(
            [
                pd.date_range(day + pd.Timedelta("9h15min"), day + pd.Timedelta("15h30min") - step, freq=step)
                for day in regular
            ]
        ),
        name="timestamp",
    ).as_unit("ns")
    frame = bars(seed, starts)
    header, stamps = stamped(starts, length)
    rows = (",".join([at, *map(repr, row)]) for at, row in zip(stamps, frame.to_numpy().tolist(), strict=True))
    file = recognised("nifty 50.csv", "\n".join([f"{header},open,high,low,close", *rows]))
    assert file.series == "spot_intraday"
    pd.testing.assert_frame_equal(file.rows.drop(columns="line"), frame, check_exact=True, check_freq=False)


class Refused(Exception):
    """A file was refused in one line that names it."""


@contextlib.contextmanager
def refused_in_one_line(name: str) -> Iterator[None]:
    try:
        yield
    except DataError as error:
        if "\n" in str(error) or name not in str(error):
            raise
        raise Refused from error


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_in_one_line_and_never_ends_otherwise(data: st.DataObject) -> None:
    name, content, *_ = data.draw(st.sampled_from(list(FORMATS.values())))
    at = data.draw(st.integers(0, len(content)))
    until = at + data.draw(st.integers(0, 12))
    put_in = data.draw(st.text(st.sampled_from("0129,.;:\"'-/ \t\n|xTZ+%₹\u0660\x00\ufeff"), max_size=3))
    with contextlib.suppress(Refused):
        with refused_in_one_line(name):
            file = recognised(name, content[:at] + put_in + content[until:])
            check_series(get_market("nifty50"), merged([file]))
        # A row of the S&P 500 may hold a close alone.
        kept = file.rows[["close"]] if file.series == "us_spot_daily" else file.rows.drop(columns="line")
        assert kept.notna().all(axis=None)
