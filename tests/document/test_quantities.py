"""Rounding happens once, on construction, and keeps order and sums."""

import math
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aegismatrix_engine.document.schema.block import Block, Day, Timestamp, timestamp
from aegismatrix_engine.document.schema.direction import Risk
from aegismatrix_engine.document.schema.quantities import (
    Count,
    Level,
    Points,
    Probability,
    SignedUnit,
    complementary,
    three_way,
)

unit = st.floats(0, 1)
reals = st.floats(-1e7, 1e7)


class Chance(Block):
    value: Probability


class Signed(Block):
    value: SignedUnit


class Height(Block):
    value: Level


class Move(Block):
    value: Points


class Number(Block):
    value: Count


class Moment(Block):
    value: Timestamp


class Date(Block):
    value: Day


def nearest(value: float, decimals: int) -> float:
    """Rounding to nearest of the float's exact value, by decimal arithmetic."""
    return float(Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)) + 0.0


@given(unit)
def test_a_probability_keeps_4_decimals(p: float) -> None:
    assert Chance(value=p).value == nearest(p, 4)


@given(reals)
def test_points_keep_2_decimals_and_their_sign_or_zero(points: float) -> None:
    kept = Move(value=points).value
    assert kept == nearest(points, 2)
    assert kept * points >= 0
    assert not (kept == 0 and math.copysign(1, kept) < 0)


@given(st.lists(unit, min_size=2, max_size=20))
def test_rounding_keeps_order(values: list[float]) -> None:
    kept = [Chance(value=value).value for value in sorted(values)]
    assert kept == sorted(kept)


@given(unit)
def test_rounding_twice_is_rounding_once(p: float) -> None:
    once = Chance(value=p)
    assert Chance(value=once.value) == once
    assert Chance.model_validate_json(once.model_dump_json()) == once


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan")])
@pytest.mark.parametrize("kind", [Chance, Signed, Height, Move])
def test_a_number_that_is_not_finite_is_refused(kind: Any, number: float) -> None:
    with pytest.raises(ValidationError):
        kind(value=number)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Chance, 1.0001),
        (Chance, -0.0001),
        (Signed, -1.0001),
        (Height, 0.0),
        (Height, 0.004),
        (Height, -1.0),
        (Number, -1),
        (Number, 1.0),
        (Number, True),
        (Chance, True),
        (Chance, "0.5"),
        (Chance, None),
    ],
)
def test_what_is_out_of_bounds_or_of_another_type_is_refused(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        kind(value=value)


def test_floating_point_noise_at_the_bounds_is_rounded_away() -> None:
    assert Chance(value=1.0000000000000002).value == 1.0
    assert Chance(value=-1e-17).value == 0.0


def test_numpy_numbers_become_plain_ones() -> None:
    assert type(Chance(value=np.float64(0.123456)).value) is float


def test_blocks_are_frozen_and_closed() -> None:
    chance = Chance(value=0.5)
    with pytest.raises(ValidationError):
        chance.value = 0.6  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Chance(value=0.5, other=1)  # type: ignore[call-arg]


def test_models_are_named_once_and_sorted() -> None:
    risk = Risk(basis="model", models=["vix", "har", "vix"], score=0.5, sigma_5_pct=0.02, percentile_years=5.0)
    assert risk.models == ["har", "vix"]


def test_complementary_of_every_published_probability_sums_to_exactly_1() -> None:
    for ten_thousandths in range(10_001):
        p, rest = complementary(ten_thousandths / 10_000)
        assert p == ten_thousandths / 10_000
        assert p + rest == 1.0


@given(unit)
def test_complementary_rounds_its_first_and_fits_its_second(p: float) -> None:
    first, second = complementary(p)
    assert first == Chance(value=p).value
    assert second == Chance(value=second).value
    assert round(first + second, 4) == 1.0
    assert abs(second - (1 - p)) <= 0.5001e-4


@given(unit, unit)
def test_three_ways_sum_to_1_and_stay_near_what_they_were(cut: float, up_share: float) -> None:
    p_up, p_down = cut * up_share, cut * (1 - up_share)
    ways = three_way(p_up, p_down)
    assert round(sum(ways), 4) == 1.0
    assert all(way == Chance(value=way).value for way in ways)
    for way, exact in zip(ways, (p_up, p_down, 1 - cut), strict=True):
        assert abs(way - exact) <= 1.5001e-4


def test_three_ways_give_back_what_rounding_added() -> None:
    assert three_way(0.50006, 0.49994) == (0.5001, 0.4999, 0.0)
    assert three_way(0.30006, 0.69996) == (0.3001, 0.6999, 0.0)
    assert three_way(0.0, 0.0) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    "text",
    ["2022-12-30T15:30:00+05:30", "2022-12-30T10:00:00Z", "2022-12-30T10:00:00.250+00:00", "2022-12-30T10:00:00-05:00"],
)
def test_a_moment_with_a_zone_is_kept_as_it_is(text: str) -> None:
    assert Moment(value=text).value == text


@pytest.mark.parametrize(
    "text",
    [
        "2022-12-30T15:30:00",
        "2022-12-30 15:30:00+05:30",
        "2022-12-30",
        "2022-13-30T15:30:00Z",
        "2022-02-29T15:30:00Z",
        "2022-12-30T25:30:00Z",
        "2022-12-30T15:30:00+05:30\n",
        "20221230T153000Z",
        "٢٠٢٢-12-30T15:30:00Z",
    ],
)
def test_a_moment_without_a_zone_or_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Moment(value=text)


@pytest.mark.parametrize("text", ["2022-02-29", "2022-1-5", "20220105", "2022-01-05T00:00:00Z", "2022-W01-1", ""])
def test_what_is_not_a_calendar_day_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Date(value=text)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-48, 56))
def test_a_datetime_becomes_its_text_to_the_second(naive: datetime, quarters: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    text = Moment(value=timestamp(moment)).value
    assert datetime.fromisoformat(text) == moment.replace(microsecond=0)


def test_a_pandas_timestamp_becomes_its_text() -> None:
    assert timestamp(pd.Timestamp("2022-12-30 15:30", tz="Asia/Kolkata")) == "2022-12-30T15:30:00+05:30"
    assert timestamp(pd.Timestamp("2022-12-30 10:00:00.123456789", tz="UTC")) == "2022-12-30T10:00:00+00:00"


def test_a_datetime_without_a_zone_has_no_text() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        timestamp(datetime(2022, 12, 30, 15, 30))
