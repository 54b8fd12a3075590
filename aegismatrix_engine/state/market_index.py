"""``index.json`` beside the first document of several: which markets there are, and how current each is."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Final

INDEX_NAME: Final = "index.json"
FORMAT: Final = "aegis-index-1"
_ID: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True)
class IndexedMarket:
    """A market of the index.

    Attributes:
        as_of: of its document.
        health: the status in it.
        path: of the document, from the folder of the index.
    """

    id: str
    as_of: str
    health: str
    path: str


def indexed(content: bytes, market: str | None, path: PurePosixPath) -> IndexedMarket | None:
    """What the index says of a document.

    Args:
        content: the document.
        market: whose it has to be; None for whichever it is.
        path: as in the index.

    Returns:
        None for a document that cannot be read, or that is of another market.
    """
    try:
        document = json.loads(content)
        found = IndexedMarket(document["market_id"], document["as_of"], document["health"]["status"], str(path))
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    is_text = all(isinstance(one, str) for one in (found.id, found.as_of, found.health))
    return found if is_text and market in (None, found.id) else None


def rendered(markets: Iterable[IndexedMarket]) -> bytes:
    """The index as ``index.json`` holds it."""
    return json.dumps({"format": FORMAT, "markets": [asdict(one) for one in markets]}, indent=1).encode() + b"\n"


def is_index(content: bytes) -> bool:
    """Whether a file was written as an index, by this engine or one of another format."""
    return b'"format": "aegis-index-' in content


def parsed_index(content: bytes) -> tuple[IndexedMarket, ...]:
    """What an index says, the first market first; nothing of a file that is none of ours."""
    try:
        index = json.loads(content)
        found = [IndexedMarket(**one) for one in index["markets"]] if index["format"] == FORMAT else []
        ids = [one.id for one in found]
        sound = all(_ID.fullmatch(market) for market in ids) and len(set(ids)) == len(ids)
        # Where the files of a market lie follows from its id: only the first one's are beside the index.
        placed = all(
            one.path.rpartition("/")[0] == (one.id if "/" in one.path or at else "") for at, one in enumerate(found)
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ()
    return tuple(found) if sound and placed else ()


def indexed_ids(content: bytes) -> tuple[str, ...]:
    """The ids of an index, that of the first market first, empty where it has no document; none of a file not ours."""
    found = parsed_index(content)
    ids = tuple(one.id for one in found)
    return ("", *ids) if found and "/" in found[0].path else ids
