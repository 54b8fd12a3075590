"""Withdraw: the published document published once more, as one that its publisher has taken back.

Nothing of ours is read: what is withdrawn is what the branch holds. The record is left alone, for its rows were
published, and are scored.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from aegismatrix_engine.document import dump
from aegismatrix_engine.document.rules.violation import moment
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.validate import check_json
from aegismatrix_engine.document.withdrawal import withdrawn
from aegismatrix_engine.errors import DataError, InvalidDocument
from aegismatrix_engine.publishing.commits import blob, files_at
from aegismatrix_engine.publishing.destination import Destination
from aegismatrix_engine.publishing.own_files import OwnPaths
from aegismatrix_engine.publishing.publication import Proposal
from aegismatrix_engine.publishing.published_branch import PublishedBranch
from aegismatrix_engine.state.rollback_file import checked_reason

WITHDRAWN_SINCE: Final = (2, 1, 0)
"""The first schema_version with a word for it."""

__all__ = ["OwnPaths", "Withdrawn", "withdraw"]


@dataclass(frozen=True)
class Withdrawn:
    """What became of a withdrawal.

    Attributes:
        destination: remote and branch.
        commit: that was pushed; None where the document was withdrawn for this reason already.
        as_of: the document's.
    """

    destination: Destination
    commit: str | None
    as_of: str


def withdraw(
    folder: Path,
    paths: OwnPaths,
    branch: str | None,
    reason: str,
    now: datetime,
) -> Withdrawn:
    """Publish the last published document as withdrawn.

    Args:
        folder: where git runs, inside a work tree.
        paths: where the published files stand; nothing is read there.
        branch: the remote's branch; None for the upstream of the current one.
        reason: why, one line of at most 200 characters; it is published.
        now: what the clock of the day says, with a zone.

    Raises:
        ConfigurationError: a reason that is none; no work tree, no remote or branch to be found, paths outside.
        DataError: there is no such branch, or no document on it that can be withdrawn.
        OutputUnwritable, RaceLost, RemoteUnreachable: as in publishing.
    """
    reason = checked_reason(reason, "--withdraw")
    published = PublishedBranch.of(folder, paths, branch)
    path, there = str(published.places.document), published.destination

    def propose(base: str) -> Proposal[str]:
        id_ = files_at(published.git, base, [path]).get(path)
        if id_ is None:
            raise DataError(
                f"{there} holds no document at {path} that could be withdrawn; name the branch that "
                "readers read with --branch, and the document with --output"
            )
        document = _withdrawable(blob(published.git, id_), f"{path} on {there}", now)
        changes: dict[str, bytes | None] = {}
        if document.health.withdrawn != reason:
            changes[path] = dump(withdrawn(document, reason, now)).encode()
        return Proposal(changes, f"{path} as of {document.as_of} is withdrawn", document.as_of)

    return Withdrawn(there, *published.changed(propose))


def _withdrawable(content: bytes, where: str, now: datetime) -> Document:
    """A published document; raises DataError for one that cannot be withdrawn."""
    try:
        document = check_json(content)
    except InvalidDocument as error:
        reason = str(error).rpartition("; ")[0]
        raise DataError(f"{where} cannot be withdrawn: {reason}; have `aegis run` replace it") from error
    if tuple(map(int, document.schema_version.split("."))) < WITHDRAWN_SINCE:
        raise DataError(
            f"{where} cannot be withdrawn: its schema_version {document.schema_version} has no word for it, 2.1.0 has; "
            "have `aegis run` replace it"
        )
    if moment(document.as_of) >= now.replace(microsecond=0):
        raise DataError(
            f"{where} cannot be withdrawn: as_of {document.as_of} is not before now, {now.isoformat()}; set the "
            "machine's clock right"
        )
    return document
