"""The published document taken back, and with it its page, where there is one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from aegismatrix_engine.dashboard.market_links import PublishedPage
from aegismatrix_engine.errors import DataError
from aegismatrix_engine.jobs.dashboard import SiteSettings
from aegismatrix_engine.jobs.run_page import built_site, site_settings
from aegismatrix_engine.publishing.blobs import blob_reader
from aegismatrix_engine.publishing.branch_history import HISTORY_SECONDS
from aegismatrix_engine.publishing.commits import blob, files_at
from aegismatrix_engine.publishing.publication import PublishedBranch
from aegismatrix_engine.publishing.published_index import PublishedIndex, published_index
from aegismatrix_engine.publishing.site_branch import (
    DOCUMENT,
    SitePublished,
    holds_site,
    publish_site,
    site_branch,
    site_files,
)
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
        index = published_index(branch.git, tip, places.document)
        if index is None:
            return publish_site(site, built_site(made_of, document).files, now)
        return _one_page_replaced(site, index, made_of, document, now)


def _one_page_replaced(
    site: PublishedBranch, index: PublishedIndex, made_of: SiteSettings, document: bytes, now: datetime
) -> SitePublished | None:
    """Replace the page of one of several markets, and leave those of the others as they are."""
    below = f"{index.folder}/" if index.folder else ""
    pages = tuple(PublishedPage(one.id, one.path.rpartition("/")[0]) for one in index.markets)
    address = None if made_of.site_url is None else f"{made_of.site_url.rstrip('/')}/{below}"
    built = built_site(replace(made_of, pages=pages, site_url=address), document).files
    there = site_files(site)
    if f"{below}{DOCUMENT}" not in there:
        return None
    folders = tuple(f"{folder}/" for folder in index.folders)
    others = {path: path.startswith(folders) if not below else not path.startswith(below) for path in there}
    kept = {path: content for path, content in there.items() if others[path]}
    return publish_site(site, kept | {f"{below}{path}": content for path, content in built.items()}, now)


def _write_record(branch: PublishedBranch, files: Mapping[str, str], folder: Path) -> None:
    """Write the published record, path -> blob, into a folder."""
    with blob_reader(branch.git) as read:
        for path, id_ in files.items():
            if not set(PurePosixPath(path).parts).isdisjoint((".", "..", ".git")):
                raise DataError(f"{branch.destination} holds the invalid path {path!r}; remove it there")
            at = folder / PurePosixPath(path).relative_to(branch.places.record)
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(read(id_))
