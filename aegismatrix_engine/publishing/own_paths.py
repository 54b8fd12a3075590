"""Where a publisher's files lie in the folder it runs in."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class OwnPaths:
    """The paths of a publisher's files; relative ones from the folder it runs in."""

    document: Path
    record: Path
    models: Path
