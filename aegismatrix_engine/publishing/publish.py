"""Publish: our files committed on top of a remote branch, whoever else publishes there.

Where another publisher was faster, all is done again on top of theirs: see `publishing.publication`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aegismatrix_engine.publishing.commits import sizes_at
from aegismatrix_engine.publishing.destination import Destination
from aegismatrix_engine.publishing.merge import Merge, merged
from aegismatrix_engine.publishing.own_files import MadeFiles, OwnPaths, read_own
from aegismatrix_engine.publishing.publication import Patience, Proposal, PublishedBranch, push

__all__ = ["OwnPaths", "Patience", "Published", "PublishedBranch", "publish"]


@dataclass(frozen=True, kw_only=True)
class Published(Merge):
    """Our files merged with those of a branch, and pushed.

    Attributes:
        destination: remote and branch.
        commit: the id of the commit that was pushed; None where the branch needed no change.
        tip: the commit the branch is at then.
        record: path -> bytes of each file of the record there.
    """

    destination: Destination
    commit: str | None
    tip: str | None
    record: Mapping[str, int]


def publish(
    branch: PublishedBranch,
    now: datetime,
    *,
    replay: bool = False,
    made: MadeFiles | None = None,
    patience: Patience | None = None,
) -> Published:
    """Commit document, last values, record and models to a branch of the remote, and push.

    Args:
        branch: made where there is none.
        now: the time of the clock, with a zone.
        replay: whether a replay of the past may be published.
        made: document and last values where this process has just written them, so that they are not read again.
        patience: limits to attempts and time.

    Raises:
        ConfigurationError: the document is a replay and ``replay`` does not allow it.
        DataError: a document or ledger that is damaged, or a document dated later than now; nothing was pushed.
        OutputUnwritable: git fails here; the remote refuses, or is pushed to at another address than fetched from.
        RaceLost: others were faster at every attempt.
        RemoteUnreachable: the remote cannot be reached.
    """
    own = read_own(branch.top, branch.places, now, replay=replay, made=made)

    def propose(base: str | None) -> Proposal[tuple[Merge, str | None]]:
        merge = merged(branch.git, base, own, now)
        if merge.ours:
            message = f"{own.places.document} as of {own.as_of}" + (", with its models" if merge.models else "")
        else:
            message = f"{own.places.record}: {merge.rows} rows as of {own.as_of}"
        return Proposal(merge.changes, message, (merge, base))

    commit, (merge, base) = push(branch, propose, patience, may_begin=True)
    tip = commit or base
    record = sizes_at(branch.git, tip, str(own.places.record)) if tip else {}
    return Published(**vars(merge), destination=branch.destination, commit=commit, tip=tip, record=record)
