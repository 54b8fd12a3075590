"""How a command ends: its exit code, and errors as one line on standard error."""

import functools
import os
import sys
import traceback
import warnings
from collections.abc import Callable

import click

from aegismatrix_engine.errors import AegisError
from aegismatrix_engine.exit_codes import ExitCode


def told(command: Callable[..., ExitCode]) -> Callable[..., int]:
    """A command whose errors are told in one line; ``--verbose`` adds the traceback and lets warnings through."""

    @functools.wraps(command)
    def run(*, verbose: bool, **options: object) -> int:
        # Warnings of libraries speak to whoever writes code, not to whoever runs it.
        warnings.simplefilter("default" if verbose else "ignore")
        try:
            code = command(verbose=verbose, **options)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader of our output has gone; what was asked for is done. Python must not complain at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return int(ExitCode.DONE)
        except AegisError as error:
            return _failed(error, error.exit_code, verbose=verbose)
        except Exception as error:  # noqa: BLE001 - the last resort: what nobody foresaw is a bug, told as one
            return _failed(error, ExitCode.BUG, verbose=verbose)
        return int(code)

    return run


def _failed(error: Exception, code: ExitCode, *, verbose: bool) -> int:
    if verbose:
        traceback.print_exception(error)
    text = " ".join(str(error).split())
    if not isinstance(error, AegisError):
        text = f"a bug, {type(error).__name__}: {text}; run again with --verbose and report what it prints"
    click.echo(f"aegis: error: {text}", err=True)
    return int(code)
