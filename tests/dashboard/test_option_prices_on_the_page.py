"""A number that comes from option prices is not told as one of the forecast."""

import json
import re
from pathlib import Path
from typing import Any

from aegismatrix_engine.dashboard.page import page
from aegismatrix_engine.dashboard.pictures import pictures
from aegismatrix_engine.dashboard.view import page_view
from aegismatrix_engine.document.schema.document import Document

EXAMPLE = Path(__file__).parents[2] / "docs" / "example.json"


def words(content: dict[str, Any]) -> str:
    """The page's words, marks left out."""
    view = page_view(Document.model_validate_json(json.dumps(content)), None)
    assert view.tabs is not None
    return " ".join(re.sub(r"<[^>]+>", " ", page(view, pictures(view.tabs, view.style), feed=False)).split())


def test_quoted_wings_and_a_quoted_straddle_are_named_as_such() -> None:
    content = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    forecast = words(content)
    assert "falls 41 % , rises 14 %" in forecast
    assert "Its cost by implied volatility: 271 points. Chance of more than its cost: 36 %" in forecast
    content["seller"]["skew"]["basis"] = "options"
    content["buyer"]["theta_edge"] |= {"cost_basis": "options", "straddle_cost_points": 250.0}
    priced = words(content)
    assert "puts 41 % , calls 14 % option prices How dear the 25-delta put and call are" in priced
    assert "of the forecast's variance" not in priced.partition("Tails to")[2].partition("What is this number?")[0]
    assert "Its cost by option prices: 250 points. Chance of more than the cost by implied volatility: 36 %" in priced
