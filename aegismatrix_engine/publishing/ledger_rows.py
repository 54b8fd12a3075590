"""Two sides of an append-only ledger file, one row a line, united."""

from collections.abc import Collection, Iterator, Mapping

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.record.rows import header_of


def complete_rows(text: bytes, where: str, published: Collection[bytes] = ()) -> list[bytes]:
    """The finished lines of a ledger file of ours; a last one without its line end is still being written.

    Args:
        text: the file.
        where: its name, for messages.
        published: lines that are on the branch already, and are not checked.

    Raises:
        DataError: a line is not text in UTF-8.
    """
    rows = text.split(b"\n")[:-1]
    for number, row in enumerate(rows, start=1):
        try:
            damaged = "\0" in row.decode()
        except UnicodeDecodeError:
            damaged = True
        if damaged and row not in published:
            raise DataError(
                f"{where} line {number} is not text in UTF-8; repair or remove the line, then publish again"
            )
    return rows


def united(theirs: bytes, ours: bytes, where: str, *, header: bool) -> tuple[bytes, int]:
    """The lines of both sides, each once: theirs in their order, then those of ours that are not there yet.

    A header names the columns of the lines after it: rows of another version of the engine get a header of their own.

    Args:
        theirs: the published file, empty where there is none.
        ours: the file to be published; an unfinished last line of it is left out.
        where: its name, for messages.
        header: whether the first line names the columns.

    Returns:
        The file, each line ended, no line empty, and how many rows of ours it gained.

    Raises:
        DataError: the headers differ and are not the record's; a new line of ours is not text.
    """
    their_rows = [row for row in theirs.split(b"\n") if row]
    our_rows = [row for row in complete_rows(ours, where, frozenset(their_rows)) if row]
    if not header:
        rows = dict.fromkeys([*their_rows, *our_rows])
        return b"".join(row + b"\n" for row in rows), len(rows) - len(dict.fromkeys(their_rows))
    firsts = [rows[0] for rows in (their_rows, our_rows) if rows]
    ledger = any(map(_of_the_record, firsts))
    if len(set(firsts)) > 1 and not ledger:
        raise DataError(
            f"{where} line 1: the header {_shown(our_rows[0])} differs from the published one "
            f"{_shown(their_rows[0])}; move the rows of one of them to a file of another name, then publish again"
        )
    known, wanted = (_under_headers(rows, ledger) for rows in (their_rows, our_rows))
    gained = {row: head for row, head in wanted.items() if row not in known}
    return b"".join(row + b"\n" for row in _written({**known, **gained})), len(gained)


def _under_headers(rows: list[bytes], ledger: bool) -> dict[bytes, bytes]:
    """Row -> its header: the first line, or in the record the last header before it, if any."""
    header, under = b"", dict[bytes, bytes]()
    for number, row in enumerate(rows):
        if _of_the_record(row) if ledger else number == 0:
            header = row
        else:
            under.setdefault(row, header)
    return under


def _written(under: Mapping[bytes, bytes]) -> Iterator[bytes]:
    """The rows, each after its header."""
    current = b""
    for row, header in under.items():
        if header != current:
            current = header
            yield header
        yield row


def _of_the_record(row: bytes) -> bool:
    """Whether a line is a header of the record, of any version."""
    return row.startswith(b"key,") and header_of(row.removesuffix(b"\r").decode(errors="replace")) is not None


def _shown(row: bytes) -> str:
    return repr(row.decode(errors="replace")[:60])
