"""Every number of a document has an update frequency."""

from collections.abc import Callable, Iterator
from functools import cache

import pandas as pd
import pytest
import synthetic
from document_sample import sample_document

from aegismatrix_engine.document.fields import SIGNAL_BLOCKS, field_at, published_fields, signal_numbers
from aegismatrix_engine.document.json_schema import json_schema
from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.method.render import filled
from aegismatrix_engine.seller.range_width import NARROW_BELOW, WIDE_FROM
from aegismatrix_engine.training.train import train

RATES = ("safe_range", "nearest_range", "breakout_calls")


@cache
def made() -> Document:
    """A document of the last close of the synthetic history, two years into weekly expiries."""
    models, training = synthetic.trained()
    return infer(synthetic.history(), models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT).document


@cache
def inside() -> Document:
    """A document from the middle of a session, whose bars were learnt from."""
    models, training = synthetic.trained_whole()
    whole = synthetic.whole_history()
    moment = pd.Timestamp(f"{whole.spot.index[-28]:%Y-%m-%d}T12:05").tz_localize("Asia/Kolkata")
    return infer(
        whole.until(AsOf.of(moment)), models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT
    ).document


def with_a_margin(document: Document) -> Document:
    horizons = document.direction.horizons
    proven = horizons.model_copy(update={"t5": horizons.t5.model_copy(update={"margin": 0.04})})
    return document.model_copy(update={"direction": document.direction.model_copy(update={"horizons": proven})})


def paths() -> Iterator[str]:
    for document in (with_a_margin(made()), inside(), sample_document()):
        yield from (path for path, _ in signal_numbers(document))


def test_the_document_has_weekly_and_monthly_expiries() -> None:
    assert {expiry.kind for expiry in made().seller.expiries} == {"weekly", "monthly"}


def test_every_number_of_a_document_has_an_update_frequency() -> None:
    for path in paths():
        field = field_at(path)
        assert field is not None, path
        assert field.updates is not None, path


@pytest.mark.parametrize(
    ("path", "updates"),
    [
        ("market.spot", "document"),
        ("market.previous_close", "session"),
        ("direction.today.p_up", "document"),
        ("direction.horizons.t40.p_up", "session"),
        ("direction.horizons.t40.dead_zone_pct", "constant"),
        ("buyer.breakout_today.score", "document"),
        ("buyer.breakout_next.4.score", "session"),
        ("buyer.breakout_next.4.base_rate", "training"),
        ("forecast.horizons.2.p_up", "training"),
        ("buyer.spike_direction_bias.base_up", "event"),
        ("seller.expiries.2.ranges.5.upper", "document"),
        ("seller.expiries.2.breach_curve.0.close", "session"),
        ("seller.expiries.2.max_pain.strike", "event"),
        ("seller.expiries.2.max_pain.confidence", "document"),
    ],
)
def test_a_number_has_its_own_frequency_or_that_of_its_block(path: str, updates: str) -> None:
    field = field_at(path)
    assert field is not None
    assert field.updates == updates


@pytest.mark.parametrize("make", [made, inside])
def test_no_number_of_the_signal_blocks_is_passed_over(make: Callable[[], Document]) -> None:
    blocks = ("market", "direction", "seller", "buyer", "forecast")
    numbers = {
        path
        for path, value in walk(make())
        if isinstance(value, int | float) and not isinstance(value, bool) and path.split(".")[0] in blocks
    }
    assert {path for path, _ in signal_numbers(make())} == numbers


def test_a_path_of_no_document_has_no_field() -> None:
    assert field_at("market.spott") is None
    assert field_at("seller.expiries.0.ranges.0.lower.0") is None


@pytest.mark.parametrize("make", [made, inside])
def test_only_fractions_may_saturate(make: Callable[[], Document]) -> None:
    values = dict(signal_numbers(make()))
    for path, value in values.items():
        field = field_at(path)
        assert field is not None
        assert not field.saturates or 0 <= value <= 1, path


OF_TRAINING = {
    "buyer.breakout_next[].base_rate",
    "buyer.breakout_today.base_rate",
    "buyer.historical_spike_rate",
    "buyer.spike_direction_bias.base_up",
    "buyer.spike_direction_bias.down_prob",
    "buyer.spike_direction_bias.evidence",
    "buyer.spike_direction_bias.up_prob",
    "buyer.theta_edge.base_rate",
    "direction.horizons.*.margin",
    "direction.night.after_open_correlation",
    "direction.night.after_open_nights",
    "direction.night.after_open_t",
    "forecast.horizons[].p_up",
    "forecast.session.p_up",
    "seller.expiry_stress.base_rate",
    "seller.historical_hit_rate",
    "seller.range_width.held",
    "seller.range_width.median_move",
    "seller.range_width.occasions",
    "seller.range_width.ranges",
    "seller.range_width.touched",
    "seller.range_width.usual_held",
    "seller.range_width.usual_median_move",
    "seller.range_width.usual_touched",
    "seller.trap.base_rate",
    "seller.trap.base_rate_10",
}
"""Numbers of the signal blocks that only another model set changes."""


def of_training(prefixes: tuple[str, ...]) -> set[str]:
    return {
        path
        for path, field in published_fields().items()
        if field.changes_with == "training" and "number" in field.kind and path.startswith(prefixes)
    }


def test_what_changes_with_training_alone_is_marked() -> None:
    assert of_training(SIGNAL_BLOCKS) == OF_TRAINING
    rate = {f"track_record.{name}.{part}" for name in RATES for part in ("n", "events", "rate", "interval", "pooled")}
    skill = {f"track_record.skill[].{name}" for name in ("score", "climatology", "skill_pct", "n")}
    assert of_training(("track_record",)) == rate | skill | {"track_record.breakout_calls.base_rate"}


def test_the_json_schema_says_so_too() -> None:
    shapes = json_schema(filled())["$defs"]
    assert shapes["Trap"]["properties"]["base_rate"]["x-changes-with"] == "training"
    assert shapes["Trap"]["properties"]["base_rate"]["x-update-frequency"] == "training"
    assert "x-changes-with" not in shapes["Trap"]["properties"]["score"]
    assert shapes["Buyer"]["properties"]["spike_direction_bias"]["x-changes-with"] == "training"


def of_a_set(time: str | None) -> Iterator[Document]:
    """Documents of one model set: of twelve closes, or of one moment of twelve sessions."""
    models, training = synthetic.trained_whole()
    whole = synthetic.whole_history()
    for day in whole.spot.index[-40:-28]:
        moment = pd.Timestamp(day) if time is None else pd.Timestamp(f"{day:%Y-%m-%d}T{time}", tz="Asia/Kolkata")
        known = whole.until(AsOf.of(moment))
        yield infer(known, models, synthetic.manifest(training), "synthetic", synthetic.TRAINED_AT).document


def marked(document: Document) -> dict[tuple[str, object, object], object]:
    """Numbers that change with training by path, by the sessions left in their block and by the width of its range."""
    found: dict[tuple[str, object, object], object] = {}
    values = dict(walk(document))
    for path, value in values.items():
        field, block = field_at(path), path.rpartition(".")[0]
        if field is not None and field.changes_with == "training" and isinstance(value, int | float | tuple):
            width = document.seller.range_width.percentile if ".range_width." in path else None
            part = None if width is None else (width >= NARROW_BELOW, width >= WIDE_FROM)
            found[path, values.get(f"{block}.sessions_left"), part] = value
    return found


@pytest.mark.parametrize("time", [None, "12:05"])
def test_one_model_set_publishes_these_numbers_unchanged_at_each_moment_of_the_day(time: str | None) -> None:
    seen: dict[tuple[str, object, object], set[object]] = {}
    for document in of_a_set(time):
        for name, value in marked(document).items():
            seen.setdefault(name, set()).add(value)
    assert {name: values for name, values in seen.items() if len(values) > 1} == {}
    sessions = {left for path, left, _ in seen if path == "seller.expiry_stress.base_rate"}
    assert len(sessions) > 2, "it was compared at several numbers of sessions left"


def test_another_model_set_changes_what_should_move_with_every_training() -> None:
    whole = synthetic.whole_history()
    earlier, training = train(whole.until(AsOf.of(whole.spot.index[-60])), synthetic.TRAINED_AT)
    known = whole.until(AsOf.of(whole.spot.index[-29]))
    before, now = (
        infer(known, models, synthetic.manifest(of), "synthetic", synthetic.TRAINED_AT).document
        for models, of in ((earlier, training), synthetic.trained_whole())
    )
    same = [
        path
        for path, value in signal_numbers(now)
        if (field := field_at(path)) is not None and field.updates == "training" and dict(walk(before))[path] == value
    ]
    assert same == []
