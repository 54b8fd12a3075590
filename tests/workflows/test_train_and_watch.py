"""train.yml and watch.yml run as GitHub would run them."""

import json

import pytest
from first_run import FIRST, MakeRunner, bars_at
from github_server import REPOSITORY, GitHubServer
from repositories import DOCUMENT, Origin
from yahoo_server import YahooServer

from aegismatrix_engine.state.lateness import OUT_OF_DATE_TITLE

pytestmark = pytest.mark.slow

BRANCH = "published"
IN_SESSION = "2026-07-15T11:09:30+05:30"
# The set of the first run is of 2026-07-14, 16:09: that Saturday it is four days old, and on the next Sunday twelve.
SATURDAY, SUNDAY = "2026-07-25T06:53:30+05:30", "2026-07-26T06:53:30+05:30"
BY_HAND = "workflow_dispatch"
RAW = f"/raw/{REPOSITORY}/{BRANCH}/{DOCUMENT}"


def test_a_weekly_training_publishes_its_set_and_leaves_the_document(
    published: Origin, runner_for: MakeRunner, github: GitHubServer
) -> None:
    document, before = published.read(DOCUMENT, BRANCH), published.read("models/manifest.json", BRANCH)
    ended = runner_for(published).run("train", "2026-07-14T20:53:30+05:30", event=BY_HAND)
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
    for run_id, moment in enumerate((SATURDAY, "2026-07-25T12:23:30+05:30"), 1):
        ended = runner.run("train", moment, run_id)
        assert ended.step("aegis train").code == 69
        assert [step.command.split()[1] for step in ended.steps if step.command.startswith("aegis")] == [
            "restore",
            "train",
            "notify",
        ]
        assert ended.steps[-1].code == 0
    assert published.tip(BRANCH) == tip
    (issue,) = github.issues
    assert issue.title == "The weekly training failed"
    assert f"https://github.com/{REPOSITORY}/actions/runs/1" in issue.body
    assert issue.comments == [], "the second start says the same"

    # What comes back by itself is closed by itself.
    yahoo.fault.clear()
    yahoo.series.update(bars_at(SUNDAY))
    ended = runner.run("train", SUNDAY, 3)
    assert not ended.failed, ended.steps
    assert published.tip(BRANCH) != tip
    assert (len(github.issues), issue.state) == (1, "closed")
    assert issue.comments[0].startswith("Training went well again.")


def test_a_start_that_finds_the_set_of_this_week_published_installs_nothing(
    published: Origin, runner_for: MakeRunner, github: GitHubServer
) -> None:
    runner, tip = runner_for(published), published.tip(BRANCH)
    ended = runner.run("train", "2026-07-18T06:53:30+05:30")
    assert not ended.failed
    assert [step.command for step in ended.steps] == ["python3 -m aegismatrix_engine.state.work_due --training"]
    assert ended.steps[0].out.startswith(
        "due=false: the published set was trained at 2026-07-14T10:39:30+00:00, no more"
    )
    assert ended.installed == []
    assert published.tip(BRANCH) == tip
    assert github.issues == []


def test_the_watch_passes_a_document_in_time_and_fails_where_it_is_late_damaged_or_gone(
    published: Origin, runner_for: MakeRunner, github: GitHubServer
) -> None:
    runner = runner_for(published)
    whole = github.files[RAW] = published.read(DOCUMENT, BRANCH)
    check = "aegis check-published"
    assert runner.run("watch", FIRST, 1).step(check).code == 0
    assert github.issues == []
    late = "2026-07-15T12:23:00+05:30"
    assert runner.run("watch", late, 2).step(check).code == 11
    (issue,) = github.issues
    assert (issue.title, issue.state) == (OUT_OF_DATE_TITLE, "open")
    assert "The published document is too old by 2 h 8 min: as of 2026-07-14T15:30:00+05:30" in issue.body
    github.files[RAW] = whole[:100]
    assert runner.run("watch", FIRST, 3).step(check).code == 65
    assert "is damaged" in issue.comments[0]
    del github.files[RAW]
    assert runner.run("watch", "2026-07-16T12:23:00+05:30", 4).step(check).code == 69
    assert "there is no document at --url" in issue.comments[1]
    github.files[RAW] = whole
    assert runner.run("watch", FIRST, 5).step(check).code == 0
    assert (len(github.issues), issue.state) == (1, "closed")
    assert issue.comments[-1].startswith("The published document is in time: as of 2026-07-14T15:30:00+05:30")


@pytest.mark.parametrize(("clock", "code"), [("09:04", 0), ("09:05", 11), ("09:29", 11), ("09:53", 11), ("16:00", 11)])
def test_the_watch_knows_that_the_document_of_the_night_was_due(
    published: Origin, runner_for: MakeRunner, github: GitHubServer, clock: str, code: int
) -> None:
    """The document on the branch is of yesterday's close, and by itself valid until 10:15 of today."""
    github.files[RAW] = published.read(DOCUMENT, BRANCH)
    ended = runner_for(published).run("watch", f"2026-07-15T{clock}:00+05:30")
    assert ended.step("aegis check-published").code == code
    assert [issue.title for issue in github.issues] == [OUT_OF_DATE_TITLE] * (code == 11)


def test_a_watch_that_can_open_no_issue_ends_red(
    published: Origin, runner_for: MakeRunner, github: GitHubServer
) -> None:
    github.files[RAW] = published.read(DOCUMENT, BRANCH)
    github.disabled = True
    ended = runner_for(published).run("watch", FIRST)
    assert ended.step("aegis check-published").code == 73
    assert "switch issues on" in ended.step("aegis check-published").err
