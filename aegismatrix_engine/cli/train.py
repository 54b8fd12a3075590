"""``aegis train``."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.options import (
    CONTEXT,
    calendar_option,
    market_option,
    models_option,
    source_options,
    verbosity_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_error, print_output
from aegismatrix_engine.errors import ExitCode

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.artifacts.manifest import Manifest
    from aegismatrix_engine.history import MarketHistory


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@market_option
@calendar_option
@source_options
@models_option
@click.option(
    "--force",
    envvar="AEGIS_FORCE",
    show_envvar=True,
    is_flag=True,
    help="Accept a set that forecasts worse than climatology; its manifest says so.",
)
@click.option(
    "--output",
    envvar="AEGIS_OUTPUT",
    show_envvar=True,
    type=click.Path(path_type=Path),
    default=Path("aegismatrix.json"),
    show_default=True,
    metavar="FILE",
    help="The document; where a rollback stands beside it, a warning says that this set will not be published.",
)
@verbosity_options
@reports_errors
def train(
    *,
    market: str,
    calendar: Path | None,
    source: str,
    data: Path | None,
    as_of: str | None,
    patience: float,
    models: Path,
    force: bool,
    output: Path,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Fit every model from the history and write them as one set.

    The new set stands whole or the old one stays. Prints what it was trained on and how its forecasts fared in the
    walk through the past, beside climatology. A set that scores worse than climatology beyond its noise is refused.
    """
    from aegismatrix_engine.cli.bars import BarsAsked
    from aegismatrix_engine.cli.beside import rollback_beside
    from aegismatrix_engine.cli.calendar import chosen_market
    from aegismatrix_engine.cli.clock import current_moment
    from aegismatrix_engine.state.rollback_file import read_rollback

    now = current_moment()
    rollback = read_rollback(rollback_beside(output), now)
    chosen = chosen_market(market, calendar)
    history = BarsAsked.by_options(chosen, source, data, as_of, now=now, patience=patience).read(now, intraday=True)
    manifest = train_and_save(history, models, now, force=force, quiet=quiet)
    if not quiet:
        from aegismatrix_engine.cli.terminal import training_summary

        print_output(training_summary(manifest, history.notes, models))
    if rollback.stands:
        print_error(f"aegis: warning: this set does not replace the published one: {rollback.why}")
    return ExitCode.DONE


def train_and_save(
    history: "MarketHistory", folder: Path, now: "pd.Timestamp", *, force: bool, quiet: bool
) -> "Manifest":
    """Train on a whole history, with a progress bar on a terminal, and put the set into ``folder``.

    Raises DeadModels, and ModelsUnskilled unless ``force``; the set that was there then stays.
    """
    from aegismatrix_engine.forecasting.acceptance import refuse_dead, refuse_unskilled, unskilled_models
    from aegismatrix_engine.forecasting.model_set import save_models
    from aegismatrix_engine.training import train as training

    trained_at = now.tz_convert(history.market.zone).floor("s")
    models, record = training.train(history, trained_at, _progress(quiet=quiet))
    refuse_dead(models, record)
    if not force:
        refuse_unskilled(record)
    return save_models(models, record, folder, forced=bool(unskilled_models(record.skill)))


def _progress(*, quiet: bool) -> "Progress":
    # rich takes FORCE_COLOR for a terminal; a bar redraws itself, which a file or pipe cannot take.
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        return iter
    from rich.progress import track

    from aegismatrix_engine.cli.terminal import console

    shown_on = console(sys.stderr)

    def shown(refits: Iterable[int]) -> Iterable[int]:
        # Whole spans of the past, refitted one after another, are all that takes time.
        return track(list(refits), "walking through the past", console=shown_on, transient=True)

    return shown


if TYPE_CHECKING:
    from aegismatrix_engine.training.walk_forward import Progress
