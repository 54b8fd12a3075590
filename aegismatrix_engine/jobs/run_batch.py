"""The middle of a run for several markets: each as a run of its own makes it, then one index and one site of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import AegisError, ConfigurationError, OutputUnwritable
from aegismatrix_engine.files import make_folder
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.batch import MarketFiles, MarketOutcome, market_files, options_of, usable
from aegismatrix_engine.jobs.due import document_there, due_after
from aegismatrix_engine.jobs.infer_batch import facts_of, write_index
from aegismatrix_engine.jobs.run_summary import RunSummary
from aegismatrix_engine.jobs.scheduled_job import CurrentRun, Event
from aegismatrix_engine.jobs.settings import RunSettings
from aegismatrix_engine.publishing.own_files import MadeFiles
from aegismatrix_engine.state.lateness import OutOfDate, out_of_date
from aegismatrix_engine.state.run_file import Notice

PAGE_DATA: Final = "data"
"""Folder of a page that holds its document once more, for the script of the page."""


@dataclass(frozen=True)
class BatchMade:
    """What the middle of a run made of several markets.

    Attributes:
        notices: issues to be opened.
        made: whether a document of any was made.
        first: document and last values of the first market; None where they were not made.
        page: path -> bytes of the site of all; None where none was built.
        late: what is wrong with published documents that are too old; None where none is.
        stays_late: the same of those that were not replaced.
    """

    notices: tuple[Notice, ...]
    made: bool
    first: MadeFiles | None
    page: Mapping[str, bytes] | None
    late: OutOfDate | None
    stays_late: OutOfDate | None


@dataclass(frozen=True)
class _One:
    """What came of one market."""

    outcome: MarketOutcome
    late: OutOfDate | None
    notices: tuple[Notice, ...] = ()
    files: MadeFiles | None = None


def files_of(settings: RunSettings) -> tuple[MarketFiles, ...]:
    """The files of each market of a run.

    Raises:
        ConfigurationError: as ``market_files`` and ``options_of``, or the page of a market would lie where that of the
            first has its data.
    """
    for market in settings.markets:
        options_of(settings.options, market)
    if settings.site is not None and PAGE_DATA in settings.markets[1:]:
        raise ConfigurationError(
            f"the page of the market {PAGE_DATA} would be in {PAGE_DATA}/, which has data of the first market's page; "
            "give the market another id, or --no-site"
        )
    others = (settings.record,) if settings.site is None else (settings.record, settings.site)
    return market_files(settings.markets, settings.output, settings.models, *others)


def batch_made(
    settings: RunSettings, requests: Mapping[str, BarsRequest | AegisError], run: CurrentRun, *, first: bool
) -> BatchMade:
    """Make what is due of each market; one that fails keeps what is published of it, and stops no other.

    Args:
        settings: of the run; its ``markets`` are those that are made.
        requests: the bars of each, from one source.
        run: takes the steps of all, those of each market with its id.
        first: whether nothing was published before, so that there are no models yet.
    """
    files = files_of(settings)
    found = [_made(settings, one, requests[one.market], run, first=first) for one in files]
    try:
        write_index(files)
    except OutputUnwritable as error:
        run.failed("index", error)
    some = any(one.files is not None for one in found)
    run.observer(tuple(one.outcome for one in found))
    notices = tuple(notice for one in found for notice in one.notices)
    page = None
    if some:
        # The page brings its own libraries.
        from aegismatrix_engine.jobs.run_page import pages_built

        built = pages_built(settings, files, run)
        page, notices = built.files, (*notices, *built.notices)
    return BatchMade(
        notices,
        some,
        found[0].files,
        page,
        _together(found),
        _together([one for one in found if one.files is None]),
    )


def _together(found: Sequence[_One]) -> OutOfDate | None:
    """What is wrong with the documents that are too old, in one."""
    late = [(one.outcome.market, one.late) for one in found if one.late is not None]
    if not late:
        return None
    what = "; that of ".join(f"{market} {one.what}" for market, one in late)
    return OutOfDate(f"of {what}", ", ".join(f"{market} {one.state}" for market, one in late))


def _made(
    settings: RunSettings, files: MarketFiles, request: BarsRequest | AegisError, run: CurrentRun, *, first: bool
) -> _One:
    """One market, as a run of its own would make it but for its page."""
    market, before = files.market, document_there(run.job.folder / files.output)
    late = None if before is None else out_of_date(before, run.job.now)
    summary = RunSummary(run.job.address)
    errors: list[Exception] = []
    own = CurrentRun(run.job, summary, lambda event: _shown(market, event, run, errors))
    notices: tuple[Notice, ...] = ()
    made: MadeFiles | None = None
    why = ""
    try:
        if settings.if_due and isinstance(request, BarsRequest):
            decided = due_after(request.market, run.job.now, before)
            if not decided.due:
                why = f"nothing is due: {decided.why}"
        if not why:
            notices, made = _document(settings, files, usable(request), own, first=first)
    except Exception as error:  # noqa: BLE001 - a bug ends the market, and no other
        own.failed("infer", error)
    run.summary.add(market, summary, why)
    degraded = next((note for note in summary.notes if note.startswith("degraded: ")), "")
    last = errors[-1] if errors else None
    message = why or ("" if last is None else " ".join(str(last).split())) or degraded.removeprefix("degraded: ")
    outcome = MarketOutcome(market, summary.ended, message, facts_of(files), error=last)
    return _One(outcome, late, _of_market(notices, market, settings), made)


def _document(
    settings: RunSettings, files: MarketFiles, request: BarsRequest, own: CurrentRun, *, first: bool
) -> tuple[tuple[Notice, ...], MadeFiles | None]:
    # Not for a run that finds nothing to do: it brings all that models and documents are made with.
    from aegismatrix_engine.jobs.run_document import document_made

    make_folder(files.output.parent)
    asked = replace(
        settings,
        bars=replace(settings.bars, market=files.market),
        output=files.output,
        models=files.models,
        options=options_of(settings.options, files.market),
        site=None,
    )
    made = document_made(asked, request, own, first=first or not _has_models(files.models))
    return made.notices, made.files


def _has_models(folder: Path) -> bool:
    """Whether anything was trained for a market: one that joins others has no models yet, as at a first run."""
    return folder.is_dir() and any(path.is_file() for path in folder.iterdir())


def _of_market(notices: Sequence[Notice], market: str, settings: RunSettings) -> tuple[Notice, ...]:
    """Issues of all but the first market have its id in their titles, so that each market has its own."""
    if market == settings.markets[0]:
        return tuple(notices)
    return tuple(replace(notice, title=f"{notice.title} ({market})") for notice in notices)


def _shown(market: str, event: Event, run: CurrentRun, errors: list[Exception]) -> None:
    """Errors and warnings of a market as they come; what it made is in the table of all."""
    from aegismatrix_engine.jobs.check_models import ModelCheck  # loaded once there is anything to show

    if isinstance(event, Exception):
        errors.append(event)
        run.observer(MarketOutcome.failed(market, event))
    elif isinstance(event, str):
        run.observer(f"{market}: {event}")
    elif not isinstance(event, ModelCheck):
        for warning in (*getattr(event, "warnings", ()), *getattr(event, "faults", ())):
            run.observer(f"{market}: {warning}")
