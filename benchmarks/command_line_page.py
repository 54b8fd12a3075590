"""The commands and options in docs/command-line.md, written from the commands themselves.

    python -m benchmarks.command_line_page

Replaces what stands between the two marks of the page; the rest of the page is written by hand. A test compares.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from aegismatrix_engine.cli import aegis

PAGE = Path(__file__).resolve().parents[1] / "docs" / "command-line.md"
BEGIN, END = "<!-- commands: begin -->\n", "<!-- commands: end -->\n"


def commands(command: click.Command = aegis, name: str = "aegis") -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name, those of a group behind the group."""
    yield name, command
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from commands(inner, f"{name} {inner.name}")


def options(command: click.Command) -> list[click.Option]:
    """The options of a command that have a variable in the environment: all but --help and --version."""
    return [option for option in command.params if isinstance(option, click.Option) and option.envvar]


def section(name: str, command: click.Command) -> str:
    """A command's heading, its help and the table of its options."""
    text = inspect.cleandoc(command.help or "").replace("``", "`").replace("\b\n", "")
    parts = [f"### {name}", text]
    rows = [_row(option) for option in options(command)]
    if rows:
        parts.append("\n".join(["| option | environment | default | meaning |", "|---|---|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def _row(option: click.Option) -> str:
    values = option.metavar or ("|".join(option.type.choices) if isinstance(option.type, click.Choice) else "")
    names = ", ".join(f"`{written} {values}`" if values else f"`{written}`" for written in option.opts)
    names += "".join(f", `{written}`" for written in option.secondary_opts)
    shown = option.show_default if isinstance(option.show_default, str) else option.default
    default = "required" if option.required else f"`{shown}`" if option.show_default else ""
    meaning = " ".join((option.help or "").split())
    return (
        "| " + " | ".join(cell.replace("|", "\\|") for cell in (names, f"`{option.envvar}`", default, meaning)) + " |"
    )


def page(text: str) -> str:
    """The page with its generated part made anew."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return before + BEGIN + "\n" + "\n".join(section(*one) for one in commands()) + "\n" + END + after


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
