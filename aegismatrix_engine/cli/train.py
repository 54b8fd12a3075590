"""``aegis train``."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.options import market_option, models_option, source_options, talk_options
from aegismatrix_engine.cli.outcome import told
from aegismatrix_engine.exit_codes import ExitCode

if TYPE_CHECKING:
    from aegismatrix_engine.artifacts.manifest import Manifest
    from aegismatrix_engine.history import MarketHistory


@click.command()
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

    from aegismatrix_engine.cli.bars import read_history
    from aegismatrix_engine.cli.terminal import print_training

    now = pd.Timestamp.now("UTC")
    history = read_history(market, source, data, as_of, now, intraday=True)
    manifest = train_and_save(history, models, now, quiet=quiet)
    if not quiet:
        print_training(manifest, history.notes, models)
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
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)

    def shown(refits: Iterable[int]) -> Iterable[int]:
        # Whole spans of the past, refitted one after another, are all that takes time.
        return track(list(refits), "walking through the past", console=console, transient=True)

    return iter if quiet or not console.is_terminal else shown


if TYPE_CHECKING:
    from aegismatrix_engine.backtest.walk_forward import Progress
