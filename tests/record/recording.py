"""Sessions replayed slot by slot into a ledger, and what the report then has to say."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import recomputed
from recomputed import Bars, signal_scores
from withheld_close import without_close_of

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.forecasting.find_origin import find_origin
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.history import MarketHistory
from aegismatrix_engine.inference.infer import infer
from aegismatrix_engine.markets.as_of import AsOf
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.forecasts import forecast_rows
from aegismatrix_engine.record.ledger import read_ledger
from aegismatrix_engine.record.report import report_content, report_json
from aegismatrix_engine.record.resolution import Resolver, waiting
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow
from aegismatrix_engine.record.scoring import resolved_frame, scores

LATE = pd.Timedelta(minutes=4)


def inside(history: MarketHistory, moment: pd.Timestamp) -> MarketHistory:
    """What was known at a moment of a session, before any official close of it."""
    day = moment.tz_localize(None).normalize()
    return without_close_of(history, day).until(AsOf.of(moment))


def said(
    history: MarketHistory, models: Models, manifest: Manifest, late: pd.Timedelta = LATE
) -> tuple[Document, list[ForecastRow]]:
    """The document at the end of a history, made so much later, and its rows."""
    origin = find_origin(history, models)
    document = infer(history, models, manifest, "synthetic", origin.as_of + late, clock_source="machine").document
    return document, forecast_rows(document, origin)


def record_slots(
    folder: Path, history: MarketHistory, models: Models, manifest: Manifest, moments: Iterable[pd.Timestamp]
) -> int:
    """Record a document at each moment; how many rows that made."""
    return sum(append(folder, said(inside(history, moment), models, manifest)[1]) for moment in moments)


def resolve_all(folder: Path, history: MarketHistory, at: pd.Timestamp) -> None:
    """Decide what ``history`` decides; every forecast that is due has to be."""
    ledger = read_ledger(folder, history.market.id)
    found = list(Resolver(history).resolve(waiting(ledger.forecasts.values(), ledger.resolutions), at))
    decided = [row for row in found if isinstance(row, ResolutionRow)]
    assert decided == found
    append(folder, decided)


def assert_recomputed(folder: Path, market: str, bars: Bars, last: str) -> dict[str, object]:
    """Every resolution and every number of the report is what raw bars and plain pandas say; gives the report."""
    forecasts, resolutions = (recomputed.table(folder, market, kind) for kind in ("forecasts", "resolutions"))
    assert set(resolutions["forecast"]) == set(forecasts["key"][forecasts["until"] <= last])
    assert forecasts["key"].is_unique
    assert resolutions["forecast"].is_unique
    told = resolutions.set_index("forecast")
    for row in forecasts[forecasts["until"] <= last].itertuples():
        outcome, observed = recomputed.happened(row, bars)
        assert told["outcome"][row.key] == str(int(outcome)), row
        assert float(told["observed"][row.key]) == pytest.approx(observed, rel=1e-7, abs=1e-9), row
    ledger = read_ledger(folder, market)
    assert not ledger.faults
    live, replay = (scores(resolved_frame(ledger, standing)) for standing in ("live", "replay"))
    report: dict[str, object] = json.loads(report_json(report_content(market, ledger, live, replay)))
    assert (report["forecasts"], report["resolved"]) == (len(forecasts), len(resolutions))
    for standing in ("live", "replay"):
        shown = {(one["signal"], one["event"]): one for one in report[standing]}  # type: ignore[attr-defined]
        expected = signal_scores(forecasts, told["outcome"].astype(float), standing)
        assert shown.keys() == expected.keys()
        for name, numbers in expected.items():
            for key, value in numbers.items():
                got = shown[name][key]
                got = got["skill"] if isinstance(got, dict) else tuple(got) if isinstance(got, list) else got
                assert got == (value if isinstance(value, str) or value is None else pytest.approx(value, abs=1e-9)), (
                    name,
                    key,
                )
    return report


def since(history: MarketHistory, first: pd.Timestamp) -> MarketHistory:
    """The same market, its bars from a date on."""
    assert history.vix is not None
    assert history.bars is not None
    bars = history.bars.loc[history.bars.index >= first]
    return replace(history, spot=history.spot.loc[first:], vix=history.vix.loc[first:], bars=bars)
