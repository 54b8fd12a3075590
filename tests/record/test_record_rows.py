"""A row goes into a file and comes back; a cell that was changed is found out."""

import hashlib
from dataclasses import astuple, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_rows import FORECAST, forecast, resolution

from aegismatrix_engine.record.rows import (
    COLUMNS,
    ForecastRow,
    ResolutionRow,
    cells,
    from_cells,
    number,
    parsed,
    session_of,
)


@pytest.mark.parametrize("row", [FORECAST, resolution(FORECAST)], ids=["forecast", "resolution"])
def test_a_row_comes_back_from_its_cells(row: ForecastRow | ResolutionRow) -> None:
    written = cells(row)
    assert len(written) == len(COLUMNS[type(row)])
    assert dict(zip(COLUMNS[type(row)], written, strict=True))["market"] == "nifty50"
    assert from_cells(type(row), list(written)) == row


def test_the_checksum_is_sha_256_over_every_other_cell() -> None:
    *content, told = cells(FORECAST)
    assert told == hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:12]
    assert content[1:] == list(astuple(FORECAST))


@pytest.mark.parametrize("row", [FORECAST, resolution(FORECAST)], ids=["forecast", "resolution"])
@given(data=st.data())
def test_any_cell_that_is_changed_is_found_out(row: ForecastRow | ResolutionRow, data: st.DataObject) -> None:
    written = list(cells(row))
    place = data.draw(st.integers(0, len(written) - 1))
    written[place] = data.draw(st.text(max_size=20).filter(lambda text: text != written[place]))
    wrong = from_cells(type(row), written)
    assert isinstance(wrong, str)
    assert wrong.startswith("has the ")


@given(count=st.integers(0, 40).filter(lambda n: n != len(COLUMNS[ForecastRow])))
def test_a_line_of_another_number_of_cells_is_no_row(count: int) -> None:
    assert from_cells(ForecastRow, ["x"] * count) == f"has {count} cells, expected {len(COLUMNS[ForecastRow])}"


def test_a_row_whose_checksum_is_right_and_whose_key_is_not_its_own_is_no_row() -> None:
    content = ("0" * 12, *astuple(FORECAST))
    forged = [*content, hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:12]]
    assert from_cells(ForecastRow, forged) == f"has the key {'0' * 12!r}, expected {FORECAST.key!r}"


NAMING = ("as_of", "origin", "market", "model_set", "signal", "event")


@pytest.mark.parametrize("name", NAMING)
def test_another_moment_origin_market_set_signal_or_event_is_another_forecast(name: str) -> None:
    assert replace(FORECAST, **{name: "other"}).key != FORECAST.key


@pytest.mark.parametrize("name", [n for n in ForecastRow.__dataclass_fields__ if n not in {*NAMING, "kind"}])
def test_whatever_else_a_second_run_says_it_is_the_same_forecast(name: str) -> None:
    assert replace(FORECAST, **{name: "other"}).key == FORECAST.key


def test_a_resolution_has_the_key_of_its_forecast() -> None:
    assert resolution(FORECAST).key == FORECAST.key


def test_a_forecast_lies_with_its_moment_and_a_resolution_with_the_close_that_decided_it() -> None:
    assert session_of(FORECAST) == "2022-06-15"
    assert session_of(resolution(FORECAST)) == "2022-06-30"


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_to_six_digits(value: float) -> None:
    assert parsed(number(value)) == pytest.approx(value, rel=1e-5, abs=1e-300)


def test_what_is_not_known_is_an_empty_cell() -> None:
    assert number(None) == ""
    assert parsed("") != parsed("")
    assert forecast(vix=number(0.25)).vix == "0.25"
