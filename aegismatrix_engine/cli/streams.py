"""Standard output for data, standard error for everything else, and readers who have gone."""

import contextlib
import os
import sys
from typing import TextIO

import click

from aegismatrix_engine.errors import OutputUnwritable


def print_output(content: str | bytes) -> None:
    """Write to standard output, all of it now; a reader who has gone, or never was, is no error.

    Bytes are written as they are, text in the encoding of the stream, escaped where that has no such character.

    Raises OutputUnwritable where the stream cannot take it, such as a file on a full disk.
    """
    if sys.stdout is None:
        return
    encoding = sys.stdout.encoding or "utf-8"
    data = content if isinstance(content, bytes) else content.encode(encoding, errors="backslashreplace")
    try:
        click.echo(data, nl=False)
    except BrokenPipeError:
        discard(sys.stdout)
    except OSError as error:
        discard(sys.stdout)
        raise unwritable_output(error) from error


def unwritable_output(error: OSError) -> OutputUnwritable:
    """What a failed write to standard output is to a user."""
    reason = (error.strerror or str(error)).lower()
    return OutputUnwritable(f"cannot write to standard output: {reason}; make room or send it elsewhere")


def print_error(text: str) -> None:
    """Write a line to standard error; where that is impossible nobody can be told."""
    try:
        click.echo(text, err=True)
    except OSError:
        discard(sys.stderr)


def print_warnings(*warnings: object) -> None:
    """Write each to standard error as a warning, a line each."""
    for warning in warnings:
        print_error(f"aegis: warning: {warning}")


def discard(stream: TextIO | None) -> None:
    """Let what a stream still holds go nowhere: Python would fail on it once more at the end, with its own code."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]
        os.close(nowhere)
