"""A scheduled run of several markets: real processes, real git, and a tree that one market's runs began."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from command_line import Ended, aegis
from machine_clock import process_clock
from repositories import Clone, Origin, git, isolated
from several_markets import several_markets
from synthetic import daily_frame

from aegismatrix_engine.document import check_json

pytestmark = pytest.mark.slow

BRANCH = "published"
SESSIONS = 560
DAY = f"{daily_frame(SESSIONS).index[-1]:%Y-%m-%d}"
SEVERAL = ("--source", "csv", "--data", "../bars/data", "--markets-dir", "../bars/own")
TWO = (*SEVERAL, "--market", "nifty50", "--market", "alpha")
THREE = (*TWO, "--market", "beta")


@dataclass(frozen=True)
class Tree:
    """A remote, the bars of three markets beside it, and clones that runs are started in."""

    at: Path

    @property
    def origin(self) -> Origin:
        return Origin(self.at / "origin.git")

    def clone(self, name: str = "clone") -> Path:
        path = self.at / name
        if not path.exists():
            git(self.at, "clone", "--quiet", "--branch", "main", str(self.origin.path), str(path))
        return path

    def aegis(self, clock: str, *arguments: str, clone: str = "clone") -> Ended:
        env = isolated(self.at) | process_clock(f"{DAY}T{clock}:00+05:30") | {"AEGIS_NOW": ""}
        return aegis(*arguments, at=self.clone(clone), env=env)

    def subjects(self) -> list[str]:
        return git(self.origin.path, "log", "--format=%s", BRANCH).splitlines()

    def index(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(self.origin.read("index.json", BRANCH))["markets"]
        return found


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A tree that a run of one market has begun. Do not change it."""
    tree = Tree(tmp_path_factory.mktemp("begun") / "tree")
    several_markets(tree.at / "bars", "alpha", "beta", sessions=SESSIONS)
    with pytest.MonkeyPatch.context() as patched:
        for name, value in isolated(tree.at).items():
            patched.setenv(name, value)
        Origin.made(tree.at / "origin.git")
    ended = tree.aegis(
        "16:30", "run", "--first", "--source", "csv", "--data", "../bars/data/nifty50", "--quiet", "--no-site"
    )
    assert (ended.code, ended.err) == (10, "")
    assert "index.json" not in tree.origin.files(BRANCH)
    return tree


def copied(tree: Tree, to: Path) -> Tree:
    Clone.copied(tree.at, to)
    return Tree(to)


@pytest.fixture(scope="module")
def grown(begun: Tree, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """The same after the next due run, which names a second market, in a fresh clone. Do not change it."""
    tree = copied(begun, tmp_path_factory.mktemp("grown") / "tree")
    shutil.rmtree(tree.at / "clone")
    ended = tree.aegis("16:50", "run", "--if-due", *TWO, "--quiet", "--no-site")
    assert (ended.code, ended.err) == (10, "")
    return tree


@pytest.fixture
def tree(grown: Tree, tmp_path: Path) -> Tree:
    """A copy to work on."""
    return copied(grown, tmp_path / "tree")


def own(market: str, files: Sequence[str]) -> set[str]:
    return {path for path in files if path.startswith((f"{market}/", f"models/{market}/", f"record/{market}/"))}


def test_a_tree_of_one_market_goes_on_with_two(begun: Tree, grown: Tree) -> None:
    before, after = begun.origin.files(BRANCH), grown.origin.files(BRANCH)
    assert grown.origin.commits(BRANCH) == begun.origin.commits(BRANCH) + 1
    assert after - before == own("alpha", sorted(after)) | {"index.json"}
    assert {"alpha/aegismatrix.json", "alpha/recent.json", "models/alpha/manifest.json"} <= after
    for path in before:
        assert grown.origin.read(path, BRANCH) == begun.origin.read(path, BRANCH), "nothing was due of the first market"
    assert check_json(grown.origin.read("alpha/aegismatrix.json", BRANCH)).market_id == "alpha"
    assert [(one["id"], one["path"]) for one in grown.index()] == [
        ("nifty50", "aegismatrix.json"),
        ("alpha", "alpha/aegismatrix.json"),
    ]


def test_where_nothing_is_due_nothing_is_published(tree: Tree) -> None:
    before = tree.origin.tip(BRANCH)
    ended = tree.aegis("17:10", "run", "--if-due", *TWO, "--no-site")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.decode().count("nothing is") == 2
    assert tree.origin.tip(BRANCH) == before


def test_a_market_that_fails_stops_no_other_and_all_are_one_commit(tree: Tree) -> None:
    former = tree.origin.read("alpha/aegismatrix.json", BRANCH)
    before = tree.origin.commits(BRANCH)
    (tree.at / "bars" / "data" / "alpha" / "spot_daily.csv").write_text("no bars\n")
    ended = tree.aegis("17:10", "run", *THREE, "--no-site", clone="another")
    assert ended.code == 12
    assert "aegis: error: alpha: spot_daily.csv" in ended.err
    assert tree.origin.read("alpha/aegismatrix.json", BRANCH) == former
    assert [one["id"] for one in tree.index()] == ["nifty50", "alpha", "beta"]
    assert tree.origin.commits(BRANCH) == before + 1
    made_at = {check_json(tree.origin.read(f"{at}aegismatrix.json", BRANCH)).generated_at for at in ("", "beta/")}
    assert made_at == {f"{DAY}T17:10:00+05:30"}
    assert tree.subjects()[0].startswith(f"aegismatrix.json as of {DAY}T15:30:00+05:30, beta/aegismatrix.json as of ")


def test_the_first_market_may_be_the_one_that_fails(tree: Tree) -> None:
    former = tree.origin.read("aegismatrix.json", BRANCH)
    shutil.rmtree(tree.at / "bars" / "data" / "nifty50")
    ended = tree.aegis("17:10", "run", *TWO, "--quiet", "--no-site")
    assert ended.code == 12
    assert "aegis: error: nifty50: there is no folder ../bars/data/nifty50" in ended.err
    assert tree.origin.read("aegismatrix.json", BRANCH) == former
    assert check_json(tree.origin.read("alpha/aegismatrix.json", BRANCH)).generated_at == f"{DAY}T17:10:00+05:30"


def test_a_run_of_several_can_begin_a_branch_though_its_first_market_fails(begun: Tree, tmp_path: Path) -> None:
    tree = copied(begun, tmp_path / "tree")
    git(tree.origin.path, "update-ref", "-d", f"refs/heads/{BRANCH}")
    shutil.rmtree(tree.at / "bars" / "data" / "nifty50")
    ended = tree.aegis("16:50", "run", "--first", *TWO, "--quiet", "--no-site", clone="empty")
    assert ended.code == 12
    files = tree.origin.files(BRANCH)
    assert "alpha/aegismatrix.json" in files
    assert "aegismatrix.json" not in files
    assert [one["id"] for one in tree.index()] == ["alpha"]
    assert any(path.startswith("record/alpha/") for path in files)
    shutil.copytree(begun.at / "bars" / "data" / "nifty50", tree.at / "bars" / "data" / "nifty50")
    assert tree.aegis("17:10", "run", "--if-due", *TWO, "--quiet", "--no-site", clone="later").code == 10
    assert [one["id"] for one in tree.index()] == ["nifty50", "alpha"]


def test_the_rest_of_a_run_can_be_another_process(tree: Tree) -> None:
    ended = tree.aegis("17:10", "run", *TWO, "--quiet", "--no-publish", "--no-site", clone="another")
    assert ended.code == 10
    before = tree.origin.commits(BRANCH)
    ended = tree.aegis("17:12", "publish", "--run", "run.json", clone="another")
    assert (ended.code, ended.err) == (10, "")
    assert "document as of" in ended.out.decode()
    assert "alpha as of" in ended.out.decode()
    assert tree.origin.commits(BRANCH) == before + 1


def test_sets_trained_together_are_published_together(tree: Tree) -> None:
    assert tree.aegis("17:10", "restore", "--quiet", clone="trainer") == Ended(0, b"", "")
    train = ("train", "--market", "nifty50", "--market", "alpha", *SEVERAL, "--quiet")
    assert tree.aegis("17:20", *train, clone="trainer").code == 0
    before = tree.origin.commits(BRANCH)
    ended = tree.aegis("17:30", "publish", "--branch", BRANCH, clone="trainer")
    assert (ended.code, ended.err) == (0, "")
    assert tree.origin.commits(BRANCH) == before + 1
    for folder in ("models", "models/alpha"):
        manifest = json.loads(tree.origin.read(f"{folder}/manifest.json", BRANCH))
        assert manifest["training"]["trained_at"] == f"{DAY}T17:20:00+05:30"
        there = {path for path in tree.origin.files(BRANCH) if Path(path).parent == Path(folder)}
        assert len(there) == 1 + len(manifest["files"])


def test_a_run_of_one_market_leaves_the_sets_of_the_others(tree: Tree) -> None:
    before = tree.origin.files(BRANCH)
    one = ("run", "--source", "csv", "--data", "../bars/data/nifty50", "--quiet", "--no-site")
    ended = tree.aegis("17:10", *one, clone="another")
    assert (ended.code, ended.err) == (10, "")
    assert own("alpha", sorted(tree.origin.files(BRANCH))) == own("alpha", sorted(before))
    assert [one["id"] for one in tree.index()] == ["nifty50", "alpha"]


def test_rolling_one_market_back_leaves_the_others(tree: Tree) -> None:
    before = tree.origin.files(BRANCH)
    commit = tree.origin.tip(BRANCH)
    ended = tree.aegis("17:10", "rollback", "--to", commit, "--branch", BRANCH)
    assert ended.code == 0, ended.err
    assert tree.origin.files(BRANCH) == before | {"rollback.json"}


def test_pages_are_one_site_and_a_withdrawn_market_changes_its_own_alone(tree: Tree) -> None:
    ended = tree.aegis("17:10", "run", *TWO, "--quiet", clone="another")
    assert (ended.code, ended.err) == (10, "")
    files = tree.origin.files("site")
    assert {"index.html", "alpha/index.html", "alpha/aegismatrix.json", ".nojekyll"} <= files
    top, below = (tree.origin.read(f"{at}index.html", "site").decode() for at in ("", "alpha/"))
    assert '<a href="./" aria-current="page" aria-selected="true">NIFTY 50</a><a href="alpha/">Index alpha</a>' in top
    assert (
        '<a href="../">NIFTY 50</a><a href="../alpha/" aria-current="page" aria-selected="true">Index alpha</a>'
        in below
    )
    withdraw = ("publish", "--withdraw", "wrong bars", "--branch", BRANCH)
    places = ("--output", "alpha/aegismatrix.json", "--models", "models/alpha")
    ended = tree.aegis("17:30", *withdraw, *places, clone="another")
    assert (ended.code, ended.err) == (0, "")
    assert tree.origin.read("index.html", "site").decode() == top
    assert "wrong bars" in tree.origin.read("alpha/index.html", "site").decode()
    assert [one["health"] for one in tree.index()] == ["degraded", "withdrawn"]
    ended = tree.aegis("17:40", *withdraw, clone="another")
    assert (ended.code, ended.err) == (0, "")
    assert tree.origin.files("site") >= {"index.html", "alpha/index.html"}
    assert [one["health"] for one in tree.index()] == ["withdrawn", "withdrawn"]
