"""The static site of a document and its record: built in memory, then written file by file."""

import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from aegismatrix_engine.dashboard.feed import feed
from aegismatrix_engine.dashboard.market_links import PublishedPage, market_links
from aegismatrix_engine.dashboard.page import page
from aegismatrix_engine.dashboard.pictures import pictures
from aegismatrix_engine.dashboard.record_csv import decided_csv, scores_csv
from aegismatrix_engine.dashboard.view import page_view, unreadable_view
from aegismatrix_engine.document import check_json, json_schema
from aegismatrix_engine.document.schema.document import DISCLAIMER, SCHEMA_VERSION, Document
from aegismatrix_engine.errors import (
    ConfigurationError,
    DataError,
    InvalidDocument,
    OtherSchemaVersion,
    OutputUnwritable,
)
from aegismatrix_engine.files import stand_in, write_atomically
from aegismatrix_engine.jobs.chosen_market import own_market
from aegismatrix_engine.method.render import filled
from aegismatrix_engine.record.kept_record import KeptRecord, kept_record, read_record
from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file

SCORES: Final = "record/scores.json"
"""Path of the record's scores in a site."""

FILES: Final = (
    "index.html",
    "aegismatrix.json",
    "data/aegismatrix.json",
    "aegismatrix.schema.json",
    "feed.xml",
    "record/scores.csv",
    "record/decided.csv",
    SCORES,
)
"""Every path that a site may have; what a site does not have is removed from its folder."""

CHART_LIBRARY: Final = "lets_plot"
UNREADABLE: Final = "The document cannot be read, so nothing of it is shown. Load this page again later."
NEWER: Final = "The document is of a newer version than this page can show, so nothing of it is shown."
REMEDY: Final = "install it with `pip install 'aegismatrix-engine[dashboard]'`"


@dataclass(frozen=True)
class SiteSettings:
    """What a site is built of.

    Attributes:
        document: the file of the document.
        record: folder of the record; one that is not there is a record without a forecast.
        site_url: address at which the site is published; None where it is not known, and then there is no feed.
        repository: owner and name on GitHub, for links to the history; None for no such links.
        branch: that holds the published documents.
        earlier_scores: file of the record's scores that the last build left, which spares scoring the same record
            again; None for none.
        markets_dir: folder of entries of markets that do not ship with the engine.
        pages: the pages of several markets that are published together, this one among them; empty for one alone.
    """

    document: Path
    record: Path
    site_url: str | None = None
    repository: str | None = None
    branch: str = "published"
    earlier_scores: Path | None = None
    markets_dir: Path | None = None
    pages: tuple[PublishedPage, ...] = ()


@dataclass(frozen=True)
class Site:
    """A built site.

    Attributes:
        files: path below the site's folder -> content.
        faults: what kept the page from showing the document, one line each.
    """

    files: dict[str, bytes]
    faults: tuple[str, ...] = ()


def chart_library_there() -> bool:
    """Whether the library that draws the charts is installed."""
    return importlib.util.find_spec(CHART_LIBRARY) is not None


def build_site(settings: SiteSettings, content: bytes | None = None, ledger: Ledger | None = None) -> Site:
    """Build the site of a document.

    Args:
        settings: where document and record are.
        content: the document's bytes where they are at hand; None to read the file.
        ledger: the record where it is at hand; None to read it.

    Raises:
        ConfigurationError: the library that draws the charts is not installed, the record is no folder, or the address
            of the site is none of the web.
        DataError: the file of the document cannot be read.
    """
    if not chart_library_there():
        raise ConfigurationError(f"the page's charts are drawn by lets-plot, which is not installed; {REMEDY}")
    _check(settings)
    if content is None:
        content = _read(settings.document)
    document, text, fault = _checked(content)
    if document is None:
        html = page(unreadable_view(text, fault, DISCLAIMER), {}, feed=False)
        return Site({"index.html": html.encode()}, (fault,))
    return Site(_files(settings, document, content, ledger))


def _files(settings: SiteSettings, document: Document, content: bytes, ledger: Ledger | None) -> dict[str, bytes]:
    """The files of the site of a document that can be read."""
    kept, files = _record(settings, document.market_id, ledger)
    own = own_market(document.market_id, settings.markets_dir)
    view = page_view(document, kept, repository=settings.repository, branch=settings.branch, own=own)
    charts: dict[str, str] = {}
    if view.tabs is not None:
        charts = pictures(view.tabs, view.style)
    if settings.site_url is not None and view.tabs is not None:
        files["feed.xml"] = feed(
            document,
            kept,
            index=view.market,
            style=view.style,
            site_url=settings.site_url,
            repository=settings.repository,
            branch=settings.branch,
        )
    return files | {
        "index.html": page(
            view, charts, feed="feed.xml" in files, markets=market_links(settings.pages, document.market_id)
        ).encode(),
        "aegismatrix.json": content,
        "data/aegismatrix.json": content,
        "aegismatrix.schema.json": _schema(),
    }


@cache
def _schema() -> bytes:
    """The document's JSON Schema, which is the same for the pages of several markets."""
    return json_schema.render(filled()).encode()


def _check(settings: SiteSettings) -> None:
    if settings.record.exists() and not settings.record.is_dir():
        raise ConfigurationError(f"the record {str(settings.record)!r} is not a folder; name its folder with --record")
    address = settings.site_url
    if address is not None and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", address):
        raise ConfigurationError(
            f"invalid --site-url {address[:60]!a}: expected an address such as https://a.example/b/"
        )


def _record(settings: SiteSettings, market: str, ledger: Ledger | None) -> tuple[KeptRecord | None, dict[str, bytes]]:
    """What the page shows of the record, and the files of it beside the page; None and none where none is kept."""
    if ledger is not None:
        kept = kept_record(ledger, market)
        return kept, {"record/scores.csv": scores_csv(kept), "record/decided.csv": decided_csv(kept)}
    read = read_record(settings.record, market, _earlier_scores(settings.earlier_scores))
    if read is None:
        return None, {}
    return read.kept, {
        "record/scores.csv": scores_csv(read.kept),
        "record/decided.csv": decided_csv(read.kept),
        SCORES: read.scores_file,
    }


def _earlier_scores(path: Path | None) -> bytes | None:
    """The scores that the last build left; None where there are none, which costs time alone."""
    if path is None:
        return None
    try:
        return read_plain_file(path, DOCUMENT_LIMIT)
    except FileFault:
        return None


def write_site(site: Site, folder: Path) -> None:
    """Write a site's files, the page last: a reader never sees a page whose document is not there.

    Files of an earlier site that this one does not have are removed.

    Raises:
        OutputUnwritable: a file or folder cannot be written.
    """
    for path, content in sorted(site.files.items(), key=lambda item: item[0] == "index.html"):
        target = folder / path
        with _writable(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, content)
    for path in FILES:
        if path not in site.files:
            with _writable(folder):
                (folder / path).unlink(missing_ok=True)
    for name in {str(Path(path).parent) for path in FILES} - {"."}:
        # Only where nothing of it is left.
        with suppress(OSError):
            (folder / name).rmdir()


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Raises OutputUnwritable where a folder cannot be made or written to."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputUnwritable(
            f"cannot write to the folder {str(folder)!r}: {reason}; name another with --output"
        ) from error


def _read(path: Path) -> bytes:
    try:
        return read_plain_file(path, DOCUMENT_LIMIT, follow_links=True)
    except FileFault as fault:
        raise DataError(
            f"the document {path} {fault.reason}; make one with `aegis infer`, or name it with --document"
        ) from fault


def _checked(content: bytes) -> tuple[Document | None, str, str]:
    """The document; or None, what the page says instead, and why."""
    instead = stand_in(content)
    if instead is not None:
        return None, UNREADABLE, f"the document {instead}"
    try:
        return check_json(content), "", ""
    except OtherSchemaVersion as error:
        ours = int(SCHEMA_VERSION.split(".")[0])
        newer = int(error.found.split(".")[0]) > ours
        remedy = "update the engine that builds the page" if newer else "the next `aegis run` replaces it"
        reason = f"its schema_version is {error.found}, and this page can show those of {ours}.x: {remedy}"
        return None, NEWER if newer else UNREADABLE, reason
    except InvalidDocument as error:
        return None, UNREADABLE, str(error)
