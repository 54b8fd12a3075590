"""Withdraw: the published document published once more, marked as withdrawn by its publisher.

Only the branch's document is read, none of ours. The record is unchanged: its rows were published, and are scored.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aegismatrix_engine.document import dump
from aegismatrix_engine.document.rules.violation import moment
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.document.validate import check_json
from aegismatrix_engine.document.withdrawal import withdrawn
from aegismatrix_engine.errors import DataError, InvalidDocument
from aegismatrix_engine.publishing.commits import blob, files_at
from aegismatrix_engine.publishing.destination import Destination
from aegismatrix_engine.publishing.own_paths import OwnPaths
from aegismatrix_engine.publishing.publication import Proposal, PublishedBranch, push
from aegismatrix_engine.publishing.published_index import published_index
from aegismatrix_engine.state.rollback_file import checked_reason

WITHDRAWN_SINCE: Final = (2, 1, 0)
"""The first schema_version that can mark a document as withdrawn."""

__all__ = ["OwnPaths", "PublishedBranch", "Withdrawn", "withdraw"]


@dataclass(frozen=True)
class Withdrawn:
    """The result of a withdrawal.

    Attributes:
        destination: remote and branch.
        commit: that was pushed; None where the document was withdrawn for this reason already.
        as_of: the document's.
    """

    destination: Destination
    commit: str | None
    as_of: str


def withdraw(branch: PublishedBranch, reason: str, now: datetime) -> Withdrawn:
    """Publish the last published document as withdrawn.

    Args:
        branch: where it is published.
        reason: why, one line of at most 200 characters; it is published.
        now: the time of the clock, with a zone.

    Raises:
        ConfigurationError: an invalid reason.
        DataError: there is no such branch, or no document on it that can be withdrawn.
        OutputUnwritable, RaceLost, RemoteUnreachable: as in publishing.
    """
    reason = checked_reason(reason, "--withdraw")
    path, there = str(branch.places.document), branch.destination

    def propose(base: str | None) -> Proposal[str]:
        id_ = files_at(branch.git, base, path).get(path)
        if id_ is None:
            raise DataError(
                f"{there} holds no document at {path} that could be withdrawn; name the branch that "
                "readers read with --branch, and the document with --output"
            )
        document = _withdrawable(blob(branch.git, id_), f"{path} on {there}", now)
        changes: dict[str, bytes | None] = {}
        if document.health.withdrawn != reason:
            changes[path] = dump(withdrawn(document, reason, now)).encode()
            index = published_index(branch.git, base, branch.places.document)
            if index is not None:
                changes[index.path] = index.with_document(changes[path] or b"")
        return Proposal(changes, f"{path} as of {document.as_of} is withdrawn", document.as_of)

    return Withdrawn(there, *push(branch, propose))


def _withdrawable(content: bytes, where: str, now: datetime) -> Document:
    """A published document; raises DataError for one that cannot be withdrawn."""
    try:
        document = check_json(content)
    except InvalidDocument as error:
        reason = str(error).rpartition("; ")[0]
        raise DataError(f"{where} cannot be withdrawn: {reason}; have `aegis run` replace it") from error
    if tuple(map(int, document.schema_version.split("."))) < WITHDRAWN_SINCE:
        raise DataError(
            f"{where} cannot be withdrawn: found schema_version {document.schema_version}, expected 2.1.0 or "
            "later; have `aegis run` replace it"
        )
    if moment(document.as_of) >= now.replace(microsecond=0):
        raise DataError(
            f"{where} cannot be withdrawn: as_of {document.as_of} is not before now, {now.isoformat()}; set the "
            "machine's clock right"
        )
    return document
