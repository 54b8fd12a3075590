"""The branch of the page: one commit without a parent that holds a built site, replaced whole each time.

A branch of that name that holds anything else is somebody's, and is never replaced. Ours is recognised by its tip: a
commit without a parent whose tree has the plain files .nojekyll, index.html and aegismatrix.json at its top.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from aegismatrix_engine.errors import ConfigurationError, OutputUnwritable
from aegismatrix_engine.publishing.commits import blob, files_at, tree_of
from aegismatrix_engine.publishing.destination import Destination, destination
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.publication import Patience, Proposal, PublishedBranch, push
from aegismatrix_engine.publishing.remote import Remote
from aegismatrix_engine.state.precedence import ours_wins

DOCUMENT: Final = "aegismatrix.json"
INDEX: Final = "index.html"
NO_JEKYLL: Final = ".nojekyll"
"""An empty file that has GitHub Pages serve the others as they are (docs.github.com/pages)."""

OPTION: Final = "--site-branch"
SECONDS: Final = 60.0


@dataclass(frozen=True)
class SitePublished:
    """The result of publishing a site.

    Attributes:
        destination: remote and branch.
        commit: that was pushed; None where the branch needed no change.
        newer: whether the branch holds the page of a document that goes before ours, and was left as it is.
    """

    destination: Destination
    commit: str | None
    newer: bool = False


def site_branch(branch: PublishedBranch, name: str) -> PublishedBranch:
    """The branch of the page beside that of the document.

    Args:
        branch: the document's.
        name: of the page's branch.

    Raises:
        ConfigurationError: the name is invalid, or that of the document's branch.
    """
    found = destination(branch.git, name, OPTION)
    if found.ref == branch.destination.ref:
        raise ConfigurationError(
            f"{OPTION} {name} is the branch of the document, which the page would replace; name another"
        )
    return replace(branch, remote=Remote(branch.git, found))


def publish_site(
    branch: PublishedBranch, files: Mapping[str, bytes], now: datetime, *, patience: Patience | None = None
) -> SitePublished:
    """Replace the branch of the page by one commit that holds a site and .nojekyll.

    The branch is left as it is where it holds these bytes already, and where another publisher put the page of a
    document there that goes before ours.

    Args:
        branch: of the page, made where there is none.
        files: path -> bytes of a built site.
        now: the time of the clock, with a zone.
        patience: limits to attempts and time; None for the usual ones.

    Raises:
        OutputUnwritable: a branch of that name is not a page of ours; git fails here; the remote refuses.
        RaceLost: others were faster at every attempt.
        RemoteUnreachable: the remote cannot be reached.
    """
    git, document = branch.git, files[DOCUMENT]
    as_of = json.loads(document)["as_of"]
    tree = tree_of(git, {**files, NO_JEKYLL: b""})

    def propose(tip: str | None) -> Proposal[bool]:
        if tip is not None:
            theirs = _document_of(git, tip)
            if theirs is None:
                raise OutputUnwritable(
                    f"{branch.destination} is not replaced, as no page of ours was published there: its tip "
                    f"{tip[:10]} has a parent, or lacks {DOCUMENT}, {INDEX} or {NO_JEKYLL}; name another branch with "
                    f"{OPTION}"
                )
            if not ours_wins(document, blob(git, theirs), now):
                return Proposal({}, "", outcome=True)
            if git.local("rev-parse", f"{tip}^{{tree}}").decode().strip() == tree:
                return Proposal({}, "", outcome=False)
        return Proposal({}, f"The page of {DOCUMENT} as of {as_of}", outcome=False, alone=tree)

    commit, newer = push(branch, propose, patience, may_begin=True)
    return SitePublished(branch.destination, commit, newer)


def holds_site(branch: PublishedBranch) -> bool:
    """Whether a page of ours is on the branch of the page.

    Raises:
        OutputUnwritable: git fails here, or the remote refuses.
        RemoteUnreachable: the remote cannot be reached.
    """
    return _site_tip(branch) is not None


def site_files(branch: PublishedBranch) -> dict[str, bytes]:
    """Path -> bytes of every file of the page of ours on the branch of the page; raises as ``holds_site`` does."""
    tip = _site_tip(branch)
    there = {} if tip is None else files_at(branch.git, tip)
    return {path: blob(branch.git, id_) for path, id_ in there.items() if path != NO_JEKYLL}


def _site_tip(branch: PublishedBranch) -> str | None:
    tip = branch.remote.fetched("--depth=1", "the branch of the page was not read", SECONDS, None)
    return None if tip is None or _document_of(branch.git, tip) is None else tip


def _document_of(git: Git, tip: str) -> str | None:
    """The blob of the document of a page of ours; None where the commit is none of ours."""
    theirs = files_at(git, tip, DOCUMENT, INDEX, NO_JEKYLL)
    header = git.local("cat-file", "commit", tip).partition(b"\n\n")[0]
    # Read from the commit itself: a shallow clone hides the parents of the commits it is cut off at.
    if any(line.startswith(b"parent ") for line in header.split(b"\n")):
        return None
    return theirs[DOCUMENT] if theirs.keys() >= {DOCUMENT, INDEX, NO_JEKYLL} else None
