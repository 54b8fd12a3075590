"""``aegis publish --withdraw`` where a page is published: the page follows its document."""

import shutil

import pytest
from page_site import SITE, SitePublisher, site
from publishing import published
from repositories import DOCUMENT, Clone, Origin, git

from aegismatrix_engine.document import check_json
from aegismatrix_engine.network.pages import stamp

REASON = "the bars of 30 December were another index"
WITHDRAW = ("--withdraw", REASON)


@pytest.fixture
def shown(clone: Clone, origin: Origin) -> Clone:
    """A clone whose document is published, and the page of it."""
    # A ledger of two letters a row is none that a page could show.
    shutil.rmtree(clone.path / "record")
    assert published(clone).code == 0
    SitePublisher(clone.path).publish(site(0))
    return clone


def followed(origin: Origin, reason: str) -> None:
    """The page is that of the withdrawn document."""
    content = origin.read(DOCUMENT, SITE)
    assert content == origin.read(DOCUMENT)
    assert check_json(content).health.withdrawn == reason
    assert stamp(origin.read("index.html", SITE))["generated-at"] == check_json(content).generated_at
    assert origin.commits(SITE) == 1


def test_the_page_of_the_withdrawn_document_replaces_that_of_the_document(shown: Clone, origin: Origin) -> None:
    shown.write(document=600)
    ended = published(shown, *WITHDRAW)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[1].startswith("published the page to origin/site in ")
    followed(origin, REASON)
    shown.untouched()


def test_no_page_is_begun_by_it(clone: Clone, origin: Origin) -> None:
    assert published(clone).code == 0
    assert published(clone, *WITHDRAW).code == 0
    assert origin.branches() == ["main"]


def test_a_branch_of_that_name_that_is_somebodys_is_left(shown: Clone, origin: Origin) -> None:
    theirs = origin.tip()
    git(origin.path, "update-ref", f"refs/heads/{SITE}", theirs)
    ended = published(shown, *WITHDRAW)
    assert (ended.code, ended.err) == (0, "")
    assert origin.tip(SITE) == theirs


def test_the_page_may_have_another_branch(shown: Clone, origin: Origin) -> None:
    SitePublisher(shown.path).publish(site(0), "pages")
    assert published(shown, *WITHDRAW, "--site-branch", "pages").code == 0
    assert origin.read(DOCUMENT, "pages") == origin.read(DOCUMENT)
    assert origin.read(DOCUMENT, SITE) == site(0)[DOCUMENT]


def test_a_page_that_does_not_follow_is_said_and_the_same_command_repairs_it(shown: Clone, origin: Origin) -> None:
    origin.hook("update", f'[ "$1" != refs/heads/{SITE} ]')
    ended = published(shown, *WITHDRAW)
    assert ended.code == 12
    assert ended.out.startswith("withdrew the document as of ")
    assert "aegis: error: origin/site refuses the push" in ended.err
    assert "the page still shows the document as it was, until the next run that publishes one" in ended.err
    assert check_json(origin.read(DOCUMENT)).health.withdrawn == REASON
    (origin.path / "hooks" / "update").unlink()
    ended = published(shown, *WITHDRAW)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("nothing to do: ")
    followed(origin, REASON)
