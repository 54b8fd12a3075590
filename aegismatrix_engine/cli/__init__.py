"""The command line. What a command needs of the engine is imported when it runs, so that --help is quick."""

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from aegismatrix_engine import __version__
from aegismatrix_engine.cli.check_models import check_models
from aegismatrix_engine.cli.check_published import check_published
from aegismatrix_engine.cli.demo import demo
from aegismatrix_engine.cli.import_files import import_files
from aegismatrix_engine.cli.infer import infer
from aegismatrix_engine.cli.notify import notify
from aegismatrix_engine.cli.options import CONTEXT
from aegismatrix_engine.cli.outcome import EPILOG, INTERRUPTED, failed
from aegismatrix_engine.cli.publish import publish
from aegismatrix_engine.cli.record import record
from aegismatrix_engine.cli.restore import restore
from aegismatrix_engine.cli.rollback import rollback
from aegismatrix_engine.cli.run import run
from aegismatrix_engine.cli.streams import discard, print_error, unwritable_output
from aegismatrix_engine.cli.termination import TERMINATED, Terminated, termination_raised
from aegismatrix_engine.cli.train import train
from aegismatrix_engine.errors import ExitCode


@click.group(epilog=EPILOG, context_settings=CONTEXT, invoke_without_command=True)
@click.version_option(__version__, prog_name="aegis")
@click.pass_context
def aegis(context: click.Context) -> int:
    """Calibrated risk signals for an equity index from its spot and volatility index."""
    if context.invoked_subcommand is None:
        print_error(context.get_help())
        return int(ExitCode.USAGE)
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
        return int(command.main(args=arguments, prog_name=name, standalone_mode=False) or ExitCode.DONE)
    except click.ClickException as error:
        return _misused(error, name)
    except (click.Abort, KeyboardInterrupt):
        print_error(f"{name}: interrupted")
        return INTERRUPTED
    except SystemExit:
        # click's own end, with 1, where the reader of a help text has gone.
        discard(sys.stdout)
        return int(ExitCode.DONE)
    except OSError as error:
        # Commands tell their own errors: this is a help text that could not be printed.
        discard(sys.stdout)
        return failed(unwritable_output(error))
    except MemoryError as error:
        # Outside of a command there is little left to do than to read options.
        return failed(error)


def _misused(error: click.ClickException, name: str) -> int:
    """Tell in one line what click found wrong with the options, and where they are explained."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    text = " ".join(error.format_message().split()).rstrip(".")
    print_error(f"aegis: error: {text}; see `{context.command_path if context else name} --help`")
    return int(ExitCode.USAGE)
