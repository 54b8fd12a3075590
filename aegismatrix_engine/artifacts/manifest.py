"""The manifest: which files make up a model set, what they were trained on, and what their forecasts were worth."""

import json
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from aegismatrix_engine.errors import ModelsUnusable
from aegismatrix_engine.models import MODEL_NAMES, Training
from aegismatrix_engine.scores import BrierSkill

FORMAT_VERSION = 1
"""The layout of manifest and model files.

To change it: raise this number; keep reading the former one or refuse it by name in ``parse_manifest``; retrain. A set
of a higher number than the engine knows is always refused.
"""

MANIFEST_NAME = "manifest.json"
MEND = "run `aegis train`"


@dataclass(frozen=True)
class ModelFile:
    """One file of a set: its name in the folder, SHA-256 of its bytes in hex, and their number."""

    file: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """A model set. set_version: short content hash of all files. environment: library name -> version in training."""

    set_version: str
    engine_version: str
    environment: dict[str, str]
    training: Training
    files: dict[str, ModelFile]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _Skill(_Closed):
    signal: str
    score: float
    climatology: float
    noise: float
    n: int
    first: str
    last: str


class _Training(_Closed):
    market: str
    trained_at: str
    first: str
    last: str
    rows: int
    vix_rows: int
    data_hash: str
    skill: list[_Skill]


class _File(_Closed):
    file: str
    sha256: str
    size: int


class _Manifest(_Closed):
    format_version: int
    set_version: str
    engine_version: str
    environment: dict[str, str]
    training: _Training
    files: dict[str, _File]


def manifest_text(manifest: Manifest) -> str:
    """The manifest as JSON, keys in a fixed order."""
    return json.dumps({"format_version": FORMAT_VERSION, **asdict(manifest)}, indent=1) + "\n"


def parse_manifest(text: str, where: str) -> Manifest:
    """The manifest back from its text.

    Raises ModelsUnusable for text that is no JSON, fields that are missing, foreign or of another type, another format
    version, a set that does not hold exactly the engine's models, and a file name that leads out of the folder.
    """
    try:
        raw: Any = json.loads(text)
        version = raw.get("format_version") if isinstance(raw, dict) else None
        if version != FORMAT_VERSION:
            raise ModelsUnusable(f"{where}: format version {version}, this engine reads {FORMAT_VERSION}; {MEND}")
        parsed = _Manifest.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ModelsUnusable(f"{where}: {place}: {first['msg'].lower()}; {MEND}") from error
    except (ValueError, RecursionError) as error:
        raise ModelsUnusable(f"{where}: not JSON ({error}); {MEND}") from error
    if sorted(parsed.files) != sorted(MODEL_NAMES):
        raise ModelsUnusable(f"{where}: names the models {sorted(parsed.files)}; {MEND}")
    for name, entry in parsed.files.items():
        if PurePosixPath(entry.file).name != entry.file or "\\" in entry.file:
            raise ModelsUnusable(f"{where}: files.{name}: {entry.file!r} leads out of the folder; {MEND}")
    training = parsed.training.model_dump()
    skill = tuple(BrierSkill(**entry) for entry in training.pop("skill"))
    return Manifest(
        set_version=parsed.set_version,
        engine_version=parsed.engine_version,
        environment=parsed.environment,
        training=Training(**training, skill=skill),
        files={name: ModelFile(**entry.model_dump()) for name, entry in parsed.files.items()},
    )
