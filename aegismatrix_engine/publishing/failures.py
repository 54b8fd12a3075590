"""What git's words mean to a user: looked up in the table of failures."""

import re
from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.publishing.failure_table import BUSY, FAILURES, Failure

_CREDENTIALS: Final = re.compile(r"(?<=://)[^/\s]*@")
_PREFIXES: Final = ("fatal: ", "error: ", "remote: ", "warning: ")
_OWN_REMEDY: Final = re.compile(r"git config --global --add safe\.directory \S.*")


@dataclass(frozen=True)
class Found:
    """A failure, the line in which git says so, and the remedy, git's own where it names one."""

    failure: Failure
    words: str
    remedy: str


def found(text: str, *, passing: bool = True, remote: bool = True) -> Found | None:
    """The first failure of the table that git's words tell.

    Args:
        text: git's words, a line each.
        passing: whether passing failures are looked for, besides a remote that says itself that it is busy.
        remote: whether failures of the other side are looked for.
    """
    lines = _telling(text)
    for failure in FAILURES:
        if (failure.passing and not passing and failure is not BUSY) or (failure.remote and not remote):
            continue
        for line in lines:
            words = line.lower()
            if any(sign in words for sign in failure.signs) and not (failure.local and words.startswith("remote:")):
                own = _OWN_REMEDY.search(text)
                return Found(failure, plain(line), f"run `{own.group(0).strip()}`" if own else failure.remedy)
    return None


def _telling(text: str) -> list[str]:
    """The lines that say something; that the other side hung up does not, once git gave up for a reason of its own."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    reasons = [at for at, line in enumerate(lines) if line.startswith("fatal: ")]
    return [line for at, line in enumerate(lines) if "hung up" not in line or not reasons or at <= reasons[0]]


def plain(line: str) -> str:
    """A line of git's as one of ours: without what opens it, and without credentials that an address may hold."""
    while line.startswith(_PREFIXES):
        line = line.split(": ", 1)[1].lstrip()
    return without_credentials(" ".join(line.split()))


def without_credentials(text: str) -> str:
    """Text in which no address holds a user's name or password."""
    return _CREDENTIALS.sub("", text)
