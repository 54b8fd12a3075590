"""Two sides of an append-only ledger file, one row a line, as one."""

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.files import pointer


def complete_rows(text: bytes, where: str) -> list[bytes]:
    """The lines of a ledger file of ours that are finished; a last one without its line end is still being written.

    Raises:
        DataError: a line is not text in UTF-8.
    """
    rows = text.split(b"\n")[:-1]
    for number, row in enumerate(rows, start=1):
        try:
            damaged = "\0" in row.decode()
        except UnicodeDecodeError:
            damaged = True
        if damaged:
            raise DataError(f"{where} line {number} is not text in UTF-8; mend or remove the line, then publish again")
    return rows


def united(theirs: bytes, ours: bytes, where: str, *, header: bool) -> tuple[bytes, int]:
    """The lines of both sides, each once: theirs in their order, then those of ours that are not there yet.

    Args:
        theirs: the published file, empty where there is none.
        ours: the file to be published; an unfinished last line of it is left out.
        where: its name, for messages.
        header: whether the first line names the columns, the same on both sides.

    Returns:
        The file, each line ended, no line empty, and how many rows of ours it gained.

    Raises:
        DataError: the headers differ, ours is not text, or theirs is a pointer to the file.
    """
    instead = pointer(theirs)
    if instead is not None:
        raise DataError(f"the published {where} {instead} where it was made, and publish the file itself")
    our_rows = [row for row in complete_rows(ours, where) if row]
    their_rows = [row for row in theirs.split(b"\n") if row]
    if header and our_rows and their_rows and our_rows[0] != their_rows[0]:
        raise DataError(
            f"{where} line 1, the header {_shown(our_rows[0])}, is another than the published one "
            f"{_shown(their_rows[0])}; move the rows of one of them to a file of another name, then publish again"
        )
    rows = dict.fromkeys([*their_rows, *our_rows])
    gained = len(rows) - len(dict.fromkeys(their_rows)) - (1 if header and our_rows and not their_rows else 0)
    return b"".join(row + b"\n" for row in rows), gained


def _shown(row: bytes) -> str:
    return repr(row.decode(errors="replace")[:60])
