"""Rollback: the models of an earlier commit published again, and left in place until the rollback is lifted.

Done in a clone without a change to its checkout, as publishing is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME, parse_manifest
from aegismatrix_engine.errors import ConfigurationError, DataError, ModelsUnusable
from aegismatrix_engine.publishing.branch_history import fetched_tip
from aegismatrix_engine.publishing.commits import blob, entries_at, files_at, is_blob
from aegismatrix_engine.publishing.destination import Destination
from aegismatrix_engine.publishing.merge import audit_fault, rollback_at
from aegismatrix_engine.publishing.own_paths import OwnPaths
from aegismatrix_engine.publishing.publication import Proposal, PublishedBranch, push
from aegismatrix_engine.state.rollback_file import FORMAT, Rollback, checked_reason, rendered

__all__ = ["OwnPaths", "PublishedBranch", "RolledBack", "lift", "roll_back"]

_COMMIT: Final = re.compile("[0-9a-f]{4,64}", re.IGNORECASE)
_SET_VERSION: Final = re.compile(r"[\x21-\x7e]{1,80}")


@dataclass(frozen=True)
class RolledBack:
    """The result of a rollback, or of its end.

    Attributes:
        destination: remote and branch.
        commit: that was pushed; None where there was nothing to do.
        to: the commit whose models are held now, or were until now; empty where a damaged file does not show it.
        set_version: identity of that model set; likewise.
        models: whether the published set changed.
        fault: what the audit here finds in the set; empty where it passes.
    """

    destination: Destination
    commit: str | None
    to: str = ""
    set_version: str = ""
    models: bool = False
    fault: str = ""


def roll_back(
    branch: PublishedBranch, to: str, market: str, now: datetime, *, reason: str | None = None, force: bool = False
) -> RolledBack:
    """Publish the models of an earlier commit again, and hold them in place.

    Args:
        branch: where they are published.
        to: a commit of that branch, by its id or the beginning of it.
        market: whose models they have to be.
        now: the time of the clock, with a zone.
        reason: why, one line of at most 200 characters; it is published.
        force: whether a set that does not pass the audit here is taken.

    Raises:
        ConfigurationError: an invalid reason; ``to`` is not a commit of the branch.
        DataError: there is no such branch; the commit holds no model set.
        ModelsUnusable: its set does not pass the audit here, and ``force`` does not allow it.
        OutputUnwritable, RaceLost, RemoteUnreachable: as in publishing.
    """
    why = None if reason is None else checked_reason(reason, "--reason")
    former = _former_set(branch, to, market, now)
    if former.fault and not force:
        raise ModelsUnusable(
            f"the model set of commit {former.commit[:10]} does not pass the audit here: {former.fault}; name another "
            "commit, or use it anyway with --force"
        )
    wanted = Rollback(FORMAT, former.commit, former.version, now.isoformat(timespec="seconds"), why)
    folder, path = str(branch.places.models), str(branch.places.rollback)

    def propose(base: str | None) -> Proposal[bool]:
        theirs = _set_at(branch, base)
        models: dict[str, bytes | None] = {
            name: content
            for name, content in former.files.items()
            if name not in theirs or not is_blob(theirs[name], content)
        }
        models |= dict.fromkeys(name for name in theirs if name not in former.files)
        current = rollback_at(branch.git, base, path, now).rollback
        unchanged = current is not None and replace(current, at=wanted.at) == wanted
        changes = models if unchanged else {**models, path: rendered(wanted)}
        return Proposal(changes, f"{folder} rolled back to those of {former.commit[:10]}", bool(models))

    commit, models = push(branch, propose)
    return RolledBack(branch.destination, commit, former.commit, former.version, models, former.fault)


def lift(branch: PublishedBranch, now: datetime) -> RolledBack:
    """End a rollback: the models stay until a later set is published, which from now on replaces them again.

    Args:
        branch: where they are published.
        now: the time of the clock, with a zone.

    Raises:
        DataError: there is no such branch.
        OutputUnwritable, RaceLost, RemoteUnreachable: as in publishing.
    """
    path = str(branch.places.rollback)

    def propose(base: str | None) -> Proposal[Rollback | None]:
        ended = rollback_at(branch.git, base, path, now).rollback
        # A folder in the file's place is removed as well.
        return Proposal(dict.fromkeys(entries_at(branch.git, base, path)), "The rollback is lifted", ended)

    commit, ended = push(branch, propose)
    return RolledBack(branch.destination, commit, ended.commit if ended else "", ended.set_version if ended else "")


def _former_commit(branch: PublishedBranch, to: str) -> str:
    """The full id of a commit of the branch; raises ConfigurationError for anything else."""
    if not _COMMIT.fullmatch(to):
        raise ConfigurationError(
            f"invalid --to {to[:60]!a}: expected a commit's id, 4 to 64 hexadecimal digits, as `git log` shows them"
        )
    tip = fetched_tip(branch.remote)
    found = branch.git.ask("rev-parse", "--verify", "--quiet", f"{to}^{{commit}}")
    commit = found.out.decode().strip()
    if found.code != 0 or branch.git.ask("merge-base", "--is-ancestor", commit, tip).code != 0:
        raise ConfigurationError(
            f"invalid --to {to}: not a commit of {branch.destination}; `git log {tip[:10]}` lists them with their dates"
        )
    return commit


@dataclass(frozen=True)
class _FormerSet:
    """The model set of an earlier commit: its files by their paths, its identity, and what the audit here finds."""

    commit: str
    files: Mapping[str, bytes]
    version: str
    fault: str


def _former_set(branch: PublishedBranch, to: str, market: str, now: datetime) -> _FormerSet:
    folder, commit = branch.places.models, _former_commit(branch, to)
    files = {path: blob(branch.git, id_) for path, id_ in _set_at(branch, commit).items()}
    manifest = files.get(str(folder / MANIFEST_NAME))
    if manifest is None:
        raise DataError(
            f"commit {commit[:10]} of {branch.destination} holds no model set in {folder}; name another with --to: "
            f"`git log {commit[:10]} -- {folder}` shows where sets were published"
        )
    return _FormerSet(commit, files, _set_version(manifest), audit_fault(files, market, now))


def _set_at(branch: PublishedBranch, commit: str | None) -> dict[str, str]:
    """Path -> blob of every file of the model set in a commit, without the sets of other markets in deeper folders."""
    there = files_at(branch.git, commit, str(branch.places.models))
    return {path: id_ for path, id_ in there.items() if branch.places.holds_model(path)}


def _set_version(manifest: bytes) -> str:
    try:
        version = parse_manifest(manifest.decode(), MANIFEST_NAME).set_version
    except (ModelsUnusable, UnicodeDecodeError):
        return "unknown"
    return version if _SET_VERSION.fullmatch(version) else "unknown"
