"""Each real chain in a document, on bars that reach it: what a seller reads there is of the size it has to be."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from bars_for_chains import bars_up_to, session_up_to

from aegismatrix_engine.document import check_json, dump
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.jobs.option_chain import priced_from
from aegismatrix_engine.markets.as_of import AsOf, parse_as_of
from aegismatrix_engine.sources.csv_folder import CsvFolder

MARKET = synthetic.MARKET


@dataclass(frozen=True)
class Day:
    """A chain and its day.

    Attributes:
        file: in the shared folder.
        as_of: what is asked for.
        level: of the index then, points; None where the bars of that day are there.
        volatility: of the index of it, vol points, rounded.
        priced: which of the document's expiries have prices.
    """

    file: str
    as_of: str
    level: float | None
    volatility: float
    priced: tuple[bool, ...]


DAYS = (
    Day("bhavcopy_legacy_2021-03-18_index_rows.csv.gz", "2021-03-18", None, 20.0, (True, True, False, True)),
    Day("chain_json_2023-07-07_1530.json.gz", "2023-07-07", 19331.8, 11.8, (True,) * 4),
    Day("chain_json_2025-08-05_1359.json.gz", "2025-08-05T13:59:30+05:30", 24623.45, 11.7, (True,) * 4),
    Day("chain_v3_2026-06-19_1530.json.gz", "2026-06-19", 24013.1, 12.5, (True, False, False, False)),
    Day("bhavcopy_legacy_2026-06-19_nifty_rows.csv.gz", "2026-06-19", 24013.1, 12.5, (True,) * 4),
)


def bars_of(day: Day, shared: Path, as_of: AsOf) -> MarketHistory:
    if day.level is None:
        return CsvFolder(shared / "data" / "nifty50").daily(MARKET).until(as_of)
    if as_of.is_instant:
        return session_up_to(day.as_of[:10], "13:45", day.level, day.volatility).until(as_of)
    return synthetic.history(bars_up_to(day.as_of, day.level, day.volatility)).until(as_of)


def document_of(day: Day, shared: Path) -> Document:
    as_of = parse_as_of(day.as_of, MARKET)
    history = bars_of(day, shared, as_of)
    models, training = synthetic.trained()
    return infer(
        history,
        models,
        synthetic.manifest(training),
        "csv",
        synthetic.TRAINED_AT,
        priced=priced_from(str(shared / "data" / "options" / day.file), history, as_of, synthetic.TRAINED_AT),
    ).document


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.file.removesuffix(".gz"))
def test_what_a_seller_reads_is_sane(shared: Path, day: Day) -> None:
    document = document_of(day, shared)
    options = document.options
    assert check_json(dump(document)) == document
    assert options is not None, [one.reason for one in document.health.degraded]
    assert abs(options.age_minutes) <= 15
    assert options.legs_read >= options.legs_used > 150
    assert not any("exchange" in note for note in document.health.notes)
    assert tuple(one.priced is not None for one in document.seller.expiries) == day.priced
    spot = document.market.spot
    for expiry in document.seller.expiries:
        priced = expiry.priced
        if expiry.open_interest is not None:
            assert abs(expiry.max_pain.strike / spot - 1) < 0.04, expiry.expiry
            assert expiry.max_pain.lower < expiry.max_pain.strike < expiry.max_pain.upper
            assert expiry.max_pain.confidence < 0.6
        if priced is None:
            continue
        assert -0.002 < priced.forward / spot - 1 < 0.02
        assert 0.6 < priced.at_the_money / day.volatility < 1.3
        assert priced.straddle_points == pytest.approx(
            0.8 * priced.at_the_money / 100 * (priced.days / 365) ** 0.5 * priced.forward, rel=0.05
        )
        assert priced.share_inside is None or priced.share_inside > 0.55
        sizes = [point.premium for point in expiry.breach_curve if point.premium is not None]
        assert len(sizes) >= 4
        assert max(map(abs, sizes)) < 0.25, (expiry.expiry, sizes)
        assert abs(sum(sizes) / len(sizes)) < 0.15, (expiry.expiry, sizes)
    theta = document.buyer.theta_edge
    assert theta.proxy_cost_points is not None
    assert 0.6 < theta.straddle_cost_points / theta.proxy_cost_points < 1.5
    skew = document.seller.skew
    if skew.basis == "options":
        assert skew.put_skew > skew.call_skew, "of an index, puts are dearer"
    assert document.seller.expiry_stress.priced_close is not None
    assert 0 < document.seller.expiry_stress.priced_close < 0.5


def test_a_file_without_a_leg_of_the_documents_expiries_leaves_the_document_as_it_is(shared: Path) -> None:
    day = Day("bhavcopy_udiff_header_and_rows.csv", "2026-07-22", 23996.25, 12.5, ())
    document = document_of(day, shared)
    assert document.options is None
    assert [one.signal for one in document.health.degraded][-3:] == [
        "seller.max_pain",
        "seller.skew",
        "buyer.theta_edge",
    ]
    assert "2026-07-28 is not in it" in next(
        one.reason for one in document.health.degraded if one.signal == "seller.max_pain"
    )
    assert pd.Timestamp(document.as_of) == MARKET.calendar.closes_at(pd.Timestamp("2026-07-22"))
