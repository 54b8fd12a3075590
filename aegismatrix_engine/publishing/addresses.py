"""The addresses of a remote for reading and writing, which must be those of one repository."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote

from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.publishing.failures import without_credentials
from aegismatrix_engine.publishing.git import Git

_DEFAULT_PORTS: Final = {"ssh": "22", "git+ssh": "22", "https": "443", "http": "80", "git": "9418"}
_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>[^/]*)(?P<path>.*)", re.DOTALL)
_SSH: Final = re.compile(r"(?P<host>[^/:\[]+|[^/:]*\[[^]]*\]):(?!:)(?P<path>.*)", re.DOTALL)

Likeness = Literal["same", "other", "unknown"]


@dataclass(frozen=True)
class Place:
    """The parts of an address that identify a repository: scheme, host with port, path; a local one has no host."""

    scheme: str
    host: str
    port: str
    path: str


@dataclass(frozen=True)
class Addresses:
    """The address that a remote is fetched from, and those that it is pushed to."""

    fetch: str
    push: tuple[str, ...]


def addresses(git: Git, remote: str) -> Addresses:
    """A remote's addresses as git uses them, ``pushurl``, ``insteadOf`` and ``pushInsteadOf`` applied.

    Raises:
        OutputUnwritable: git does not show them.
    """
    fetch = os.fsdecode(git.local("remote", "get-url", "--all", remote)).splitlines()
    push = os.fsdecode(git.local("remote", "get-url", "--push", "--all", remote)).splitlines()
    return Addresses(fetch[0], tuple(dict.fromkeys(push)))


def likeness(one: str, other: str, top: Path) -> Likeness:
    """Whether two addresses are of one repository; relative paths are taken from ``top``.

    The same path on the same host is the same repository by any protocol. Two folders of this machine, and two paths
    on one host of which neither ends with the other, are two repositories. All else, such as two names of hosts, is
    unknown.
    """
    a, b = place(one, top), place(other, top)
    if one == other or a == b:
        return "same"
    if not a.host and not b.host:
        return "same" if _same_folder(a.path, b.path) else "other"
    within = f"/{a.path}".endswith(f"/{b.path}") or f"/{b.path}".endswith(f"/{a.path}")
    if a.host != b.host:
        return "unknown"
    if a.path == b.path:
        return "same" if a.scheme != b.scheme else "unknown"
    return "unknown" if within or a.scheme != b.scheme else "other"


def place(address: str, top: Path) -> Place:
    """The parts of an address that identify its repository."""
    url = _URL.fullmatch(address)
    if url is not None and url["scheme"].lower() != "file":
        scheme, netloc = url["scheme"].lower(), url["host"].rpartition("@")[2].lower()
        host, _, port = netloc.partition(":") if not netloc.startswith("[") else (netloc, "", "")
        return Place(scheme, host, port or _DEFAULT_PORTS.get(scheme, ""), _repository(unquote(url["path"])))
    ssh = _SSH.fullmatch(address) if url is None else None
    if ssh is not None:
        return Place("ssh", ssh["host"].rpartition("@")[2].lower(), _DEFAULT_PORTS["ssh"], _repository(ssh["path"]))
    folder = unquote(url["path"]) if url is not None else address
    return Place("file", "", "", _folder(top / folder))


def refuse_others(git: Git, remote: str, found: Addresses, others: list[str]) -> None:
    """Raise OutputUnwritable where a remote is pushed to other repositories than the one it is fetched from."""
    if not others:
        return
    shown = " and ".join(without_credentials(address) for address in others)
    raise OutputUnwritable(
        f"{remote} is fetched from {without_credentials(found.fetch)} and pushed to {shown}, another repository: "
        f"nothing published there would be restored; {_remedy(git, remote)}"
    )


def _remedy(git: Git, remote: str) -> str:
    if f"remote.{remote}.pushurl" in git.settings:
        return f"run `git config --unset-all remote.{remote}.pushurl`, or give {remote} that address to fetch from, too"
    rewriting = next((name for name in git.settings if name.endswith(".pushinsteadof")), None)
    if rewriting is not None:
        return f"remove the setting {without_credentials(rewriting)}, or rewrite both with insteadOf"
    return f"leave {remote} one url: `git remote set-url {remote} URL`"


def _repository(path: str) -> str:
    return path.strip("/").removesuffix(".git").rstrip("/")


def _folder(path: Path) -> str:
    """The folder that git opens for a path: the .git within, the path itself, or the path with .git added."""
    # The root of a file system has no name to add it to.
    beside = (path.with_name(f"{path.name}.git"),) if path.name else ()
    candidates = (path / ".git", path, *beside)
    return os.path.realpath(next((one for one in candidates if one.is_dir()), path))


def _same_folder(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:
        return False
