"""The manifest: which files make up a model set, what they were trained on, and what their forecasts were worth."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from aegismatrix_engine.errors import ModelsUnusable
from aegismatrix_engine.forecasting.acceptance import model_of_signal
from aegismatrix_engine.forecasting.models import MODEL_NAMES, Training
from aegismatrix_engine.forecasting.probe_rows import ProbeRows
from aegismatrix_engine.scores import BrierSkill

FORMAT_VERSION = 1
"""The layout of manifest and model files.

To change it: raise this number; keep reading the former one or refuse it by name in ``parse_manifest``; retrain. A set
of a higher number than the engine knows is always refused.
"""

MANIFEST_NAME = "manifest.json"
MEND = "run `aegis train`"
FILE_NAME = re.compile(r"[A-Za-z0-9_-]+\.joblib", re.ASCII)
LONGEST_TEXT = 200


@dataclass(frozen=True)
class ModelFile:
    """One file of a set: its name in the folder, SHA-256 of its bytes in hex, and their number."""

    file: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """A model set.

    set_version: short content hash of all files. environment: library name -> version in training. files, features,
    answers: by model; features are [name, dtype] in order, answers those to ``training.probes``. label_cuts: by signal,
    [low, high] relative to its base rate. forced: the set was put in place although it scored worse than climatology.
    """

    set_version: str
    engine_version: str
    environment: dict[str, str]
    training: Training
    files: dict[str, ModelFile]
    features: dict[str, list[list[str]]]
    label_cuts: dict[str, list[float]]
    answers: dict[str, list[float]]
    forced: bool


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def _one_line(text: str) -> str:
    if not text.isprintable() or len(text) > LONGEST_TEXT:
        raise ValueError("is no short line of text")
    return text


def _signal_of_a_model(text: str) -> str:
    try:
        model_of_signal(text)
    except KeyError as error:
        raise ValueError("is no signal of a model") from error
    return text


# What a manifest says is printed on terminals and in errors of one line.
_Line = Annotated[str, AfterValidator(_one_line)]
_Count = Annotated[int, Field(ge=0, lt=2**63)]
_Score = Annotated[float, Field(ge=0, le=2)]
"""A Brier score, at most 2 where an outcome has several classes."""


class _Skill(_Closed):
    signal: Annotated[_Line, AfterValidator(_signal_of_a_model)]
    score: _Score
    climatology: Annotated[_Score, Field(gt=0)]
    noise: Annotated[float, Field(ge=0)]
    n: _Count
    first: _Line
    last: _Line


class _ProbeRows(_Closed):
    range_block: list[list[float]]
    vix_block: list[list[float]]
    gap: list[list[float]]
    single_gap: list[list[float]]
    average_true_range: list[float]
    vix: list[float]


class _Training(_Closed):
    market: _Line
    trained_at: _Line
    first: _Line
    last: _Line
    rows: _Count
    vix_rows: _Count
    data_hash: _Line
    skill: list[_Skill]
    probes: _ProbeRows


class _File(_Closed):
    file: str
    sha256: _Line
    size: _Count


class _Manifest(_Closed):
    format_version: int
    set_version: _Line
    engine_version: _Line
    environment: dict[_Line, _Line]
    training: _Training
    files: dict[_Line, _File]
    features: dict[_Line, list[list[_Line]]]
    label_cuts: dict[_Line, Annotated[list[float], Field(min_length=2, max_length=2)]]
    answers: dict[_Line, list[float]]
    forced: bool


def manifest_text(manifest: Manifest) -> str:
    """The manifest as JSON, keys in a fixed order."""
    return json.dumps({"format_version": FORMAT_VERSION, **asdict(manifest)}, indent=1) + "\n"


def parse_manifest(text: str, where: str) -> Manifest:
    """The manifest back from its text.

    Raises ModelsUnusable, with the status it gives every model, for text that is no JSON, fields that are missing,
    foreign or of another type, another format version, a set that does not hold exactly the engine's models, and a
    file name that leads out of the folder.
    """
    parsed = _parsed(text, where)
    for name, entry in parsed.files.items():
        if not FILE_NAME.fullmatch(entry.file):
            raise ModelsUnusable(
                f"{where}: files.{name}: {entry.file[:LONGEST_TEXT]!r} is no file of a model in this folder; {MEND}",
                "untrusted",
            )
    training = parsed.training.model_dump()
    skill = tuple(BrierSkill(**entry) for entry in training.pop("skill"))
    probes = ProbeRows(**training.pop("probes"))
    return Manifest(
        set_version=parsed.set_version,
        engine_version=parsed.engine_version,
        environment=parsed.environment,
        training=Training(**training, skill=skill, probes=probes),
        files={name: ModelFile(**entry.model_dump()) for name, entry in parsed.files.items()},
        features=parsed.features,
        label_cuts=parsed.label_cuts,
        answers=parsed.answers,
        forced=parsed.forced,
    )


def _parsed(text: str, where: str) -> _Manifest:
    try:
        raw: Any = json.loads(text)
        version = raw.get("format_version") if isinstance(raw, dict) else None
        if version != FORMAT_VERSION:
            raise ModelsUnusable(
                f"{where}: format version {ascii(version)[:LONGEST_TEXT]}, this engine reads {FORMAT_VERSION}; {MEND}",
                "incompatible",
            )
        parsed = _Manifest.model_validate(raw)
        if datetime.fromisoformat(parsed.training.trained_at).tzinfo is None:
            raise ValueError(f"trained_at {parsed.training.trained_at} has no zone")
        for day in (parsed.training.first, parsed.training.last):
            if date.fromisoformat(day).isoformat() != day:
                raise ValueError(f"{day} is no date")
    except ValidationError as error:
        first = error.errors()[0]
        place = ascii(".".join(str(part) for part in first["loc"]))[1 : LONGEST_TEXT + 1].removesuffix("'")
        raise ModelsUnusable(f"{where}: {place}: {first['msg'].lower()}; {MEND}") from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise ModelsUnusable(f"{where}: not a manifest ({error}); {MEND}") from error
    for part in ("files", "answers"):
        if sorted(getattr(parsed, part)) != sorted(MODEL_NAMES):
            found = str(sorted(getattr(parsed, part)))[:LONGEST_TEXT]
            raise ModelsUnusable(f"{where}: {part} names the models {found}; {MEND}")
    return parsed
