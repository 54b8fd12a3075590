"""The branch of the page: one commit, replaced whole, never somebody else's, and never by an older document's page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from page_site import SITE, SitePublisher, site
from publishing import counted_git, python, wrapped_git
from repositories import DOCUMENT, Clone, Origin, git

from aegismatrix_engine.errors import AegisError, ConfigurationError, OutputUnwritable, RaceLost, RemoteUnreachable
from aegismatrix_engine.network.retries import Pauses
from aegismatrix_engine.publishing.commits import blob_id
from aegismatrix_engine.publishing.publication import Patience
from aegismatrix_engine.publishing.site_branch import holds_site

OTHER_DOCUMENT, OTHER_PAGE = f"data/{DOCUMENT}", {DOCUMENT: b"{}", "index.html": b"<p>", ".nojekyll": b""}


@pytest.fixture
def publisher(clone: Clone) -> SitePublisher:
    return SitePublisher(clone.path)


def put(at: Path, origin: Origin, name: str, files: dict[str, bytes], *, commits: int = 1) -> str:
    """Publish a branch as somebody does who uses git alone; the id of its tip."""
    clone = Clone.of(origin, at).path
    git(clone, "switch", "--quiet", "--orphan", name)
    for number in range(commits):
        for path, content in {**files, "number": b"%d" % number}.items() if commits > 1 else files.items():
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            (clone / path).write_bytes(content)
        git(clone, "add", "--all")
        git(clone, "-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "--quiet", "-m", "theirs")
    git(clone, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{name}")
    return origin.tip(name)


def test_the_branch_is_one_commit_without_a_parent_that_holds_the_site(
    publisher: SitePublisher, origin: Origin, clone: Clone
) -> None:
    done = publisher.publish(site(0))
    assert done.commit == origin.tip(SITE)
    assert origin.files(SITE) == {*site(0), ".nojekyll"}
    assert origin.read("index.html", SITE) == site(0)["index.html"]
    assert origin.read(".nojekyll", SITE) == b""
    assert origin.commits(SITE) == 1
    clone.untouched()
    assert git(clone.path, "for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/main"


def test_a_later_page_replaces_it_and_leaves_no_history(publisher: SitePublisher, origin: Origin) -> None:
    publisher.publish(site(0, old=b"1"))
    done = publisher.publish(site(1))
    assert done.commit == origin.tip(SITE)
    assert origin.files(SITE) == {*site(1), ".nojekyll"}, "files that the site no longer has are gone"
    assert origin.commits(SITE) == 1


def test_the_same_bytes_are_not_pushed_again(publisher: SitePublisher, origin: Origin) -> None:
    first = publisher.publish(site(0)).commit
    again = publisher.publish(site(0))
    assert (again.commit, again.newer) == (None, False)
    assert origin.tip(SITE) == first


def test_another_page_of_the_same_document_is_published(publisher: SitePublisher, origin: Origin) -> None:
    publisher.publish(site(0))
    assert publisher.publish(site(0, **{"feed.xml": b"<feed>one more</feed>"})).commit == origin.tip(SITE)


def test_the_page_of_a_later_document_stays(publisher: SitePublisher, origin: Origin) -> None:
    later = publisher.publish(site(9)).commit
    done = publisher.publish(site(3))
    assert (done.commit, done.newer) == (None, True)
    assert origin.tip(SITE) == later


def test_a_page_with_an_unreadable_document_is_replaced(
    publisher: SitePublisher, origin: Origin, tmp_path: Path
) -> None:
    put(tmp_path / "x", origin, SITE, OTHER_PAGE)
    assert publisher.publish(site(0)).commit == origin.tip(SITE)


@pytest.mark.parametrize(
    ("files", "commits"),
    [
        ({"index.html": b"<p>a page of somebody's</p>"}, 1),
        ({"index.html": b"<p>", ".nojekyll": b""}, 1),
        ({DOCUMENT: b"{}", "index.html": b"<p>"}, 1),
        ({OTHER_DOCUMENT: b"{}", "index.html": b"<p>", ".nojekyll": b""}, 1),
        (OTHER_PAGE, 2),
    ],
)
def test_a_branch_that_is_somebodys_is_never_replaced(
    publisher: SitePublisher, origin: Origin, tmp_path: Path, files: dict[str, bytes], commits: int
) -> None:
    theirs = put(tmp_path / "x", origin, SITE, files, commits=commits)
    with pytest.raises(OutputUnwritable, match="--site-branch") as refused:
        publisher.publish(site(0))
    assert "\n" not in str(refused.value)
    assert theirs[:10] in str(refused.value)
    assert origin.tip(SITE) == theirs
    assert not holds_site(publisher.branch())


def test_a_shallow_clone_sees_the_parent_of_a_commit_it_is_cut_off_at(origin: Origin, tmp_path: Path) -> None:
    theirs = put(tmp_path / "x", origin, SITE, OTHER_PAGE, commits=2)
    git(tmp_path, "clone", "--quiet", "--depth=1", origin.path.as_uri(), "shallow")
    git(tmp_path / "shallow", "fetch", "--quiet", "--depth=1", "origin", SITE)
    with pytest.raises(OutputUnwritable, match="is not replaced"):
        SitePublisher(tmp_path / "shallow").publish(site(0))
    assert origin.tip(SITE) == theirs


def test_a_shallow_clone_publishes_and_replaces(origin: Origin, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", origin.path.as_uri(), "shallow")
    publisher = SitePublisher(tmp_path / "shallow")
    publisher.publish(site(0))
    assert publisher.publish(site(1)).commit == origin.tip(SITE)
    git(origin.path, "fsck", "--strict", "--no-dangling")


def test_a_clone_without_blobs_publishes_and_replaces(origin: Origin, tmp_path: Path) -> None:
    git(origin.path, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", origin.path.as_uri(), "partial")
    publisher = SitePublisher(tmp_path / "partial")
    publisher.publish(site(0))
    assert publisher.publish(site(1)).commit == origin.tip(SITE)
    git(origin.path, "fsck", "--strict", "--no-dangling")


def test_main_is_somebodys(publisher: SitePublisher, origin: Origin) -> None:
    main = origin.tip()
    with pytest.raises(OutputUnwritable, match="origin/main is not replaced"):
        publisher.publish(site(0), "main")
    assert origin.tip() == main


def test_the_branch_of_the_document_is_not_the_pages(publisher: SitePublisher) -> None:
    with pytest.raises(ConfigurationError, match="--site-branch published is the branch of the document"):
        publisher.publish(site(0), "published")


def test_an_invalid_name_names_its_option(publisher: SitePublisher) -> None:
    with pytest.raises(ConfigurationError, match="invalid --site-branch 'a b'"):
        publisher.publish(site(0), "a b")


@pytest.fixture
def overtaken(
    origin: Origin, clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int, str], None]:
    """Has another page put on the branch right before a push: before the first one, or before each."""

    def arrange(step: int, when: str) -> None:
        at = tmp_path / "theirs"
        at.mkdir()
        other = Clone.of(origin, tmp_path / "other").path
        SitePublisher(other).publish(site(step), "staged")
        condition = "" if when == "each" else f"[ ! -e {at}/done ] && "
        # Each of theirs is a commit of its own, so that the branch moves.
        moving = (
            f'tree=$("$GIT" -C {other} rev-parse origin/staged^{{tree}}); '
            f"commit=$(date +%N | GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x "
            f'"$GIT" -C {other} commit-tree "$tree"); "$GIT" -C {other} push --quiet --force origin '
            f'"$commit":refs/heads/{SITE}'
        )
        git(other, "fetch", "--quiet", "origin", "staged:refs/remotes/origin/staged")
        script = f'if {condition}[ "$1" = push ]; then touch {at}/done; {moving}; fi\nexec "$GIT" "$@"'
        monkeypatch.setenv("PATH", wrapped_git(at, script))

    return arrange


def test_a_faster_publisher_of_an_older_document_is_overtaken(
    publisher: SitePublisher, origin: Origin, overtaken: Callable[[int, str], None]
) -> None:
    publisher.publish(site(0))
    overtaken(1, "first")
    assert publisher.publish(site(5)).commit == origin.tip(SITE)
    assert origin.read(DOCUMENT, SITE) == site(5)[DOCUMENT]


def test_a_faster_publisher_of_a_newer_document_is_left(
    publisher: SitePublisher, origin: Origin, overtaken: Callable[[int, str], None]
) -> None:
    publisher.publish(site(0))
    overtaken(9, "first")
    done = publisher.publish(site(5))
    assert (done.commit, done.newer) == (None, True)
    assert origin.read(DOCUMENT, SITE) == site(9)[DOCUMENT]


def test_a_faster_publisher_who_begins_the_branch_is_met_as_well(
    publisher: SitePublisher, origin: Origin, overtaken: Callable[[int, str], None]
) -> None:
    overtaken(9, "first")
    assert publisher.publish(site(5)).newer
    assert origin.read(DOCUMENT, SITE) == site(9)[DOCUMENT]


def test_a_race_that_is_never_won_ends(
    publisher: SitePublisher, origin: Origin, overtaken: Callable[[int, str], None]
) -> None:
    publisher.publish(site(0))
    overtaken(1, "each")
    with pytest.raises(RaceLost):
        publisher.publish(site(5), patience=Patience(pauses=Pauses(attempts=4, first=0.01, longest=0.02)))
    assert origin.read(DOCUMENT, SITE) == site(1)[DOCUMENT]


def no_force(origin: Origin) -> None:
    git(origin.path, "config", "receive.denyNonFastForwards", "true")


def ruled(origin: Origin) -> None:
    words = 'echo "error: GH013: Repository rule violations found for refs/heads/site." >&2'
    origin.hook("pre-receive", f"{words}\nexit 1")


@pytest.mark.parametrize("rule", [no_force, ruled])
def test_a_branch_that_takes_no_force_is_refused_at_once_with_the_option_to_change(
    publisher: SitePublisher,
    origin: Origin,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rule: Callable[[Origin], None],
) -> None:
    publisher.publish(site(0))
    rule(origin)
    path, calls = counted_git(tmp_path)
    monkeypatch.setenv("PATH", path)
    with pytest.raises(OutputUnwritable, match="change its rules, or publish to another --site-branch"):
        publisher.publish(site(1))
    assert calls.read_text().split().count("push") == 1
    assert origin.read(DOCUMENT, SITE) == site(0)[DOCUMENT]


@pytest.mark.parametrize(
    ("address", "error"), [("http://127.0.0.1:9/x.git", RemoteUnreachable), ("gone.git", OutputUnwritable)]
)
def test_a_remote_that_is_gone_is_one_of_our_errors(
    publisher: SitePublisher, clone: Clone, monkeypatch: pytest.MonkeyPatch, address: str, error: type[AegisError]
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    git(clone.path, "remote", "set-url", "origin", address if "//" in address else str(clone.path.parent / address))
    with pytest.raises(error):
        publisher.publish(
            site(0), patience=Patience(unreachable=2, pauses=Pauses(attempts=4, first=0.01, longest=0.02))
        )


def test_what_the_repository_holds_is_not_written_again(
    publisher: SitePublisher, clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {f"record/{number}.csv": b"row,value\n%d,1\n" % number for number in range(200)}
    publisher.publish(site(0) | record)
    path, calls = counted_git(tmp_path)
    monkeypatch.setenv("PATH", path)
    publisher.publish(site(1) | record | {"record/new.csv": b"row,value\n"})
    # The document once for each of its two paths, the page, and the new rows.
    assert calls.read_text().split().count("hash-object") == 4


def test_a_repository_of_the_other_hash_is_published_to_as_well(tmp_path: Path, publisher: SitePublisher) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "--object-format=sha256", "--initial-branch=main", "long.git")
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "--initial-branch=main", "long")
    git(tmp_path / "long", "remote", "add", "origin", str(tmp_path / "long.git"))
    other = SitePublisher(tmp_path / "long")
    for step in range(2):
        other.publish(site(step))
    origin = Origin(tmp_path / "long.git")
    assert origin.read(DOCUMENT, SITE) == site(1)[DOCUMENT]
    git(origin.path, "fsck", "--strict", "--no-dangling")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_ids_are_those_of_git(tmp_path: Path, algorithm: str) -> None:
    git(tmp_path, "init", "--quiet", f"--object-format={algorithm}", "any")
    (tmp_path / "any" / "x").write_bytes(b"\0some bytes\r\n")
    assert blob_id(b"\0some bytes\r\n", algorithm) == git(tmp_path / "any", "hash-object", "--no-filters", "x")


KILLED = """
import os, sys
from pathlib import Path
from killed_publishing import deadly_git
from page_site import SitePublisher, site

at, k, moment = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
os.environ.update(deadly_git(at, k, moment))
SitePublisher(at / "clone").publish(site(1))
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["after", "0.005"])
def test_a_publisher_killed_at_any_call_of_git_leaves_the_old_page_or_the_new_and_the_next_goes_on(
    publisher: SitePublisher, place: Path, tmp_path_factory: pytest.TempPathFactory, moment: str
) -> None:
    publisher.publish(site(0))
    into, pages = tmp_path_factory.mktemp("killed"), []
    for k in range(1, 60):
        at = into / str(k)
        at.mkdir()
        origin, clone = Clone.copied(place, at)
        process = python("-c", KILLED, str(at), str(k), moment)
        process.communicate(timeout=60)
        assert process.returncode in (0, -9)
        pages.append(origin.read(DOCUMENT, SITE))
        assert SitePublisher(clone.path).publish(site(2)).commit == origin.tip(SITE)
        assert origin.commits(SITE) == 1
        git(origin.path, "fsck", "--strict", "--no-dangling")
        clone.untouched()
        if process.returncode == 0:
            break
    assert set(pages) == {site(0)[DOCUMENT], site(1)[DOCUMENT]}
    assert pages == sorted(pages, key=lambda page: page == site(1)[DOCUMENT])


@pytest.mark.slow
def test_publishers_at_once_leave_one_page_that_of_the_latest_document(origin: Origin, tmp_path: Path) -> None:
    racing = """
import sys
from pathlib import Path
from page_site import SitePublisher, site
for step in map(int, sys.argv[2].split(",")):
    SitePublisher(Path(sys.argv[1])).publish(site(step))
"""
    clones = [Clone.of(origin, tmp_path / f"racer{number}") for number in range(4)]
    steps = ["4,1,16", "8,12,2", "15,3,9", "5,14,7"]
    racers = [python("-c", racing, str(clone.path), one) for clone, one in zip(clones, steps, strict=True)]
    for racer in racers:
        _, words = racer.communicate(timeout=120)
        assert racer.returncode == 0, words.decode()
    assert origin.read(DOCUMENT, SITE) == site(16)[DOCUMENT]
    assert origin.read("index.html", SITE) == site(16)["index.html"]
    assert origin.commits(SITE) == 1


def test_replaced_commits_are_not_kept(publisher: SitePublisher, origin: Origin) -> None:
    """What a day of pages leaves in a repository that collects its garbage: one page."""
    for step in range(6):
        publisher.publish(site(step))
    for repository in (origin.path, publisher.path):
        git(repository, "-c", "gc.pruneExpire=now", "-c", "gc.reflogExpireUnreachable=now", "gc", "--quiet")
    reachable = git(origin.path, "rev-list", "--objects", "--all").count("\n") + 1
    listed = git(origin.path, "count-objects", "-v").splitlines()
    packed = int(dict(line.split(": ") for line in listed)["in-pack"])
    assert packed == reachable


def test_a_page_takes_few_calls(publisher: SitePublisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher.publish(site(0))
    path, calls = counted_git(tmp_path)
    monkeypatch.setenv("PATH", path)
    publisher.publish(site(1))
    used = calls.read_text().split()
    assert used.count("fetch") == used.count("push") == used.count("ls-remote") == 1
    assert len(used) < 30, used
