"""The S&P 500 and INDA in every state: none of them ends a run, degrades a document or stands for news it is not."""

from itertools import product
from typing import Any

import pytest
from combinations import SOURCES
from outcomes import DONE, Ended, InferFrom, any_document
from series_states import STATES, in_state
from slow_cases import slow_but
from world import CLOCKS, US_PRICES, seen

WITHOUT = ("absent", "empty")
DATED = ("generated_at", "provenance", "health")


def part(ended: Ended) -> dict[str, Any]:
    """The document without what may differ by the source of a series alone."""
    return {name: value for name, value in ended.document().items() if name not in DATED}


@pytest.mark.parametrize(
    ("source", "clock", "name"),
    slow_but(
        product(SOURCES, ("night", "in_session"), US_PRICES),
        [("csv", "night", "us_spot_daily"), ("yahoo with a store", "night", "inda_daily")],
    ),
)
def test_a_run_goes_on_without_a_series_that_cannot_be_used(
    infer_from: InferFrom, source: str, clock: str, name: str
) -> None:
    now, made = CLOCKS[clock], {}
    for state in STATES:
        frames = dict(seen(now)) | {name: in_state(state, name, seen(now), now)}
        ended = infer_from(source, frames, now)
        assert (ended.code, ended.err) == (DONE, ""), state
        assert list(any_document(ended, [frames], now, live=source != "csv")) == []
        found = ended.document()
        inputs = {entry["series"]: entry["served_by"] for entry in found["provenance"]["inputs"]}
        stored = source == "yahoo with a store"
        assert (name in inputs) == (state not in WITHOUT or stored), state
        if state in WITHOUT and stored:
            assert inputs[name] == "store"
        if state == "empty":
            expected = "is taken from the store" if stored else "left out: "
            assert any(expected in note for note in found["health"]["notes"])
        used = {one["series"] for one in found["provenance"].get("us_night", {}).get("used", [])}
        assert used <= set(inputs)
        made[state] = part(ended)
    if source in SOURCES[:2]:
        assert made["absent"] == made["empty"]
