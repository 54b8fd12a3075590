"""The documents of several markets, one after another, and the list of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

import pandas as pd

from aegismatrix_engine.errors import AegisError, ConfigurationError, ExitCode, ModelsUnusable, OutputUnwritable
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
from aegismatrix_engine.state.market_index import INDEX_NAME, IndexedMarket, indexed, is_index, rendered
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file

_ELSEWHERE: Final = "the list of the markets has this name; move the file, or give --output another folder"


@dataclass(frozen=True)
class InferredBatch:
    """What came of the documents of several markets.

    Attributes:
        outcomes: of each market, in the order asked for.
        unlisted: why the list of them could not be written; None where it was.
    """

    outcomes: tuple[MarketOutcome, ...]
    unlisted: OutputUnwritable | None


def infer_batch(
    bars: BarsSettings,
    markets: Sequence[str],
    settings: InferSettings,
    now: pd.Timestamp,
    observer: Observer,
    *,
    if_due: bool,
) -> InferredBatch:
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
    """
    record = () if settings.record is None else (settings.record,)
    files = market_files(markets, settings.output, settings.models, *record)
    refuse_file_of_others(settings.output.parent)
    requests = batch_requests(bars, markets, now)
    outcomes = []
    for one in files:
        asked = replace(
            settings, output=one.output, models=one.models, options=options_of(settings.options, one.market)
        )
        outcomes.append(_outcome(requests[one.market], one, asked, now, if_due=if_due))
        observer(outcomes[-1])
    try:
        write_index(files)
    except OutputUnwritable as error:
        return InferredBatch(tuple(outcomes), error)
    return InferredBatch(tuple(outcomes), None)


def write_index(files: Sequence[MarketFiles]) -> None:
    """List the documents that are there beside the first one; where there are none a former list stays.

    Raises:
        OutputUnwritable: the list cannot be written.
    """
    listed = index_of(files)
    if listed:
        write_atomically(files[0].output.parent / INDEX_NAME, rendered(listed))


def refuse_file_of_others(folder: Path) -> None:
    """Raise ConfigurationError where the list of markets would replace a file that is none."""
    path = folder / INDEX_NAME
    try:
        content = read_plain_file(path, DOCUMENT_LIMIT, follow_links=True)
    except FileFault as fault:
        if fault.kind == "missing":
            return
        raise ConfigurationError(f"{path} {fault.reason}; {_ELSEWHERE}") from fault
    if content and not is_index(content):
        raise ConfigurationError(f"{path} was not written by aegis; {_ELSEWHERE}")


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
    except ModelsUnusable as error:
        of_market = type(error)(files.with_options(str(error)), error.status)
        return replace(MarketOutcome.failed(files.market, of_market), facts=facts_of(files))
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
