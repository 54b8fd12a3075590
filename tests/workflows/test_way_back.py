"""The operator's way back, its commands taken from the page, and the scheduled jobs that come after."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from first_run import MakeRunner, bars_at
from github_server import GitHubServer
from machine_clock import process_clock
from repositories import DOCUMENT, Origin, git
from workflow_jobs import ROOT
from yahoo_server import YahooServer

from aegismatrix_engine.document import check_json

pytestmark = pytest.mark.slow

BRANCH = "published"
MANIFEST = "models/manifest.json"
EVENING, NIGHT = "2026-07-14T20:53:30+05:30", "2026-07-14T21:30:00+05:30"
IN_SESSION = "2026-07-15T11:09:30+05:30"
SATURDAY, SUNDAY = "2026-07-25T06:53:30+05:30", "2026-07-26T06:53:30+05:30"
BY_HAND = "workflow_dispatch"


def commands(holding: str) -> str:
    """The block of commands of the section "The way back" that holds a text."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = page.partition("### The way back\n")[2].partition("\n### ")[0]
    (block,) = (one for one in re.findall(r"((?:^    .*\n)+)", section, flags=re.MULTILINE) if holding in one)
    return str(block)


def by_hand(published: Origin, at: Path, now: str, block: str) -> str:
    """Run commands as an operator does: in a clone of main whose git may push, at a moment; what they print."""
    if not at.exists():
        git(at.parent, "clone", "--quiet", str(published.path), str(at))
        script = at.parent / "operators" / "aegis"
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m aegismatrix_engine "$@"\n')
        script.chmod(0o755)
    path = f"{at.parent / 'operators'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", block],
        cwd=at,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **process_clock(now)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert git(at, "status", "--porcelain") == "", "the operator's checkout is left alone"
    return done.stdout


def test_models_that_were_rolled_back_stay_until_that_is_lifted(
    published: Origin, runner_for: MakeRunner, github: GitHubServer, yahoo: YahooServer, tmp_path: Path
) -> None:
    former, former_set = published.tip(BRANCH), published.read(MANIFEST, BRANCH)
    runner = runner_for(published)
    assert not runner.run("train", EVENING, event=BY_HAND).failed
    assert published.read(MANIFEST, BRANCH) != former_set

    told = by_hand(published, tmp_path / "operator", NIGHT, commands("--to C").replace("--to C", f"--to {former[:10]}"))
    assert former[:7] in told, "the commit is among those that the page's first line lists"
    assert published.read(MANIFEST, BRANCH) == former_set
    named = {f"models/{one['file']}" for one in json.loads(former_set)["files"].values()}
    assert {name for name in published.files(BRANCH) if name.endswith(".joblib")} == named

    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner.run("infer", IN_SESSION, 2)
    assert not ended.failed, ended.steps
    assert published.read(MANIFEST, BRANCH) == former_set
    document = json.loads(published.read(DOCUMENT, BRANCH))
    assert document["as_of"] == "2026-07-15T11:00:00+05:30"
    assert document["provenance"]["model_set"] == json.loads(former_set)["set_version"]
    (note,) = [note for note in document["health"]["notes"] if "rolled back" in note]
    assert f"rolled back to commit {former[:10]} on 2026-07-14 (what is wrong with the new ones)" in note

    yahoo.series.update(bars_at(SATURDAY))
    ended = runner.run("train", SATURDAY, 3)
    assert not ended.failed, ended.steps
    assert "this set does not replace the published one: it was rolled back" in ended.step("aegis train").err
    assert "the model set published there stays: it was rolled back" in ended.step("aegis publish").out
    assert published.read(MANIFEST, BRANCH) == former_set

    assert by_hand(published, tmp_path / "operator", SATURDAY, commands("--lift")).startswith("lifted the rollback of ")
    assert published.read(MANIFEST, BRANCH) == former_set
    yahoo.series.update(bars_at(SUNDAY))
    ended = runner.run("train", SUNDAY, 4)
    assert not ended.failed, ended.steps
    assert json.loads(published.read(MANIFEST, BRANCH))["training"]["trained_at"] > SUNDAY[:10]
    assert github.issues == []


def test_a_withdrawn_document_stands_until_one_of_a_later_moment(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, tmp_path: Path
) -> None:
    rows = {name: published.read(name, BRANCH) for name in published.files(BRANCH) if name.startswith("record/")}
    by_hand(published, tmp_path / "operator", NIGHT, commands("--withdraw"))
    withdrawn = check_json(published.read(DOCUMENT, BRANCH))
    assert (withdrawn.health.status, withdrawn.health.withdrawn) == ("withdrawn", "what is wrong with it")
    assert (withdrawn.as_of, withdrawn.valid_until) == ("2026-07-14T15:30:00+05:30", NIGHT)
    assert {name: published.read(name, BRANCH) for name in rows} == rows, "what was forecast is scored"

    runner = runner_for(published)
    tip = published.tip(BRANCH)
    ended = runner.run("infer", "2026-07-14T22:09:30+05:30", 2)
    assert not ended.failed, ended.steps
    assert (published.tip(BRANCH), ended.installed) == (tip, []), "nothing of a later moment is to be had yet"
    assert not runner.run("train", "2026-07-14T22:53:30+05:30", 3, event=BY_HAND).failed
    assert check_json(published.read(DOCUMENT, BRANCH)) == withdrawn

    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner.run("infer", IN_SESSION, 4)
    assert not ended.failed, ended.steps
    after = check_json(published.read(DOCUMENT, BRANCH))
    assert (after.as_of, after.health.status) == ("2026-07-15T11:00:00+05:30", "ok")
