"""``rollback.json``, beside the published document: while it is there, the published models are left in place.

It keeps an unattended training from replacing them. A file that cannot be read therefore counts as a rollback too:
models that stay too long are noticed, models that return unnoticed are not.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.state.beside import ROLLBACK_NAME
from aegismatrix_engine.state.json_file import LONGEST_REASON, Moment, parse_json
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file
from aegismatrix_engine.state.time_policy import dated_ahead

FORMAT: Final = "aegis-rollback-1"
LIFT: Final = "lift it with `aegis rollback --lift`"

_HELD, _KEPT = "the models are those of set ", "the published models are not replaced: "
ROLLBACK_NOTES: Final = (_HELD, _KEPT)
"""How each note of a document about a rollback begins, by which readers recognise it."""


def reason_in_words(text: str) -> str:
    """A reason that a person gave, as it is published: one printable line.

    Raises:
        ValueError: it is empty, longer than 200 characters, or not one line of text.
    """
    if not text.strip() or len(text) > LONGEST_REASON or not text.isprintable():
        raise ValueError(f"expected one line of 1 to {LONGEST_REASON} characters")
    return text.strip()


def checked_reason(text: str, option: str) -> str:
    """A reason given on the command line; raises ConfigurationError naming the option."""
    try:
        return reason_in_words(text)
    except ValueError as error:
        raise ConfigurationError(f"invalid {option} {text[:40]!a}: {error}") from error


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", strict=True))
class Rollback:
    """What a rollback did.

    Attributes:
        format: of the file.
        commit: of the branch, whose models were published again; hexadecimal.
        set_version: identity of that model set.
        at: when, ISO-8601 with a zone.
        reason: why, in a person's words; None where none was given.
    """

    format: Literal["aegis-rollback-1"]
    commit: Annotated[str, Field(pattern="^[0-9a-f]{40,64}$")]
    set_version: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\x21-\x7e]+$")]
    at: Moment
    reason: Annotated[str, AfterValidator(reason_in_words)] | None = None


@dataclass(frozen=True)
class RollbackState:
    """Whether the published models are held in place.

    Attributes:
        rollback: the rollback; None where there is none, or where the file cannot be read.
        fault: what is wrong with the file, a clause; empty where it can be read or is not there.
    """

    rollback: Rollback | None = None
    fault: str = ""

    @property
    def active(self) -> bool:
        """Whether the published models are held in place."""
        return self.rollback is not None or bool(self.fault)

    @property
    def why(self) -> str:
        """Why the published set is kept, with the remedy."""
        if self.rollback is None:
            return f"{self.fault}, which counts as a rollback: {LIFT}, or make it anew with --to COMMIT"
        return f"it was rolled back to {_shown(self.rollback)}; {LIFT}"

    def note(self, set_version: str | None) -> str:
        """The note in a document made with set ``set_version`` (None for no set); empty without a rollback."""
        if not self.active:
            return ""
        if self.rollback is None:
            return f"{_KEPT}{self.why}"
        held = self.rollback.set_version
        if set_version in (held, None):
            return f"{_HELD}{held}, rolled back to {_shown(self.rollback)}; {LIFT}"
        return (
            f"{_HELD}{set_version}, while the published ones were rolled back to set {held}, of "
            f"{_shown(self.rollback)}; {LIFT}"
        )


NOT_ROLLED_BACK: Final = RollbackState()


def _shown(rollback: Rollback) -> str:
    """'commit 1234567890 on 2026-07-25 (the reason)'."""
    reason_text = f" ({rollback.reason})" if rollback.reason else ""
    return f"commit {rollback.commit[:10]} on {rollback.at[:10]}{reason_text}"


def parse_rollback(content: bytes, now: datetime) -> RollbackState:
    """The state by the bytes of a rollback.json; a date later than ``now`` is a fault."""
    try:
        rollback = parse_json(content, Rollback)
    except FileFault as fault:
        return faulty(fault.reason)
    ahead = dated_ahead(now, {"at": datetime.fromisoformat(rollback.at)})
    return RollbackState(rollback) if ahead is None else faulty(f"is dated ahead ({ahead})")


def read_rollback(path: Path, now: datetime) -> RollbackState:
    """The state by a file; not rolled back where there is none."""
    try:
        content = read_plain_file(path, DOCUMENT_LIMIT)
    except FileFault as fault:
        return NOT_ROLLED_BACK if fault.kind == "missing" else faulty(fault.reason)
    return parse_rollback(content, now)


def faulty(reason: str) -> RollbackState:
    """The state by a file that cannot be used, ``reason`` being a clause: 'is a link, not a plain file'."""
    return RollbackState(fault=f"{ROLLBACK_NAME} {reason}")


def rendered(rollback: Rollback) -> bytes:
    """The text that ``parse_rollback`` reads, in UTF-8."""
    content = {name: value for name, value in asdict(rollback).items() if value is not None}
    return json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n"
