"""What --help tells, and that the environment says the same as options do."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import click
import pytest
from command_line import CSV, EARLY, Ended, aegis, assert_refused, contents, without_moment

from aegismatrix_engine import __version__
from aegismatrix_engine.cli import aegis as group
from aegismatrix_engine.cli.import_files import SERIES
from aegismatrix_engine.cli.options import MARKETS
from aegismatrix_engine.cli.options import SOURCES as OFFERED
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.history.inputs import COMPANION_SERIES, Series
from aegismatrix_engine.markets import known_markets
from aegismatrix_engine.sources.source import SOURCES

Call = Callable[..., Ended]
COMMANDS = sorted(group.commands)
OPTIONS = {
    "train": {
        "--all",
        "--jobs",
        "--market",
        "--markets-dir",
        "--calendar",
        "--source",
        "--data",
        "--as-of",
        "--patience",
        "--output",
        "--models",
        "--force",
        "--quiet",
        "--verbose",
    },
    "infer": {
        "--all",
        "--market",
        "--markets-dir",
        "--calendar",
        "--source",
        "--data",
        "--as-of",
        "--models",
        "--output",
        "--options",
        "--allow-degraded",
    }
    | {
        "--patience",
        "--if-due",
        "--cache",
        "--max-vix-age",
        "--record",
        "--retrain-if-unhealthy",
        "--json",
        "--quiet",
        "--verbose",
    },
    "import": {
        "--output",
        "--market",
        "--markets-dir",
        "--series",
        "--date-order",
        "--zone",
        "--bar-stamp",
        "--quiet",
        "--verbose",
    },
    "check-models": {
        "--all",
        "--market",
        "--markets-dir",
        "--calendar",
        "--models",
        "--output",
        "--json",
        "--quiet",
        "--verbose",
    },
    "run": {
        "--all",
        "--market",
        "--markets-dir",
        "--calendar",
        "--source",
        "--data",
        "--patience",
        "--if-due",
        "--cache",
        "--max-vix-age",
        "--options",
        "--models",
    }
    | {"--output", "--record", "--branch", "--first", "--no-publish", "--heartbeat-url", "--quiet", "--verbose"}
    | {"--site", "--no-site", "--site-branch", "--site-url"},
    "restore": {"--branch", "--output", "--record", "--models", "--quiet", "--verbose"},
    "notify": {"--title", "--body-file", "--close", "--quiet", "--verbose"},
    "check-published": {
        "--url",
        "--file",
        "--max-age",
        "--page",
        "--page-url",
        "--issue",
        "--calendar",
        "--markets-dir",
    }
    | {"--quiet", "--verbose"},
    "record": set(),
    "publish": {"--output", "--record", "--models", "--branch", "--replay", "--withdraw", "--run", "--heartbeat-url"}
    | {"--site-branch", "--site-url", "--quiet", "--verbose"},
    "rollback": {
        "--to",
        "--lift",
        "--reason",
        "--force",
        "--branch",
        "--market",
        "--markets-dir",
        "--output",
        "--record",
        "--models",
        "--quiet",
        "--verbose",
    },
    "dashboard": {"--document", "--record", "--output", "--markets-dir", "--site-url", "--branch", "--serve", "--port"}
    | {"--quiet", "--verbose"},
    "options": {"--market", "--markets-dir", "--calendar", "--patience", "--json", "--quiet", "--verbose"},
    "markets": set(),
    "backtest": set(),
    "demo": {"--json", "--quiet", "--verbose"},
}


BACKTEST_OPTIONS = {
    "run": {
        "--market",
        "--all",
        "--shared-folder",
        "--markets-dir",
        "--calendar",
        "--source",
        "--patience",
        "--data",
        "--from",
        "--to",
        "--refit",
        "--intraday",
        "--output",
    }
    | {"--jobs", "--scheduler", "--estimate", "--quiet", "--verbose"},
    "report": {"--garch", "--source", "--patience", "--data", "--markets-dir", "--calendar", "--html", "--json"}
    | {"--quiet", "--verbose"},
}
RECORD_OPTIONS = {
    "resolve": {
        "--market",
        "--markets-dir",
        "--calendar",
        "--source",
        "--data",
        "--as-of",
        "--patience",
        "--cache",
        "--record",
        "--quiet",
        "--verbose",
    },
    "report": {
        "--market",
        "--markets-dir",
        "--calendar",
        "--record",
        "--published",
        "--branch",
        "--output",
        "--html",
        "--json",
        "--quiet",
        "--verbose",
    },
}


def options(command: str) -> list[click.Option]:
    return [option for option in group.commands[command].params if isinstance(option, click.Option)]


@pytest.mark.parametrize(("name", "promised"), [("record", RECORD_OPTIONS), ("backtest", BACKTEST_OPTIONS)])
def test_the_commands_of_a_group_have_the_options_they_promise(name: str, promised: dict[str, set[str]]) -> None:
    inner = group.commands[name]
    assert isinstance(inner, click.Group)
    found = {
        name: {option.opts[0] for option in command.params if isinstance(option, click.Option)}
        for name, command in inner.commands.items()
    }
    assert found == promised


def test_the_commands_have_the_options_they_promise() -> None:
    assert {name: {option.opts[0] for option in options(name)} for name in COMMANDS} == OPTIONS


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_explains_the_command_every_option_and_every_exit_code(call: Call, command: str, flag: str) -> None:
    ended = call(command, flag)
    assert (ended.code, ended.err) == (0, "")
    told = " ".join(ended.out.decode().split())
    assert told.startswith(f"Usage: aegis {command} [OPTIONS]")
    for option in options(command):
        variable = "AEGIS_" + option.opts[0].strip("-").upper().replace("-", "_")
        assert option.help
        assert option.help in told
        assert f"[env var: {variable}" in told
    for code in ExitCode:
        assert re.search(rf" {code.value} [a-z]", told), code


def test_help_of_the_whole_names_every_command_and_every_exit_code(call: Call) -> None:
    ended = call("--help")
    assert ended.code == 0
    for command in COMMANDS:
        assert f"\n  {command} " in ended.out.decode()
    explained = {int(code) for code in re.findall(r"^ +(\d+)  [a-z]", ended.out.decode(), flags=re.MULTILINE)}
    assert explained == {*map(int, ExitCode), 130, 143}


def test_version_is_the_packages(call: Call) -> None:
    ended = call("--version")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"aegis, version {__version__}".encode())


def test_the_choices_offered_are_those_there_are() -> None:
    assert sorted(MARKETS) == sorted(known_markets())
    assert OFFERED == SOURCES
    # Files are imported for markets of the engine, none of which has a companion index.
    assert get_args(Series) == (*SERIES, COMPANION_SERIES)


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from aegismatrix_engine.cli import main\n"
        "try: main(['infer', '--help'])\n"
        "finally: print([n for n in ('numpy', 'pandas', 'pydantic', 'rich', 'yfinance') if n in sys.modules], "
        "file=sys.stderr)"
    )
    assert aegis(at=tmp_path, start=("-c", code)).err == "[]\n"


def test_inference_never_loads_the_network_or_the_demos_package(place: Path) -> None:
    code = (
        "import sys; from aegismatrix_engine.cli import main\n"
        "try: main()\n"
        "finally: print([n for n in ('yfinance', 'arch', 'requests', 'curl_cffi') if n in sys.modules], "
        "file=sys.stderr)"
    )
    ended = aegis("infer", *CSV, at=place, start=("-c", code))
    assert (ended.code, ended.err) == (0, "[]\n")


INFER = {
    "--market": "nifty50",
    "--source": "csv",
    "--data": "data",
    "--models": "kept",
    "--output": "elsewhere.json",
    "--as-of": "2020-06-01",
}


def variables(chosen: dict[str, str]) -> dict[str, str]:
    return {"AEGIS_" + name.strip("-").upper().replace("-", "_"): value for name, value in chosen.items()}


def test_the_environment_says_the_same_as_options_do(place: Path) -> None:
    (place / "models").rename(place / "kept")
    by_options = aegis("infer", *(word for pair in INFER.items() for word in pair), "--json", at=place)
    (place / "elsewhere.json").unlink()
    by_environment = aegis("infer", at=place, env={**variables(INFER), "AEGIS_JSON": "1"})
    assert by_options.code == by_environment.code == 0
    assert without_moment(by_options.out) == without_moment(by_environment.out)
    assert by_environment.out == (place / "elsewhere.json").read_bytes()


@pytest.mark.parametrize(
    "chosen",
    [{"AEGIS_QUIET": "1"}, {"AEGIS_QUIET": "true", "AEGIS_VERBOSE": "no"}],
    ids=["quiet", "quiet, not verbose"],
)
def test_flags_can_be_set_by_the_environment(call: Call, chosen: dict[str, str]) -> None:
    assert call("infer", *CSV, env=chosen) == Ended(0, b"", "")


LIVE = {"AEGIS_IF_DUE": "1", "AEGIS_CACHE": "cache", "AEGIS_MAX_VIX_AGE": "10"}


def test_what_concerns_live_bars_can_be_set_by_the_environment(call: Call) -> None:
    assert call("infer", *CSV, env=LIVE | {"AEGIS_QUIET": "1"}) == Ended(0, b"", "")


@pytest.mark.parametrize("age", ["-1", "11", "two", "1.5"])
def test_the_age_allowed_of_the_volatility_index_is_a_small_number_of_sessions(call: Call, age: str) -> None:
    assert_refused(call("infer", *CSV, "--max-vix-age", age), 2, "--max-vix-age", "see `aegis infer --help`")
    assert_refused(call("infer", *CSV, env={"AEGIS_MAX_VIX_AGE": age}), 2, "--max-vix-age")


def test_an_option_beats_the_environment(call: Call, place: Path) -> None:
    ended = call("infer", *CSV, "--output", "chosen.json", "--quiet", env={"AEGIS_OUTPUT": "unwanted.json"})
    assert ended.code == 0
    assert (place / "chosen.json").exists()
    assert not (place / "unwanted.json").exists()


def test_a_traceback_can_be_asked_for_by_the_environment(call: Call) -> None:
    ended = call("infer", *CSV, "--as-of", "never", env={"AEGIS_VERBOSE": "1"})
    assert ended.code == 2
    assert "Traceback (most recent call last):" in ended.err


def test_training_writes_where_it_is_told_and_nowhere_else(call: Call, place: Path) -> None:
    before = contents(place)
    ended = call("train", "--quiet", env=variables({**INFER, "--models": "new", "--as-of": EARLY}))
    assert ended == Ended(0, b"", "")
    added = contents(place).keys() - before.keys()
    assert added
    assert all(name.startswith("new/") for name in added)
    assert {name: content for name, content in contents(place).items() if name in before} == before
