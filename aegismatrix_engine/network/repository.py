"""A repository on GitHub, as a job of GitHub Actions names it."""

from dataclasses import dataclass
from urllib.parse import quote

from aegismatrix_engine.errors import ConfigurationError


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub: the address of the API, owner/name, and a token that may write issues."""

    api: str
    name: str
    token: str


def pages_address(name: str) -> str:
    """Where GitHub Pages serves a repository without a domain of its own, ending with a slash.

    Args:
        name: owner/name; a repository named OWNER.github.io is served at the top of its owner's address.

    Raises:
        ConfigurationError: it is not owner/name.
    """
    owner, _, repository = name.partition("/")
    if not owner or not repository or "/" in repository:
        raise ConfigurationError(f"invalid GITHUB_REPOSITORY {name[:60]!r}: expected owner/name")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if repository.lower() == host else f"https://{host}/{quote(repository)}/"
