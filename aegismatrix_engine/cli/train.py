"""``aegis train``."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.options import CONTEXT, market_option, models_option, source_options, talk_options
from aegismatrix_engine.cli.outcome import EPILOG, told
from aegismatrix_engine.cli.streams import put_out
from aegismatrix_engine.exit_codes import ExitCode

if TYPE_CHECKING:
    from aegismatrix_engine.artifacts.manifest import Manifest
    from aegismatrix_engine.history import MarketHistory


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@market_option
@source_options
@models_option
@talk_options
@told
def train(
    *, market: str, source: str, data: Path | None, as_of: str | None, models: Path, quiet: bool, verbose: bool
) -> ExitCode:
    """Fit every model from the history and write them as one set.

    The new set stands whole or the old one stays. Prints what it was trained on and how its forecasts fared in the
    walk through the past, beside climatology.
    """
    import pandas as pd

    from aegismatrix_engine.cli.bars import BarsAsked

    now = pd.Timestamp.now("UTC")
    history = BarsAsked.by_options(market, source, data, as_of).read(now, intraday=True)
    manifest = train_and_save(history, models, now, quiet=quiet)
    if not quiet:
        from aegismatrix_engine.cli.terminal import training_summary

        put_out(training_summary(manifest, history.notes, models))
    return ExitCode.DONE


def train_and_save(history: "MarketHistory", folder: Path, now: object, *, quiet: bool) -> "Manifest":
    """Train on a whole history, with a progress bar on a terminal, and put the set into ``folder``."""
    import pandas as pd

    from aegismatrix_engine import training
    from aegismatrix_engine.artifacts.store import save_models

    trained_at = pd.Timestamp(now).tz_convert(history.market.zone).floor("s")  # type: ignore[arg-type]
    models, record = training.train(history, trained_at, _progress(quiet=quiet))
    return save_models(models, record, folder)


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
    from aegismatrix_engine.backtest.walk_forward import Progress
