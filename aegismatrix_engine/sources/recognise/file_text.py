"""The text of a file as people have it: plain, with a byte order mark, UTF-16, gzip, or a zip with one file in it."""

import codecs
from dataclasses import dataclass

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.files import stand_in
from aegismatrix_engine.sources.csv_table import decoded, shown
from aegismatrix_engine.sources.recognise.packed import unpacked

LARGEST_TEXT = 512 * 2**20
"""Bytes; one-minute bars of thirty years have a third of it. What unpacks to more is not read."""


@dataclass(frozen=True)
class FileText:
    """Text and what it is called.

    Attributes:
        name: the file's name; it opens each message.
        text: what the file says, without a byte order mark, lines ended by a line feed.
        inner_name: the name of the file inside a zip, else empty.
    """

    name: str
    text: str
    inner_name: str = ""


def file_text(name: str, content: bytes) -> FileText:
    """The text of a file's bytes.

    Raises:
        DataError: a spreadsheet, a web page, JSON, a pointer, an unfinished merge, an empty or binary file, an archive
            of another kind, one that is damaged or holds more than one file, text that is neither UTF-8 nor UTF-16
            with a byte order mark.
    """
    cut = "unpack it and cut it into years"
    inner_name, content = unpacked(name, content, LARGEST_TEXT, kind="csv file", too_large=cut)
    instead = stand_in(content)
    if instead is not None:
        raise DataError(f"{name} {instead}")
    is_utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = decoded(name, content, "utf-16" if is_utf_16 else "utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    _refuse_other_content(name, text)
    return FileText(name, text, inner_name)


def _refuse_other_content(name: str, text: str) -> None:
    opening = text.lstrip()[:500]
    if not opening:
        raise DataError(f"{name} is empty: expected a table of prices")
    first = shown(opening.splitlines()[0].strip())
    if opening.lower().startswith(("<!doctype", "<html", "<?xml", "<head", "<body", "<table", "<!--")):
        raise DataError(f"{name} is a web page ({first}), not a csv file; download the csv file itself")
    if opening.startswith(("{", "[")):
        raise DataError(f"{name} is JSON ({first}), not a csv file; export it as csv")
