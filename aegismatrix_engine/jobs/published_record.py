"""The record on the published branch, with that branch's history as the witness of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import pandas as pd

from aegismatrix_engine.jobs.settings import PublishedPlace
from aegismatrix_engine.markets.market import Market
from aegismatrix_engine.publishing.blobs import blob_reader, sizes
from aegismatrix_engine.publishing.branch_history import (
    Commit,
    changes,
    fetched_tip,
    first_parents,
)
from aegismatrix_engine.publishing.commits import entries_at
from aegismatrix_engine.publishing.destination import destination, work_tree
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.own_places import place_inside
from aegismatrix_engine.publishing.remote import Remote
from aegismatrix_engine.record.freshness import SPAN, PublishedDocument, freshness, published_document
from aegismatrix_engine.record.ledger import Ledger, ledger_of
from aegismatrix_engine.record.ledger_files import (
    FOLDERS,
    LARGEST_FILE,
    LedgerFile,
    ledger_file,
    shown_name,
    too_large,
)
from aegismatrix_engine.record.report import Witness
from aegismatrix_engine.record.rows import ForecastRow, Row
from aegismatrix_engine.record.witness import first_held, witnessed

Read = Callable[[str], bytes]
Change = tuple[int, dict[str, str | None]]

_PLAIN: Final = "100"
_FILES_HELD: Final = 8
"""Versions of files kept to compare the next one with: a session's file grows, and is then left as it is."""


@dataclass(frozen=True)
class PublishedRecord:
    """A branch's record, in which rows that no commit held in time are replays, and its history as the witness."""

    ledger: Ledger
    witness: Witness


def published_record(
    folder: Path, record: Path, place: PublishedPlace, market: Market, now: pd.Timestamp
) -> PublishedRecord:
    """The record of a remote's branch, each row judged by the first commit that holds it.

    Args:
        folder: where git runs, inside a work tree whose remote has the branch.
        record: the record's folder, by the same path in the work tree and on the branch, as is the document's.
        place: the branch, and the document on it.
        market: whose record.
        now: a commit dated later is no witness.

    Raises:
        ConfigurationError: no work tree, no remote to be found, paths outside.
        DataError: there is no such branch.
        OutputUnwritable: no git, or one that is too old; the remote refuses access; the history is damaged or cut off.
        RemoteUnreachable: the remote cannot be reached.
    """
    git = Git(folder)
    top = work_tree(git)
    records = str(place_inside(top, folder, record, "--record"))
    document = str(place_inside(top, folder, place.document, "--output", of_file=True))
    remote = Remote(git, destination(git, place.branch))
    tip = fetched_tip(remote)
    commits = first_parents(git, tip)
    forecasts = f"{records}/{market.id}/{FOLDERS[ForecastRow]}"
    changed = list(changes(git, commits, [forecasts, document]))
    there = _files_there(git, tip, f"{records}/{market.id}")
    sizes_of = sizes(
        git, [*(id_ for _, paths in changed for id_ in paths.values() if id_), *(id_ for *_, id_ in there)]
    )
    with blob_reader(git) as read:
        reader = _within_size(read, sizes_of)
        ledger = ledger_of(list(_ledger_files(there, records, reader)), market.id, now, with_lines=True)
        held = first_held(_versions(commits, changed, forecasts, reader))
        documents = list(_documents(commits, changed, document, reader, market.id, (now - SPAN).timestamp()))
    judged, findings = witnessed(ledger, held, market, now)
    fresh = freshness(documents, market, now)
    return PublishedRecord(judged, Witness(str(remote.destination), tip, len(commits), findings, fresh))


def _within_size(read: Read, sizes_of: Mapping[str, int]) -> Callable[[str], bytes | None]:
    """Reads a blob; None for one that is larger than any file of ours, or is none."""
    return lambda id_: read(id_) if sizes_of.get(id_, LARGEST_FILE + 1) <= LARGEST_FILE else None


def _files_there(git: Git, tip: str, place: str) -> list[tuple[str, type[Row], str, str]]:
    """Path, kind of row, mode and id of every csv file of the ledger in a commit, by kind and name."""
    entries = entries_at(git, tip, place)
    return [
        (path, kind, entries[path].mode, entries[path].id)
        for kind, name in FOLDERS.items()
        for path in sorted(entries)
        if path.startswith(lead := f"{place}/{name}/")
        and path.endswith(".csv")
        and path.count("/") == lead.count("/") + 1
    ]


def _ledger_files(
    there: Sequence[tuple[str, type[Row], str, str]], above: str, read: Callable[[str], bytes | None]
) -> Iterator[LedgerFile]:
    for path, kind, mode, id_ in there:
        name = shown_name(path.removeprefix(f"{above}/"))
        content = read(id_) if mode.startswith(_PLAIN) else None
        if content is not None:
            yield ledger_file(name, kind, content)
        else:
            fault = too_large() if mode.startswith(_PLAIN) else "is a link, not a plain file; remove it there"
            yield LedgerFile(name, kind, b"", fault)


def _versions(
    commits: Sequence[Commit], changed: Iterable[Change], place: str, read: Callable[[str], bytes | None]
) -> Iterator[tuple[int, Iterable[str]]]:
    """The time of each commit, and the lines of the ledger that it may be the first to hold."""
    before: dict[str, bytes] = {}
    for at, paths in changed:
        lines: list[Iterable[str]] = []
        for path, id_ in paths.items():
            content = read(id_) if id_ and path.startswith(f"{place}/") else None
            if content is None:
                continue
            lines.append(_lines_since(before.pop(path, b""), content))
            before[path] = content
            if len(before) > _FILES_HELD:
                del before[next(iter(before))]
        if lines:
            yield commits[at].time, chain.from_iterable(lines)


def _lines_since(before: bytes, content: bytes) -> Iterator[str]:
    """The lines of a file, but for those of a former version that it begins with."""
    start = before.rfind(b"\n") + 1 if content.startswith(before) else 0
    return (line.removesuffix("\r") for line in content[start:].decode(errors="replace").split("\n"))


def _documents(
    commits: Sequence[Commit],
    changed: Sequence[Change],
    path: str,
    read: Callable[[str], bytes | None],
    market_id: str,
    begin: float,
) -> list[PublishedDocument]:
    """What each commit that changed the document left there, from the last one before ``begin`` on."""
    changes = [(commits[at].time, paths[path]) for at, paths in changed if path in paths]
    before = sum(time <= begin for time, _ in changes)
    latest = changes[max(before - 1, 0) :]
    return [published_document(time, read(id_) if id_ else None, market_id) for time, id_ in latest]
