"""Shifts that leave every stamp plausible are told by the daily opens, which are those of the first bars."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from csv_market import intraday_bars, sessions, spot_bars, write_market

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.csv_folder import CsvFolder

MARKET = get_market("nifty50")
DATES = sessions()
BARS = intraday_bars(DATES[-6:])


def daily() -> pd.DataFrame:
    """Rows whose open is that of their first bar, where they have bars."""
    rows, grouped = spot_bars(DATES), BARS.groupby(BARS.index.normalize())
    own = grouped.agg({"open": "first", "high": "max", "low": "min", "close": "last"})
    rows.loc[own.index] = own
    return rows


def with_pre_open(bars: pd.DataFrame) -> pd.DataFrame:
    """With a bar from 09:00 to the open on each day."""
    first = bars.groupby(bars.index.normalize())["open"].first()
    early = pd.DataFrame(dict.fromkeys(bars.columns, first))
    early.index = pd.DatetimeIndex(first.index + pd.Timedelta("9h")).as_unit("ns").rename("timestamp")
    # Not to the cent where the session opens.
    return pd.concat([bars, early * 0.999]).sort_index()


def read(folder: Path, bars: pd.DataFrame, spot: pd.DataFrame | None = None) -> MarketHistory:
    source = CsvFolder(write_market(folder, daily() if spot is None else spot, None, bars))
    return source.with_intraday(source.daily(MARKET))


def moved(bars: pd.DataFrame, by: str, days: slice = slice(None)) -> pd.DataFrame:
    index = pd.DatetimeIndex(bars.index)
    chosen = index.normalize().isin(DATES[-6:][days])
    return bars.set_axis(index.where(~chosen, index + pd.Timedelta(by)).rename("timestamp"), axis=0)


def test_bars_stamped_by_their_start_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, with_pre_open(BARS)).bars
    assert found is not None
    assert found.index.equals(pd.DatetimeIndex(BARS.index))


def test_bars_stamped_by_their_end_are_refused_though_one_before_the_open_fills_the_hole(tmp_path: Path) -> None:
    by_end = moved(with_pre_open(BARS), "15min")
    first = by_end.groupby(by_end.index.normalize()).head(1).index
    assert set(first - first.normalize()) == {pd.Timedelta("9h15min")}, "no stamp betrays them"
    told = (
        "spot_intraday.csv, line 3: on 6 of 6 sessions the daily open is that of a bar stamped 0:15 later than the "
        "session's open, expected bars stamped by their start; looks shifted or end-stamped; subtract 0:15, or use "
        "`aegis import --bar-stamp end`"
    )
    with pytest.raises(DataError) as refused:
        read(tmp_path, by_end)
    assert str(refused.value) == told


@pytest.mark.parametrize(("days", "is_refused"), [(1, False), (2, True), (3, True)])
def test_two_sessions_of_the_same_shift_and_a_quarter_of_all_are_no_chance(
    tmp_path: Path, days: int, is_refused: bool
) -> None:
    bars = pd.concat([with_pre_open(BARS), BARS.iloc[24::25].set_axis(BARS.index[24::25] + pd.Timedelta("15min"))])
    mixed = moved(bars.sort_index().rename_axis("timestamp"), "15min", slice(0, days))
    if is_refused:
        with pytest.raises(DataError, match=f"on {days} of 6 sessions the daily open"):
            read(tmp_path, mixed)
    else:
        assert read(tmp_path, mixed).bars is not None


def test_first_bars_that_are_missing_are_no_shift(tmp_path: Path) -> None:
    bars = BARS.drop(BARS.index[::25])
    found = read(tmp_path, bars).bars
    assert found is not None
    assert len(found) == len(bars)


def test_daily_opens_of_another_record_tell_nothing(tmp_path: Path) -> None:
    """Some tables give the close before as the open."""
    rows = daily()
    rows["open"] = rows["close"].shift(fill_value=rows["open"].iloc[0])
    rows["high"], rows["low"] = rows[["open", "high"]].max(axis=1), rows[["open", "low"]].min(axis=1)
    assert read(tmp_path, BARS, rows).bars is not None


def test_the_real_market_s_opens_are_those_of_its_first_bars(shared: Path) -> None:
    source = CsvFolder(shared / "data" / "nifty50")
    history = source.with_intraday(source.daily(MARKET))
    assert history.bars is not None
    days, at = np.unique(pd.DatetimeIndex(history.bars.index).normalize(), return_index=True)
    begun = history.bars.index[at] == MARKET.calendar.local_hours(pd.DatetimeIndex(days))[:, 0]
    first = history.bars["open"].to_numpy()[at[begun]]
    official = history.spot["open"].reindex(days[begun]).to_numpy()
    assert np.isclose(first, official, rtol=5e-7, atol=0).sum() == 1797
