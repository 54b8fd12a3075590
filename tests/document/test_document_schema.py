"""The JSON Schema that is committed is the one the models give, and it holds what the models hold."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from document_sample import sample_content, sample_document
from jsonschema import Draft202012Validator

from aegismatrix_engine.document import dump
from aegismatrix_engine.document.json_schema import json_schema
from aegismatrix_engine.document.schema.document import DISCLAIMER, SCHEMA_VERSION
from aegismatrix_engine.method.render import filled

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json_schema(filled())


def test_the_schema_is_a_schema_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA_VERSION in SCHEMA["$comment"]


def test_a_full_document_validates() -> None:
    validator = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert list(validator.iter_errors(json.loads(dump(sample_document())))) == []


def refused(content: dict[str, Any]) -> list[str]:
    return [error.json_path for error in Draft202012Validator(SCHEMA).iter_errors(content)]


def test_what_the_models_refuse_the_schema_refuses() -> None:
    content = sample_content()
    content["market"]["vix"] = None
    content["seller"]["trap"]["score"] = 1.2
    content["seller"]["breach_probabilities"].pop()
    content["buyer"]["theta_edge"]["expiry"] = None
    content["as_of"] = "2022-12-30"
    del content["provenance"]["in_sample"]
    content["forecast"]["mood"] = "good"
    assert sorted(refused(content)) == [
        "$.as_of",
        "$.buyer.theta_edge.expiry",
        "$.forecast",
        "$.market.vix",
        "$.provenance",
        "$.seller.breach_probabilities",
        "$.seller.trap.score",
    ]


@pytest.mark.parametrize("block", sorted(SCHEMA["$defs"]))
def test_every_field_says_what_it_means(block: str) -> None:
    shape = SCHEMA["$defs"][block]
    assert shape["description"]
    assert all(field.get("description", "").endswith(".") for field in shape["properties"].values())


def test_the_schema_holds_the_meaning_with_the_constants_of_the_code() -> None:
    level, regime = SCHEMA["$defs"]["Skew"]["properties"]["put_skew"], SCHEMA["$defs"]["Market"]["properties"]["regime"]
    assert level["x-unit"] == "fraction"
    assert "lowest 5 % of q" in level["x-formula"]
    assert regime["x-cut-offs"].startswith("trend_sigmas at least 0.5: HIGH_VOL_BULL")
    assert SCHEMA["properties"]["market"]["x-update-frequency"] == "document"
    assert set(SCHEMA["properties"]["market"]["x-basis"]) == {"model", "prior"}
    assert "{{" not in json.dumps(SCHEMA)


def test_only_added_fields_may_be_absent() -> None:
    optional = {
        f"{block}.{name}"
        for block, shape in SCHEMA["$defs"].items()
        for name in set(shape["properties"]) - set(shape["required"])
    }
    assert optional == {
        "BreachCurvePoint.centred_close",
        "BreachCurvePoint.premium",
        "BreachCurvePoint.priced_close",
        "BreachCurvePoint.priced_close_down",
        "BreachCurvePoint.priced_close_up",
        "BreakoutCallRecord.first",
        "BreakoutCallRecord.interval",
        "BreakoutCallRecord.last",
        "BreakoutLevels.range_so_far",
        "BreakoutNext.reason",
        "BreakoutNext.word",
        "BreakoutToday.reason",
        "BreakoutToday.word",
        "Direction.night",
        "DirectionHorizon.margin",
        "DirectionHorizon.note",
        "DirectionToday.note",
        "Expiry.open_interest",
        "Expiry.priced",
        "ExpiryRange.touch_probability",
        "ExpiryStress.expiry",
        "ExpiryStress.priced_close",
        "ExpiryStress.reason",
        "ExpiryStress.word",
        "Forecast.session",
        "Health.withdrawn",
        "InputSeries.fetched_at",
        "InputSeries.symbol",
        "LiveRate.first",
        "LiveRate.interval",
        "LiveRate.last",
        "LiveRate.rate",
        "LiveSkill.against_climatology",
        "LiveSkill.against_index",
        "LiveSkill.brier",
        "LiveSkill.came_true",
        "LiveSkill.climatology_interval",
        "LiveSkill.index_interval",
        "Market.events",
        "Market.vix_as_of",
        "OpenInterest.put_call_ratio",
        "OpeningGap.after_open_correlation",
        "OpeningGap.after_open_points",
        "OpeningGap.after_open_t",
        "Options.index",
        "OptionsLeftOut.expiry",
        "Priced.butterfly",
        "Priced.call_25_delta",
        "Priced.put_25_delta",
        "Priced.risk_reversal",
        "Priced.share_inside",
        "Provenance.calendar",
        "Provenance.clock_source",
        "Provenance.engine_commit",
        "Provenance.trained_by",
        "Provenance.us_night",
        "Provenance.vix_age_sessions",
        "Provenance.vix_first_bar",
        "Provenance.vix_last_bar",
        "RangeWidth.expiry",
        "RangeWidth.held",
        "RangeWidth.median_move",
        "RangeWidth.percentile_sigmas",
        "RangeWidth.touched",
        "RangeWidth.usual_held",
        "RangeWidth.usual_median_move",
        "RangeWidth.usual_touched",
        "SafeRangeRecord.first",
        "SafeRangeRecord.interval",
        "SafeRangeRecord.last",
        "Seller.range_width",
        "SessionForecast.spread_factor",
        "SpikeDirectionBias.reason",
        "ThetaEdge.cost_basis",
        "ThetaEdge.expiry",
        "ThetaEdge.proxy_cost_points",
        "ThetaEdge.reason",
        "ThetaEdge.word",
        "TrackRecord.nearest_range",
        "Trap.base_rate_10",
        "Trap.basis_10",
        "Trap.reason",
        "Trap.reason_10",
        "Trap.word",
        "UsNight.change_pct",
        "UsNight.used",
    }
    assert set(SCHEMA["properties"]) - set(SCHEMA["required"]) == {"next_due", "options"}, "added in 2.1.0 and 2.4.0"
    assert "null" not in json.dumps(SCHEMA)


def test_the_disclaimer_says_what_the_numbers_are_not() -> None:
    words = DISCLAIMER.lower()
    for said in ("statistical output", "investment advice", "research", "not registered with sebi", "marks of their"):
        assert said in words
    assert "educational" not in words
    assert not any(order in words.split() for order in ("buy", "sell", "must", "should", "please"))


def test_making_a_document_brings_nothing_that_renders_pages() -> None:
    code = (
        "import sys, aegismatrix_engine.cli.infer, aegismatrix_engine.inference.infer; print('jinja2' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert printed.stdout.strip() == "False"


def test_importing_the_document_brings_no_frames_and_no_network() -> None:
    heavy = {"numpy", "pandas", "sklearn", "joblib", "yfinance", "click", "rich"}
    code = f"import sys, aegismatrix_engine.document; print(sorted({heavy!r} & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert printed.stdout.strip() == "[]"
