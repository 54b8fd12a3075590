"""Recognised files put together to the series of a csv folder, and the proof that the folder can be read."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_checks import checked_intraday, checked_spot, checked_vix, checked_vix_intraday
from aegismatrix_engine.history.bar_rules import SourcedBars, check_positive, check_vix_levels, shown_moment, unlike
from aegismatrix_engine.history.inputs import SERIES, Series
from aegismatrix_engine.history.stamps_by_opens import check_opens
from aegismatrix_engine.history.us_series import US_CHECKS
from aegismatrix_engine.markets import Market
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.sources.recognise.one_file import RecognisedFile


@dataclass(frozen=True)
class SeriesRows:
    """A series out of all files that hold it.

    Attributes:
        series: which.
        rows: as those of a RecognisedFile, each date or bar start once.
        name: the file's name; of several files the series and their number, and then ``line`` is 0.
        findings: rows that were given twice, in words.
    """

    series: Series
    rows: pd.DataFrame
    name: str
    findings: tuple[str, ...]


def merged(files: Iterable[RecognisedFile]) -> dict[Series, SeriesRows]:
    """The series of all files, in the order of the csv folder.

    Raises:
        DataError: a date or bar start with different prices in two rows, of one file or of two.
    """
    by_series: dict[Series, list[RecognisedFile]] = {}
    for file in files:
        by_series.setdefault(file.series, []).append(file)
    return {series: _merged_series(series, by_series[series]) for series in SERIES if series in by_series}


def _merged_series(series: Series, files: list[RecognisedFile]) -> SeriesRows:
    whole = pd.concat([file.rows.assign(file=at) for at, file in enumerate(files)]).sort_index(kind="stable")
    prices = [column for column in whole.columns if column not in ("line", "file")]
    values = whole[prices].to_numpy(dtype=np.float64)
    repeated = whole.index.duplicated()
    differ = repeated[1:] & unlike(values[1:], values[:-1]).any(axis=1)
    if differ.any():
        row = int(differ.argmax()) + 1
        column = int(unlike(values[row], values[row - 1]).argmax())
        place, before = (
            f"{files[int(whole['file'].iloc[at])].name}, line {int(whole['line'].iloc[at])}" for at in (row, row - 1)
        )
        raise DataError(
            f"{place}: {shown_moment(whole.index[row])} has {prices[column]} {values[row, column]:.15g}, and "
            f"{values[row - 1, column]:.15g} in {before}; one of the two is wrong: correct or remove it"
        )
    times = int(repeated.sum())
    found = (
        (f"{series}: {times} row{'s' if times > 1 else ''} given twice with equal prices, kept once",) if times else ()
    )
    rows = whole[~repeated].drop(columns="file")
    if len(files) == 1:
        return SeriesRows(series, rows, files[0].name, found)
    return SeriesRows(series, rows.assign(line=np.int64(0)), f"{series} of {len(files)} files", found)


def csv_bytes(rows: pd.DataFrame) -> bytes:
    """A file of the csv folder: each number in its shortest form that reads back as the same float64."""
    written = "%Y-%m-%d" if rows.index.name == "date" else "%Y-%m-%d %H:%M:%S"
    prices = rows.drop(columns="line")
    moments = pd.DatetimeIndex(rows.index).strftime(written)
    lines = (
        ",".join([moment, *("" if math.isnan(value) else repr(value) for value in values)])
        for moment, values in zip(moments, prices.to_numpy().tolist(), strict=True)
    )
    return ("\n".join([",".join([str(rows.index.name), *prices.columns]), *lines]) + "\n").encode()


def check_series(market: Market, series: Mapping[Series, SeriesRows]) -> None:
    """Whether every series passes the rules of a history; raises DataError naming the file as its user has it."""
    given = {name: SourcedBars(rows.name, rows.rows) for name, rows in series.items()}
    limit = market.largest_daily_change
    spot = checked_spot(given["spot_daily"], market.calendar, limit) if "spot_daily" in given else None
    if "vix_daily" in given:
        checked_vix(given["vix_daily"])
    vix_bars = given.get("vix_intraday")
    if "spot_intraday" in given:
        bars = checked_intraday(given["spot_intraday"], market.calendar, limit)
        if vix_bars:
            checked_vix_intraday(vix_bars, market.calendar)
        if spot:
            check_opens(bars.given, spot.bars, market.calendar)
    elif vix_bars:
        check_positive(vix_bars)
        check_vix_levels(vix_bars)
    for name, check in US_CHECKS.items():
        if name in given:
            check(given[name])


def read_back(market: Market, folder: Path) -> tuple[str, ...]:
    """What a csv folder's history notes about its bars; empty where it has no ``spot_daily.csv``.

    Raises:
        DataError: the folder cannot be read.
    """
    if not (folder / "spot_daily.csv").is_file():
        return ()
    source = CsvFolder(folder)
    return source.with_us_series(source.with_intraday(source.daily(market))).notes
