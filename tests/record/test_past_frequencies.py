"""Frequencies before many origins are those that plain counting gives at each, however the origins are grouped."""

import math

import numpy as np
import pytest
import synthetic

from aegismatrix_engine.record.past_frequencies import PastFrequencies, PastOutcomes

ORIGINS = np.arange(700, 763)
DRAWS = np.random.default_rng(5)
TIMES = DRAWS.integers(1, 30, len(ORIGINS)).astype(np.float64)
UP, DOWN = DRAWS.uniform(0.0, 0.08, (2, len(ORIGINS), 3))


def counted(row: int, time: float, up: float, down: float, *, touched: bool) -> float:
    """The frequency before one close from the logarithms of prices alone, one past span after another."""
    prices = np.log(synthetic.daily_frame()[["high", "low", "close"]].to_numpy()[: row + 1])
    h = round(time)
    stretch, happened = math.sqrt(time / h), []
    for start in range(row - h + 1):
        span, close = prices[start + 1 : start + h + 1], prices[start, 2]
        rise, fall = (span[:, 0].max(), span[:, 1].min()) if touched else (span[-1, 2], span[-1, 2])
        happened.append((rise - close) * stretch > up or (close - fall) * stretch > down)
    return (sum(happened) + 0.5) / (len(happened) + 1)


@pytest.mark.parametrize("touched", [False, True])
def test_every_origin_gets_what_plain_counting_gives(touched: bool) -> None:
    past = PastFrequencies(PastOutcomes.of(synthetic.features()), ORIGINS)
    found = (past.touch if touched else past.beyond)(TIMES, UP, DOWN)
    for at in (0, 1, 20, 40, 62):
        for i in range(3):
            given = float(TIMES[at]), float(UP[at, i]), float(DOWN[at, i])
            assert found[at, i] == counted(int(ORIGINS[at]), *given, touched=touched)


def test_one_side_alone_counts_where_the_other_is_infinite() -> None:
    past = PastFrequencies(PastOutcomes.of(synthetic.features()), ORIGINS)
    never = np.full((len(ORIGINS), 1), np.inf)
    zone, time = np.full((len(ORIGINS), 1), 0.004), np.full(len(ORIGINS), 5.0)
    assert past.beyond(time, zone, never)[62, 0] == counted(762, 5.0, 0.004, math.inf, touched=False)
    assert past.beyond(time, never, zone)[62, 0] == counted(762, 5.0, math.inf, 0.004, touched=False)


@pytest.mark.parametrize("name", ["beyond", "touch", "trap", "breakout"])
def test_neither_later_rows_nor_other_origins_change_an_answer(name: str) -> None:
    together = PastFrequencies(PastOutcomes.of(synthetic.features()), ORIGINS)
    known = synthetic.features().head(int(ORIGINS[30]) + 1)
    alone = PastFrequencies(PastOutcomes.of(known), ORIGINS[[30]])
    given = {"trap": (5,), "breakout": (3,)}.get(name)
    many = getattr(together, name)(*(given or (TIMES, UP, DOWN)))
    one = getattr(alone, name)(*(given or (TIMES[[30]], UP[[30]], DOWN[[30]])))
    np.testing.assert_array_equal(many[30], one[0])
