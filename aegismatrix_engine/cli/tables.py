"""Tables and lines for a terminal, and the same as plain text elsewhere."""

import io
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

Part = Text | Table


def console(file: TextIO) -> Console:
    """A stream as rich sees it; with NO_COLOR without any style, bold included."""
    return Console(file=file, color_system=None if os.environ.get("NO_COLOR") else "auto")


def folding_table(headings: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> Table:
    """A table whose cells fold where the terminal is narrow."""
    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def number_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table of names and, to their right, numbers."""
    table = Table(title=title, title_justify="left")
    for at, heading in enumerate(headings):
        table.add_column(heading, justify="right" if at else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


class _Sheet(io.StringIO):
    """Text in memory that answers as standard output would: whether it is a terminal, and in which encoding."""

    def isatty(self) -> bool:
        return sys.stdout is not None and sys.stdout.isatty()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # io.StringIO's own cannot be assigned either
        return (sys.stdout and sys.stdout.encoding) or "utf-8"


def rendered(parts: Sequence[Part]) -> str:
    """The parts as text, styled where standard output is a terminal."""
    sheet = _Sheet()
    shown = console(sheet)
    for part in parts:
        # Elsewhere than on a terminal a line stays a line, so that a path or a note can be found in it.
        shown.print(part, soft_wrap=isinstance(part, Text) and not shown.is_terminal)
    return sheet.getvalue()
