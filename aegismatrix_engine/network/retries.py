"""Calls repeated while waiting may help: the one place that uses stamina."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Pauses:
    """How often a call is made at most, and the seconds between.

    Attributes:
        attempts: calls in all.
        first, longest: pauses in seconds, doubled from one to the next.
        jitter: up to so many seconds are added to each, so that callers that collided once do not collide again.
    """

    attempts: int = 4
    first: float = 0.4
    longest: float = 5.0
    jitter: float = 1.0


def repeated(
    call: Callable[[], Result],
    on: type[Exception] | tuple[type[Exception], ...] | Callable[[Exception], bool],
    pauses: Pauses | None = None,
) -> Result:
    """The result of the first call that does not raise ``on``; where all do, the last error is raised.

    Args:
        call: what is repeated.
        on: errors after which it is repeated, or a function that decides it for an error.
        pauses: between repetitions; None for the usual ones.
    """
    import stamina

    pauses = pauses or Pauses()
    with silenced("stamina"):
        attempts = stamina.retry_context(
            on=on,
            attempts=pauses.attempts,
            timeout=None,
            wait_initial=pauses.first,
            wait_max=pauses.longest,
            wait_jitter=pauses.jitter,
        )
        for attempt in attempts:
            with attempt:
                return call()
    raise AssertionError("stamina ends with a result or an exception")


@contextmanager
def silenced(library: str) -> Iterator[None]:
    """Switch a library's log off: the user sees the result or our error alone."""
    logger = logging.getLogger(library)
    was = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = was
