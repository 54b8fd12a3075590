"""The documents of several markets, one after another, and the list of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import pandas as pd

from aegismatrix_engine.errors import AegisError, ExitCode
from aegismatrix_engine.files import make_folder, write_atomically
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.batch import (
    MarketFiles,
    MarketOutcome,
    Observer,
    batch_requests,
    market_files,
    options_of,
    usable,
)
from aegismatrix_engine.jobs.due import document_there, due_now
from aegismatrix_engine.jobs.settings import BarsSettings, InferSettings
from aegismatrix_engine.state.market_index import INDEX_NAME, IndexedMarket, indexed, rendered


def infer_batch(
    bars: BarsSettings,
    markets: Sequence[str],
    settings: InferSettings,
    now: pd.Timestamp,
    observer: Observer,
    *,
    if_due: bool,
) -> tuple[MarketOutcome, ...]:
    """Make the document of each market, and write the index beside the first; a market that fails stops no other.

    Args:
        bars: of all; the csv source has a folder for each market.
        markets: ids, the first of which has its files where one market alone has them.
        settings: of the first.
        now: what the clock says, with a zone.
        observer: is informed of each outcome.
        if_due: whether a document is made only where one is due.

    Raises:
        ConfigurationError, AsOfError, MarketUnknown: what was asked for cannot be of any market; nothing was done.
        OutputUnwritable: the index cannot be written.
    """
    record = () if settings.record is None else (settings.record,)
    files = market_files(markets, settings.output, settings.models, *record)
    requests = batch_requests(bars, markets, now)
    outcomes = []
    for one in files:
        asked = replace(
            settings, output=one.output, models=one.models, options=options_of(settings.options, one.market)
        )
        outcomes.append(_outcome(requests[one.market], one, asked, now, if_due=if_due))
        observer(outcomes[-1])
    write_atomically(settings.output.parent / INDEX_NAME, rendered(index_of(files)))
    return tuple(outcomes)


def index_of(files: Sequence[MarketFiles]) -> list[IndexedMarket]:
    """What the index says of the documents that are there."""
    found = []
    for one in files:
        content = document_there(one.output)
        path = PurePosixPath(one.output.relative_to(files[0].output.parent))
        listed = None if content is None else indexed(content, one.market, path)
        if listed is not None:
            found.append(listed)
    return found


def _outcome(
    request: BarsRequest | AegisError, files: MarketFiles, settings: InferSettings, now: pd.Timestamp, *, if_due: bool
) -> MarketOutcome:
    try:
        if if_due and isinstance(request, BarsRequest):
            decided = due_now(request, now, files.output)
            if not decided.due:
                return MarketOutcome(files.market, ExitCode.DONE, f"nothing is due: {decided.why}", facts_of(files))
        # Nothing heavier is imported before it is known that there is work.
        from aegismatrix_engine.jobs.infer import infer

        make_folder(files.output.parent)
        made = infer(usable(request), settings, now)
    except Exception as error:  # noqa: BLE001 - a bug ends the market, and no other
        return replace(MarketOutcome.failed(files.market, error), facts=facts_of(files))
    code = ExitCode.DEGRADED if made.degraded else ExitCode.DONE
    reason = next((one.reason for one in made.document.health.degraded), "") if made.degraded else ""
    return MarketOutcome(files.market, code, reason, facts_of(files), made.warnings)


def facts_of(files: MarketFiles) -> dict[str, str]:
    """What is there of the market now, whether it was made now or before."""
    content = document_there(files.output)
    listed = None if content is None else indexed(content, files.market, PurePosixPath(files.output.name))
    if listed is None:
        return {"as of": "", "health": "", "document": ""}
    return {"as of": listed.as_of, "health": listed.health, "document": str(files.output)}
