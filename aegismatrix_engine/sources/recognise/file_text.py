"""The text of a file as people have it: plain, with a byte order mark, UTF-16, gzip, or a zip with one file in it."""

import codecs
import gzip
import io
import zipfile
import zlib
from dataclasses import dataclass

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.sources.csv_table import decoded, shown

LARGEST_TEXT = 512 * 2**20
"""Bytes; one-minute bars of thirty years have a third of it. What unpacks to more is not read."""

_SPREADSHEET_MARKS = ("[Content_Types].xml", "mimetype")
_OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LFS_POINTER = "version https://git-lfs.github.com/spec/"


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
        DataError: a spreadsheet, a web page, JSON, a Git LFS pointer, an empty or binary file, an archive that is
            damaged or holds more than one file, text that is neither UTF-8 nor UTF-16 with a byte order mark.
    """
    inner_name = ""
    if content.startswith(b"PK\x03\x04"):
        inner_name, content = _unzipped(name, content)
    elif content.startswith(b"\x1f\x8b"):
        content = _gunzipped(name, content)
    if content.startswith(_OLD_SPREADSHEET):
        raise DataError(f"{name} is a spreadsheet; save its sheet as a csv file and import that")
    is_utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = decoded(name, content, "utf-16" if is_utf_16 else "utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    _refuse_other_content(name, text)
    return FileText(name, text, inner_name)


def _unzipped(name: str, content: bytes) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and "__MACOSX/" not in one.filename]
            if any(one.filename in _SPREADSHEET_MARKS for one in members):
                raise DataError(f"{name} is a spreadsheet; save its sheet as a csv file and import that")
            if len(members) != 1:
                raise DataError(f"{name} holds {len(members)} files: expected one csv file; unpack it first")
            with archive.open(members[0]) as packed:
                return members[0].filename, _bounded(name, packed.read(LARGEST_TEXT + 1))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        raise DataError(f"{name} is a zip archive that cannot be read ({error}); unpack it first") from None


def _gunzipped(name: str, content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            return _bounded(name, packed.read(LARGEST_TEXT + 1))
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name} is a gzip file that cannot be read ({error}); download it again") from None


def _bounded(name: str, unpacked: bytes) -> bytes:
    if len(unpacked) > LARGEST_TEXT:
        raise DataError(f"{name} unpacks to more than {LARGEST_TEXT // 2**20} MiB; unpack it and cut it into years")
    return unpacked


def _refuse_other_content(name: str, text: str) -> None:
    opening = text.lstrip()[:500]
    if not opening:
        raise DataError(f"{name} is empty: expected a table of prices")
    if opening.startswith(_LFS_POINTER):
        raise DataError(f"{name} is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`")
    first = shown(opening.splitlines()[0].strip())
    if opening.lower().startswith(("<!doctype", "<html", "<?xml", "<head", "<body", "<table", "<!--")):
        raise DataError(f"{name} is a web page ({first}), not a csv file; download the csv file itself")
    if opening.startswith(("{", "[")):
        raise DataError(f"{name} is JSON ({first}), not a csv file; export it as csv")
