"""What is inside a file that may be gzip, or a zip with one file in it, read up to a limit."""

import gzip
import io
import lzma
import struct
import zipfile
import zlib

from aegismatrix_engine.errors import DataError

_SPREADSHEET_MARKS = ("[Content_Types].xml", "mimetype")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,
    NotImplementedError,
    OSError,
    ValueError,
)
"""What the standard library raises for damaged, encrypted and unknown archives."""


def unpacked(name: str, content: bytes, limit: int, *, kind: str, too_large: str) -> tuple[str, bytes]:
    """The bytes inside, and the name that a zip gives them, else an empty one; a plain file is returned as it is.

    Args:
        name: opens each message.
        content: the file's bytes.
        limit: bytes that may come out; what unpacks to more is not read.
        kind: what a zip has to hold, such as 'csv file'.
        too_large: what to do with a file that unpacks to more.

    Raises:
        DataError: a spreadsheet, an archive that is damaged or holds more than one file, more than ``limit``.
    """
    # The second is a zip without any file.
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        inner_name, inner = _unzipped(name, content, limit, kind)
    elif content.startswith(b"\x1f\x8b"):
        inner_name, inner = "", _gunzipped(name, content, limit)
    else:
        return "", content
    if len(inner) > limit:
        raise DataError(f"{name} unpacks to more than {limit // 2**20} MiB; {too_large}")
    return inner_name, inner


def _unzipped(name: str, content: bytes, limit: int, kind: str) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir() and "__MACOSX/" not in one.filename]
            if any(one.filename in _SPREADSHEET_MARKS for one in members):
                raise DataError(f"{name} is a spreadsheet; save its sheet as a csv file and import that")
            if len(members) != 1:
                raise DataError(f"{name} holds {len(members)} files: expected one {kind}; unpack it first")
            with archive.open(members[0]) as packed:
                return members[0].filename, packed.read(limit + 1)
    except _DAMAGE as error:
        raise DataError(f"{name} is a zip archive that cannot be read ({error}); unpack it first") from None


def _gunzipped(name: str, content: bytes, limit: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            return packed.read(limit + 1)
    except _DAMAGE as error:
        raise DataError(f"{name} is a gzip file that cannot be read ({error}); download it again") from None
