"""What is wrong with a JSON file that an earlier run or a person left, in one plain line."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, ValidationError

LONGEST_REASON: Final = 200


def _zoned(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("has no zone")
    return text


Moment = Annotated[str, AfterValidator(_zoned)]
"""A timestamp, ISO-8601 with a zone, in a class that pydantic reads."""


def first_fault(content: bytes, error: Exception) -> str:
    """Line, field and rule of the first fault that pydantic found in a file's content, or what else kept it away."""
    if not isinstance(error, ValidationError):
        return plain_line(str(error))
    first: Any = error.errors(include_url=False)[0]
    names = [str(part) for part in first["loc"] if not str(part).startswith(("function-", "tuple[", "float"))]
    if not names:
        return plain_line(str(first["msg"]).lower())
    # A number's name is one key of the file, dots and all; what stands under it has no line of its own.
    key = names[1] if names[0] == "numbers" and len(names) > 1 else names[0]
    line = next((n for n, text in enumerate(content.split(b"\n"), 1) if f'"{key}"'.encode() in text), 1)
    return plain_line(f"line {line}, {key}: {str(first['msg']).lower()}")


def plain_line(text: str) -> str:
    """What a file says, which is nobody's text but the file's, as one printable line of 200 characters at most."""
    return "".join(sign if sign.isprintable() else "?" for sign in " ".join(text.split()))[:LONGEST_REASON]
