"""Data on standard output, everything else on standard error, and no more than was asked for."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import CSV, EARLY, ESCAPE, FORMER, LATER, ROOT, Ended, aegis, assert_refused, on_terminal

from aegismatrix_engine.document import check_json

Call = Callable[..., Ended]
BAR = b"walking through the past"


def without_index(place: Path) -> None:
    (place / "data" / "vix_daily.csv").unlink()


def test_infer_prints_a_summary_on_standard_output_and_nothing_else(place: Path) -> None:
    ended = aegis("infer", *CSV, at=place)
    assert (ended.code, ended.err) == (0, "")
    assert ESCAPE not in ended.out
    lines = ended.out.decode().splitlines()
    assert lines[0].startswith("nifty50 ")
    assert lines[1] == "replay; source csv; health ok"
    assert lines[-1] == "Written to aegismatrix.json"


def test_json_prints_exactly_the_document_that_was_written(place: Path) -> None:
    ended = aegis("infer", *CSV, "--json", at=place)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (place / "aegismatrix.json").read_bytes()
    assert check_json(ended.out).provenance.source == "csv"


def test_quiet_prints_nothing_but_the_document_that_json_asks_for(call: Call, place: Path) -> None:
    assert call("infer", *CSV, "--quiet") == Ended(0, b"", "")
    assert check_json((place / "aegismatrix.json").read_bytes())
    ended = call("infer", *CSV, "--quiet", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (place / "aegismatrix.json").read_bytes()


def test_a_degraded_document_is_printed_like_any_other(call: Call, place: Path) -> None:
    without_index(place)
    assert call("infer", *CSV, "--quiet") == Ended(10, b"", "")
    ended = call("infer", *CSV, "--json")
    assert (ended.code, ended.err) == (10, "")
    assert ended.out == (place / "aegismatrix.json").read_bytes()


@pytest.mark.parametrize("folder", ["models", "elsewhere/models-with-a-name-that-would-not-fit-on-a-line-of-eighty"])
def test_train_without_a_terminal_shows_no_bar_and_says_where_the_set_is(call: Call, folder: str) -> None:
    ended = call("train", *CSV, "--models", folder, "--as-of", LATER)
    assert (ended.code, ended.err) == (0, "")
    assert ESCAPE not in ended.out
    assert BAR not in ended.out
    assert f"written to {folder}: ".encode() in ended.out
    assert b"seller.trap.5" in ended.out


@pytest.mark.slow
def test_train_on_a_terminal_shows_a_bar_on_standard_error_and_takes_it_away(place: Path) -> None:
    ended, shown = on_terminal("train", *CSV, "--as-of", LATER, at=place, streams=["stderr"])
    assert ended.code == 0
    assert BAR in shown
    assert b"\x1b[2K" in shown
    assert BAR not in ended.out
    assert ESCAPE not in ended.out


@pytest.mark.slow
def test_train_says_nothing_on_a_terminal_either_when_quiet(place: Path) -> None:
    ended, shown = on_terminal("train", *CSV, "--quiet", "--as-of", LATER, at=place)
    assert (ended.code, shown) == (0, b"")


def test_a_bar_needs_a_terminal_even_where_colour_is_forced(call: Call) -> None:
    ended = call("train", *CSV, "--as-of", LATER, env={"FORCE_COLOR": "1"})
    assert (ended.code, ended.err) == (0, "")
    assert ESCAPE in ended.out


def test_the_summary_is_styled_on_a_terminal_and_plain_with_no_color(place: Path) -> None:
    styled, shown = on_terminal("infer", *CSV, at=place)
    assert styled.code == 0
    assert b"\x1b[1m" in shown
    plain, shown = on_terminal("infer", *CSV, at=place, env={"NO_COLOR": "1"})
    assert plain.code == 0
    assert b"Written to aegismatrix.json" in shown
    assert ESCAPE not in shown


def test_json_on_a_terminal_is_the_document_without_style(place: Path) -> None:
    ended, shown = on_terminal("infer", *CSV, "--json", at=place, streams=["stdout"])
    assert (ended.code, ended.err) == (0, "")
    # A terminal shows each line end as two characters.
    assert shown.replace(b"\r\n", b"\n") == (place / "aegismatrix.json").read_bytes()


@pytest.fixture
def unread() -> Iterator[int]:
    """A pipe whose reader has gone, as ``head`` leaves behind."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.mark.parametrize(
    "arguments",
    [("infer", *CSV), ("infer", *CSV, "--json"), ("--help",), ("infer", "--help"), ("--version",)],
    ids=["summary", "json", "help", "help of a command", "version"],
)
def test_a_reader_who_has_gone_is_no_error(place: Path, unread: int, arguments: tuple[str, ...]) -> None:
    assert aegis(*arguments, at=place, stdout=unread) == Ended(0, b"", "")
    assert ((place / "aegismatrix.json").read_bytes() == FORMER) == ("infer" not in arguments or "--help" in arguments)


def test_a_reader_who_has_gone_does_not_hide_that_the_document_is_degraded(place: Path, unread: int) -> None:
    without_index(place)
    assert aegis("infer", *CSV, "--json", at=place, stdout=unread) == Ended(10, b"", "")


def test_a_reader_of_errors_who_has_gone_does_not_change_the_code(place: Path, unread: int) -> None:
    assert aegis("infer", "--source", "csv", at=place, stderr=unread).code == 2
    assert aegis("infer", *CSV, "--as-of", "2017-08-15", at=place, stderr=unread).code == 2


@pytest.mark.parametrize("arguments", [("infer", *CSV), ("infer", *CSV, "--json"), ("--help",)])
def test_standard_output_on_a_full_disk_is_output_that_cannot_be_written(
    place: Path, arguments: tuple[str, ...]
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full, which is always full")
    with full.open("wb") as stdout:
        assert_refused(aegis(*arguments, at=place, stdout=stdout), 73, "cannot write to standard output: no space left")


def test_without_any_standard_output_the_document_is_written_all_the_same(place: Path) -> None:
    # What a shell does with `>&-`.
    closed = "import os, sys; os.close(1); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    ended = aegis("-m", "aegismatrix_engine", "infer", *CSV, at=place, start=("-c", closed))
    assert ended == Ended(0, b"", "")
    assert check_json((place / "aegismatrix.json").read_bytes())


def test_a_stream_of_few_characters_and_a_name_that_is_no_text_do_no_harm(place: Path) -> None:
    name = os.fsdecode(b"document-\xff.json")
    ended = aegis("infer", *CSV, "--output", name, at=place, env={"PYTHONIOENCODING": "ascii"})
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.isascii()
    assert check_json((place / name).read_bytes())


@pytest.mark.slow
def test_the_scripts_are_the_commands(place: Path) -> None:
    # The summary holds no moment of its making, so that both print the same.
    script = aegis(*CSV, at=place, start=(str(ROOT / "infer.py"),))
    assert script == aegis("infer", *CSV, at=place)
    assert script.code == 0
    trained = aegis(*CSV, "--models", "by-script", "--as-of", EARLY, at=place, start=(str(ROOT / "train_all.py"),))
    assert trained.code == 0
    assert b"written to by-script" in trained.out


@pytest.mark.parametrize("script", ["infer.py", "train_all.py"])
def test_the_scripts_tell_misuse_under_their_own_names(place: Path, script: str) -> None:
    start = (str(ROOT / script),)
    assert f"Usage: {script} [OPTIONS]" in aegis("--help", at=place, start=start).out.decode()
    assert_refused(aegis("--market", "dax", at=place, start=start), 2, f"; see `{script} --help`")


def test_the_installed_command_is_the_module(place: Path) -> None:
    installed = Path(sys.executable).with_name("aegis")
    if not installed.exists():
        pytest.skip("needs the package installed, with its command beside the interpreter")
    through = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"
    assert aegis(str(installed), "--version", at=place, start=("-c", through)) == aegis("--version", at=place)
