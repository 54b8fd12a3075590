"""What docs/record.md has a sceptic run is run here, from the page's text, on a branch made for it."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from published_branch import Publisher
from repositories import Origin, isolated
from sample_rows import forecast

from aegismatrix_engine.record.deadline import LATEST
from aegismatrix_engine.record.freshness import SPAN
from aegismatrix_engine.record.ledger_files import LARGEST_FILE
from aegismatrix_engine.record.reported_faults import FAULTS_NAME
from aegismatrix_engine.record.witness import AHEAD

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
FILE = "record/nifty50/forecasts/2022/2022-06-15.csv"
ROWS = [forecast(signal=f"forecast.{i}") for i in range(3)]


def commands() -> str:
    """The steps of the section for sceptics."""
    section = PAGE.partition("### Check it yourself")[2].partition("\n### ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
    return block


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    for name in os.environ:
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    for name, value in isolated(tmp_path).items():
        monkeypatch.setenv(name, value)
    return Publisher.of(Origin.made(tmp_path / "origin.git"), tmp_path / "publisher")


def checked(publisher: Publisher, line: int) -> list[str]:
    """What the page's steps print of a line, in a folder of their own."""
    at = publisher.path.parent / f"sceptic-{line}"
    at.mkdir()
    given = {"REPOSITORY": str(at.parent / "origin.git"), "FILE": FILE, "LINE": str(line)}
    strictly = ["bash", "-euo", "pipefail", "-c", commands()]
    environment = {**os.environ, **given}
    done = subprocess.run(strictly, cwd=at, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_the_steps_find_the_first_commit_of_a_row_and_its_date(publisher: Publisher) -> None:
    publisher.rows(ROWS[:1], "2022-06-15T10:12:00+05:30")
    publisher.rows(ROWS, "2022-06-15T10:40:00+05:30")
    publisher.files({"README": b"later\n"}, "2022-06-15T11:00:00+05:30")
    expected = ["2022-06-15T10:12:00+05:30", "2022-06-15T10:40:00+05:30", "2022-06-15T10:40:00+05:30"]
    for line, date in enumerate(expected, start=2):
        assert checked(publisher, line) == [
            "the row is made for: 2022-06-15T10:00:00+05:30",
            "rows of that commit that are this one: 1",
            f"committed: {date}",
            f"latest date before it: {date}",
        ]


def test_the_steps_show_a_commit_that_was_dated_back(publisher: Publisher) -> None:
    publisher.files({"README": b"first\n"}, "2022-07-04T21:00:00+05:30")
    publisher.rows(ROWS, "2022-06-15T10:12:00+05:30")
    assert checked(publisher, 3)[2:] == [
        "committed: 2022-06-15T10:12:00+05:30",
        "latest date before it: 2022-07-04T21:00:00+05:30",
    ]


def test_the_numbers_of_the_page_are_the_codes() -> None:
    plain = " ".join(PAGE.split())
    assert f"at most {LATEST.total_seconds() / 60:.0f} minutes after the row's moment" in plain
    assert f"dated more than {AHEAD.total_seconds() / 60:.0f} minutes later than now" in plain
    assert f"share of the last {SPAN.days} days' session minutes" in plain
    assert f"larger than {LARGEST_FILE // 1024**2} MB" in plain
    assert f"record/<market>/{FAULTS_NAME}" in plain


def test_the_page_says_where_an_attestation_is_checked() -> None:
    assert "gh attestation verify aegismatrix.json --repo OWNER/REPOSITORY" in " ".join(PAGE.split())


def test_the_page_says_how_the_branch_is_guarded_and_what_would_lock_actions_out() -> None:
    page = " ".join((ROOT / "docs" / "github.md").read_text(encoding="utf-8").split())
    for words in (
        "Settings > Rules > Rulesets > New ruleset > New branch ruleset",
        "Include by pattern: `published`",
        '"Restrict deletions" and "Block force pushes"',
        "Enforcement status: Active",
        '"Require a pull request before merging", "Require status checks to pass"',
    ):
        assert words in page
