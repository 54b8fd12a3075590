"""The options that commands share; each can also be set by an AEGIS_* environment variable."""

import functools
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click

from aegismatrix_engine.jobs.settings import BarsSettings

MARKETS = ("nifty50", "sp500")
SOURCES = ("yahoo", "csv", "sample")

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

Command = TypeVar("Command", bound=Callable[..., Any])


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """An option that its environment variable sets, too."""
    variable = "AEGIS_" + names[0].partition("/")[0].lstrip("-").upper().replace("-", "_")
    return click.option(*names, envvar=variable, show_envvar=True, **settings)


def market_option(command: Command) -> Command:
    """Which index."""
    return option("--market", type=click.Choice(MARKETS), default="nifty50", show_default=True, help="The index.")(
        command
    )


def calendar_option(command: Command) -> Command:
    """The operator's own calendar."""
    return option(
        "--calendar",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Closures, special sessions and hours that go before the engine's own calendar; see docs/data.md. "
        "Default: calendar.toml in the working directory, if it is there.",
    )(command)


def source_options(command: Command) -> Command:
    """Where bars come from, and up to when."""
    return bars_options(
        option(
            "--as-of",
            metavar="DATE|TIMESTAMP",
            help="Speak from this session's official close, or from the last one before a timestamp; later bars are "
            "cut off. Default: the last complete session.",
        )(command)
    )


def bars_together(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command its options of bars as one argument, ``bars``."""

    @functools.wraps(command)
    def run(**options: Any) -> Any:
        names = [field.name for field in fields(BarsSettings) if field.name in options]
        return command(bars=BarsSettings(**{name: options.pop(name) for name in names}), **options)

    return run


def bars_options(command: Command) -> Command:
    """Where bars come from."""
    command = option(
        "--data",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder of the csv source: spot_daily.csv and, if there are any, vix_daily.csv, spot_intraday.csv, "
        "vix_intraday.csv, us_vix_daily.csv.",
    )(command)
    command = option(
        "--patience",
        type=click.FloatRange(1, 600),
        default=60,
        show_default=True,
        metavar="SECONDS",
        help="How long a source over the network may take for all series together, waits and repeats included.",
    )(command)
    return option(
        "--source",
        type=click.Choice(SOURCES),
        default="yahoo",
        show_default=True,
        help="Where bars come from; sample is the S&P 500 history inside the arch package.",
    )(command)


def models_option(command: Command) -> Command:
    """The folder of the model set."""
    return option(
        "--models",
        type=click.Path(path_type=Path),
        default=Path("models"),
        show_default=True,
        metavar="DIR",
        help="Folder of the model set.",
    )(command)


def output_option(command: Command) -> Command:
    """Where the document goes."""
    return option(
        "--output",
        type=click.Path(path_type=Path),
        default=Path("aegismatrix.json"),
        show_default=True,
        metavar="FILE",
        help="The document; replaced whole or not at all.",
    )(command)


def live_options(command: Command) -> Command:
    """What holds for bars of today: when to ask for them at all, and how old they may be."""
    command = option(
        "--max-vix-age",
        type=click.IntRange(0, 10),
        default=2,
        show_default=True,
        metavar="N",
        help="Sessions that the volatility index may lag behind in a live document.",
    )(command)
    command = cache_option(command)
    return option(
        "--if-due/--even-if-not-due",
        default=False,
        help="Do nothing and end with exit code 0 unless a document is due: shortly before the open, in session, and "
        "after the close until the document has the official close.",
    )(command)


def cache_option(command: Command) -> Command:
    """Where the last good bars of a source over the network are kept."""
    return option(
        "--cache",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder where the yahoo source keeps the last good bars, for when Yahoo fails; without it none are kept.",
    )(command)


def record_option(command: Command) -> Command:
    """Whether, and where, a document's forecasts are recorded."""
    return option(
        "--record",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder of the record, by convention record/ beside the document: its forecasts are appended, and what it "
        "says of past ones goes into the document. Without it nothing is recorded.",
    )(command)


def record_folder_option(command: Command) -> Command:
    """The folder of the record."""
    return option(
        "--record",
        type=click.Path(path_type=Path),
        default=Path("record"),
        show_default=True,
        metavar="DIR",
        help="Folder of the record of forecasts.",
    )(command)


def branch_option(command: Command) -> Command:
    """The branch that readers read."""
    return option(
        "--branch",
        default="published",
        show_default=True,
        metavar="NAME",
        help="The remote's branch with what is published; there is none before the first run.",
    )(command)


def witness_options(command: Command) -> Command:
    """Whether the published branch's history is asked for the record, and where it holds the document."""
    command = option(
        "--output",
        type=click.Path(path_type=Path),
        default=Path("aegismatrix.json"),
        show_default=True,
        metavar="FILE",
        help="With --published: where the branch holds the document.",
    )(command)
    return option(
        "--published",
        is_flag=True,
        help="Read the record from the remote's branch, and count as live only what a commit of its history held in "
        "time; how fresh the document was there is said, too.",
    )(branch_option(command))


def first_option(command: Command) -> Command:
    """Whether nothing was published before."""
    return option(
        "--first",
        is_flag=True,
        help="Begin a new branch where there is none, or accept a record that is shorter than it was; without it both "
        "are an alarm.",
    )(command)


def no_publish_option(command: Command) -> Command:
    """Whether publishing is left to a step of its own."""
    return option(
        "--no-publish",
        is_flag=True,
        help="Do all but publish, and write run.json for `aegis publish --run run.json`, which does the rest.",
    )(command)


def heartbeat_option(command: Command) -> Command:
    """The monitor that hears of runs."""
    return option(
        "--heartbeat-url",
        metavar="URL",
        help="Called after a run that ended with 0, for a monitor that hears when runs stay away.",
    )(command)


def json_option(command: Command) -> Command:
    """The document on standard output."""
    return option("--json", "as_json", is_flag=True, help="Print JSON instead of a summary.")(command)


def verbosity_options(command: Command) -> Command:
    """How much is said."""
    command = option("--verbose", is_flag=True, help="Say more, warnings and tracebacks included.")(command)
    return option("--quiet", is_flag=True, help="Print nothing but errors (and the document with --json).")(command)
