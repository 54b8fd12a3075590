"""Options from ``aegis.toml``: below the command line and the environment, checked whole, refused in one line."""

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from command_line import CSV, ROOT, Ended, aegis, assert_refused, without_moment

from aegismatrix_engine import __version__
from aegismatrix_engine.cli import aegis as group
from aegismatrix_engine.cli.configuration import configured, options

Call = Callable[..., Ended]

WHOLE = """
source = "csv"
data = "data"
quiet = true

[infer]
output = "chosen.json"
max-vix-age = 3

[record.resolve]
record = "rows"
"""


@pytest.fixture
def file(place: Path) -> Path:
    path = place / "aegis.toml"
    path.write_text(WHOLE)
    return path


def test_a_file_in_the_working_directory_sets_options(call: Call, place: Path, file: Path) -> None:
    assert call("infer") == Ended(0, b"", "")
    assert (place / "chosen.json").exists()


def test_it_gives_the_same_document_as_options_do(call: Call, place: Path, file: Path) -> None:
    by_file = call("infer", "--json")
    file.unlink()
    by_options = call("infer", *CSV, "--json", "--quiet")
    assert without_moment(by_file.out) == without_moment(by_options.out)


def test_the_environment_goes_before_the_file_and_an_option_before_both(call: Call, place: Path, file: Path) -> None:
    assert call("infer", env={"AEGIS_OUTPUT": "by-environment.json"}).code == 0
    assert call("infer", "--output", "by-option.json", env={"AEGIS_OUTPUT": "unwanted.json"}).code == 0
    assert (place / "by-environment.json").exists()
    assert (place / "by-option.json").exists()
    assert not (place / "chosen.json").exists()
    assert not (place / "unwanted.json").exists()
    assert call("infer", env={"AEGIS_QUIET": "0"}).out.startswith(b"nifty50 ")


def test_a_command_s_own_table_goes_before_what_stands_above_it(place: Path) -> None:
    (place / "aegis.toml").write_text(
        'market = "sp500"\npatience = 30\n[train]\nmarket = "nifty50"\n[record.report]\njson = true'
    )
    found = configured(group, place / "aegis.toml")
    assert found["train"] == {"market": "nifty50", "patience": 30}
    assert found["record"]["report"] == {"market": "sp500", "as_json": True}
    assert "market" not in found["publish"]


def test_a_name_that_is_an_option_and_a_command_is_the_option_where_it_has_a_value(place: Path) -> None:
    (place / "aegis.toml").write_text('record = "rows"\nrun = "run.json"\n')
    found = configured(group, place / "aegis.toml")
    assert found["infer"] == {"record": "rows"}
    assert found["publish"] == {"record": "rows", "run_file": "run.json"}
    assert found["record"]["resolve"] == {"record": "rows"}


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_file_can_be_named(call: Call, place: Path, file: Path, by: str) -> None:
    (place / "other.toml").write_text(WHOLE.replace("chosen", "other"))
    if by == "option":
        ended = call("--config", "other.toml", "infer")
    else:
        ended = call("infer", env={"AEGIS_CONFIG": "other.toml"})
    assert ended == Ended(0, b"", "")
    assert (place / "other.json").exists()
    assert not (place / "chosen.json").exists()


def test_the_scripts_read_the_file_too(place: Path, file: Path) -> None:
    assert aegis(at=place, start=(str(ROOT / "infer.py"),)) == Ended(0, b"", "")
    assert (place / "chosen.json").exists()
    file.write_text("markt = 'x'")
    assert_refused(aegis(at=place, start=(str(ROOT / "infer.py"),)), 2, "aegis.toml: unknown key 'markt'")


def test_help_shows_the_default_that_the_file_sets(call: Call, file: Path) -> None:
    assert "default: chosen.json" in " ".join(call("infer", "--help").out.decode().split())


REFUSED = {
    "misspelt key": ('markt = "sp500"', "aegis.toml: unknown key 'markt': did you mean 'market'?"),
    "no such key": ('colour = "red"', "aegis.toml: unknown key 'colour': expected an option without its dashes"),
    "the file itself": ('config = "b.toml"', "aegis.toml: unknown key 'config'"),
    "misspelt table": ("[infr]", "aegis.toml: unknown key 'infr': did you mean 'infer'?"),
    "of another command": (
        '[infer]\nhtml = "x"',
        "aegis.toml [infer]: unknown key 'html': expected one of all, allow-degraded",
    ),
    "within a group": ("[record.resolve]\nif-due = true", "aegis.toml [record.resolve]: unknown key 'if-due'"),
    "no table": ("infer = 3", "aegis.toml [infer]: invalid value 3: expected a table of options"),
    "text for a number": ('patience = "60"', "aegis.toml: invalid patience '60': expected a number"),
    "number for text": ("[train]\ndata = 3", "aegis.toml [train]: invalid data 3: expected text in quotes"),
    "date for text": ("as-of = 2020-01-01", "aegis.toml: invalid as-of 2020-01-01: expected text in quotes"),
    "number for a flag": ("quiet = 1", "aegis.toml: invalid quiet 1: expected true or false"),
    "fraction": ("max-vix-age = 1.5", "aegis.toml: invalid max-vix-age 1.5: expected a whole number"),
    "flag for a number": ("max-vix-age = true", "aegis.toml: invalid max-vix-age True: expected a whole number"),
    "out of range": ("patience = 900", "aegis.toml: invalid patience 900: 900.0 is not in the range 1<=x<=600"),
    "no choice": ('source = "dax"', "aegis.toml: invalid source 'dax': 'dax' is not one of 'yahoo', 'csv', 'sample'"),
    "no TOML": ("market", "aegis.toml: invalid TOML: "),
    "a pointer": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n",
        "aegis.toml: the file of options is a Git LFS pointer, its content",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_mistake_anywhere_in_the_file_is_refused_in_one_line(call: Call, file: Path, text: str, message: str) -> None:
    file.write_text(text)
    assert_refused(call("infer", *CSV), 2, message, "see `aegis --help`")


def test_a_file_that_cannot_be_read_is_refused(call: Call, place: Path, file: Path) -> None:
    assert_refused(call("--config", "none.toml", "infer"), 2, "none.toml: the file of options is not there", "--config")
    file.write_bytes(b"market = '\xff'")
    assert_refused(call("infer"), 2, "aegis.toml: invalid UTF-8 at byte 10")
    file.unlink()
    file.symlink_to("nowhere")
    assert_refused(call("infer"), 2, "aegis.toml: the file of options is not there")
    file.unlink()
    file.mkdir()
    assert_refused(call("infer"), 2, "aegis.toml: the file of options is a folder, not a plain file")


def test_every_option_of_every_command_can_be_set(tmp_path: Path) -> None:
    def value(option: click.Option) -> str | int | bool:
        if isinstance(option.type, click.Choice):
            return str(next(iter(option.type.choices)))
        if isinstance(option.type, click.types.BoolParamType):
            return True
        if isinstance(option.type, click.DateTime):
            return "2020-01-02"
        return 5 if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType) else "text"

    def tables(inside: click.Group, path: str = "") -> list[str]:
        lines = []
        for name, command in inside.commands.items():
            if isinstance(command, click.Group):
                lines += tables(command, f"{path}{name}.")
            else:
                lines += [
                    f"[{path}{name}]",
                    *(f"{key} = {json.dumps(value(one))}" for key, one in options(command).items()),
                ]
        return lines

    file = tmp_path / "all.toml"
    file.write_text("\n".join(tables(group)))
    found = configured(group, file)
    infer = group.commands["infer"]
    assert set(found["infer"]) == {one.name for one in infer.params if one.name != "help"}
    assert len(found["record"]["report"]) == len(options(group.commands["record"].commands["report"]))  # type: ignore[attr-defined]


def test_without_a_file_nothing_is_loaded_to_read_one(tmp_path: Path) -> None:
    code = (
        "import sys; from aegismatrix_engine.cli import main\n"
        "try: main(['notify'])\n"
        "finally: print([n for n in ('tomllib', 'difflib') if n in sys.modules], file=sys.stderr)"
    )
    assert aegis(at=tmp_path, start=("-c", code)).err.endswith("[]\n")


def test_the_version_names_the_commit(call: Call) -> None:
    sha = "0123456789abcdef0123456789abcdef01234567"
    ended = call("--version", env={"GITHUB_SHA": sha})
    assert ended == Ended(0, f"aegis, version {__version__}, commit {sha}\n".encode(), "")


def test_the_version_stands_alone_where_no_commit_is_known(call: Call, place: Path) -> None:
    # Without git on the path nothing tells the commit.
    ended = call("--version", env={"PATH": str(place)})
    assert ended == Ended(0, f"aegis, version {__version__}\n".encode(), "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_is_told_how_to_complete(tmp_path: Path, shell: str) -> None:
    script = aegis(at=tmp_path, start=STARTED_AS_AEGIS, env={"_AEGIS_COMPLETE": f"{shell}_source"})
    assert script.code == 0
    assert b"_AEGIS_COMPLETE=" + shell.encode() in script.out


def test_commands_and_options_are_completed(tmp_path: Path) -> None:
    words = {"_AEGIS_COMPLETE": "bash_complete", "COMP_WORDS": "aegis infer --pat", "COMP_CWORD": "2"}
    assert aegis(at=tmp_path, start=STARTED_AS_AEGIS, env=words).out == b"plain,--patience\n"


STARTED_AS_AEGIS = ("-c", "from aegismatrix_engine.cli import main; main()")
