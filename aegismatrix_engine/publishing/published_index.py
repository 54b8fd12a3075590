"""The index of several markets on a branch, as seen from the document of one of them."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from aegismatrix_engine.publishing.commits import blob, files_at
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.state.market_index import INDEX_NAME, IndexedMarket, indexed, parsed_index, rendered


@dataclass(frozen=True)
class PublishedIndex:
    """An index, and which of its documents it is seen from.

    Attributes:
        path: of the index, on the branch.
        markets: what it says of each.
        own: the path of the document, as the index has it.
    """

    path: str
    markets: tuple[IndexedMarket, ...]
    own: str

    @property
    def folder(self) -> str:
        """Of the market, below that of the first; empty for the first."""
        return self.own.rpartition("/")[0]

    @property
    def folders(self) -> tuple[str, ...]:
        """Of all markets but the first."""
        return tuple(one.path.rpartition("/")[0] for one in self.markets if "/" in one.path)

    def with_document(self, content: bytes) -> bytes:
        """The index once the document is replaced."""
        listed = indexed(content, None, PurePosixPath(self.own))
        return rendered(listed if one.path == self.own and listed is not None else one for one in self.markets)


def published_index(git: Git, commit: str | None, document: PurePosixPath) -> PublishedIndex | None:
    """The index that names a document, beside it or one folder above; None where none of ours does."""
    for folder in (document.parent, document.parent.parent):
        path = str(folder / INDEX_NAME)
        id_ = files_at(git, commit, path).get(path)
        markets = () if id_ is None else parsed_index(blob(git, id_))
        own = str(document.relative_to(folder))
        if any(one.path == own for one in markets):
            return PublishedIndex(path, markets, own)
    return None
