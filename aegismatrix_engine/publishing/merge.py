"""Our files on top of theirs: what changes on the branch."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME
from aegismatrix_engine.errors import DataError
from aegismatrix_engine.files import pointer
from aegismatrix_engine.publishing.ledger_rows import united
from aegismatrix_engine.publishing.own_files import OwnFiles
from aegismatrix_engine.publishing.set_audit import audit_fault
from aegismatrix_engine.state.precedence import (
    SetChoice,
    document_dated_ahead,
    ours_wins,
    set_choice,
    stays_withdrawn,
)
from aegismatrix_engine.state.rollback_file import NOT_ROLLED_BACK, RollbackState

LEDGER_ENDINGS = (".csv", ".jsonl")
SHA1_DIGITS = 40


@dataclass(frozen=True)
class Merge:
    """What a commit on top of theirs changes.

    changes: path -> new bytes, None where the file goes; empty where they have it all. ours: whether our document is
    the one that stands then. rows: ledger rows gained. models: whether the model set changes. set_kept: why the
    published set stays where ours is another one. replaced: what of theirs could not be believed or used, a clause
    each. dated_ahead: whether any of that was dated later than now. withdrawn: whether theirs stays because it was
    withdrawn.
    """

    changes: Mapping[str, bytes | None]
    ours: bool
    rows: int
    models: bool
    set_kept: str = ""
    replaced: tuple[str, ...] = ()
    dated_ahead: bool = False
    withdrawn: bool = False


def merged(
    own: OwnFiles,
    theirs: Mapping[str, str],
    read: Callable[[str], bytes],
    now: datetime,
    rollback: RollbackState = NOT_ROLLED_BACK,
) -> Merge:
    """Document and last values by the document that wins, the better model set, ledger rows of both sides.

    A set that was rolled back to stays, whatever ours is.

    Args:
        own: our files.
        theirs: their files at our paths: path -> id of the blob.
        read: the bytes of a blob.
        now: what the clock here says, with a zone.
        rollback: what the branch says of a rollback.

    Raises:
        DataError: a ledger file of ours is damaged, or its header is another than theirs; our document is of another
            major schema version, and neither published already nor older than theirs.
    """
    published = theirs.get(own.document_path)
    their_document = None if published is None else read(published)
    ours = ours_wins(own.document, their_document, now)
    ahead = document_dated_ahead(their_document, now) if ours and their_document is not None else None
    # After an upgrade a training publishes before the first document of the new version is made.
    if own.other_version and ours and (published is None or not is_blob(published, own.document)):
        raise DataError(own.other_version)
    wanted, rows, pointers = _record(own, theirs, read, ours=ours)
    if ours:
        wanted[own.document_path] = own.document
        if own.last_values is not None:
            wanted[own.last_values_path] = own.last_values
    changes = _changed(wanted, theirs)
    new_set = _changed(_our_set(own, theirs), theirs)
    choice = _set_choice(own, theirs, read, now, rollback, ours=ours) if new_set else SetChoice(ours=True)
    replaced = [f"the published document could not be believed: {ahead}; it was replaced"] if ahead else []
    replaced += pointers
    replaced += [f"the published model set could not be used: {choice.why}"] if choice.ours and choice.why else []
    taken, kept = (new_set, "") if choice.ours else ({}, choice.why)
    withdrawn = not ours and stays_withdrawn(own.document, their_document)
    dated_ahead = bool(ahead) or choice.dated_ahead
    return Merge({**changes, **taken}, ours, rows, bool(taken), kept, tuple(replaced), dated_ahead, withdrawn)


def _record(
    own: OwnFiles, theirs: Mapping[str, str], read: Callable[[str], bytes], *, ours: bool
) -> tuple[dict[str, bytes | None], int, list[str]]:
    """Our record on top of theirs: path -> bytes, how many rows that adds, and what was replaced, a clause each."""
    wanted: dict[str, bytes | None] = {}
    rows, pointers = 0, list[str]()
    for path, content in own.record.items():
        there = theirs.get(path)
        if there is not None and is_blob(there, content):
            continue
        if path.endswith(LEDGER_ENDINGS):
            their_rows = b"" if there is None else read(there)
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
    """Our set, and the files of theirs that go with it; nothing where we have none."""
    if not own.models:
        return {}
    gone = [path for path in theirs if path.startswith(f"{own.models_folder}/") and path not in own.models]
    return {**own.models, **dict.fromkeys(gone)}


def _set_choice(
    own: OwnFiles,
    theirs: Mapping[str, str],
    read: Callable[[str], bytes],
    now: datetime,
    rollback: RollbackState,
    *,
    ours: bool,
) -> SetChoice:
    """Which set is published: a run that began before a training ended must not bring the former set back."""
    manifest = f"{own.models_folder}/{MANIFEST_NAME}"
    published = theirs.get(manifest)
    if rollback.active and published is not None:
        return SetChoice(ours=False, why=rollback.why)

    def faults() -> tuple[str, str]:
        their_set = {path: read(id_) for path, id_ in theirs.items() if path.startswith(f"{own.models_folder}/")}
        return audit_fault(own.models, own.market, now), audit_fault(their_set, own.market, now)

    their_manifest = None if published is None else read(published)
    return set_choice(own.models.get(manifest), their_manifest, now, faults, with_document=ours)


def is_blob(blob: str, content: bytes) -> bool:
    """Whether git would give these bytes that id; saves asking git about each file that has not changed."""
    digest = hashlib.new("sha1" if len(blob) == SHA1_DIGITS else "sha256", usedforsecurity=False)
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest() == blob


def _changed(wanted: Mapping[str, bytes | None], theirs: Mapping[str, str]) -> dict[str, bytes | None]:
    def same(path: str, content: bytes | None) -> bool:
        there = theirs.get(path)
        return there is None if content is None else there is not None and is_blob(there, content)

    # An empty ledger file, its only row unfinished, is nothing to publish.
    return {path: content for path, content in wanted.items() if not same(path, content) and content != b""}
