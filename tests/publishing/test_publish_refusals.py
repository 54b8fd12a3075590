"""Runs that publish nothing: one line with the reason and the remedy, its exit code, and nothing changed anywhere."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from machine_clock import machine_clock
from publishing import published, refused, wrapped_git
from repositories import DOCUMENT, HEADER, LEDGER, RECENT, Clone, Origin, document, git

from aegismatrix_engine.errors import RaceLost, RemoteUnreachable
from aegismatrix_engine.network.retries import Pauses
from aegismatrix_engine.publishing.publish import OwnPaths, Patience, PublishedBranch, publish

PATHS = OwnPaths(Path(DOCUMENT), Path("record"), Path("models"))
FORMER = Path(__file__).resolve().parents[1] / "fixtures" / "published-1.0.0"
AFTER_ALL = "2026-07-15T08:00+05:30"
"""Later than the documents of these tests."""
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
SHORT = Patience(total=20, unreachable=3, pauses=Pauses(attempts=3, first=0.01, longest=0.02, jitter=0.01))


def detached(clone: Clone) -> None:
    git(clone.path, "checkout", "--quiet", "--detach")


def no_upstream(clone: Clone) -> None:
    git(clone.path, "checkout", "--quiet", "-b", "alone")


def no_remote(clone: Clone) -> None:
    git(clone.path, "remote", "remove", "origin")


def no_repository(clone: Clone) -> None:
    shutil.rmtree(clone.path / ".git")


def no_document(clone: Clone) -> None:
    (clone.path / DOCUMENT).unlink()


def broken_document(clone: Clone) -> None:
    (clone.path / DOCUMENT).write_bytes(document(0).replace(b"18105.3", b"NaN"))


def document_of_before(clone: Clone) -> None:
    shutil.copy(FORMER / DOCUMENT, clone.path / DOCUMENT)


def half_document(clone: Clone) -> None:
    (clone.path / DOCUMENT).write_bytes(document(0)[:-500])


def replay(clone: Clone) -> None:
    (clone.path / DOCUMENT).write_bytes(document(0, mode="replay"))


def no_text(clone: Clone) -> None:
    clone.ledger(f"{HEADER}\na,1\n".encode() + b"\xff\xfe\x00\n")


def link_in_record(clone: Clone) -> None:
    (clone.path / "record" / "shadow.csv").symlink_to("/etc/passwd")


def link_to_folder_in_models(clone: Clone) -> None:
    (clone.path / "models" / "more").symlink_to("/etc")


def pointer_in_models(clone: Clone) -> None:
    (clone.path / "models" / "one.joblib").write_bytes(POINTER)


def pointer_in_record(clone: Clone) -> None:
    clone.ledger(POINTER)


def record_is_a_file(clone: Clone) -> None:
    shutil.rmtree(clone.path / "record")
    (clone.path / "record").write_text("no folder")


def as_it_is(clone: Clone) -> None:
    """Nothing is wrong but the options."""


CASES: dict[str, tuple[Callable[[Clone], None], tuple[str, ...], int, str]] = {
    "detached": (detached, (), 2, "no branch is checked out (detached HEAD); name the one to publish to with --branch"),
    "no upstream": (no_upstream, (), 2, "branch alone has no upstream; name the branch to publish to with --branch"),
    "no remote": (no_remote, (), 2, "no remote to publish to; add one with `git remote add origin URL`"),
    "no remote, branch": (no_remote, ("--branch", "main"), 2, "no remote to publish to"),
    "no repository": (no_repository, (), 2, "is not in a git work tree (not a git repository"),
    "bad branch": (as_it_is, ("--branch", "a..b"), 2, "invalid --branch 'a..b': git does not allow this name"),
    "empty branch": (as_it_is, ("--branch", ""), 2, "invalid --branch '': git does not allow this name"),
    "outside": (
        as_it_is,
        ("--record", "../record"),
        2,
        "invalid --record (../record): expected a path inside the work tree",
    ),
    "everything": (as_it_is, ("--record", "."), 2, "invalid --record (.): expected a path inside the work tree"),
    "git's own": (as_it_is, ("--models", ".git/hooks"), 2, "invalid --models (.git/hooks): expected a path inside"),
    "one in another": (as_it_is, ("--models", "record/m"), 2, "--models (record/m) is inside --record (record)"),
    "last values": (as_it_is, ("--output", RECENT), 2, "give each a place of its own"),
    "replay": (replay, (), 2, "aegismatrix.json is a replay of the past; publish it with --replay"),
    "no document": (no_document, (), 65, "there is no document at aegismatrix.json; make it with `aegis infer`"),
    "broken document": (broken_document, (), 65, "aegismatrix.json is not published: document breaks its contract"),
    "document of before": (
        document_of_before,
        (),
        65,
        "aegismatrix.json is not published: document has schema_version 1.0.0, this engine makes and checks",
    ),
    "half a document": (half_document, (), 65, "aegismatrix.json is not published: document breaks its contract"),
    "ledger no text": (no_text, (), 65, f"{LEDGER} line 3 is not text in UTF-8"),
    "link in the record": (link_in_record, (), 65, "record/shadow.csv is a link, not a plain file"),
    "link to a folder": (link_to_folder_in_models, (), 65, "models/more is a link, not a plain file"),
    "pointer in the models": (pointer_in_models, (), 65, "models/one.joblib is a Git LFS pointer"),
    "pointer in the record": (
        pointer_in_record,
        (),
        65,
        f"{LEDGER} is a Git LFS pointer, its content is not here; run",
    ),
    "record a file": (record_is_a_file, (), 65, "record is not a folder"),
}


@pytest.mark.parametrize(("damage", "options", "code", "told"), CASES.values(), ids=CASES)
def test_what_cannot_be_published_is_refused_and_nothing_is_pushed(
    clone: Clone, origin: Origin, damage: Callable[[Clone], None], options: tuple[str, ...], code: int, told: str
) -> None:
    before = origin.tip()
    damage(clone)
    with machine_clock(AFTER_ALL):
        refused(published(clone, *options), code, told)
    assert (origin.tip(), origin.branches()) == (before, ["main"])


def test_another_header_than_the_published_one_is_refused(clone: Clone, origin: Origin) -> None:
    published(clone)
    before = origin.tip()
    clone.ledger(b"other,columns\n1,2\n")
    refused(published(clone), 65, f"{LEDGER} line 1: the header 'other,columns'")
    assert origin.tip() == before


def test_a_pointer_published_in_place_of_a_ledger_is_replaced_and_told_and_its_lines_become_no_rows(
    clone: Clone, origin: Origin, place: Path
) -> None:
    other = Clone.of(origin, place / "other")
    other.ledger(POINTER)
    git(other.path, "add", "record")
    git(other.path, "-c", "user.name=o", "-c", "user.email=o@localhost", "commit", "--quiet", "-m", "pointer")
    git(other.path, "push", "--quiet")
    ended = published(clone)
    assert ended.code == 0
    assert ended.err.startswith(f"aegis: warning: the published {LEDGER} is a Git LFS pointer, its content is not here")
    assert ended.err.endswith("`git lfs pull` where it was made; it was replaced\n")
    assert origin.rows() == ["a,1", "a,2"]


def test_without_git_the_message_says_so(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    refused(published(clone), 73, "git cannot be run in", "install it, 2.29 or newer, on the PATH")


def test_a_push_the_remote_refuses_is_not_tried_again_and_mended_by_the_next_run(clone: Clone, origin: Origin) -> None:
    before = origin.tip()
    origin.hook("pre-receive", f"echo x >> {origin.path}/asked; echo 'nothing after 18:00' >&2; exit 1")
    refused(published(clone), 73, "origin/main refuses the push", "pre-receive hook declined", "nothing after 18:00")
    assert origin.tip() == before
    assert (origin.path / "asked").read_text() == "x\n"
    clone.untouched()
    (origin.path / "hooks" / "pre-receive").unlink()
    assert published(clone).code == 0
    assert origin.rows() == ["a,1", "a,2"]


def test_a_hook_of_the_clone_that_refuses_is_told_as_one(clone: Clone, origin: Origin) -> None:
    hook = clone.path / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    refused(published(clone), 73, "the push to origin/main was refused here", "see the repository's pre-push hook")
    assert origin.commits() == 1


def test_a_lock_left_on_the_tracking_branch_keeps_nothing_from_being_published(clone: Clone, origin: Origin) -> None:
    lock = clone.path / ".git" / "refs" / "remotes" / "origin" / "main.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    assert published(clone).code == 0
    clone.write(document=1)
    assert published(clone).code == 0
    assert origin.commits() == 3


def test_objects_that_cannot_be_written_are_told_and_the_next_run_mends(clone: Clone, origin: Origin) -> None:
    # The superuser may write anywhere but below a file.
    objects = clone.path / ".git" / "objects"
    folders = [path for path in objects.iterdir() if len(path.name) == 2]
    kept = clone.path / ".git" / "kept"
    kept.mkdir()
    for folder in folders:
        folder.rename(kept / folder.name)
    for number in range(256):
        (objects / f"{number:02x}").write_text("in the way")
    refused(published(clone), 73, "git ", "failed in", "make room, check permissions and `git fsck`")
    for number in range(256):
        (objects / f"{number:02x}").unlink()
    for folder in kept.iterdir():
        folder.rename(objects / folder.name)
    assert published(clone).code == 0
    clone.untouched()


def test_a_remote_that_is_not_there_is_not_waited_for_and_the_next_run_mends(clone: Clone, origin: Origin) -> None:
    away = origin.path.with_suffix(".away")
    origin.path.rename(away)
    told = ("origin/main cannot be found: ", "does not appear to be a git repository; check the address")
    refused(published(clone), 73, *told)
    clone.untouched()
    away.rename(origin.path)
    assert published(clone).code == 0


def test_a_remote_that_vanishes_between_fetch_and_push_is_waited_for(
    clone: Clone, origin: Origin, tmp_path: Path
) -> None:
    # The first push finds the remote gone; it comes back soon after.
    gone = origin.path.with_suffix(".gone")
    first = (
        f'if [ "$1" = push ] && [ ! -e {tmp_path}/once ]; then\n  touch {tmp_path}/once\n  mv {origin.path} {gone}\n'
    )
    back = f"  (sleep 0.3; mv {gone} {origin.path}) > /dev/null 2>&1 &\nfi\n"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", wrapped_git(tmp_path, f'{first}{back}exec "$GIT" "$@"'))
        ended = published(clone)
    assert ended.code == 0, ended.err
    assert (tmp_path / "once").exists()
    assert origin.rows() == ["a,1", "a,2"]
    assert origin.commits() == 2


def test_a_push_whose_answer_is_lost_is_published_once(clone: Clone, origin: Origin, tmp_path: Path) -> None:
    # A git that pushes and then fails as if the line had broken.
    first = f'"$GIT" "$@" || exit\nif [ "$1" = push ] && [ ! -e {tmp_path}/cut ]; then\n  touch {tmp_path}/cut\n'
    broken = "  echo 'fatal: the remote end hung up unexpectedly' >&2\n  exit 128\nfi"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", wrapped_git(tmp_path, first + broken))
        found = publish(PublishedBranch.of(clone.path, PATHS, None), datetime.now(UTC), patience=SHORT)
    assert (tmp_path / "cut").exists()
    assert found.commit == origin.tip()
    assert origin.commits() == 2


def test_a_remote_that_never_answers_is_given_up_in_time(clone: Clone, origin: Origin, tmp_path: Path) -> None:
    hanging = tmp_path / "hanging"
    hanging.write_text("#!/bin/sh\nsleep 600\n")
    hanging.chmod(0o755)
    git(clone.path, "config", "remote.origin.uploadpack", str(hanging))
    brief = Patience(total=1.5, call=0.5, pauses=Pauses(attempts=60, first=0.1, longest=1))
    with pytest.raises(RemoteUnreachable, match="no answer within 1 s"):
        publish(PublishedBranch.of(clone.path, PATHS, None), datetime.now(UTC), patience=brief)
    git(clone.path, "config", "--unset", "remote.origin.uploadpack")
    assert published(clone).code == 0


def test_a_race_lost_every_time_ends_and_says_so(clone: Clone, origin: Origin) -> None:
    # Before each push of ours is taken, somebody else's commit is.
    tree = git(origin.path, "rev-parse", "main^{tree}")
    identity = "-c user.name=b -c user.email=b@localhost"
    hook = clone.path / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\nunset GIT_DIR\n"
        f"cd {origin.path} && git update-ref refs/heads/main $(git {identity} commit-tree {tree} -p main -m theirs)\n"
    )
    hook.chmod(0o755)
    with pytest.raises(
        RaceLost, match=r"others published to origin/main first, at every attempt; try again in a minute"
    ):
        publish(PublishedBranch.of(clone.path, PATHS, None), datetime.now(UTC), patience=SHORT)
    assert origin.commits() == 1 + SHORT.pauses.attempts
    assert DOCUMENT not in origin.files()
    clone.untouched()


def test_a_refusal_of_access_is_not_tried_again_and_no_credential_is_shown(clone: Clone, origin: Origin) -> None:
    refusing = clone.path.parent / "refusing"
    refusing.write_text(
        "#!/bin/sh\necho 'fatal: Authentication failed for https://me:secret@host/x.git' >&2\nexit 128\n"
    )
    refusing.chmod(0o755)
    git(clone.path, "config", "remote.origin.uploadpack", str(refusing))
    ended = published(clone)
    refused(ended, 73, "origin/main refuses access: Authentication failed for https://host/x.git")
    assert "secret" not in ended.err
