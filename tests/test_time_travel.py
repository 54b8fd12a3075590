"""Nothing after ``as_of`` has any influence: on a model, on a document, on a single byte of either."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from csv_market import intraday_bars, write_market
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_cases import slow_but
from synthetic import daily_frame, equal, trained_whole, whole_history
from synthetic import document as synthetic_document

from aegismatrix_engine.document import check_json, dump
from aegismatrix_engine.forecasting.model_set import load_models, save_models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.settings import BarsSettings
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.training.train import train

NOW = pd.Timestamp("2030-06-03T12:00:00+00:00")
AT_ONCE = 4  # in every run of the suite, the others with the slow tests
DATES = 50
# Long enough for a walk through the past; every tenth date has one of several blocks, which takes longer.
SHORT, LONG = 790, 1150
INTRADAY_SESSIONS_BEFORE, INTRADAY_SESSIONS_AFTER = 100, 40
FILES = ("spot_daily", "vix_daily", "spot_intraday", "vix_intraday")
PRICES = ("open", "high", "low", "close")

# The lines of each file, header first; every other line begins with its date.
Tables = dict[str, list[str]]
Made = tuple[dict[str, bytes], str]


@cache
def tables(folder: Path) -> Tables:
    return {name: (folder / f"{name}.csv").read_text().splitlines() for name in FILES}


def kept(table: list[str], first: str, last: str = "9999") -> list[str]:
    """The rows from one date to another, both included."""
    return [table[0], *(row for row in table[1:] if first <= row[:10] <= last)]


def sliced(whole: Tables, position: int, sessions: int) -> tuple[Tables, str]:
    """The history that starts so many sessions before the date at ``position``, and that date.

    Later days are all there; of intraday bars only those round the date, since the others cost time alone.
    """
    days = [row[:10] for row in whole["spot_daily"][1:]]
    near = slice(position - INTRADAY_SESSIONS_BEFORE, position + INTRADAY_SESSIONS_AFTER)
    span = days[position - sessions + 1], days[-1]
    nearby = days[near][0], days[near][-1]
    spans = {"spot_daily": span, "vix_daily": span, "spot_intraday": nearby, "vix_intraday": nearby}
    return {name: kept(whole[name], *spans[name]) for name in FILES}, days[position]


def ending(bars: Tables, day: str) -> Tables:
    return {name: kept(table, "", day) for name, table in bars.items()}


def perturbed(bars: Tables, day: str, seed: int) -> Tables:
    """The same bars up to ``day``, and another future: other prices, rows missing, repeated and out of order."""
    draws = np.random.default_rng(seed)
    return {name: _other_future(table, day, draws, name.startswith("vix")) for name, table in bars.items()}


def _other_future(table: list[str], day: str, draws: np.random.Generator, bounded: bool) -> list[str]:
    known, later = kept(table, "", day), [row for row in table[1:] if row[:10] > day]
    columns = [at for at, name in enumerate(table[0].split(",")) if name in PRICES]
    steps = 0.02 * draws.standard_normal(len(later))
    factors = np.exp(0.1 + (steps if bounded else np.cumsum(steps) / 4))
    changed = []
    for row, factor in zip(later, factors, strict=True):
        cells = row.split(",")
        for at in columns:
            cells[at] = repr(float(cells[at]) * float(factor))
        changed.append(",".join(cells))
    future = [row for row in changed if draws.random() > 0.01]
    if len(future) > 3:
        future[1], future[2] = future[2], future[1]
        future.append(future[3])
        # A row of the future that stands before the past makes the past look out of order.
        return [known[0], future[0], *known[1:], *future[1:]]
    return known + future


def written(folder: Path, bars: Tables) -> Path:
    folder.mkdir()
    for name, table in bars.items():
        if len(table) > 1:
            (folder / f"{name}.csv").write_text("\n".join(table) + "\n")
    return folder


def made(folder: Path, as_of: str | None) -> Made:
    """Model files and document of a folder, as ``aegis train`` and ``aegis infer`` make them."""
    asked = BarsRequest.of(BarsSettings("nifty50", "csv", folder, as_of))
    models, training = train(asked.read(NOW, intraday=True), NOW)
    save_models(models, training, folder / "models")
    document = inferred(folder, as_of, NOW)
    return {path.name: path.read_bytes() for path in (folder / "models").iterdir()}, document


def inferred(folder: Path, as_of: str | None, now: pd.Timestamp) -> str:
    models, manifest = load_models(folder / "models", "nifty50")
    history = BarsRequest.of(BarsSettings("nifty50", "csv", folder, as_of)).read(now, intraday=False)
    return dump(infer(history, models, manifest, "csv", now).document)


def without_moment(document: str) -> str:
    text, n = re.subn(r'^ "generated_at": "[^"]+",\n', "", document, flags=re.MULTILINE)
    assert n == 1
    return text


def assert_blind_to_the_future(place: Path, bars: Tables, day: str, seed: int) -> None:
    ends_there = made(written(place / "cut", ending(bars, day)), None)
    goes_on = made(written(place / "whole", bars), day)
    elsewhere = made(written(place / "perturbed", perturbed(bars, day, seed)), day)
    document = check_json(ends_there[1])
    assert document.provenance.last_bar == day
    assert document.provenance.training_end <= day
    assert not document.provenance.in_sample
    assert goes_on == ends_there
    assert elsewhere == ends_there


@pytest.mark.parametrize(
    "number", [*range(AT_ONCE), *(pytest.param(number, marks=pytest.mark.slow) for number in range(AT_ONCE, DATES))]
)
def test_a_date_of_the_real_history_is_blind_to_what_came_after(shared: Path, tmp_path: Path, number: int) -> None:
    whole = tables(shared / "data" / "nifty50")
    sessions = len(whole["spot_daily"]) - 1
    position = int(np.random.default_rng(20_261_123 + number).integers(LONG, sessions - 1))
    bars, day = sliced(whole, position, SHORT if number % 10 else LONG)
    assert_blind_to_the_future(tmp_path, bars, day, number)


@pytest.mark.slow
def test_a_muhurat_session_is_blind_to_what_came_after(shared: Path, tmp_path: Path) -> None:
    whole = tables(shared / "data" / "nifty50")
    position = [row[:10] for row in whole["spot_daily"][1:]].index("2021-11-04")
    bars, day = sliced(whole, position, SHORT)
    assert_blind_to_the_future(tmp_path, bars, day, 0)


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    frame = daily_frame()
    days = pd.DatetimeIndex(frame.index[700:])
    folder = write_market(
        tmp_path_factory.mktemp("synthetic") / "data",
        frame[list(PRICES)],
        frame[["vix"]].rename(columns={"vix": "close"}),
        intraday_bars(days, 4),
        intraday_bars(days, 5)[["close"]].clip(12, 30),
    )
    return tables(folder)


@pytest.mark.parametrize("position", slow_but([805, 893, 951, 1068], [805, 951]))
def test_a_date_of_a_synthetic_history_is_blind_to_what_came_after(
    synthetic: Tables, tmp_path: Path, position: int
) -> None:
    bars, day = sliced(synthetic, position, SHORT)
    assert_blind_to_the_future(tmp_path, bars, day, position)


def test_made_again_at_another_moment_a_document_differs_in_that_alone(synthetic: Tables, tmp_path: Path) -> None:
    bars, day = sliced(synthetic, 900, SHORT)
    folder = written(tmp_path / "whole", bars)
    once = made(folder, day)
    assert made(folder, day) == once
    again = inferred(folder, day, NOW + pd.Timedelta("1h"))
    assert again != once[1]
    assert without_moment(again) == without_moment(once[1])


CHANGES: dict[str, Callable[[str], str]] = {
    "spot_daily": lambda row: row.rpartition(",")[0] + f",{0.9999 * float(row.rpartition(',')[2])!r}",
    "vix_daily": lambda row: row.rpartition(",")[0] + f",{1.01 * float(row.rpartition(',')[2])!r}",
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_last_bar_before_it_does_have_influence(synthetic: Tables, tmp_path: Path, name: str) -> None:
    bars, day = sliced(synthetic, 900, SHORT)
    known = ending(bars, day)
    models, document = made(written(tmp_path / "known", known), None)
    changed = {**known, name: [*known[name][:-1], CHANGES[name](known[name][-1])]}
    other_models, other_document = made(written(tmp_path / "changed", changed), None)
    assert models != other_models
    assert without_moment(document) != without_moment(other_document)


def of_us(history: MarketHistory) -> dict[str, pd.DataFrame]:
    """The series of the US that a history has, by the names of its fields."""
    found = {"us_vix": history.us_vix, "us_spot": history.us_spot, "inda": history.inda}
    return {name: rows for name, rows in found.items() if rows is not None}


@settings(max_examples=12, deadline=None)
@given(
    st.integers(-60, -6),
    st.sampled_from(["08:40", "09:14", "09:30", "09:31", "10:59", "12:05", "15:15", "15:29", "15:31", "20:00"]),
    st.floats(0.9, 1.1),
)
def test_a_moment_of_any_day_is_blind_to_every_bar_that_ends_after_it(number: int, time: str, factor: float) -> None:
    whole = whole_history()
    assert whole.bars is not None
    assert whole.vix is not None
    assert of_us(whole)
    day = whole.spot.index[number]
    moment = pd.Timestamp(f"{day:%Y-%m-%d}T{time}")
    closed = day if time >= "15:30" else whole.spot.index[number - 1]
    us_known = (moment.tz_localize("Asia/Kolkata").tz_convert("America/New_York")).tz_localize(None)

    def changed(frame: pd.DataFrame, known: np.ndarray) -> pd.DataFrame:
        return frame.mul(np.where(known, 1.0, factor), axis=0)

    elsewhere = replace(
        whole,
        spot=changed(whole.spot, whole.spot.index <= closed),
        vix=changed(whole.vix, whole.vix.index <= closed),
        bars=changed(whole.bars, whole.bars.index + pd.Timedelta("15min") <= moment),
        **{
            name: changed(rows, rows.index + pd.Timedelta("16h15min") <= us_known)
            for name, rows in of_us(whole).items()
        },
    )
    first, other = (
        synthetic_document(*trained_whole(), history.until(AsOf.of(moment.tz_localize("Asia/Kolkata"))))
        for history in (whole, elsewhere)
    )
    assert other == first
    assert pd.Timestamp(str(first["as_of"])) <= moment.tz_localize("Asia/Kolkata")


@pytest.mark.parametrize("time", slow_but(["15:30", "01:44", "08:40"], ["08:40"]))
def test_models_are_blind_to_rows_of_the_us_after_their_moment(time: str) -> None:
    """What is learnt of nights at a close, in the minute before the US close is known, and before the open."""
    whole = whole_history()
    moment = pd.Timestamp(f"{whole.spot.index[-40]:%Y-%m-%d}T{time}", tz="Asia/Kolkata")
    us_known = moment.tz_convert("America/New_York").tz_localize(None) - pd.Timedelta("16h15min")
    later = {name: rows.mul(np.where(rows.index <= us_known, 1.0, 3.0), axis=0) for name, rows in of_us(whole).items()}
    ended = {name: rows[rows.index <= us_known] for name, rows in of_us(whole).items()}
    first, *others = (
        train(history.until(AsOf.of(moment)), NOW)
        for history in (whole, replace(whole, **later), replace(whole, **ended))
    )
    for other in others:
        assert equal(other, first)
