"""Rollback: the models of an earlier commit published again, and left in place until the rollback is lifted.

Done in a clone without a change to its checkout, as publishing is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME, parse_manifest
from aegismatrix_engine.errors import ConfigurationError, DataError, ModelsUnusable
from aegismatrix_engine.publishing.branch_history import entries_at, fetched_tip
from aegismatrix_engine.publishing.commits import blob, files_at
from aegismatrix_engine.publishing.destination import Destination
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.merge import is_blob
from aegismatrix_engine.publishing.own_files import OwnPaths
from aegismatrix_engine.publishing.publication import Proposal
from aegismatrix_engine.publishing.published_branch import PublishedBranch
from aegismatrix_engine.publishing.rollback_there import rollback_at
from aegismatrix_engine.publishing.set_audit import audit_fault
from aegismatrix_engine.state.rollback_file import FORMAT, Rollback, checked_reason, rendered

__all__ = ["OwnPaths", "RolledBack", "lift", "roll_back"]

_COMMIT: Final = re.compile("[0-9a-f]{4,64}", re.IGNORECASE)
_SET_VERSION: Final = re.compile(r"[\x21-\x7e]{1,80}")


@dataclass(frozen=True)
class RolledBack:
    """What became of a rollback, or of its end.

    Attributes:
        destination: remote and branch.
        commit: that was pushed; None where there was nothing to do.
        to: the commit whose models are held now, or were until now; empty where a damaged file does not tell.
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
    folder: Path,
    paths: OwnPaths,
    branch: str,
    to: str,
    market: str,
    now: datetime,
    *,
    reason: str | None = None,
    force: bool = False,
) -> RolledBack:
    """Publish the models of an earlier commit again, with the word that they are to stay.

    Args:
        folder: where git runs, inside a work tree.
        paths: where the published files stand; nothing is read there.
        branch: the remote's branch.
        to: a commit of that branch, by its id or the beginning of it.
        market: whose models they have to be.
        now: what the clock of the day says, with a zone.
        reason: why, one line of at most 200 characters; it is published.
        force: whether a set that does not pass the audit here is taken.

    Raises:
        ConfigurationError: a reason that is none; no work tree, no remote to be found, paths outside; ``to`` is no
            commit of the branch.
        DataError: there is no such branch; the commit holds no model set.
        ModelsUnusable: its set does not pass the audit here, and ``force`` does not allow it.
        OutputUnwritable, RaceLost, RemoteUnreachable: as in publishing.
    """
    why = None if reason is None else checked_reason(reason, "--reason")
    published = PublishedBranch.of(folder, paths, branch)
    former = _former_set(published, to, market, now)
    if former.fault and not force:
        raise ModelsUnusable(
            f"the model set of commit {former.commit[:10]} does not pass the audit here: {former.fault}; name another "
            "commit, or take it all the same with --force"
        )
    wanted = Rollback(FORMAT, former.commit, former.version, now.isoformat(timespec="seconds"), why)
    commit, models = published.changed(partial(_rolled_back, published, former, wanted, now))
    return RolledBack(published.destination, commit, former.commit, former.version, models, former.fault)


def lift(folder: Path, paths: OwnPaths, branch: str, now: datetime) -> RolledBack:
    """End a rollback: the models stay until a later set is published, which from now on counts again.

    Args:
        folder: where git runs, inside a work tree.
        paths: where the published files stand; nothing is read there.
        branch: the remote's branch.
        now: what the clock of the day says, with a zone.

    Raises:
        ConfigurationError: no work tree, no remote to be found, paths outside.
        DataError: there is no such branch.
        OutputUnwritable, RaceLost, RemoteUnreachable: as in publishing.
    """
    published = PublishedBranch.of(folder, paths, branch)
    path = str(published.places.rollback)

    def propose(base: str) -> Proposal[Rollback | None]:
        ended = rollback_at(published.git, base, path, now).rollback
        # A folder in the file's place goes as well.
        without = dict.fromkeys(entries_at(published.git, base, path))
        return Proposal(without, "The rollback is lifted", ended)

    commit, ended = published.changed(propose)
    return RolledBack(published.destination, commit, ended.commit if ended else "", ended.set_version if ended else "")


def _former_commit(git: Git, tip: str, to: str, there: Destination) -> str:
    """The full id of a commit of the branch; raises ConfigurationError for anything else."""
    if not _COMMIT.fullmatch(to):
        raise ConfigurationError(
            f"--to {to[:60]!a} is no commit's id: expected 4 to 64 hexadecimal digits, as `git log` shows them"
        )
    found = git.ask("rev-parse", "--verify", "--quiet", f"{to}^{{commit}}")
    commit = found.out.decode().strip()
    if found.code != 0 or git.ask("merge-base", "--is-ancestor", commit, tip).code != 0:
        raise ConfigurationError(
            f"--to {to} is no commit of {there}; `git log {tip[:10]}` shows those that are, with their dates"
        )
    return commit


@dataclass(frozen=True)
class _FormerSet:
    """The model set of an earlier commit: its files by their paths, its identity, and what the audit here finds."""

    commit: str
    files: Mapping[str, bytes]
    version: str
    fault: str


def _former_set(published: PublishedBranch, to: str, market: str, now: datetime) -> _FormerSet:
    git, there, folder = published.git, published.destination, published.places.models
    commit = _former_commit(git, fetched_tip(published.remote), to, there)
    files = {path: blob(git, id_) for path, id_ in files_at(git, commit, [str(folder)]).items()}
    manifest = files.get(str(folder / MANIFEST_NAME))
    if manifest is None:
        raise DataError(
            f"commit {commit[:10]} of {there} holds no model set in {folder}; name another with --to: "
            f"`git log {commit[:10]} -- {folder}` shows where sets were published"
        )
    return _FormerSet(commit, files, _set_version(manifest), audit_fault(files, market, now))


def _rolled_back(
    published: PublishedBranch, former: _FormerSet, wanted: Rollback, now: datetime, base: str
) -> Proposal[bool]:
    """The rollback on top of a commit, and whether it changes the model set there."""
    folder, path = str(published.places.models), str(published.places.rollback)
    theirs = files_at(published.git, base, [folder])
    models: dict[str, bytes | None] = {
        name: content
        for name, content in former.files.items()
        if name not in theirs or not is_blob(theirs[name], content)
    }
    models |= dict.fromkeys(name for name in theirs if name not in former.files)
    current = rollback_at(published.git, base, path, now).rollback
    stands = current is not None and replace(current, at=wanted.at) == wanted
    changes = models if stands else {**models, path: rendered(wanted)}
    return Proposal(changes, f"{folder} rolled back to those of {former.commit[:10]}", bool(models))


def _set_version(manifest: bytes) -> str:
    try:
        version = parse_manifest(manifest.decode(), MANIFEST_NAME).set_version
    except (ModelsUnusable, UnicodeDecodeError):
        return "unknown"
    return version if _SET_VERSION.fullmatch(version) else "unknown"
