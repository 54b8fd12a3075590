"""What the workflows are: pinned, modest in their rights, without logic, and on time."""

import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from github_server import TOKEN
from workflow_jobs import ROOT, WORKFLOWS, Runner, only_job, workflow

from aegismatrix_engine.cli import aegis
from aegismatrix_engine.markets import PublishedClose, document_due, get_market

MARKET = get_market("nifty50")
NAMES = sorted(path.stem for path in WORKFLOWS.iterdir())
PUBLISHING = ("infer", "train")
DOCUMENT = "aegismatrix.json"
ASKING = "aegismatrix_engine.state.work_due"
DUE = "steps.asked.outputs.due != 'false'"
HANDED_ON = "always() && steps.run.outputs.run != ''"
ATTESTING = {"contents": "read", "id-token": "write", "attestations": "write"}
READ, PUBLISH = {"contents": "read"}, {"contents": "write", "issues": "write"}
RIGHTS: dict[str, dict[str, dict[str, str]]] = {
    "infer": {"infer": PUBLISH, "attest": ATTESTING},
    "train": {"train": PUBLISH},
    "watch": {"watch": {**READ, "issues": "write"}},
    "libraries": {"test": READ, "tell": {**READ, "issues": "write"}},
    "locks": {"refresh": READ, "propose": {"contents": "write", "pull-requests": "write"}},
    "release": {"release": {"contents": "write"}},
}
"""Rights of each job of each workflow; those of ci are the workflow's own."""
INSTALLING = (
    "python -m pip install --disable-pip-version-check --require-hashes -r requirements-run.lock",
    "python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .",
)


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def crons(name: str) -> Iterator[tuple[int, int]]:
    """Hour and minute in UTC of every start, each of which is on every day of every month."""
    for entry in workflow(name)["on"]["schedule"]:
        minutes, hours, *days = entry["cron"].split()
        assert days == ["*", "*", "*"], "every day of the week"
        first, _, last = hours.partition("-")
        yield from ((h, int(m)) for h in range(int(first), int(last or first) + 1) for m in minutes.split(","))


def starts(day: str) -> list[pd.Timestamp]:
    """Every scheduled start of infer.yml on a day, in exchange time; NSE is never on another date than UTC here."""
    begin = pd.Timestamp(day, tz="UTC")
    found = sorted(begin + pd.Timedelta(hours=h, minutes=m) for h, m in crons("infer"))
    return [moment.tz_convert(MARKET.zone) for moment in found]


def test_the_workflows_are_those_that_the_operators_page_describes() -> None:
    assert NAMES == ["ci", "infer", "libraries", "locks", "release", "train", "watch"]
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"`{name}.yml`" in page


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned_by_commit_with_their_version_beside(name: str) -> None:
    used = [step["uses"] for step in steps(name) if "uses" in step]
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[a-z/-]+@[0-9a-f]{40}", action)
    lines = [line for line in (WORKFLOWS / f"{name}.yml").read_text().splitlines() if "uses:" in line]
    assert len(lines) == len(used)
    for line in lines:
        assert re.search(r" # v\d+\.\d+\.\d+$", line)


def test_the_same_action_is_at_the_same_commit_everywhere() -> None:
    used = {tuple(step["uses"].split("@")) for name in NAMES for step in steps(name) if "uses" in step}
    repositories = {("/".join(action.split("/")[:2]), commit) for action, commit in used}
    assert len(repositories) == len({repository for repository, _ in repositories})


@pytest.mark.parametrize("name", NAMES)
def test_rights_are_given_to_single_jobs_and_no_more_than_they_need(name: str) -> None:
    whole = workflow(name)
    if name == "ci":
        assert whole["permissions"] == READ
        assert all("permissions" not in job for job in whole["jobs"].values())
    else:
        assert whole["permissions"] == {}
        assert {key: job["permissions"] for key, job in whole["jobs"].items()} == RIGHTS[name]
    assert all("token" not in str(step) for step in steps(name) if "uses" in step)


def test_the_job_that_attests_takes_the_commit_that_was_pushed_and_runs_nothing_of_ours() -> None:
    job = workflow("infer")["jobs"]["attest"]
    checkout, attest = job["steps"]
    assert checkout["with"] == {"persist-credentials": False, "ref": "${{ needs.infer.outputs.commit }}"}
    assert attest["uses"].startswith("actions/attest-build-provenance@")
    assert attest["with"] == {"subject-path": DOCUMENT}
    assert job["if"] == "always() && needs.infer.outputs.commit != ''", "a degraded document, too"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PUBLISHING])
def test_a_job_that_installs_what_no_lock_names_may_write_nothing(name: str) -> None:
    for job in workflow(name)["jobs"].values():
        asked = [step["run"] for step in job["steps"] if "pip install" in step.get("run", "")]
        unlocked = [command for command in asked if "--require-hashes" not in command and command != INSTALLING[1]]
        assert not unlocked or job.get("permissions", READ) == READ
        assert all("token" not in str(step) for step in job["steps"] if unlocked)


@pytest.mark.parametrize("name", NAMES)
def test_a_job_ends_in_time_and_no_credentials_stay_on_disk(name: str) -> None:
    assert all(job["timeout-minutes"] <= 60 for job in workflow(name)["jobs"].values())
    for step in steps(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_those_that_publish_wait_for_each_other_and_are_never_broken_off() -> None:
    for name in PUBLISHING:
        assert workflow(name)["concurrency"] == {"group": "published", "cancel-in-progress": False}


@pytest.mark.parametrize("name", ["infer", "train", "watch"])
def test_there_is_no_logic_in_yaml(name: str) -> None:
    asked, commands = [], [step["run"] for step in steps(name) if "run" in step]
    if name != "watch":
        asked, commands = commands[:1], commands[1:]
    assert asked in ([], ["python3 -m " + ASKING], [f"python3 -m {ASKING} --training"])
    assert tuple(commands[:2]) == INSTALLING
    for command in commands[2:]:
        last = command.split(" | ")[-1]
        program, subcommand, *words = shlex.split(last)
        assert program == "aegis"
        assert "${{" not in command, "a value gets into a script through the environment only"
        assert command == last or command.startswith('echo "$')
        known = {name for option in aegis.commands[subcommand].params for name in option.opts}
        assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("name", PUBLISHING)
def test_a_scheduled_start_asks_first_and_all_that_follows_waits_for_the_answer(name: str) -> None:
    checkout, asked, *following = workflow(name)["jobs"][name]["steps"]
    assert checkout["uses"].startswith("actions/checkout@")
    assert asked["id"] == "asked"
    assert asked["if"] == "github.event_name == 'schedule'"
    assert {step["if"] for step in following} <= {DUE, f"always() && {DUE}", "failure()", HANDED_ON}
    assert importlib.util.find_spec(ASKING) is not None


def test_what_decides_by_hand_is_that_nothing_is_asked() -> None:
    (run,) = [step for step in steps("infer") if step.get("id") == "run"]
    assert run["env"]["AEGIS_IF_DUE"] == "${{ github.event_name == 'schedule' }}"
    assert "--if-due" not in run["run"]


def test_tests_run_on_every_python_that_the_project_takes() -> None:
    job = only_job("ci")
    assert job["strategy"]["matrix"] == {"python": ["3.11", "3.12", "3.13"]}
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]


@pytest.mark.parametrize("name", [*PUBLISHING, "locks"])
def test_git_is_given_the_token_for_github_alone_and_through_the_environment(name: str, tmp_path: Any) -> None:
    runner = Runner(tmp_path, tmp_path, {})
    for step in steps(name):
        if "GIT_CONFIG_COUNT" not in step.get("env", {}):
            continue
        more = {key: runner.expanded(str(value)) for key, value in step["env"].items()}
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "GIT_TERMINAL_PROMPT": "0",
            **more,
        }

        def filled(host: str, environment: dict[str, str] = environment) -> "subprocess.CompletedProcess[str]":
            return subprocess.run(
                ["git", "credential", "fill"],
                input=f"protocol=https\nhost={host}\n\n",
                env=environment,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
            )

        assert f"username=x-access-token\npassword={TOKEN}" in filled("github.com").stdout
        assert TOKEN not in filled("example.org").stdout


def test_no_start_is_at_a_full_or_half_hour() -> None:
    for name in ("infer", "watch", "train", "libraries", "locks"):
        for entry in workflow(name)["on"]["schedule"]:
            assert not {"0", "30", "*"} & set(entry["cron"].split()[0].split(","))


def test_three_shots_are_at_the_document_of_the_night_from_the_moment_it_is_due() -> None:
    shots = [moment for moment in starts("2026-07-15") if moment < pd.Timestamp("2026-07-15T09:00+05:30")]
    assert [f"{moment:%H:%M}" for moment in shots] == ["07:41", "08:01", "08:21"]
    closed, made = (pd.Timestamp(f"2026-07-14T{clock}+05:30") for clock in ("15:30", "16:05"))
    yesterday = PublishedClose(closed, True, made)
    assert document_due(MARKET, shots[0], yesterday).due
    assert not document_due(MARKET, shots[0] - pd.Timedelta(minutes=2), yesterday).due


# A plain day, a Sunday with a budget, two Muhurat sessions (an evening and an afternoon), a Saturday of a drill.
DAYS = ["2026-07-15", "2026-02-01", "2024-11-01", "2025-10-21", "2024-03-02"]


@pytest.mark.parametrize("day", DAYS)
def test_every_half_hour_of_a_session_has_its_run_and_so_has_the_evening(day: str) -> None:
    date = pd.Timestamp(day)
    assert MARKET.calendar.is_session(date)
    hours = MARKET.calendar.hours(date)
    times = [moment for moment in starts(day) if moment.minute % 30 == 9]
    within = [moment for moment in times if hours.opens < moment < hours.continuous_close]
    edges = [hours.opens, *within, hours.continuous_close]
    assert max(later - former for former, later in pairwise(edges)) <= pd.Timedelta(minutes=31)
    assert any(moment >= hours.official_close for moment in times), "the official close is asked for on the day itself"
    assert len([moment for moment in times if moment >= hours.official_close]) >= (8 if day == "2026-07-15" else 1)


def test_a_bar_is_some_minutes_old_when_it_is_asked_for() -> None:
    for moment in starts("2026-07-15")[3:]:
        assert moment.minute % 15 >= 5


def test_every_half_hour_of_the_session_has_a_second_shot() -> None:
    times = [moment for moment in starts("2026-07-15") if "09:00" < f"{moment:%H:%M}" < "15:30"]
    assert [f"{moment:%H:%M}" for moment in times[:3]] == ["09:09", "09:24", "09:39"]
    assert {later - former for former, later in pairwise(times)} == {pd.Timedelta(minutes=15)}
    assert f"{times[-1]:%H:%M}" == "15:24"


def test_a_training_that_was_cancelled_or_dropped_is_caught_up_on_the_same_weekend() -> None:
    entries = [entry["cron"].split() for entry in workflow("train")["on"]["schedule"]]
    assert [(int(hour), int(minute), day) for minute, hour, *_, day in entries] == [
        (1, 23, "6"),
        (6, 53, "6"),
        (1, 23, "0"),
    ]


def test_the_watch_looks_in_the_morning_at_noon_and_after_the_close() -> None:
    times = [f"{(pd.Timestamp(0) + pd.Timedelta(hours=h + 5.5, minutes=m)):%H:%M}" for h, m in crons("watch")]
    assert times == ["09:10", "12:23", "15:50"]


def test_nothing_above_low_is_found_by_the_auditor() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [str(zizmor), "--offline", "--persona=auditor", "--min-severity=medium", "--quiet", str(WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
