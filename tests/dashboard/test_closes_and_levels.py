"""How likely a range is left, and how wide a session that broke out is: from the document, older ones included."""

import json
from typing import Any

import pytest
from document_sample import sample_content
from test_document_rules import broken_out

from aegismatrix_engine.dashboard.buyers import buyers_tab
from aegismatrix_engine.dashboard.expected_closes import expected_closes
from aegismatrix_engine.dashboard.figures import Figures, Style
from aegismatrix_engine.document import check_json

INDIA = Style("indian", "IST")


def figures(content: dict[str, Any]) -> Figures:
    return Figures(check_json(json.dumps(content)), INDIA)


def older(content: dict[str, Any]) -> dict[str, Any]:
    """The same document by an engine of schema 2.2.0."""
    content["schema_version"] = "2.2.0"
    content["buyer"]["breakout_levels"].pop("range_so_far", None)
    for expiry in content["seller"]["expiries"]:
        for band in expiry["ranges"]:
            band.pop("touch_probability", None)
    return content


def after_a_breakout() -> dict[str, Any]:
    """The sample as if from a session that went beyond the upper level."""
    content = sample_content()
    broken_out("up", buyer__breakout_levels__range_so_far=1.7651)(content)
    return content


def test_every_expiry_says_how_likely_its_range_is_left_on_the_way() -> None:
    rows = [row for row, _ in expected_closes(figures(sample_content()))]
    touches = [row.touch for row in rows if row.touch is not None]
    assert [touch.path for touch in touches] == [
        f"seller.expiries.{index}.ranges.0.touch_probability" for index in range(len(rows))
    ]
    assert {touch.text for touch in touches} == {"40 %"}


def test_an_older_document_says_so_for_the_safe_range_alone() -> None:
    rows = [row for row, _ in expected_closes(figures(older(sample_content())))]
    assert [row.touch and row.touch.path for row in rows] == [None, None, "seller.safe_range.touch_probability", None]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (after_a_breakout(), "Already broken out upwards: range 1.8 x ATR."),
        (older(after_a_breakout()), "Already broken out upwards: the range so far is more than 1.25 x ATR."),
        (sample_content(), ""),
    ],
    ids=["broken out", "broken out, older", "closed"],
)
def test_a_session_that_broke_out_says_how_wide_it_is(content: dict[str, Any], words: str) -> None:
    assert "".join(map(str, buyers_tab(figures(content)).levels.broken)) == words
