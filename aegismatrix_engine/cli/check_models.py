"""``aegis check-models``."""

from collections.abc import Sequence
from typing import Any

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import CheckSettings


@command("check-models")
@options.SEVERAL_MARKETS
@options.CALENDAR
@options.MODELS
@options.DOCUMENT
@options.JSON
@options.VERBOSITY
@options.markets_chosen
def check_models(*, batch: Sequence[str], as_json: bool, quiet: bool, **settings: Any) -> ExitCode:
    """Report whether every model is fit to be used here and now.

    Each model is audited, loaded and asked its probes; the set's age, the end of the announced calendar and signals
    that are unchanged for too long (from recent.json beside the document) are judged too. A rollback is a warning. Exit
    code 11 where anything is unhealthy.

    With several markets, or --all, a table says which sets are healthy; exit code 12 where one could not be judged.
    """
    from aegismatrix_engine.cli.check_display import shown_check, shown_checks

    asked = CheckSettings(**settings)
    if batch:
        return shown_checks(asked, batch, as_json=as_json, quiet=quiet)
    return shown_check(asked, as_json=as_json, quiet=quiet)
