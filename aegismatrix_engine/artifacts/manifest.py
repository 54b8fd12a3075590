"""The manifest: which files make up a model set, what they were trained on, and what their forecasts were worth."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from aegismatrix_engine.artifacts.head_proof import HeadProof
from aegismatrix_engine.errors import ModelsUnusable
from aegismatrix_engine.scores import BrierSkill, Count

FORMAT_VERSION = 2
"""The layout of manifest and model files.

To change it: raise this number; keep reading the former one or refuse it by name in ``parse_manifest``; retrain. A set
of a higher number than the engine knows is always refused.
"""

MANIFEST_NAME = "manifest.json"
REMEDY = "run `aegis train`"
FILE_NAME = re.compile(r"[A-Za-z0-9_-]+\.joblib", re.ASCII)
LONGEST_TEXT = 200


@dataclass(frozen=True)
class ModelFile:
    """One file of a set: its name in the folder, SHA-256 of its bytes in hex, and their number."""

    file: str
    sha256: str
    size: Count


@dataclass(frozen=True)
class ProbeRows:
    """Features of some sessions; lists of floats, one list a session. Units as in DailyFeatures.

    The blocks of ``near_sessions``, which sets of engines up to 2.1 lack; event_block holds 20 floats a session. The
    companion_block is empty where the market has no companion index.
    """

    range_block: list[list[float]]
    vix_block: list[list[float]]
    gap: list[list[float]]
    single_gap: list[list[float]]
    average_true_range: list[float]
    vix: list[float]
    high_block: list[list[float]] = field(default_factory=list)
    spillover_block: list[list[float]] = field(default_factory=list)
    event_block: list[list[float]] = field(default_factory=list)
    companion_block: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True)
class Training:
    """What a model set was trained on and how its forecasts fared in the walk through the past.

    Attributes:
        trained_at: ISO-8601 timestamp with zone.
        first: 'YYYY-MM-DD' of the first training session.
        rows: regular sessions.
        vix_rows: those with a complete volatility index block.
        data_hash: SHA-256 of the bars.
        skill: scores beside climatology, one for each probability that has a score in the document.
        heads: of every head whether the walk has proven it.
        probes: sessions whose features every model is asked about whenever it is loaded.
        sessions_per_year: by the market's entry.
        companion: by the market's entry, the market whose volatility index is its companion; None without one.
    """

    market: str
    trained_at: str
    first: str
    last: str
    rows: Count
    vix_rows: Count
    data_hash: str
    skill: tuple[BrierSkill, ...]
    heads: tuple[HeadProof, ...]
    probes: ProbeRows
    # Sets of before entries had such a key do not say it; it was 252 for every market.
    sessions_per_year: Count = 252
    companion: str | None = None

    @property
    def silent_heads(self) -> dict[str, str]:
        """Head -> why the walk has not proven it."""
        return {head.signal: head.reason for head in self.heads if not head.proven}


@dataclass(frozen=True)
class Manifest:
    """A model set; files, features and answers by the name of the model.

    Attributes:
        set_version: short content hash of all files.
        environment: library name -> version in training.
        features: [name, dtype] of what each model reads, in order.
        label_cuts: by signal, [low, high] relative to its base rate.
        answers: what each model answered to ``training.probes``.
        forced: whether the set was installed although it scored worse than climatology.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    set_version: str
    engine_version: str
    environment: dict[str, str]
    training: Training
    files: dict[str, ModelFile]
    features: dict[str, list[list[str]]]
    label_cuts: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]]
    answers: dict[str, list[float]]
    forced: bool
    format_version: int = FORMAT_VERSION


_MANIFEST: Final = TypeAdapter(Manifest)

_PLAIN_WORDS: Final = {
    "unexpected_keyword_argument": "extra inputs are not permitted",
    "missing": "field required",
    "dataclass_type": "input should be an object",
}
"""What pydantic words in terms of Python's dataclasses, for readers of JSON."""


def manifest_text(manifest: Manifest) -> str:
    """The manifest as JSON, keys in a fixed order."""
    return json.dumps({"format_version": manifest.format_version, **asdict(manifest)}, indent=1) + "\n"


def parse_manifest(text: str, where: str) -> Manifest:
    """The manifest back from the text of the file ``where``, its numbers finite; it may be of any models.

    Raises:
        ModelsUnusable: with the status it gives every model, for text that is not JSON, fields that are missing,
            unknown or of another type, another format version, and a file name that leads out of the folder.
    """
    try:
        parsed = _parsed(text, where)
        if datetime.fromisoformat(parsed.training.trained_at).tzinfo is None:
            raise ValueError(f"trained_at {parsed.training.trained_at} has no zone")
        for day in (parsed.training.first, parsed.training.last):
            if date.fromisoformat(day).isoformat() != day:
                raise ValueError(f"{day} is not a date, expected YYYY-MM-DD")
    except ValidationError as error:
        first = error.errors()[0]
        raise refusal(
            where, first["loc"] or ("not a manifest",), _PLAIN_WORDS.get(first["type"], first["msg"].lower())
        ) from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise ModelsUnusable(f"{where}: not a manifest ({error}); {REMEDY}") from error
    return parsed


def refusal(where: str, place: tuple[str | int, ...], why: str, status: str = "corrupt") -> ModelsUnusable:
    """The error that names a place of a manifest, 'training.skill.0.n', in one short line whatever the place holds."""
    shown = ascii(".".join(str(part) for part in place))[1 : LONGEST_TEXT + 1].removesuffix("'")
    return ModelsUnusable(f"{where}: {shown}: {why}; {REMEDY}", status)


def _parsed(text: str, where: str) -> Manifest:
    raw: Any = json.loads(text)
    version = raw.get("format_version") if isinstance(raw, dict) else None
    if version != FORMAT_VERSION:
        raise ModelsUnusable(
            f"{where}: format version {ascii(version)[:LONGEST_TEXT]}, this engine reads {FORMAT_VERSION}; {REMEDY}",
            "incompatible",
        )
    for place, line in _texts(raw):
        if place[0] == "files" and place[2:] == ("file",):
            if not FILE_NAME.fullmatch(line):
                why = f"{line[:LONGEST_TEXT]!r} is not the name of a model file in this folder, such as trap.joblib"
                raise refusal(where, place[:2], why, "untrusted")
        # The text of a manifest is printed on terminals and in errors of one line.
        elif not line.isprintable() or len(line) > LONGEST_TEXT:
            raise refusal(where, place, f"is not one line of at most {LONGEST_TEXT} printable characters")
    return _MANIFEST.validate_json(text)


def _texts(content: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of a manifest with its place, keys counted in."""
    if isinstance(content, str):
        yield place, content
    elif isinstance(content, dict):
        for key, value in content.items():
            yield (*place, key, "[key]"), key
            yield from _texts(value, (*place, key))
    elif isinstance(content, list):
        for i, value in enumerate(content):
            yield from _texts(value, (*place, i))
