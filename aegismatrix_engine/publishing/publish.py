"""Publish: our files committed on top of a remote branch, whoever else publishes there.

Where another publisher was faster, all is done again on top of theirs: see `publishing.publication`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from aegismatrix_engine.publishing.commits import blob, files_at, sizes_at
from aegismatrix_engine.publishing.destination import Destination, destination, work_tree
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.merge import Merge, merged
from aegismatrix_engine.publishing.own_files import MadeFiles, OwnFiles, OwnPaths, read_own
from aegismatrix_engine.publishing.publication import Patience, Proposal, Publication
from aegismatrix_engine.publishing.remote import Remote
from aegismatrix_engine.publishing.rollback_there import rollback_at

__all__ = ["OwnPaths", "Patience", "Published", "publish"]


@dataclass(frozen=True)
class Published:
    """What became of a run.

    destination: remote and branch. commit: the id of the commit that was pushed, None where they had it all. as_of: our
    document's. ours: whether our document is the one that stands there. document, models: whether it, and the model
    set, were new there. rows: ledger rows that were. tip: the commit the branch is at then. record: bytes of each file
    of the record there, by its path. set_kept: why the published set stays where ours is another.
    replaced: what was published and could not be believed or used, a clause each. dated_ahead: whether any of that was
    dated later than now. withdrawn: whether the published document stays because it was withdrawn.
    """

    destination: Destination
    commit: str | None
    as_of: str
    ours: bool
    document: bool
    rows: int
    models: bool
    tip: str | None = None
    record: Mapping[str, int] = field(default_factory=dict)
    set_kept: str = ""
    replaced: tuple[str, ...] = ()
    dated_ahead: bool = False
    withdrawn: bool = False


def publish(
    folder: Path,
    paths: OwnPaths,
    branch: str | None,
    now: datetime,
    *,
    replay: bool = False,
    made: MadeFiles | None = None,
    patience: Patience | None = None,
) -> Published:
    """Commit document, last values, record and models to a branch of the remote, and push.

    Args:
        folder: where git runs, inside a work tree.
        paths: our files; relative ones from ``folder``.
        branch: the remote's branch, made where there is none; None for the upstream of the current one.
        now: what the clock of the day says, with a zone.
        replay: whether a replay of the past may be published.
        made: document and last values where this process has just written them, so that they are not read again.
        patience: limits to attempts and time.

    Raises:
        ConfigurationError: no work tree, no remote or branch to be found, paths outside; a replay unasked for.
        DataError: a document or ledger that is damaged, a document dated later than now; nothing was pushed.
        OutputUnwritable: git is missing, too old or fails here; the remote refuses, or is another one to push to.
        RaceLost: others were faster at every attempt.
        RemoteUnreachable: the remote cannot be reached.
    """
    git = Git(folder)
    top = work_tree(git)
    own = read_own(top, folder, paths, now, replay=replay, made=made)
    remote = Remote(git, destination(git, branch))

    def propose(base: str | None) -> Proposal[tuple[Merge, str | None]]:
        theirs = files_at(git, base, own.paths()) if base else {}
        # Of the branch itself: ours may be older than a rollback, or than its end.
        rollback = rollback_at(git, base, own.rollback_path, now)
        merge = merged(own, theirs, partial(blob, git), now, rollback)
        return Proposal(merge.changes, _message(own, merge), (merge, base))

    commit, done = Publication(remote, top, propose, patience or Patience(), may_begin=True).made()
    tip = commit or done.outcome[1]
    record = sizes_at(git, tip, [own.record_folder]) if tip else {}
    return _result(remote.destination, own, commit, tip, record, done.outcome[0])


def _result(
    branch: Destination, own: OwnFiles, commit: str | None, tip: str | None, record: Mapping[str, int], merge: Merge
) -> Published:
    return Published(
        branch,
        commit,
        own.as_of,
        merge.ours,
        own.document_path in merge.changes,
        merge.rows,
        merge.models,
        tip,
        record,
        merge.set_kept,
        merge.replaced,
        merge.dated_ahead,
        merge.withdrawn,
    )


def _message(own: OwnFiles, merge: Merge) -> str:
    if merge.ours:
        return f"{own.document_path} as of {own.as_of}" + (", with its models" if merge.models else "")
    return f"{own.record_folder}: {merge.rows} rows as of {own.as_of}"
