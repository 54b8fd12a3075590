"""Figures (stands in until main has the real one)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number as the page shows it."""

    path: str
    form: str
    text: str


Sentence = tuple[str | Figure, ...]
