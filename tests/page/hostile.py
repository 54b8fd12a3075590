"""Documents whose texts try to become something else than text."""

import html
import json
from typing import Any

ATTACK = (
    '</script></style></title><script>window.hacked=1</script><img src=x onerror="window.hacked=1">\'"`&amp;{{7*7}}'
)
RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT OVERRIDE}desrever\N{POP DIRECTIONAL FORMATTING}"
LONG = "a reason without an end, " * 400
"""Ten kilobytes."""

FREE = frozenset(
    {"reason", "reason_10", "reasons", "note", "notes", "rule", "withdrawn", "served_by", "source", "disclaimer"}
)
"""Names of fields that hold free text."""


def attacked(document: bytes, text: str) -> bytes:
    """The document with a text in every field of free text."""
    return json.dumps(_replaced(json.loads(document), text, free=False)).encode()


def _replaced(value: Any, text: str, *, free: bool) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(item, text, free=name in FREE) for name, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, text, free=free) for item in value]
    return text if free and isinstance(value, str) else value


def unescaped(page: str, text: str) -> str:
    """The page as it would be if nothing had escaped a text."""
    jinja = html.escape(text, quote=False).replace('"', "&#34;").replace("'", "&#39;")
    assert jinja in page
    return page.replace(jinja, text)
