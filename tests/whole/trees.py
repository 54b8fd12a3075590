"""The tree of a branch as plain data: what stands at each path, read from a commit, and put there by plain git."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from repositories import Origin, git

BRANCH = "published"
DOCUMENT, RECENT, MANIFEST = "aegismatrix.json", "recent.json", "models/manifest.json"
RECORD = "record/nifty50"
NAMED = ("-c", "user.name=somebody", "-c", "user.email=somebody@localhost")


@dataclass(frozen=True)
class Link:
    """A symbolic link, with what it points to."""

    to: str


Tree = dict[str, bytes | Link]
"""Path -> bytes of the file there, or a link."""


def tree_of(origin: Origin) -> Tree:
    """Every plain file and link of the branch."""
    listing = git(origin.path, "ls-tree", "-r", "-z", BRANCH).split("\0")
    entries = [line.partition("\t") for line in listing if line]
    ids = {path: described.split()[2] for described, _, path in entries if described.split()[1] == "blob"}
    feed = "".join(f"{id_}\n" for id_ in ids.values()).encode()
    told = subprocess.run(["git", "cat-file", "--batch"], cwd=origin.path, input=feed, capture_output=True, check=True)
    contents, at = {}, 0
    for path in ids:
        head, _, _ = told.stdout[at:].partition(b"\n")
        size = int(head.split()[2])
        begins = at + len(head) + 1
        contents[path] = told.stdout[begins : begins + size]
        at = begins + size + 1
    links = {path for described, _, path in entries if described.startswith("120000")}
    return {path: Link(os.fsdecode(content)) if path in links else content for path, content in contents.items()}


def put(tree: Tree, root: Path) -> None:
    """Write a tree into an empty folder."""
    for path, content in tree.items():
        at = root / path
        at.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            at.symlink_to(content.to)
        else:
            at.write_bytes(content)


def commit(tree: Tree, origin: Origin, clone: Path) -> None:
    """Make the branch hold this tree and nothing else, one commit on; by git alone, as any hand does."""
    git(clone.parent, "clone", "--quiet", "--branch", BRANCH, str(origin.path), str(clone))
    for entry in clone.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    put(tree, clone)
    git(clone, "-c", "core.autocrlf=false", "add", "--all", "--force")
    git(clone, *NAMED, "commit", "--quiet", "--allow-empty", "-m", "by hand")
    git(clone, "push", "--quiet", "origin", f"HEAD:{BRANCH}")
