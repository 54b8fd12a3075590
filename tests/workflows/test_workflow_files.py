"""What the workflows are: pinned, modest in their rights, without logic, and on time."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from itertools import pairwise
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
READ, PUBLISH = {"contents": "read"}, {"contents": "write", "issues": "write"}
RIGHTS: dict[str, dict[str, dict[str, str]]] = {
    "infer": {"infer": PUBLISH},
    "train": {"train": PUBLISH},
    "watch": {"watch": READ},
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
            assert step["with"] == {"persist-credentials": False}


def test_those_that_publish_wait_for_each_other_and_are_never_broken_off() -> None:
    for name in PUBLISHING:
        assert workflow(name)["concurrency"] == {"group": "published", "cancel-in-progress": False}


@pytest.mark.parametrize("name", ["infer", "train", "watch"])
def test_there_is_no_logic_in_yaml(name: str) -> None:
    first, second, *commands = [step["run"] for step in steps(name) if "run" in step]
    assert (first, second) == INSTALLING
    for command in commands:
        last = command.split(" | ")[-1]
        program, subcommand, *words = shlex.split(last)
        assert program == "aegis"
        assert "${{" not in command, "a value gets into a script through the environment only"
        assert command == last or command.startswith('echo "$')
        known = {name for option in aegis.commands[subcommand].params for name in option.opts}
        assert {word for word in words if word.startswith("--")} <= known
    assert {step.get("if") for step in steps(name)} <= {None, "failure()", "always()"}


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


def test_one_run_is_at_the_moment_the_first_document_of_a_day_is_due() -> None:
    before = starts("2026-07-15")[0]
    assert f"{before:%H:%M}" == "08:40"
    yesterday = PublishedClose(pd.Timestamp("2026-07-14T15:30+05:30"), official=True)
    assert document_due(MARKET, before, yesterday).due
    assert not document_due(MARKET, before - pd.Timedelta(minutes=1), yesterday).due


# A plain day, a Sunday with a budget, two Muhurat sessions (an evening and an afternoon), a Saturday of a drill.
DAYS = ["2026-07-15", "2026-02-01", "2024-11-01", "2025-10-21", "2024-03-02"]


@pytest.mark.parametrize("day", DAYS)
def test_every_half_hour_of_a_session_has_its_run_and_so_has_the_evening(day: str) -> None:
    date = pd.Timestamp(day)
    assert MARKET.calendar.is_session(date)
    hours = MARKET.calendar.hours(date)
    times = starts(day)
    within = [moment for moment in times if hours.opens < moment < hours.continuous_close]
    edges = [hours.opens, *within, hours.continuous_close]
    assert max(later - former for former, later in pairwise(edges)) <= pd.Timedelta(minutes=31)
    assert any(moment >= hours.official_close for moment in times), "the official close is asked for on the day itself"
    assert len([moment for moment in times if moment >= hours.official_close]) >= (8 if day == "2026-07-15" else 1)


def test_a_bar_is_some_minutes_old_when_it_is_asked_for() -> None:
    for moment in starts("2026-07-15")[1:]:
        assert moment.minute % 15 >= 5
