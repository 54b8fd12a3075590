"""``aegis demo``."""

import click

from aegismatrix_engine.cli.options import CONTEXT, json_option, verbosity_options
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ExitCode


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@json_option
@verbosity_options
@reports_errors
def demo(*, as_json: bool, quiet: bool, verbose: bool) -> ExitCode:
    """The whole job without network or files of yours: train, infer, validate, print.

    On the real S&P 500 and VIX history that the arch package carries (1999 to 2018). Writes nothing outside a
    temporary folder.
    """
    import tempfile
    from pathlib import Path

    from aegismatrix_engine.cli.bars import BarsAsked
    from aegismatrix_engine.cli.clock import current_moment
    from aegismatrix_engine.cli.train import train_and_save
    from aegismatrix_engine.document import check_json, dump
    from aegismatrix_engine.errors import OutputUnwritable
    from aegismatrix_engine.forecasting.model_set import load_models
    from aegismatrix_engine.inference import infer as inference
    from aegismatrix_engine.markets import get_market

    now = current_moment()
    history = BarsAsked.by_options(get_market("sp500"), "sample", None, None).read(now, intraday=False)
    try:
        temporary = tempfile.TemporaryDirectory()
    except OSError as error:
        raise OutputUnwritable(f"no temporary folder can be made ({error.strerror}); set TMPDIR to one") from error
    with temporary as folder:
        train_and_save(history, Path(folder), now, force=False, quiet=quiet)
        models, manifest = load_models(Path(folder), history.market.id)
        document = inference.infer(history, models, manifest, "sample", now).document
    text = dump(document)
    check_json(text)
    if as_json:
        print_output(text.encode())
    elif not quiet:
        from aegismatrix_engine.cli.terminal import summary, training_summary

        print_output(training_summary(manifest, history.notes, None) + summary(document, written_to=None))
    return ExitCode.DEGRADED if document.health.status == "degraded" else ExitCode.DONE
