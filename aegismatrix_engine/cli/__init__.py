"""The command line. What a command needs of the engine is imported when it runs, so that --help is quick."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from aegismatrix_engine import __version__
from aegismatrix_engine.cli.backtest import backtest
from aegismatrix_engine.cli.check_models import check_models
from aegismatrix_engine.cli.check_published import check_published
from aegismatrix_engine.cli.clock import stated_commit
from aegismatrix_engine.cli.configuration import configured
from aegismatrix_engine.cli.dashboard import dashboard
from aegismatrix_engine.cli.demo import demo
from aegismatrix_engine.cli.import_files import import_files
from aegismatrix_engine.cli.infer import infer
from aegismatrix_engine.cli.markets import markets
from aegismatrix_engine.cli.notify import notify
from aegismatrix_engine.cli.option_chain import option_chain
from aegismatrix_engine.cli.outcome import CONTEXT, EPILOG, INTERRUPTED, failed
from aegismatrix_engine.cli.publish import publish
from aegismatrix_engine.cli.record import record
from aegismatrix_engine.cli.restore import restore
from aegismatrix_engine.cli.rollback import rollback
from aegismatrix_engine.cli.run import run
from aegismatrix_engine.cli.streams import discard, print_error, unwritable_output
from aegismatrix_engine.cli.termination import TERMINATED, Terminated, termination_raised
from aegismatrix_engine.cli.train import train
from aegismatrix_engine.errors import ExitCode

CONFIG_VARIABLE = "AEGIS_CONFIG"


def _print_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from aegismatrix_engine.jobs.engine_commit import engine_commit

        commit = engine_commit(stated_commit())
        click.echo(f"aegis, version {__version__}" + (f", commit {commit}" if commit else ""))
        context.exit()


@click.group(epilog=EPILOG, context_settings=CONTEXT, invoke_without_command=True)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar=CONFIG_VARIABLE,
    show_envvar=True,
    metavar="FILE",
    help="Options for every run, where neither the command line nor the environment sets them; see "
    "docs/command-line.md. Default: aegis.toml in the working directory, if it is there.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and the commit, and exit.",
)
@click.pass_context
def aegis(context: click.Context, config: Path | None) -> int:
    """Calibrated risk signals for an equity index from its spot and volatility index."""
    if context.invoked_subcommand is None:
        print_error(context.get_help())
        return int(ExitCode.USAGE)
    context.default_map = configured(aegis, config)
    return int(ExitCode.DONE)


for _command in (
    run,
    restore,
    import_files,
    train,
    infer,
    record,
    publish,
    rollback,
    check_models,
    check_published,
    notify,
    dashboard,
    option_chain,
    backtest,
    markets,
    demo,
):
    aegis.add_command(_command)


def main(arguments: Sequence[str] | None = None, command: click.Command = aegis, name: str = "aegis") -> NoReturn:
    """Run a command and end the process with its exit code; never with 1, and never with a traceback unasked."""
    try:
        with termination_raised():
            code = _ended(arguments, command, name)
    except Terminated:
        print_error(f"{name}: terminated")
        code = TERMINATED
    sys.exit(code)


def _ended(arguments: Sequence[str] | None, command: click.Command, name: str) -> int:
    try:
        settings = None if command is aegis else _settings_of_script(command)
        ended = command.main(args=arguments, prog_name=name, standalone_mode=False, default_map=settings)
        return int(ended or ExitCode.DONE)
    except click.ClickException as error:
        return _misused(error, name)
    except (click.Abort, KeyboardInterrupt):
        print_error(f"{name}: interrupted")
        return INTERRUPTED
    except SystemExit:
        # click ends with 1 where the reader of a help text has closed the pipe.
        discard(sys.stdout)
        return int(ExitCode.DONE)
    except OSError as error:
        # Commands report their own errors: this is a help text that could not be printed.
        discard(sys.stdout)
        return failed(unwritable_output(error))
    except MemoryError as error:
        # Outside of a command there is little left to do than to read options.
        return failed(error)


def _settings_of_script(command: click.Command) -> dict[str, object] | None:
    """The options in aegis.toml of a command that runs by itself, without the group and its ``--config``."""
    named = os.environ.get(CONFIG_VARIABLE)
    return configured(aegis, Path(named) if named else None).get(str(command.name))


def _misused(error: click.ClickException, name: str) -> int:
    """Print in one line what click found wrong with the options, and where they are explained."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    text = " ".join(error.format_message().split()).rstrip(".")
    print_error(f"aegis: error: {text}; see `{context.command_path if context else name} --help`")
    return int(ExitCode.USAGE)
