"""Our files on top of theirs: what changes on the branch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Self

import pandas as pd

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME
from aegismatrix_engine.errors import DataError, ModelsOfAnotherMarket
from aegismatrix_engine.files import pointer
from aegismatrix_engine.publishing.commits import blob, entries_at, files_at, is_blob, sizes_at
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.ledger_rows import united
from aegismatrix_engine.publishing.own_files import OwnFiles
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT
from aegismatrix_engine.state.precedence import SetChoice, document_dated_ahead, ours_wins, set_choice, stays_withdrawn
from aegismatrix_engine.state.rollback_file import NOT_ROLLED_BACK, RollbackState, faulty, parse_rollback

LEDGER_ENDINGS = (".csv", ".jsonl")


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Our files merged with those of a branch.

    Attributes:
        changes: path -> new bytes, None where the file is removed; empty where the branch needs no change.
        as_of: our document's.
        ours: whether our document is the published one then.
        document: whether it is new on the branch.
        rows: ledger rows gained.
        models: whether the model set changes.
        set_kept: why the published set stays where ours is another; empty where it does not.
        replaced: what was published and had to be replaced, a clause each.
        dated_ahead: whether any of that was dated later than now.
        withdrawn: whether the published document stays because it was withdrawn.
    """

    changes: Mapping[str, bytes | None]
    as_of: str
    ours: bool
    document: bool
    rows: int
    models: bool
    set_kept: str
    replaced: tuple[str, ...]
    dated_ahead: bool
    withdrawn: bool

    @classmethod
    def nothing(cls) -> Self:
        """What comes of a market of several of which there is nothing to be published."""
        return cls(
            changes={},
            as_of="",
            ours=False,
            document=False,
            rows=0,
            models=False,
            set_kept="",
            replaced=(),
            dated_ahead=False,
            withdrawn=False,
        )


def merged(git: Git, base: str | None, own: OwnFiles, now: datetime) -> Merge:
    """The document that wins with its last values, the better set or the one rolled back to, ledger rows of both sides.

    Args:
        git: a repository that has the commit.
        base: the commit the branch is at; None where nothing is published yet.
        own: our files.
        now: the time of the clock, with a zone.

    Raises:
        DataError: a ledger file of ours is damaged, or its header differs from theirs; our document is of another
            major schema version, and neither published already nor older than theirs.
    """
    document = str(own.places.document)
    theirs = files_at(git, base, *map(str, own.places[:4]))
    published = theirs.get(document)
    their_document = None if published is None else blob(git, published)
    ours = ours_wins(own.document, their_document, now)
    ahead = document_dated_ahead(their_document, now) if ours and their_document is not None else None
    # After an upgrade a training publishes before the first document of the new version is made.
    if own.other_version and ours and (published is None or not is_blob(published, own.document)):
        raise DataError(own.other_version)
    wanted, rows, replaced = _wanted(git, own, theirs, ours=ours)
    if ahead:
        replaced.insert(0, f"the published document was dated ahead: {ahead}; it was replaced")
    changes = _changed(wanted, theirs)
    new_set = _changed(_our_set(own, theirs), theirs)
    choice = _set_choice(git, base, own, theirs, now, ours=ours) if new_set else SetChoice(ours=True)
    if choice.ours and choice.why:
        replaced.append(f"the published model set could not be used: {choice.why}")
    return Merge(
        changes={**changes, **(new_set if choice.ours else {})},
        as_of=own.as_of,
        ours=ours,
        document=document in changes,
        rows=rows,
        models=bool(new_set) and choice.ours,
        set_kept="" if choice.ours else choice.why,
        replaced=tuple(replaced),
        dated_ahead=bool(ahead) or choice.dated_ahead,
        withdrawn=not ours and stays_withdrawn(own.document, their_document),
    )


def _wanted(
    git: Git, own: OwnFiles, theirs: Mapping[str, str], *, ours: bool
) -> tuple[dict[str, bytes | None], int, list[str]]:
    """All but the models: path -> bytes, how many rows of the record are new, and what was replaced, a clause each."""
    wanted: dict[str, bytes | None] = {}
    if ours:
        wanted[str(own.places.document)] = own.document
        if own.last_values is not None:
            wanted[str(own.places.last_values)] = own.last_values
    rows, pointers = 0, list[str]()
    for path, content in own.record.items():
        there = theirs.get(path)
        if there is not None and is_blob(there, content):
            continue
        if path.endswith(LEDGER_ENDINGS):
            their_rows = b"" if there is None else blob(git, there)
            instead = pointer(their_rows)
            if instead is not None:
                pointers.append(f"the published {path} {instead} where it was made; it was replaced")
                their_rows = b""
            wanted[path], gained = united(their_rows, content, path, header=path.endswith(".csv"))
            rows += gained
        elif ours or there is None:
            wanted[path] = content
    return wanted, rows, pointers


def _our_set(own: OwnFiles, theirs: Mapping[str, str]) -> dict[str, bytes | None]:
    """Our set, and None for each file of theirs that it has not; empty where we have no set."""
    if not own.models:
        return {}
    gone = [path for path in theirs if own.places.holds_model(path) and path not in own.models]
    return {**own.models, **dict.fromkeys(gone)}


def _set_choice(
    git: Git, base: str | None, own: OwnFiles, theirs: Mapping[str, str], now: datetime, *, ours: bool
) -> SetChoice:
    """Which set is published: a run that began before a training ended must not bring the former set back."""
    manifest = f"{own.places.models}/{MANIFEST_NAME}"
    published, read = theirs.get(manifest), partial(blob, git)
    # The branch's rollback: ours may be older than a rollback, or than its end.
    rollback = rollback_at(git, base, str(own.places.rollback), now)
    if rollback.active and published is not None:
        return SetChoice(ours=False, why=rollback.why)

    def faults() -> tuple[str, str]:
        their_set = {path: read(id_) for path, id_ in theirs.items() if own.places.holds_model(path)}
        return audit_fault(own.models, own.market, now), audit_fault(their_set, own.market, now)

    their_manifest = None if published is None else read(published)
    return set_choice(own.models.get(manifest), their_manifest, now, faults, with_document=ours)


def _changed(wanted: Mapping[str, bytes | None], theirs: Mapping[str, str]) -> dict[str, bytes | None]:
    def same(path: str, content: bytes | None) -> bool:
        there = theirs.get(path)
        return there is None if content is None else there is not None and is_blob(there, content)

    # An empty ledger file, its only row unfinished, is not published.
    return {path: content for path, content in wanted.items() if not same(path, content) and content != b""}


def rollback_at(git: Git, commit: str | None, path: str, now: datetime) -> RollbackState:
    """The rollback that a commit holds; a link or a folder in the file's place is a fault, not an absence.

    Args:
        git: a repository that has the commit.
        commit: its id; None where nothing is published yet.
        path: of the file, on the branch.
        now: the time of the clock, with a zone.
    """
    entries = entries_at(git, commit, path)
    if commit is None or not entries:
        return NOT_ROLLED_BACK
    entry = entries.get(path)
    if entry is None or not entry.plain:
        return faulty("is not a plain file")
    if sizes_at(git, commit, path).get(path, 0) > DOCUMENT_LIMIT:
        return faulty(f"has more than the {DOCUMENT_LIMIT:,} bytes allowed")
    return parse_rollback(blob(git, entry.id), now)


def audit_fault(files: Mapping[str, bytes], market: str, now: datetime) -> str:
    """The first unhealthy model of a set of files by the audit here, 'trap: corrupt, ...'; empty where it passes.

    Args:
        files: path -> bytes; files deeper than the manifest are not part of a set.
        market: whose models they have to be.
        now: the time of the clock, with a zone.
    """
    # Slow to import, and a run that publishes the set it found needs no audit.
    from aegismatrix_engine.forecasting.audit import audit

    with TemporaryDirectory(prefix="aegis-set-") as folder:
        for path, content in files.items():
            (Path(folder) / PurePosixPath(path).name).write_bytes(content)
        try:
            unhealthy = audit(Path(folder), market, pd.Timestamp(now)).unhealthy
        except ModelsOfAnotherMarket:
            return f"it was trained for another market than {market}"
    return next((f"{name}: {report.status}, {report.reason}" for name, report in unhealthy.items()), "")
