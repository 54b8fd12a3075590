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


def indexed(content: bytes, market: str, path: PurePosixPath) -> IndexedMarket | None:
    """What the index says of a document; None for one that cannot be read, or that is of another market."""
    try:
        document = json.loads(content)
        found = IndexedMarket(market, document["as_of"], document["health"]["status"], str(path))
        of = document["market_id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    is_text = isinstance(found.as_of, str) and isinstance(found.health, str)
    return found if is_text and of == market else None


def rendered(markets: Iterable[IndexedMarket]) -> bytes:
    """The index as ``index.json`` holds it."""
    return json.dumps({"format": FORMAT, "markets": [asdict(one) for one in markets]}, indent=1).encode() + b"\n"


def indexed_ids(content: bytes) -> tuple[str, ...]:
    """The ids of an index, the first market's first; empty where the content is none of ours.

    Nothing else of it is relied upon: where the files of a market lie follows from its id.
    """
    try:
        index = json.loads(content)
        ids = [one["id"] for one in index["markets"]] if index["format"] == FORMAT else []
    except (ValueError, LookupError, TypeError, RecursionError):
        return ()
    sound = all(isinstance(one, str) and _ID.fullmatch(one) for one in ids) and len(set(ids)) == len(ids)
    return tuple(ids) if sound else ()
