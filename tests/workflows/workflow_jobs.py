"""The project's workflows, read as GitHub reads them, and their jobs run as a runner would run them.

Jobs run one after another, each in a fresh clone, with the outputs of those they need. Every ``run:`` is given to
``bash -e`` in order, with its environment; what follows a failure is left out unless its ``if:`` asks for it. ``uses:``
are done by what they stand for: a shallow clone without credentials, a Python that is there already, a folder that is
kept from one job to the next, an attestation that is noted.

First on the PATH stand an ``aegis`` that asks the loopback Yahoo, a ``python`` that only notes what is to be installed,
and a ``python3`` that has the standard library alone.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from github_server import REPOSITORY, TOKEN
from machine_clock import process_clock
from repositories import isolated
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
RAW = "https://raw.githubusercontent.com"
SECONDS = 180
CHECKOUT, PYTHON = "actions/checkout", "actions/setup-python"
KEPT, KEEP = "actions/cache/restore", "actions/cache/save"
ATTEST = "actions/attest-build-provenance"
STATUSES = {"success()": (False,), "failure()": (True,), "always()": (False, True)}
COMPARED = re.compile(r"(\S+) (==|!=) '([^']*)'")
STEERING = re.compile(r"AEGIS_|GIT_|GITHUB_|EMAIL$|CI$|PYTHON(?!HOME$)|NO_COLOR|FORCE_COLOR|COLUMNS|LINES")


def workflow(name: str) -> dict[str, Any]:
    """A workflow as a tree of plain values; YAML 1.2, in which ``on`` is a word."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load((WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8"))
    return found


def only_job(name: str) -> dict[str, Any]:
    (job,) = workflow(name)["jobs"].values()
    assert isinstance(job, dict)
    return job


@dataclass(frozen=True)
class Step:
    command: str
    code: int
    out: str
    err: str


@dataclass
class Ended:
    """How a workflow ended. steps: the commands that ran. installed: what pip was asked for. summary: the jobs'.

    workspace: the first job's. jobs: those that ran. attested: commit and content of each file that was attested.
    """

    workspace: Path
    steps: list[Step] = field(default_factory=list)
    installed: list[str] = field(default_factory=list)
    summary: str = ""
    jobs: list[str] = field(default_factory=list)
    attested: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(step.code for step in self.steps)

    def step(self, beginning: str) -> Step:
        (found,) = [step for step in self.steps if step.command.startswith(beginning)]
        return found


@dataclass(frozen=True)
class Runner:
    """A runner with a remote to clone from; ``environment`` points at the loopback servers, ``secrets`` are set."""

    folder: Path
    origin: Path
    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict)
    raw: str = RAW

    def run(self, name: str, now: str, run_id: int = 1, event: str = "schedule", **inputs: str) -> Ended:
        """Run the jobs of a workflow at a moment, started by its schedule or by hand, in workspaces of their own.

        inputs: what was filled in by hand.
        """
        at = self.folder / f"run{run_id}"
        at.mkdir()
        ended = Ended(at / "workspace")
        environment = self._environment(at, now, run_id)
        known = self._known(run_id, event) | {f"inputs.{name}": value for name, value in inputs.items()}
        for job_name, job in workflow(name)["jobs"].items():
            if not _holds(job.get("if", ""), ended.failed, known):
                continue
            workspace = at / job_name if ended.jobs else ended.workspace
            ended.jobs.append(job_name)
            self._job(job, ended, workspace, environment, known)
            # GitHub gives the outputs of a job that failed as well.
            outputs = {key: self._expanded(text, known) for key, text in job.get("outputs", {}).items()}
            known |= {f"needs.{job_name}.outputs.{key}": value for key, value in outputs.items()}
        ended.installed += (at / "installed").read_text().splitlines() if (at / "installed").exists() else []
        ended.summary = (at / "summary").read_text() if (at / "summary").exists() else ""
        return ended

    def _job(
        self, job: Mapping[str, Any], ended: Ended, workspace: Path, environment: dict[str, str], known: dict[str, str]
    ) -> None:
        failed = False
        for number, step in enumerate(job["steps"]):
            if not _holds(step.get("if", ""), failed, known):
                continue
            if "uses" in step:
                self._use(step, ended, workspace, environment, known)
                continue
            more = {key: self._expanded(str(value), known) for key, value in step.get("env", {}).items()}
            output = workspace.parent / f"{workspace.name}.output{number}"
            done = _run(step["run"], workspace, {**environment, **more, "GITHUB_OUTPUT": str(output)})
            ended.steps.append(done)
            failed = failed or done.code != 0
            lines = output.read_text().splitlines() if output.exists() else []
            for name, _, value in (line.partition("=") for line in lines):
                known[f"steps.{step.get('id', number)}.outputs.{name}"] = value

    def expanded(self, text: str, run_id: int = 1) -> str:
        """A text with its ${{ }} in a scheduled run."""
        return self._expanded(text, self._known(run_id, "schedule"))

    def _known(self, run_id: int, event: str) -> dict[str, str]:
        """What stands in ${{ }}; only what is listed here may be used, and outputs and secrets, which may be absent."""
        known = {
            "github.token": TOKEN,
            "github.repository": REPOSITORY,
            "github.server_url": "https://github.com",
            "github.run_id": str(run_id),
            "github.run_attempt": "1",
            "github.event_name": event,
        }
        return known | {f"secrets.{name}": value for name, value in self.secrets.items()}

    def _expanded(self, text: str, known: Mapping[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            if COMPARED.fullmatch(match[1]):
                return str(_holds(match[1], False, known)).lower()
            return _value(match[1], known)

        return re.sub(r"\$\{\{ *(.+?) *\}\}", value, text).replace(RAW, self.raw)

    def _environment(self, at: Path, now: str, run_id: int) -> dict[str, str]:
        tools = at / "tools"
        tools.mkdir()
        loopback = ROOT / "tests" / "sources" / "yahoo_loopback.py"
        _script(tools / "aegis", f'exec "{sys.executable}" "{loopback}" "$@"')
        # Without any package: what a job asks before it installs them has to do without.
        _script(tools / "python3", f'exec "{sys.executable}" -S "$@"')
        _script(tools / "python", f'[ "$1 $2 $3" = "-m pip install" ] && echo "$@" >> "{at / "installed"}"')
        plain = {name: value for name, value in os.environ.items() if not STEERING.match(name)}
        return {
            **plain,
            **isolated(at),
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            **process_clock(now),
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": str(run_id),
            "GITHUB_STEP_SUMMARY": str(at / "summary"),
            **self.environment,
        }

    def _use(
        self,
        step: Mapping[str, Any],
        ended: Ended,
        workspace: Path,
        environment: Mapping[str, str],
        known: Mapping[str, str],
    ) -> None:
        """Do what an action stands for."""
        name, given, kept = step["uses"].split("@")[0], step["with"], self.folder / "kept"
        if name == CHECKOUT:
            assert given.keys() <= {"persist-credentials", "ref"}
            assert given["persist-credentials"] is False
            commands = [["clone", "--quiet", "--depth=1", "--single-branch", self.origin.as_uri(), str(workspace)]]
            if "ref" in given:
                ref = self._expanded(given["ref"], known)
                commands += [
                    ["-C", str(workspace), "fetch", "--quiet", "--depth=1", "origin", ref],
                    ["-C", str(workspace), "checkout", "--quiet", "--detach", "FETCH_HEAD"],
                ]
            for command in commands:
                subprocess.run(["git", *command], env=dict(environment), check=True, timeout=60)
        elif name == KEPT and kept.exists():
            shutil.copytree(kept, workspace / given["path"])
        elif name == KEEP and (workspace / given["path"]).exists():
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(workspace / given["path"], kept)
        elif name == ATTEST:
            head = subprocess.run(
                ["git", "rev-parse", "HEAD"], cwd=workspace, capture_output=True, text=True, check=True, timeout=20
            )
            ended.attested.append((head.stdout.strip(), (workspace / given["subject-path"]).read_bytes()))
        else:
            assert name in (PYTHON, KEPT, KEEP)


def _value(name: str, known: Mapping[str, str]) -> str:
    return known.get(name, "") if name.startswith(("secrets.", "steps.", "needs.", "inputs.")) else known[name]


def _holds(condition: str, failed: bool, known: Mapping[str, str]) -> bool:
    """Whether a step or job runs by its ``if:``; without a status function it wants that nothing has failed."""
    terms = [term.strip() for term in condition.split("&&") if term.strip()]
    if not any(term in STATUSES for term in terms):
        terms.append("success()")
    for term in terms:
        if term in STATUSES:
            if failed not in STATUSES[term]:
                return False
            continue
        compared = COMPARED.fullmatch(term)
        assert compared is not None, f"the runner of these tests does not know the condition {term!r}"
        if (_value(compared[1], known) == compared[3]) is not (compared[2] == "=="):
            return False
    return True


def _run(command: str, at: Path, environment: Mapping[str, str]) -> Step:
    done = subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=at,
        env=dict(environment),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
        check=False,
    )
    return Step(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def _script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
