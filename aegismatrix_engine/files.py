"""Files that stand in for the one meant: a pointer to it, a page of the web, a merge that was not finished."""

import re
from typing import Final

POINTER_SIZE: Final = 1024
"""Limit of a Git LFS pointer, by its specification (git-lfs, docs/spec.md)."""

# Their first lines; hawser was the name of Git LFS before its first version.
_POINTERS: Final = (
    (re.compile(rb"version https://(git-lfs\.github\.com|hawser\.github\.com)/spec/"), "Git LFS", "git lfs pull"),
    (re.compile(rb"(/|(\.\./)*\.git/)annex/objects/"), "git-annex", "git annex get"),
)
_PAGE: Final = re.compile(rb"\s*<(!doctype html|html|head)\b", re.IGNORECASE)
_MERGE: Final = tuple(re.compile(line, re.MULTILINE) for line in (rb"^<{7} ", rb"^={7}\r?$", rb"^>{7} "))
_PACKED: Final = ((b"PK\x03\x04", "a zip archive or an Excel workbook"), (b"\x1f\x8b", "a gzip archive"))
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def pointer(content: bytes) -> str | None:
    """What a file is that only points to the one meant, with the remedy; None for any other.

    'is a Git LFS pointer, its content is not here; run `git lfs pull`'
    """
    if len(content) > POINTER_SIZE:
        return None
    start = content.removeprefix(_BYTE_ORDER_MARK)
    kinds = ((kind, command) for first, kind, command in _POINTERS if first.match(start))
    return next((f"is a {kind} pointer, its content is not here; run `{command}`" for kind, command in kinds), None)


def stand_in(content: bytes) -> str | None:
    """What a file is that was put in place of a text file by mistake, with the remedy; None for any other.

    A pointer, an archive, a page of the web (which a download gets that should have logged in), or a file in which git
    left both sides of a merge.
    """
    packed = next((kind for start, kind in _PACKED if content.startswith(start)), None)
    if packed is not None:
        return f"is not UTF-8 text but {packed}; unpack it, or save it as text"
    if _PAGE.match(content):
        return "is a page of the web (HTML); download the file itself"
    # Hardly any file has such a run of signs, and looking for one is far quicker than for lines.
    if b"<<<<<<< " in content and all(line.search(content) for line in _MERGE):
        return "holds both sides of a git merge (<<<<<<<, >>>>>>>); resolve it"
    return pointer(content)
