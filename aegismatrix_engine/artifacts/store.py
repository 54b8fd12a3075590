"""Write a model set whole: every file under a name of its content first, the manifest that names them last.

Until the manifest is replaced, in one rename, the old set is untouched; files that no manifest names are removed
afterwards. A crash at any moment leaves the old set or the new one.
"""

import hashlib
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import joblib

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME, Manifest, ModelFile, manifest_text
from aegismatrix_engine.artifacts.state import State
from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.files import write_atomically


def packed(state: State) -> bytes:
    """A model's state as the bytes of its file; the same state gives the same bytes."""
    buffer = io.BytesIO()
    joblib.dump(state, buffer)
    return buffer.getvalue()


def model_file(name: str, content: bytes) -> ModelFile:
    """The manifest's entry of a model's file, which is named after its content."""
    digest = hashlib.sha256(content).hexdigest()
    return ModelFile(f"{name}-{digest[:12]}.joblib", digest, len(content))


def set_version(files: Iterable[ModelFile]) -> str:
    """Twelve hex digits that identify the files of a set; the order counts."""
    return hashlib.sha256("".join(entry.sha256 for entry in files).encode()).hexdigest()[:12]


def write_set(folder: Path, manifest: Manifest, contents: Mapping[str, bytes]) -> None:
    """Write a set, model -> bytes of its file, into ``folder`` in place of the one there.

    Raises:
        OutputUnwritable: a file cannot be written; the former set is then unchanged.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(
            f"{folder}: cannot make the folder for models ({error.strerror}); name one that can be made with --models"
        ) from error
    for name, entry in manifest.files.items():
        write_atomically(folder / entry.file, contents[name])
    write_atomically(folder / MANIFEST_NAME, manifest_text(manifest).encode())
    _sweep(folder, {entry.file for entry in manifest.files.values()})


def _sweep(folder: Path, kept: set[str]) -> None:
    """Remove model files of former sets. One that cannot be removed harms nothing: no manifest names it."""
    for path in folder.glob("*-????????????.joblib"):
        if path.name not in kept:
            try:
                path.unlink()
            except OSError:
                continue
