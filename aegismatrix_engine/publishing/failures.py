"""What git's messages mean to a user: looked up in the table ``failures.toml`` that ships beside this module."""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_CREDENTIALS: Final = re.compile(r"(?<=://)[^/\s]*@")
_PREFIXES: Final = ("fatal: ", "error: ", "remote: ", "warning: ")
_OWN_REMEDY: Final = re.compile(r"git config --global --add safe\.directory \S.*")


@dataclass(frozen=True)
class Failure:
    """One way in which an exchange with a repository fails.

    Attributes:
        signs: parts of git's messages, in lower case, any of which shows it.
        what: what it means, as the predicate of a branch or a repository.
        remedy: how to fix it, empty for a temporary one.
        passing: whether waiting may help.
        local: whether only this side can fail so.
        remote: whether only the other side can fail so.
        found_before: whether waiting may help once the repository has answered in this run.
    """

    signs: tuple[str, ...]
    what: str
    remedy: str = ""
    passing: bool = False
    local: bool = False
    remote: bool = False
    found_before: bool = False


FAILURES: Final = tuple(
    Failure(**row | {"signs": tuple(row["signs"])})
    for row in tomllib.loads(files(__package__).joinpath("failures.toml").read_text(encoding="utf-8"))["failures"]
)
BUSY: Final = FAILURES[0]
"""The other side reports that it is busy."""


@dataclass(frozen=True)
class Found:
    """A failure, git's line about it, and the remedy, git's own where it names one."""

    failure: Failure
    words: str
    remedy: str


def found(text: str, *, passing: bool = True, remote: bool = True) -> Found | None:
    """The first failure of the table that git's messages show.

    Args:
        text: git's messages, a line each.
        passing: whether temporary failures are looked for, besides a remote that reports that it is busy.
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
    """The lines with a reason: without "hung up" by the other side after git gave up for a reason of its own."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    reasons = [at for at, line in enumerate(lines) if line.startswith("fatal: ")]
    return [line for at, line in enumerate(lines) if "hung up" not in line or not reasons or at <= reasons[0]]


def plain(line: str) -> str:
    """A line of git's without its prefixes, and without credentials that an address may hold."""
    while line.startswith(_PREFIXES):
        line = line.split(": ", 1)[1].lstrip()
    return without_credentials(" ".join(line.split()))


def without_credentials(text: str) -> str:
    """Text in which no address holds a user's name or password."""
    return _CREDENTIALS.sub("", text)
