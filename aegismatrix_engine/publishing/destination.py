"""Where to publish: the work tree, the remote and the branch."""

from dataclasses import dataclass
from pathlib import Path

from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.publishing.git import Git, unusable

HEADS = "refs/heads/"
_NO_WORK_TREE = ("not a git repository (or any", "must be run in a work tree")


@dataclass(frozen=True)
class Destination:
    """A branch of a remote.

    Attributes:
        remote: its name.
        branch: without ``refs/heads/``.
        checked_out: whether it is the one the work tree is on.
        option: the option of the command line that names it, for messages.
    """

    remote: str
    branch: str
    checked_out: bool
    option: str = "--branch"

    @property
    def ref(self) -> str:
        """The branch by its full name on the remote."""
        return HEADS + self.branch

    def __str__(self) -> str:
        return f"{self.remote}/{self.branch}"


def work_tree(git: Git) -> Path:
    """The top folder of the work tree that git runs in.

    Raises:
        ConfigurationError: it does not run in a work tree.
        OutputUnwritable: git is too old or does not read this repository, which is another user's or broken.
    """
    git.refuse_old()
    answer = git.ask("rev-parse", "--show-toplevel")
    top = answer.out.decode(errors="surrogateescape").rstrip("\n")
    if answer.code == 0 and top:
        return Path(top)
    if answer.code == 0 or any(words in answer.err for words in _NO_WORK_TREE):
        raise ConfigurationError(
            f"{git.folder} is not in a git work tree ({answer.reason()}); run this in a clone of the repository"
        )
    raise unusable(git, "git", answer)


def destination(git: Git, branch: str | None, option: str = "--branch") -> Destination:
    """The branch named, on the remote the current branch follows, else origin, else the only one; or its upstream.

    ``option`` is the one that names it, for messages.

    Raises:
        ConfigurationError: there is no remote, or more than one and none is preferred; the branch's name is invalid; no
            branch is named and there is no upstream.
    """
    found = git.ask("symbolic-ref", "--quiet", "HEAD")
    current = found.out.decode(errors="surrogateescape").strip() if found.code == 0 else ""
    current = current.removeprefix(HEADS)
    follows, upstream = (git.settings.get(f"branch.{current}.{part}", "") for part in ("remote", "merge"))
    if branch is None:
        branch = _upstream(git, current, follows, upstream)
    elif git.ask("check-ref-format", HEADS + branch).code != 0:
        raise ConfigurationError(f"invalid {option} {branch!r}: git does not allow this name; name another")
    remote = follows if follows in _remotes(git) else _only_remote(git)
    own = upstream.removeprefix(HEADS) if upstream else current
    return Destination(remote, branch, branch == own, option)


def _upstream(git: Git, current: str, follows: str, upstream: str) -> str:
    """The name of the branch that the current one follows."""
    if not current:
        raise ConfigurationError("no branch is checked out (detached HEAD); name the one to publish to with --branch")
    _only_remote(git, any_will_do=True)
    if not follows or not upstream.startswith(HEADS):
        raise ConfigurationError(f"branch {current} has no upstream; name the branch to publish to with --branch")
    if follows not in _remotes(git):
        raise ConfigurationError(f"branch {current} follows {follows}, which is not a remote; name one with --branch")
    return upstream.removeprefix(HEADS)


def _remotes(git: Git) -> list[str]:
    named = [name.split(".", 1)[1] for name in git.settings if name.startswith("remote.") and name.endswith(".url")]
    return [name.removesuffix(".url") for name in named]


def _only_remote(git: Git, *, any_will_do: bool = False) -> str:
    """Origin, or the only remote there is; raises ConfigurationError where that does not choose one."""
    remotes = _remotes(git)
    if not remotes:
        raise ConfigurationError("the repository has no remote to publish to; add one with `git remote add origin URL`")
    if "origin" in remotes:
        return "origin"
    if len(remotes) > 1 and not any_will_do:
        raise ConfigurationError(
            f"none of the remotes {', '.join(remotes)} is named origin; check out a branch that follows one of them"
        )
    return remotes[0]
