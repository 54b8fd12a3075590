"""Commits made of objects alone: no index, no checkout, no ref of the repository is touched.

A process killed in here leaves objects without references, which git removes in time.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aegismatrix_engine.publishing.blobs import AS_HELD, sizes
from aegismatrix_engine.publishing.git import Git

FILE = "100644"
FOLDER = "040000"
NAME, EMAIL = "aegis", "aegis@localhost"
SHA1_DIGITS = 40


@dataclass(frozen=True)
class Entry:
    """One entry of a tree: mode, type (blob, tree, commit) and id."""

    mode: str
    kind: str
    id: str

    @property
    def plain(self) -> bool:
        """Whether it is a plain file."""
        return self.mode.startswith("100")


def entries_at(git: Git, commit: str | None, *paths: str) -> dict[str, Entry]:
    """Path -> entry of everything but folders at or below ``paths`` in a commit: files, links, foreign repositories.

    Without a commit there are none.
    """
    if commit is None:
        return {}
    return _entries(git.local("ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths, environment=AS_HELD))


def files_at(git: Git, commit: str | None, *paths: str) -> dict[str, str]:
    """Path -> blob id of every plain file at or below ``paths`` in a commit."""
    return {path: entry.id for path, entry in entries_at(git, commit, *paths).items() if entry.plain}


def sizes_at(git: Git, commit: str, *paths: str) -> dict[str, int]:
    """Path -> bytes of every plain file at or below ``paths`` in a commit.

    Raises:
        OutputUnwritable: git cannot read one of them.
    """
    listing = os.fsdecode(git.local("ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", *paths))
    sizes = {}
    for described, _, path in (line.partition("\t") for line in listing.split("\0")[:-1]):
        mode, _, id_, size = described.split()
        if mode.startswith("100"):
            # git writes BAD for a damaged object; reading it raises an error that says what is wrong.
            sizes[path] = int(size) if size.isdecimal() else len(blob(git, id_))
    return sizes


def blob(git: Git, id_: str) -> bytes:
    """The bytes of a blob."""
    return git.local("cat-file", "blob", id_)


def is_blob(blob: str, content: bytes) -> bool:
    """Whether git would give these bytes that id; saves asking git about each file that has not changed."""
    return blob_id(content, "sha1" if len(blob) == SHA1_DIGITS else "sha256") == blob


def blob_id(content: bytes, algorithm: str) -> str:
    """The id that git gives these bytes in a repository of an object format, sha1 or sha256."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()


def commit_changes(git: Git, base: str | None, changes: Mapping[str, bytes | None], message: str) -> str:
    """The id of a commit on top of ``base``, or without a parent, with files changed, added or removed (None).

    Author and committer are git's, or neutral ones where none is configured.

    Raises:
        OutputUnwritable: git cannot write to its store of objects.
    """
    leaves = {path: None if content is None else _stored(git, content) for path, content in changes.items()}
    tree = _grafted(git, base and f"{base}^{{tree}}", leaves) or _tree(git, {})
    return _committed(git, tree, ["-p", base] if base else [], message)


def tree_of(git: Git, files: Mapping[str, bytes]) -> str:
    """The id of a tree that holds these files and nothing else, by their paths.

    Blobs that the repository has are not written again: of a built site most are in a record that was fetched.

    Raises:
        OutputUnwritable: git cannot write to its store of objects.
    """
    algorithm = git.settings.get("extensions.objectformat", "sha1")
    ids = {path: blob_id(content, algorithm) for path, content in files.items()}
    # A clone without all blobs would ask its remote for each that it lacks.
    held = {} if "extensions.partialclone" in git.settings else sizes(git, ids.values())
    leaves: dict[str, Entry | None] = {
        path: Entry(FILE, "blob", ids[path]) if ids[path] in held else _stored(git, content)
        for path, content in files.items()
    }
    return _grafted(git, None, leaves) or _tree(git, {})


def commit_alone(git: Git, tree: str, message: str) -> str:
    """The id of a commit without a parent that holds a tree; author and committer as in ``commit_changes``."""
    return _committed(git, tree, [], message)


def _committed(git: Git, tree: str, parents: Sequence[str], message: str) -> str:
    made = git.local("commit-tree", tree, *parents, feed=f"{message}\n".encode(), environment=_identity(git))
    return made.decode().strip()


def _stored(git: Git, content: bytes) -> Entry:
    # Read from standard input without a path, so that no filter changes line ends.
    return Entry(FILE, "blob", git.local("hash-object", "-w", "--stdin", feed=content).decode().strip())


def _grafted(git: Git, tree: str | None, leaves: Mapping[str, Entry | None]) -> str | None:
    """The id of a tree with files put in or taken out; None for one that is empty then."""
    entries = _entries(git.local("ls-tree", "-z", "--full-tree", tree)) if tree else {}
    below: dict[str, dict[str, Entry | None]] = defaultdict(dict)
    for path, leaf in leaves.items():
        name, _, rest = path.partition("/")
        if rest:
            below[name][rest] = leaf
        elif leaf is None:
            entries.pop(name, None)
        else:
            entries[name] = leaf
    for name, deeper in below.items():
        there = entries.pop(name, None)
        grown = _grafted(git, there.id if there is not None and there.kind == "tree" else None, deeper)
        if grown is not None:
            entries[name] = Entry(FOLDER, "tree", grown)
    return _tree(git, entries) if entries else None


def _tree(git: Git, entries: Mapping[str, Entry]) -> str:
    lines = [f"{entry.mode} {entry.kind} {entry.id}\t{name}\0" for name, entry in entries.items()]
    # --missing: a clone without all blobs need not fetch those it only names.
    return git.local("mktree", "-z", "--missing", feed=os.fsencode("".join(lines))).decode().strip()


def _entries(listing: bytes) -> dict[str, Entry]:
    entries = {}
    for line in os.fsdecode(listing).split("\0")[:-1]:
        described, _, path = line.partition("\t")
        entries[path] = Entry(*described.split(" "))
    return entries


def _identity(git: Git) -> dict[str, str]:
    """Environment with the names of author and committer that git has no configuration for.

    git would make them up from the account and the machine, which are private.
    """
    neutral = {}
    for part, fallback in (("NAME", NAME), ("EMAIL", EMAIL)):
        for role in ("AUTHOR", "COMMITTER"):
            variable = f"GIT_{role}_{part}"
            settings = (f"{role}.{part}".lower(), f"user.{part}".lower())
            known = [os.environ.get(variable), *(git.settings.get(name) for name in settings)]
            if part == "EMAIL":
                known.append(os.environ.get(part))
            if not any(known):
                neutral[variable] = fallback
    return neutral
