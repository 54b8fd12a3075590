"""Read a model set with suspicion: manifest, then bytes that match it, then plain numbers through an allow-list."""

import hashlib
import io
import warnings
from pathlib import Path
from typing import Any, get_type_hints

from joblib.numpy_pickle import NumpyUnpickler

from aegismatrix_engine.artifacts.manifest import MANIFEST_NAME, MEND, Manifest, ModelFile, parse_manifest
from aegismatrix_engine.artifacts.state import from_state
from aegismatrix_engine.errors import ModelsMissing, ModelsOfAnotherMarket, ModelsUnusable
from aegismatrix_engine.models import MODEL_NAMES, Models

SIZE_LIMIT = 4 * 2**20

# Exactly what a set of plain numbers needs; anything else in a file is refused before it is looked up.
ALLOWED_NAMES = frozenset({("joblib.numpy_pickle", "NumpyArrayWrapper"), ("numpy", "ndarray"), ("numpy", "dtype")})


def load_models(folder: Path, market_id: str) -> tuple[Models, Manifest]:
    """The set in ``folder``.

    Raises ModelsMissing where there is none, ModelsOfAnotherMarket where it belongs to another market, ModelsUnusable
    where anything about it is not as its manifest and this engine expect; each message names the file and the mend.
    """
    manifest = read_manifest(folder)
    if manifest.training.market != market_id:
        raise ModelsOfAnotherMarket(
            f"{folder}: these models were trained for {manifest.training.market}, not for {market_id}; "
            f"run `aegis train --market {market_id}` or name their folder with --models"
        )
    kinds = get_type_hints(Models)
    models = {}
    for name in MODEL_NAMES:
        entry = manifest.files[name]
        models[name] = from_state(kinds[name], _read_state(folder, entry), f"{folder / entry.file}: {name}")
    return Models(**models), manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the set in ``folder``; raises as ``load_models`` does."""
    path = folder / MANIFEST_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ModelsMissing(f"{folder}: there are no models here; {MEND}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ModelsUnusable(f"{path}: cannot be read ({error}); {MEND}") from error
    return parse_manifest(text, str(path))


def _read_state(folder: Path, entry: ModelFile) -> Any:
    path = folder / entry.file
    try:
        if path.is_symlink() or not path.is_file():
            raise ModelsUnusable(f"{path}: is missing, or not a plain file; {MEND}")
        size = path.stat().st_size
        if size != entry.size or size > SIZE_LIMIT:
            raise ModelsUnusable(f"{path}: has {size} bytes, its manifest says {entry.size}; {MEND}")
        data = path.read_bytes()
    except OSError as error:
        raise ModelsUnusable(f"{path}: cannot be read ({error.strerror}); {MEND}") from error
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise ModelsUnusable(f"{path}: its content is not what its manifest vouches for; {MEND}")
    return _unpickle(data, path)


class _PlainNumbers(NumpyUnpickler):  # type: ignore[misc]
    """joblib's reader, for the names of ALLOWED_NAMES only."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED_NAMES:
            raise ModelsUnusable(f"names {module}.{name}, which no model file needs")
        return super().find_class(module, name)


def _unpickle(data: bytes, path: Path) -> Any:
    buffer = io.BytesIO(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _PlainNumbers(str(path), buffer, ensure_native_byte_order=True).load()
    except ModelsUnusable as error:
        raise ModelsUnusable(f"{path}: {error}; do not trust this file, {MEND}") from error
    except Exception as error:
        raise ModelsUnusable(f"{path}: cannot be read ({type(error).__name__}: {error}); {MEND}") from error
