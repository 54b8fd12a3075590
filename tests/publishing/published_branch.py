"""A published branch made by hand: real commits with dates of their own."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from repositories import Clone, Origin, git
from sample_rows import forecast

from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.rows import Row

BRANCH = "published"
# 80 forecasts of one moment, as one document has them in number.
ROWS = tuple(forecast(signal=f"direction.horizons.{i}", event="up", threshold="0.01") for i in range(80))


@dataclass(frozen=True)
class Publisher:
    """A clone that commits to the branch and pushes, each commit at a moment of its own."""

    clone: Clone

    @classmethod
    def of(cls, origin: Origin, at: Path) -> "Publisher":
        made = cls(Clone.of(origin, at))
        git(at, "switch", "--quiet", "--orphan", BRANCH)
        return made

    @property
    def path(self) -> Path:
        return self.clone.path

    def rows(self, rows: Iterable[Row], at: str) -> str:
        append(self.path / "record", rows)
        return self.commit(at)

    def files(self, files: Mapping[str, bytes | None], at: str) -> str:
        for name, content in files.items():
            path = self.path / name
            if content is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        return self.commit(at)

    def commit(self, at: str, *options: str) -> str:
        """Commit all there is at a moment and push it; the commit's id."""
        git(self.path, "add", "--all")
        named = {"GIT_COMMITTER_NAME": "aegis", "GIT_COMMITTER_EMAIL": "aegis@localhost", "GIT_COMMITTER_DATE": at}
        named |= {name.replace("COMMITTER", "AUTHOR"): value for name, value in named.items()}
        command = ["git", "commit", "--quiet", "--allow-empty", "-m", "published", *options]
        subprocess.run(command, cwd=self.path, env={**os.environ, **named}, check=True, timeout=60)
        git(self.path, "push", "--quiet", "--force", "origin", BRANCH)
        return git(self.path, "rev-parse", "HEAD")
