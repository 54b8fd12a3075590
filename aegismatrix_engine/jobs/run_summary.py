"""What a scheduled run did: its steps, its exit code, and both as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.state.run_file import RunSteps

if TYPE_CHECKING:
    from aegismatrix_engine.document.schema.document import Document
    from aegismatrix_engine.document.schema.health import Health

CHECK = "check-models"


@dataclass
class RunSummary:
    """What a run has done so far.

    Attributes:
        address: of the job's page on GitHub; empty outside of one.
        steps: name, exit code and meaning of each step, in order.
        notes: further lines of the summary.
        ended: exit code of the run.
        published: what the summary shows of the document that was made; empty where none was.
    """

    address: str = ""
    steps: list[tuple[str, int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ended: ExitCode = ExitCode.DONE
    published: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, done: RunSteps, address: str) -> Self:
        """The summary that another process handed on."""
        return cls(address, list(done.steps), list(done.notes), ExitCode(done.ended), dict(done.document))

    def handed_on(self) -> RunSteps:
        """The summary as it is handed on to another process."""
        return RunSteps(int(self.ended), tuple(self.steps), tuple(self.notes), dict(self.published))

    def step(self, name: str, code: int, *, first: bool = False) -> ExitCode:
        """Note the exit code of a step; the worst of all is the run's, but for that of the check of the models.

        A failure outweighs one of a part of the work, that an alarm, and an alarm a degraded step. ``first``: there are
        no models to check yet.
        """
        ended = ExitCode(code)
        meaning = "no models yet" if first and ended != ExitCode.DONE else ended.meaning
        self.steps.append((name, int(ended), meaning))
        lighter = (ExitCode.DONE, ExitCode.DEGRADED, ExitCode.UNHEALTHY, ExitCode.PARTLY_FAILED)
        if name != CHECK and self.ended in lighter:
            self.ended = max(self.ended, ended)
        return ended

    def add(self, market: str, of_market: Self, note: str) -> None:
        """Take the steps and notes of one market of several; its failure is one of a part of the work.

        Args:
            market: its id, which stands behind each step and before each note.
            of_market: what was done of it.
            note: why nothing was; empty where something was.
        """
        self.steps += [(f"{name} {market}", code, meaning) for name, code, meaning in of_market.steps]
        self.notes += [f"{market}: {one}" for one in (*of_market.notes, *([note] if note else []))]
        self.published = self.published or of_market.published
        mild = (ExitCode.DONE, ExitCode.DEGRADED, ExitCode.UNHEALTHY)
        self.ended = max(self.ended, of_market.ended if of_market.ended in mild else ExitCode.PARTLY_FAILED)

    def note(self, text: str) -> None:
        """Add a line to the summary."""
        self.notes.append(text)

    def document(self, document: "Document") -> None:
        """Take what the summary shows of the document that was made."""
        health = document.health
        self.published = {
            "as of": document.as_of,
            "spot": f"{document.market.spot:,.2f}",
            "close": document.provenance.close,
            "health": health.status,
            "valid until": document.valid_until,
        }
        self.notes += [f"degraded: {one.signal}, {one.reason}" for one in health.degraded]
        self.notes += health.notes

    def markdown(self) -> str:
        """A table of the steps, one of the document, and the notes."""
        lines = ["| step | exit code | meaning |", "|---|---|---|"]
        lines += [f"| {name} | {code} | {_cell(meaning)} |" for name, code, meaning in self.steps]
        if self.published:
            names = list(self.published)
            lines += ["", f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
            lines.append(f"| {' | '.join(_cell(str(self.published[name])) for name in names)} |")
        lines += ["", *(f"- {_cell(note)}" for note in self.notes), ""]
        return "\n".join(lines) + "\n"

    def findings_text(self, failures: Sequence[str], health: "Health | None") -> str:
        """The issue about unhealthy models; ``health`` is that of the document made since, None where none was."""
        lines = ["`aegis check-models` found before a document was made:", ""]
        lines += [f"- {_cell(failure)}" for failure in failures]
        if health is None:
            name, code, meaning = self.steps[-1]
            lines += ["", f"No document was made since: {name} ended with {code} ({meaning}). What is published stays."]
        else:
            lines += ["", f"The document made since is {health.status}."]
            lines += [f"- {_cell(note)}" for note in health.notes]
        lines += ["", "There is a comment when that changes, once a day at most.", *self._page()]
        lines += ["", "docs/operations.md explains each finding and how to fix it."]
        return "\n".join(lines) + "\n"

    def findings_key(self, keys: Sequence[str], health: "Health | None") -> str:
        """What is worth another comment when it changes: the keys of the findings, and what came of the run."""
        name, code, _ = self.steps[-1]
        came = f"{name} ended with {code}" if health is None else f"document {health.status}"
        return "\n".join([*sorted(keys), came])

    def outage(self, what: str) -> str:
        """The issue about a published document that is out of date and was not replaced."""
        # Of several markets one that failed ends the run with 12, and its step has a code of its own.
        worst = [step for step in self.steps if step[1] == self.ended]
        name, code, meaning = (*worst, *sorted(self.steps, key=lambda step: -step[1]))[0]
        lines = [f"The document that readers get {what}. The run that was to replace it did not: {name} ended with"]
        lines += [f"{code} ({meaning})."]
        lines += ["", "There is a comment when that changes, once a day at most. The issue is closed by the first run"]
        lines += ["that publishes a document again.", *self._page()]
        lines += ["", "docs/operations.md explains what to do in each case."]
        return "\n".join(lines) + "\n"

    def recovery(self) -> str:
        """The comment that closes that issue."""
        as_of, until = (self.published.get(name, "unknown") for name in ("as of", "valid until"))
        return "\n".join([f"A document as of {as_of} is published, valid until {until}.", *self._page()]) + "\n"

    def page_trouble(self, step: str, why: str) -> str:
        """The issue about a page that was not built or not published, although the document was made."""
        lines = [f"The step `{step}` failed: {_cell(why)}", ""]
        lines += ["The document is published without it. Readers of the page see the former one, with its own age."]
        lines += ["", "There is a comment when that changes, once a day at most. The issue is closed by the first run"]
        lines += ["that publishes the page again.", *self._page()]
        lines += ["", "docs/operations.md explains what to do."]
        return "\n".join(lines) + "\n"

    def page_recovery(self) -> str:
        """The comment that closes that issue."""
        as_of = self.published.get("as of", "unknown")
        return "\n".join([f"The page of the document as of {as_of} is published.", *self._page()]) + "\n"

    def alarm(self, found: str) -> str:
        """The issue about a published branch or record that is not as the last run left it."""
        lines = [f"A run found: {found}.", *self._page()]
        return (
            "\n".join([*lines, "", "docs/operations.md explains what to do. Close this issue when it is done."]) + "\n"
        )

    def _page(self) -> list[str]:
        return ["", f"The run: {self.address}"] if self.address else []


def _cell(text: str) -> str:
    """One line that cannot break a table or mention an account."""
    return " ".join(text.split()).replace("|", "\\|").replace("@", "@\u200b").replace("<", "&lt;")
