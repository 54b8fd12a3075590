"""Every number of the document beside one worked by hand, from the bars and the contents of the model files."""

from collections import defaultdict
from functools import cache
from typing import Any

import buyer_by_hand  # noqa: F401 - enters its computations
import direction_by_hand  # noqa: F401
import itself_by_hand  # noqa: F401
import market_and_forecast  # noqa: F401
import pytest
import seller_by_hand  # noqa: F401
from golden_moments import SETTINGS, document, material
from numeric_fields import numbers, numeric_fields
from table import GOLDEN

STEPS = numeric_fields()

ELSEWHERE = {
    "health.frozen[].value": "a copy of another number of the document, found by what stood there before",
    "health.frozen[].periods": "counted from document to document, which one moment does not show",
}
"""Fields without a golden computation -> why."""

BY_OPTIONS = ("options.", "priced", "centred_close", "open_interest", "premium", "proxy_cost_points")
ELSEWHERE |= {
    path: "a chain's, worked from the formula that priced it in test_options_in_the_document"
    for path in STEPS
    if path.startswith("options.") or any(part.startswith(BY_OPTIONS) for part in path.split("."))
}


ROUGH = {"seller.expiries[].breach_curve[].touch": 1.0}
"""Fields that are met less closely, in units of their rounding: far out, where one tail's grid has ended and the
other's has not, the engine draws a line between the corners of both."""


@cache
def worked(name: str, block: str) -> dict[str, list[float]]:
    """The numbers of a block that are worked by hand at a moment, by path."""
    return numbers(GOLDEN[block](material(name)), block)


def slack(path: str) -> float:
    """Half the unit that a field is rounded to, and nothing for a count."""
    return 1e-9 if STEPS[path] == 1 else ROUGH.get(path, 0.5) * STEPS[path] + 1e-7


def at_path(content: Any, path: str) -> Any:
    for part in path.split("."):
        content = content.get(part) if isinstance(content, dict) else None
    return content


def test_no_number_of_the_document_is_without_a_golden_one_but_for_a_reason() -> None:
    compared = {path for name in SETTINGS for block in GOLDEN for path in worked(name, block)}
    missing = sorted(set(STEPS) - compared - set(ELSEWHERE))
    assert not missing, f"work {', '.join(missing)} by hand in a module beside this one, or say in ELSEWHERE why not"
    assert not set(ELSEWHERE) & compared, "a reason that is out of date"
    assert set(ELSEWHERE) <= set(STEPS)
    assert compared <= set(STEPS), "what is worked by hand stands in the schema"


NAMES = ("day_offset", "lag", "window", "dead_zone_pct", "sessions", "distance_pct", "level", "bars", "coverage")
NAMES += ("multiple", "horizon_sessions", "nominal")
"""Numbers that say what a block is about: they are the same at every moment."""


def test_what_is_compared_differs_from_moment_to_moment_but_for_what_names_a_block() -> None:
    """A golden number that never changes would be met by a constant."""
    seen = defaultdict(list)
    for name in SETTINGS:
        for block in GOLDEN:
            for path, values in worked(name, block).items():
                seen[path].append(tuple(round(value, 6) for value in values))
    same = {path for path, values in seen.items() if len(values) > 3 and len(set(values)) == 1}
    assert not {path for path in same if path.split(".")[-1] not in NAMES}


@pytest.mark.parametrize("block", GOLDEN)
@pytest.mark.parametrize("name", SETTINGS)
def test_the_document_says_what_is_worked_by_hand(name: str, block: str) -> None:
    said = numbers(at_path(document(name), block), block)
    by_hand = worked(name, block)
    apart = [
        f"{path}[{i}]: {value} by hand, {said.get(path, [])[i : i + 1]} in the document"
        for path, values in by_hand.items()
        for i, value in enumerate(values)
        if len(said.get(path, [])) <= i or abs(said[path][i] - value) > slack(path)
    ]
    assert not apart
    assert {path: len(values) for path, values in said.items()} == {p: len(values) for p, values in by_hand.items()}
