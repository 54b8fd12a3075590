"""``aegis check-models``."""

import json
from collections.abc import Sequence
from typing import Any

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.cli.streams import print_output
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
    if batch:
        from aegismatrix_engine.cli.check_batch import check_several

        return check_several(CheckSettings(**settings), batch, as_json=as_json, quiet=quiet)
    from aegismatrix_engine.jobs.check_models import check_set as checked

    found = checked(CheckSettings(**settings), current_moment())
    if as_json:
        print_output(json.dumps(found.content(), indent=1) + "\n")
    elif not quiet:
        from aegismatrix_engine.cli.terminal import check_summary

        print_output(check_summary(found))
    return ExitCode.DONE if found.healthy else ExitCode.UNHEALTHY
