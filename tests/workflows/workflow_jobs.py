"""The project's workflows, read as GitHub reads them, and their jobs run as a runner would run them.

Every ``run:`` is given to ``bash -e`` in a fresh clone, in order, with its environment; what follows a failure is left
out unless its ``if:`` asks for it. ``uses:`` are done by what they stand for: a shallow clone without credentials, a
Python that is there already, a folder that is kept from one job to the next.

First on the PATH stand an ``aegis`` that asks the loopback Yahoo, and a ``python`` that only notes what is to be
installed.
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
CONDITIONS = {"success()": (False,), "failure()": (True,), "always()": (False, True)}
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
    """How a job ended. steps: the commands that ran. installed: what pip was asked for. summary: the job's."""

    workspace: Path
    steps: list[Step] = field(default_factory=list)
    installed: list[str] = field(default_factory=list)
    summary: str = ""

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

    def run(self, name: str, now: str, run_id: int = 1) -> Ended:
        """Run the only job of a workflow at a moment, in a workspace of its own."""
        at = self.folder / f"run{run_id}"
        at.mkdir()
        ended = Ended(at / "workspace")
        environment = self._environment(at, now, run_id)
        for step in only_job(name)["steps"]:
            if ended.failed not in CONDITIONS[step.get("if", "success()")]:
                continue
            if "uses" in step:
                self._use(step, ended.workspace, environment)
                continue
            more = {key: self.expanded(str(value), run_id) for key, value in step.get("env", {}).items()}
            ended.steps.append(_run(step["run"], ended.workspace, {**environment, **more}))
        ended.installed += (at / "installed").read_text().splitlines() if (at / "installed").exists() else []
        ended.summary = (at / "summary").read_text() if (at / "summary").exists() else ""
        return ended

    def expanded(self, text: str, run_id: int = 1) -> str:
        """A text with its ${{ }}; only what is listed here may be used."""
        known = {
            "github.token": TOKEN,
            "github.repository": REPOSITORY,
            "github.server_url": "https://github.com",
            "github.run_id": str(run_id),
            "github.run_attempt": "1",
        }
        known |= {f"secrets.{name}": value for name, value in self.secrets.items()}

        def value(match: re.Match[str]) -> str:
            name = match[1]
            return known.get(name, "") if name.startswith("secrets.") else known[name]

        return re.sub(r"\$\{\{ *(\S+?) *\}\}", value, text).replace(RAW, self.raw)

    def _environment(self, at: Path, now: str, run_id: int) -> dict[str, str]:
        tools = at / "tools"
        tools.mkdir()
        loopback = ROOT / "tests" / "sources" / "yahoo_loopback.py"
        _script(tools / "aegis", f'exec "{sys.executable}" "{loopback}" "$@"')
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

    def _use(self, step: Mapping[str, Any], workspace: Path, environment: Mapping[str, str]) -> None:
        """Do what an action stands for."""
        name, given, kept = step["uses"].split("@")[0], step["with"], self.folder / "kept"
        if name == CHECKOUT:
            assert given == {"persist-credentials": False}
            command = ["git", "clone", "--quiet", "--depth=1", "--single-branch", self.origin.as_uri(), str(workspace)]
            subprocess.run(command, env=dict(environment), check=True, timeout=60)
        elif name == KEPT and kept.exists():
            shutil.copytree(kept, workspace / given["path"])
        elif name == KEEP and (workspace / given["path"]).exists():
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(workspace / given["path"], kept)
        else:
            assert name in (PYTHON, KEPT, KEEP)


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
