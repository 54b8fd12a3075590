"""The sites of the states, each built once a process."""

import tempfile
from functools import cache
from pathlib import Path

from records import RECORDS
from states import state

from aegismatrix_engine.jobs.dashboard import SiteSettings, build_site

Files = dict[str, bytes]
"""Path -> bytes."""

SITE_URL, REPOSITORY = "https://example.org/aegis/", "owner/aegis"


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes with the process."""
    return tempfile.TemporaryDirectory(prefix="aegis-page-")


@cache
def record(name: str) -> Path:
    """The folder of a record of ``records``; not to be written to."""
    folder = Path(_scratch().name) / f"record {name}"
    RECORDS[name](folder)
    return folder


@cache
def built(document: bytes, beside: str) -> Files:
    """The site of a document beside a record."""
    return rebuilt(document, beside)


def rebuilt(document: bytes, beside: str) -> Files:
    """The same, from the files anew."""
    path = Path(_scratch().name) / "aegismatrix.json"
    path.write_bytes(document)
    return dict(build_site(SiteSettings(path, record(beside), SITE_URL, REPOSITORY)).files)


def site(name: str) -> Files:
    """The site of a state of ``states``."""
    found = state(name)
    return built(found.document, found.record)
