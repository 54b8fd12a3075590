"""What was known of the published record last: a record that is shorter since then has been cut, by whomever.

Files of the record only ever grow. Their sizes are kept beside the last good bars, outside of the branch, so that they
survive what is done to the branch.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from pydantic import TypeAdapter, ValidationError

from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file

NAME = "published-record.json"
FORMAT = "aegis-record-1"
_COMMIT: Final = re.compile("[0-9a-f]{40,64}")


@dataclass(frozen=True)
class KnownRecord:
    """A branch's record as a run left it.

    Attributes:
        format: of this file.
        destination: remote and branch.
        commit: the last one known.
        sizes: path of each file -> its bytes then.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}
    format: Literal["aegis-record-1"]
    destination: str
    commit: str
    sizes: dict[str, int]

    def __post_init__(self) -> None:
        """Refuse what no commit and no size can be, with ValueError."""
        if not _COMMIT.fullmatch(self.commit):
            raise ValueError("commit: expected 40 to 64 hex digits")
        if any(size < 0 for size in self.sizes.values()):
            raise ValueError("sizes: expected numbers of bytes")

    def cut(self, sizes: Mapping[str, int]) -> list[str]:
        """The files that are shorter now, or gone; empty where the record has only grown."""
        return sorted(path for path, size in self.sizes.items() if sizes.get(path, -1) < size)


@dataclass(frozen=True)
class Recalled:
    """What a file says of the record as it was; ``fault`` where it says nothing that can be used."""

    record: KnownRecord | None = None
    fault: str = field(default="")


def recall(folder: Path) -> Recalled:
    """What was kept in a folder; nothing, without a fault, where no run has kept anything there."""
    path = folder / NAME
    try:
        return Recalled(TypeAdapter(KnownRecord).validate_json(read_plain_file(path, DOCUMENT_LIMIT)))
    except FileFault as fault:
        return Recalled() if fault.kind == "missing" else Recalled(fault=f"{path} {fault.reason} and was set aside")
    except (ValidationError, ValueError, RecursionError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        return Recalled(fault=f"{path} is damaged and was set aside: {' '.join(reason.split())[:120].lower()}")


def rendered(destination: str, commit: str, sizes: Mapping[str, int]) -> bytes:
    """The text that ``recall`` reads, in UTF-8."""
    content = {"format": FORMAT, "destination": destination, "commit": commit, "sizes": dict(sorted(sizes.items()))}
    return json.dumps(content, indent=0).encode() + b"\n"
