"""Publish: our files committed on top of a remote branch, whoever else publishes there.

Where another publisher was faster, all is done again on top of theirs: see `publishing.publication`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from aegismatrix_engine.publishing.commits import sizes_at
from aegismatrix_engine.publishing.destination import Destination
from aegismatrix_engine.publishing.merge import Merge, merged
from aegismatrix_engine.publishing.own_files import MadeFiles
from aegismatrix_engine.publishing.own_paths import OwnPaths
from aegismatrix_engine.publishing.publication import Patience, Proposal, PublishedBranch, push
from aegismatrix_engine.publishing.several import SeveralOwn, changes_of, several_own
from aegismatrix_engine.state.market_index import INDEX_NAME, indexed_ids
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file

__all__ = ["OwnPaths", "Patience", "Published", "PublishedBranch", "index_beside", "publish"]


@dataclass(frozen=True, kw_only=True)
class Published(Merge):
    """Our files merged with those of a branch, and pushed; of several markets the first one's, but for ``rows``.

    Attributes:
        destination: remote and branch.
        commit: the id of the commit that was pushed; None where the branch needed no change.
        tip: the commit the branch is at then.
        record: path -> bytes of each file of the record there.
        others: what came of each other market of several, by its id.
        faults: why nothing of a market of several was published, by its id; what is published of it stays.
    """

    destination: Destination
    commit: str | None
    tip: str | None
    record: Mapping[str, int]
    others: Mapping[str, Merge] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def any_dated_ahead(self) -> bool:
        """Whether anything that was replaced, of any market, was dated later than now."""
        return self.dated_ahead or any(merge.dated_ahead for merge in self.others.values())


def index_beside(document: Path) -> bytes | None:
    """The index of several markets beside the first one's document; None where there is none of ours."""
    try:
        content = read_plain_file(document.parent / INDEX_NAME, DOCUMENT_LIMIT)
    except FileFault:
        return None
    return content if indexed_ids(content) else None


def publish(
    branch: PublishedBranch,
    now: datetime,
    *,
    replay: bool = False,
    made: MadeFiles | None = None,
    patience: Patience | None = None,
    index: bytes | None = None,
) -> Published:
    """Commit document, last values, record and models to a branch of the remote, and push.

    Several markets are in one commit, with an index of what the branch then holds. One whose files cannot be published
    keeps what is published of it, and stops no other.

    Args:
        branch: made where there is none.
        now: the time of the clock, with a zone.
        replay: whether a replay of the past may be published.
        made: document and last values where this process has just written them, so that they are not read again.
        patience: limits to attempts and time.
        index: names the markets where there are several, as ``index.json`` has them; None for one alone.

    Raises:
        ConfigurationError: the document is a replay and ``replay`` does not allow it.
        DataError: a document or ledger that is damaged, or a document dated later than now; nothing was pushed.
        OutputUnwritable: git fails here; the remote refuses, or is pushed to at another address than fetched from.
        RaceLost: others were faster at every attempt.
        RemoteUnreachable: the remote cannot be reached.
    """
    own = several_own(branch, now, index or b"", replay=replay, made=made)

    def propose(base: str | None) -> Proposal[tuple[dict[str, Merge], str | None]]:
        merges = {market: merged(branch.git, base, one, now) for market, one in own.files.items()}
        return Proposal(changes_of(branch.git, base, own, merges), _message(own, merges), (merges, base))

    commit, (merges, base) = push(branch, propose, patience, may_begin=True)
    return _published(branch, own, merges, commit, commit or base)


def _published(
    branch: PublishedBranch, own: SeveralOwn, merges: Mapping[str, Merge], commit: str | None, tip: str | None
) -> Published:
    """What came of it, given the commit that was pushed and the one the branch is at."""
    record = sizes_at(branch.git, tip, str(branch.places.record)) if tip else {}
    others = {market: merge for market, merge in merges.items() if market != own.first}
    first = replace(merges.get(own.first, Merge.nothing()), rows=sum(merge.rows for merge in merges.values()))
    return Published(
        **vars(first),
        destination=branch.destination,
        commit=commit,
        tip=tip,
        record=record,
        others=others,
        faults=own.faults,
    )


def _message(own: SeveralOwn, merges: Mapping[str, Merge]) -> str:
    """Of the commit: the documents that are published in it, else the rows."""
    shown = {market: merge for market, merge in merges.items() if merge.document}
    if not shown and len(merges) == 1:
        shown = {market: merge for market, merge in merges.items() if merge.ours}
    documents = [f"{own.files[market].places.document} as of {merge.as_of}" for market, merge in shown.items()]
    if documents:
        with_models = any(merge.models for merge in merges.values())
        models = ", with its models" if len(merges) == 1 else ", with models"
        return ", ".join(documents) + (models if with_models else "")
    latest = next(iter(merges.values()))
    return f"{own.record}: {sum(merge.rows for merge in merges.values())} rows as of {latest.as_of}"
