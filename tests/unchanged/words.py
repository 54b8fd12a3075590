"""How words of ``health`` and ``reasons`` were changed since the documents of before were made."""

import re

WORDS: list[tuple[str, str]] = []
"""Pairs of a regular expression and its replacement, applied in this order to the words of before; a plain sentence is
written with ``re.escape`` where it holds a dot, bracket or plus sign that matters. Groups are allowed: (r"(\\d+) bars",
r"\\1 quarter hours")."""


def said_now(text: str) -> str:
    """What the engine is to say today where it said ``text`` before."""
    for old, new in WORDS:
        text = re.sub(old, new, text)
    return text
