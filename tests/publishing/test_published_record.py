"""``aegis record report --published``: git's history is the witness of what was live; real git, a bare remote."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from published_branch import BRANCH, ROWS, Publisher
from publishing import Ended, published, refused
from repositories import DOCUMENT, Clone, Origin, git
from sample_rows import forecast, resolution

from aegismatrix_engine.cli import main
from aegismatrix_engine.publishing.restore import OwnPaths, PublishedBranch, restore
from aegismatrix_engine.record.appending import append
from aegismatrix_engine.record.ledger import read_ledger
from aegismatrix_engine.record.report import NOT_ASKED
from aegismatrix_engine.record.rows import COLUMNS, ForecastRow, checksum
from aegismatrix_engine.record.witness import DATED_AHEAD, TOO_LATE

NOW = "2022-07-08T18:00:00+05:30"
IN_TIME, LATE = "2022-06-15T10:12:00+05:30", "2022-07-04T21:00:00+05:30"
DECIDED = [resolution(row, known_at="2022-06-30T15:30:00+05:30") for row in ROWS]

Report = Callable[..., Ended]


@pytest.fixture
def publisher(origin: Origin, tmp_path: Path) -> Publisher:
    return Publisher.of(origin, tmp_path / "publisher")


@pytest.fixture
def report(clone: Clone, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Report:
    def run(*arguments: str, at: Path | None = None, now: str = NOW) -> Ended:
        monkeypatch.setenv("AEGIS_NOW", now)
        monkeypatch.chdir(at or clone.path)
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["record", "report", *arguments])
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, out, err)

    return run


def told(report: Report, *arguments: str, code: int = 0, **more: Any) -> dict[str, Any]:
    ended = report("--published", "--json", *arguments, **more)
    assert (ended.code, ended.err if code == 0 else "") == (code, "")
    content: dict[str, Any] = json.loads(ended.out)
    return content


def counts(content: dict[str, Any]) -> tuple[int, int, int, int]:
    """Rows that claim to be live, that are confirmed, and scored forecasts that are live and replay."""
    rows = content["witness"]["rows"]
    scored = (sum(one["n"] for one in content[standing]) for standing in ("live", "replay"))
    return (rows["claimed"], rows["confirmed"], *scored)


def test_rows_that_were_committed_in_time_are_live(publisher: Publisher, report: Report) -> None:
    publisher.rows(ROWS, IN_TIME)
    tip = publisher.rows(DECIDED, LATE)
    content = told(report)
    assert counts(content) == (80, 80, 80, 0)
    asked = content["witness"]
    assert (asked["asked"], asked["branch"], asked["commit"], asked["commits"]) == (True, "origin/published", tip, 2)
    assert asked["rows"]["refusals"] == []


def test_eighty_rows_written_as_live_and_committed_later_are_not_live(publisher: Publisher, report: Report) -> None:
    publisher.rows([*ROWS, *DECIDED], LATE)
    content = told(report)
    assert counts(content) == (80, 0, 0, 80)
    assert content["live"] == []
    (refusal,) = content["witness"]["rows"]["refusals"]
    assert refusal == {
        "reason": TOO_LATE,
        "rows": 80,
        "first": "2022-06-15T10:00:00+05:30",
        "last": "2022-06-15T10:00:00+05:30",
        "first_seen": {"later": 80},
    }
    ended = report("--published", "--html", "page.html")
    line = f"Not live, 80: {TOO_LATE} (of {ROWS[0].as_of} to {ROWS[0].as_of}; first seen: 80 later)"
    assert line in ended.out
    assert "Of 80 rows marked live it held 0 in time" in ended.out
    assert line in Path("page.html").read_text()


def test_without_the_option_the_rows_are_believed_and_the_report_says_that_nobody_was_asked(
    publisher: Publisher, report: Report
) -> None:
    publisher.rows([*ROWS, *DECIDED], LATE)
    folder = str(publisher.path / "record")
    ended = report("--record", folder, "--json")
    content = json.loads(ended.out)
    assert sum(one["n"] for one in content["live"]) == 80
    assert content["witness"] == {"asked": False}
    shown = report("--record", folder, "--html", "page.html")
    assert NOT_ASKED in shown.out.splitlines()
    assert NOT_ASKED in Path("page.html").read_text()


def test_a_commit_dated_before_those_it_follows_is_as_late_as_they_are(publisher: Publisher, report: Report) -> None:
    publisher.files({"README": b"first\n"}, LATE)
    publisher.rows(ROWS, IN_TIME)
    publisher.rows(DECIDED, "2022-07-05T10:00:00+05:30")
    assert counts(told(report)) == (80, 0, 0, 80)


def test_a_commit_dated_later_than_now_is_no_witness(publisher: Publisher, report: Report) -> None:
    publisher.rows([*ROWS, *DECIDED], "2022-07-08T18:05:01+05:30")
    (refusal,) = told(report)["witness"]["rows"]["refusals"]
    assert (refusal["reason"], refusal["rows"]) == (DATED_AHEAD, 80)


def test_a_commit_dated_beyond_any_clock_is_no_witness_nor_is_any_after_it(
    publisher: Publisher, report: Report
) -> None:
    publisher.rows(ROWS[:40], IN_TIME)
    publisher.files({"README": b"first\n"}, "@9999999999999999 +0000")
    publisher.rows([*ROWS[40:], *DECIDED], LATE)
    assert counts(told(report)) == (80, 40, 40, 40)


def test_a_row_rewritten_since_is_as_late_as_its_rewriting(publisher: Publisher, report: Report) -> None:
    publisher.rows(ROWS, IN_TIME)
    shutil.rmtree(publisher.path / "record")
    better = [forecast(signal=row.signal, event="up", threshold="0.01", probability="0.99") for row in ROWS[:3]]
    publisher.rows([*better, *ROWS[3:], *DECIDED], LATE)
    assert counts(told(report)) == (80, 77, 77, 3)


def test_a_row_taken_away_and_put_back_was_there_from_the_first(publisher: Publisher, report: Report) -> None:
    publisher.rows(ROWS, IN_TIME)
    kept = (publisher.path / "record").rename(publisher.path.parent / "kept")
    publisher.commit("2022-06-16T10:00:00+05:30")
    kept.rename(publisher.path / "record")
    publisher.rows(DECIDED, LATE)
    assert counts(told(report)) == (80, 80, 80, 0)


def test_what_came_by_a_merge_was_there_from_the_merge_on(publisher: Publisher, report: Report) -> None:
    publisher.files({"README": b"first\n"}, "2022-06-15T09:00:00+05:30")
    git(publisher.path, "switch", "--quiet", "--create", "aside")
    publisher.rows(ROWS[:40], IN_TIME)
    git(publisher.path, "switch", "--quiet", BRANCH)
    publisher.rows(ROWS[40:], IN_TIME)
    merging = ["-c", "user.name=a", "-c", "user.email=a@localhost", "merge", "--quiet", "-s", "ours", "--no-commit"]
    git(publisher.path, *merging, "aside")
    publisher.rows([*ROWS[:40], *DECIDED], LATE)
    assert len(git(publisher.path, "rev-list", "--merges", "HEAD").split()) == 1
    content = told(report)
    assert counts(content) == (80, 40, 40, 40)
    assert [one["reason"] for one in content["witness"]["rows"]["refusals"]] == [TOO_LATE]


def test_a_grown_file_and_many_sessions_each_have_their_own_first_commit(publisher: Publisher, report: Report) -> None:
    rows = []
    for day in range(13, 18):
        for hour, late in ((10, 12), (11, 50), (12, 44)):
            moment = f"2022-06-{day}T{hour}"
            made = [
                forecast(as_of=f"{moment}:00:00+05:30", origin=f"2022-06-{day - 1}", signal=f"forecast.{i}")
                for i in range(3)
            ]
            publisher.rows(made, f"{moment}:{late}:00+05:30")
            rows += made
    publisher.rows([resolution(row) for row in rows], LATE)
    content = told(report)
    assert counts(content) == (45, 30, 30, 15)
    assert content["witness"]["rows"]["refusals"][0]["first_seen"] == {"up to an hour late": 15}


def test_the_record_is_the_branchs_whatever_stands_in_the_checkout(
    publisher: Publisher, clone: Clone, report: Report
) -> None:
    publisher.rows([*ROWS, *DECIDED], IN_TIME)
    shutil.rmtree(clone.path / "record")
    before = {path: path.read_bytes() for path in clone.path.rglob("*") if path.is_file() and ".git" not in path.parts}
    refs, index = git(clone.path, "for-each-ref"), (clone.path / ".git" / "index").read_bytes()
    assert told(report)["forecasts"] == 80
    assert git(clone.path, "for-each-ref") == refs
    assert (clone.path / ".git" / "index").read_bytes() == index
    assert not (clone.path / ".git" / "FETCH_HEAD").exists()
    after = {path: path.read_bytes() for path in clone.path.rglob("*") if path.is_file() and ".git" not in path.parts}
    assert after == before
    clone.untouched()


def test_a_shallow_clone_is_deepened_without_moving_a_ref(
    publisher: Publisher, origin: Origin, tmp_path: Path, report: Report
) -> None:
    publisher.rows(ROWS, IN_TIME)
    publisher.rows(DECIDED, LATE)
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin.path}", str(shallow))
    git(shallow, "fetch", "--quiet", "--depth=1", "--no-write-fetch-head", "--refmap=", "origin", BRANCH)
    refs = git(shallow, "for-each-ref")
    assert counts(told(report, at=shallow)) == (80, 80, 80, 0)
    assert git(shallow, "for-each-ref") == refs
    assert git(shallow, "rev-list", "--count", publisher.clone and git(publisher.path, "rev-parse", "HEAD")) == "2"


def test_a_replaced_commit_in_a_clone_deceives_nobody(publisher: Publisher, clone: Clone, report: Report) -> None:
    late = publisher.rows([*ROWS, *DECIDED], LATE)
    early = publisher.commit(IN_TIME, "--amend", "--date", IN_TIME)
    git(publisher.path, "push", "--quiet", "--force", "origin", f"{late}:refs/heads/{BRANCH}")
    git(clone.path, "fetch", "--quiet", str(publisher.path), BRANCH)
    git(clone.path, "fetch", "--quiet", "origin", BRANCH)
    git(clone.path, "replace", late, early)
    assert counts(told(report)) == (80, 0, 0, 80)


def test_what_aegis_publish_pushed_in_time_is_live(
    clone: Clone, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(clone.path / "record")
    publisher_rows = [*ROWS, *DECIDED]
    from aegismatrix_engine.record.appending import append

    append(clone.path / "record", publisher_rows)
    monkeypatch.setenv("GIT_COMMITTER_DATE", IN_TIME)
    assert published(clone, "--branch", BRANCH).code == 0
    assert counts(told(report)) == (80, 80, 80, 0)


def test_rows_join_a_published_file_of_former_columns_by_publishing_and_by_restoring(
    publisher: Publisher, clone: Clone, report: Report
) -> None:
    publisher.rows(ROWS[:40], IN_TIME)
    file = publisher.path / "record" / "nifty50" / "forecasts" / "2022" / "2022-06-15.csv"
    former = [name for name in COLUMNS[ForecastRow] if name != "vix"]
    lines = [",".join(former)]
    for row in ROWS[:40]:
        content = [getattr(row, name) for name in former[:-1]]
        lines.append(",".join([*content, checksum(content)]))
    file.write_text("\n".join(lines) + "\n")
    publisher.commit(IN_TIME)
    shutil.rmtree(clone.path / "record")
    append(clone.path / "record", [*ROWS[40:], *DECIDED])
    done = published(clone, "--branch", BRANCH)
    assert (done.code, done.err) == (0, "")
    content = told(report)
    assert (content["forecasts"], content["resolved"], content["faults"]) == (80, 80, [])
    assert (
        restore(
            PublishedBranch.of(clone.path, OwnPaths(Path(DOCUMENT), Path("record"), Path("models")), BRANCH),
            datetime.now(UTC),
        ).written
        == 1
    )
    assert list(read_ledger(clone.path / "record", "nifty50").forecasts) == [row.key for row in ROWS]


def test_links_and_lines_at_fault_on_the_branch_are_named_and_the_rest_is_scored(
    publisher: Publisher, report: Report
) -> None:
    folder = publisher.path / "record" / "nifty50" / "forecasts" / "2022"
    publisher.rows([*ROWS, *DECIDED], IN_TIME)
    (folder / "2022-06-16.csv").symlink_to("2022-06-15.csv")
    (folder / "\udcff.csv").symlink_to("2022-06-15.csv")
    file = folder / "2022-06-15.csv"
    file.write_text(file.read_text() + "half a row\n")
    publisher.commit(LATE)
    ended = report("--published", "--json", "--html", "page.html")
    assert ended.code == 10
    content = json.loads(ended.out)
    assert counts(content) == (80, 80, 80, 0)
    assert [fault.split(":")[0] for fault in content["faults"]] == [
        "nifty50/forecasts/2022/2022-06-15.csv, line 82",
        "nifty50/forecasts/2022/2022-06-16.csv is a link, not a plain file; remove it there; it is left out",
        "nifty50/forecasts/2022/\ufffd.csv is a link, not a plain file; remove it there; it is left out",
    ]


def test_a_branch_that_is_not_there_is_no_empty_record(report: Report) -> None:
    refused(report("--published", "--branch", "nowhere"), 65, "there is no branch origin/nowhere")


def test_a_remote_that_does_not_answer_is_said(clone: Clone, report: Report) -> None:
    git(clone.path, "remote", "set-url", "origin", str(clone.path / "none"))
    refused(report("--published"), 73)


def test_outside_of_a_work_tree_there_is_nothing_to_ask(tmp_path: Path, report: Report) -> None:
    (tmp_path / "elsewhere").mkdir()
    refused(report("--published", at=tmp_path / "elsewhere"), 2, "not in a git work tree")


def stamped(made: str, until: str) -> dict[str, bytes]:
    content = {"market_id": "nifty50", "generated_at": f"2022-06-{made}+05:30", "valid_until": f"2022-06-{until}+05:30"}
    return {"aegismatrix.json": json.dumps(content).encode()}


def test_how_fresh_the_document_was_is_measured_from_the_branchs_commits(publisher: Publisher, report: Report) -> None:
    days = pd.bdate_range("2022-06-01", "2022-06-30")
    for day in days:
        publisher.files(stamped(f"{day:%d}T08:40:00", f"{day:%d}T10:00:00"), f"2022-06-{day:%d}T08:45:00+05:30")
        publisher.files(stamped(f"{day:%d}T10:05:00", f"{day:%d}T15:29:00"), f"2022-06-{day:%d}T10:11:00+05:30")
    publisher.files({"aegismatrix.json": None}, "2022-06-29T12:00:00+05:30")  # no earlier than the one before it
    content = told(report, now="2022-06-30T18:00:00+05:30")
    fresh = content["witness"]["freshness"]
    # The last commit takes the document away at the time of the one before it, 10:11 of the 30th.
    gaps = 10 * 22 + (375 - 46 - 10)
    assert (fresh["minutes"], fresh["fresh"]) == (22 * 375, 22 * 375 - gaps)
    assert fresh["share"] == pytest.approx(fresh["fresh"] / fresh["minutes"])
    assert (fresh["longest_gap"], fresh["gap_begin"]) == (375 - 46, "2022-06-30T10:01:00+05:30")
    shown = report("--published", "--html", "page.html", now="2022-06-30T18:00:00+05:30")
    line = f"for {fresh['share']:.1%} of 8,250 session minutes"
    assert line in shown.out
    assert line in Path("page.html").read_text()
    assert "the longest gap 329 session minutes from 2022-06-30T10:01:00+05:30" in shown.out


def test_the_record_may_stand_elsewhere_on_the_branch(publisher: Publisher, report: Report) -> None:
    publisher.rows([*ROWS, *DECIDED], IN_TIME)
    (publisher.path / "record").rename(publisher.path / "kept")
    publisher.commit(LATE)
    assert told(report, "--record", "kept")["witness"]["rows"]["confirmed"] == 0
    assert told(report, "--record", "record")["forecasts"] == 0
