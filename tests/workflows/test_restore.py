"""``aegis restore``: what is published, in the work tree; real git, a bare remote, clones."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from publishing import Ended, published
from repositories import DOCUMENT, HEADER, LEDGER, RECENT, Clone, Origin, document, git, last_values

from aegismatrix_engine.cli import main
from aegismatrix_engine.errors import RemoteUnreachable
from aegismatrix_engine.network.retries import Pauses
from aegismatrix_engine.publishing.restore import OwnPaths, PublishedBranch, restore

NOW = datetime.now(UTC)
PATHS = OwnPaths(Path(DOCUMENT), Path("record"), Path("models"))
BRANCH = "published"
SET = {"manifest.json": b"{}", "one-aaaaaaaaaaaa.joblib": b"1"}

Restore = Callable[..., Ended]


@pytest.fixture
def source(empty: Origin, tmp_path: Path) -> Clone:
    """A clone that has published a document, two rows and a set to a branch of its own."""
    clone = Clone.of(empty, tmp_path / "source")
    clone.write(document=1, rows=["a,1", "a,2"], models=SET)
    assert published(clone, "--branch", BRANCH).code == 0
    return clone


@pytest.fixture
def clone(empty: Origin, tmp_path: Path) -> Clone:
    return Clone.of(empty, tmp_path / "clone")


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Restore:
    def run(clone: Clone, *arguments: str) -> Ended:
        monkeypatch.chdir(clone.path)
        with pytest.raises(SystemExit) as ended:
            main(["restore", *arguments])
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, out, err)

    return run


def own_files(clone: Clone) -> dict[str, bytes]:
    return {
        path.relative_to(clone.path).as_posix(): path.read_bytes()
        for path in clone.path.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(clone.path).parts and path.name != "README"
    }


def test_a_clone_gets_every_published_file_and_git_notices_nothing_else(
    source: Clone, clone: Clone, restored: Restore
) -> None:
    refs, index = git(clone.path, "for-each-ref"), (clone.path / ".git" / "index").read_bytes()
    ended = restored(clone)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("restored from origin/published at ")
    assert ended.out.endswith(": 5 files changed\n")
    assert own_files(clone) == own_files(source)
    assert git(clone.path, "for-each-ref") == refs
    assert (clone.path / ".git" / "index").read_bytes() == index
    assert not (clone.path / ".git" / "FETCH_HEAD").exists()
    clone.untouched()


def test_a_second_time_changes_nothing(source: Clone, clone: Clone, restored: Restore) -> None:
    restored(clone)
    before = {path: path.stat().st_mtime_ns for path in clone.path.rglob("*") if ".git" not in path.parts}
    assert restored(clone).out.endswith(": 0 files changed\n")
    assert {path: path.stat().st_mtime_ns for path in clone.path.rglob("*") if ".git" not in path.parts} == before


def test_without_the_branch_nothing_is_done_and_that_is_no_error(clone: Clone, restored: Restore) -> None:
    clone.write(document=3, rows=["a,1"], models=SET)
    before = own_files(clone)
    assert restored(clone) == Ended(0, "nothing to restore: origin/published does not exist yet\n", "")
    assert own_files(clone) == before


def test_other_files_of_ours_give_way_but_for_rows_not_published_yet(
    source: Clone, clone: Clone, restored: Restore
) -> None:
    clone.write(
        document=9, rows=["a,1", "b,7"], models={"manifest.json": b"another", "one-bbbbbbbbbbbb.joblib": b"another"}
    )
    clone.ledger(f"{HEADER}\nc,1\n".encode(), "record/2022/2022-12-29.csv")
    (clone.path / "models" / "README.md").write_text("notes")
    assert restored(clone).code == 0
    found = own_files(clone)
    assert found[DOCUMENT] == document(1)
    assert found[RECENT] == last_values(document(1))
    assert found[LEDGER].decode().splitlines() == [HEADER, "a,1", "a,2", "b,7"]
    assert found["record/2022/2022-12-29.csv"].decode().splitlines() == [HEADER, "c,1"]
    names = {name for name in found if name.startswith("models/")}
    assert names == {"models/manifest.json", "models/one-aaaaaaaaaaaa.joblib", "models/README.md"}
    assert found["models/manifest.json"] == SET["manifest.json"]


def test_what_main_tracks_beside_ours_stays(source: Clone, clone: Clone, restored: Restore) -> None:
    (clone.path / "README").write_text("changed here\n")
    restored(clone)
    assert (clone.path / "README").read_text() == "changed here\n"


def test_a_branch_without_a_set_leaves_ours(empty: Origin, tmp_path: Path, clone: Clone, restored: Restore) -> None:
    first = Clone.of(empty, tmp_path / "first")
    first.write(document=1, rows=["a,1"])
    assert published(first, "--branch", BRANCH).code == 0
    clone.write(models=SET)
    restored(clone)
    assert own_files(clone)["models/one-aaaaaaaaaaaa.joblib"] == b"1"


def test_a_shallow_clone_is_not_made_to_fetch_the_whole_past(
    source: Clone, empty: Origin, tmp_path: Path, restored: Restore
) -> None:
    for step in range(2, 5):
        source.write(document=step)
        assert published(source, "--branch", BRANCH).code == 0
    shallow = Clone(tmp_path / "shallow")
    git(tmp_path, "clone", "--quiet", "--depth=1", empty.path.as_uri(), str(shallow.path))
    assert restored(shallow).code == 0
    assert own_files(shallow) == own_files(source)
    tip = empty.tip(BRANCH)
    assert git(shallow.path, "rev-list", "--count", tip) == "1"
    shallow.write(document=9)
    assert published(shallow, "--branch", BRANCH).code == 0, "and it can publish on top"
    assert git(empty.path, "rev-parse", f"{BRANCH}^") == tip
    assert empty.commits(BRANCH) == 5
    missing = git(empty.path, "rev-list", "--objects", "--missing=print", BRANCH).splitlines()
    assert not [line for line in missing if line.startswith("?")]


def test_a_whole_clone_keeps_its_past(source: Clone, clone: Clone, restored: Restore) -> None:
    restored(clone)
    assert git(clone.path, "rev-parse", "--is-shallow-repository") == "false"


def test_places_may_be_others_than_by_convention(
    empty: Origin, tmp_path: Path, clone: Clone, restored: Restore
) -> None:
    places = ("--output", "site/aegismatrix.json", "--record", "kept/rows", "--models", "kept/set")
    first = Clone.of(empty, tmp_path / "first")
    first.write(document=1, rows=["a,1"], models=SET)
    for folder in ("site", "kept"):
        (first.path / folder).mkdir()
    shutil.move(first.path / DOCUMENT, first.path / "site" / DOCUMENT)
    shutil.move(first.path / "record", first.path / "kept" / "rows")
    shutil.move(first.path / "models", first.path / "kept" / "set")
    assert published(first, "--branch", "elsewhere", *places).code == 0
    assert restored(clone, "--branch", "elsewhere", *places).code == 0
    assert (clone.path / "site" / DOCUMENT).read_bytes() == document(1)
    assert (clone.path / "kept" / "set" / "manifest.json").exists()
    assert not (clone.path / DOCUMENT).exists()


def refused(ended: Ended, code: int, *told: str) -> None:
    assert ended.out == ""
    assert ended.err.startswith("aegis: error: ")
    assert ended.err.count("\n") == 1, ended.err
    for part in told:
        assert part in ended.err, ended.err
    assert ended.code == code


def test_places_outside_are_refused(source: Clone, clone: Clone, restored: Restore) -> None:
    refused(restored(clone, "--models", "../models"), 2, "--models", "inside the work tree")
    assert own_files(clone) == {}


def test_outside_of_a_repository_it_says_so(tmp_path: Path, restored: Restore) -> None:
    (tmp_path / "nowhere").mkdir()
    refused(restored(Clone(tmp_path / "nowhere")), 2, "is not in a git work tree")


def test_a_ledger_of_other_columns_is_told_and_left(source: Clone, clone: Clone, restored: Restore) -> None:
    clone.ledger(b"other,columns\nx,1\n")
    refused(restored(clone), 65, LEDGER, "header")
    assert (clone.path / LEDGER).read_bytes() == b"other,columns\nx,1\n"


def test_a_folder_in_the_way_is_told(source: Clone, clone: Clone, restored: Restore) -> None:
    (clone.path / "record").write_text("a file")
    refused(restored(clone), 73, "record")


@pytest.mark.parametrize("path", [DOCUMENT, RECENT, LEDGER, "models/manifest.json"])
@pytest.mark.parametrize("what", ["pipe", "dangling link", "link to itself"])
def test_a_pipe_or_a_link_gives_way_to_the_published_file(
    source: Clone, clone: Clone, restored: Restore, path: str, what: str
) -> None:
    at = clone.path / path
    at.parent.mkdir(parents=True, exist_ok=True)
    if what == "pipe":
        os.mkfifo(at)
    else:
        at.symlink_to("nowhere" if what == "dangling link" else at.name)
    ended = restored(clone)
    assert (ended.code, ended.err) == (0, "")
    assert own_files(clone) == own_files(source)


def test_what_a_link_leads_to_is_not_written(source: Clone, clone: Clone, restored: Restore, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("somebody else's")
    (tmp_path / "elsewhere").mkdir()
    (clone.path / "models").mkdir()
    (clone.path / "models" / "manifest.json").symlink_to(tmp_path / "theirs")
    assert restored(clone).code == 0
    assert own_files(clone) == own_files(source)
    shutil.rmtree(clone.path / "record" / "2022")
    (clone.path / "record" / "2022").symlink_to(tmp_path / "elsewhere")
    refused(restored(clone), 73, "record/2022 is a link, or lies behind one; remove the link")
    assert (tmp_path / "theirs").read_text() == "somebody else's"
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_published_pointer_is_left_and_what_is_here_stays(source: Clone, clone: Clone, restored: Restore) -> None:
    git(source.path, "fetch", "--quiet", "origin", BRANCH)
    git(source.path, "checkout", "--quiet", "--force", "-B", BRANCH, "FETCH_HEAD")
    source.ledger(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    git(source.path, "-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "--quiet", "-am", "a pointer")
    git(source.path, "push", "--quiet", "origin", BRANCH)
    clone.write(rows=["b,1"])
    ended = restored(clone)
    assert ended.err == f"aegis: warning: {LEDGER!r} was left on the branch: no file of ours has that name\n"
    assert (clone.path / LEDGER).read_text() == f"{HEADER}\nb,1\n"


@pytest.mark.parametrize("name", ["record/nifty50", "record/2022", "record/nifty50/forecasts"])
def test_a_published_file_in_the_place_of_a_folder_is_left_and_told(
    source: Clone, clone: Clone, restored: Restore, name: str
) -> None:
    git(source.path, "fetch", "--quiet", "origin", BRANCH)
    git(source.path, "checkout", "--quiet", "--force", "-B", BRANCH, "FETCH_HEAD")
    git(source.path, "rm", "-r", "--quiet", "record")
    (source.path / name).parent.mkdir(parents=True, exist_ok=True)
    (source.path / name).write_text("a file")
    git(source.path, "add", "--all")
    git(source.path, "-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "--quiet", "-m", "a file")
    git(source.path, "push", "--quiet", "origin", BRANCH)
    ended = restored(clone)
    assert ended.code == 0
    assert ended.err == f"aegis: warning: {name!r} was left on the branch: no file of ours has that name\n"
    assert not (clone.path / "record").exists()
    assert (clone.path / DOCUMENT).is_file()


def test_a_remote_that_is_not_there_is_told_at_once(
    source: Clone, clone: Clone, empty: Origin, restored: Restore
) -> None:
    empty.path.rename(empty.path.with_suffix(".gone"))
    refused(restored(clone), 73, "origin/published cannot be found: ", "check the address")
    assert own_files(clone) == {}


def test_a_remote_that_does_not_answer_is_tried_again_and_then_told(
    source: Clone, clone: Clone, tmp_path: Path
) -> None:
    silent = tmp_path / "silent"
    silent.write_text(f"#!/bin/sh\necho x >> {tmp_path}/asked\necho 'fatal: early EOF' >&2\nexit 128\n")
    silent.chmod(0o755)
    git(clone.path, "config", "remote.origin.uploadpack", str(silent))
    with pytest.raises(RemoteUnreachable, match="nothing was restored: origin/published cannot be reached: early EOF"):
        restore(PublishedBranch.of(clone.path, PATHS, BRANCH), NOW, pauses=Pauses(attempts=2, first=0.01, longest=0.01))
    assert (tmp_path / "asked").read_text() == "x\nx\n"
    assert own_files(clone) == {}


def test_a_branch_in_the_way_of_the_published_one_is_told_before_a_run_begins(
    empty: Origin, clone: Clone, restored: Restore
) -> None:
    git(empty.path, "branch", "published/old", "main")
    refused(restored(clone), 73, "the branch published/old is in the way", "name another --branch")


def test_a_remote_that_comes_back_is_reached(source: Clone, clone: Clone, empty: Origin, tmp_path: Path) -> None:
    real = shutil.which("git")
    once = tmp_path / "bin"
    once.mkdir()
    script = once / "git"
    script.write_text(
        f'#!/bin/sh\nif [ "$1" = ls-remote ] && [ ! -e "{once}/failed" ]; then touch "{once}/failed"; '
        f'echo "fatal: unable to access: Could not resolve host" >&2; exit 128; fi\nexec "{real}" "$@"\n'
    )
    script.chmod(0o755)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", f"{once}{os.pathsep}{os.environ['PATH']}")
        done = restore(
            PublishedBranch.of(clone.path, PATHS, BRANCH), NOW, pauses=Pauses(attempts=3, first=0.01, longest=0.01)
        )
    assert (once / "failed").exists()
    assert done.written == 5


def test_a_folder_that_is_a_link_to_nowhere_is_told(source: Clone, clone: Clone, restored: Restore) -> None:
    (clone.path / "record").symlink_to("nowhere")
    ended = restored(clone)
    assert (ended.code, ended.out) == (2, "")
    assert "--record (record) is a link to a folder that does not exist; remove it" in ended.err
