"""Our files on top of theirs: what changes on the branch."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME
from aegismatrix_engine.errors import DataError
from aegismatrix_engine.publishing.ledger_rows import united
from aegismatrix_engine.publishing.own_files import OwnFiles
from aegismatrix_engine.state.precedence import ours_wins, trained_later

LEDGER_ENDINGS = (".csv", ".jsonl")
SHA1_DIGITS = 40


@dataclass(frozen=True)
class Merge:
    """What a commit on top of theirs changes.

    changes: path -> new bytes, None where the file goes; empty where they have it all. ours: whether our document is
    the one that stands then. rows: ledger rows gained. models: whether the model set changes.
    """

    changes: Mapping[str, bytes | None]
    ours: bool
    rows: int
    models: bool


def merged(own: OwnFiles, theirs: Mapping[str, str], read: Callable[[str], bytes]) -> Merge:
    """Document and last values by the document that wins, the later model set, ledger rows of both sides.

    Args:
        own: our files.
        theirs: their files at our paths: path -> id of the blob.
        read: the bytes of a blob.

    Raises:
        DataError: a ledger file of ours is damaged, or its header is another than theirs; our document is of another
            major schema version, and neither published already nor older than theirs.
    """
    published = theirs.get(own.document_path)
    ours = ours_wins(own.document, None if published is None else read(published))
    # After an upgrade a training publishes before the first document of the new version is made.
    if own.other_version and ours and (published is None or not is_blob(published, own.document)):
        raise DataError(own.other_version)
    wanted: dict[str, bytes | None] = {}
    rows = 0
    for path, content in own.record.items():
        there = theirs.get(path)
        if there is not None and is_blob(there, content):
            continue
        if path.endswith(LEDGER_ENDINGS):
            their_rows = b"" if there is None else read(there)
            wanted[path], gained = united(their_rows, content, path, header=path.endswith(".csv"))
            rows += gained
        elif ours or there is None:
            wanted[path] = content
    if ours:
        wanted[own.document_path] = own.document
        if own.recent is not None:
            wanted[own.recent_path] = own.recent
    changes = _changed(wanted, theirs)
    new_set = _changed(_model_set(own, theirs, read, ours=ours), theirs)
    return Merge({**changes, **new_set}, ours, rows, bool(new_set))


def _model_set(
    own: OwnFiles, theirs: Mapping[str, str], read: Callable[[str], bytes], *, ours: bool
) -> dict[str, bytes | None]:
    """Our set, and the files of theirs that go, where ours was trained later; nothing where theirs stays.

    A run that began before a training ended must not bring the former set back. Where a manifest does not tell, the
    set goes with its document.
    """
    if not own.models:
        return {}
    manifest = f"{own.models_folder}/{MANIFEST_NAME}"
    published = theirs.get(manifest)
    later = trained_later(own.models.get(manifest), None if published is None else read(published))
    if not (ours if later is None else later):
        return {}
    gone = [path for path in theirs if path.startswith(f"{own.models_folder}/") and path not in own.models]
    return {**own.models, **dict.fromkeys(gone)}


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
