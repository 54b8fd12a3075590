"""Whether a document is due now, found out before anything heavy is imported or read."""

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd

from aegismatrix_engine.errors import AsOfError, ConfigurationError
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.settings import BarsSettings
from aegismatrix_engine.markets import Due, Market, PublishedClose, document_due
from aegismatrix_engine.markets.as_of import parse_as_of
from aegismatrix_engine.state.beside import refuse_taken_name
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file

_UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError, AsOfError)


def request_if_due(settings: BarsSettings, now: pd.Timestamp, output: Path, *, ask: bool) -> tuple[BarsRequest, Due]:
    """The bars that a document is made of, and whether one is due, given the one at ``output``; without ``ask`` it is.

    Raises:
        ConfigurationError: the past is asked for, the document has the name of a file that is kept beside it, or as
            ``BarsRequest.of`` raises, whether a document is due or not.
    """
    request = BarsRequest.of(settings, now)
    return request, due_now(request, now, output) if ask else Due(True, "a document was asked for")


def due_now(request: BarsRequest, now: pd.Timestamp, output: Path) -> Due:
    """Whether a document is due now, given the one at ``output``; raises ConfigurationError as ``request_if_due``."""
    refuse_taken_name(output)
    if request.as_of is not None:
        raise ConfigurationError("--if-due asks about now and --as-of about the past; leave one of them out")
    return due_after(request.market, now, document_there(output))


def due_after(market: Market, now: pd.Timestamp, published: bytes | None) -> Due:
    """Whether a document is due now, given the bytes of the one that is published; None where there is none."""
    return document_due(market, now, published_close(published, market))


def document_there(path: Path) -> bytes | None:
    """The bytes of the document that an earlier run left; None where there is no plain file that can be read."""
    try:
        return read_plain_file(path, DOCUMENT_LIMIT)
    except FileFault:
        return None


def published_close(document: bytes | None, market: Market) -> PublishedClose | None:
    """When and how a document was made; None where there is none of this market that can be read."""
    try:
        return None if document is None else _close(json.loads(document), market)
    except _UNREADABLE:
        return None


def _close(content: Any, market: Market) -> PublishedClose | None:
    """The same of the document's content.

    Documents made before ``provenance.close`` existed are of official closes only. One that was withdrawn counts as
    made at its ``as_of``: a document of that moment would not replace it, and one of a later moment is due as ever.
    """
    as_of = parse_as_of(content["as_of"], market).moment
    made_of, market_id = content["provenance"], content["market_id"]
    close = made_of.get("close", "official" if made_of["mode"] in ("live", "replay") else None)
    generated_at, health = parse_as_of(content["generated_at"], market).moment, content["health"]["status"]
    if health == "withdrawn":
        generated_at, health = as_of, "ok"
    if market_id != market.id or as_of.tz is None or generated_at.tz is None:
        return None
    return PublishedClose(as_of, close == "official", generated_at, healthy=health == "ok")
