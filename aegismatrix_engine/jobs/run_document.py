"""The middle of a run: models checked, the document made, forecasts that came due decided, the page built."""

from collections.abc import Mapping
from dataclasses import dataclass

from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.check_models import ModelCheck, check
from aegismatrix_engine.jobs.earlier_state import EarlierState, earlier_state
from aegismatrix_engine.jobs.infer import Inferred, infer
from aegismatrix_engine.jobs.resolve import resolve
from aegismatrix_engine.jobs.run_page import page_built
from aegismatrix_engine.jobs.run_summary import CHECK, RunSummary
from aegismatrix_engine.jobs.scheduled_job import CurrentRun
from aegismatrix_engine.jobs.settings import InferSettings, RunSettings
from aegismatrix_engine.publishing.own_files import MadeFiles
from aegismatrix_engine.state.last_values import render
from aegismatrix_engine.state.run_file import Notice

UNHEALTHY_TITLE = "The published models were not healthy"


@dataclass(frozen=True)
class DocumentMade:
    """What the middle of a run made.

    Attributes:
        notices: issues to be opened.
        files: the document and its last values; None where no document was made.
        page: path -> bytes of the files of its page; None where none was built.
    """

    notices: tuple[Notice, ...]
    files: MadeFiles | None = None
    page: Mapping[str, bytes] | None = None


def document_made(settings: RunSettings, request: BarsRequest, run: CurrentRun, *, first: bool) -> DocumentMade:
    """Check the models, make the document, decide what came due, build the page.

    Args:
        settings: what the document is made of.
        request: its bars.
        run: to which the steps are added.
        first: whether nothing was published before, so that there are no models yet.
    """
    summary, now = run.summary, run.job.now
    earlier = earlier_state(settings.models, request.market, now, settings.output)
    found = check(earlier, request.market, now)
    run.observer(found)
    summary.step(CHECK, ExitCode.DONE if found.healthy else ExitCode.UNHEALTHY, first=first)
    made = _inferred(settings, request, earlier, run)
    notices = [] if found.healthy or first else [_unhealthy(found, made, summary)]
    if made is None:
        return DocumentMade(tuple(notices))
    # Nothing is decided before an official close, so in session there is nothing to decide with.
    if made.document.provenance.close == "official":
        _resolved(settings, made, run)
    summary.document(made.document)
    page = page_built(settings, made.content, made.ledger, run)
    files = MadeFiles(made.content, render(made.last_values).encode())
    return DocumentMade((*notices, *page.notices), files, page.files)


def _inferred(settings: RunSettings, request: BarsRequest, earlier: EarlierState, run: CurrentRun) -> Inferred | None:
    """Make the document, with unhealthy models trained anew, or the climatology prior in their place."""
    asked = InferSettings(
        models=settings.models,
        output=settings.output,
        record=settings.record,
        options=settings.options,
        max_vix_age=settings.max_vix_age,
        allow_degraded=True,
        retrain_if_unhealthy=True,
        clock_source="machine",
        engine_commit=settings.engine_commit,
    )
    try:
        made = infer(request, asked, run.job.now, earlier)
        run.observer(made)
    except Exception as error:  # noqa: BLE001 - a bug ends the step: issues are opened all the same
        run.failed("infer", error)
        return None
    run.summary.step("infer", ExitCode.DEGRADED if made.degraded else ExitCode.DONE)
    return made


def _resolved(settings: RunSettings, made: Inferred, run: CurrentRun) -> None:
    """Decide the forecasts that came due, with the bars of the document."""
    try:
        done = resolve(settings.bars, settings.record, run.job.now, made.bars, made.ledger)
        run.observer(done)
    except Exception as error:  # noqa: BLE001 - likewise
        run.failed("record resolve", error)
        return
    run.summary.step("record resolve", ExitCode.DEGRADED if done.unreported else ExitCode.DONE)


def _unhealthy(found: ModelCheck, made: Inferred | None, summary: RunSummary) -> Notice:
    """The issue about unhealthy models."""
    health = None if made is None else made.document.health
    body = summary.findings_text([finding.line for finding in found.failures], health)
    return Notice(UNHEALTHY_TITLE, body, summary.findings_key([finding.key for finding in found.failures], health))
