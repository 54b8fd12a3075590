"""A call repeated while waiting may help, and then ended with its own error."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Pauses:
    """How often a call is made at most, and the seconds between, doubled from one pause to the next."""

    attempts: int = 4
    first: float = 0.4
    longest: float = 5.0


def repeated(
    call: Callable[[], Result], on: type[Exception] | tuple[type[Exception], ...], pauses: Pauses | None = None
) -> Result:
    """The result of the first call that does not raise ``on``; what the last one raised where all did."""
    import stamina

    pauses = pauses or Pauses()
    attempts = stamina.retry_context(
        on=on, attempts=pauses.attempts, timeout=None, wait_initial=pauses.first, wait_max=pauses.longest
    )
    with silent():
        for attempt in attempts:
            with attempt:
                return call()
    raise AssertionError("stamina ends with a result or an exception")


@contextmanager
def silent() -> Iterator[None]:
    """Keeps stamina's warnings from the user: what counts is how it ends."""
    logger = logging.getLogger("stamina")
    was = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = was
