"""Which closes of the US make a night: its moves, what no series knows, and the days on which a fund pays out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.forecasting.features import next_open, nights
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.volatility.night_moves import NIGHT_SERIES, NightMoves, UsBars, night_moves

PANEL = synthetic.features()
WHOLE = synthetic.whole_history()
SD = 0.01


def dates(*days: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days).as_unit("ns")


# Friday 6 January 2023 and the week after; 16 January was a holiday in New York, 26 January one in Mumbai.
NSE = dates("2023-01-06", "2023-01-09", "2023-01-10", "2023-01-11", "2023-01-16", "2023-01-17", "2023-01-18")
CLOSES = pd.Series([100.0, 101.0, 100.0, 102.0, 101.0, 103.0, 104.0], index=NSE)
DAYS = dates("2023-01-05", "2023-01-06", "2023-01-09", "2023-01-10", "2023-01-13", "2023-01-17")
VIX = pd.DataFrame({"close": [20.0, 21.0, 22.0, 19.0, 18.0, 17.0]}, index=DAYS)
SPOT = pd.DataFrame(
    {"open": [3000.0, 3010, 3000, 3020, 3040, 3000], "close": [3005.0, 3000, 3015, 3030, 3030, 3060]}, index=DAYS
)
FUND = pd.DataFrame({"close": [40.0, 40.2, 40.4, 40.0, 40.6, 40.8]}, index=DAYS)


def moves(us: UsBars, sessions: pd.DatetimeIndex = NSE[:6], sd: float = SD) -> NightMoves:
    return night_moves(us, CLOSES, sessions, NSE, np.full(len(sessions), sd))


def test_a_night_runs_from_the_us_close_the_session_knew_to_the_last_one_before_the_next() -> None:
    found = moves(UsBars(us_vix=VIX))
    expected = [np.log(21 / 20), np.log(22 / 21), np.log(19 / 22), np.log(18 / 19), np.nan, np.log(17 / 18)]
    assert found.us_vix == pytest.approx(expected, nan_ok=True)
    last = dates("2023-01-06", "2023-01-09", "2023-01-10", "2023-01-13", "NaT", "2023-01-17")
    assert found.last.equals(last)


def test_the_us_vix_is_clipped_and_its_change_is_not() -> None:
    found = moves(UsBars(us_vix=VIX.assign(close=[20.0, 30, 22, 19, 18, 17])), NSE[:2])
    assert found.us_vix == pytest.approx([0.15, -0.15])
    assert found.us_vix_change == pytest.approx([np.log(1.5), np.log(22 / 30)])


def test_the_sp500_moves_from_the_first_open_of_the_night_to_its_last_close() -> None:
    # The night after 11 January has one US session on file, that of the 13th: the 12th is not in these rows.
    found = moves(UsBars(us_spot=SPOT), sd=0.02)
    expected = np.log([3000 / 3010, 3015 / 3000, 3030 / 3020, 3030 / 3040, np.nan, 3060 / 3000]) / 0.02
    assert found.us_spot == pytest.approx(expected, nan_ok=True)
    # A night of two US sessions, over a holiday in Mumbai: from Monday's open to Tuesday's close.
    over = night_moves(UsBars(us_spot=SPOT), CLOSES, NSE[[1]], NSE[[1, 3]], np.array([0.02]))
    assert over.us_spot == pytest.approx(np.log(3030 / 3000) / 0.02)


def test_a_day_of_which_the_open_is_missing_is_unknown_to_the_sp500_alone() -> None:
    found = moves(UsBars(us_vix=VIX, us_spot=SPOT.assign(open=[3000.0, np.nan, 3000, 3020, 3040, 3000])), NSE[:2])
    assert found.known.tolist() == [[True, False, False], [True, True, False]]


def test_the_fund_says_what_the_markets_own_closes_have_not_shown() -> None:
    found = moves(UsBars(inda=FUND), sd=0.02)
    # From 5 to 6 January the fund rose by 0.5 %; the market's close of the 5th is not known.
    assert np.isnan(found.inda[0])
    # From 6 to 9 January: the fund's return less that of 9 January at the exchange.
    assert found.inda[1] == pytest.approx((np.log(40.4 / 40.2) - np.log(101 / 100)) / 0.02)
    # The fund's close before 16 January is that of the 13th, before 17 January too: nothing is news on the holiday.
    assert np.isnan(found.inda[4])
    assert found.inda[5] == pytest.approx((np.log(40.8 / 40.6) - np.log(103 / 102)) / 0.02)


def test_nights_before_fade_by_half_each_and_unknown_ones_count_as_none() -> None:
    found = moves(UsBars(inda=FUND), sd=0.02)
    known = np.nan_to_num(found.inda)
    for row in range(6):
        expected = sum(known[row - back] / 2 ** (back - 1) for back in range(1, min(row, 5) + 1))
        assert found.inda_before[row] == pytest.approx(expected)


@pytest.mark.parametrize(("paid", "known"), [(0.06, False), (-1.1, False), (np.log(3), False), (0.004, True)])
def test_a_distribution_or_a_split_is_no_news(paid: float, known: bool) -> None:
    """6 % were paid out on one day of 2021; a split is larger, either way. A usual payment stays within the noise."""
    fallen = FUND.assign(close=FUND["close"] * np.where(pd.Timestamp("2023-01-10") <= DAYS, np.exp(-paid), 1.0))
    plain, found = moves(UsBars(us_vix=VIX, inda=FUND)), moves(UsBars(us_vix=VIX, inda=fallen))
    assert np.isfinite(found.inda[2]) == known
    assert np.isfinite(found.us_vix[2])
    others = [1, 3, 5]
    assert found.inda[others] == pytest.approx(plain.inda[others])
    if not known:
        assert found.inda_before[3] == pytest.approx(plain.inda[1] / 2), "what is no news is not remembered either"


def test_a_large_move_on_a_wild_day_is_news() -> None:
    fallen = FUND.assign(close=FUND["close"] * np.where(pd.Timestamp("2023-01-10") <= DAYS, 0.94, 1.0))
    assert np.isfinite(moves(UsBars(inda=fallen), sd=0.04).inda[2])


def test_a_night_of_which_no_us_close_is_known_is_unknown() -> None:
    # The series stops on 6 January: what was news on that night is none four days later.
    for bars in (VIX.iloc[:2], VIX.iloc[:0]):
        assert np.isnan(moves(UsBars(us_vix=bars), NSE[1:4]).us_vix).all()
    assert np.isnan(moves(UsBars(us_vix=VIX.iloc[1:]), NSE[:1]).us_vix).all()
    assert not moves(UsBars()).known.any()
    assert moves(UsBars()).last.isna().all()


def test_a_series_that_lacks_the_newest_session_of_a_night_does_not_know_it() -> None:
    """Over a holiday in Mumbai the US trades twice: a close of the first day alone is not the night."""
    two_days = NSE[[1, 3]]  # 9 and 11 January, as if the 10th had been a holiday
    us = UsBars(us_vix=VIX, us_spot=SPOT[SPOT.index < "2023-01-10"])
    found = night_moves(us, CLOSES, two_days[:1], two_days, np.array([SD]))
    assert found.known.tolist() == [[True, False, False]]
    both = night_moves(replace(us, us_spot=SPOT), CLOSES, two_days[:1], two_days, np.array([SD]))
    assert both.known.tolist() == [[True, True, False]]


def test_a_series_that_lacks_the_session_a_night_is_measured_from_does_not_know_it() -> None:
    hole = VIX[VIX.index != "2023-01-06"]
    found = moves(UsBars(us_vix=hole, us_spot=SPOT), NSE[1:3])
    assert found.known.tolist() == [[False, True, False], [True, True, False]]


def test_a_series_that_starts_later_takes_nothing_from_the_others() -> None:
    found = moves(UsBars(us_vix=VIX, inda=FUND.iloc[3:]))
    assert found.us_vix == pytest.approx(moves(UsBars(us_vix=VIX)).us_vix, nan_ok=True)


def test_without_a_volatility_index_only_the_us_vix_knows_the_night() -> None:
    found = moves(UsBars(VIX, SPOT, FUND), sd=np.nan)
    assert found.known[:4].tolist() == [[True, False, False]] * 4


@settings(max_examples=50, deadline=None)
@given(st.integers(30, 200), st.floats(0.5, 2.0))
def test_no_us_row_from_the_next_sessions_date_on_has_any_influence(row: int, factor: float) -> None:
    sessions = PANEL.series.dates
    following = sessions[row + 1]
    changed = {name: later_changed(getattr(WHOLE, name), following, factor) for name in NIGHT_SERIES}
    known, found = (whole_nights(replace(WHOLE, **us)) for us in ({}, changed))
    for name in ("us_vix", "us_spot", "inda", "inda_before"):
        first, again = (getattr(moves, name)[: row + 1] for moves in (known, found))
        assert first.tobytes() == again.tobytes()


def later_changed(frame: pd.DataFrame | None, day: pd.Timestamp, factor: float) -> pd.DataFrame:
    assert frame is not None
    changed = frame.copy()
    changed.loc[changed.index >= day] *= factor
    return changed


def whole_nights(history: MarketHistory) -> NightMoves:
    return nights(history, PANEL)


def test_a_row_after_the_moment_changes_no_night_of_a_history_that_is_cut() -> None:
    moment = AsOf.of(pd.Timestamp("2019-07-22T08:40").tz_localize("Asia/Kolkata"))
    friday = pd.Timestamp("2019-07-20")
    changed = replace(WHOLE, **{name: later_changed(getattr(WHOLE, name), friday, 1.5) for name in NIGHT_SERIES})
    documents = [synthetic.document(*synthetic.trained_whole(), bars.until(moment)) for bars in (WHOLE, changed)]
    assert documents[0]["direction"] == documents[1]["direction"]


def test_a_special_session_ends_a_night_like_any_other() -> None:
    # Muhurat trading on Sunday 12 November 2023; the night after Friday 10 November ends there.
    prices = {name: [100.0, 101.0] for name in ("open", "high", "low", "close", "vix")}
    bars = synthetic.history(pd.DataFrame(prices, index=dates("2023-11-09", "2023-11-10")))
    us = pd.DataFrame({"close": [15.0, 14.0, 16.0]}, index=dates("2023-11-09", "2023-11-10", "2023-11-13"))
    history = replace(bars, us_vix=us)
    assert next_open(history) == pd.Timestamp("2023-11-12")
    found = whole_night(history)
    assert found.us_vix[-1] == pytest.approx(np.log(14 / 15))


def test_the_night_after_a_special_session_is_its_own() -> None:
    # After Muhurat trading on Sunday 12 November 2023 nothing is news until Monday's close in New York.
    prices = {name: [100.0, 101.0, 102.0] for name in ("open", "high", "low", "close", "vix")}
    bars = synthetic.history(pd.DataFrame(prices, index=dates("2023-11-09", "2023-11-10", "2023-11-12")))
    us = pd.DataFrame({"close": [15.0, 14.0]}, index=dates("2023-11-09", "2023-11-10"))
    found = whole_night(replace(bars, us_vix=us))
    assert len(found) == 3
    assert np.isnan(found.us_vix[-1])


def whole_night(history: MarketHistory) -> NightMoves:
    from aegismatrix_engine.forecasting.features import market_features

    return nights(history, market_features(history))
