"""No state of a source is a bug: each series' states crossed with the clock's, for every source.

A run ends with a document that is valid and says what it lacks, or leaves the former one as it is and says why in a
line; a document without a word of doubt is right. ``pytest -s -m slow tests/states`` prints how many runs end how.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from combinations import SOURCES, STRENGTH, Combination, covering, every
from outcomes import DONE, Infer, wrong
from series_states import STATES
from world import CLOCKS, SERIES

AT_ONCE = 40
"""Every so manieth combination is in each run of the suite, the others with the slow tests."""

WHOLE = ("whole",) * len(SERIES)
# The exhaustive tests cross what the two sources have; a store changes who serves a series, not what it is.
EXHAUSTIVE_CLOCKS = ("night", "before_open", "in_session", "auction", "just_closed", "holiday", "special")


@pytest.fixture(scope="module")
def codes() -> Iterator[Counter[int]]:
    """How often a run ended with which exit code; printed at the end."""
    counted: Counter[int] = Counter()
    yield counted
    ended = ", ".join(f"{code}: {counted[code]}" for code in sorted(counted))
    print(f"\nstates of sources: {counted.total()} combinations by exit code: {ended}")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("clock", CLOCKS)
def test_sound_series_make_a_document_without_a_word_of_doubt(infer: Infer, source: str, clock: str) -> None:
    combination = Combination(source, clock, WHOLE)
    ended = infer(combination)
    assert (ended.code, ended.err) == (DONE, "")
    assert wrong(combination, ended) == []


@pytest.mark.parametrize(
    "combination",
    [
        pytest.param(one, id=str(one), marks=[] if at % AT_ONCE == 0 else pytest.mark.slow)
        for at, one in enumerate(covering(STRENGTH))
    ],
)
def test_a_run_ends_with_a_right_document_or_a_reason(
    infer: Infer, combination: Combination, codes: Counter[int]
) -> None:
    ended = infer(combination)
    codes[ended.code] += 1
    assert wrong(combination, ended) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("spot_daily", STATES)
@pytest.mark.parametrize("clock", EXHAUSTIVE_CLOCKS)
@pytest.mark.parametrize("source", SOURCES[:2])
def test_every_combination_does(infer: Infer, source: str, clock: str, spot_daily: str, codes: Counter[int]) -> None:
    found = {}
    for combination in every(source, clock, spot_daily):
        ended = infer(combination)
        codes[ended.code] += 1
        if said := wrong(combination, ended):
            found[str(combination)] = said
    assert found == {}
