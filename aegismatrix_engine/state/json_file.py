"""JSON files that an earlier run or a person left: read into a class, or refused with a reason in one line."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, TypeAdapter, ValidationError

from aegismatrix_engine.files import stand_in
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file

Content = TypeVar("Content")

LONGEST_REASON: Final = 200


def _zoned(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("has no zone")
    return text


Moment = Annotated[str, AfterValidator(_zoned)]
"""A timestamp, ISO-8601 with a zone, in a class that pydantic reads."""


def read_json(path: Path, kind: type[Content]) -> Content:
    """The content of a JSON file as a class that pydantic reads.

    Raises:
        FileFault: it is not a plain file of at most DOCUMENT_LIMIT bytes, or ``parse_json`` refuses it.
    """
    return parse_json(read_plain_file(path, DOCUMENT_LIMIT), kind)


def parse_json(content: bytes, kind: type[Content]) -> Content:
    """Bytes of JSON as a class that pydantic reads.

    Raises:
        FileFault: 'cannot be read (line 3, as_of: field required)', or what was put in the file's place.
    """
    instead = stand_in(content)
    if instead is not None:
        raise FileFault("content", f"cannot be read (it {instead})")
    try:
        return TypeAdapter(kind).validate_json(content)
    except (ValueError, OverflowError, RecursionError) as error:
        raise FileFault("content", f"cannot be read ({_first_fault(content, error)})") from error


def _first_fault(content: bytes, error: Exception) -> str:
    """Line, field and rule of the first fault that pydantic found, or the message of another error."""
    if not isinstance(error, ValidationError):
        return printable(str(error))
    first: Any = error.errors(include_url=False)[0]
    names = [str(part) for part in first["loc"] if not str(part).startswith(("function-", "tuple[", "float"))]
    if not names:
        return printable(str(first["msg"]).lower())
    # A number's name is one key of the file, dots and all; what is nested in it has no line of its own.
    key = names[1] if names[0] == "numbers" and len(names) > 1 else names[0]
    line = next((n for n, text in enumerate(content.split(b"\n"), 1) if f'"{key}"'.encode() in text), 1)
    return printable(f"line {line}, {key}: {str(first['msg']).lower()}")


def printable(text: str) -> str:
    """Text from a file, which may hold anything, as one printable line of at most 200 characters."""
    return "".join(sign if sign.isprintable() else "?" for sign in " ".join(text.split()))[:LONGEST_REASON]
