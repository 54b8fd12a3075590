"""What a run of ``aegis publish`` leaves on the branch, and what it leaves alone."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from publishing import Ended, published
from repositories import DOCUMENT, HEADER, LEDGER, RECENT, Clone, Origin, document, git

from aegismatrix_engine.publishing.publish import OwnPaths, PublishedBranch, publish


def test_everything_of_ours_is_committed_on_top_of_the_branch_and_told_in_one_line(
    clone: Clone, origin: Origin
) -> None:
    before = origin.tip()
    ended = published(clone)
    assert ended.code == 0
    assert ended.err == ""
    told = f"published to origin/main in {origin.tip()[:10]}: document as of 2022-12-30T15:30:00+05:30"
    assert ended.out == f"{told}, 2 new rows, models\n"
    assert git(origin.path, "rev-parse", "main^") == before
    assert origin.files() == {"README", DOCUMENT, RECENT, LEDGER, "models/manifest.json", "models/one.joblib"}
    for name in (DOCUMENT, RECENT, LEDGER, "models/one.joblib"):
        assert origin.read(name) == (clone.path / name).read_bytes()


def test_nothing_new_is_no_commit(clone: Clone, origin: Origin) -> None:
    published(clone)
    before = origin.tip()
    assert published(clone) == Ended(0, "nothing to publish: origin/main has it all\n", "")
    assert origin.tip() == before


def test_quiet_says_nothing(clone: Clone) -> None:
    assert published(clone, "--quiet") == Ended(0, "", "")


def test_checkout_index_branch_and_other_work_stay_as_they_are(clone: Clone, origin: Origin) -> None:
    (clone.path / "README").write_text("work in progress\n")
    (clone.path / "staged").write_text("staged\n")
    (clone.path / "untracked").write_text("untracked\n")
    git(clone.path, "add", "staged")
    git(clone.path, "branch", "another")

    def state() -> tuple[object, ...]:
        heads = git(clone.path, "for-each-ref", "refs/heads", "--format=%(refname) %(objectname)")
        index = (clone.path / ".git" / "index").read_bytes()
        files = {
            path: path.read_bytes() for path in clone.path.rglob("*") if path.is_file() and ".git" not in path.parts
        }
        return heads, git(clone.path, "symbolic-ref", "HEAD"), index, files, (clone.path / ".git/FETCH_HEAD").exists()

    before = state()
    assert published(clone).code == 0
    assert state() == before
    assert "staged" not in origin.files()
    assert origin.read("README") == b"somebody else's\n"


def test_commits_that_were_not_pushed_are_not_pushed_along(clone: Clone, origin: Origin) -> None:
    (clone.path / "draft").write_text("draft\n")
    git(clone.path, "add", "draft")
    git(clone.path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "draft")
    assert published(clone).code == 0
    assert "draft" not in origin.files()
    assert origin.commits() == 2


def test_a_new_branch_begins_without_parents(clone: Clone, origin: Origin) -> None:
    assert "published to origin/published in" in published(clone, "--branch", "published").out
    assert origin.commits("published") == 1
    assert origin.files("published") == {DOCUMENT, RECENT, LEDGER, "models/manifest.json", "models/one.joblib"}
    assert origin.commits() == 1


def test_the_current_branch_new_to_the_remote_continues_where_it_is(clone: Clone, origin: Origin) -> None:
    git(clone.path, "checkout", "--quiet", "-b", "fresh")
    assert published(clone, "--branch", "fresh").code == 0
    assert git(origin.path, "rev-parse", "fresh^") == origin.tip()


def test_a_remote_without_any_commit_gets_its_first(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "empty.git")
    empty = Origin(tmp_path / "empty.git")
    clone = Clone.of(empty, tmp_path / "first")
    clone.write(document=0)
    assert published(clone).code == 0
    assert empty.files() == {DOCUMENT, RECENT}


def test_paths_may_be_anywhere_in_the_work_tree_and_are_taken_from_the_folder_of_the_run(
    clone: Clone, origin: Origin
) -> None:
    site = clone.path / "site"
    site.mkdir()
    (clone.path / DOCUMENT).rename(site / "nifty.json")
    (clone.path / RECENT).rename(site / RECENT)
    ended = published(clone, "--output", "nifty.json", "--record", "../record", "--models", "none", at=site)
    assert ended.code == 0
    assert origin.files() == {"README", "site/nifty.json", f"site/{RECENT}", LEDGER}


def test_a_document_published_since_that_is_newer_stays_and_rows_are_added(
    clone: Clone, origin: Origin, tmp_path: Path
) -> None:
    other = Clone.of(origin, tmp_path / "other")
    other.write(document=60, rows=["b,1"], models={"manifest.json": b"new"})
    assert published(other).code == 0
    ended = published(clone)
    assert ended.code == 0
    assert "2 new rows; the document published there is newer than ours and stays" in ended.out
    assert ended.out.endswith("; the model set published there stays: it goes with its document\n")
    assert origin.rows() == ["b,1", "a,1", "a,2"]
    for name in (DOCUMENT, RECENT, "models/manifest.json"):
        assert origin.read(name) == (other.path / name).read_bytes()
    assert "models/one.joblib" not in origin.files()
    assert published(clone).out.startswith("nothing published to origin/main; the document published there is newer")


def test_an_older_one_gives_way_and_files_gone_from_the_models_go(clone: Clone, origin: Origin, tmp_path: Path) -> None:
    published(clone)
    other = Clone.of(origin, tmp_path / "other")
    other.write(document=60, rows=["b,1"], models={"manifest.json": b"new", "two.joblib": b"2"})
    assert published(other).code == 0
    assert json.loads(origin.read(DOCUMENT))["as_of"] == "2022-12-30T15:31:00+05:30"
    assert origin.rows() == ["a,1", "a,2", "b,1"]
    assert {name for name in origin.files() if "models" in name} == {"models/manifest.json", "models/two.joblib"}


def test_a_run_with_the_former_set_does_not_bring_it_back_over_a_later_training(
    clone: Clone, origin: Origin, tmp_path: Path
) -> None:
    former, later = (b'{"training": {"trained_at": "2022-12-%d"}}' % day for day in (20, 27))
    former, later = (text.replace(b'"}}', b'T08:00:00+05:30"}}') for text in (former, later))
    clone.write(document=0, rows=["a,1"], models={"manifest.json": former, "one.joblib": b"1"})
    assert published(clone).code == 0
    training = Clone.of(origin, tmp_path / "training")
    training.write(document=(clone.path / DOCUMENT).read_bytes(), models={"manifest.json": later, "two.joblib": b"2"})
    assert published(training).code == 0
    assert {name for name in origin.files() if "models" in name} == {"models/manifest.json", "models/two.joblib"}
    clone.write(document=60, rows=["a,1", "a,2"])
    assert published(clone).code == 0
    assert json.loads(origin.read(DOCUMENT))["as_of"] == json.loads((clone.path / DOCUMENT).read_bytes())["as_of"]
    assert origin.read("models/manifest.json") == later
    assert "models/one.joblib" not in origin.files()


def test_what_is_missing_here_stays_there(clone: Clone, origin: Origin, tmp_path: Path) -> None:
    published(clone)
    before = origin.files()
    git(clone.path, "fetch", "--quiet")
    bare = tmp_path / "bare"
    git(tmp_path, "clone", "--quiet", "--no-checkout", str(origin.path), str(bare))
    (bare / DOCUMENT).write_bytes(document(5))
    assert published(Clone(bare)).code == 0
    assert origin.files() == before
    assert origin.rows() == ["a,1", "a,2"]


def test_ledgers_of_both_kinds_are_united_and_other_files_go_with_the_document(
    clone: Clone, origin: Origin, tmp_path: Path
) -> None:
    clone.ledger(b'{"a": 1}\n', "record/deep/er/rows.jsonl")
    clone.ledger(b"ours", "record/report.html")
    clone.write(document=60)
    assert published(clone).code == 0
    other = Clone.of(origin, tmp_path / "other")
    other.ledger(b'{"b": 1}\n', "record/deep/er/rows.jsonl")
    other.ledger(b"theirs", "record/report.html")
    other.write(document=0)
    assert published(other).code == 0
    assert origin.read("record/deep/er/rows.jsonl") == b'{"a": 1}\n{"b": 1}\n'
    assert origin.read("record/report.html") == b"ours"


def test_temporary_files_and_unfinished_rows_are_left_out(clone: Clone, origin: Origin) -> None:
    clone.ledger(f"{HEADER}\na,1\na,2\nhalf a r".encode())
    clone.ledger(b"half", "record/.aegis-00ff.tmp")
    (clone.path / "models" / ".aegis-00ff.tmp").write_bytes(b"half")
    assert published(clone).code == 0
    assert origin.rows() == ["a,1", "a,2"]
    assert not [name for name in origin.files() if ".aegis-" in name]
    clone.ledger(b"half a header", "record/only.csv")
    published(clone)
    assert "record/only.csv" not in origin.files()


def test_bytes_arrive_as_they_are_whatever_git_would_do_to_line_ends(clone: Clone, origin: Origin) -> None:
    git(clone.path, "config", "core.autocrlf", "input")
    (clone.path / ".gitattributes").write_text("* text=auto eol=lf\n")
    (clone.path / "models" / "one.joblib").write_bytes(b"1\r\n2\r\n")
    assert published(clone).code == 0
    assert origin.read("models/one.joblib") == b"1\r\n2\r\n"


def test_a_name_outside_ascii_and_one_with_spaces_are_names(clone: Clone, origin: Origin) -> None:
    clone.ledger(f"{HEADER}\na,1\n".encode(), "record/größe 1.csv")
    assert published(clone).code == 0
    assert origin.rows("record/größe 1.csv") == ["a,1"]
    clone.ledger(f"{HEADER}\na,1\na,3\n".encode(), "record/größe 1.csv")
    assert published(clone).code == 0
    assert origin.rows("record/größe 1.csv") == ["a,1", "a,3"]


def test_a_replay_is_published_when_asked_for(clone: Clone, origin: Origin) -> None:
    clone.write(document=document(0, mode="replay"))
    assert published(clone, "--replay").code == 0
    assert json.loads(origin.read(DOCUMENT))["provenance"]["mode"] == "replay"


def author(origin: Origin) -> str:
    return git(origin.path, "log", "-1", "--format=%an <%ae>, %cn <%ce>", "main")


def test_the_identity_is_gits_own_and_a_neutral_one_where_there_is_none(
    clone: Clone, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(clone)
    assert author(origin) == "aegis <aegis@localhost>, aegis <aegis@localhost>"
    git(clone.path, "config", "user.name", "Ada")
    clone.write(document=1)
    published(clone)
    assert author(origin) == "Ada <aegis@localhost>, Ada <aegis@localhost>"
    git(clone.path, "config", "user.email", "ada@example.org")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Bot")
    clone.write(document=2)
    published(clone)
    assert author(origin) == "Ada <ada@example.org>, Bot <ada@example.org>"


def test_a_repository_of_longer_ids_is_one_too(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "--object-format=sha256", "long.git")
    origin = Origin(tmp_path / "long.git")
    clone = Clone(tmp_path / "long")
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "--object-format=sha256", "long")
    git(clone.path, "remote", "add", "origin", str(origin.path))
    for rows in (["a,1"], ["a,1", "a,2"]):
        clone.write(document=0, rows=rows, models={"manifest.json": b"{}"})
        assert published(clone, "--branch", "main").code == 0
        assert published(clone, "--branch", "main").out.startswith("nothing to publish")
    assert origin.rows() == ["a,1", "a,2"]
    assert origin.commits() == 2


def test_a_shallow_clone_publishes(clone: Clone, origin: Origin, tmp_path: Path) -> None:
    published(clone)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin.path}", "shallow")
    shallow = Clone(tmp_path / "shallow")
    shallow.write(document=5, rows=["c,1"])
    assert published(shallow).code == 0
    assert origin.rows() == ["a,1", "a,2", "c,1"]
    assert origin.commits() == 3


def test_how_long_the_record_is_told_as_it_stands_on_the_branch(clone: Clone, origin: Origin) -> None:
    clone.ledger(f"{HEADER}\na,1\na,2\nhalf a r".encode())
    paths = OwnPaths(Path(DOCUMENT), Path("record"), Path("models"))
    done = publish(PublishedBranch.of(clone.path, paths, None), datetime.now(UTC))
    assert done.record == {LEDGER: len(origin.read(LEDGER))}
    assert done.tip == origin.tip()
    again = publish(PublishedBranch.of(clone.path, paths, None), datetime.now(UTC))
    assert (again.commit, again.tip, again.record) == (None, done.tip, done.record)
