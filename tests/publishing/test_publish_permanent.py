"""Failures that waiting does not change: told at once, with git's words, the remedy, and nothing pushed."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from publishing import counted_git, published, refused
from repositories import Clone, Origin, git

from aegismatrix_engine.errors import OutputUnwritable, RemoteUnreachable
from aegismatrix_engine.network.retries import Pauses
from aegismatrix_engine.publishing.failures import FAILURES, Failure, found
from aegismatrix_engine.publishing.publish import OwnPaths, Patience, PublishedBranch, publish
from aegismatrix_engine.publishing.remote import PUZZLES, SAME_TIP

PATHS = OwnPaths(Path("aegismatrix.json"), Path("record"), Path("models"))
SHORT = Patience(total=20, unreachable=10, pauses=Pauses(attempts=30, first=0.01, longest=0.02, jitter=0.01))


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with the command of every call of git."""
    path, noted = counted_git(tmp_path)
    monkeypatch.setenv("PATH", path)
    return noted


def count(calls: Path, command: str) -> int:
    return calls.read_text().splitlines().count(command)


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("there", "ours"), [("published/old", "published"), ("published/a/b", "published"), ("main", "main/data")]
)
def test_a_branch_in_the_way_is_named_before_anything_is_pushed(
    clone: Clone, origin: Origin, calls: Path, there: str, ours: str
) -> None:
    if there != "main":
        git(origin.path, "branch", there, "main")
    before = origin.branches()
    exists = f"'refs/heads/{there}' exists; cannot create 'refs/heads/{ours}'"
    remedy = f"name another --branch, or remove that one with `git push origin --delete {there}`"
    refused(published(clone, "--branch", ours), 73, f"the branch {there} is in the way", exists, remedy)
    assert (count(calls, "ls-remote"), count(calls, "push")) == (1, 0)
    assert origin.branches() == before
    clone.untouched()


def test_a_branch_in_the_way_that_the_remote_does_not_list_is_told_after_one_push(
    clone: Clone, origin: Origin, calls: Path
) -> None:
    git(origin.path, "branch", "published/old", "main")
    git(origin.path, "config", "transfer.hideRefs", "refs/heads/published/old")
    told = ("another branch is in the way", "exists; cannot create 'refs/heads/published'", "name another --branch")
    refused(published(clone, "--branch", "published"), 73, *told)
    assert count(calls, "push") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("refname conflict", "another branch is in the way"),
        ("reference conflict due to case-insensitive filesystem", "differs in case alone"),
    ],
)
def test_the_words_of_newer_gits_for_a_branch_in_the_way_are_known(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, told: str
) -> None:
    answer = f'if [ "$1" = push ]; then printf "!\\tx:y\\t[remote rejected] ({words})\\nDone\\n"; exit 1; fi'
    path, noted = counted_git(tmp_path, answer)
    monkeypatch.setenv("PATH", path)
    refused(published(clone, "--branch", "published"), 73, words, told, "--branch")
    assert count(noted, "push") == 1


def test_a_branch_that_differs_in_case_alone_is_named_where_the_remote_takes_it_for_ours(
    clone: Clone, origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a remote on a file system without case answers; this one has case, so git's answer is put in its place.
    git(origin.path, "branch", "Published", "main")
    words = "[remote rejected] (reference already exists)"
    answer = f'if [ "$1" = push ]; then printf "!\\tx:y\\t{words}\\nDone\\n"; exit 1; fi'
    path, noted = counted_git(tmp_path, answer)
    monkeypatch.setenv("PATH", path)
    refused(published(clone, "--branch", "published"), 73, "the remote has Published, which differs in case alone")
    assert count(noted, "push") == 1


def test_a_branch_that_differs_in_case_alone_harms_nothing_elsewhere(clone: Clone, origin: Origin) -> None:
    git(origin.path, "branch", "Published", "main")
    assert published(clone, "--branch", "published").code == 0
    assert "published" in origin.branches()


def test_a_branch_in_the_way_of_the_tracking_branch_keeps_nothing_from_being_published(
    clone: Clone, origin: Origin
) -> None:
    git(clone.path, "update-ref", "refs/remotes/origin/published/old", "HEAD")
    assert published(clone, "--branch", "published").code == 0
    assert "published" in origin.branches()


def test_a_lock_left_at_the_remote_is_told_as_one(clone: Clone, origin: Origin, calls: Path) -> None:
    lock = origin.path / "refs" / "heads" / "main.lock"
    lock.touch()
    with pytest.raises(OutputUnwritable, match=r"though nobody else pushed there: .*main\.lock': File exists"):
        publish(PublishedBranch.of(clone.path, PATHS, None), datetime.now(UTC), patience=SHORT)
    assert count(calls, "push") == SAME_TIP
    lock.unlink()
    assert published(clone).code == 0


@pytest.mark.parametrize("version", ["1.8.3.1", "2.25.1", "2.28.0.windows.1"])
def test_a_git_that_is_too_old_is_told_with_both_versions(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    path, noted = counted_git(tmp_path, f'[ "$1" = --version ] && echo "git version {version}" && exit 0')
    monkeypatch.setenv("PATH", path)
    refused(published(clone), 73, f"git is too old: git version {version} was found, 2.29 or newer is needed")
    assert noted.read_text() == "--version\n"


@pytest.mark.parametrize("version", ["2.29.0", "2.39.5 (Apple Git-154)", "2.51.GIT", "3.0.0", "unknown"])
def test_a_git_that_is_new_enough_or_tells_nothing_is_used(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    path, _ = counted_git(tmp_path, f'[ "$1" = --version ] && echo "git version {version}" && exit 0')
    monkeypatch.setenv("PATH", path)
    assert published(clone).code == 0


def test_a_git_that_does_not_know_an_option_is_told_with_the_option(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "error: unknown option \\`no-write-fetch-head'"
    path, noted = counted_git(tmp_path, f'[ "$1" = fetch ] && echo "{words}" >&2 && exit 129')
    monkeypatch.setenv("PATH", path)
    told = (
        "git fetch does not know an option: unknown option `no-write-fetch-head'",
        "git version",
        "git 2.29 or newer",
    )
    refused(published(clone), 73, *told)
    assert count(noted, "fetch") == 1


def test_a_repository_of_another_user_is_told_with_the_remedy_of_git(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    remedy = f"run `git config --global --add safe.directory {clone.path}`"
    refused(published(clone), 73, "dubious ownership", remedy)


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser gives files to others")
@pytest.mark.parametrize("whose", ["clone", "origin.git"])
def test_a_clone_or_a_remote_given_to_another_user_is_told_with_its_path(
    clone: Clone, place: Path, calls: Path, whose: str
) -> None:
    folder = place / whose
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65534, 65534)
    refused(published(clone), 73, "dubious ownership", f"safe.directory {folder}`")
    assert (count(calls, "fetch"), count(calls, "push")) == (0, 0)


def test_a_repository_of_a_later_format_is_told(clone: Clone) -> None:
    git(clone.path, "config", "core.repositoryFormatVersion", "99")
    refused(published(clone), 73, "git failed in", "git repo version", "install a newer git")


def test_a_clone_whose_repository_is_elsewhere_is_told(clone: Clone, place: Path) -> None:
    (clone.path / ".git").rename(place / "moved")
    (clone.path / ".git").write_text("gitdir: /nonexistent/moved\n")
    refused(published(clone), 73, "not a git repository: /nonexistent/moved", "put right what the file .git")


def test_a_damaged_remote_is_told(clone: Clone, origin: Origin, place: Path, calls: Path) -> None:
    assert published(clone).code == 0
    tree = git(origin.path, "rev-parse", "main^{tree}")
    (origin.path / "objects" / tree[:2] / tree[2:]).unlink()
    fresh = place / "fresh"
    git(place, "init", "--quiet", str(fresh))
    git(fresh, "remote", "add", "origin", str(origin.path))
    Clone(fresh).write(document=1)
    refused(published(Clone(fresh), "--branch", "main"), 73, "origin/main cannot be used", "`git fsck`")
    assert count(calls, "push") == 1


def test_damaged_objects_of_the_clone_are_told(clone: Clone, origin: Origin) -> None:
    assert published(clone).code == 0
    clone.write(document=1)
    tip = origin.tip()
    damaged = clone.path / ".git" / "objects" / tip[:2] / tip[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"")
    refused(published(clone), 73, "git fsck")
    assert origin.tip() == tip


def test_signed_pushes_that_the_remote_does_not_take_are_told_with_the_setting(
    clone: Clone, origin: Origin, calls: Path
) -> None:
    git(clone.path, "config", "push.gpgSign", "true")
    told = ("the receiving end does not support --signed push", "`git config push.gpgSign if-asked`")
    refused(published(clone), 73, *told)
    assert count(calls, "push") == 1
    assert origin.commits() == 1
    git(clone.path, "config", "push.gpgSign", "if-asked")
    assert published(clone).code == 0


@pytest.mark.parametrize(("named", "words"), [(True, "failed to sign"), (False, "dentity unknown")])
def test_signed_pushes_without_a_name_or_a_key_are_told_with_the_setting(
    clone: Clone, origin: Origin, place: Path, calls: Path, named: bool, words: str
) -> None:
    if named:
        git(clone.path, "config", "user.name", "a")
        git(clone.path, "config", "user.email", "a@localhost")
    git(origin.path, "config", "receive.certNonceSeed", "seed")
    git(clone.path, "config", "push.gpgSign", "true")
    git(clone.path, "config", "gpg.program", str(script(place / "gpg", "cat > /dev/null; exit 2")))
    refused(published(clone), 73, words, "user.signingKey", "push.gpgSign")
    assert count(calls, "push") == 1


REFUSED_SETTINGS = {
    "push options": (("push.pushOption", "ci.skip"), "push", "push.pushOption"),
    "mirror": (("remote.origin.mirror", "true"), "push", "remote.NAME.mirror"),
    "protocol": (("protocol.allow", "never"), "ls-remote", "protocol.allow"),
    "scheme": (("remote.origin.url", "foo://host/x"), "ls-remote", "git remote get-url"),
    "port": (("remote.origin.url", "https://localhost:99999/x"), "ls-remote", "git remote get-url"),
    "no ssh": (("core.sshCommand", "/nonexistent/ssh"), "ls-remote", "core.sshCommand"),
    "no git there": (("remote.origin.uploadpack", "/nonexistent/git"), "ls-remote", "remote.NAME.uploadpack"),
}


@pytest.mark.parametrize(("setting", "command", "named"), REFUSED_SETTINGS.values(), ids=REFUSED_SETTINGS)
def test_settings_that_keep_git_from_publishing_are_named_at_once(
    clone: Clone, origin: Origin, calls: Path, setting: tuple[str, str], command: str, named: str
) -> None:
    if setting[0] == "core.sshCommand":
        git(clone.path, "config", "remote.origin.url", "ssh://host/x.git")
    git(clone.path, "config", *setting)
    refused(published(clone), 73, named)
    assert count(calls, command) == 1
    assert origin.commits() == 1


def test_nothing_that_could_open_a_window_is_asked_unless_the_user_wants_it(
    clone: Clone, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noting = script(place / "noting", f'env > {place}/seen\nexec git-upload-pack "$@"')
    git(clone.path, "config", "remote.origin.uploadpack", str(noting))
    for wanted, variable in (("never", None), ("force", "force")):
        if variable:
            monkeypatch.setenv("SSH_ASKPASS_REQUIRE", variable)
        assert published(clone).code == 0
        seen = (place / "seen").read_text().splitlines()
        assert {f"SSH_ASKPASS_REQUIRE={wanted}", "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "LC_ALL=C"} <= set(
            seen
        )


def test_other_settings_of_a_user_change_nothing(clone: Clone, origin: Origin) -> None:
    settings = {
        "commit.gpgSign": "true",
        "push.followTags": "true",
        "push.recurseSubmodules": "on-demand",
        "push.default": "nothing",
        "push.negotiate": "true",
        "remote.origin.push": "refs/heads/*:refs/heads/other/*",
        "remote.pushDefault": "elsewhere",
        "fetch.prune": "true",
        "transfer.fsckObjects": "true",
        "core.autocrlf": "true",
        "core.askPass": "/nonexistent/askpass",
        "gc.auto": "1",
    }
    for name, value in settings.items():
        git(clone.path, "config", name, value)
    identity = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    git(clone.path, *identity, "tag", "-a", "-m", "x", "kept-here")
    for step in (0, 1):
        clone.write(document=step)
        ended = published(clone)
        assert ended.code == 0, ended.err
    assert (origin.commits(), origin.branches()) == (3, ["main"])
    assert git(origin.path, "tag") == ""


def test_a_repository_of_another_hash_is_told(clone: Clone, place: Path) -> None:
    other = place / "other.git"
    git(place, "init", "--quiet", "--bare", "--object-format=sha256", "--initial-branch=main", str(other))
    tree = git(other, "mktree")
    commit = git(other, "-c", "user.name=a", "-c", "user.email=a@localhost", "commit-tree", tree, "-m", "x")
    git(other, "update-ref", "refs/heads/main", commit)
    git(clone.path, "remote", "set-url", "origin", str(other))
    refused(published(clone), 73, "mismatched algorithms", "make a new clone of it")


def test_a_branch_that_is_checked_out_there_is_told(clone: Clone, origin: Origin, place: Path) -> None:
    git(origin.path, "config", "core.bare", "false")
    refused(published(clone), 73, "branch is currently checked out", "publish to a bare repository")


PUSHES_DECLINED = {
    "GH006: Protected branch update failed for refs/heads/main.": "let its rules admit it",
    "GH013: Repository rule violations found": "let its rules admit it",
    "File big.csv is 120.00 MB; this exceeds GitHub's file size limit of 100.00 MB": "make the file",
    "This repository was archived so it is read-only.": "let it be written to again",
    "your account is over its data quota": "make room there",
    "nothing after 18:00, timed out for today": "change its rules, or publish to another --branch",
}


@pytest.mark.parametrize(("words", "remedy"), PUSHES_DECLINED.items())
def test_a_push_that_is_declined_is_told_with_the_words_and_the_remedy(
    clone: Clone, origin: Origin, calls: Path, words: str, remedy: str
) -> None:
    origin.hook("pre-receive", f'echo "error: {words}" >&2; exit 1')
    refused(published(clone), 73, words, remedy)
    assert count(calls, "push") == 1


def test_a_service_that_is_busy_behind_a_hook_is_waited_for(clone: Clone, origin: Origin) -> None:
    origin.hook(
        "pre-receive",
        f"[ -e {origin.path}/once ] && exit 0; touch {origin.path}/once; echo 'GitLab: Internal API unreachable' >&2; "
        "exit 1",
    )
    assert (
        publish(PublishedBranch.of(clone.path, PATHS, None), datetime.now(UTC), patience=SHORT).commit == origin.tip()
    )


ANSWERS_PERMANENT = {
    "ERROR: Repository not found.": "check the address",
    "fatal: repository 'https://me:secret@github.com/a/b/' not found": "check the address",
    "fatal: unable to access 'https://h/x/': The requested URL returned error: 404": "check the address",
    "fatal: unable to access 'https://h/x/': The requested URL returned error: 403": "credentials that may write",
    "fatal: could not read Username for 'https://h': terminal prompts disabled": "credentials that may write",
    "git@github.com: Permission denied (publickey).": "credentials that may write",
    "Host key verification failed.": "~/.ssh/known_hosts",
    "fatal: unable to access 'https://h/': SSL certificate problem: self-signed certificate": "http.sslCAInfo",
    "bash: line 1: git-upload-pack: command not found": "install git there",
    "fatal: protocol error: bad line length character: Welc": "print nothing when it starts",
    "fatal: remote error: access denied or repository not exported: /x": "credentials that may write",
}


@pytest.mark.parametrize(("words", "remedy"), ANSWERS_PERMANENT.items())
def test_an_answer_that_waiting_does_not_change_is_told_at_once(
    clone: Clone, place: Path, calls: Path, words: str, remedy: str
) -> None:
    said = f'cat >&2 <<"END"\n{words}\nfatal: the remote end hung up unexpectedly\nEND\nexit 128'
    git(clone.path, "config", "remote.origin.uploadpack", str(script(place / "answer", said)))
    ended = published(clone)
    refused(ended, 73, remedy)
    assert "secret" not in ended.err
    assert count(calls, "ls-remote") == 1


ANSWERS_PASSING = (
    "fatal: unable to access 'https://h/': Could not resolve host: h",
    "ssh: connect to host h port 22: Connection timed out",
    "kex_exchange_identification: Connection closed by remote host",
    "fatal: unable to access 'https://h/': The requested URL returned error: 503",
    "error: RPC failed; curl 56 Recv failure: Connection reset by peer",
    "remote: You have exceeded a secondary rate limit\nfatal: The requested URL returned error: 403",
    "fatal: the remote end hung up unexpectedly",
)


@pytest.mark.parametrize("words", ANSWERS_PASSING)
def test_an_answer_that_passes_is_waited_for(clone: Clone, place: Path, calls: Path, words: str) -> None:
    said = f'cat >&2 <<"END"\n{words}\nEND\nexit 128'
    git(clone.path, "config", "remote.origin.uploadpack", str(script(place / "answer", said)))
    with pytest.raises(RemoteUnreachable, match="check network and address"):
        publish(PublishedBranch.of(clone.path, PATHS, None), datetime.now(UTC), patience=SHORT)
    assert count(calls, "ls-remote") == SHORT.unreachable


def test_a_remote_that_stays_unreachable_is_tried_ten_times_unless_told_otherwise(
    clone: Clone, place: Path, calls: Path
) -> None:
    script_of = script(place / "answer", "echo 'fatal: the remote end hung up unexpectedly' >&2; exit 128")
    git(clone.path, "config", "remote.origin.uploadpack", str(script_of))
    hurried = Patience(pauses=replace(Patience().pauses, first=0.01, longest=0.02, jitter=0.01))
    with pytest.raises(RemoteUnreachable):
        publish(PublishedBranch.of(clone.path, PATHS, None), datetime.now(UTC), patience=hurried)
    assert count(calls, "ls-remote") == 10


def test_an_answer_that_nobody_knows_is_waited_for_and_is_permanent_where_it_stays(
    clone: Clone, origin: Origin, place: Path, calls: Path
) -> None:
    words = "fatal: the moon is in the wrong house\nfatal: the remote end hung up unexpectedly"
    puzzling = script(place / "answer", f'cat >&2 <<"END"\n{words}\nEND\nexit 128')
    git(clone.path, "config", "remote.origin.uploadpack", str(puzzling))
    with pytest.raises(OutputUnwritable, match="the moon is in the wrong house, after 3 attempts"):
        publish(PublishedBranch.of(clone.path, PATHS, None), datetime.now(UTC), patience=SHORT)
    assert count(calls, "ls-remote") == PUZZLES
    puzzling.unlink()
    gone_after = (
        f"[ -e {place}/once ] && exec git-upload-pack \"$@\"; touch {place}/once; echo 'fatal: odd' >&2; exit 1"
    )
    script(place / "answer", gone_after)
    assert (
        publish(PublishedBranch.of(clone.path, PATHS, None), datetime.now(UTC), patience=SHORT).commit == origin.tip()
    )


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.signs[0])
def test_every_sign_of_the_table_tells_its_own_row(failure: Failure) -> None:
    for sign in failure.signs:
        opening = "fatal: " if failure.local else "remote: "
        told = found(f"{opening}{sign} x\n")
        assert told is not None
        assert told.failure is failure, sign
        assert sign == sign.lower()


def test_what_waiting_does_not_change_has_a_remedy_and_what_it_does_has_none() -> None:
    assert all(bool(failure.remedy) != failure.passing for failure in FAILURES)


def test_what_may_not_be_read_here_is_no_matter_of_credentials() -> None:
    told = "fatal: unable to read config file '/home/me/.git/config': Permission denied"
    assert found(told, passing=False, remote=False) is None


def test_words_of_the_other_side_say_nothing_about_this_disk() -> None:
    here, there = found("error: No space left on device"), found("remote: fatal: No space left on device")
    assert here is not None
    assert here.failure.local
    assert there is not None
    assert not there.failure.local
