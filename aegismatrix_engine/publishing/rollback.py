"""Rollback: the models of an earlier commit published again, and left in place until the rollback is lifted.

Done in a clone without a change to its checkout, as publishing is.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME, parse_manifest
from aegismatrix_engine.errors import ConfigurationError, DataError, ModelsUnusable
from aegismatrix_engine.publishing.branch_history import entries_at, fetched_tip
from aegismatrix_engine.publishing.commits import blob, files_at
from aegismatrix_engine.publishing.destination import Destination, destination, work_tree
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.merge import is_blob
from aegismatrix_engine.publishing.own_files import OwnPaths, OwnPlaces, own_places
from aegismatrix_engine.publishing.publication import Patience, Proposal, Publication
from aegismatrix_engine.publishing.remote import Remote
from aegismatrix_engine.publishing.rollback_there import rollback_at
from aegismatrix_engine.publishing.set_audit import audit_fault
from aegismatrix_engine.state.rollback_file import FORMAT, Rollback, rendered

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
    patience: Patience | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> RolledBack:
    """Publish the models of an earlier commit again, with the word that they are to stay.

    Args:
        folder: where git runs, inside a work tree.
        paths: where the published files stand; nothing is read there.
        branch: the remote's branch.
        to: a commit of that branch, by its id or the beginning of it.
        market: whose models they have to be.
        now: what the clock of the day says, with a zone.
        reason: why, one line; it is published.
        force: whether a set that does not pass the audit here is taken.
        patience: limits to attempts and time.
        clock: seconds that only grow, for the limits.

    Raises:
        ConfigurationError: no work tree, no remote to be found, paths outside; ``to`` is no commit of the branch.
        DataError: there is no such branch; the commit holds no model set.
        ModelsUnusable: its set does not pass the audit here, and ``force`` does not allow it.
        OutputUnwritable, RaceLost, RemoteUnreachable: as in publishing.
    """
    git, top, places, remote = _reached(folder, paths, branch)
    there = remote.destination
    former = _former_commit(git, fetched_tip(remote), to, there)
    held = {path: blob(git, id_) for path, id_ in files_at(git, former, [str(places.models)]).items()}
    manifest = held.get(str(places.models / MANIFEST_NAME))
    if manifest is None:
        raise DataError(
            f"commit {former[:10]} of {there} holds no model set in {places.models}; name another with --to: "
            f"`git log {former[:10]} -- {places.models}` shows where sets were published"
        )
    fault = audit_fault(held, market, now)
    if fault and not force:
        raise ModelsUnusable(
            f"the model set of commit {former[:10]} does not pass the audit here: {fault}; name another commit, or "
            "take it all the same with --force"
        )
    wanted = Rollback(FORMAT, former, _set_version(manifest), now.isoformat(timespec="seconds"), reason)

    def propose(base: str | None) -> Proposal[bool]:
        assert base is not None, "the branch is there"
        theirs = files_at(git, base, [str(places.models)])
        models: dict[str, bytes | None] = {
            path: content for path, content in held.items() if path not in theirs or not is_blob(theirs[path], content)
        }
        models |= dict.fromkeys(path for path in theirs if path not in held)
        standing = rollback_at(git, base, str(places.rollback), now).rollback
        changes = dict(models)
        if standing is None or replace(standing, at=wanted.at) != wanted:
            changes[str(places.rollback)] = rendered(wanted)
        return Proposal(changes, f"{places.models} rolled back to those of {former[:10]}", bool(models))

    commit, done = Publication(remote, top, propose, patience or Patience(), clock, may_begin=False).made()
    return RolledBack(there, commit, former, wanted.set_version, done.outcome, fault)


def lift(
    folder: Path,
    paths: OwnPaths,
    branch: str,
    now: datetime,
    *,
    patience: Patience | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> RolledBack:
    """End a rollback: the models stay until a later set is published, which from now on counts again.

    Args:
        folder: where git runs, inside a work tree.
        paths: where the published files stand; nothing is read there.
        branch: the remote's branch.
        now: what the clock of the day says, with a zone.
        patience: limits to attempts and time.
        clock: seconds that only grow, for the limits.

    Raises:
        ConfigurationError: no work tree, no remote to be found, paths outside.
        DataError: there is no such branch.
        OutputUnwritable, RaceLost, RemoteUnreachable: as in publishing.
    """
    git, top, places, remote = _reached(folder, paths, branch)

    def propose(base: str | None) -> Proposal[Rollback | None]:
        assert base is not None, "the branch is there"
        ended = rollback_at(git, base, str(places.rollback), now).rollback
        return Proposal(_without(git, base, str(places.rollback)), "The rollback is lifted", ended)

    commit, done = Publication(remote, top, propose, patience or Patience(), clock, may_begin=False).made()
    ended = done.outcome
    return RolledBack(remote.destination, commit, ended.commit if ended else "", ended.set_version if ended else "")


def _reached(folder: Path, paths: OwnPaths, branch: str) -> tuple[Git, Path, OwnPlaces, Remote]:
    git = Git(folder)
    top = work_tree(git)
    return git, top, own_places(top, folder, paths), Remote(git, destination(git, branch))


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


def _without(git: Git, base: str, path: str) -> dict[str, bytes | None]:
    """What removes a file, or a folder in its place."""
    return dict.fromkeys(entries_at(git, base, path))


def _set_version(manifest: bytes) -> str:
    try:
        version = parse_manifest(manifest.decode(), MANIFEST_NAME).set_version
    except (ModelsUnusable, UnicodeDecodeError):
        return "unknown"
    return version if _SET_VERSION.fullmatch(version) else "unknown"
