"""The other side: the tip of its branch is fetched, and a commit that continues or replaces it is offered."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import OutputUnwritable, RaceLost, RemoteUnreachable
from aegismatrix_engine.network.retries import Pauses, repeated
from aegismatrix_engine.publishing.addresses import addresses, likeness, refuse_others
from aegismatrix_engine.publishing.destination import HEADS, Destination
from aegismatrix_engine.publishing.failures import Found, found, plain
from aegismatrix_engine.publishing.git import Answer, Git, unusable

PUZZLES: Final = 3
"""Failures in one run that the table of failures does not know, after which they count as permanent."""

SAME_TIP: Final = 6
"""Pushes in one run that may be rejected as overtaken although the branch did not move."""

# The reasons, after [remote rejected], of a push that met another one: git's refs code and receive-pack.
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


class Remote:
    """A destination as git reaches it, and its answers in this run."""

    def __init__(self, git: Git, destination: Destination) -> None:
        self.git, self.destination = git, destination
        self._heads: Mapping[str, str] | None = None
        self._puzzles = 0
        self._overtaken: Counter[str | None] = Counter()
        self._doubtful = False

    def refuse_elsewhere(self, top: Path, seconds: float) -> None:
        """Make sure that pushes go to the repository that is fetched from.

        Where the addresses do not show it, the branches of both are compared, and ``offer`` checks it again.

        Args:
            top: the folder that relative addresses are taken from.
            seconds: limit for one exchange.

        Raises:
            OutputUnwritable: it goes to another repository, to one that cannot be found, or to several.
            RemoteUnreachable: no answer.
        """
        name = self.destination.remote
        used = addresses(self.git, name)
        like = {address: likeness(used.fetch, address, top) for address in used.push}
        others = [address for address, alike in like.items() if alike == "other"]
        asked = [address for address, alike in like.items() if alike == "unknown"] if not others else []
        if asked:
            heads = self._listed(name, seconds)
            others = [address for address in asked if self._listed(address, seconds) != heads]
        refuse_others(self.git, name, used, others)
        self._doubtful = bool(asked)

    def tip(self, seconds: float, known: str | None) -> str | None:
        """The commit the branch is at, fetched with its history; None where there is no such branch.

        No ref of this repository moves. ``known`` is a commit of that branch already here, so that only later ones
        are sent.

        Raises:
            RemoteUnreachable: no answer, or half of one.
            RaceLost: the branch was replaced in between.
            OutputUnwritable: access is refused, there is no such repository, another branch is in the way, or any
                other permanent failure.
        """
        remote, ref = self.destination.remote, self.destination.ref
        self._heads = self._listed(remote, seconds)
        tip = self._heads.get(ref)
        if tip is None:
            self._refuse_in_the_way(self._heads)
            return None
        since = [f"--negotiation-tip={known}"] if known else []
        self._answered(self._fetch(*since, seconds=seconds))
        self._refuse_incomplete(tip)
        return tip

    def _fetch(self, *options: str, seconds: float) -> Answer:
        # Neither FETCH_HEAD nor the tracking branch is written: a lock that a killed fetch left there would stay.
        quietly = ["--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-recurse-submodules"]
        place = ["--", self.destination.remote, self.destination.ref]
        return self.git.ask("fetch", *quietly, *options, *place, seconds=seconds)

    def _refuse_incomplete(self, tip: str) -> None:
        """Raise RaceLost where a commit was not fetched, OutputUnwritable where it is another kind of object."""
        if self.git.ask("cat-file", "-e", f"{tip}^{{commit}}").code == 0:
            return
        kind = self.git.ask("cat-file", "-t", tip)
        if kind.code == 0:
            words = f"fatal: object {tip} is not a commit, but a {kind.out.decode(errors='replace').strip()}"
            raise unusable(self.git, "git fetch", Answer(kind.code, b"", words))
        raise self._lost("the commit it was at did not come with a fetch")

    def fetched(self, depth: str, what: str, seconds: float, pauses: Pauses | None) -> str | None:
        """The commit the branch is at, fetched in several attempts; None where there is no such branch.

        Args:
            depth: how much is fetched in a shallow clone: ``--depth=1`` or ``--unshallow``.
            what: the consequence, for the message: 'nothing was restored'.
            seconds: limit for one exchange.
            pauses: between attempts.

        Raises:
            RemoteUnreachable: at every attempt there was no answer, or half of one.
            OutputUnwritable: see ``tip``.
        """
        shallow = self.git.ask("rev-parse", "--is-shallow-repository").out.strip() == b"true"

        def once() -> str | None:
            if shallow:
                # A failure here is reported by what follows.
                self._fetch(depth, seconds=seconds)
            return self.tip(seconds, None)

        try:
            return repeated(once, (RemoteUnreachable, RaceLost), pauses)
        except (RemoteUnreachable, RaceLost) as error:
            reason = str(error).partition("; ")[0]
            raise RemoteUnreachable(f"{what}: {reason}; check network and address, then try again") from error

    def offer(self, commit: str, seconds: float, *, replacing: str | None = None) -> None:
        """Push a commit as the branch's tip, where it continues the branch.

        ``replacing`` is the tip that it takes the place of instead, empty for none: by force, but only as long as the
        branch is at that tip (git's lease).

        Raises:
            RaceLost: the branch has moved on.
            RemoteUnreachable: no answer; the commit may have arrived all the same.
            OutputUnwritable: the remote refuses it, and will again.
        """
        remote, ref = self.destination.remote, self.destination.ref
        plainly = ["--porcelain", "--no-follow-tags", "--recurse-submodules=no"]
        leased = [] if replacing is None else [f"--force-with-lease={ref}:{replacing}"]
        answer = self.git.ask("push", *plainly, *leased, "--", remote, f"{commit}:{ref}", seconds=seconds)
        # An exit code of 0 alone has been seen after a broken connection; only git's last line shows that all is there.
        if answer.code == 0 and answer.out.rstrip().endswith(b"Done"):
            if self._doubtful:
                self._refuse_unseen(commit, seconds)
            return
        verdict = next((line for line in answer.out.decode(errors="replace").splitlines() if line.startswith("!")), "")
        if verdict:
            raise self._turned_down(verdict.rpartition("\t")[2], answer, forced=bool(leased))
        if answer.code == 1 and "fatal:" not in answer.err and "RPC failed" not in answer.err:
            raise OutputUnwritable(
                f"the push to {self.destination} was refused here, before it was sent: {answer.reason()}; "
                "see the repository's pre-push hook"
            )
        raise self._failed(answer)

    def _listed(self, address: str, seconds: float) -> dict[str, str]:
        """Full name of each branch of a remote or an address -> the commit it is at."""
        listed = self._answered(self.git.ask("ls-remote", "--heads", "--", address, seconds=seconds))
        lines = [line.split("\t") for line in listed.out.decode(errors="replace").splitlines() if "\t" in line]
        return {name: commit for commit, name in lines}

    def _refuse_in_the_way(self, heads: Mapping[str, str]) -> None:
        """Raise OutputUnwritable where the name of a branch there is a folder of ours, or ours of it."""
        ref = self.destination.ref
        taken = next((head for head in heads if head.startswith(f"{ref}/") or ref.startswith(f"{head}/")), None)
        if taken is not None:
            other, remote, option = taken.removeprefix(HEADS), self.destination.remote, self.destination.option
            raise OutputUnwritable(
                f"{self.destination} cannot be made, the branch {other} is in the way: '{taken}' exists; cannot create "
                f"'{ref}'; name another {option}, or remove that one with `git push {remote} --delete {other}`"
            )

    def _refuse_unseen(self, commit: str, seconds: float) -> None:
        """Raise OutputUnwritable where a commit was pushed and the branch did not move."""
        seen = self._listed(self.destination.remote, seconds).get(self.destination.ref)
        if seen != commit and seen == (self._heads or {}).get(self.destination.ref):
            used = addresses(self.git, self.destination.remote)
            refuse_others(self.git, self.destination.remote, used, [one for one in used.push if one != used.fetch])

    def _answered(self, answer: Answer) -> Answer:
        """An answer, if the exchange succeeded."""
        if answer.code != 0:
            raise self._failed(answer)
        return answer

    def _turned_down(
        self, summary: str, answer: Answer, *, forced: bool
    ) -> OutputUnwritable | RemoteUnreachable | RaceLost:
        """The error of a rejected push; ``summary`` is git's, of our branch."""
        # A hook may print anything, so only a remote that reports that it is busy counts as temporary.
        known = found(f"{answer.err}\n{summary}", passing=False)
        if known is not None and known.failure.passing:
            return self._unreachable(known.words)
        if known is not None:
            return self._refused(known)
        hint = next((line for line in answer.err.splitlines() if line.startswith("remote: ")), "")
        why = " ".join(f"{summary} {plain(hint)}".split())
        # A remote that says this of a push by force takes none.
        met_another = [sign for sign in _MET_ANOTHER if not (forced and sign == "non-fast-forward")]
        if summary.startswith("[rejected]") or any(sign in summary for sign in met_another):
            return self._lost(why)
        remedy = f"change its rules, or publish to another {self.destination.option}"
        return OutputUnwritable(f"{self.destination} refuses the push: {why}; {remedy}")

    def _failed(self, answer: Answer) -> OutputUnwritable | RemoteUnreachable:
        """The error of a failed exchange."""
        known = found(answer.err)
        if known is None:
            return self._puzzling(answer.reason())
        if known.failure.passing or (known.failure.found_before and self._heads is not None):
            return self._unreachable(known.words)
        if known.failure.local:
            return unusable(self.git, "git fetch", answer)
        return self._refused(known)

    def _refused(self, known: Found) -> OutputUnwritable:
        """The error of a failure in the table, whose remedies speak of the branch as --branch names it."""
        remedy = known.remedy.replace("--branch", self.destination.option)
        return OutputUnwritable(f"{self.destination} {known.failure.what}: {known.words}; {remedy}")

    def _puzzling(self, reason: str) -> OutputUnwritable | RemoteUnreachable:
        """The error of an unknown failure: temporary at first, and permanent where it is repeated."""
        self._puzzles += 1
        if self._puzzles < PUZZLES:
            return self._unreachable(reason)
        return OutputUnwritable(
            f"{self.destination} cannot be used: {reason.rstrip('.')}, after {PUZZLES} attempts; fix what git "
            "reports, then try again"
        )

    def _unreachable(self, words: str) -> RemoteUnreachable:
        return RemoteUnreachable(
            f"{self.destination} cannot be reached: {words}; check network and address, then try again"
        )

    def _lost(self, words: str) -> RaceLost | OutputUnwritable:
        """The error of a push that another publisher seems to have overtaken, unless the branch never moves."""
        ref, heads = self.destination.ref, self._heads or {}
        tip = heads.get(ref)
        self._overtaken[tip] += 1
        cased = next((head for head in heads if head != ref and head.casefold() == ref.casefold()), None)
        if tip is None and cased is not None:
            return OutputUnwritable(
                f"{self.destination} cannot be made: {words}; the remote has {cased.removeprefix(HEADS)}, which "
                f"differs in case alone: name that one, or another, with {self.destination.option}"
            )
        if self._overtaken[tip] >= SAME_TIP:
            return OutputUnwritable(
                f"{self.destination} refuses the push though nobody else pushed there: {words}, {SAME_TIP} times; "
                f"check whether a lock was left in that repository, or name another {self.destination.option}"
            )
        return RaceLost(f"others published to {self.destination} first, at every attempt; try again in a minute")
