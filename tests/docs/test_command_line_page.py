"""The page about the command line, and the picture of what it prints, are those of the commands."""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from aegismatrix_engine.cli import aegis
from aegismatrix_engine.cli.configuration import configured
from benchmarks.command_line_page import PAGE, commands, page

ROOT = Path(__file__).resolve().parents[2]
TEXT = PAGE.read_text(encoding="utf-8")


def table(command: str) -> str:
    return TEXT.partition(f"### {command}\n")[2].partition("\n### ")[0]


def named_options() -> list[tuple[str, str, str]]:
    """Every command, each of its options, and the option's variable, found by walking click's own groups."""
    found, waiting = [], [("aegis", aegis)]
    while waiting:
        name, command = waiting.pop()
        if isinstance(command, click.Group):
            waiting += [(f"{name} {inner}", command.commands[inner]) for inner in command.commands]
        for option in command.params:
            if isinstance(option, click.Option) and option.name not in {"help", "version"}:
                found += [(name, written, str(option.envvar)) for written in (*option.opts, *option.secondary_opts)]
    return found


def test_the_page_is_the_one_that_the_commands_make() -> None:
    assert page(TEXT) == TEXT, "docs/command-line.md is not up to date: run python -m benchmarks.command_line_page"


@pytest.mark.parametrize(("command", "option", "variable"), named_options())
def test_every_option_stands_below_its_command_with_its_variable(command: str, option: str, variable: str) -> None:
    (row,) = (line for line in table(command).splitlines() if re.search(rf"^\|.*`{option}[ `]", line.split(" | ")[0]))
    assert f"`{variable}`" in row


def test_the_page_has_a_command_for_every_one_that_there_is() -> None:
    assert re.findall(r"^### (aegis.*)$", TEXT, flags=re.MULTILINE) == [name for name, _ in commands()]
    assert "### aegis record report\n" in TEXT


def test_the_picture_in_the_readme_shows_what_the_engine_prints_today() -> None:
    script = "from benchmarks.summary_picture import shown; import sys; sys.stdout.buffer.write(shown().encode())"
    printed = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ, capture_output=True, check=True, timeout=120
    ).stdout.decode()
    words = re.sub(r"\x1b\[[0-9;]*m", "", printed).split()
    drawn = (ROOT / "docs" / "summary.svg").read_text(encoding="utf-8").partition('summary-matrix">')[2]
    shown = html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawn))).split()
    assert shown == words, "docs/summary.svg is not up to date: run python -m benchmarks.summary_picture"
    assert "(docs/summary.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_file_of_options_on_the_page_is_one_that_the_commands_take(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)
    (tmp_path / "aegis.toml").write_text(text)
    found = configured(aegis, tmp_path / "aegis.toml")
    assert found["infer"] == {"source": "csv", "data": "bars", "quiet": True, "record": "record", "max_vix_age": 3}
    assert found["record"]["resolve"] == {"source": "csv", "data": "bars", "quiet": True, "cache": ".bars"}
