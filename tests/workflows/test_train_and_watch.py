"""train.yml and watch.yml run as GitHub would run them."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from first_run import FIRST, MakeRunner, bars_at
from github_server import REPOSITORY, GitHubServer
from repositories import DOCUMENT, Origin, git
from workflow_jobs import ROOT
from yahoo_server import YahooServer

pytestmark = pytest.mark.slow

BRANCH = "published"
IN_SESSION = "2026-07-15T11:09:30+05:30"
SATURDAY = "2026-07-18T06:53:30+05:30"
RAW = f"/raw/{REPOSITORY}/{BRANCH}/{DOCUMENT}"


def test_a_weekly_training_publishes_its_set_and_leaves_the_document(
    published: Origin, runner_for: MakeRunner, github: GitHubServer
) -> None:
    document, before = published.read(DOCUMENT, BRANCH), published.read("models/manifest.json", BRANCH)
    ended = runner_for(published).run("train", "2026-07-14T20:53:30+05:30")
    assert not ended.failed, ended.steps
    assert published.read(DOCUMENT, BRANCH) == document
    after = json.loads(published.read("models/manifest.json", BRANCH))
    assert after["training"]["trained_at"] > json.loads(before)["training"]["trained_at"]
    files = {name for name in published.files(BRANCH) if name.endswith(".joblib")}
    assert files == {f"models/{one['file']}" for one in after["files"].values()}
    assert github.issues == []


def test_a_training_that_fails_leaves_the_set_and_opens_one_issue(
    published: Origin, runner_for: MakeRunner, github: GitHubServer, yahoo: YahooServer
) -> None:
    runner, tip = runner_for(published), published.tip(BRANCH)
    yahoo.fault["^NSEI"] = "empty"
    for week in (1, 2):
        ended = runner.run("train", SATURDAY, week)
        assert ended.step("aegis train").code == 69
        assert [step.command.split()[1] for step in ended.steps if step.command.startswith("aegis")] == [
            "restore",
            "train",
        ]
        assert ended.steps[-1].code == 0
    assert published.tip(BRANCH) == tip
    (issue,) = github.issues
    assert issue.title == "The weekly training failed"
    assert f"https://github.com/{REPOSITORY}/actions/runs/1" in issue.body
    assert issue.comments == [], "the second week says the same"


def test_the_watch_passes_a_document_in_time_and_fails_where_it_is_late_damaged_or_gone(
    published: Origin, runner_for: MakeRunner, github: GitHubServer
) -> None:
    runner = runner_for(published)
    github.files[RAW] = published.read(DOCUMENT, BRANCH)
    check = "aegis check-published"
    assert runner.run("watch", FIRST, 1).step(check).code == 0
    assert runner.run("watch", "2026-07-15T12:23:00+05:30", 2).step(check).code == 11
    github.files[RAW] = github.files[RAW][:100]
    assert runner.run("watch", FIRST, 3).step(check).code == 65
    del github.files[RAW]
    assert runner.run("watch", FIRST, 4).step(check).code == 69


def test_the_way_back_to_a_former_set_is_the_one_on_the_operators_page(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, tmp_path: Path
) -> None:
    former, set_before = published.tip(BRANCH), published.read("models/manifest.json", BRANCH)
    runner = runner_for(published)
    assert not runner.run("train", "2026-07-14T20:53:30+05:30").failed
    assert published.read("models/manifest.json", BRANCH) != set_before
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"((?:^    git .*\n)+)", page, flags=re.MULTILINE)
    clone = tmp_path / "operator"
    git(tmp_path, "clone", "--quiet", "--branch", BRANCH, str(published.path), str(clone))
    git(clone, "config", "user.name", "operator")
    git(clone, "config", "user.email", "operator@localhost")
    subprocess.run(["bash", "-e", "-c", told.replace(" C ", f" {former} ")], cwd=clone, check=True, timeout=60)
    assert published.read("models/manifest.json", BRANCH) == set_before
    named = {one["file"] for one in json.loads(set_before)["files"].values()}
    assert {name for name in published.files(BRANCH) if name.endswith(".joblib")} == {f"models/{n}" for n in named}
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner.run("infer", IN_SESSION, 2)
    assert not ended.failed, ended.steps
    assert published.read("models/manifest.json", BRANCH) == set_before, "and the next run goes on with it"
