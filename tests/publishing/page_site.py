"""A site as the page's builder makes it, in the smallest form that publishing knows."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from repositories import DOCUMENT, document

from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.publishing.own_paths import OwnPaths
from aegismatrix_engine.publishing.publication import Patience, PublishedBranch
from aegismatrix_engine.publishing.site_branch import SitePublished, publish_site, site_branch

SITE = "site"
NOW = datetime.fromisoformat(json.loads(document(0))["generated_at"]).astimezone(UTC) + timedelta(hours=2)


def index(content: bytes) -> bytes:
    """A page that carries the stamp of its document."""
    known = json.loads(content)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="generated-at" content="{known["generated_at"]}"><meta name="as-of" content="{known["as_of"]}">'
        f"</head><body>{known['market']['spot']}</body></html>"
    ).encode()


def site(step: int, **more: bytes) -> dict[str, bytes]:
    """The files of the page of a document."""
    content = document(step)
    return {"index.html": index(content), DOCUMENT: content, f"data/{DOCUMENT}": content, "feed.xml": b"<feed/>"} | more


@dataclass(frozen=True)
class SitePublisher:
    """A clone that publishes pages."""

    path: Path

    def branch(self, name: str = SITE) -> PublishedBranch:
        paths = OwnPaths(Path(DOCUMENT), Path("record"), Path("models"))
        return site_branch(PublishedBranch.of(self.path, paths, "published"), name)

    def git(self) -> Git:
        return Git(self.path)

    def publish(self, files: dict[str, bytes], name: str = SITE, patience: Patience | None = None) -> SitePublished:
        return publish_site(self.branch(name), files, NOW, patience=patience)
