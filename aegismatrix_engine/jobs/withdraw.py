"""The published document taken back, and with it its page, where there is one."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.jobs.run_page import PageSettings, built_page
from aegismatrix_engine.publishing.blobs import blob_reader
from aegismatrix_engine.publishing.branch_history import HISTORY_SECONDS
from aegismatrix_engine.publishing.commits import files_at
from aegismatrix_engine.publishing.publication import PublishedBranch
from aegismatrix_engine.publishing.site_branch import DOCUMENT, SitePublished, holds_site, publish_site, site_branch
from aegismatrix_engine.publishing.withdraw import Withdrawn, withdraw

__all__ = ["PagePlace", "PublishedBranch", "TakenBack", "take_back"]

_RECORD = "record"


@dataclass(frozen=True)
class PagePlace:
    """Where a page is published; fields as in ``RunSettings``."""

    site_branch: str = "site"
    site_url: str | None = None
    repository: str | None = None


@dataclass(frozen=True)
class TakenBack:
    """The result of a withdrawal.

    Attributes:
        document: what came of the document.
        page: what came of its page; None where there is no page of ours, or it was not replaced.
        fault: why the page, which shows the document as it was, was not replaced; None where it was, or there is none.
    """

    document: Withdrawn
    page: SitePublished | None = None
    fault: Exception | None = None


def take_back(branch: PublishedBranch, reason: str, now: datetime, page: PagePlace) -> TakenBack:
    """Publish the last published document as withdrawn, and where a page of ours is published, the page of it.

    The page is built of what is on the branch, not of what lies here. A page that cannot be replaced does not keep the
    document from being withdrawn.

    Raises:
        ConfigurationError, DataError, OutputUnwritable, RaceLost, RemoteUnreachable: as ``withdraw``.
    """
    done = withdraw(branch, reason, now)
    try:
        return TakenBack(done, _page_replaced(branch, done, now, page))
    except Exception as error:  # noqa: BLE001 - the document is withdrawn, which is to be reported first
        return TakenBack(done, fault=error)


def _page_replaced(branch: PublishedBranch, done: Withdrawn, now: datetime, page: PagePlace) -> SitePublished | None:
    site = site_branch(branch, page.site_branch)
    if not holds_site(site):
        return None
    tip = done.commit or branch.remote.fetched("--depth=1", "the page was not replaced", HISTORY_SECONDS, None)
    with TemporaryDirectory(prefix="aegis-page-") as folder:
        _write_published(branch, tip, Path(folder))
        made_of = PageSettings(Path(folder) / DOCUMENT, Path(folder) / _RECORD, page.site_url, page.repository)
        return publish_site(site, built_page(made_of), now)


def _write_published(branch: PublishedBranch, tip: str | None, folder: Path) -> None:
    """Write the document and the record of a commit into a folder."""
    places = branch.places
    files = files_at(branch.git, tip, str(places.document), str(places.record))
    with blob_reader(branch.git) as read:
        for path, id_ in files.items():
            at = PurePosixPath(path)
            inside = DOCUMENT if at == places.document else _RECORD / at.relative_to(places.record)
            if not set(at.parts).isdisjoint((".", "..", ".git")):
                raise DataError(f"{branch.destination} holds the invalid path {path!r}; remove it there")
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            (folder / inside).write_bytes(read(id_))
