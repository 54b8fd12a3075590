"""Every number of a document has an update frequency."""

from collections.abc import Callable, Iterator
from functools import cache

import pandas as pd
import pytest
import synthetic
from document_sample import sample_document

from aegismatrix_engine.document.fields import field_at, signal_numbers
from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets.as_of import AsOf


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
        ("buyer.breakout_next.4.base_rate", "event"),
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
