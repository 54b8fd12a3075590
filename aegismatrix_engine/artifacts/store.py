"""Write a model set whole: every file under a name of its content first, the manifest that names them last.

Until the manifest is replaced, in one rename, the old set stands untouched; files that no manifest names are swept
afterwards. A crash at any moment leaves the old set or the new one.
"""

import hashlib
import io
from pathlib import Path

import joblib

from aegismatrix_engine import __version__
from aegismatrix_engine.artifacts.environment import environment
from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME, Manifest, ModelFile, manifest_text
from aegismatrix_engine.artifacts.state import to_state
from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.files import write_atomically
from aegismatrix_engine.forecasting.model_features import model_features
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Models, Training
from aegismatrix_engine.forecasting.probes import answers


def save_models(models: Models, training: Training, folder: Path, *, forced: bool = False) -> Manifest:
    """Write a set into ``folder`` in place of the one there, and return its manifest.

    forced: whether it goes there although it scored worse than climatology. Raises OutputUnwritable where a file cannot
    be written; the former set then stands.
    """
    contents = {name: _joblib_bytes(getattr(models, name)) for name in MODEL_NAMES}
    files = {}
    for name, data in contents.items():
        digest = hashlib.sha256(data).hexdigest()
        files[name] = ModelFile(f"{name}-{digest[:12]}.joblib", digest, len(data))
    manifest = Manifest(
        set_version=hashlib.sha256("".join(files[name].sha256 for name in MODEL_NAMES).encode()).hexdigest()[:12],
        engine_version=__version__,
        environment=environment(),
        training=training,
        files=files,
        features={name: model_features(name) for name in MODEL_NAMES},
        label_cuts=_label_cuts(models),
        answers={name: answers(name, getattr(models, name), training.probes) for name in MODEL_NAMES},
        forced=forced,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(
            f"{folder}: cannot make the folder for models ({error.strerror}); name one that can be made with --models"
        ) from error
    for name, entry in files.items():
        write_atomically(folder / entry.file, contents[name])
    write_atomically(folder / MANIFEST_NAME, manifest_text(manifest).encode())
    _sweep(folder, {entry.file for entry in files.values()})
    return manifest


def _label_cuts(models: Models) -> dict[str, list[float]]:
    cuts = {"seller.trap": models.trap.cuts, "seller.expiry_stress": models.stress.cuts}
    cuts |= {f"buyer.breakout.{k}": cut for k, cut in enumerate(models.breakout.cuts, start=1)}
    return {signal: [cut.low, cut.high] for signal, cut in cuts.items()}


def _joblib_bytes(model: object) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(to_state(model), buffer)
    return buffer.getvalue()


def _sweep(folder: Path, kept: set[str]) -> None:
    """Remove model files of former sets. One that cannot be removed harms nothing: no manifest names it."""
    for path in folder.glob("*-????????????.joblib"):
        if path.name not in kept:
            try:
                path.unlink()
            except OSError:
                continue
