"""The size of the published record as the last run left it: a record that is shorter now has lost rows.

Files of the record only ever grow. Their sizes are kept beside the last good bars, outside of the branch, so that they
survive whatever happens to the branch.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from aegismatrix_engine.state.json_file import read_json
from aegismatrix_engine.state.plain_file import FileFault

NAME = "published-record.json"
FORMAT = "aegis-record-1"


@dataclass(frozen=True)
class KnownRecord:
    """A branch's record as a run left it.

    Attributes:
        format: of this file.
        destination: remote and branch.
        commit: the last one known.
        sizes: path of each file -> its size in bytes.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}
    format: Literal["aegis-record-1"]
    destination: str
    commit: Annotated[str, Field(pattern="^[0-9a-f]{40,64}$")]
    sizes: dict[str, Annotated[int, Field(ge=0)]]

    def cut(self, sizes: Mapping[str, int]) -> list[str]:
        """The files that are shorter now, or gone; empty where the record has only grown."""
        return sorted(path for path, size in self.sizes.items() if sizes.get(path, -1) < size)


@dataclass(frozen=True)
class Recalled:
    """The record as the last run left it, None where that is not known; ``fault`` says why a file was not usable."""

    record: KnownRecord | None = None
    fault: str = ""


def recall(folder: Path) -> Recalled:
    """What the last run kept in a folder; nothing, without a fault, where no run has kept anything there."""
    path = folder / NAME
    try:
        return Recalled(read_json(path, KnownRecord))
    except FileFault as fault:
        return Recalled() if fault.kind == "missing" else Recalled(fault=f"{path} {fault.reason} and was set aside")


def rendered(destination: str, commit: str, sizes: Mapping[str, int]) -> bytes:
    """The text that ``recall`` reads, in UTF-8."""
    content = {"format": FORMAT, "destination": destination, "commit": commit, "sizes": dict(sorted(sizes.items()))}
    return json.dumps(content, indent=0).encode() + b"\n"
