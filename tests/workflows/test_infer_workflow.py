"""infer.yml run as GitHub would run it: on an empty repository, day by day, and on bad days."""

import json
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from calendar_file import year_2027
from first_run import FIRST, FirstRun, MakeRunner, bars_at
from github_server import REPOSITORY, TOKEN, GitHubServer
from repositories import DOCUMENT, RECENT, Origin, git
from workflow_jobs import Ended, Runner, workflow
from yahoo_server import YahooServer

from aegismatrix_engine.document import check_json
from aegismatrix_engine.jobs.dashboard import SiteSettings, build_site
from aegismatrix_engine.jobs.restored_state import BRANCH_GONE_TITLE, RECORD_CUT_TITLE
from aegismatrix_engine.jobs.run_document import UNHEALTHY_TITLE
from aegismatrix_engine.state.lateness import OUT_OF_DATE_TITLE

BRANCH = "published"
IN_SESSION = "2026-07-15T11:09:30+05:30"
CLOSED = "2026-07-15T16:09:30+05:30"
AT_REST = "2026-07-14T16:39:30+05:30"
PAGE = {"dashboard": "0", "publish page": "0"}
RUN, PUBLISH, ASKED = "aegis run", "aegis publish", "python3 -m"


def document(origin: Origin) -> dict[str, Any]:
    content = origin.read(DOCUMENT, BRANCH)
    check_json(content)
    found: dict[str, Any] = json.loads(content)
    return found


def rows(origin: Origin, kind: str) -> list[str]:
    """The rows of the record's files of one kind, each once."""
    names = [name for name in origin.files(BRANCH) if name.startswith(f"record/nifty50/{kind}/")]
    found = [row for name in names for row in origin.read(name, BRANCH).decode().splitlines()[1:]]
    assert len(found) == len(set(found))
    return found


def steps_of(summary: str) -> dict[str, str]:
    """Step -> exit code, from the table in the job's summary."""
    return dict(re.findall(r"^\| ([a-z- ]+) \| (\d+) \|", summary, flags=re.MULTILINE))


def test_the_first_run_on_an_empty_repository_trains_and_publishes(first_run: FirstRun) -> None:
    origin, ended = first_run.origin, first_run.ended
    assert not ended.failed, ended.steps
    assert "nothing to restore" in ended.step(RUN).out
    assert document(origin)["as_of"] == "2026-07-14T15:30:00+05:30"
    assert {DOCUMENT, RECENT, "models/manifest.json"} <= origin.files(BRANCH)
    assert "README" not in origin.files(BRANCH), "the branch holds what is published and nothing else"
    assert rows(origin, "forecasts")
    assert origin.tip() == first_run.main, "main stays quiet"
    assert origin.commits(BRANCH) == 1
    assert first_run.issues == 0, "that there are no models yet is no trouble"
    assert first_run.beats == 1
    steps = {"restore": "0", "check-models": "11", "infer": "0", "record resolve": "0", **PAGE, "publish": "0"}
    assert steps_of(ended.summary) == steps
    assert "| 2026-07-14T15:30:00+05:30 |" in ended.summary
    assert [line.split()[-2:] for line in ended.installed] == [["-r", "requirements-run.lock"], ["-e", "."]]
    assert "--require-hashes" in ended.installed[0]
    assert ended.jobs == ["infer", "attest"]
    assert ended.attested == [(origin.tip(BRANCH), origin.read(DOCUMENT, BRANCH))]


@pytest.mark.slow
def test_a_run_in_session_goes_on_from_what_is_published(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    made = set(rows(published, "forecasts"))
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner_for(published).run("infer", IN_SESSION)
    assert not ended.failed, ended.steps
    assert document(published)["as_of"] == "2026-07-15T11:00:00+05:30"
    assert steps_of(ended.summary) == {"restore": "0", "check-models": "0", "infer": "0", **PAGE, "publish": "0"}
    assert made < set(rows(published, "forecasts"))
    assert rows(published, "resolutions") == [], "nothing is decided before an official close"
    assert published.commits(BRANCH) == 2
    assert published.read(DOCUMENT, "site") == published.read(DOCUMENT, BRANCH), "the page follows"
    assert published.commits("site") == 1
    assert (github.issues, github.beats) == ([], 1)
    assert [call.split()[0] for call in github.calls if "/issues" in call] == ["GET"], "one listing where all is well"
    assert ended.attested == [(published.tip(BRANCH), published.read(DOCUMENT, BRANCH))]


@pytest.mark.slow
def test_after_the_close_the_days_forecasts_are_decided(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    runner = runner_for(published)
    for number, moment in enumerate((IN_SESSION, CLOSED), start=1):
        yahoo.series.update(bars_at(moment))
        ended = runner.run("infer", moment, number)
        assert not ended.failed, ended.steps
    assert steps_of(ended.summary)["record resolve"] == "0"
    assert document(published)["provenance"]["close"] == "official"
    assert rows(published, "resolutions"), "yesterday's forecasts of today came due"
    site = build_site(SiteSettings(ended.workspace / DOCUMENT, ended.workspace / "record"))
    assert published.read("record/decided.csv", "site") == site.files["record/decided.csv"], "and the page knows it"
    assert published.commits(BRANCH) == 3
    assert git(published.path, "rev-list", "--merges", BRANCH) == ""
    assert (github.issues, github.beats) == ([], 2)
    git(published.path, "fsck", "--strict", "--no-dangling")


@pytest.mark.parametrize("moment", [AT_REST, "2026-07-15T07:39:00+05:30"])
def test_a_start_that_finds_nothing_due_installs_nothing_and_is_a_heartbeat(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer, moment: str
) -> None:
    ended = runner_for(published).run("infer", moment)
    assert not ended.failed, ended.steps
    assert [step.command for step in ended.steps] == ["python3 -m aegismatrix_engine.state.work_due"]
    assert ended.step(ASKED).out.startswith(
        "due=false: the document as of 2026-07-14T10:00:00+00:00 is current; the next"
    )
    assert ended.installed == []
    assert (published.commits(BRANCH), github.beats, yahoo.requests) == (1, 1, [])
    # The index is of several markets, and there is none.
    asked = [f"GET /repos/{REPOSITORY}/contents/{name}?ref={BRANCH}" for name in (DOCUMENT, "index.json")]
    assert github.calls == [*asked, "GET /beat"]
    assert (ended.jobs, ended.attested) == (["infer"], [])


@pytest.mark.slow
def test_a_second_shot_does_only_what_the_first_has_left_undone(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer
) -> None:
    runner = runner_for(published)
    for number, clock, worked in ((1, "10:09:30", True), (2, "10:24:30", False), (3, "10:39:30", True)):
        moment = f"2026-07-15T{clock}+05:30"
        yahoo.series.update(bars_at(moment))
        ended = runner.run("infer", moment, number)
        assert not ended.failed, ended.steps
        assert bool(ended.installed) is worked, clock
    assert document(published)["as_of"] == "2026-07-15T10:30:00+05:30"


@pytest.mark.slow
def test_a_branch_that_cannot_be_asked_is_worked_on_and_the_run_decides(
    published: Origin, runner_for: MakeRunner, github: GitHubServer, yahoo: YahooServer
) -> None:
    github.faults = [500]
    ended = runner_for(published).run("infer", AT_REST)
    assert not ended.failed
    assert ended.step(ASKED).out.startswith("due=true: ")
    assert "nothing is due" in ended.step(RUN).out
    assert (published.commits(BRANCH), github.beats, yahoo.requests) == (1, 1, [])
    assert steps_of(ended.summary) == {"restore": "0"}
    assert "the next is due from 2026-07-15 07:40 IST" in ended.summary


@pytest.mark.slow
def test_a_run_by_hand_asks_nothing_and_works(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    yahoo.series.update(bars_at(AT_REST))
    ended = runner_for(published).run("infer", AT_REST, event="workflow_dispatch")
    assert not ended.failed, ended.steps
    assert all(not step.command.startswith(ASKED) for step in ended.steps)
    assert document(published)["generated_at"] == AT_REST
    assert published.commits(BRANCH) == 2


def test_a_monitor_that_is_gone_harms_nothing(published: Origin, runner_for: MakeRunner) -> None:
    runner = replace(runner_for(published), secrets={"AEGIS_HEARTBEAT_URL": "http://127.0.0.1:9/secret"})
    ended = runner.run("infer", AT_REST)
    assert not ended.failed
    assert ended.step(ASKED).err.startswith("aegis: warning: no heartbeat: ")
    assert "secret" not in ended.step(ASKED).err


@pytest.mark.slow
def test_the_token_stays_out_of_sight(published: Origin, runner_for: MakeRunner, yahoo: YahooServer) -> None:
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner_for(published).run("infer", IN_SESSION)
    assert all(TOKEN not in step.out + step.err for step in ended.steps)
    assert TOKEN not in ended.summary
    for path in ended.workspace.parent.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes(), path


def broken(origin: Origin, runner: Runner, name: str = "trap") -> None:
    """Publish the set with one byte of a model file changed, as a damaged disk would leave it."""
    at = runner.folder / "breaking"
    git(runner.folder, "clone", "--quiet", "--branch", BRANCH, str(origin.path), str(at))
    (path,) = (at / "models").glob(f"{name}-*.joblib")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    git(at, "-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "--quiet", "-am", "damage")
    git(at, "push", "--quiet", "origin", BRANCH)


@pytest.mark.slow
def test_broken_models_are_trained_anew_and_one_issue_says_so(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    runner = runner_for(published)
    before = json.loads(published.read("models/manifest.json", BRANCH))["set_version"]
    broken(published, runner)
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner.run("infer", IN_SESSION, 1)
    assert not ended.failed, ended.steps
    after = json.loads(published.read("models/manifest.json", BRANCH))
    assert after["set_version"] != before
    named = {f"models/{one['file']}" for one in after["files"].values()}
    kept = {name for name in published.files(BRANCH) if name.endswith(".joblib")}
    assert kept == named, "the damaged set is gone from the branch"
    made = document(published)
    assert made["health"]["status"] == "ok"
    assert any(after["set_version"] in note for note in made["health"]["notes"])
    (issue,) = github.issues
    assert issue.title == UNHEALTHY_TITLE
    assert "trap: corrupt" in issue.body
    assert after["set_version"] in issue.body
    assert "/actions/runs/1" in issue.body
    assert set(github.tokens) <= {f"Bearer {TOKEN}", None}
    assert "issue 1 was opened" in ended.summary

    broken_again = runner.folder / "breaking"
    git(broken_again, "pull", "--quiet", "--ff-only", "origin", BRANCH)
    for path in (broken_again / "models").glob("stress-*.joblib"):
        path.write_bytes(b"")
    git(broken_again, "-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "--quiet", "-am", "damage")
    git(broken_again, "push", "--quiet", "origin", BRANCH)
    later = "2026-07-15T11:39:30+05:30"
    yahoo.series.update(bars_at(later))
    assert not runner.run("infer", later, 2).failed
    (issue,) = github.issues
    assert len(issue.comments) == 1, "the same issue, not a second one"
    assert "stress: corrupt" in issue.comments[0]

    last = "2026-07-15T12:09:30+05:30"
    yahoo.series.update(bars_at(last))
    ended = runner.run("infer", last, 3)
    assert steps_of(ended.summary)["check-models"] == "0", "the way back: the next run finds a healthy set"
    assert len(github.issues[0].comments) == 1


@pytest.mark.slow
def test_the_calendars_end_is_one_issue_that_says_what_to_add_until_the_operator_has_added_it(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    runner = runner_for(published)

    def ran(now: str, run_id: int) -> Ended:
        yahoo.series.update(bars_at(now))
        return runner.run("infer", now, run_id)

    # The set of July is too old by December, and is trained anew: its issue is none of the calendar's.
    assert not ran("2026-12-22T11:09:30+05:30", 1).failed
    github.issues.clear()
    for run_id, clock in enumerate(("11:09:30", "11:39:30", "12:09:30"), 2):
        ended = ran(f"2026-12-28T{clock}+05:30", run_id)
        assert not ended.failed, ended.steps
    assert not ran("2026-12-29T11:09:30+05:30", 5).failed
    (issue,) = github.issues
    assert "add the closures of 2027" in issue.body
    assert "[nifty50] in calendar.toml" in issue.body
    assert "aegis train" not in issue.body
    assert issue.comments == [], "four runs on two days said the same"
    assert any("add the closures of 2027" in note for note in document(published)["health"]["notes"])

    broken(published, runner)
    assert not ran("2026-12-29T11:39:30+05:30", 6).failed
    (comment,) = github.issues[0].comments
    assert "trap: corrupt" in comment
    assert "add the closures of 2027" in comment

    operator = runner.folder / "operator"
    git(runner.folder, "clone", "--quiet", "--branch", "main", str(published.path), str(operator))
    (operator / "calendar.toml").write_text(year_2027())
    git(operator, "add", "calendar.toml")
    git(operator, "-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "--quiet", "-m", "2027 is announced")
    git(operator, "push", "--quiet", "origin", "main")
    ended = ran("2026-12-30T11:09:30+05:30", 7)
    assert not ended.failed, ended.steps
    assert steps_of(ended.summary)["check-models"] == "0", "no change of the workflow was needed"
    assert document(published)["health"]["calendar"]["valid_through"] == "2027-12-31"
    assert document(published)["provenance"]["calendar"]["file"] == "calendar.toml"
    assert "calendar.toml" not in published.files(BRANCH)
    assert len(github.issues[0].comments) == 1


@pytest.mark.slow
def test_a_source_that_is_down_publishes_nothing_and_fails_the_job(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    runner, tip = runner_for(published), published.tip(BRANCH)
    yahoo.fault["^NSEI"] = "empty"
    ended = runner.run("infer", IN_SESSION, 1)
    assert ended.step(RUN).code == 69
    assert ended.step(RUN).err.startswith("aegis: error: ")
    assert ended.step(RUN).err.count("\n") == 1
    assert (published.tip(BRANCH), github.beats) == (tip, 0)
    assert steps_of(ended.summary) == {"restore": "0", "check-models": "0", "infer": "69"}

    # The document of yesterday was valid until 10:15, so readers see that it is old, and the operator hears.
    (issue,) = github.issues
    assert issue.title == OUT_OF_DATE_TITLE
    assert "as of 2026-07-14T15:30:00+05:30 and was valid until 2026-07-15T10:15:00+05:30, 0 h 54 min ago" in issue.body
    assert "infer ended with\n69 (source unavailable)" in issue.body
    assert "/actions/runs/1" in issue.body
    assert "issue 1 was opened" in ended.summary
    assert runner.run("infer", "2026-07-15T11:24:30+05:30", 2).step(RUN).code == 69
    assert (len(github.issues), issue.comments) == (1, []), "nothing has changed"

    # It comes back by itself.
    yahoo.fault.clear()
    later = "2026-07-15T11:39:30+05:30"
    yahoo.series.update(bars_at(later))
    ended = runner.run("infer", later, 3)
    assert not ended.failed
    assert published.commits(BRANCH) == 2
    assert (len(github.issues), issue.state) == (1, "closed")
    assert issue.comments[0].startswith("A document as of 2026-07-15T11:30:00+05:30 is published, valid until")
    assert "issue 1 was closed" in ended.summary


@pytest.mark.slow
def test_a_source_that_fails_while_readers_have_a_valid_document_is_no_issue(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    yahoo.fault["^NSEI"] = "empty"
    ended = runner_for(published).run("infer", "2026-07-15T10:45:00+05:30")
    assert ended.step(RUN).code == 69
    assert github.issues == []


@pytest.mark.slow
def test_with_issues_switched_off_the_job_ends_red_though_the_document_is_published(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    github.disabled = True
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner_for(published).run("infer", IN_SESSION)
    assert (ended.step(RUN).code, ended.step(PUBLISH).code) == (0, 73)
    assert "Issues has been disabled" in ended.step(PUBLISH).err
    assert "switch issues on" in ended.step(PUBLISH).err
    assert ended.step(PUBLISH).err.count("\n") == 1
    assert document(published)["as_of"] == "2026-07-15T11:00:00+05:30"
    assert steps_of(ended.summary)["issue"] == "73"
    assert github.beats == 0
    assert ended.attested == [(published.tip(BRANCH), published.read(DOCUMENT, BRANCH))]


@pytest.mark.slow
def test_broken_models_and_no_source_leave_what_is_published_and_say_so(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    runner = runner_for(published)
    broken(published, runner)
    tip = published.tip(BRANCH)
    yahoo.fault["^NSEI"] = "empty"
    assert runner.run("infer", IN_SESSION).step(RUN).code == 69
    assert published.tip(BRANCH) == tip
    unhealthy, outdated = github.issues
    assert "No document was made since: infer ended with 69" in unhealthy.body
    assert outdated.title == OUT_OF_DATE_TITLE


@pytest.mark.slow
def test_an_issue_that_cannot_be_opened_holds_no_document_back(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    runner = runner_for(published)
    broken(published, runner)
    github.faults = ["none", 403]
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner.run("infer", IN_SESSION)
    assert ended.step(PUBLISH).code == 73, "nobody would hear of the broken models"
    assert "aegis: error: owner/aegis refuses the issue (status 403" in ended.step(PUBLISH).err
    assert "no issue was opened" in ended.summary
    assert document(published)["as_of"] == "2026-07-15T11:00:00+05:30"


@pytest.mark.slow
def test_a_degraded_document_is_published_and_fails_the_job(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    yahoo.series.update(bars_at(IN_SESSION))
    for interval in ("1d", "15m"):
        yahoo.fault[f"^INDIAVIX {interval}"] = "empty"
    ended = runner_for(published).run("infer", IN_SESSION)
    assert (ended.step(RUN).code, ended.step(PUBLISH).code) == (10, 10)
    made = document(published)
    assert (made["as_of"], made["health"]["status"]) == ("2026-07-15T11:00:00+05:30", "degraded")
    assert github.beats == 0
    assert ended.attested == [(published.tip(BRANCH), published.read(DOCUMENT, BRANCH))]
    assert "- degraded: " in ended.summary
    assert any((ended.workspace.parent.parent / "kept").iterdir()), "its good bars are kept for the next run"


@pytest.mark.slow
def test_a_branch_that_takes_no_push_fails_the_job(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    published.hook("pre-receive", "exit 1")
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner_for(published).run("infer", IN_SESSION)
    assert (ended.step(RUN).code, ended.step(PUBLISH).code) == (0, 73)
    assert steps_of(ended.summary)["publish"] == "73"
    assert github.beats == 0


@pytest.mark.slow
def test_two_runs_at_once_leave_one_document_and_every_row_once(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer
) -> None:
    yahoo.series.update(bars_at(IN_SESSION))
    runner, ends = runner_for(published), list[Ended]()
    threads = [
        threading.Thread(target=lambda n=number: ends.append(runner.run("infer", IN_SESSION, n))) for number in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ended.failed for ended in ends] == [False, False], ends
    assert document(published)["as_of"] == "2026-07-15T11:00:00+05:30"
    assert published.commits(BRANCH) in (2, 3)
    assert git(published.path, "rev-list", "--merges", BRANCH) == ""
    assert rows(published, "forecasts")
    git(published.path, "fsck", "--strict", "--no-dangling")


@pytest.mark.slow
def test_two_first_runs_at_once_make_one_branch(empty: Origin, runner_for: MakeRunner) -> None:
    runner, ends = runner_for(empty), list[Ended]()
    threads = [
        threading.Thread(
            target=lambda n=number: ends.append(runner.run("infer", FIRST, n, "workflow_dispatch", first="true"))
        )
        for number in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ended.failed for ended in ends] == [False, False], ends
    assert rows(empty, "forecasts")
    assert len(git(empty.path, "rev-list", "--max-parents=0", BRANCH).splitlines()) == 1


@pytest.mark.slow
def test_a_branch_that_is_gone_is_an_alarm_and_never_a_first_run(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    runner, tip = runner_for(published), published.tip(BRANCH)
    yahoo.series.update(bars_at(IN_SESSION))
    git(published.path, "update-ref", "-d", f"refs/heads/{BRANCH}")
    ended = runner.run("infer", IN_SESSION)
    assert (ended.step(RUN).code, ended.step(PUBLISH).code) == (73, 73)
    assert "there is no branch origin/published" in ended.step(RUN).err
    assert BRANCH not in published.branches()
    (issue,) = github.issues
    assert issue.title == BRANCH_GONE_TITLE
    assert runner.run("infer", IN_SESSION, 2, "workflow_dispatch", first="false").step(RUN).code == 73, "by hand, too"
    git(published.path, "update-ref", f"refs/heads/{BRANCH}", tip)
    assert not runner.run("infer", IN_SESSION, 3).failed
    assert published.commits(BRANCH) == 2


@pytest.mark.slow
def test_a_record_that_lost_lines_is_an_alarm_until_somebody_accepts_it(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer, tmp_path: Path
) -> None:
    runner = runner_for(published)
    yahoo.series.update(bars_at(IN_SESSION))
    assert not runner.run("infer", IN_SESSION).failed
    git(published.path, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")
    later = "2026-07-15T11:39:30+05:30"
    yahoo.series.update(bars_at(later))
    ended = runner.run("infer", later, 2)
    assert (ended.step(RUN).code, ended.step(PUBLISH).code) == (11, 11)
    assert "is shorter than the last run left it" in ended.step(RUN).err
    assert document(published)["as_of"] == "2026-07-15T11:30:00+05:30", "readers get their document all the same"
    assert [issue.title for issue in github.issues] == [RECORD_CUT_TITLE]
    accepted = runner.run("infer", later, 3, "workflow_dispatch", first="true")
    assert not accepted.failed, accepted.steps
    assert not runner.run("infer", later, 4, "workflow_dispatch").failed


def test_the_step_that_imports_packages_to_make_a_document_is_given_no_token() -> None:
    made, finishing = (step for step in only_job_steps() if step.get("id") in ("run", "publish"))
    assert "token" not in str(made).casefold()
    assert "secrets" not in str(made)
    assert finishing["env"]["GITHUB_TOKEN"] == "${{ github.token }}"


@pytest.mark.slow
def test_the_step_that_imports_packages_to_make_a_document_knows_no_token(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer
) -> None:
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner_for(published).run("infer", IN_SESSION)
    handed_on = json.loads((ended.workspace / "run.json").read_bytes())
    assert handed_on["made"] is True
    assert handed_on["notices"] == []
    assert TOKEN not in (ended.workspace / "run.json").read_text()


def only_job_steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workflow("infer")["jobs"]["infer"]["steps"]
    return found
