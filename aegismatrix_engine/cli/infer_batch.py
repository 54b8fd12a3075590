"""``aegis infer`` for several markets."""

from collections.abc import Sequence

from aegismatrix_engine.cli.batch_outcomes import MADE, batch_table, print_json, show_outcome
from aegismatrix_engine.cli.clock import current_moment
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.batch import batch_code
from aegismatrix_engine.jobs.infer_batch import infer_batch
from aegismatrix_engine.jobs.settings import BarsSettings, InferSettings


def infer_several(
    bars: BarsSettings, markets: Sequence[str], settings: InferSettings, *, if_due: bool, as_json: bool, quiet: bool
) -> ExitCode:
    """Make the document of each market, and show how each ended.

    Raises:
        OutputUnwritable: the list of the markets cannot be written.
    """
    made = infer_batch(bars, markets, settings, current_moment(), show_outcome, if_due=if_due)
    outcomes = made.outcomes
    if as_json:
        print_json((one, {}) for one in outcomes)
    elif not quiet:
        print_output(batch_table(outcomes, MADE))
    if made.unlisted is not None:
        raise made.unlisted
    return batch_code(outcomes)
