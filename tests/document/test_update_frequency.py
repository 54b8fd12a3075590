"""Every number of a document has one pace."""

import re
from collections.abc import Callable, Iterator
from functools import cache

import pandas as pd
import pytest
import synthetic
from document_sample import sample_document

from aegismatrix_engine.document.rules.violation import walk
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.update_frequency import PACES, Paced, paced, signal_numbers
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


def fits(entry: Paced, path: str) -> bool:
    return re.fullmatch(re.escape(entry.pattern).replace(r"\*", r"[^.]+"), path) is not None


def test_the_document_has_weekly_and_monthly_expiries() -> None:
    assert {expiry.kind for expiry in made().seller.expiries} == {"weekly", "monthly"}


def test_every_number_of_a_document_has_exactly_one_pace() -> None:
    for path in paths():
        fitting = [entry for entry in PACES if fits(entry, path)]
        fewest = min((entry.pattern.count("*") for entry in fitting), default=-1)
        assert [entry for entry in fitting if entry.pattern.count("*") == fewest] == [paced(path)], path


@pytest.mark.parametrize("make", [made, inside])
def test_no_number_of_the_signal_blocks_is_passed_over(make: Callable[[], Document]) -> None:
    blocks = ("market", "direction", "seller", "buyer", "forecast")
    numbers = {
        path
        for path, value in walk(make())
        if isinstance(value, int | float) and not isinstance(value, bool) and path.split(".")[0] in blocks
    }
    assert {path for path, _ in signal_numbers(make())} == numbers


@pytest.mark.parametrize("entry", PACES, ids=lambda entry: entry.pattern)
def test_every_pattern_is_the_pace_of_some_number(entry: Paced) -> None:
    assert any(paced(path) == entry for path in paths())


def test_no_pattern_stands_twice() -> None:
    assert len({entry.pattern for entry in PACES}) == len(PACES)


def test_a_path_of_no_document_has_no_pace() -> None:
    assert paced("market.spott") is None
    assert paced("seller") is None


@pytest.mark.parametrize("make", [made, inside])
def test_only_fractions_may_saturate(make: Callable[[], Document]) -> None:
    values = dict(signal_numbers(make()))
    for path, value in values.items():
        entry = paced(path)
        assert entry is not None
        assert not entry.fraction or 0 <= value <= 1, path
