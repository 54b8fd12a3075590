"""``aegis demo``."""

import click

from aegismatrix_engine.cli.options import json_option, talk_options
from aegismatrix_engine.cli.outcome import told
from aegismatrix_engine.exit_codes import ExitCode


@click.command()
@json_option
@talk_options
@told
def demo(*, as_json: bool, quiet: bool, verbose: bool) -> ExitCode:
    """The whole job without network or files of yours: train, infer, validate, print.

    On the real S&P 500 and VIX history that the arch package carries (1999 to 2018). Writes nothing outside a
    temporary folder.
    """
    import tempfile
    from pathlib import Path

    import pandas as pd

    from aegismatrix_engine import inference
    from aegismatrix_engine.artifacts.loader import load_models
    from aegismatrix_engine.cli.bars import read_history
    from aegismatrix_engine.cli.train import train_and_save
    from aegismatrix_engine.document import check_json, dump

    now = pd.Timestamp.now("UTC")
    history = read_history("sp500", "sample", None, None, now, intraday=False)
    with tempfile.TemporaryDirectory() as folder:
        train_and_save(history, Path(folder), now, quiet=quiet)
        models, manifest = load_models(Path(folder), history.market.id)
        document = inference.infer(history, models, manifest, "sample", now)
    text = dump(document)
    check_json(text)
    if as_json:
        click.echo(text, nl=False)
    elif not quiet:
        from aegismatrix_engine.cli.terminal import print_summary, print_training

        print_training(manifest, history.notes, None)
        print_summary(document, written_to=None)
    return ExitCode.DEGRADED if document.health.status == "degraded" else ExitCode.DONE
