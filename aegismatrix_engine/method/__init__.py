"""The method in words: what each field of the document means, how it is computed, and what it does not say."""

from aegismatrix_engine.method.entry import Entry, Formula
from aegismatrix_engine.method.render import ENTRIES, render

__all__ = ["ENTRIES", "Entry", "Formula", "render"]
