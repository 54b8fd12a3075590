"""Which combinations of source, clock and states are run: covering arrays, and the whole product."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from covertable import make
from series_states import STATES
from world import CLOCKS, SERIES

SOURCES = ("csv", "yahoo", "yahoo with a store", "yahoo with a damaged store")
FACTORS: Sequence[Sequence[str]] = (SOURCES, tuple(CLOCKS), *[STATES] * len(SERIES))
STRENGTH = 3


@dataclass(frozen=True)
class Combination:
    """A source, a clock state by its name, and the state of each series in the order of ``SERIES``."""

    source: str
    clock: str
    states: tuple[str, ...]

    @classmethod
    def of(cls, row: Sequence[str]) -> "Combination":
        return cls(row[0], row[1], tuple(row[2:]))

    def __str__(self) -> str:
        told = (f"{name} {state}" for name, state in zip(SERIES, self.states, strict=True) if state != "whole")
        return f"{self.source}, {self.clock}: {', '.join(told) or 'all whole'}"

    def state(self, series: str) -> str:
        return self.states[SERIES.index(series)]

    def any_state(self, *states: str, of: Sequence[str]) -> bool:
        """Whether any of some series is in one of some states."""
        return any(self.state(series) in states for series in of)


@cache
def covering(strength: int) -> tuple[Combination, ...]:
    """Combinations in which every choice of values of any ``strength`` factors occurs; the same ones on every machine.

    ``test_combinations`` proves that nothing is left out.
    """
    return tuple(Combination.of(row) for row in make([list(values) for values in FACTORS], strength=strength))


def every(source: str, clock: str, spot_daily: str) -> Iterator[Combination]:
    """Every combination of the states of the four other series."""
    for states in product(STATES, repeat=len(SERIES) - 1):
        yield Combination(source, clock, (spot_daily, *states))
