"""A call repeated while waiting may help, and then ended with its own error: the one place that knows stamina."""

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
        jitter: up to so many seconds are added to each, so that callers who met once do not meet again.
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
    """The result of the first call that does not raise ``on``; what the last one raised where all did.

    Args:
        call: what is repeated.
        on: errors after which it is, or whether it is after a given one.
        pauses: between repetitions.
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
    """Keeps a library's log from the user: what counts is how it ends."""
    logger = logging.getLogger(library)
    was = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = was
