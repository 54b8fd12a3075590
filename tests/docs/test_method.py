"""The method text covers the document, follows the code's constants and says what real documents do."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import numpy as np
import pandas as pd
import pydantic
import pytest
import synthetic
from jinja2 import UndefinedError
from pydantic import BaseModel

from aegismatrix_engine.artifacts.manifest import Training
from aegismatrix_engine.document.fields import PublishedField, published_fields
from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.block import Basis, Signal
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION, Document
from aegismatrix_engine.forecasting.climatology import climatology
from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.forecasting.model_set import save_models
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.health import Incident
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.intraday.profile import PRIOR_SHARES
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.method.constants import CONSTANTS
from aegismatrix_engine.method.render import TEMPLATE, render
from aegismatrix_engine.sources.sample import Sample
from aegismatrix_engine.training.train import train

ROOT = Path(__file__).resolve().parents[2]
METHOD = ROOT / "docs" / "method.md"
PYDANTIC = tuple(int(part) for part in pydantic.VERSION.split(".")[:2])
HORIZON = re.compile(r"^(direction\.horizons)\.t\d+\b")

# Constants that decide a published number, a value the code does not have, and how the text must then read.
CHANGED: tuple[tuple[str, str, str, str], ...] = (
    ("aegismatrix_engine.training.measures", "MINIMUM_CALLS", "173", "at least 173 calls"),
    ("aegismatrix_engine.training.measures", "PROVEN_T", "4.75", "above 4.75 standard errors"),
    ("aegismatrix_engine.training.walk_forward", "FIRST_ORIGIN", "811", "First origin: session 812"),
    ("aegismatrix_engine.training.walk_forward", "REFIT_INTERVAL", "97", "every 97 sessions"),
    ("aegismatrix_engine.buyer.model", "BLOCK_SESSIONS", "71", "blocks of 71 sessions"),
    ("aegismatrix_engine.seller.range_width", "WIDE_FROM", "0.83", "WIDE from 0.83 on"),
    ("aegismatrix_engine.seller.range_width", "NARROW_BELOW", "0.17", "NARROW below 0.17"),
    ("aegismatrix_engine.seller.range_width", "TOLD_APART_T", "3.75", "t above 3.75 over the walk"),
    ("aegismatrix_engine.signals.buyer", "ERRORS_BEYOND", "2.345", "ratio - 2.345 x error"),
    ("aegismatrix_engine.signals.buyer", "REGIME_Z", "1.37", "TREND_FOLLOWING from 1.37 on"),
    ("aegismatrix_engine.signals.buyer", "REGIME_WINDOW", "273", "last 273 sessions"),
    ("aegismatrix_engine.buyer.model", "MINIMUM_BREAKOUTS", "37", "under 37 breakouts"),
    ("aegismatrix_engine.buyer.targets", "BREAKOUT_MULTIPLE", "1.37", "above 1.37 x ATR"),
    ("aegismatrix_engine.buyer.targets", "BREAKOUT_PRIOR", "0.271", "0.271"),
    ("aegismatrix_engine.buyer.targets", "STRADDLE_WIDTH", "0.83", "0.83 x i x sqrt(h)"),
    ("aegismatrix_engine.direction.model", "MARGINS", "(0.017, 0.093)", "0.017 or 0.093"),
    ("aegismatrix_engine.direction.targets", "DEAD_ZONE", "0.0037", "0.0037 x sqrt(h)"),
    ("aegismatrix_engine.document.fields", "SATURATED", "0.017", "below 0.017 or above 0.983"),
    ("aegismatrix_engine.history", "VIX_CARRIED_SESSIONS", "7", "over at most 7 sessions"),
    ("aegismatrix_engine.document.schema.market", "TREND_SIGMAS", "1.31", "trend_sigmas at least 1.31"),
    ("aegismatrix_engine.document.schema.market", "HIGH_VOLATILITY", "0.63", "volatility_percentile is at least 0.63"),
    ("aegismatrix_engine.markets.expiries", "PRIMARY_DAYS", "11", "at least 11 calendar days"),
    ("aegismatrix_engine.state.last_values", "FROZEN_AFTER", "13", "After 13 such periods"),
    ("aegismatrix_engine.scores", "MINIMUM_EVENTS", "41", "fewer than 41 events"),
    ("aegismatrix_engine.signals.ranges", "BREACH_SIGMAS", "(0.6, 1.1, 1.7, 2.3)", "0.6, 1.1, 1.7 and 2.3 x spot"),
    ("aegismatrix_engine.signals.ranges", "BAND_SIGMAS", "9.5", "up to 9.5 x S_h"),
    ("aegismatrix_engine.signals.seller", "REALISED_SESSIONS", "29", "squared returns over 29 sessions"),
    ("aegismatrix_engine.seller.targets", "STRESS_MULTIPLE", "1.43", "1.43 x i x sqrt(h)"),
    ("aegismatrix_engine.seller.targets", "TRAP_PRIOR", "0.213", "0.213"),
    ("aegismatrix_engine.training.train", "MINIMUM_TRAINING_SESSIONS", "617", "training 617"),
    ("aegismatrix_engine.volatility.conformal", "COVERAGES", "(0.81, 0.92, 0.96)", "81 %, 92 % and 96 %"),
    ("aegismatrix_engine.volatility.conformal", "LEARNING_RATE", "0.0073", "a + 0.0073 x"),
    ("aegismatrix_engine.volatility.conformal", "WIDENING", "0.07", "7 % wider"),
    ("aegismatrix_engine.volatility.event_head", "INVERSE_PENALTY", "0.037", "C = 0.037"),
    ("aegismatrix_engine.volatility.event_head", "SHORT_HISTORY", "777", "fewer than 777 training rows"),
    ("aegismatrix_engine.volatility.features", "EWMA_DECAY", "0.913", "decay 0.913"),
    ("aegismatrix_engine.volatility.features", "RETURN_CLIP", "4.5", "clip(r / u, -4.5, 4.5)"),
    ("aegismatrix_engine.intraday.profile", "MINIMUM_PROFILE_SESSIONS", "67", "at least 67 complete intraday"),
    ("aegismatrix_engine.buyer.session_breakout", "MINIMUM_OPEN", "263", "0 under 263 sessions still open"),
    ("aegismatrix_engine.intraday.open_session", "MINIMUM_PAST", "23", "under 23 such sessions"),
    ("aegismatrix_engine.intraday.model", "MINIMUM_INTRADAY_SESSIONS", "271", "once there are 271 complete sessions"),
    ("aegismatrix_engine.intraday.scale", "KNOTS", "(0, 1, 7)", "j = 0, 1 and 7,"),
    ("aegismatrix_engine.intraday.sessions", "RECENT_MOMENTS", "6", "within the last 6 moments"),
    ("aegismatrix_engine.intraday.profile", "PROFILE_HALF_LIFE", "137", "half as much 137 sessions earlier"),
    ("aegismatrix_engine.intraday.spread", "SPREAD_RATE", "0.013", "it moves by 0.013 x"),
    ("aegismatrix_engine.intraday.spread", "SPREAD_MISS", "0.3", "outside the 70 % range"),
    ("aegismatrix_engine.intraday.spread", "SPREAD_BOUNDS", "(-0.43, 0.47)", "between -0.43 and 0.47"),
    ("aegismatrix_engine.intraday.sessions", "VIX_BARS", "7", "median of the last 7 live bars"),
    ("aegismatrix_engine.volatility.night_moves", "VIX_CLIP", "0.17", "at most 17 % each"),
    ("aegismatrix_engine.volatility.night", "MINIMUM_NIGHTS", "511", "under 511 of them"),
    ("aegismatrix_engine.volatility.label_cuts", "LOW_SHARE", "0.25", "1/4 and 4/5 quantiles"),
    ("aegismatrix_engine.volatility.log_har", "HAR_SHARE", "0.75", "A_h^(3/4) x i^(1/4)"),
    ("aegismatrix_engine.volatility.ridge", "HAR_PENALTY", "0.0021", "penalty 0.0021 x n"),
    ("aegismatrix_engine.volatility.realised_variance", "ATR_WINDOW", "19", "over the last 19 sessions"),
    ("aegismatrix_engine.volatility.shape", "MINIMUM_SHAPE_ROWS", "787", "once there are 787 of them"),
)

# What the code itself has as literals, worked examples, names and grades; every other number must come from a constant.
TYPED = {"0", "1", "2", "3", "4", "5", "0.5", "1.5", "100", "15", "0.05", "50", "95", "90", "256"}
# Cut-offs of the page that reads risk_score, and versions of the schema that added a field.
TYPED |= {"0.3", "0.6", "2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.4.0"}
# The name of the S&P 500.
TYPED |= {"500"}
YEAR = re.compile(r"(19|20)\d\d")


def unbroken(text: str) -> str:
    return " ".join(text.split())


def values_of(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Dotted paths of a model's values, as the method writes them, from pydantic's own fields."""
    for name, field in model.model_fields.items():
        at = f"{path}.{name}" if path else name
        inner, listed = block_in(field.annotation)
        if inner is None:
            yield HORIZON.sub(r"\1.*", at)
        else:
            yield from values_of(inner, f"{at}[]" if listed else at)


def block_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    arguments = [part for part in get_args(annotation) if part is not NoneType]
    if len(arguments) == 1 and getattr(arguments[0], "__origin__", None) is list:
        return block_in(arguments[0])
    if len(arguments) == 1 and isinstance(arguments[0], type) and issubclass(arguments[0], BaseModel):
        return arguments[0], getattr(annotation, "__origin__", None) is list
    return None, False


def explained() -> list[str]:
    """Every path the text explains, basis and models included where the block has them."""
    found, block = [], ""
    for line in render().partition("\n## The document\n")[2].splitlines():
        if heading := re.fullmatch(r"### `(.*)`", line):
            block = f"{heading[1]}."
        elif field := re.match(r"- \*\*(\w+)\*\* \(", line):
            found.append(block + field[1])
        elif line.startswith("Basis: "):
            found += [block + name for name in ("basis", "models") if block + name in published_fields()]
    return found


def test_the_committed_text_and_schema_are_what_the_command_writes(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "aegismatrix_engine.method", str(tmp_path)]
    written = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120)
    assert written.stdout + written.stderr == b""
    remedy = "run python -m aegismatrix_engine.method docs"
    assert (tmp_path / "method.md").read_bytes() == METHOD.read_bytes(), remedy
    if PYDANTIC >= (2, 10):  # earlier ones spell the same schema in other words
        for name in ("aegismatrix.schema.json", "market.schema.json"):
            assert (tmp_path / name).read_bytes() == (ROOT / "docs" / name).read_bytes(), remedy


def test_every_value_of_the_document_is_explained_and_nothing_else() -> None:
    assert set(explained()) == set(values_of(Document))


def test_no_value_is_explained_twice() -> None:
    assert len(explained()) == len(set(explained()))


@pytest.mark.parametrize("path", ["market.spot", "seller.expiries[].ranges[].lower", "direction.horizons.*.conviction"])
def test_paths_are_walked_the_way_the_test_thinks(path: str) -> None:
    assert path in set(values_of(Document))


@pytest.mark.parametrize("field", published_fields().values(), ids=lambda field: field.path)
def test_every_block_says_what_it_does_not_say_and_every_number_has_a_unit_and_a_frequency(
    field: PublishedField,
) -> None:
    assert field.description
    if not field.kind:
        assert len(field.meaning.does_not_say) > 10
        assert set(field.meaning.basis or ()) <= set(get_args(Basis))
    elif "number" in field.kind:
        assert field.unit
        assert field.updates


def test_every_word_a_label_can_be_stands_beside_its_cut_off() -> None:
    for field in published_fields().values():
        rule, words = field.meaning.formula + field.meaning.cut_offs, field.kind.removeprefix("one of ")
        if field.meaning.cut_offs and words != field.kind:
            assert [word for word in words.split(", ") if word not in rule] == [], field.path


@cache
def text_of_another_code() -> str:
    """The method as a fresh interpreter prints it where every constant of CHANGED has its other value."""
    lines = ["import importlib, sys"]
    lines += [f"importlib.import_module({module!r})" for module, *_ in CHANGED]
    lines += [f"sys.modules[{module!r}].{name} = {value}" for module, name, value, _ in CHANGED]
    lines += ["from aegismatrix_engine.method.render import render", "sys.stdout.write(render())"]
    printed = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, check=True, timeout=120
    )
    return unbroken(printed.stdout.decode())


@pytest.mark.parametrize(("module", "name", "value", "expected"), CHANGED, ids=[name for _, name, *_ in CHANGED])
def test_another_constant_is_another_text(module: str, name: str, value: str, expected: str) -> None:
    assert expected in text_of_another_code(), f"{module}.{name} = {value}"
    assert expected not in unbroken(written())


@cache
def written() -> str:
    """The method as it is."""
    return render()


def other(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, timedelta):
        return value + timedelta(minutes=7)
    if isinstance(value, str):
        return f"{value} changed"
    if isinstance(value, Mapping):
        return dict(list(value.items())[:-1])
    if isinstance(value, tuple | np.ndarray):
        return tuple(map(other, value))
    if is_dataclass(value):  # label cuts, or a market
        changed = {name: other(getattr(value, name)) for name in ("low", "name") if hasattr(value, name)}
        return replace(value, **changed)
    return value * 1.37 + 7 if isinstance(value, float) else value + 7


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_that_changes_changes_the_text_or_leaves_none(name: str) -> None:
    try:
        changed = render({**CONSTANTS, name: other(CONSTANTS[name])})
    except UndefinedError:
        changed = "a feature of another name has no sentence"
    assert changed != written()


def texts() -> Iterator[tuple[str, str]]:
    """Every text that is written by hand, by what holds it: the template and the words of the fields."""
    yield TEMPLATE, (ROOT / "aegismatrix_engine" / "method" / TEMPLATE).read_text(encoding="utf-8")
    for path, field in published_fields().items():
        meaning = field.meaning
        words = (field.description, meaning.formula, meaning.cut_offs, meaning.does_not_say, field.unit)
        yield path, " ".join((*words, *(meaning.basis or {}).values()))


@pytest.mark.parametrize("text", [pytest.param(text, id=holder) for holder, text in texts()])
def test_no_number_of_the_text_is_typed(text: str) -> None:
    by_hand = re.sub(r"\{\{.*?\}\}", "", text, flags=re.DOTALL)
    typed = set(re.findall(r"(?<![A-Za-z0-9_.\[])\d+(?:\.\d+)*", by_hand))
    assert {number for number in typed - TYPED if not YEAR.fullmatch(number)} == set()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Document, Document]:
    """Documents of one small model set: with the volatility index, without it, and with climatology in its place."""
    market = get_market("sp500")
    whole = Sample().daily(market)
    assert whole.vix is not None
    span = slice(pd.Timestamp("2015-06-01"), pd.Timestamp("2018-03-29"))
    history = MarketHistory(market, whole.spot.loc[span], whole.vix.loc[span])
    now = pd.Timestamp("2018-03-29T20:30:00+00:00")
    models, training = train(history, now)
    manifest = save_models(models, training, tmp_path_factory.mktemp("models"))
    without = MarketHistory(market, history.spot)
    return (
        infer(history, models, manifest, "sample", now).document,
        infer(without, models, manifest, "sample", now).document,
        infer(
            history,
            climatology(market_features(history)),
            manifest,
            "sample",
            now,
            Incident(dict.fromkeys(MODEL_NAMES, "x")),
        ).document,
    )


@pytest.fixture(scope="module")
def times_of_day() -> tuple[Document, ...]:
    """After a US night, inside a session learnt from bars, inside one by the constants that ship, near an expiry."""
    whole = synthetic.whole_history()

    def made(time: str, models: Models, training: Training, day: pd.Timestamp = whole.spot.index[-28]) -> Document:
        bars = whole.until(AsOf.of(pd.Timestamp(f"{day:%Y-%m-%d}T{time}").tz_localize("Asia/Kolkata")))
        return infer(bars, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT).document

    learnt = synthetic.trained_whole()
    proven = learnt[0], synthetic.with_heads(learnt[1], True)
    return (
        made("08:40", *learnt),
        made("12:05", *learnt),
        made("12:05", *synthetic.trained()),
        # A holiday leaves five closes to the primary expiry, and shapes of the session's own reach it.
        made("12:05", *learnt, pd.Timestamp("2018-12-20")),
        # And five to it after a US night, which has shapes of its own as far.
        made("08:40", *learnt, pd.Timestamp("2018-12-20")),
        # Words of a situation rest on the heads while these are proven, on the width of the range elsewhere.
        made("08:40", *proven),
        made("12:05", *proven),
    )


def signals(document: Document) -> Iterator[tuple[str, Signal]]:
    for path, value in walk(document):
        if isinstance(value, Signal):
            yield HORIZON.sub(r"\1.*", re.sub(r"\.\d+", "[]", path)), value


def test_signals_carry_the_basis_and_the_models_that_the_text_allows(
    documents: tuple[Document, ...], times_of_day: tuple[Document, ...]
) -> None:
    allowed = {path: field.meaning for path, field in published_fields().items()}
    for document in (*documents, *times_of_day):
        for path, signal in signals(document):
            assert signal.basis in (allowed[path].basis or ()), path
            assert set(signal.models) <= set(allowed[path].models), path


def test_no_field_claims_a_model_that_its_signal_does_not_declare(
    documents: tuple[Document, ...], times_of_day: tuple[Document, ...]
) -> None:
    declared: dict[str, set[str]] = {}
    for document in (*documents, *times_of_day):
        for path, signal in signals(document):
            declared.setdefault(path, set()).update(signal.models)
    claimed = {path: set(field.meaning.models) for path, field in published_fields().items() if path in declared}
    assert claimed == declared


def test_every_model_that_may_be_replaced_has_its_replacement_named(documents: tuple[Document, ...]) -> None:
    section = re.search(r"\n## Without a healthy model\n(.*?)\n## ", render(), flags=re.DOTALL)
    assert section
    named = {row.split("|")[1] for row in section[1].splitlines() if row.startswith("|")}
    assert {name for name in MODEL_NAMES if not any(name in part for part in named)} == set()
    for path, signal in signals(documents[-1]):
        assert (signal.basis == "prior") == bool(signal.models), path


def test_formulas_give_the_published_numbers(documents: tuple[Document, ...]) -> None:
    """Formulas of the text that follow from published numbers alone, applied to them."""
    document, without, prior = documents
    market, trap, seller = document.market, document.seller.trap, document.seller
    implied = market.vix / 100 / np.sqrt(252)
    stress = seller.expiry_stress
    distance = market.spot * 1.25 * implied * np.sqrt(stress.sessions_left)
    assert stress.distance_points == pytest.approx(distance, rel=1e-3)
    theta = document.buyer.theta_edge
    assert theta.straddle_cost_points == pytest.approx(
        market.spot * 0.8 * implied * np.sqrt(theta.sessions_left), rel=1e-3
    )
    for horizon in document.direction.by_horizon.values():
        moves = horizon.p_up + horizon.p_down
        assert horizon.base_up + horizon.base_down == pytest.approx(moves, abs=3e-4)
        favoured = horizon.base_up if horizon.p_up >= horizon.base_up else horizon.base_down
        expected = abs(horizon.p_up - horizon.base_up) / (1 - favoured)
        assert horizon.conviction == pytest.approx(expected, abs=5e-4)
    for window in document.buyer.gamma_windows:
        start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in window.window.split("-"))
        even = (end - start) / 390
        assert window.score == pytest.approx((window.share / even) / (1 + window.share / even), abs=2e-3)
    levels = document.buyer.breakout_levels
    assert levels.upper == pytest.approx(market.spot * np.exp(1.25 * levels.atr_points / market.spot), abs=0.05)
    grades = ("LOW", "MEDIUM", "HIGH").index(trap.label), ("CALM", "CAUTION", "HOSTILE").index(stress.label)
    assert seller.regime == ("CALM", "CAUTIOUS", "HOSTILE")[max(grades)]
    assert seller.daily_flag == ("FAVOURABLE", "NEUTRAL", "RISKY")[min(grades[1] + (grades[0] == 2), 2)]
    assert without.seller.trap.score == without.seller.trap.base_rate
    assert without.seller.trap.iv_percentile == without.seller.trap.rv_percentile
    assert without.market.vix_change == 0
    assert prior.seller.trap.score == prior.seller.trap.base_rate
    assert prior.buyer.theta_edge.score == prior.buyer.theta_edge.base_rate
    assert {call.direction for call in prior.direction.by_horizon.values()} == {"NEUTRAL"}
    assert prior.buyer.spike_direction_bias.up_prob == prior.buyer.spike_direction_bias.base_up


def test_formulas_give_the_published_numbers_inside_a_session(times_of_day: tuple[Document, ...]) -> None:
    for document in times_of_day[1:3]:
        today, levels = document.forecast.session, document.buyer.breakout_levels
        assert today is not None
        assert (today.bars_complete, today.bars, today.session) == (11, 25, document.direction.today.session)
        assert today.quantiles[7].level == 0.5
        assert today.quantiles[7].points == pytest.approx(document.direction.today.expected_move_points, abs=0.01)
        assert levels.upper / levels.lower < np.exp(2.5 * levels.atr_points / document.market.spot)
        windows = document.buyer.gamma_windows
        assert [window.state for window in windows] == ["past", "past", "past", "ahead", "ahead", "ahead"]
        assert sum(window.share for window in windows) == pytest.approx(1, abs=3e-4)
        mean = synthetic.trained_whole()[0].gamma.shares if document is times_of_day[1] else np.array(PRIOR_SHARES)
        total = [window.against_usual * share for window, share in zip(windows, mean, strict=True)]
        for window, part in zip(windows, total, strict=True):
            assert window.share == pytest.approx(part / sum(total), abs=2e-3)
        assert {call.direction for call in document.direction.by_horizon.values()} == {"NEUTRAL"}
        assert document.seller.expiry_stress.sessions_left >= 1


def test_the_night_is_a_log_change_that_moves_the_first_sessions(times_of_day: tuple[Document, ...]) -> None:
    night = times_of_day[0].provenance.us_night
    us = synthetic.us_vix_frame()["close"]
    assert night is not None
    last = pd.Timestamp(night.last_bar)
    assert night.change_pct == pytest.approx(np.log(us.loc[last] / us.loc[:last].iloc[-2]), abs=5e-5)
    assert last < pd.Timestamp(times_of_day[0].direction.today.session)


def excerpts(page: str) -> list[dict[str, Any]]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [json.loads("{" + block + "}") for block in re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL)]


def contains(whole: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(name in whole and contains(whole[name], part[name]) for name in part)
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(contains(item, wanted) for item in whole) for wanted in part)
    return bool(whole == part)


def test_the_page_on_the_document_quotes_the_example_and_the_version() -> None:
    example = json.loads((ROOT / "docs" / "example.json").read_text(encoding="utf-8"))
    assert excerpts("document.md")
    for excerpt in excerpts("document.md"):
        assert contains(example, excerpt)
    assert f"`{SCHEMA_VERSION}`" in (ROOT / "docs" / "document.md").read_text(encoding="utf-8")
