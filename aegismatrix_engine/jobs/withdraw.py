"""The published document taken back, and with it its page, where there is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.jobs.run_page import built_site, site_settings
from aegismatrix_engine.publishing.blobs import blob_reader
from aegismatrix_engine.publishing.branch_history import HISTORY_SECONDS
from aegismatrix_engine.publishing.commits import blob, files_at
from aegismatrix_engine.publishing.publication import PublishedBranch
from aegismatrix_engine.publishing.site_branch import DOCUMENT, SitePublished, holds_site, publish_site, site_branch
from aegismatrix_engine.publishing.withdraw import Withdrawn, withdraw

__all__ = ["PagePlace", "PublishedBranch", "TakenBack", "take_back"]


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
    places = branch.places
    files = files_at(branch.git, tip, str(places.document), str(places.record))
    with TemporaryDirectory(prefix="aegis-page-") as folder:
        record = {path: id_ for path, id_ in files.items() if PurePosixPath(path) != places.document}
        _write_record(branch, record, Path(folder))
        made_of = site_settings(Path(DOCUMENT), Path(folder), branch.destination.branch, page.site_url, page.repository)
        document = blob(branch.git, files[str(places.document)])
        return publish_site(site, built_site(made_of, document).files, now)


def _write_record(branch: PublishedBranch, files: Mapping[str, str], folder: Path) -> None:
    """Write the published record, path -> blob, into a folder."""
    with blob_reader(branch.git) as read:
        for path, id_ in files.items():
            if not set(PurePosixPath(path).parts).isdisjoint((".", "..", ".git")):
                raise DataError(f"{branch.destination} holds the invalid path {path!r}; remove it there")
            at = folder / PurePosixPath(path).relative_to(branch.places.record)
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(read(id_))
