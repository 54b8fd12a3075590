"""Objects that are damaged, here or in the remote, and files too large: 73 with the remedy, by real git."""

import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from publishing import published, refused, wrapped_git
from repositories import Clone, Origin, git
from test_publish_permanent import script

from aegismatrix_engine.cli import main

BRANCH = ("--branch", "published")
NEW_MODELS = {"manifest.json": b"{}", "one.joblib": os.urandom(300_000)}

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut short": lambda data: data[: len(data) // 2],
    "one byte changed": lambda data: data[:-6] + bytes([data[-6] ^ 255]) + data[-5:],
    "no zlib": lambda data: b"x" * len(data),
    "another object": lambda data: zlib.compress(b"blob 3\0abc"),
    "a bad tree": lambda data: zlib.compress(b"tree 5\0abcde"),
}
OBJECTS = {"commit": "", "tree": "^{tree}", "folder": ":record", "file": ":aegismatrix.json"}


def damage(repository: Path, origin: Origin, which: str, how: str) -> None:
    id_ = git(origin.path, "rev-parse", f"published{OBJECTS[which]}")
    at = repository / "objects" / id_[:2] / id_[2:]
    content = at.read_bytes()
    at.chmod(0o644)
    at.write_bytes(DAMAGES[how](content))


@pytest.fixture
def before(clone: Clone, origin: Origin) -> Clone:
    """A clone that has published, and has more to publish."""
    assert published(clone, *BRANCH).code == 0
    clone.write(document=1, rows=["a,1", "a,2", "b,1"])
    return clone


def restored(clone: Clone, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    monkeypatch.chdir(clone.path)
    with pytest.raises(SystemExit) as ended:
        main(["restore", *BRANCH])
    assert isinstance(ended.value.code, int)
    return ended.value.code, capfd.readouterr().err


def assert_told(code: int, err: str) -> None:
    assert err.count("\n") == 1
    assert code == 73, err
    assert "`git fsck`" in err
    assert "network" not in err


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("which", OBJECTS)
def test_damage_in_the_clone_is_told_by_both_commands(
    before: Clone,
    origin: Origin,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    which: str,
    how: str,
) -> None:
    tip = origin.tip("published")
    damage(before.path / ".git", origin, which, how)
    ended = published(before, *BRANCH)
    if (which, how) == ("file", "another object"):
        # git itself compares no content with its name where it reads a file; `git fsck` does.
        assert ended.code in (0, 73)
        return
    assert_told(ended.code, ended.err)
    assert origin.tip("published") == tip
    assert_told(*restored(before, monkeypatch, capfd))


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("which", OBJECTS)
def test_damage_in_the_remote_is_told_to_who_restores(
    before: Clone,
    origin: Origin,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    which: str,
    how: str,
) -> None:
    damage(origin.path, origin, which, how)
    fresh = Clone(place / "fresh")
    git(place, "init", "--quiet", str(fresh.path))
    git(fresh.path, "remote", "add", "origin", str(origin.path))
    assert_told(*restored(fresh, monkeypatch, capfd))


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("which", OBJECTS)
def test_damage_in_the_remote_never_asks_a_publisher_to_check_the_network(
    before: Clone, origin: Origin, which: str, how: str
) -> None:
    """A remote need not look at what it has to take what is new; where it does and fails, that is told."""
    tip = origin.tip("published")
    damage(origin.path, origin, which, how)
    ended = published(before, *BRANCH)
    if ended.code != 0:
        assert_told(ended.code, ended.err)
        assert (origin.path / "refs" / "heads" / "published").read_text().strip() == tip


def test_a_file_over_the_limit_of_the_host_is_told_with_its_words(before: Clone, origin: Origin) -> None:
    words = "error: File models/one.joblib is 120.00 MB; this exceeds GitHub's file size limit of 100.00 MB"
    origin.hook("pre-receive", f'echo "{words}" >&2; exit 1')
    refused(published(before, *BRANCH), 73, "takes no files of this size", "120.00 MB", "make the file", "smaller")


def test_a_push_over_the_limit_of_the_remote_is_told(before: Clone, origin: Origin) -> None:
    git(origin.path, "config", "receive.maxInputSize", "20000")
    before.write(models=NEW_MODELS)
    refused(published(before, *BRANCH), 73, "takes no files of this size", "pack exceeds maximum allowed size")


def test_a_limit_on_files_at_the_remote_is_told(before: Clone, place: Path) -> None:
    limited = script(place / "limited", 'ulimit -f 100\nexec git-receive-pack "$@"')
    git(before.path, "config", "remote.origin.receivepack", str(limited))
    before.write(models=NEW_MODELS)
    refused(published(before, *BRANCH), 73, "takes no files of this size", "signal 25")


def test_a_limit_on_files_here_is_told(before: Clone, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before.write(models=NEW_MODELS)
    monkeypatch.setenv("PATH", wrapped_git(place, 'ulimit -f 100\nexec "$GIT" "$@"'))
    refused(published(before, *BRANCH), 73, "git hash-object failed in", "file size limit exceeded", "make the file")
