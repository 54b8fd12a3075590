"""Real git for the tests: a remote on disk, its clones, and what publishers write there."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from document_sample import sample_content

HEADER = "row,value"
LEDGER = "record/2022/2022-12-30.csv"
DOCUMENT, RECENT = "aegismatrix.json", "recent.json"
OWN = (DOCUMENT, RECENT, "record", "models", "site")


def isolated(home: Path) -> dict[str, str]:
    """An environment in which git reads no settings of the user or the machine."""
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(home),
    }


def git(at: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=at, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, (arguments, done.stderr.decode())
    return done.stdout.decode().strip()


@cache
def _sample() -> str:
    return json.dumps(sample_content())


def document(step: int, *, degraded: bool = False, made: int = 0, mode: str = "live") -> bytes:
    """A valid document whose as_of is ``step`` seconds, and whose making ``made`` seconds, after the sample's."""
    content: dict[str, Any] = json.loads(_sample())
    content["as_of"] = (datetime.fromisoformat(content["as_of"]) + timedelta(seconds=step)).isoformat()
    content["generated_at"] = (datetime.fromisoformat(content["generated_at"]) + timedelta(seconds=made)).isoformat()
    for series in content["provenance"].get("inputs", []):
        series["age_hours"] = round(series["age_hours"] + step / 3600, 4)
    content["provenance"]["mode"] = mode
    if degraded:
        content["health"]["status"] = "degraded"
        content["health"]["degraded"] = [{"signal": "seller.trap", "basis": "prior", "reason": "no model"}]
        content["seller"]["trap"]["basis"] = "prior"
    return (json.dumps(content, indent=1) + "\n").encode()


def last_values(content: bytes) -> bytes:
    """What stands beside a document; nobody reads it, but it must be that document's."""
    return content[:400]


@dataclass(frozen=True)
class Origin:
    path: Path

    @classmethod
    def made(cls, path: Path) -> "Origin":
        git(path.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
        seed = Clone.of(cls(path), path.with_suffix(".seed"))
        (seed.path / "README").write_text("somebody else's\n")
        git(seed.path, "add", "README")
        git(seed.path, "-c", "user.name=seed", "-c", "user.email=seed@localhost", "commit", "--quiet", "-m", "seed")
        git(seed.path, "push", "--quiet", "origin", "HEAD:refs/heads/main")
        return cls(path)

    def files(self, branch: str = "main") -> set[str]:
        return set(git(self.path, "ls-tree", "-r", "--name-only", branch).splitlines())

    def read(self, path: str, branch: str = "main") -> bytes:
        return subprocess.run(
            ["git", "cat-file", "blob", f"{branch}:{path}"], cwd=self.path, capture_output=True, check=True
        ).stdout

    def rows(self, path: str = LEDGER, branch: str = "main") -> list[str]:
        """The rows of a ledger file, its header checked."""
        header, *rows = self.read(path, branch).decode().splitlines()
        assert header == HEADER
        return rows

    def tip(self, branch: str = "main") -> str:
        return git(self.path, "rev-parse", f"refs/heads/{branch}")

    def commits(self, branch: str = "main") -> int:
        return int(git(self.path, "rev-list", "--count", branch))

    def branches(self) -> list[str]:
        return git(self.path, "for-each-ref", "--format=%(refname:short)").splitlines()

    def hook(self, name: str, script: str) -> None:
        path = self.path / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


@dataclass(frozen=True)
class Clone:
    path: Path

    @classmethod
    def of(cls, origin: Origin, path: Path) -> "Clone":
        git(path.parent, "clone", "--quiet", str(origin.path), str(path))
        return cls(path)

    @classmethod
    def copied(cls, template: Path, to: Path) -> "tuple[Origin, Clone]":
        """A folder with origin.git and a clone of it, as a whole."""
        shutil.copytree(template, to, dirs_exist_ok=True, symlinks=True)
        config = to / "clone" / ".git" / "config"
        config.write_text(config.read_text().replace(str(template), str(to)))
        return Origin(to / "origin.git"), cls(to / "clone")

    def write(
        self,
        *,
        document: int | bytes | None = None,
        rows: Sequence[str] | None = None,
        models: Mapping[str, bytes] | None = None,
    ) -> None:
        """Put our files into the checkout: a document (by its step) with its last values, a whole ledger, a set."""
        if document is not None:
            content = _document(document) if isinstance(document, int) else document
            (self.path / DOCUMENT).write_bytes(content)
            (self.path / RECENT).write_bytes(last_values(content))
        if rows is not None:
            self.ledger("\n".join([HEADER, *rows, ""]).encode())
        if models is not None:
            folder = self.path / "models"
            folder.mkdir(exist_ok=True)
            for old in folder.iterdir():
                old.unlink()
            for name, content in models.items():
                (folder / name).write_bytes(content)

    def ledger(self, content: bytes, path: str = LEDGER) -> None:
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_bytes(content)

    def commit_all(self, message: str) -> None:
        """Commit and push whatever stands in the checkout, as somebody does who uses git alone."""
        named = ("-c", "user.name=other", "-c", "user.email=other@localhost")
        git(self.path, "add", "--all")
        git(self.path, *named, "commit", "--quiet", "-m", message)
        git(self.path, "push", "--quiet")

    def untouched(self) -> None:
        """The repository is whole, and its checkout differs from the index in files of ours alone."""
        git(self.path, "fsck", "--strict", "--no-dangling")
        changed = git(self.path, "status", "--porcelain", "--untracked-files=all").splitlines()
        assert all(line[3:].split("/")[0] in OWN for line in changed), changed
        assert not list((self.path / ".git").rglob("*.lock"))


_document = document
