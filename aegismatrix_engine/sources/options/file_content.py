"""The text of an option file: plain, gzip, or a zip with one file in it; what is no such file is refused by name."""

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.files import pointer
from aegismatrix_engine.sources.csv_table import shown
from aegismatrix_engine.sources.recognise.packed import unpacked
from aegismatrix_engine.state.plain_file import MEBI, FileFault, read_plain_file

LARGEST_FILE: Final = 16 * MEBI
LARGEST_TEXT: Final = 32 * MEBI
"""Bytes; a chain of every expiry has under one MiB, and the exchange's file of a day, of all contracts, some ten."""

_PACKED: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")
_PAGES: Final = ("<!doctype", "<html", "<?xml", "<head", "<body", "<!--")


@dataclass(frozen=True)
class OptionFile:
    """What an option file holds.

    Attributes:
        name: without its folder.
        sha256: of the file as it stands, packed or not.
        text: without a byte order mark, lines ended by a line feed.
    """

    name: str
    sha256: str
    text: str


def read_option_file(path: Path) -> OptionFile:
    """The content of a file.

    Raises:
        DataError: no plain file, too large, a damaged or nested archive, a pointer, a web page, not text, empty.
    """
    try:
        # It is the operator's own, who may keep it elsewhere and link to it.
        content = read_plain_file(path, LARGEST_FILE, follow_links=True)
    except FileFault as fault:
        # Without its folder: a published document says it, and no reader of one need know an operator's folders.
        raise DataError(
            f"{path.name} {fault.reason}; name a file or folder of option chains that can be read"
        ) from None
    return option_file(path.name, content)


def option_file(name: str, content: bytes) -> OptionFile:
    """The same from a file's bytes."""
    digest = hashlib.sha256(content).hexdigest()
    large = "expected one option chain, or the exchange's file of one day"
    _, inner = unpacked(name, content, LARGEST_TEXT, kind="option chain or bhavcopy", too_large=large)
    if inner.startswith(_PACKED):
        raise DataError(f"{name} holds another archive; unpack it first")
    instead = pointer(inner)
    if instead is not None:
        raise DataError(f"{name} {instead}")
    text = _decoded(name, inner)
    opening = text.lstrip()[:200]
    if not opening:
        raise DataError(f"{name} is empty: expected an option chain; fetch it again")
    if opening.lower().startswith(_PAGES):
        first = shown(opening.splitlines()[0].strip())
        raise DataError(
            f"{name} is a web page ({first}), not an option chain; the server refused: fetch it again later"
        )
    return OptionFile(name, digest, text)


def _decoded(name: str, content: bytes) -> str:
    is_utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name} is not text (byte {error.start}): expected JSON or csv, plain or in gzip or zip; fetch it again"
        ) from None
    if "\0" in text:
        raise DataError(f"{name} is a binary file: expected JSON or csv, plain or in gzip or zip; fetch it again")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
