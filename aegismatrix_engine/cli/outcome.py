"""How a command ends: its exit code, and errors as one line on standard error."""

import functools
import traceback
import warnings
from collections.abc import Callable

from aegismatrix_engine.cli.streams import print_error
from aegismatrix_engine.cli.termination import TERMINATED
from aegismatrix_engine.errors import ExitCode, own_error

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells count it."""

_MEANINGS = {code: code.meaning for code in ExitCode} | {INTERRUPTED: "interrupted", TERMINATED: "terminated"}
# The line of \b keeps click from filling the table up as one paragraph.
EPILOG = "\b\nExit codes:\n" + "\n".join(f"  {int(code):>3}  {meaning}" for code, meaning in _MEANINGS.items())


def reports_errors(command: Callable[..., ExitCode]) -> Callable[..., int]:
    """A command whose errors are told in one line; ``--verbose`` adds the traceback and lets warnings through."""

    @functools.wraps(command)
    def run(*, verbose: bool, **options: object) -> int:
        # Warnings of libraries speak to whoever writes code, not to whoever runs it.
        warnings.simplefilter("default" if verbose else "ignore")
        try:
            return int(command(verbose=verbose, **options))
        except Exception as error:  # noqa: BLE001 - the last resort: what nobody foresaw is a bug, told as one
            if verbose:
                print_error("".join(traceback.format_exception(error)).rstrip())
            return failed(error)

    return run


def failed(error: Exception) -> int:
    """Tell an error in one line and give the exit code it ends with; what is none of ours is a bug."""
    found = own_error(error)
    text = " ".join(str(found or error).split())
    if found is not None:
        print_error(f"aegis: error: {text}")
        return int(found.exit_code)
    kind = type(error).__name__
    print_error(
        f"aegis: error: a bug, {kind}: {text or 'no message'}; run again with --verbose and report what it prints"
    )
    return int(ExitCode.BUG)
