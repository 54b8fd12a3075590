"""A remote is read and written in one place: what is pushed elsewhere than it is fetched from is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publishing import counted_git, published, refused
from repositories import Clone, Origin, git

from aegismatrix_engine.publishing.addresses import likeness

TOP = Path("/nowhere")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with the command of every call of git."""
    path, noted = counted_git(tmp_path)
    monkeypatch.setenv("PATH", path)
    return noted


def pushes(calls: Path) -> int:
    return calls.read_text().splitlines().count("push")


@pytest.fixture
def mirror(origin: Origin, place: Path) -> Origin:
    """Another repository that holds, for now, what the remote does."""
    git(place, "clone", "--quiet", "--mirror", str(origin.path), str(place / "mirror.git"))
    return Origin(place / "mirror.git")


SAME = (
    ("https://github.com/o/r", "https://github.com/o/r.git"),
    ("https://github.com/o/r", "git@github.com:o/r.git"),
    ("https://me:secret@github.com/o/r.git", "ssh://git@GitHub.com:22/o/r/"),
    ("https://host:8443/o/r.git", "ssh://git@host:2222/o/r.git"),
    ("https://host/o/r", "https://host:443/o/r"),
    ("/srv/r.git", "file:///srv/r.git"),
    ("../r", "/r"),
)
OTHER = (
    ("https://github.com/upstream/r", "https://github.com/me/r"),
    ("git@github.com:o/one.git", "git@github.com:o/two.git"),
    ("/srv/one.git", "/srv/two.git"),
    ("/srv/one.git", "../two.git"),
)
UNTOLD = (
    ("https://github.com/o/r", "git@github.com-work:o/r.git"),
    ("https://github.com/o/r", "https://gitlab.com/o/r"),
    ("http://127.0.0.1:8001/r", "http://127.0.0.1:8002/r"),
    ("https://host/p/r", "https://host/a/p/r"),
    ("https://host/git/r.git", "ssh://host/srv/git/r.git"),
    ("/srv/r.git", "ssh://host/srv/r.git"),
)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [(*pair, alike) for alike, pairs in (("same", SAME), ("other", OTHER), ("unknown", UNTOLD)) for pair in pairs],
)
def test_what_two_addresses_tell_of_their_repositories(one: str, other: str, alike: str) -> None:
    assert likeness(one, other, TOP) == alike
    assert likeness(other, one, TOP) == alike


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40), st.data())
def test_any_text_is_an_address_like_itself_and_likeness_has_no_direction(one: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from([one, f"{one}.git", f"ssh://{one}", f"/{one}"]))
    assert likeness(one, one, TOP) == "same"
    assert likeness(one, other, TOP) == likeness(other, one, TOP)


@pytest.mark.parametrize("way", ["pushurl", "pushInsteadOf", "two urls", "two pushurls"])
def test_what_would_be_pushed_to_another_repository_is_refused_with_both_addresses(
    clone: Clone, origin: Origin, mirror: Origin, calls: Path, way: str
) -> None:
    fetched, pushed = str(origin.path), str(mirror.path)
    named = {
        "pushurl": "remote.origin.pushurl",
        "pushInsteadOf": "pushinsteadof",
        "two urls": "git remote set-url origin URL",
        "two pushurls": "remote.origin.pushurl",
    }
    if way == "pushurl":
        git(clone.path, "remote", "set-url", "--push", "origin", pushed)
    elif way == "pushInsteadOf":
        git(clone.path, "config", f"url.{pushed}.pushInsteadOf", fetched)
    elif way == "two urls":
        git(clone.path, "remote", "set-url", "--add", "origin", pushed)
    else:
        git(clone.path, "remote", "set-url", "--push", "origin", fetched)
        git(clone.path, "remote", "set-url", "--push", "--add", "origin", pushed)
    told = f"origin is fetched from {fetched} and pushed to {pushed}, another repository"
    refused(published(clone, "--branch", "published"), 73, told, named[way])
    assert pushes(calls) == 0
    assert origin.branches() == mirror.branches() == ["main"]


def test_credentials_of_an_address_are_not_shown(clone: Clone, calls: Path) -> None:
    git(clone.path, "remote", "set-url", "origin", "https://me:pa@ss@github.com/upstream/r")
    git(clone.path, "remote", "set-url", "--push", "origin", "https://token@github.com/me/r")
    ended = published(clone)
    refused(ended, 73, "https://github.com/upstream/r and pushed to https://github.com/me/r")
    assert not any(secret in ended.err for secret in ("pa", "ss@", "token"))
    assert "ls-remote" not in calls.read_text()


def test_the_same_repository_by_another_address_is_published_to(clone: Clone, origin: Origin, place: Path) -> None:
    (place / "linked.git").symlink_to(origin.path)
    for push in (origin.path.as_uri(), str(place / "linked.git"), "../origin", "../origin.git"):
        git(clone.path, "config", "remote.origin.pushurl", push)
        clone.write(document=origin.commits())
        assert published(clone).code == 0, push
    assert origin.commits() == 5


def two_hosts(place: Path, one: Path, two: Path) -> None:
    """An ssh that finds the folder ``one`` on the host one and ``two`` on the host two, as /r.git."""
    ssh = place / "ssh"
    ssh.write_text(
        "#!/bin/sh\nwhile [ $# -gt 2 ]; do shift; done\n"
        f'case "$1" in one) at={one} ;; two) at={two} ;; esac\n'
        'case "$2" in git-upload-pack*) exec git upload-pack "$at" ;; *) exec git receive-pack "$at" ;; esac\n'
    )
    ssh.chmod(0o755)
    clone = place / "clone"
    git(clone, "config", "core.sshCommand", str(ssh))
    git(clone, "config", "ssh.variant", "simple")
    git(clone, "remote", "set-url", "origin", "ssh://one/r.git")
    git(clone, "remote", "set-url", "--push", "origin", "ssh://two/r.git")


def test_one_repository_under_two_names_of_a_host_is_published_to(
    clone: Clone, origin: Origin, place: Path, calls: Path
) -> None:
    two_hosts(place, origin.path, origin.path)
    for step in (0, 1):
        clone.write(document=step)
        ended = published(clone)
        assert ended.code == 0, ended.err
    assert (origin.commits(), pushes(calls)) == (3, 2)


def test_two_repositories_on_two_hosts_are_told_apart_by_their_branches(
    clone: Clone, origin: Origin, mirror: Origin, place: Path, calls: Path
) -> None:
    git(mirror.path, "branch", "more", "main")
    two_hosts(place, origin.path, mirror.path)
    refused(published(clone), 73, "is fetched from ssh://one/r.git and pushed to ssh://two/r.git, another repository")
    assert pushes(calls) == 0
    assert mirror.commits() == 1


def test_a_copy_on_another_host_that_is_equal_for_now_is_told_by_what_it_does_not_pass_on(
    clone: Clone, origin: Origin, mirror: Origin, place: Path, calls: Path
) -> None:
    two_hosts(place, origin.path, mirror.path)
    refused(published(clone), 73, "is fetched from ssh://one/r.git and pushed to ssh://two/r.git, another repository")
    assert pushes(calls) == 1
    assert origin.commits() == 1
