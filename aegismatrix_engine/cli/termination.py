"""SIGTERM, by which a scheduler ends a job: it ends a command as an interruption from the keyboard does."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

TERMINATED = 128 + signal.SIGTERM
"""What shells count for a process that SIGTERM ended."""

AGAIN_AFTER_SECONDS: Final = 0.01
"""How long after Python has swallowed it the request to end is raised again."""


_asked: Final = threading.Event()


class Terminated(BaseException):
    """The process was asked to end. Raised wherever it was at work, so that each part takes its half back."""


def raise_if_terminated() -> None:
    """Raise Terminated where the process was asked to end: some libraries turn it into an error of their own."""
    if _asked.is_set():
        raise Terminated


@contextmanager
def termination_raised() -> Iterator[None]:
    """Within it SIGTERM raises Terminated in the main thread, once: what is cleaned up then is cleaned up whole.

    Python swallows what is raised in some places, such as finalisers and the locks of imports. It is then raised again,
    a moment later.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former, report_before = signal.getsignal(signal.SIGTERM), sys.unraisablehook

    def terminate(number: int, frame: FrameType | None) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _asked.set()
        raise Terminated

    def report_swallowed(swallowed: "sys.UnraisableHookArgs") -> None:
        if isinstance(swallowed.exc_value, Terminated):
            # Not from here: what is raised in this hook is swallowed as well.
            signal.signal(signal.SIGALRM, terminate)
            signal.setitimer(signal.ITIMER_REAL, AGAIN_AFTER_SECONDS)
        else:
            report_before(swallowed)

    sys.unraisablehook = report_swallowed
    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGTERM, former)
        _asked.clear()
        sys.unraisablehook = report_before
