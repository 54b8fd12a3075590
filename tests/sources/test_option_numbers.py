"""Lots and dates as option files write them."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from aegismatrix_engine.sources.options.lots import listed_lot, lot_of_orders, lot_of_turnover
from aegismatrix_engine.sources.options.written_moments import written_date, written_moment

IST = ZoneInfo("Asia/Kolkata")


def orders(lot: int, count: int = 80) -> np.ndarray:
    return lot * np.random.default_rng(lot).integers(1, 400, count)


@pytest.mark.parametrize("lot", [25, 50, 65, 75])
def test_the_lot_is_what_orders_are_multiples_of(lot: int) -> None:
    assert lot_of_orders(orders(lot)) == lot


@pytest.mark.parametrize("damaged", [1, 7, 10**9 + 7])
def test_one_order_that_is_no_multiple_changes_nothing(damaged: int) -> None:
    quantities = orders(65)
    quantities[13] = damaged
    assert lot_of_orders(quantities) == 65


@pytest.mark.parametrize("quantities", [np.zeros(50, dtype=np.int64), orders(65, 7), np.arange(1, 90)])
def test_without_orders_in_lots_the_lot_is_not_known(quantities: np.ndarray) -> None:
    assert lot_of_orders(quantities) is None


def test_the_lot_by_turnover_forgives_premiums_that_moved() -> None:
    strike, price, lots = np.array([24000.0, 24100, 24200]), np.array([130.0, 90, 60]), np.array([5.0, 0, 900])
    turnover = 65 * lots * (strike + np.array([190.0, 90, 20]))
    assert lot_of_turnover(turnover, lots, strike, price) == 65


@pytest.mark.parametrize("ratio", [0.0, 5.0, 1e-9, np.inf])
def test_a_turnover_that_is_no_turnover_gives_no_lot(ratio: float) -> None:
    one = np.array([1.0])
    assert lot_of_turnover(ratio * 24000 * one, one, 23900 * one, 100 * one) is None


@pytest.mark.parametrize(
    ("day", "lot"),
    [("2014-06-02", 50), ("2021-03-18", 75), ("2023-07-07", 50), ("2025-08-05", 75), ("2026-06-19", 65)],
)
def test_the_table_has_the_lot_of_a_day(day: str, lot: int) -> None:
    assert listed_lot("nifty50", pd.Timestamp(day)) == lot


@pytest.mark.parametrize(
    "text", ["05-Aug-2025", "05-AUG-2025", "5-Aug-2025", "05 Aug 2025", "05-08-2025", "2025-08-05", " 05-Aug-2025 "]
)
def test_dates_are_read_in_every_layout(text: str) -> None:
    assert written_date(text) == pd.Timestamp("2025-08-05")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "05/08/2025",
        "31-Feb-2025",
        "05-Abc-2025",
        "05-13-2025",
        "1999-08-05",
        "05-08-25",
        "\u0660\u0665-08-2025",
        None,
        5,
    ],
)
def test_other_dates_are_none(text: object) -> None:
    assert written_date(text) is None


def test_a_moment_is_the_exchanges_own_time() -> None:
    assert written_moment("07-Jul-2023 15:30:00", IST) == pd.Timestamp("2023-07-07T10:00:00Z")
    assert written_moment("07-Jul-2023 15:30:59", IST) == pd.Timestamp("2023-07-07T10:00:59Z")
    assert written_moment("07-Jul-2023 15:30", IST) == pd.Timestamp("2023-07-07T10:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "07-Jul-2023",
        "15:30:00",
        "07-Jul-2023 24:00:00",
        "07-Jul-2023 15:60:00",
        "07-Jul-2023 15:30:60",
        "07-Jul-2023T15:30:00",
        None,
    ],
)
def test_other_moments_are_none(text: object) -> None:
    assert written_moment(text, IST) is None
