"""A daily series that repeats its last close is no market."""

import pytest
import synthetic

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.history.bar_checks import checked_spot
from aegismatrix_engine.history.bar_rules import MOST_ALIKE, SourcedBars

ROWS = 60


def standing_still(rows: int) -> SourcedBars:
    frame = synthetic.daily_frame(ROWS)[["open", "high", "low", "close"]].copy()
    frame.iloc[-rows:] = float(frame["close"].iloc[-rows])
    return SourcedBars("spot_daily.csv", frame.assign(line=range(2, ROWS + 2)))


def test_five_equal_closes_in_a_row_are_a_quiet_week() -> None:
    found = checked_spot(standing_still(MOST_ALIKE), synthetic.MARKET.calendar).bars
    assert found.index[-1] == synthetic.daily_frame(ROWS).index[-1]


@pytest.mark.parametrize("rows", [MOST_ALIKE + 1, ROWS])
def test_more_are_refused_at_the_line_of_the_first_too_many(rows: int) -> None:
    line = ROWS + 2 - rows + MOST_ALIKE
    with pytest.raises(DataError, match=rf"spot_daily.csv, line {line}, column close: .* of {rows} rows in a row"):
        checked_spot(standing_still(rows), synthetic.MARKET.calendar)
