"""The files of a set, read with suspicion: nothing is trusted before its bytes match the manifest, nothing is built.

What comes of a file is plain numbers, or a refusal with the status that it gives the model.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME, REMEDY, Manifest, ModelFile, parse_manifest
from aegismatrix_engine.artifacts.plain_numbers import read_plain_numbers
from aegismatrix_engine.errors import ModelsMissing, ModelsUnusable, UntrustedModelFile
from aegismatrix_engine.files import pointer, stand_in
from aegismatrix_engine.state.plain_file import FaultKind, FileFault, read_plain_file

Status = Literal[
    "ok", "missing", "unreadable", "corrupt", "untrusted", "incompatible", "drifted", "schema-mismatch", "expired",
    "future-dated", "unskilled",
]  # fmt: skip

SIZE_LIMIT: Final = 2 * 2**20


class Refusal(Exception):
    """Why a model of a set is not used: its status, a clause without its name, its probe error, and the remedy."""

    def __init__(self, status: Status, reason: str, error: float | None = None, remedy: str = REMEDY) -> None:
        super().__init__(reason)
        self.status, self.reason, self.error, self.remedy = status, reason, error, remedy


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the set in ``folder``; raises ModelsMissing or ModelsUnusable."""
    path = folder / MANIFEST_NAME
    try:
        data = _plain_file(path)
        _refuse_stand_in(path.name, data, stand_in(data))
        text = data.decode()
    except Refusal as refused:
        if refused.status == "missing" and refused.remedy == REMEDY:
            raise ModelsMissing(f"{folder}: there are no models here; {REMEDY}") from refused
        kind = ModelsMissing if refused.status == "missing" else ModelsUnusable
        raise kind(f"{folder}: {refused.reason}; {refused.remedy}", refused.status) from refused
    except UnicodeDecodeError as error:
        raise ModelsUnusable(f"{path}: cannot be read ({error}); {REMEDY}") from error
    return parse_manifest(text, str(path))


def read_state(folder: Path, entry: ModelFile) -> Any:
    """What ``state.to_state`` made of a model, from its file in ``folder`` if that is one of ours.

    Raises:
        Refusal: missing, unreadable, corrupt or untrusted.
    """
    data = _vouched_bytes(folder, entry)
    try:
        return read_plain_numbers(data)
    except UntrustedModelFile as error:
        raise Refusal("untrusted", f"{entry.file} {error}; do not trust it") from error
    except ValueError as error:
        raise Refusal("corrupt", f"{entry.file} cannot be read, {error}") from error


def _vouched_bytes(folder: Path, entry: ModelFile) -> bytes:
    """The bytes that match the manifest; a link, a file of another size, or other bytes are refused."""
    if entry.size > SIZE_LIMIT:
        raise Refusal("untrusted", f"{entry.file} has {entry.size} bytes, at most {SIZE_LIMIT} are allowed")
    data = _plain_file(folder / entry.file)
    if hashlib.sha256(data).hexdigest() == entry.sha256 and len(data) == entry.size:
        return data
    _refuse_stand_in(entry.file, data, pointer(data))
    if len(data) != entry.size:
        raise Refusal("corrupt", f"{entry.file} has {len(data)} bytes, expected {entry.size} by its manifest")
    raise Refusal("corrupt", f"{entry.file} does not match the SHA-256 in its manifest")


def _refuse_stand_in(name: str, data: bytes, found: str | None) -> None:
    """Raise Refusal for a file that only points to the one meant, or was put in its place by mistake, as ``found``."""
    if found is not None:
        reason, _, remedy = found.partition("; ")
        raise Refusal("missing" if pointer(data) else "corrupt", f"{name} {reason}", remedy=remedy)


_STATUS_OF: Mapping[FaultKind, Status] = {
    "missing": "missing",
    "forbidden": "unreadable",
    "link": "untrusted",
    "not_plain": "untrusted",
    "too_large": "untrusted",
    "unreadable": "corrupt",
    "content": "corrupt",
}


def _plain_file(path: Path) -> bytes:
    try:
        return read_plain_file(path, SIZE_LIMIT)
    except FileFault as fault:
        right = f"give that user the right to read {path.parent} and its files"
        remedy = right if fault.kind == "forbidden" else REMEDY
        raise Refusal(_STATUS_OF[fault.kind], f"{path.name} {fault.reason}", remedy=remedy) from fault
