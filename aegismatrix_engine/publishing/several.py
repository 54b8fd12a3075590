"""The files of several markets that are published in one commit, with an index of what the branch then holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.publishing.commits import blob, files_at, is_blob
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.merge import Merge
from aegismatrix_engine.publishing.own_files import MadeFiles, OwnFiles, read_own
from aegismatrix_engine.publishing.own_places import OwnPlaces
from aegismatrix_engine.publishing.publication import PublishedBranch
from aegismatrix_engine.state.market_index import INDEX_NAME, indexed, indexed_ids, rendered


@dataclass(frozen=True)
class SeveralOwn:
    """What is to be published of each market.

    Attributes:
        first: the id of the first market; empty where it is not known, as of one that is published alone.
        several: whether there is an index.
        places: of every market's files, by its id, the first one's first.
        files: of every market that has a document which can be published; the record is among those of the first.
        faults: why the others have none.
    """

    first: str
    several: bool
    places: Mapping[str, OwnPlaces]
    files: Mapping[str, OwnFiles]
    faults: Mapping[str, str]

    @property
    def record(self) -> PurePosixPath:
        """The folder of the record, which is that of all markets."""
        return self.places[self.first].record


def several_own(
    branch: PublishedBranch, now: datetime, index: bytes, *, replay: bool, made: MadeFiles | None
) -> SeveralOwn:
    """Read what is to be published of each market of an index, or of one market alone.

    Args:
        branch: where to, with the places of the first market.
        now: the time of the clock, with a zone.
        index: as ``index.json`` has it; empty for one market alone.
        replay: whether a replay of the past may be published.
        made: files of the first market that this process has made, which are not read again.

    Raises:
        AegisError: as ``read_own`` does, where no market has a document that can be published.
    """
    ids = indexed_ids(index)
    first = (*ids, "")[0]
    places = {first: branch.places, **branch.places.of_others(index)}
    files: dict[str, OwnFiles] = {}
    faults: dict[str, AegisError] = {}
    for market, place in places.items():
        # The record is one folder, and goes with the first market that has a document.
        with_record = not files
        here = place._replace(record=branch.places.record) if with_record else place
        known = made if market == first else None
        try:
            files[market] = read_own(branch.top, here, now, replay=replay, made=known, with_record=with_record)
        except AegisError as error:
            faults[market] = error
    if not files:
        raise faults[first]
    return SeveralOwn(first, bool(ids), places, files, {market: str(error) for market, error in faults.items()})


def changes_of(git: Git, base: str | None, own: SeveralOwn, merges: Mapping[str, Merge]) -> dict[str, bytes | None]:
    """What changes on a branch: every market's files, and of several markets the index."""
    changes = {path: content for merge in merges.values() for path, content in merge.changes.items()}
    return changes | _index_change(git, base, own, merges) if own.several else changes


def _index_change(git: Git, base: str | None, own: SeveralOwn, merges: Mapping[str, Merge]) -> dict[str, bytes | None]:
    """The index of the documents that a branch holds after a merge, by its path; nothing where it is there already."""
    folder = own.places[own.first].document.parent
    path = str(folder / INDEX_NAME)
    theirs = files_at(git, base, path, *(str(place.document) for place in own.places.values()))
    found = []
    for market, place in own.places.items():
        ours, published = own.files.get(market), theirs.get(str(place.document))
        if ours is not None and merges[market].ours:
            content = ours.document
        elif published is not None:
            content = blob(git, published)
        else:
            continue
        # Whatever the first one is, it stays where it is.
        listed = indexed(content, None if market == own.first else market, place.document.relative_to(folder))
        found += [] if listed is None else [listed]
    wanted = rendered(found)
    return {} if path in theirs and is_blob(theirs[path], wanted) else {path: wanted}
