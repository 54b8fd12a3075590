"""How a command ends: its exit code, and errors as one line on standard error."""

import functools
import traceback
import warnings
from collections.abc import Callable

import click

from aegismatrix_engine.cli.streams import print_error
from aegismatrix_engine.cli.termination import TERMINATED, raise_if_terminated
from aegismatrix_engine.errors import ExitCode, own_error

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells count it."""

_MEANINGS = {code: code.meaning for code in ExitCode} | {INTERRUPTED: "interrupted", TERMINATED: "terminated"}
# The line of \b keeps click from filling the table up as one paragraph.
EPILOG = "\b\nExit codes:\n" + "\n".join(f"  {int(code):>3}  {meaning}" for code, meaning in _MEANINGS.items())
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def command(name: str | None = None, group: click.Group | None = None) -> Callable[..., click.Command]:
    """Makes a function a command, of a group if one is given, whose errors are printed in one line."""

    def made(function: Callable[..., ExitCode]) -> click.Command:
        found = click.command(name, epilog=EPILOG, context_settings=CONTEXT)(_reports_errors(function))
        if group is not None:
            group.add_command(found)
        return found

    return made


def _reports_errors(function: Callable[..., ExitCode]) -> Callable[..., int]:
    @functools.wraps(function)
    def run(*, verbose: bool, **options: object) -> int:
        # Warnings of libraries are for developers.
        warnings.simplefilter("default" if verbose else "ignore")
        try:
            return int(function(**options))
        except Exception as error:  # noqa: BLE001 - any other error is a bug, and reported as one
            return failed(error)

    return run


def failed(error: Exception, market: str = "") -> int:
    """Print an error in one line, with ``--verbose`` its traceback before; gives the exit code it ends with.

    Args:
        error: that ended the command, or a part of its work.
        market: whose work it ended, where there are several; empty for one alone.

    Raises:
        Terminated: the error is what a library made of the end that the process was asked for.
    """
    raise_if_terminated()
    context = click.get_current_context(silent=True)
    if context is not None and context.params.get("verbose"):
        print_error("".join(traceback.format_exception(error)).rstrip())
    found = own_error(error)
    text, of = " ".join(str(found or error).split()), market and f"{market}: "
    if found is not None:
        print_error(f"aegis: error: {of}{text}")
        return int(found.exit_code)
    kind = type(error).__name__
    print_error(
        f"aegis: error: {of}a bug, {kind}: {text or 'no message'}; run again with --verbose and report what it prints"
    )
    return int(ExitCode.BUG)
