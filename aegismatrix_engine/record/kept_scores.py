"""The scores of a record as a file, which says of which bytes they are: a page of the same record need not score again.

    record/scores.json   of a built site

The file is derived. Whoever uses it compares its digest with that of the record at hand; where they differ, or the file
is of another engine, the record is scored again, to the same numbers.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from aegismatrix_engine import __version__
from aegismatrix_engine.record.ledger_files import LedgerFile
from aegismatrix_engine.record.scoring import SignalScore

FORMAT: Final = "aegis-scores-1"


@dataclass(frozen=True)
class Counts:
    """How many rows a record has.

    Attributes:
        live, replays: forecasts by their standing, which is taken at its word here.
        decided: live forecasts whose outcome is known.
        faults: lines and files that were left out.
        first_fault: the first of them in words; empty without any.
        next_decision: the first date on which an open live forecast is decided, '' without any.
    """

    live: int = 0
    replays: int = 0
    decided: int = 0
    faults: int = 0
    first_fault: str = ""
    next_decision: str = ""


@dataclass(frozen=True)
class KeptScores:
    """The scores of a market's live forecasts, and of which record they are.

    Attributes:
        format: of this file.
        engine: version of the engine that scored.
        market: its id.
        record: SHA-256 of the record's files, see ``record_digest``.
        counts: of its rows.
        scores: of every signal.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}
    format: Literal["aegis-scores-1"]
    engine: str
    market: str
    record: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    counts: Counts
    scores: tuple[SignalScore, ...]


def record_digest(files: Iterable[LedgerFile]) -> str:
    """SHA-256 over names, faults and contents of a record's files, in hexadecimal digits."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\x00{file.fault}\x00{len(file.content)}\x00".encode(errors="surrogateescape"))
        digest.update(file.content)
    return digest.hexdigest()


def scores_json(market: str, digest: str, counts: Counts, scores: tuple[SignalScore, ...]) -> bytes:
    """The file in UTF-8; floats are written so that they are read back to the last bit."""
    content = asdict(KeptScores(FORMAT, __version__, market, digest, counts, scores))
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def earlier_scores(content: bytes | None, market: str, digest: str) -> KeptScores | None:
    """What the file holds; None unless this engine made it of this very record."""
    if content is None:
        return None
    try:
        found = _adapter().validate_json(content)
    except ValidationError:
        return None
    same = (found.engine, found.market, found.record) == (__version__, market, digest)
    return found if same else None


@cache
def _adapter() -> "TypeAdapter[KeptScores]":
    return TypeAdapter(KeptScores)
