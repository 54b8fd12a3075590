"""How an exchange with a repository fails: the table ``failures.toml`` that ships beside this module."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final


@dataclass(frozen=True)
class Failure:
    """One way to fail.

    Attributes:
        signs: parts of git's words, in lower case, any of which tells it.
        what: what it is to a user, said of a branch or a repository.
        remedy: what puts it right, empty for a passing one.
        passing: whether waiting may help.
        local: whether it is one of this side alone.
        remote: whether it is one of the other side alone.
        found_before: whether it is passing once the repository has answered in this run.
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
"""The other side says itself that it is busy."""
