"""What stands still although it should move is found; what may stand still is left alone."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache, reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.document import check_document
from aegismatrix_engine.document.fields import field_at, signal_numbers
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.errors import InvalidDocument
from aegismatrix_engine.forecasting.climatology import climatology
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.health import Incident, with_frozen_signals
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.sources.csv_folder import CsvFolder
from aegismatrix_engine.state import last_values as recents
from aegismatrix_engine.state.last_values import (
    FROZEN_AFTER,
    FoundLastValues,
    LastValue,
    LastValues,
    read_last_values,
    render,
    updated,
)
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT
from aegismatrix_engine.training.train import train

SESSIONS = 12
REPLAY = {"2021": ("2020-12-31", "2021-12-31"), "2022": ("2021-12-31", "2022-12-30")}


def documents(bars: MarketHistory, models: Models, first: int, incident: Incident | None = None) -> Iterator[Document]:
    """A document for every session of the bars from number ``first`` on."""
    manifest = synthetic.manifest(synthetic.trained()[1])
    for date in bars.spot.index[first:]:
        yield infer(
            bars.until(AsOf.of(date)), models, manifest, "synthetic", synthetic.TRAINED_AT, incident or Incident()
        ).document


@cache
def sequence() -> tuple[Document, ...]:
    """Documents of the last sessions of the synthetic history."""
    return tuple(documents(synthetic.history(), synthetic.trained()[0], -SESSIONS))


def put(document: Document, path: str, value: float) -> Document:
    """The document with another number at a dotted path."""

    def inside(block: Any, names: list[str]) -> Any:
        if not names:
            return value
        name, *rest = names
        if isinstance(block, list):
            return [inside(item, rest) if str(index) == name else item for index, item in enumerate(block)]
        return block.model_copy(update={name: inside(getattr(block, name), rest)})

    changed: Document = inside(document, path.split("."))
    return changed


def after(*told: Document) -> LastValues:
    found = reduce(updated, told, None)
    assert found is not None
    return found


def at(document: Document, moment: str) -> Document:
    """The document at another moment, its volatility index live."""
    market = document.market.model_copy(update={"vix_as_of": moment})
    return document.model_copy(update={"as_of": moment, "market": market})


def test_the_first_document_is_kept_as_it_is() -> None:
    first = sequence()[0]
    kept = after(first)
    assert (kept.market_id, kept.as_of, kept.spot) == ("nifty50", first.as_of, first.market.spot)
    assert kept.numbers["seller.trap.score"] == LastValue(first.seller.trap.score, 0)
    assert kept.frozen() == {}


def test_constants_and_numbers_moved_by_events_are_not_kept() -> None:
    kept = after(sequence()[0]).numbers
    assert "seller.safe_range.coverage" not in kept
    assert "seller.historical_hit_rate" not in kept
    assert "buyer.spike_direction_bias.base_up" not in kept
    assert "seller.trap.score" in kept


def test_the_same_document_twice_changes_nothing() -> None:
    once = after(*sequence()[:3])
    assert updated(once, sequence()[2]) == once


def test_a_number_that_moved_within_the_same_moment_starts_anew() -> None:
    still = [put(document, "seller.trap.score", 0.3) for document in sequence()[:10]]
    assert "seller.trap.score" in after(*still).frozen()
    mended = put(still[-1], "seller.trap.score", 0.35)
    assert after(*still, mended).frozen() == {}


def test_a_document_of_an_earlier_moment_leaves_what_is_known() -> None:
    known = after(*sequence()[3:6])
    assert updated(known, sequence()[1]) == known


def test_another_market_starts_anew() -> None:
    known = after(*sequence()[:3])
    other = sequence()[3].model_copy(update={"market_id": "sp500"})
    assert updated(known, other) == after(other)


def test_a_moment_counts_a_number_of_every_slot_and_not_one_of_every_session() -> None:
    first, _, third = sequence()[:3]
    later = at(put(first, "market.spot", first.market.spot + 10), f"{first.as_of[:10]}T15:31:00+05:30")
    kept = after(first, later).numbers
    assert kept["market.vix"].periods == 1
    assert kept["seller.trap.score"].periods == 0
    next_day = [
        at(put(first, "market.spot", third.market.spot + i), f"{third.as_of[:10]}T1{i}:00:00+05:30") for i in range(4)
    ]
    kept = after(first, *next_day).numbers
    assert kept["market.vix"].periods == 4
    assert kept["seller.trap.score"].periods == 1


def test_an_expiry_counts_a_number_of_every_expiry(monkeypatch: pytest.MonkeyPatch) -> None:
    score = field_at("seller.trap.score")
    assert score is not None
    monkeypatch.setattr(recents, "field_at", lambda path: replace(score, updates="expiry"))
    told = [put(document, "seller.trap.score", 0.3) for document in sequence()]
    expiries = [document.seller.safe_range.expiry for document in told]
    changes = sum(left != right for left, right in pairwise(expiries))
    assert changes >= 1
    assert after(*told).numbers["seller.trap.score"].periods == changes


def trained_until(document: Document, day: pd.Timestamp) -> Document:
    provenance = document.provenance.model_copy(update={"training_end": f"{day:%Y-%m-%d}"})
    return document.model_copy(update={"provenance": provenance})


BASE_RATE = "seller.trap.base_rate"


def test_a_base_rate_may_stand_for_as_long_as_the_model_set_is_the_same() -> None:
    told = [put(document, BASE_RATE, 0.31) for document in sequence()]
    assert len({document.provenance.training_end for document in told}) == 1
    assert after(*told).numbers[BASE_RATE] == LastValue(0.31, 0)


def weekly_trained(value: Callable[[int], float], days: int) -> list[Document]:
    """The sequence with a base rate of its own, its models trained up to as many more days each time."""
    first = pd.Timestamp("2018-06-01")
    return [
        trained_until(put(document, BASE_RATE, value(i)), first + i * pd.Timedelta(days=days))
        for i, document in enumerate(sequence())
    ]


def test_a_base_rate_that_eight_weekly_trainings_leave_as_it_is_is_frozen() -> None:
    told = weekly_trained(lambda i: 0.31, days=7)
    assert BASE_RATE not in after(*told[:FROZEN_AFTER]).frozen()
    kept = after(*told[: FROZEN_AFTER + 1])
    assert kept.frozen()[BASE_RATE] == LastValue(0.31, FROZEN_AFTER)
    # All these documents are of one set in truth: what comes from it alone stands still with the base rate.
    fields = [field_at(path) for path in kept.frozen()]
    assert {field.updates for field in fields if field is not None} == {"training"}
    published = with_frozen_signals(told[FROZEN_AFTER], kept)
    assert BASE_RATE in [entry.signal for entry in published.health.frozen]


def test_a_base_rate_that_moves_once_in_a_while_is_not() -> None:
    assert BASE_RATE not in after(*weekly_trained(lambda i: 0.31 + (i > 5) * 0.0001, days=7)).frozen()


@pytest.mark.slow
def test_ten_real_trainings_a_week_apart_raise_no_alarm() -> None:
    bars, kept = synthetic.history(), None
    for end in bars.spot.index[-50::5]:
        known = bars.until(AsOf.of(end))
        models, training = train(known, synthetic.TRAINED_AT)
        made = infer(known, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT)
        kept = updated(kept, made.document)
        assert kept.training_end == f"{end:%Y-%m-%d}"
    assert kept is not None
    assert max(kept.numbers[path].periods for path in kept.numbers if path.endswith("base_rate")) <= 2
    assert kept.frozen() == {}


def test_trainings_within_a_week_count_once() -> None:
    """11 documents after the first, each of a set trained a day later: two weeks have begun."""
    assert len(sequence()) == 12
    kept = after(*weekly_trained(lambda i: 0.31, days=1))
    assert kept.numbers[BASE_RATE].periods == 1
    assert kept.training_end == "2018-06-08"


def test_a_set_rolled_back_to_counts_nothing_and_is_not_where_counting_starts_again() -> None:
    *before, last = weekly_trained(lambda i: 0.31, days=7)[:4]
    kept = after(*before, trained_until(last, pd.Timestamp("2018-05-01")))
    assert (kept.numbers[BASE_RATE].periods, kept.training_end) == (2, "2018-06-15")


def test_a_file_of_before_has_no_training_and_counts_from_the_next_one_on(tmp_path: Path) -> None:
    told = weekly_trained(lambda i: 0.31, days=7)
    path = tmp_path / "recent.json"
    path.write_text(re.sub(r', "training_end": "[-0-9]+"', "", render(after(told[0]))), encoding="utf-8")
    known = read_last_values(path, AFTER).known
    assert known is not None
    assert known.training_end == ""
    then = updated(known, told[1])
    assert (then.numbers[BASE_RATE].periods, then.training_end) == (0, told[1].provenance.training_end)
    assert updated(then, told[2]).numbers[BASE_RATE].periods == 1


@pytest.mark.parametrize("value", [0.0, 0.01, 0.99, 1.0])
def test_a_saturated_fraction_may_stand(value: float) -> None:
    told = [put(document, "seller.trap.score", value) for document in sequence()]
    assert after(*told).numbers["seller.trap.score"].periods == 0


def test_a_session_in_which_spot_stood_still_does_not_count() -> None:
    told = [put(put(document, "market.spot", 8000.0), "seller.trap.score", 0.3) for document in sequence()]
    assert after(*told).numbers["seller.trap.score"].periods == 0


def test_a_number_that_moves_is_no_longer_frozen() -> None:
    still = [put(document, "seller.trap.score", 0.3) for document in sequence()[:10]]
    assert after(*still).frozen() == {"seller.trap.score": LastValue(0.3, 9)}
    assert after(*still, sequence()[10]).frozen() == {}


names = st.text(min_size=1, max_size=30)
finite = st.floats(allow_nan=False, allow_infinity=False)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2026, 6, 1)).map(lambda moment: f"{moment.isoformat()}+05:30")
DAYS = st.dates().map(lambda day: day.isoformat())
numbers = st.dictionaries(names, st.builds(LastValue, finite, st.integers(0, 400)), max_size=8)


@settings(deadline=None, max_examples=50)
@given(st.builds(LastValues, names, MOMENTS, DAYS, st.floats(1e-3, 1e9), numbers, DAYS | st.just("")))
def test_what_is_rendered_is_read_back(tmp_path_factory: pytest.TempPathFactory, recent: LastValues) -> None:
    path = tmp_path_factory.getbasetemp() / "recent.json"
    path.write_text(render(recent), encoding="utf-8")
    assert read_last_values(path, AFTER) == FoundLastValues(recent)


def test_the_file_has_one_line_a_number_and_changes_where_a_number_moved() -> None:
    before, now = (render(after(document)).splitlines() for document in sequence()[:2])
    assert len(before) == len(after(sequence()[0]).numbers) + 2
    same = put(sequence()[0], "seller.trap.score", 0.1234)
    moved = set(render(after(same)).splitlines()) - set(before)
    assert moved == {' "seller.trap.score": 0.1234,'}
    assert before != now


DAMAGE: dict[str, tuple[Callable[[str], str], str]] = {
    "nothing": (lambda text: "", "line 1 column 0"),
    "half": (lambda text: text[: len(text) // 2], "eof while parsing"),
    "no object": (lambda text: "[1, 2]", "object"),
    "another version": (lambda text: text.replace('"version": 1', '"version": 2'), "version 2: expected 1"),
    "no spot": (lambda text: text.replace('"spot"', '"spott"'), "line 1, spot: field required"),
    "no price": (lambda text: re.sub(r'"spot": [0-9.]+', '"spot": -1', text), "spot: input should be greater than 0"),
    "text for a number": (lambda text: text.replace('"market.vix": ', '"market.vix": "a", "b": '), "market.vix: "),
    "three for a number": (lambda text: text.replace('"market.vix": ', '"market.vix": [1, 2, 3], "b": '), "market.vix"),
    "periods below 0": (lambda text: text.replace('"market.vix": ', '"market.vix": [1, -2], "b": '), "market.vix"),
    "no float holds it": (
        lambda text: text.replace('"market.vix": ', f'"market.vix": 1{"0" * 400}, "b": '),
        "market.vix: input should be a finite number",
    ),
    "beyond all floats": (lambda text: text.replace('"market.vix": ', '"market.vix": 1e999, "b": '), "market.vix"),
    "a day that is none": (lambda text: re.sub(r'"as_of": "\d{4}-\d\d', '"as_of": "2026-13', text), "line 1, as_of"),
    "a training on no day": (
        lambda text: re.sub(r'"training_end": "\d{4}-\d\d', '"training_end": "2026-13', text),
        "line 1, training_end",
    ),
    "no zone": (lambda text: re.sub(r'(T[0-9:]{8})[+][0-9:]{5}"', r'\1"', text), "as_of: value error, has no zone"),
    "dated ahead": (lambda text: re.sub(r'"as_of": "\d{4}', '"as_of": "2999', text), "is later than now"),
    "numbers as a list": (lambda text: text.split('"numbers"')[0] + '"numbers": [1]}', "numbers: "),
    "deep": (lambda text: "[" * 100_000, "recursion"),
}
AFTER = pd.Timestamp("2026-07-01T12:00+05:30")


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_set_aside_and_its_fault_is_named(tmp_path: Path, name: str) -> None:
    damaged, told = DAMAGE[name]
    path = tmp_path / "recent.json"
    whole = render(after(sequence()[0]))
    path.write_text(whole, encoding="utf-8")
    assert read_last_values(path, AFTER).known is not None
    path.write_text(damaged(whole), encoding="utf-8")
    found = read_last_values(path, AFTER)
    assert found.known is None
    assert found.fault.startswith("the last values in recent.json were set aside and start anew: ")
    assert told in found.fault
    assert found.dated_ahead == (name == "dated ahead")


def test_what_is_no_plain_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "recent.json").write_text(render(after(sequence()[0])))
    (tmp_path / "link").symlink_to(tmp_path / "recent.json")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b" " * (DOCUMENT_LIMIT + 1))
    (tmp_path / "no text").write_bytes(b"\xff\xfe\x00")
    told = {"link": "is a link", "pipe": "not a plain file", "large": "more than", "no text": "invalid json"}
    for name, words in told.items():
        found = read_last_values(tmp_path / name, AFTER)
        assert found.known is None
        assert words in found.fault
    assert read_last_values(tmp_path / "absent.json", AFTER) == FoundLastValues(None)


@pytest.mark.parametrize(
    "path",
    [
        "seller.trap.score",
        "seller.expiry_stress.score",
        "market.vix",
        "market.trend_sigmas",
        "buyer.breakout_next.2.score",
        "buyer.theta_edge.expected_payoff_ratio",
        "direction.risk.sigma_5_pct",
        "forecast.horizons.3.sigma_pct",
    ],
)
def test_a_signal_frozen_on_purpose_is_found_within_eight_periods_and_told(path: str) -> None:
    stuck = dict(signal_numbers(sequence()[0]))[path]
    kept = None
    for period, document in enumerate(sequence()[: FROZEN_AFTER + 1]):
        told = put(document, path, stuck)
        kept = updated(kept, told)
        assert (path in kept.frozen()) == (period >= FROZEN_AFTER)
        published = with_frozen_signals(told, kept)
        assert bool(published.health.frozen) == (period >= FROZEN_AFTER)
    assert published.health.status == "degraded"
    entry = published.health.frozen[0]
    assert (entry.signal, entry.value, entry.periods) == (path, stuck, FROZEN_AFTER)
    check_document(published)


@cache
def slots() -> tuple[Document, ...]:
    """Documents of every half hour of two sessions, by models that learnt from bars."""
    models, training = synthetic.trained_whole()
    manifest = synthetic.manifest(training)
    whole = synthetic.whole_history()
    moments = [
        (day + pd.Timedelta(hours=9, minutes=31) + i * pd.Timedelta(minutes=30)).tz_localize("Asia/Kolkata")
        for day in whole.spot.index[-29:-27]
        for i in range(12)
    ]
    return tuple(
        infer(whole.until(AsOf.of(at)), models, manifest, "synthetic", synthetic.TRAINED_AT).document for at in moments
    )


def test_a_sound_session_tells_nothing_whatever_its_documents_are_taken_at() -> None:
    assert {document.provenance.close for document in slots()} == {"in_session"}
    for every in (1, 2, 12):
        assert after(*slots()[::every]).frozen() == {}


@pytest.mark.parametrize(
    "path",
    [
        "direction.today.p_up",
        "direction.today.expected_move_points",
        "buyer.theta_edge.score",
        "buyer.breakout_today.score",
        "seller.expiry_stress.score",
        "seller.breach_probabilities.0.probability",
        "forecast.session.sigma_pct",
        "forecast.session.seen_over_expected",
        "forecast.horizons.0.sigma_pct",
    ],
)
def test_inside_a_session_a_signal_frozen_on_purpose_is_found_before_it_ends(path: str) -> None:
    stuck = 0.3 if path == "buyer.breakout_today.score" else dict(signal_numbers(slots()[0]))[path]
    assert path in after(*(put(document, path, stuck) for document in slots()[:12])).frozen()


def test_a_volatility_index_that_is_not_live_is_told_and_not_called_frozen() -> None:
    first = slots()[0]
    stood = [put(document, "market.vix", first.market.vix) for document in slots()]
    assert "market.vix" in after(*stood).frozen()
    old = [
        document.model_copy(update={"market": document.market.model_copy(update={"vix_as_of": first.as_of})})
        for document in stood
    ]
    assert "market.vix" not in after(*old).frozen()


def test_a_sound_sequence_tells_nothing() -> None:
    assert with_frozen_signals(sequence()[-1], after(*sequence())) == sequence()[-1]


def test_what_is_known_of_another_moment_is_not_told() -> None:
    still = [put(document, "seller.trap.score", 0.3) for document in sequence()[:10]]
    assert with_frozen_signals(sequence()[0], after(*still)) == sequence()[0]


def test_without_a_volatility_index_no_prior_and_no_unknown_change_is_called_frozen() -> None:
    bars = replace(synthetic.history(), vix=None)
    told = list(documents(bars, synthetic.trained()[0], -SESSIONS))
    assert told[-1].market.vix_change == 0
    assert told[-1].seller.trap.score == told[0].seller.trap.score
    assert after(*told).frozen() == {}


def test_climatology_in_place_of_every_model_is_told_as_such_and_not_as_frozen() -> None:
    bars = synthetic.history()
    prior = climatology(synthetic.features())
    told = list(documents(bars, prior, -SESSIONS, Incident(dict.fromkeys(MODEL_NAMES, "missing"))))
    assert told[0].direction.risk_score == told[-1].direction.risk_score
    assert after(*told).frozen() == {}


def test_models_of_a_history_too_short_for_a_walk_raise_no_alarm() -> None:
    bars = synthetic.history(synthetic.daily_frame(600))
    models, training = train(bars, synthetic.TRAINED_AT)
    assert training.skill == ()
    told = list(documents(bars, models, -SESSIONS))
    assert told[0].seller.safe_range.lower_level == told[-1].seller.safe_range.lower_level
    assert after(*told).frozen() == {}


@cache
def real(folder: Path) -> tuple[MarketHistory, Models]:
    """NIFTY 50 from 2015 to the end of 2022, and the models of 2020's last close."""
    whole = CsvFolder(folder).daily(synthetic.MARKET)
    bars = MarketHistory(synthetic.MARKET, whole.spot.loc["2015-01-01":"2022-12-30"], whole.vix)
    models, _ = train(bars.until(AsOf.of(pd.Timestamp("2020-12-31"))), synthetic.TRAINED_AT)
    return bars, models


@pytest.mark.slow
@pytest.mark.parametrize("year", REPLAY)
def test_a_year_of_the_real_market_raises_no_alarm(shared: Path, year: str) -> None:
    bars, models = real(shared / "data" / "nifty50")
    start, end = (pd.Timestamp(day) for day in REPLAY[year])
    until = bars.until(AsOf.of(end))
    kept = None
    told = 0
    for document in documents(until, models, until.spot.index.get_loc(start)):
        kept = updated(kept, document)
        told += 1
        assert kept.frozen() == {}, document.as_of
    assert told > 240


def test_a_frozen_number_the_document_does_not_hold_makes_no_document() -> None:
    document = sequence()[-1]
    stray = replace(after(document), numbers={"seller.no_such_number": LastValue(0.5, FROZEN_AFTER)})
    with pytest.raises(InvalidDocument, match=r"health\.frozen\.0\.signal"):
        with_frozen_signals(document, stray)
