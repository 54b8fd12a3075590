"""The page of a scheduled run: made of what was published, after it, and never in its way."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from csv_market import write_market
from publishing import wrapped_git
from repositories import DOCUMENT, Clone, Origin, git, isolated
from synthetic import daily_frame

from aegismatrix_engine.jobs.dashboard import SiteSettings, build_site
from aegismatrix_engine.jobs.finish_run import finish_handed_on
from aegismatrix_engine.jobs.scheduled_job import ScheduledJob
from aegismatrix_engine.state.run_file import RunFile, RunSteps

SCRIPT = Path(__file__).with_name("page_run.py")
SESSIONS = 560
BRANCH, SITE = "published", "site"
FIRST, SECOND = (f"{daily_frame(SESSIONS).index[-1]:%Y-%m-%d}T{clock}:00+05:30" for clock in ("16:30", "16:40"))


@dataclass(frozen=True)
class Place:
    """A folder with bars, a remote and a clone of it."""

    path: Path

    @property
    def origin(self) -> Origin:
        return Origin(self.path / "origin.git")

    @property
    def clone(self) -> Clone:
        return Clone(self.path / "clone")

    def process(self, now: str, path: str | None = None, **options: Any) -> "subprocess.CompletedProcess[str]":
        plain = {
            name: value for name, value in os.environ.items() if not name.startswith(("AEGIS_", "GIT_", "GITHUB_"))
        }
        return subprocess.run(
            [sys.executable, "-W", "ignore", str(SCRIPT), now, json.dumps(options), str(self.path / "told.json")],
            cwd=self.path / "clone",
            env={**plain, **isolated(self.path), "PATH": path or os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def run(self, now: str, **options: Any) -> dict[str, Any]:
        done = self.process(now, **options)
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads((self.path / "told.json").read_bytes())
        return told

    def documents(self) -> tuple[bytes, bytes]:
        """The document of the branch, and that of the page."""
        return self.origin.read(DOCUMENT, BRANCH), self.origin.read(DOCUMENT, SITE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A place after its first run, to be copied, and what that run told."""
    at = tmp_path_factory.mktemp("made")
    frame = daily_frame(SESSIONS)
    write_market(at / "data", frame[["open", "high", "low", "close"]], frame[["vix"]].rename(columns={"vix": "close"}))
    with pytest.MonkeyPatch.context() as patched:
        for name, value in isolated(at).items():
            patched.setenv(name, value)
        Clone.of(Origin.made(at / "origin.git"), at / "clone")
    return at, Place(at).run(FIRST, first=True)


@pytest.fixture
def place(made: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name, value in isolated(tmp_path).items():
        monkeypatch.setenv(name, value)
    Clone.copied(made[0], tmp_path)
    return Place(tmp_path)


def test_the_page_is_built_after_what_came_due_and_published_after_its_document(
    made: tuple[Path, dict[str, Any]],
) -> None:
    at, told = made
    assert list(told["steps"]) == [
        "restore",
        "check-models",
        "infer",
        "record resolve",
        "dashboard",
        "publish",
        "publish page",
    ]
    assert told["ended"] == 10, "few sessions, so it is degraded, and the page has no part in that"
    assert told["heard"][-3:] == ["Published", "SitePublished", "RunSummary"]
    document, page = Place(at).documents()
    assert document == page == (at / "clone" / "site" / DOCUMENT).read_bytes()
    Place(at).clone.untouched()


def test_the_page_is_the_one_that_the_record_on_disk_gives(place: Place) -> None:
    """The run hands the record on as it has it in memory, its own forecasts and outcomes included."""
    at = place.clone.path
    built = build_site(SiteSettings(at / DOCUMENT, at / "record"))
    for name in ("index.html", "record/scores.csv", "record/decided.csv"):
        assert (at / "site" / name).read_bytes() == built.files[name], name


@pytest.mark.slow
def test_no_page_where_none_is_wanted(place: Place) -> None:
    before = place.origin.tip(SITE)
    told = place.run(SECOND, site=None)
    assert "publish page" not in told["steps"]
    assert "dashboard" not in told["steps"]
    assert place.origin.tip(SITE) == before


@pytest.mark.slow
def test_a_run_killed_between_the_two_pushes_is_mended_by_the_next(place: Place, tmp_path: Path) -> None:
    old = place.origin.read(DOCUMENT, SITE)
    (tmp_path / "deadly").mkdir()
    killing = f'case "$*" in push*refs/heads/{SITE}) kill -9 "$PPID"; exit 1;; esac\nexec "$GIT" "$@"'
    ended = place.process(SECOND, wrapped_git(tmp_path / "deadly", killing))
    assert ended.returncode == -9
    document, page = place.documents()
    assert (document != old, page == old) == (True, True), "the document was published, and the page was not"
    later = SECOND.replace("16:40", "16:50")
    assert place.run(later)["steps"]["publish page"] == 0
    document, page = place.documents()
    assert document == page
    assert json.loads(document)["generated_at"] == later
    git(place.origin.path, "fsck", "--strict", "--no-dangling")


def test_a_page_that_cannot_be_built_is_a_failed_part_and_the_document_is_published(place: Place) -> None:
    (place.clone.path / "occupied").write_text("not a folder")
    old = place.origin.tip(SITE)
    told = place.run(SECOND, site="occupied")
    assert (told["steps"]["dashboard"], told["steps"]["publish"], told["ended"]) == (12, 0, 12)
    assert "publish page" not in told["steps"]
    assert json.loads(place.documents()[0])["generated_at"] == SECOND
    assert place.origin.tip(SITE) == old
    assert any(note.startswith("the page was not published: ") for note in told["notes"])


@pytest.mark.slow
@pytest.mark.parametrize("site", [".", "record", "record/page", "models"])
def test_a_page_has_a_place_of_its_own(place: Place, site: str) -> None:
    told = place.run(SECOND, site=site)
    assert (told["steps"]["dashboard"], told["steps"]["publish"], told["ended"]) == (12, 0, 12)
    assert told["errors"][0].startswith(f"--site ({site}) and --")
    assert "index.html" not in " ".join(place.origin.files(BRANCH))


@pytest.mark.slow
def test_without_the_library_there_is_a_note_and_no_page(place: Place) -> None:
    old = place.origin.tip(SITE)
    told = place.run(SECOND, hidden=True)
    assert told["ended"] == 10
    assert "dashboard" not in told["steps"]
    (note,) = [one for one in told["heard"] if "lets-plot" in one]
    assert "pip install 'aegismatrix-engine[dashboard]'" in note
    assert note in told["notes"]
    assert place.origin.tip(SITE) == old


@pytest.mark.slow
def test_without_the_library_a_page_that_was_asked_for_is_a_failed_part(place: Place) -> None:
    told = place.run(SECOND, hidden=True, site_required=True)
    assert (told["steps"]["dashboard"], told["steps"]["publish"], told["ended"]) == (12, 0, 12)
    assert "pip install 'aegismatrix-engine[dashboard]'" in told["errors"][0]


@pytest.mark.slow
def test_where_another_publishers_document_stays_its_page_stays(place: Place) -> None:
    theirs = Clone.of(place.origin, place.path / "theirs")
    git(theirs.path, "switch", "--quiet", BRANCH)
    content = json.loads((theirs.path / DOCUMENT).read_bytes())
    content["health"]["status"] = "withdrawn"
    (theirs.path / DOCUMENT).write_text(json.dumps(content))
    theirs.commit_all("taken back")
    page = place.origin.tip(SITE)
    told = place.run(SECOND)
    assert told["steps"]["publish"] == 0
    assert "publish page" not in told["steps"]
    assert place.origin.tip(SITE) == page


@pytest.mark.slow
def test_the_name_of_the_documents_branch_is_a_failed_part(place: Place) -> None:
    told = place.run(SECOND, site_branch=BRANCH)
    assert (told["steps"]["publish"], told["steps"]["publish page"], told["ended"]) == (0, 12, 12)
    assert place.origin.commits(BRANCH) == 2


def handed_on(place: Place, site: str, files: tuple[str, ...]) -> RunFile:
    """A run of which nothing is left to do but to publish."""
    return RunFile(
        "aegis-run-1",
        RunSteps(0, (), (), {}),
        True,
        BRANCH,
        DOCUMENT,
        "record",
        "models",
        None,
        (),
        None,
        site=site,
        site_files=files,
    )


def finished(place: Place, run: RunFile, monkeypatch: pytest.MonkeyPatch) -> tuple[Mapping[str, int], list[str]]:
    """The steps of finishing a run, and its errors."""
    monkeypatch.chdir(place.clone.path)
    heard: list[object] = []
    summary = finish_handed_on(run, ScheduledJob(place.clone.path, pd.Timestamp(SECOND)), heard.append)
    return {name: code for name, code, _ in summary.steps}, [str(one) for one in heard if isinstance(one, Exception)]


FILES = ("index.html", DOCUMENT, f"data/{DOCUMENT}")


def test_a_page_is_handed_on_to_the_process_that_publishes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    git(place.origin.path, "update-ref", "-d", f"refs/heads/{SITE}")
    (place.clone.path / "site" / "of the user.txt").write_text("left here by somebody")
    steps, _ = finished(place, handed_on(place, "site", FILES), monkeypatch)
    assert steps == {"publish": 0, "publish page": 0}
    assert place.origin.files(SITE) == {*FILES, ".nojekyll"}, "what the run has not built is not published"


@pytest.mark.parametrize(
    ("site", "files", "words"),
    [
        ("site", (*FILES, "../aegismatrix.json"), "../aegismatrix.json is missing"),
        ("site", (*FILES, "link"), "link is a link, not a plain file"),
        ("site", ("index.html",), f"{DOCUMENT} is missing"),
        ("elsewhere", FILES, "index.html is missing"),
        ("..", FILES, "expected a path inside the work tree"),
        ("away", FILES, "expected a path inside the work tree"),
    ],
)
def test_nothing_but_the_files_of_a_page_is_published(
    place: Place, monkeypatch: pytest.MonkeyPatch, site: str, files: tuple[str, ...], words: str
) -> None:
    before = place.origin.tip(SITE)
    (place.clone.path / "away").symlink_to("/proc/self")
    if "link" in files:
        (place.clone.path / "site" / "link").symlink_to("/proc/self/environ")
    steps, errors = finished(place, handed_on(place, site, files), monkeypatch)
    assert steps == {"publish": 0, "publish page": 12}
    assert words in errors[0]
    assert place.origin.tip(SITE) == before


def test_a_page_of_another_document_than_the_published_one_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = place.clone.path / "site" / DOCUMENT
    page.write_bytes(page.read_bytes() + b"\n")
    steps, errors = finished(place, handed_on(place, "site", FILES), monkeypatch)
    assert steps == {"publish": 0, "publish page": 12}
    assert "built of another document" in errors[0]
