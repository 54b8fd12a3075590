"""Whether a scheduled start has work to do, asked of the published branch before anything is installed.

    python3 -m aegismatrix_engine.state.work_due [--training]

It needs Python's standard library alone. The document (with ``--training`` the manifest of the model set) is read from
the branch through GitHub's API (docs.github.com/rest/repos/contents, raw media type). The answer goes to the outputs of
the job's step as ``due=true`` or ``due=false``, and with its reason to standard output.

A wrong "due" costs two minutes: the run itself decides by the exchange's calendar. A wrong "not due" costs readers a
document. So work is due where a file is missing, cannot be read, is dated later than now or is implausible.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from aegismatrix_engine.errors import AegisError, ConfigurationError, ExitCode, SourceUnavailable
from aegismatrix_engine.network.web import Answer as WebAnswer
from aegismatrix_engine.network.web import ask
from aegismatrix_engine.state.market_index import INDEX_NAME, parsed_index
from aegismatrix_engine.state.precedence import set_dated_ahead, trained_at
from aegismatrix_engine.state.time_policy import dated_ahead

BRANCH: Final = "published"
DOCUMENT: Final = "aegismatrix.json"
MANIFEST: Final = "models/manifest.json"

FURTHEST_DUE: Final = timedelta(days=10)
"""No next document is due later than this: longer than any closure of the exchange so far."""

TRAINED_LATELY: Final = timedelta(days=5)
"""How old a model set may be before a start of the weekly training has work to do."""

_OK: Final = 200
_ABSENT: Final = 404

UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""Errors of reading a damaged file."""


@dataclass(frozen=True)
class Answer:
    """Whether there is work, and why or why not: one line for the operator."""

    due: bool
    why: str


def document_work(document: bytes, now: datetime) -> Answer:
    """Whether a run has a document to make, by the fields of the published one.

    Args:
        document: the bytes on the branch.
        now: the moment of the start, with a zone.
    """
    try:
        content: Any = json.loads(document)
        made, as_of, until = (_moment(content[name]) for name in ("generated_at", "as_of", "valid_until"))
        written: object = content.get("next_due")
        health, clock = str(content["health"]["status"]), str(content["provenance"].get("clock", ""))
        due = None if written is None else _moment(written)
    except UNREADABLE:
        return Answer(True, "the published document cannot be read")
    if due is None:
        return Answer(True, "the published document does not say when the next is due")
    ahead = dated_ahead(now, {"as_of": as_of, "generated_at": made})
    if ahead is not None:
        return Answer(True, f"the published document is dated ahead: {ahead}")
    if due > now + FURTHEST_DUE:
        return Answer(True, f"the published document has the next due at {due.isoformat()}, which is implausible")
    if health == "withdrawn":
        # It is no longer valid, and a document of the same moment would not replace it.
        until, health = due, "ok"
    if now >= min(due, until):
        return Answer(
            True, f"the document as of {as_of.isoformat()} was due to be replaced at {min(due, until).isoformat()}"
        )
    if clock == "before_open" and health != "ok":
        return Answer(True, "the document of the night is degraded")
    return Answer(False, f"the document as of {as_of.isoformat()} is current; the next is due at {due.isoformat()}")


def training_work(manifest: bytes, now: datetime) -> Answer:
    """Whether a training has a set to make, by when the published one was trained.

    Args:
        manifest: the bytes on the branch.
        now: the moment of the start, with a zone.
    """
    trained = trained_at(manifest)
    if trained is None:
        return Answer(True, "the published manifest cannot be read")
    trained_text = f"the published set was trained at {trained.astimezone(UTC).isoformat()}"
    ahead = set_dated_ahead(manifest, now)
    if ahead is not None:
        return Answer(True, f"the published set is dated ahead: {ahead}")
    limit = f"{TRAINED_LATELY.days} days ago"
    if now - trained > TRAINED_LATELY:
        return Answer(True, f"{trained_text}, more than {limit}")
    return Answer(False, f"{trained_text}, no more than {limit}")


def several_work(first: bytes, environment: Mapping[str, str], now: datetime) -> Answer:
    """Whether a run has a document to make of any market: of the first, or of another that the published index names.

    Args:
        first: the document of the first market on the branch.
        environment: as ``asked`` takes it.
        now: the moment of the start, with a zone.

    Raises:
        SourceUnavailable: a document that the index names is not there, or no answer came in time.
    """
    answer = document_work(first, now)
    if answer.due:
        return answer
    index = _asked(INDEX_NAME, environment)
    if index.status == _ABSENT:
        return answer
    others = [one for one in parsed_index(_content(INDEX_NAME, index)) if "/" in one.path]
    answers = ((one.id, document_work(asked(one.path, environment), now)) for one in others)
    due = next((Answer(True, f"{market}: {found.why}") for market, found in answers if found.due), None)
    return due or answer


def asked(path: str, environment: Mapping[str, str]) -> bytes:
    """A file of the published branch.

    Args:
        path: the file's, on the branch.
        environment: of the job: GITHUB_REPOSITORY, GITHUB_TOKEN and, where it is not the usual one, GITHUB_API_URL.

    Raises:
        ConfigurationError: the environment is not the one of a job.
        SourceUnavailable: the file is not there, or no answer came in time.
    """
    return _content(path, _asked(path, environment))


def _content(path: str, answer: WebAnswer) -> bytes:
    if answer.status != _OK:
        raise SourceUnavailable(f"{path} of branch {BRANCH} cannot be read (status {answer.status})")
    return answer.body


def _asked(path: str, environment: Mapping[str, str]) -> WebAnswer:
    repository, token = (environment.get(name, "") for name in ("GITHUB_REPOSITORY", "GITHUB_TOKEN"))
    if not repository or not token:
        raise ConfigurationError("GITHUB_REPOSITORY or GITHUB_TOKEN is not set; set both")
    api = environment.get("GITHUB_API_URL") or "https://api.github.com"
    return ask(
        f"{api.rstrip('/')}/repos/{quote(repository)}/contents/{quote(path)}?ref={BRANCH}",
        headers={
            "Accept": "application/vnd.github.raw+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        redirects=False,
    )


def main(arguments: Sequence[str], environment: Mapping[str, str], now: datetime) -> ExitCode:
    """Print the answer, and hand it to the later steps of the job."""
    if list(arguments) not in ([], ["--training"]):
        sys.stderr.write("usage: python3 -m aegismatrix_engine.state.work_due [--training]\n")
        return ExitCode.USAGE
    try:
        if arguments:
            answer = training_work(asked(MANIFEST, environment), now)
        else:
            answer = several_work(asked(DOCUMENT, environment), environment, now)
    except AegisError as error:
        answer = Answer(True, str(error))
    due = "true" if answer.due else "false"
    sys.stdout.write(f"due={due}: {answer.why}\n")
    if not answer.due and not arguments:
        _heartbeat(environment.get("AEGIS_HEARTBEAT_URL"))
    outputs = environment.get("GITHUB_OUTPUT")
    if outputs:
        with Path(outputs).open("a", encoding="utf-8") as file:
            file.write(f"due={due}\n")
    return ExitCode.DONE


def _heartbeat(url: str | None) -> None:
    """Call the monitor's address: a start with nothing to do is as good a sign as a run that went well."""
    try:
        if url:
            ask(url)
    except AegisError as error:
        sys.stderr.write(f"aegis: warning: no heartbeat: {error}\n")


def _moment(written: object) -> datetime:
    """An instant as a document writes it; raises ValueError for anything else."""
    if not isinstance(written, str):
        raise ValueError("expected a timestamp")
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("expected a zone")
    return moment.astimezone(UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, datetime.now(UTC)))
