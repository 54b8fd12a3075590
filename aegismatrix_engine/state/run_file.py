"""What ``aegis run --no-publish`` hands on to ``aegis publish --run``: what was made, and what is left to be done.

The two are steps of their own, so that only the step that talks to the remote and to GitHub has the token.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from aegismatrix_engine.errors import DataError, ExitCode
from aegismatrix_engine.state.lateness import OutOfDate
from aegismatrix_engine.state.plain_file import FileFault

RUN_FILE_NAME = "run.json"
_CLOSED: dict[str, Any] = {"extra": "forbid", "strict": True}
"""How pydantic reads the classes of this file: no other fields, no other types."""


@dataclass(frozen=True)
class Notice:
    """An issue to be opened, or commented on where its state has changed.

    Attributes:
        title: of the issue.
        body: in Markdown.
        state: what must differ for another comment.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _CLOSED
    title: str
    body: str
    state: str


@dataclass(frozen=True)
class RunSteps:
    """What was done so far.

    Attributes:
        ended: the exit code of it all.
        steps: name, exit code and meaning of each step.
        notes: what else is to be read in the summary.
        document: what the summary shows of the document that was made; empty where none was.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _CLOSED
    ended: int
    steps: tuple[tuple[str, int, str], ...]
    notes: tuple[str, ...]
    document: dict[str, str]


@dataclass(frozen=True)
class RunFile:
    """A run up to its publishing.

    Attributes:
        format: of this file.
        account: what was done so far.
        made: whether there is a document to be published.
        branch, output, record, models: as given by the options.
        cache: folder in which the size of the record is kept; None for none.
        notices: issues to be opened, whether or not publishing succeeds.
        out_of_date: what is wrong with a published document that is too old; reported where nothing is published.
        stays_out_of_date: what stays wrong where all that was made is published: of several markets, of those that
            failed.
        site: folder of the page that was built of the document; None where none was.
        site_files: paths of its files below that folder; no others are published.
        site_branch: as given by the option.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _CLOSED
    format: Literal["aegis-run-1"]
    account: RunSteps
    made: bool
    branch: str
    output: str
    record: str
    models: str
    cache: str | None
    notices: tuple[Notice, ...]
    out_of_date: OutOfDate | None
    site: str | None = None
    site_files: tuple[str, ...] = ()
    site_branch: str = "site"
    stays_out_of_date: OutOfDate | None = None


def rendered(run: RunFile) -> bytes:
    """The text that ``read_run_file`` reads, in UTF-8."""
    return json.dumps(asdict(run), indent=1).encode() + b"\n"


def read_run_file(path: Path) -> RunFile:
    """The run that a file holds; raises DataError for a file that ``aegis run`` has not written."""
    # Slow to import, and only needed where such a file is read.
    from aegismatrix_engine.state.json_file import read_json

    try:
        run = read_json(path, RunFile)
        ExitCode(run.account.ended)
    except (FileFault, ValueError) as fault:
        raise DataError(f"{path} {fault}; make it with `aegis run --no-publish`") from fault
    return run
