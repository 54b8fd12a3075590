"""The page as infer.yml publishes it and watch.yml looks at it: after its document, and never in its way."""

import json

import pytest
from first_run import FIRST, FirstRun, MakeRunner, bars_at
from github_server import REPOSITORY, GitHubServer
from repositories import DOCUMENT, Origin, git
from test_infer_workflow import AT_REST, BRANCH, IN_SESSION, PUBLISH, RUN, document, steps_of
from yahoo_server import YahooServer

from aegismatrix_engine.jobs.check_page import PAGE_BEHIND_TITLE
from aegismatrix_engine.jobs.publish_page import PAGE_TITLE
from aegismatrix_engine.network.pages import stamp
from aegismatrix_engine.network.repository import pages_address
from aegismatrix_engine.state.lateness import OUT_OF_DATE_TITLE

SITE = "site"
LATER = "2026-07-15T11:39:30+05:30"
RAW = f"/raw/{REPOSITORY}/{BRANCH}/{DOCUMENT}"
CHECK = "aegis check-published"


def shown(origin: Origin) -> str:
    """What the page says its document was made at."""
    return stamp(origin.read("index.html", SITE))["generated-at"]


def test_the_first_run_publishes_the_page_of_its_document(first_run: FirstRun) -> None:
    origin = first_run.origin
    assert set(origin.branches()) == {"main", BRANCH, SITE}
    assert origin.commits(SITE) == 1
    assert origin.read(DOCUMENT, SITE) == origin.read(DOCUMENT, BRANCH)
    assert origin.read(f"data/{DOCUMENT}", SITE) == origin.read(DOCUMENT, BRANCH)
    assert {"index.html", ".nojekyll"} <= origin.files(SITE)
    assert shown(origin) == document(origin)["generated_at"]
    assert stamp(origin.read("index.html", SITE)).keys() >= {"as-of", "data-old-from"}, "what the watch reads"
    told = first_run.ended.step(PUBLISH).out
    assert told.index("published to origin/published") < told.index("published the page to origin/site in ")


@pytest.mark.slow
def test_a_run_in_session_replaces_the_page_and_one_that_is_not_due_leaves_it(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer
) -> None:
    runner, before = runner_for(published), published.tip(SITE)
    assert not runner.run("infer", AT_REST, 1).failed
    assert published.tip(SITE) == before
    yahoo.series.update(bars_at(IN_SESSION))
    assert not runner.run("infer", IN_SESSION, 2).failed
    assert shown(published) == document(published)["generated_at"] == IN_SESSION
    assert published.commits(SITE) == 1
    git(published.path, "fsck", "--strict", "--no-dangling")


@pytest.mark.slow
def test_a_page_that_is_refused_holds_nothing_back_and_its_issue_is_closed_by_the_next_page(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    runner, before = runner_for(published), published.tip(SITE)
    published.hook("update", f'[ "$1" != refs/heads/{SITE} ] || {{ echo "GH013: rule violations" >&2; exit 1; }}')
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner.run("infer", IN_SESSION, 1)
    assert (ended.step(RUN).code, ended.step(PUBLISH).code) == (0, 12)
    assert document(published)["generated_at"] == IN_SESSION
    assert published.tip(SITE) == before
    assert steps_of(ended.summary)["publish page"] == "12"
    assert github.beats == 0, "a run that ended well is what the monitor waits for"
    (issue,) = github.issues
    assert (issue.title, issue.state) == (PAGE_TITLE, "open")
    assert "refuses the push" in issue.body
    assert "--site-branch" in issue.body
    assert ended.attested, "the document is published, and attested"

    (published.path / "hooks" / "update").unlink()
    yahoo.series.update(bars_at(LATER))
    assert not runner.run("infer", LATER, 2).failed
    assert shown(published) == document(published)["generated_at"] == LATER
    assert (len(github.issues), issue.state) == (1, "closed")
    assert issue.comments == [
        "The page of the document as of 2026-07-15T11:30:00+05:30 is published.\n\n"
        f"The run: https://github.com/{REPOSITORY}/actions/runs/2\n"
    ]


@pytest.mark.slow
def test_a_branch_of_that_name_that_is_somebodys_is_left_and_named(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    git(published.path, "update-ref", f"refs/heads/{SITE}", published.tip())
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner_for(published).run("infer", IN_SESSION)
    assert ended.step(PUBLISH).code == 12
    assert published.tip(SITE) == published.tip()
    assert document(published)["generated_at"] == IN_SESSION
    assert [issue.title for issue in github.issues] == [PAGE_TITLE]
    assert "name another branch with --site-branch" in github.issues[0].body


@pytest.mark.slow
def test_without_a_page_of_before_one_due_run_makes_it(
    published: Origin, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    git(published.path, "update-ref", "-d", f"refs/heads/{SITE}")
    runner = runner_for(published)
    assert not runner.run("infer", AT_REST, 1).failed
    assert SITE not in published.branches(), "nothing is due, and nothing is built"
    yahoo.series.update(bars_at(IN_SESSION))
    assert not runner.run("infer", IN_SESSION, 2).failed
    assert published.read(DOCUMENT, SITE) == published.read(DOCUMENT, BRANCH)
    assert github.issues == []


@pytest.mark.slow
def test_the_watch_compares_the_page_with_the_document(
    published: Origin, runner_for: MakeRunner, github: GitHubServer
) -> None:
    runner = runner_for(published)
    github.files[RAW] = published.read(DOCUMENT, BRANCH)
    ended = runner.run("watch", FIRST, 1).step(CHECK)
    assert ended.code == 0, "Pages was never switched on"
    assert "not switched on; to have it, Settings > Pages > Deploy from a branch: site, / (root)" in ended.out
    github.has_pages = True
    assert "the page is up to date" in runner.run("watch", FIRST, 2).step(CHECK).out
    assert github.issues == []

    newer = json.loads(github.files[RAW]) | {"generated_at": "2026-07-14T16:20:00+05:30"}
    github.files[RAW] = json.dumps(newer).encode()
    ended = runner.run("watch", "2026-07-14T16:50:00+05:30", 3).step(CHECK)
    assert (ended.code, github.issues) == (0, [])
    assert "the page is being deployed" in ended.out
    ended = runner.run("watch", "2026-07-14T16:51:00+05:30", 4).step(CHECK)
    assert ended.code == 11
    (issue,) = github.issues
    assert (issue.title, issue.state) == (PAGE_BEHIND_TITLE, "open")
    assert f"it shows the document made at {shown(published)}, and not the published one" in issue.body
    assert "0 h 31 min ago" in issue.body
    github.files[RAW] = published.read(DOCUMENT, BRANCH)
    assert runner.run("watch", FIRST, 5).step(CHECK).code == 0
    assert issue.state == "closed"


def test_a_page_that_is_gone_is_a_fault_where_pages_is_switched_on(
    published: Origin, runner_for: MakeRunner, github: GitHubServer
) -> None:
    github.files[RAW] = published.read(DOCUMENT, BRANCH)
    github.has_pages = True
    git(published.path, "update-ref", "-d", f"refs/heads/{SITE}")
    ended = runner_for(published).run("watch", FIRST).step(CHECK)
    assert ended.code == 69
    assert "there is no page at its address (status 404); see Settings > Pages" in ended.err
    assert [issue.title for issue in github.issues] == [PAGE_BEHIND_TITLE]


@pytest.mark.slow
def test_pages_that_deploys_the_branch_of_the_document_as_before_is_no_fault(
    published: Origin, runner_for: MakeRunner, github: GitHubServer
) -> None:
    github.files[RAW] = github.files[f"/pages/{DOCUMENT}"] = published.read(DOCUMENT, BRANCH)
    github.has_pages = True
    git(published.path, "update-ref", "-d", f"refs/heads/{SITE}")
    ended = runner_for(published).run("watch", FIRST).step(CHECK)
    assert ended.code == 0
    assert "GitHub Pages deploys another branch" in ended.out
    assert github.issues == []


@pytest.mark.slow
def test_a_late_document_and_its_page_are_two_issues(
    published: Origin, runner_for: MakeRunner, github: GitHubServer
) -> None:
    newer = json.loads(published.read(DOCUMENT, BRANCH)) | {"generated_at": "2026-07-14T16:20:00+05:30"}
    github.files[RAW] = json.dumps(newer).encode()
    github.has_pages = True
    ended = runner_for(published).run("watch", "2026-07-15T12:23:00+05:30").step(CHECK)
    assert ended.code == 11
    assert [issue.title for issue in github.issues] == [OUT_OF_DATE_TITLE, PAGE_BEHIND_TITLE]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Owner/aegis", "https://owner.github.io/aegis/"),
        ("owner/Aegis.Page", "https://owner.github.io/Aegis.Page/"),
        ("Owner/owner.github.io", "https://owner.github.io/"),
    ],
)
def test_where_pages_serves_a_repository(name: str, address: str) -> None:
    assert pages_address(name) == address
