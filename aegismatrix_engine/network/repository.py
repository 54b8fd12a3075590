"""A repository on GitHub, as a job of GitHub Actions names it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub: the address of the API, owner/name, and a token that may write issues."""

    api: str
    name: str
    token: str
