"""What was known of the published record last: a record that is shorter since then has been cut, by whomever.

Files of the record only ever grow. Their sizes are kept beside the last good bars, outside of the branch, so that they
survive what is done to the branch.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file

NAME = "published-record.json"
FORMAT = "aegis-record-1"


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", strict=True))
class KnownRecord:
    """A branch's record as a run left it.

    Attributes:
        format: of this file.
        destination: remote and branch.
        commit: the last one known.
        sizes: path of each file -> its bytes then.
    """

    format: Literal["aegis-record-1"]
    destination: str
    commit: Annotated[str, Field(pattern="^[0-9a-f]{40,64}$")]
    sizes: dict[str, Annotated[int, Field(ge=0, lt=2**63)]]

    def cut(self, sizes: Mapping[str, int]) -> list[str]:
        """The files that are shorter now, or gone; empty where the record has only grown."""
        return sorted(path for path, size in self.sizes.items() if sizes.get(path, -1) < size)


@dataclass(frozen=True)
class Recalled:
    """What a file says of the record as it was; ``fault`` where it says nothing that can be used."""

    record: KnownRecord | None = None
    fault: str = field(default="")


_READER = TypeAdapter(KnownRecord)


def recall(folder: Path) -> Recalled:
    """What was kept in a folder; nothing, without a fault, where no run has kept anything there."""
    path = folder / NAME
    try:
        return Recalled(_READER.validate_json(read_plain_file(path, DOCUMENT_LIMIT)))
    except FileFault as fault:
        return Recalled() if fault.kind == "missing" else Recalled(fault=f"{path} {fault.reason} and was set aside")
    except (ValidationError, ValueError, RecursionError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        return Recalled(fault=f"{path} is damaged and was set aside: {' '.join(reason.split())[:120].lower()}")


def rendered(destination: str, commit: str, sizes: Mapping[str, int]) -> bytes:
    """The text that ``recall`` reads, in UTF-8."""
    content = {"format": FORMAT, "destination": destination, "commit": commit, "sizes": dict(sorted(sizes.items()))}
    return json.dumps(content, indent=0).encode() + b"\n"
