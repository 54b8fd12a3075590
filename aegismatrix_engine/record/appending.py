"""Appending rows to the ledger: whole rows or none, never onto a line that was cut."""

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.record.ledger import lines
from aegismatrix_engine.record.ledger_files import FOLDERS, PLAIN_FILE_REMEDY, LedgerFile, read_ledger_file
from aegismatrix_engine.record.rows import COLUMNS, Row, cells, header_of, session_of
from aegismatrix_engine.state.plain_file import not_plain


def append(folder: Path, rows: Iterable[Row]) -> int:
    """Append the rows that are not there yet, each to its session's file; how many were new.

    Raises:
        OutputUnwritable: a file cannot be written; it is left as it was.
    """
    by_file: dict[Path, list[Row]] = {}
    for row in rows:
        by_file.setdefault(_path(folder, row), []).append(row)
    new = 0
    for path, wanted in by_file.items():
        there = read_ledger_file(path, path.name, type(wanted[0]))
        if there.fault:
            raise OutputUnwritable(f"{path} cannot be appended to: it {there.fault}")
        known = {found.key for _, _, found in lines(there) if not isinstance(found, str)}
        unknown = {row.key: row for row in wanted if row.key not in known}
        if unknown:
            append_whole(path, _text(there, unknown.values()))
            new += len(unknown)
    return new


def append_whole(path: Path, content: bytes) -> None:
    """Append bytes to a plain file, made where there is none; all of them, or none of them.

    Raises:
        OutputUnwritable: it cannot be written, or is not a plain file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o666)
        try:
            wrong = not_plain(os.fstat(descriptor).st_mode)
            if wrong is not None:
                raise OutputUnwritable(f"{path} cannot be appended to: it {wrong}; {PLAIN_FILE_REMEDY}")
            _write(descriptor, content)
        finally:
            os.close(descriptor)
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputUnwritable(
            f"{path} cannot be appended to ({error.strerror}); one of its folders is a file: remove that"
        ) from error
    except OSError as error:
        raise OutputUnwritable(f"{path} cannot be appended to ({error.strerror}); make it writable") from error


def _write(descriptor: int, content: bytes) -> None:
    begun = os.fstat(descriptor).st_size
    written = 0
    try:
        # Unbuffered: what a buffer still held would be written when the file is closed.
        while written < len(content):
            written += os.write(descriptor, content[written:])
        os.fsync(descriptor)
    except BaseException:
        # Where another process has appended since, its rows stay, and ours before them end in a line that was cut.
        if os.fstat(descriptor).st_size == begun + written:
            os.ftruncate(descriptor, begun)
        raise


def _path(folder: Path, row: Row) -> Path:
    session = session_of(row)
    return folder / row.market / FOLDERS[type(row)] / session[:4] / f"{session}.csv"


def _text(there: LedgerFile, rows: Iterable[Row]) -> bytes:
    """The rows as they are appended, under a header of their own where the file ends under another one."""
    written = there.content.decode(errors="replace").split("\n")
    headers = (header_of(line.removesuffix("\r")) for line in reversed(written) if line.startswith("key,"))
    last = next((header for header in headers if header is not None), None)
    # Without any header the columns are those of this version: a file that was cut at its very beginning.
    header = () if there.content and last in (None, COLUMNS[there.kind]) else (COLUMNS[there.kind],)
    return csv_after(there.content, (*header, *map(cells, rows)))


def csv_after(content: bytes, rows: Iterable[Iterable[object]]) -> bytes:
    """Rows as csv to be appended to a file; a last line that was cut short stays as it is, and no row joins it."""
    text = io.StringIO()
    text.write("\n" if content and not content.endswith(b"\n") else "")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
