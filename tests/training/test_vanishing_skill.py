"""The gate of the heads on markets where the truth is known: skill that is there, that vanishes, that never was."""

import pytest
from skill_series import AGAINST_THE_INDEX, market, proven_at_trainings

SKILLED = 1800
THREE_YEARS = 756
FEWEST = 250


@pytest.mark.slow
def test_skill_that_vanishes_silences_most_of_its_heads_within_about_three_years() -> None:
    found = dict(proven_at_trainings(market(SKILLED + 900, SKILLED, seed=1)))
    before = found[max(known for known in found if known <= SKILLED)]
    assert set(AGAINST_THE_INDEX) - before <= {"buyer.spike_direction_bias"}
    after = [proven for known, proven in found.items() if SKILLED < known <= SKILLED + THREE_YEARS + 63]
    # A head whose skill is a hair above none stays within the gate's -0.5 %; one in seven did in eight such markets.
    assert len([head for head in AGAINST_THE_INDEX if all(head in proven for proven in after)]) <= 2


def test_nothing_is_proven_before_it_is_measured() -> None:
    first = [proven for known, proven in proven_at_trainings(market(1020, 0, seed=2)) if known < 750 + FEWEST]
    assert first
    assert not any(first)


def rate_of_false_words(seeds: range, sessions: int) -> float:
    """Share of (training, head) at which a head without any skill is proven."""
    proven = [
        head in found
        for seed in seeds
        for known, found in proven_at_trainings(market(sessions, 0, seed))
        for head in AGAINST_THE_INDEX
        if known >= 750 + FEWEST
    ]
    return sum(proven) / len(proven)


@pytest.mark.slow
def test_a_market_without_skill_has_hardly_any_word() -> None:
    assert rate_of_false_words(range(2), 1600) <= 0.15


@pytest.mark.slow
def test_heads_without_skill_are_proven_no_more_often_than_chance_allows() -> None:
    # t > 1.5 lets 6.7 % of trainings through; a model that learns noise does worse than its base rate, and fewer pass.
    assert rate_of_false_words(range(20), 2200) <= 0.067


@pytest.mark.slow
def test_vanished_skill_falls_silent_in_most_markets_within_about_three_years() -> None:
    silent = []
    for seed in range(8):
        found = proven_at_trainings(market(SKILLED + 900, SKILLED, seed))
        after = [proven for known, proven in found if SKILLED < known <= SKILLED + THREE_YEARS + 63]
        silent += [any(head not in proven for proven in after) for head in AGAINST_THE_INDEX]
    assert sum(silent) / len(silent) >= 0.8
