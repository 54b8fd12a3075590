"""The check of one model set, or of those of several markets, and what is shown of it."""

import json
from collections.abc import Sequence

from aegismatrix_engine.cli.batch_outcomes import batch_table, print_json, show_outcome
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.cli.terminal import check_summary
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.batch import batch_code
from aegismatrix_engine.jobs.check_batch import check_batch
from aegismatrix_engine.jobs.check_models import check_set
from aegismatrix_engine.jobs.settings import CheckSettings


def shown_check(settings: CheckSettings, *, as_json: bool, quiet: bool) -> ExitCode:
    """Judge the set of one market, and show what was found."""
    found = check_set(settings, current_moment())
    if as_json:
        print_output(json.dumps(found.content(), indent=1) + "\n")
    elif not quiet:
        print_output(check_summary(found))
    return ExitCode.DONE if found.healthy else ExitCode.UNHEALTHY


def shown_checks(settings: CheckSettings, markets: Sequence[str], *, as_json: bool, quiet: bool) -> ExitCode:
    """Judge the set of each market, and show what was found."""
    found = check_batch(settings, markets, current_moment(), show_outcome)
    outcomes = [outcome for outcome, _ in found]
    if as_json:
        print_json((outcome, {} if check is None else check.content()) for outcome, check in found)
    elif not quiet:
        print_output(batch_table(outcomes, ("set", "days old", "models")))
        for outcome, check in found:
            print_warnings(*(f"{outcome.market}: {warning}" for warning in ([] if check is None else check.warnings)))
    return batch_code(outcomes)
