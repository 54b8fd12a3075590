"""Reading a published file back: everything its readers rely on is there, or it is refused."""

import json
import re
from typing import Any

import pytest
from document_sample import sample_content, sample_document
from test_document_rules import in_session

from aegismatrix_engine.document import check_json, dump, refusals_named
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION
from aegismatrix_engine.document.schema.expiries import BreachPoint
from aegismatrix_engine.document.schema.market import Market
from aegismatrix_engine.errors import InvalidDocument, OtherSchemaVersion

CONTRACT = """
generated_at schema_version as_of valid_until health provenance track_record market direction seller buyer
market: spot spot_change spot_change_pct vix vix_change vix_change_pct regime
direction: today horizons risk_score
direction.today: direction expected_move_points conviction intraday_volatility_score last_update
direction.horizons: t1 t3 t5 t10 t20 t40
direction.horizons.t1: label direction expected_move_points conviction
direction.horizons.t3: label direction expected_move_points conviction
direction.horizons.t5: label direction expected_move_points conviction
direction.horizons.t10: label direction expected_move_points conviction
direction.horizons.t20: label direction expected_move_points conviction
direction.horizons.t40: label direction expected_move_points conviction
seller: safe_range max_pain trap skew expiry_stress breach_probabilities seller_flag
seller: historical_hit_rate regime daily_flag
seller.safe_range: lower upper horizon_days coverage kind touch_probability
seller.max_pain: lower upper confidence
seller.trap: score label iv_percentile rv_percentile
seller.skew: put_skew call_skew net_skew
seller.expiry_stress: score label
seller.breach_probabilities: 0 1 2 3
seller.breach_probabilities.0: distance probability
seller.breach_probabilities.3: distance probability
seller.seller_flag: label color reasons
seller.seller_flag.reasons: 0
buyer: breakout_today breakout_next breakout_levels spike_direction_bias gamma_windows theta_edge
buyer: regime buyer_environment historical_spike_rate environment_state
buyer.breakout_today: score label
buyer.breakout_next: 0 1 2 3 4
buyer.breakout_next.0: day_offset score label
buyer.breakout_next.4: day_offset score label
buyer.breakout_levels: upper lower
buyer.spike_direction_bias: up_prob down_prob
buyer.gamma_windows: 0 1 2 3 4 5
buyer.gamma_windows.0: window score
buyer.theta_edge: score label
buyer.buyer_environment: label color reasons
"""
ENUMS = {
    "market.regime": "LOW_VOL_BULL HIGH_VOL_BULL LOW_VOL_BEAR HIGH_VOL_BEAR SIDEWAYS CHOPPY",
    "direction.today.direction": "UP DOWN NEUTRAL",
    "seller.trap.label": "LOW MEDIUM HIGH",
    "seller.expiry_stress.label": "CALM CAUTION HOSTILE",
    "seller.seller_flag.label": "FAVOURABLE CAUTION HOSTILE",
    "seller.seller_flag.color": "GREEN AMBER RED",
    "seller.regime": "CALM CAUTIOUS HOSTILE",
    "seller.daily_flag": "FAVOURABLE NEUTRAL RISKY",
    "buyer.breakout_next.1.label": "LOW MEDIUM HIGH",
    "buyer.theta_edge.label": "DONT_WASTE_PREMIUM BORDERLINE EDGE_JUSTIFIES_PREMIUM",
    "buyer.regime": "TREND_FOLLOWING MEAN_REVERTING CHOPPY",
    "buyer.buyer_environment.label": "PREMIUM_FRIENDLY SPECULATIVE_ONLY UNFAVOURABLE",
    "buyer.buyer_environment.color": "GREEN AMBER RED",
    "buyer.environment_state": "PREMIUM_FRIENDLY CAUTIOUS AVOID_FULL_RISK",
}


def contract_fields() -> list[str]:
    fields = []
    for line in CONTRACT.strip().splitlines():
        block, _, names = line.rpartition(": ")
        fields += [f"{block}.{name}" if block else name for name in names.split()]
    return fields


FIELDS = contract_fields()


def holder(content: Any, path: str) -> tuple[Any, Any]:
    *lead, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in lead:
        content = content[part]
    return content, last


def numbers(content: Any, path: str = "") -> list[str]:
    if isinstance(content, dict | list):
        items = content.items() if isinstance(content, dict) else enumerate(content)
        return [found for name, item in items for found in numbers(item, f"{path}.{name}".lstrip("."))]
    return [path] if isinstance(content, int | float) and not isinstance(content, bool) else []


def test_the_sample_comes_back_as_it_went() -> None:
    document = sample_document()
    assert check_json(dump(document)) == document
    assert check_json(dump(document).encode()) == document


@pytest.mark.parametrize("path", FIELDS)
def test_a_contract_field_that_is_missing_is_refused(path: str) -> None:
    content = sample_content()
    container, last = holder(content, path)
    if path == "seller.seller_flag.reasons.0":
        container[:] = []
    else:
        del container[last]
    with pytest.raises(InvalidDocument) as refusal:
        check_json(json.dumps(content))
    assert path.rsplit(".", 1)[0] in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("path", FIELDS)
def test_a_contract_field_that_is_null_is_refused_by_its_path(path: str) -> None:
    content = sample_content()
    container, last = holder(content, path)
    container[last] = None
    with pytest.raises(InvalidDocument, match=f"at {path}: must not be null"):
        check_json(json.dumps(content))


@pytest.mark.parametrize("path", FIELDS)
def test_a_contract_field_that_is_no_json_number_is_refused(path: str) -> None:
    content = sample_content()
    container, last = holder(content, path)
    for token in ("NaN", "Infinity", "-Infinity"):
        container[last] = float(token.lower())
        with pytest.raises(InvalidDocument, match=f"{token} is not a JSON number"):
            check_json(json.dumps(content))


def test_a_number_too_large_to_be_finite_is_refused_everywhere() -> None:
    # One item of each list is enough: its items share a type.
    places = {re.sub(r"\.[0-9]+", ".0", path): path for path in numbers(sample_content())}
    assert len(places) > 150
    for path in places.values():
        content = sample_content()
        container, last = holder(content, path)
        container[last] = "HUGE"
        with pytest.raises(InvalidDocument):
            check_json(json.dumps(content).replace('"HUGE"', "1e999"))


@pytest.mark.parametrize("path", [path for path in FIELDS if not path[-1].isdigit()])
def test_a_contract_field_of_another_type_is_refused(path: str) -> None:
    content = sample_content()
    container, last = holder(content, path)
    container[last] = True
    with pytest.raises(InvalidDocument):
        check_json(json.dumps(content))


@pytest.mark.parametrize("path", ENUMS)
def test_every_enum_holds_the_contracts_values_and_no_other(path: str) -> None:
    content = sample_content()
    container, last = holder(content, path)
    for value in ENUMS[path].split():
        container[last] = value
        try:
            check_json(json.dumps(content))
        except InvalidDocument as refusal:
            assert "input should be" not in str(refusal)  # noqa: PT017 - a rule between fields may refuse it
    container[last] = "UNKNOWN"
    with pytest.raises(InvalidDocument, match=f"at {path}: input should be"):
        check_json(json.dumps(content))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must be strict JSON"),
        ("{", "must be strict JSON"),
        ('{"a": 1, "a": 2}', "key 'a' occurs twice"),
        ("null", "must not be null"),
        ("[]", "input should be an object"),
        ("{} {}", "must be strict JSON"),
        ("[" * 100_000, "must be strict JSON"),
        ("9" * 5_000, "must be strict JSON"),
        ('{"generated_at": "\\ud800"}', "at "),
        ("\ud800", "must be strict JSON in UTF-8"),
        (b"\xff\xfe", "must be strict JSON in UTF-8"),
    ],
)
def test_what_is_not_a_json_object_is_refused_in_one_line(text: str | bytes, said: str) -> None:
    with pytest.raises(InvalidDocument, match=said) as refusal:
        check_json(text)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize("version", ["1.0.0", "3.1.4", "12.0.0"])
def test_a_document_of_another_major_version_is_named_as_such(version: str) -> None:
    content = sample_content() | {"schema_version": version, "market": {"unknown": None}}
    with pytest.raises(OtherSchemaVersion, match=f"schema_version {version}, this engine .* {SCHEMA_VERSION}") as found:
        check_json(json.dumps(content))
    assert found.value.found == version
    assert "damaged" not in str(found.value)
    assert "breaks its contract" not in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("version", ["2.7.1", "2.0", "two", 2, None])
def test_another_minor_version_or_none_at_all_is_checked_like_any(version: object) -> None:
    content = sample_content() | {"schema_version": version, "unknown": 1}
    with pytest.raises(InvalidDocument) as refusal:
        check_json(json.dumps(content))
    assert not isinstance(refusal.value, OtherSchemaVersion)


def test_half_a_file_is_refused() -> None:
    text = dump(sample_document())
    with pytest.raises(InvalidDocument):
        check_json(text[: len(text) // 2])


def test_a_field_unknown_to_this_version_is_refused_by_its_path() -> None:
    content = sample_content()
    content["seller"]["expiries"][1]["ranges"][0]["colour"] = "red"
    with pytest.raises(InvalidDocument, match=r"at seller\.expiries\.1\.ranges\.0\.colour: extra inputs"):
        check_json(json.dumps(content))


def test_a_rule_between_fields_is_checked_too() -> None:
    content = sample_content()
    content["direction"]["risk_score"] = 0.9
    with pytest.raises(InvalidDocument, match=r"at direction\.risk_score: must equal"):
        check_json(json.dumps(content))


def test_a_block_refused_while_building_is_named_in_one_line() -> None:
    fields = {"probability": 0.5, "close_beyond": 0.2, "touch_up": 0.3, "touch_down": 0.3, "close_up": 0.1}
    with pytest.raises(InvalidDocument, match=r"at distance: .* is 0 in BreachPoint") as refusal, refusals_named():
        BreachPoint(distance=0, **fields, close_down=0.1)
    assert "\n" not in str(refusal.value)
    with pytest.raises(InvalidDocument, match=r"at basis: field required"), refusals_named():
        Market()  # type: ignore[call-arg]


def test_a_document_of_2_0_0_lacks_what_2_1_0_added_and_is_valid() -> None:
    content = sample_content() | {"schema_version": "2.0.0"}
    del content["next_due"]
    assert check_json(json.dumps(content)).next_due is None


def test_only_from_2_2_0_on_must_a_later_expiry_have_bounds_as_far_out_as_a_sooner_one() -> None:
    """Documents of 2.1.0 could hold such a pair, and are still read."""
    content = sample_content() | {"schema_version": "2.1.0"}
    sooner, later = (content["seller"]["expiries"][i]["ranges"] for i in (0, 1))
    later[0]["upper"] = sooner[0]["upper"] - 1
    check_json(json.dumps(content))
    with pytest.raises(InvalidDocument, match=r"expiries\.1\.ranges\.0\.upper: must be at least that of fewer sess"):
        check_json(json.dumps(content | {"schema_version": "2.2.0"}))


def test_a_document_of_2_2_0_lacks_what_2_3_0_added_and_is_valid() -> None:
    content = sample_content()
    in_session(content)
    del content["buyer"]["breakout_levels"]["range_so_far"]
    for expiry in content["seller"]["expiries"]:
        for band in expiry["ranges"]:
            band.pop("touch_probability", None)
    found = check_json(json.dumps(content | {"schema_version": "2.2.0"}))
    assert found.buyer.breakout_levels.range_so_far is None
    assert {band.touch_probability for expiry in found.seller.expiries for band in expiry.ranges} == {None}


def test_a_session_forecast_of_2_1_0_lacks_the_spread_and_is_valid() -> None:
    content = sample_content()
    in_session(content)
    del content["forecast"]["session"]["spread_factor"]
    found = check_json(json.dumps(content | {"schema_version": "2.1.0"})).forecast.session
    assert found is not None
    assert found.spread_factor is None
