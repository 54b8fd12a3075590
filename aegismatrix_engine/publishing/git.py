"""The git executable: every call with a time limit and without prompts, every failure one of our errors."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.publishing.failures import found, plain

LOCAL_SECONDS: Final = 60.0
"""Limit for a call that needs no network; such calls take milliseconds."""

TIMED_OUT: Final = 124
"""Exit code given to a call that was ended at its limit, as coreutils' timeout does."""

NEEDED: Final = (2, 29)
"""The oldest git that works: the first with ``fetch --no-write-fetch-head``."""

_WRONG_USAGE: Final = 129
"""Exit code of git for an unknown option."""

# Git's messages are read, so they must not be translated.
_ALWAYS: Final = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
# Nobody is there to answer a window of ssh or of a credential helper; the user's own settings take precedence.
_UNASKED: Final = {"SSH_ASKPASS_REQUIRE": "never", "GCM_INTERACTIVE": "never"}

_VERSION: Final = re.compile(r"git version (\d+)\.(\d+)\S*")
_TELLING: Final = ("fatal: ", "error: ", "remote: ")


@dataclass(frozen=True)
class Answer:
    """How a call of git ended: exit code, standard output, standard error."""

    code: int
    out: bytes
    err: str

    def reason(self) -> str:
        """Git's line with the reason, without the credentials an address may hold."""
        lines = [line.strip() for line in self.err.splitlines() if line.strip()]
        found = next((line for start in _TELLING for line in lines if line.startswith(start)), (lines or [""])[0])
        return plain(found) or self._ending()

    def _ending(self) -> str:
        if self.code >= 0:
            return f"git ended with {self.code}"
        return f"git was ended by signal {-self.code} ({(signal.strsignal(-self.code) or 'unknown').lower()})"


class Git:
    """git, run in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ask(
        self,
        *arguments: str,
        feed: bytes = b"",
        seconds: float = LOCAL_SECONDS,
        environment: Mapping[str, str] | None = None,
    ) -> Answer:
        """Run ``git ARGUMENTS`` with ``feed`` on its standard input, whatever its exit code.

        A call that takes longer than ``seconds`` is killed with all it started; its exit code is TIMED_OUT.

        Raises:
            OutputUnwritable: git cannot be started, or is too old to know an option.
        """
        process = self.started(*arguments, environment=environment)
        with process:
            try:
                out, err = process.communicate(feed, timeout=seconds)
            except subprocess.TimeoutExpired:
                _end(process)
                return Answer(TIMED_OUT, b"", f"fatal: no answer within {seconds:.0f} s")
            except BaseException:
                _end(process)
                raise
        answer = Answer(process.returncode, out, err.decode(errors="replace"))
        if answer.code == _WRONG_USAGE and arguments != ("--version",):
            raise OutputUnwritable(
                f"git {arguments[0]} does not know an option: {answer.reason()}; this is "
                f"{self.version or 'a git of no known version'}, install git {_needed()} or newer"
            )
        return answer

    def started(self, *arguments: str, environment: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
        """``git ARGUMENTS``, running, its three streams piped; the caller ends it.

        Raises:
            OutputUnwritable: git cannot be started.
        """
        settings = {**_UNASKED, **os.environ, **_ALWAYS, **(environment or {})}
        try:
            # In a session of its own it has no terminal that ssh could ask for a passphrase.
            return subprocess.Popen(
                ["git", *arguments],
                cwd=self.folder,
                env=settings,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputUnwritable(
                f"git cannot be run in {self.folder}: {reason}; install it, {_needed()} or newer, on the PATH"
            ) from error

    @cached_property
    def version(self) -> str:
        """'git version 2.39.5'; empty where git does not show it."""
        found = _VERSION.match(os.fsdecode(self.ask("--version").out))
        return found[0] if found is not None else ""

    def refuse_old(self) -> None:
        """Raise OutputUnwritable where git is older than publishing needs; an unknown version passes."""
        found = _VERSION.match(self.version)
        if found is not None and (int(found[1]), int(found[2])) < NEEDED:
            raise OutputUnwritable(
                f"git is too old: {self.version} was found, {_needed()} or newer is needed; install that, on the PATH"
            )

    def local(self, *arguments: str, feed: bytes = b"", environment: Mapping[str, str] | None = None) -> bytes:
        """Standard output of a call within this repository that should not fail.

        Raises:
            OutputUnwritable: it fails: no room, no permission, a damaged repository.
        """
        answer = self.ask(*arguments, feed=feed, environment=environment)
        if answer.code != 0:
            raise unusable(self, f"git {arguments[0]}", answer)
        return answer.out

    @cached_property
    def settings(self) -> dict[str, str]:
        """Git's configuration by name, section and last part in lower case; the last value where there are more."""
        listed = os.fsdecode(self.local("config", "--null", "--list"))
        return {name: value for name, _, value in (entry.partition("\n") for entry in listed.split("\0")) if name}


def unusable(git: Git, what: str, answer: Answer) -> OutputUnwritable:
    """The error of a failed call that needs nothing but this repository."""
    known = found(answer.err or answer.reason(), passing=False, remote=False)
    reason = known.words if known is not None else answer.reason()
    remedy = known.remedy if known is not None else "make room, check permissions and `git fsck`, then try again"
    return OutputUnwritable(f"{what} failed in {git.folder}: {reason}; {remedy}")


def _needed() -> str:
    return ".".join(map(str, NEEDED))


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a call with the transports it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
