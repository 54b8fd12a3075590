"""The numbers on the trader's page are those of the example document."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = json.loads((ROOT / "docs" / "example.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "trader.md").read_text(encoding="utf-8")
TEXT = " ".join(PAGE.split())


def value(path: str) -> Any:
    found = EXAMPLE
    for name in path.split("."):
        found = found[name]
    return found


def percent(path: str) -> str:
    return f"{100 * value(path):.0f} %"


def test_the_six_headings_carry_the_values_of_the_example() -> None:
    safe = value("seller.safe_range")
    assert re.findall(r"^### \d\. (.*)$", PAGE, flags=re.MULTILINE) == [
        f"The safe range: {safe['lower']:,.0f} to {safe['upper']:,.0f}",
        f"The chance that the range is left on the way: {percent('seller.safe_range.touch_probability')}",
        f"The volatility trap: {percent('seller.trap.score')}, usually {percent('seller.trap.base_rate')}",
        f"Expiry stress: {percent('seller.expiry_stress.score')}, usually {percent('seller.expiry_stress.base_rate')}",
        f"A breakout in the next session: {percent('buyer.breakout_today.score')}, usually "
        f"{percent('buyer.breakout_today.base_rate')}",
        f"What a straddle pays: {value('buyer.theta_edge.expected_payoff_ratio'):.2f} of its cost",
    ]


def test_the_sentences_carry_the_values_of_the_example() -> None:
    third = value("seller.breach_probabilities")[2]
    theta, levels = value("buyer.theta_edge"), value("buyer.breakout_levels")
    ratio, cost = theta["expected_payoff_ratio"], theta["straddle_cost_points"]
    for words in (
        f"NIFTY 50 at {value('market.spot'):,.2f}",
        f"in the past {100 * value('seller.historical_hit_rate'):.1f} % of them held",
        f"A touch {third['distance']} points away, on either side: {100 * third['probability']:.0f} %",
        f"here {value('seller.trap.word')}",
        f"a level {value('seller.expiry_stress.distance_points'):.0f} points away",
        f"{levels['lower']:,.0f} and {levels['upper']:,.0f}, are the prices",
        f"`score`, is {100 * theta['score']:.0f} %",
        f"300, your ratio is {ratio:.2f} x {cost:.0f} / 300 = {ratio * cost / 300:.2f}",
    ):
        assert words.lower() in TEXT.lower(), words


@pytest.mark.parametrize("path", re.findall(r"`((?:market|seller|buyer|health|direction)\.[a-z_.]+)`", PAGE))
def test_every_field_the_page_names_is_in_the_document(path: str) -> None:
    value(path)


def test_the_arithmetic_of_35_percent_is_that_of_the_range() -> None:
    left, outside = value("seller.safe_range.touch_probability"), 1 - value("seller.safe_range.coverage")
    assert f"{100 * left:.0f} are left on the way, and {100 * outside:.0f} end outside" in TEXT
    assert f"about {100 * (left - outside):.0f} come back" in TEXT
    assert f"about {100 * left**3:.0f} %, if" in TEXT
