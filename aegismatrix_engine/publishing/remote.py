"""The other side: the tip of its branch, fetched, and a commit offered to it. Never by force."""

from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.errors import OutputUnwritable, RaceLost, RemoteUnreachable
from aegismatrix_engine.publishing.destination import Destination
from aegismatrix_engine.publishing.git import Answer, Git, unwritable

# What a remote answers, with [remote rejected], to a push that met another one: git's refs code and receive-pack.
_MET_ANOTHER: Final = (
    "failed to update ref",
    "cannot lock ref",
    "failed to lock",
    "unable to lock",
    "incorrect old value",
    "reference already exists",
    "fetch first",
    "non-fast-forward",
)
# Refusals that waiting does not change.
_NOT_ALLOWED: Final = (
    "authentication failed",
    "could not read username",
    "could not read password",
    "permission denied",
    "access denied",
    "requested url returned error: 401",
    "requested url returned error: 403",
    "write access to repository not granted",
    "host key verification failed",
)
# What fails on this side while what was fetched is put away.
_NO_ROOM_HERE: Final = (
    "failed to write object",
    "unable to write",
    "unable to create temporary file",
    "insufficient permission",
    "no space left",
)


@dataclass(frozen=True)
class Remote:
    """A destination as git reaches it."""

    git: Git
    destination: Destination

    def tip(self, seconds: float, known: str | None) -> str | None:
        """The commit the branch is at, with all of its history here; None where there is no such branch.

        No ref of this repository moves. ``known`` is a commit of that branch already here, so that only what came
        after it is sent.

        Raises:
            RemoteUnreachable: no answer, or half of one.
            RaceLost: the branch was replaced in between.
            OutputUnwritable: access is refused.
        """
        remote, ref = self.destination.remote, self.destination.ref
        listed = self._reached(self.git.ask("ls-remote", "--", remote, ref, seconds=seconds))
        tips = [line.split("\t") for line in listed.out.decode(errors="replace").splitlines()]
        tip = next((found for found, name in tips if name == ref), None)
        if tip is None:
            return None
        # Neither FETCH_HEAD nor the tracking branch is written: a lock that a killed fetch left there would stay.
        quietly = ["--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-recurse-submodules"]
        since = [f"--negotiation-tip={known}"] if known else []
        self._reached(self.git.ask("fetch", *quietly, *since, "--", remote, ref, seconds=seconds))
        if self.git.ask("cat-file", "-e", f"{tip}^{{commit}}").code != 0:
            raise RaceLost(self._lost())
        return tip

    def offer(self, commit: str, seconds: float) -> None:
        """Put a commit at the branch's tip, where it continues it.

        Raises:
            RaceLost: the branch has moved on.
            RemoteUnreachable: no answer; the commit may have arrived all the same.
            OutputUnwritable: the remote refuses it.
        """
        remote, ref = self.destination.remote, self.destination.ref
        plainly = ["--porcelain", "--no-follow-tags", "--recurse-submodules=no"]
        answer = self.git.ask("push", *plainly, "--", remote, f"{commit}:{ref}", seconds=seconds)
        # An exit code of 0 alone has been seen after a line that broke; only git's last word tells that all is there.
        if answer.code == 0 and answer.out.rstrip().endswith(b"Done"):
            return
        verdict = next((line for line in answer.out.decode(errors="replace").splitlines() if line.startswith("!")), "")
        summary = verdict.rpartition("\t")[2]
        if summary.startswith("[rejected]") or any(sign in summary for sign in _MET_ANOTHER):
            raise RaceLost(self._lost())
        if summary.startswith("[remote rejected]"):
            hint = next((line for line in answer.err.splitlines() if line.startswith("remote: ")), "")
            why = " ".join(f"{summary} {hint.removeprefix('remote: ')}".split())
            raise OutputUnwritable(
                f"{self.destination} refuses the push: {why}; let its rules admit it, or publish to another --branch"
            )
        if not verdict and answer.code == 1 and "fatal:" not in answer.err and "RPC failed" not in answer.err:
            raise OutputUnwritable(
                f"the push to {self.destination} was refused here, before it was sent: {answer.reason()}; "
                "see the repository's pre-push hook"
            )
        raise self._unreached(answer)

    def _reached(self, answer: Answer) -> Answer:
        """An answer of the remote itself."""
        if answer.code != 0:
            raise self._unreached(answer)
        return answer

    def _unreached(self, answer: Answer) -> OutputUnwritable | RemoteUnreachable:
        """What it is to a user that an exchange with the remote failed."""
        reason = answer.reason()
        if any(sign in answer.err.lower() for sign in _NOT_ALLOWED):
            return OutputUnwritable(f"{self.destination} refuses access: {reason}; give git credentials that may write")
        here = "\n".join(line for line in answer.err.lower().splitlines() if not line.startswith("remote:"))
        if any(sign in here for sign in _NO_ROOM_HERE):
            return unwritable(self.git, "fetch", reason)
        return RemoteUnreachable(
            f"{self.destination} cannot be reached: {reason}; check network and address, then run `aegis publish` again"
        )

    def _lost(self) -> str:
        return f"others published to {self.destination} first, at every attempt; run `aegis publish` again in a minute"
