"""What a chain says is on the page as prices and open interest, beside the forecast and never as one of its own."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from aegismatrix_engine.dashboard.option_prices import MOST_LEFT_OUT
from aegismatrix_engine.dashboard.page import page
from aegismatrix_engine.dashboard.pictures import pictures
from aegismatrix_engine.dashboard.view import page_view
from aegismatrix_engine.document.schema.document import Document

EXAMPLE = Path(__file__).parents[2] / "docs" / "example.json"
DRAWN_THERE = re.compile(r"support|resistance|magnet|pinn|target|attract|drawn to|gravitat", flags=re.IGNORECASE)
RULE = "prices not used: fewer than 3 strikes near the money are quoted on both sides"


def example() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return content


@pytest.fixture
def content() -> dict[str, Any]:
    """The example with a chain: its nearest expiry has prices to the sixth distance, the second open interest alone."""
    made = example()
    seller, theta = made["seller"], made["buyer"]["theta_edge"]
    near, second = seller["expiries"][:2]
    for point in near["breach_curve"][:6]:
        centred = round(point["close"] - 0.004, 4)
        priced = round(centred + (0.031 if point["distance"] > 100 else -0.021), 4)
        sides = {"priced_close_up": round(priced / 2, 4), "priced_close_down": round(priced - round(priced / 2, 4), 4)}
        point |= {"priced_close": priced, **sides, "centred_close": centred, "premium": round(priced - centred, 4)}
    near["priced"] = {
        "kind": "mid",
        "forward": 23990.4,
        "days": 5.2,
        "at_the_money": 13.44,
        "straddle_points": 250.0,
        "straddle_strike": 24000.0,
        "put_25_delta": 14.9,
        "call_25_delta": 12.6,
        "risk_reversal": -2.3,
        "butterfly": 0.31,
        "quotes_used": 61,
        "share_inside": 0.93,
    }
    for expiry, partial in ((near, False), (second, True)):
        walls = [{"strike": strike, "open_interest": 5e6} for strike in (24500.0, 25000.0, 24200.0)]
        low_walls = [{"strike": strike, "open_interest": 4e6} for strike in (23500.0, 23000.0, 23800.0)]
        expiry["open_interest"] = {
            "calls": 9e7,
            "puts": 7.5e7,
            "put_call_ratio": 0.83,
            "strikes": 41,
            "partial": partial,
            "call_walls": walls,
            "put_walls": low_walls,
        }
        expiry["max_pain"] |= {"basis": "options", "strike": 23950.0, "lower": 23830.6, "upper": 24091.2}
    seller["max_pain"] |= near["max_pain"]
    seller["skew"]["basis"] = "options"
    seller["expiry_stress"]["priced_close"] = 0.17
    theta |= {"cost_basis": "options", "straddle_cost_points": 250.0, "proxy_cost_points": 271.2}
    made["options"] = {
        "source": "nse",
        "as_of": made["as_of"],
        "age_minutes": 0.0,
        "files": [{"name": "chain.json", "sha256": "0" * 64}],
        "legs_read": 1400,
        "legs_used": 700,
        "left_out": [{"expiry": second["expiry"], "legs": 0, "rule": RULE}, {"legs": 3, "rule": "bid above ask"}],
    }
    return made


def tile(content: dict[str, Any], heading: str) -> str:
    """The words of the tile whose heading begins so, marks left out; empty where there is none."""
    view = page_view(Document.model_validate_json(json.dumps(content)), None)
    assert view.tabs is not None
    html = page(view, pictures(view.tabs, view.style), feed=False)
    found = [one for one in html.split('<article class="tile">') if f"<h3>{heading}" in one]
    inline = re.sub(r"</?span[^>]*>", "", "".join(found).partition("</article>")[0])
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inline)).split())


def shown(content: dict[str, Any], heading: str) -> str:
    """The same up to what explains the number."""
    return tile(content, heading).partition("What is this number?")[0]


CHARGE, PRICES, PAIN = "What do options charge?", "What option prices say", "Max pain"
STRADDLE, STRESS, TAILS = "What does a straddle pay back?", "Large move before", "Tails to"


def test_without_a_chain_nothing_of_option_prices_is_shown() -> None:
    assert [tile(example(), one) for one in (CHARGE, PRICES, PAIN)] == ["", "", ""]
    assert "Expected zone of the close" in tile(example(), "Expected zone")
    assert "Its cost by implied volatility: 271 points. Chance of more than its cost: 36 %" in shown(
        example(), STRADDLE
    )
    assert "falls 41 %, rises 14 %" in shown(example(), TAILS)
    assert "option prices" not in shown(example(), STRESS)


def test_each_distance_has_the_priced_and_the_expected_chance_and_what_is_charged(content: dict[str, Any]) -> None:
    text = shown(content, CHARGE)
    for point in content["seller"]["expiries"][0]["breach_curve"][:6]:
        sign = "+" if point["premium"] > 0 else "\N{MINUS SIGN}"
        priced, expected = (f"{100 * point[name]:.0f} %" for name in ("priced_close", "centred_close"))
        row = f"{point['distance']} {priced} {expected} {sign}{abs(100 * point['premium']):.1f}"
        assert row in text, row
    assert str(content["seller"]["expiries"][0]["breach_curve"][6]["distance"]) not in text
    assert "Farther out than the last row they tell nothing at all." in text


def test_the_sentence_is_of_the_distance_nearest_two_closes_in_ten(content: dict[str, Any]) -> None:
    curve = content["seller"]["expiries"][0]["breach_curve"][:6]
    near = min(curve, key=lambda point: abs(point["centred_close"] - 0.2))
    text = shown(content, CHARGE)
    priced, expected = f"{100 * near['priced_close']:.0f} %", f"{100 * near['centred_close']:.0f} %"
    assert f"priced {priced}, expected {expected}" in text
    assert (
        f"A close more than {near['distance']} points away, on either side: option prices say {priced}, we expect "
        f"{expected}, +3.1 percentage points charged." in text
    )


@pytest.mark.parametrize(
    ("premium", "words"), [(0.08, "More than we expect."), (0.01, "About what we expect."), (-0.08, "Less than we exp")]
)
def test_a_priced_chance_is_put_against_the_expected_one_in_words(
    content: dict[str, Any], premium: float, words: str
) -> None:
    for point in content["seller"]["expiries"][0]["breach_curve"][:6]:
        point["premium"] = premium
        point["priced_close"] = max(0.0, round(point["centred_close"] + premium, 4))
    assert words in shown(content, CHARGE)


def test_a_distance_from_which_on_both_chances_are_under_one_per_cent_is_the_last(content: dict[str, Any]) -> None:
    curve = content["seller"]["expiries"][0]["breach_curve"]
    for point in curve[2:]:
        point |= {"priced_close": 0.002, "priced_close_up": 0.001, "priced_close_down": 0.001}
        point |= {"centred_close": 0.001, "premium": 0.001}
    text = shown(content, CHARGE)
    assert f"{curve[2]['distance']} under 1 % under 1 % +0.1" in text
    assert f"{curve[3]['distance']} under" not in text
    assert "Farther out both are smaller still." in text


def test_no_priced_chance_of_a_touch_is_shown(content: dict[str, Any]) -> None:
    assert "of a touch on the way, option prices tell nothing" in shown(content, CHARGE)
    assert "By option prices, a close beyond it: 17 %. They do not tell of a touch." in shown(content, STRESS)


def test_what_prices_say_of_an_expiry_is_there_with_its_units(content: dict[str, Any]) -> None:
    text = shown(content, PRICES)
    assert "straddle 250 points option prices At 24,000, to" in text
    assert "Forward 23,990; volatility at the money 13.4 % a year." in text
    for row in (
        "forward 23,990",
        "volatility at the money, % 13.4",
        "risk reversal, vol points \N{MINUS SIGN}2.3",
        "butterfly, vol points +0.3",
        "prices used 61",
        "fitted inside bid and ask 93 %",
    ):
        assert row in text, row
    assert "trades of the day" not in text
    content["seller"]["expiries"][0]["priced"] |= {"kind": "last", "share_inside": None}
    text = shown(content, PRICES)
    assert "From trades of the day, not quotes: each is known to a few per cent only." in text
    assert "inside bid and ask" not in text


def test_what_of_the_chain_was_not_used_is_listed_with_its_rule(content: dict[str, Any]) -> None:
    text = shown(content, PRICES)
    assert "Of its 1,400 legs 700 are of the expiries above. Left out:" in text
    assert RULE in text
    assert "bid above ask 3 legs" in text
    content["options"]["left_out"] = [{"legs": 1, "rule": f"rule {place}"} for place in range(MOST_LEFT_OUT + 5)]
    text = shown(content, PRICES)
    assert f"rule {MOST_LEFT_OUT - 1} 1 legs" in text
    assert f"rule {MOST_LEFT_OUT} " not in text
    assert "And 5 more, which the document lists." in text


@pytest.mark.parametrize(("age", "said"), [(0.0, "0 min older"), (12.0, "12 min older"), (-4.0, "4 min newer")])
def test_the_chain_is_named_with_its_moment_and_age(content: dict[str, Any], age: float, said: str) -> None:
    content["options"]["age_minutes"] = age
    for heading in (CHARGE, STRADDLE):
        assert re.search(
            rf"Option prices: NSE's option chain, \d+ \w+ \d\d:\d\d, {said} than the bars\.", shown(content, heading)
        )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("upstox", "option chain of Upstox,"),
        ("udiff", "NSE's file of the day (bhavcopy),"),
        ("nse+nse-v3", "NSE's option chain,"),
        ("nse+bhavcopy", "NSE's option chain and NSE's file of the day (bhavcopy),"),
        ("tape", "Option prices: tape,"),
    ],
)
def test_a_layout_is_called_by_a_name_that_a_trader_knows(content: dict[str, Any], source: str, said: str) -> None:
    content["options"]["source"] = source
    assert said in shown(content, CHARGE)


def test_max_pain_is_arithmetic_on_open_interest_and_no_place_that_the_close_goes_to(content: dict[str, Any]) -> None:
    text = shown(content, PAIN)
    assert "23,950 open interest At this close all holders of options would be paid least" in text
    assert "between 23,831 and 24,091 hardly more" in text
    assert "No pull of the close to it was found." in text
    assert "Most open calls: 24,500, 25,000, 24,200." in text
    assert "Most open puts: 23,500, 23,000, 23,800." in text
    assert "Puts per call: 0.83." in text
    assert not DRAWN_THERE.search(text)
    assert "Partial" not in text
    assert re.search(r"partial 23,950 23,831 24,091 \d+ % 0.83 24,500 23,500", text)
    content["seller"]["expiries"][0]["open_interest"]["partial"] = True
    assert "Partial: the chain has 41 strikes of this expiry only" in shown(content, PAIN)


def test_wings_and_a_straddle_are_named_as_prices(content: dict[str, Any]) -> None:
    assert "puts 41 %, calls 14 % option prices How dear the 25-delta put and call are" in shown(content, TAILS)
    assert "of the forecast's variance" not in shown(content, TAILS)
    ratio = f"{content['buyer']['theta_edge']['expected_payoff_ratio']:.2f}"
    text = shown(content, STRADDLE)
    assert f"It costs 250 points by option prices; we expect the move to average {ratio} of that." in text
    assert "By implied volatility it costs 271; chance of a move above this: 36 %" in text


def test_a_silent_head_sets_the_cost_beside_moves_of_the_past(content: dict[str, Any]) -> None:
    theta = content["buyer"]["theta_edge"]
    theta |= {"basis": "base_rate", "word": None, "reason": "no skill measured", "expected_payoff_ratio": 0.9}
    text = shown(content, STRADDLE)
    assert "It costs 250 points by option prices; moves of the last 750 sessions averaged 0.90 of such a cost." in text
    assert "we expect" not in text


def test_open_interest_alone_is_shown_where_no_price_could_be_used(content: dict[str, Any]) -> None:
    near = content["seller"]["expiries"][0]
    del near["priced"]
    without_chances(near)
    assert tile(content, CHARGE) == ""
    assert "No price of this chain could be used; its open interest counts." in shown(content, PRICES)
    assert "23,950" in shown(content, PAIN)


def without_chances(expiry: dict[str, Any]) -> None:
    for point in expiry["breach_curve"]:
        for name in [name for name in point if "priced" in name or name in ("premium", "centred_close")]:
            del point[name]


def test_prices_that_reach_no_distance_are_shown_with_their_source(content: dict[str, Any]) -> None:
    without_chances(content["seller"]["expiries"][0])
    assert tile(content, CHARGE) == ""
    text = shown(content, PRICES)
    assert "They tell nothing of the distances below. Option prices: NSE's option chain, 30 Dec 15:30" in text


def test_an_expiry_without_open_interest_keeps_its_zone_beside_max_pain_of_a_later_one(content: dict[str, Any]) -> None:
    near = content["seller"]["expiries"][0]
    del near["open_interest"]
    for zone in (near["max_pain"], content["seller"]["max_pain"]):
        zone["basis"] = "estimator"
    assert "Expected zone of the close, 5 Jan" in shown(content, "Expected zone")
    assert "Max pain, 12 Jan" in shown(content, PAIN)


def test_the_first_expiry_with_prices_is_shown_where_the_nearest_has_none(content: dict[str, Any]) -> None:
    near, second = content["seller"]["expiries"][:2]
    second["priced"] = near.pop("priced")
    for there, here in zip(second["breach_curve"], near["breach_curve"], strict=True):
        there |= {name: here[name] for name in here if "priced" in name or name in ("premium", "centred_close")}
    without_chances(near)
    assert "By 12 Jan" in shown(content, CHARGE)
    assert "to 12 Jan" in shown(content, PRICES)
