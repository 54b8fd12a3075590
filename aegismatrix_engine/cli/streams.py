"""Standard output for data, standard error for everything else; a pipe that its reader has closed is no failure."""

import contextlib
import os
import sys
from typing import TextIO

import click

from aegismatrix_engine.errors import OutputUnwritable


def print_output(content: str | bytes) -> None:
    """Write to standard output, all of it now; a reader who has closed the pipe, or a missing stream, is not an error.

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
    """The error that reports a failed write to standard output."""
    reason = (error.strerror or str(error)).lower()
    return OutputUnwritable(f"cannot write to standard output: {reason}; make room or send it elsewhere")


def print_error(text: str) -> None:
    """Write a line to standard error; where that is impossible it is dropped."""
    try:
        click.echo(text, err=True)
    except OSError:
        discard(sys.stderr)


def print_warnings(*warnings: object) -> None:
    """Write each to standard error as a warning, a line each."""
    for warning in warnings:
        print_error(f"aegis: warning: {warning}")


def discard(stream: TextIO | None) -> None:
    """Drop what a stream still holds: Python would fail on it again at the end, with an exit code of its own."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]
        os.close(nowhere)
