"""Whether the page that readers get shows the published document, or an older one for too long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin

from aegismatrix_engine.errors import SourceBusy, SourceUnavailable
from aegismatrix_engine.network.pages import pages_switched_on, stamp
from aegismatrix_engine.network.repository import Repository
from aegismatrix_engine.network.retries import repeated
from aegismatrix_engine.network.web import ask
from aegismatrix_engine.publishing.site_branch import DOCUMENT
from aegismatrix_engine.state.lateness import span

PAGES_DEPLOYMENT: Final = timedelta(minutes=10)
"""Limit that GitHub sets a deployment (docs.github.com, "GitHub Pages limits"); mostly it takes one minute."""

PAGES_CACHE: Final = timedelta(minutes=10)
"""How long a reader may get a copy of before: Pages answers with ``cache-control: max-age=600``."""

PAGE_BEHIND_AFTER: Final = 2 * PAGES_DEPLOYMENT + PAGES_CACHE
"""How old a document may be that the page does not show yet: one deployment waits for the one before it."""

PAGE_BEHIND_TITLE: Final = "The page shows an older document"
"""Title of the one issue about it."""

SWITCH_ON: Final = "Settings > Pages > Deploy from a branch: site, / (root)"

_GENERATED_AT, _OLD_FROM = "generated-at", "data-old-from"


@dataclass(frozen=True)
class PageVerdict:
    """The state of a page.

    Attributes:
        late: whether it shows an older document for too long.
        line: its state, and what to do, in one line.
        state: what must differ for another comment in the issue about it; empty where all is well.
    """

    late: bool
    line: str
    state: str = ""


def check_page(address: str, generated_at: str, now: datetime, repository: Repository | None) -> PageVerdict:
    """Compare the stamp of a page with the published document.

    A page without our stamp is no fault: GitHub Pages is not switched on, or deploys something else.

    Args:
        address: of the page.
        generated_at: of the published document, with a zone.
        now: what the clock says, with a zone.
        repository: which is asked whether Pages is switched on where there is no page; None for none.

    Raises:
        SourceUnavailable: it is not there, and Pages is switched on.
        SourceBusy: it cannot be reached; the same call may succeed later.
    """
    answer = repeated(lambda: ask(address), SourceBusy)
    if answer.status != 200:
        return _missing(address, answer.status, repository)
    found = stamp(answer.body)
    shown = _moment(found.get(_GENERATED_AT))
    if shown is None:
        return PageVerdict(False, f"not ours: its address shows something else; to have it, {SWITCH_ON}")
    made = datetime.fromisoformat(generated_at)
    if shown >= made:
        return PageVerdict(False, f"up to date: it shows the document made at {found[_GENERATED_AT]}")
    behind = f"it shows the document made at {found[_GENERATED_AT]}, and not the published one, made at {generated_at}"
    waits, old_from = now - made, _moment(found.get(_OLD_FROM))
    if waits <= PAGE_BEHIND_AFTER and (old_from is None or now <= old_from):
        return PageVerdict(False, f"being deployed: {behind}, {span(waits)} ago")
    line = f"too old: {behind}, {span(waits)} ago; see {SWITCH_ON}, and the runs of pages-build-deployment"
    return PageVerdict(True, line, shown.isoformat())


def _missing(address: str, status: int, repository: Repository | None) -> PageVerdict:
    if repository is not None and not pages_switched_on(repository):
        return PageVerdict(False, f"not there: GitHub Pages is not switched on; to have it, {SWITCH_ON}")
    # Before there were pages, the branch of the document was deployed, which has no index.html.
    if repeated(lambda: ask(urljoin(address, DOCUMENT)), SourceBusy).status == 200:
        return PageVerdict(False, f"not there: GitHub Pages deploys another branch; to have it, {SWITCH_ON}")
    raise SourceUnavailable(f"there is no page at its address (status {status}); see {SWITCH_ON}, or check --page-url")


def _moment(written: str | None) -> datetime | None:
    """A moment of a stamp; None where it is none."""
    try:
        found = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
