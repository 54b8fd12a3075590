"""``aegis notify``."""

import sys
from pathlib import Path

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.github_job import repository_of_the_job
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ConfigurationError, DataError, ExitCode
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file


@command()
@options.option(
    "--title",
    required=True,
    metavar="TEXT",
    help="The issue's title; an open issue of that exact title is commented on.",
)
@options.option(
    "--body-file",
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="The text, as Markdown in UTF-8; - for standard input.",
)
@options.flag(
    "--close",
    help="Close the open issue of that title instead, with the text as its last comment; nothing where there is none.",
)
@options.VERBOSITY
def notify(*, title: str, body_file: Path, close: bool, quiet: bool) -> ExitCode:
    """Open one issue on GitHub, or comment on the open one of that title; or close that one.

    A comment is made once a day at most, and where the text differs by more than moments and the addresses of runs.
    GITHUB_TOKEN, GITHUB_REPOSITORY and, where it is not the usual one, GITHUB_API_URL say where and by whom, as they do
    in a job of GitHub Actions. The token needs the permission issues: write.
    """
    from aegismatrix_engine.network.github_issues import Issues

    title = " ".join(title.split())
    if not title:
        raise ConfigurationError("--title is empty; say what happened")
    repository = repository_of_the_job()
    text = _text(body_file)
    issues = Issues(repository)
    done = issues.close(title, text) if close else issues.notify(title, text, current_moment())
    if not quiet:
        what = "no open issue" if done is None else f"{done.done} issue {done.number}"
        print_output(f"{what} of {repository.name}: {title}\n")
    return ExitCode.DONE


def _text(path: Path) -> str:
    """The text of the issue; raises DataError for a file that cannot be read, is not text, or is empty."""
    try:
        content = (
            sys.stdin.buffer.read() if str(path) == "-" else read_plain_file(path, DOCUMENT_LIMIT, follow_links=True)
        )
        text = content.decode().strip()
    except FileFault as fault:
        raise DataError(f"--body-file {path} {fault.reason}; name a file, or - for standard input") from fault
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(f"--body-file {path} cannot be read: {reason}; name a file, or - for standard input") from error
    except UnicodeDecodeError as error:
        raise DataError(f"--body-file {path} is not text in UTF-8, at byte {error.start}; write it so") from error
    if not text:
        raise DataError(f"--body-file {path} is empty; say what happened")
    return text
