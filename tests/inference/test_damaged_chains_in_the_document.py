"""A document that is asked for with a damaged chain: whole with what is sound of it, or as without one and named."""

import random
from functools import cache
from pathlib import Path

import option_files
import pytest
import synthetic
from bars_for_chains import bars_up_to
from test_option_fuzz import one_damaged

from aegismatrix_engine.document import check_json, dump
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import MadeDocument, infer
from aegismatrix_engine.jobs.option_chain import priced_from
from aegismatrix_engine.record.forecasts import forecast_rows

SEED = 15
PRICED = {"seller.max_pain", "seller.skew", "buyer.theta_edge"}


@cache
def history() -> MarketHistory:
    return synthetic.history(bars_up_to("2026-06-19", option_files.SPOT, 14.0))


def made(chain: Path | None) -> MadeDocument:
    models, training = synthetic.trained()
    priced = None if chain is None else priced_from(str(chain), history(), None, synthetic.TRAINED_AT)
    return infer(history(), models, synthetic.manifest(training), "csv", synthetic.TRAINED_AT, priced=priced)


@cache
def plain() -> Document:
    return made(None).document


def check(found: MadeDocument) -> bool:
    """Whether the chain was used; whatever was damaged, the document is whole, and no forecast in it is another."""
    document = found.document
    assert check_json(dump(document)) == document
    assert all(
        row.priced == "" or 0 <= float(row.priced) <= 1 for row in forecast_rows(document, found.origin, found.beyond)
    )
    by_options = {one.signal for one in document.health.degraded if "option chain could not be used" in one.reason}
    assert by_options == (PRICED if document.options is None else set())
    assert all("\n" not in one.reason for one in document.health.degraded)
    same = [one.expiry for one in document.seller.expiries] == [one.expiry for one in plain().seller.expiries]
    if document.options is None:
        assert document.health.status == "degraded"
        without = {"health", "generated_at"}
        assert document.model_dump(exclude=without) == plain().model_dump(exclude=without)
    elif same:
        for one, before in zip(document.seller.expiries, plain().seller.expiries, strict=True):
            assert one.ranges == before.ranges
            assert [point.close for point in one.breach_curve] == [point.close for point in before.breach_curve]
    return document.options is not None


def ends_sound(folder: Path, numbers: range) -> int:
    """How many of the damaged chains were used."""
    used = 0
    for number in numbers:
        chain = folder / "chain"
        chain.write_bytes(one_damaged(random.Random(SEED * 10_000 + number)))
        used += check(made(chain))
    return used


def test_damaged_chains_end_in_a_document(tmp_path: Path) -> None:
    assert 0 < ends_sound(tmp_path, range(4)) < 4


@pytest.mark.slow
def test_hundreds_of_damaged_chains_end_in_a_document(tmp_path: Path) -> None:
    many = range(4, 404)
    assert 0.1 * len(many) < ends_sound(tmp_path, many) < 0.9 * len(many)
