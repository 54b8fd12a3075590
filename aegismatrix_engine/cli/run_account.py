"""What came of a scheduled run: step by step, in the end, and as Markdown."""

import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from aegismatrix_engine.cli.outcome import MEANINGS
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.state.run_file import RunSteps

CHECK = "check-models"


@dataclass
class Account:
    """Steps with their exit codes, in order; ``ended`` is what the run ends with."""

    steps: list[tuple[str, int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ended: ExitCode = ExitCode.DONE
    published: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, steps: RunSteps) -> Self:
        """The account that another process handed on."""
        return cls(list(steps.steps), list(steps.notes), ExitCode(steps.ended), dict(steps.document))

    def told(self) -> RunSteps:
        """The account as it is handed on to another process."""
        return RunSteps(int(self.ended), tuple(self.steps), tuple(self.notes), dict(self.published))

    def step(self, name: str, code: int, *, passing: Collection[int] = (), first: bool = False) -> ExitCode:
        """Note how a step ended; the worst end of all is the run's.

        A check is no end of a run, nor is what is ``passing``. A failure outweighs a degraded step and an alarm. first:
        there was nothing to check yet.
        """
        ended = ExitCode(code)
        meaning = "no models yet" if first and ended != ExitCode.DONE else MEANINGS[ended]
        self.steps.append((name, int(ended), meaning))
        lighter = (ExitCode.DONE, ExitCode.DEGRADED, ExitCode.UNHEALTHY)
        if name != CHECK and ended not in passing and self.ended in lighter:
            self.ended = max(self.ended, ended)
        return ended

    def note(self, text: str) -> None:
        """Something else to be read in the summary."""
        self.notes.append(text)

    def document(self, path: Path) -> None:
        """Read what the summary shows of the document that was made."""
        content = json.loads(path.read_bytes())
        self.published = {
            "as of": content["as_of"],
            "spot": f"{content['market']['spot']:,.2f}",
            "close": content["provenance"].get("close", ""),
            "health": content["health"]["status"],
            "valid until": content["valid_until"],
        }
        self.notes += [f"degraded: {one['signal']}, {one['reason']}" for one in content["health"]["degraded"]]
        self.notes += content["health"]["notes"]

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

    def trouble(self, failures: Sequence[str], output: Path | None) -> str:
        """What an issue says of unhealthy models: what was found, what was done, and what is left to do."""
        lines = ["`aegis check-models` found before a document was made:", ""]
        lines += [f"- {_cell(failure)}" for failure in failures]
        if output is None:
            name, code, meaning = self.steps[-1]
            lines += ["", f"No document was made since: {name} ended with {code} ({meaning}). What is published stays."]
        else:
            health = json.loads(output.read_bytes())["health"]
            lines += ["", f"The document made since is {health['status']}."]
            lines += [f"- {_cell(note)}" for note in health["notes"]]
        lines += ["", "There is a comment when that changes, once a day at most."]
        run = address_of_the_run()
        lines += ["", f"The run: {run}"] if run else []
        lines += ["", "What each finding means and what mends it stands in docs/operations.md."]
        return "\n".join(lines) + "\n"

    def outage(self, what: str) -> str:
        """What an issue says of a published document that is out of date and was not replaced."""
        name, code, meaning = next(step for step in self.steps if step[1] == self.ended)
        lines = [f"The document that readers get {what}. The run that was to replace it did not: {name} ended with"]
        lines += [f"{code} ({meaning})."]
        lines += ["", "There is a comment when that changes, once a day at most. The issue is closed by the first run"]
        lines += ["that publishes a document again."]
        run = address_of_the_run()
        lines += ["", f"The run: {run}"] if run else []
        lines += ["", "What to do in each case stands in docs/operations.md."]
        return "\n".join(lines) + "\n"

    def recovery(self) -> str:
        """What closes that issue."""
        run = address_of_the_run()
        as_of, until = (self.published.get(name, "unknown") for name in ("as of", "valid until"))
        told = f"A document as of {as_of} is published, valid until {until}."
        return f"{told}\n" + (f"\nThe run: {run}\n" if run else "")

    def trouble_state(self, keys: Sequence[str], output: Path | None) -> str:
        """What of the trouble, when it changes, is worth another comment: each finding's key, and what came of it."""
        if output is None:
            name, code, _ = self.steps[-1]
            came = f"{name} ended with {code}"
        else:
            came = f"document {json.loads(output.read_bytes())['health']['status']}"
        return "\n".join([*sorted(keys), came])


def address_of_the_run() -> str:
    """That of the job on GitHub; empty outside of one."""
    parts = [os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}" if all(parts) else ""


def _cell(text: str) -> str:
    """One line that breaks no table and addresses nobody."""
    return " ".join(text.split()).replace("|", "\\|").replace("@", "@\u200b").replace("<", "&lt;")
