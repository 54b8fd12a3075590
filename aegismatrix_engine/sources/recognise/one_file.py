"""One file as people have it, understood: which series it holds, and its bars as the csv folder wants them."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_rules import PRICES, prices_of
from aegismatrix_engine.history.inputs import Series
from aegismatrix_engine.markets import Market, get_market
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.recognise.bar_stamp import BarStamp
from aegismatrix_engine.sources.recognise.bar_starts import ZoneBy, bar_starts
from aegismatrix_engine.sources.recognise.columns import Columns, find_columns
from aegismatrix_engine.sources.recognise.date_order import DateOrder, closed_days
from aegismatrix_engine.sources.recognise.exchange_time import in_exchange_time, refuse_other_days, session_dates
from aegismatrix_engine.sources.recognise.file_text import FileText
from aegismatrix_engine.sources.recognise.index_names import Index
from aegismatrix_engine.sources.recognise.numbers import read_numbers
from aegismatrix_engine.sources.recognise.series import (
    US_INDICES,
    Level,
    Named,
    by_names,
    check_level,
    other_index_inside,
    refuse_steady,
    series_of,
)
from aegismatrix_engine.sources.recognise.table import Table, read_table
from aegismatrix_engine.sources.recognise.written_dates import read_moments
from aegismatrix_engine.typing import BoolArray

US_MARKET = "sp500"
_UNSEEN: dict[Series, tuple[str, ...]] = {
    "inda_daily": ("its closes have to be unadjusted for dividends, and nothing in a file shows whether they are",)
}
"""What has to be so, and what no file shows."""


@dataclass(frozen=True)
class Choices:
    """What the user chooses for files that have two meanings; None where the files have to prove it.

    Attributes:
        series: which series the file holds.
        date_order: the order of day, month and year.
        zone: IANA name of the zone of times without one.
        bar_stamp: whether intraday bars are stamped by their start or their end.
    """

    series: Series | None = None
    date_order: DateOrder | None = None
    zone: str | None = None
    bar_stamp: BarStamp | None = None


@dataclass(frozen=True)
class RecognisedFile:
    """What a file holds.

    Attributes:
        name: the file's name.
        series: which series of the csv folder.
        rows: float64 columns open, high, low, close of spot and close of a volatility index, and int64 ``line``,
            indexed by naive session date or bar start in exchange time (ns), ascending; dates may repeat.
        findings: what was understood and how that is known, in words.
    """

    name: str
    series: Series
    rows: pd.DataFrame
    findings: tuple[str, ...]


def recognise_file(file: FileText, market: Market, choices: Choices) -> RecognisedFile:
    """The bars of a file.

    Raises:
        DataError: the file is damaged, or has two meanings between which neither the file nor the user decides.
    """
    table = read_table(file.name, file.text)
    columns = find_columns(table)
    named = _named(table, columns, file.inner_name, market, choices.series)
    numbers, number_findings = read_numbers(table, columns.prices)
    level = _level(table, columns, numbers, named, market)
    us, is_us = get_market(US_MARKET), named.index in US_INDICES
    calendars = [us.calendar if is_us else market.calendar]
    if named.index is None and level == "vix" and market.us_vix_symbol:
        calendars.append(us.calendar)
    written = read_moments(table, columns.moment, columns.clock, calendars, choices.date_order)
    local, zone_findings = in_exchange_time(table, written, us.zone if is_us else market.zone, choices.zone)
    intraday = written.times is not None and local.nunique() > local.normalize().nunique()
    index, known_by = _index(table, named, level, numbers["close"], written.days, market, intraday=intraday)
    series = series_of(table.name, index, market, choices.series, intraday=intraday)
    wanted, priced = _priced(table, columns, series, numbers)
    order = () if table.header else (_proof_of_order(table, numbers, intraday=intraday),)
    if intraday:
        zone_by: ZoneBy | None = "file" if written.offsets.notna().all() else "user" if choices.zone else None
        flat = _flat(numbers[priced])
        bars = bar_starts(table.rows(priced), local[priced], flat, market, choices.bar_stamp, zone_by)
        moments, kept = bars.starts[bars.kept], np.flatnonzero(priced)[bars.kept]
        moment_findings = (*zone_findings, *bars.findings)
    else:
        calendar = us.calendar if index in US_INDICES else market.calendar
        dates, moment_findings = session_dates(table, written, local, zone_findings, calendar)
        in_calendar = np.asarray((dates >= market.calendar.first_date) | (index in US_INDICES))
        kept, priced = np.flatnonzero(priced & in_calendar), priced | ~in_calendar
        moments = dates[kept]
        refuse_other_days(table, kept, moments, calendar)
        first = f"before {market.calendar.first_date:%Y-%m-%d}, where the exchange's calendar begins"
        moment_findings += (table.left_out(~in_calendar, first),) if not in_calendar.all() else ()
    rows = numbers.reindex(columns=wanted).iloc[kept].assign(line=table.cells.index[kept].astype("int64"))
    rows.index = moments.rename("timestamp" if intraday else "date")
    if rows.empty:
        raise DataError(f"{table.name}: no row is left: {moment_findings[-1]}")
    findings = (f"{series}: {known_by}", *_UNSEEN.get(series, ()), *columns.findings, *table.findings, *order)
    findings += (*number_findings, *written.findings, *moment_findings)
    findings += (table.left_out(~priced, "without prices"),) if not priced.all() else ()
    return RecognisedFile(table.name, series, rows.sort_index(kind="stable"), findings)


def _named(table: Table, columns: Columns, inner_name: str, market: Market, series: Series | None) -> Named:
    """What the user, or else the file, says it is of; raises DataError where the two differ."""
    if series is None:
        return by_names(table, columns, inner_name, market)
    # "us_vix_daily" is of the index "us_vix", "inda_daily" of the fund "inda".
    index = cast("Index", series.rpartition("_")[0])
    other = other_index_inside(table, columns, market, index)
    if other:
        raise DataError(f"{table.name}: {other}, which is not {series}; leave --series out, or choose the right one")
    return Named(index, "as chosen with --series")


def _level(table: Table, columns: Columns, numbers: pd.DataFrame, named: Named, market: Market) -> Level:
    """Whether the closes are those of a spot index or a volatility index."""
    closes = numbers["close"].dropna().to_numpy(dtype=np.float64)
    if not len(closes):
        raise DataError(f"{table.name}: no row has a close: expected a table of prices")
    if named.index is None:
        _refuse_two_scales(table, columns)
    return check_level(table.name, named.index, closes, market)


def _index(
    table: Table,
    named: Named,
    level: str,
    closes: "pd.Series[float]",
    days: pd.DatetimeIndex,
    market: Market,
    *,
    intraday: bool,
) -> tuple[Index, str]:
    """The index a file is of, and how that is known."""
    if named.index is not None:
        return named.index, named.known_by
    span = (
        f"closes lie between {closes.min():.6g} and {closes.max():.6g}, and nothing in the file or its name says more"
    )
    if level == "spot":
        return "spot", f"taken for {market.name}: {span}"
    if market.volatility_index is None:
        remedy = (
            "use --series us_vix_daily where it is the US VIX, or " if market.us_vix_symbol and not intraday else ""
        )
        if market.companion_id is not None and not intraday:
            remedy += "copy closes of its companion index to companion_daily.csv (date,close), or "
        raise DataError(
            f"{table.name} is of a volatility index by its closes, {closes.min():.6g} to {closes.max():.6g}, and "
            f"{market.id} has none by its entry; {remedy}leave it out"
        )
    if market.us_vix_symbol is None or intraday:
        return "vix", f"taken for {market.volatility_index_name}: {span}"
    refuse_steady(table.name, np.asarray(closes.dropna(), dtype=np.float64), market)
    home, us = closed_days(days, market.calendar), closed_days(days, get_market(US_MARKET).calendar)
    if home.any() == us.any():
        raise DataError(
            f"{table.name} is of a volatility index, and neither names nor dates show whether it is "
            f"{market.volatility_index_name} or the US VIX; use --series vix_daily or --series us_vix_daily"
        )
    row = int((us if us.any() else home).argmax())
    exchange = get_market(US_MARKET).calendar.name if us.any() else market.calendar.name
    proof = f"line {table.cells.index[row]} is of {days[row]:%Y-%m-%d}, on which {exchange} was closed"
    return ("vix", f"{market.volatility_index_name}: {proof}") if us.any() else ("us_vix", f"the US VIX: {proof}")


def _refuse_two_scales(table: Table, columns: Columns) -> None:
    """14.735 is a volatility index or, with a point between thousands, a spot index."""
    closes = table.column(columns.prices["close"])
    if closes.texts.str.fullmatch(r"\d{1,3}\.\d{3}").all():
        problem = "may have a decimal point or a point between thousands, and no other number shows which"
        raise closes.refusal(0, f"{problem}; use --series, or write numbers without one between thousands")


def _priced(table: Table, columns: Columns, series: Series, numbers: pd.DataFrame) -> tuple[list[str], BoolArray]:
    """The prices that the series needs, and which rows have them all; raises DataError where the file lacks one."""
    wanted = list(prices_of(series))
    # A row of the S&P 500 may hold a close alone.
    needed = ["close"] if series == "us_spot_daily" else wanted
    absent = [price for price in needed if price not in columns.prices]
    if absent:
        raise DataError(
            f"{table.name}: no column of {' or '.join(absent)} in {shown(','.join(table.labels))}; a spot index needs "
            "open, high, low and close"
        )
    priced = numbers[needed].notna().all(axis=1).to_numpy()
    if not priced.any():
        raise DataError(f"{table.name}: no row has {', '.join(needed)}: expected a table of prices")
    return wanted, priced


def _proof_of_order(table: Table, numbers: pd.DataFrame, *, intraday: bool) -> str:
    """Words for why four columns without a name are open, high, low, close; raises DataError where they are not."""
    bars = numbers.dropna()
    open_, high, low, close = bars[list(PRICES)].to_numpy(dtype=np.float64).T
    outside = (high < np.maximum(open_, close)) | (low > np.minimum(open_, close))
    if outside.any():
        line = bars.index[int(outside.argmax())]
        raise DataError(
            f"{table.name}, line {line}: no header, and its prices are not open, high, low, close; add a header"
        )
    follows = np.abs(open_[1:] - close[:-1]).mean() if len(bars) > 1 else np.inf
    if not (high > low).any() or follows >= (np.abs(close[1:] - open_[:-1]).mean() if len(bars) > 1 else 0):
        raise DataError(
            f"{table.name}: no header, and nothing shows which price is the open and which the close; add a header"
        )
    steps = "bars" if intraday else "days"
    return (
        "columns without a header are open, high, low, close: in every row the second is the highest and the third the "
        f"lowest, and {steps} open near the close before"
    )


def _flat(numbers: pd.DataFrame) -> BoolArray:
    """Which bars have one price; none where only closes are there."""
    if not set(PRICES) <= set(numbers.columns):
        return np.zeros(len(numbers), dtype=bool)
    return np.asarray(numbers["high"].to_numpy() <= numbers["low"].to_numpy())
