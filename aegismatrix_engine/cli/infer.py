"""``aegis infer``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.options import (
    CONTEXT,
    json_option,
    market_option,
    models_option,
    output_option,
    source_options,
    talk_options,
)
from aegismatrix_engine.cli.outcome import EPILOG, told
from aegismatrix_engine.cli.streams import put_out
from aegismatrix_engine.exit_codes import ExitCode

if TYPE_CHECKING:
    from aegismatrix_engine.document.schema.document import Document


@click.command(epilog=EPILOG, context_settings=CONTEXT)
@market_option
@source_options
@models_option
@output_option
@json_option
@talk_options
@told
def infer(
    *,
    market: str,
    source: str,
    data: Path | None,
    as_of: str | None,
    models: Path,
    output: Path,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Read history and models, write the document, print a summary.

    The document is validated first and replaced in one step. Exit code 10 says that it was published but is degraded:
    health in the document says what and why.
    """
    import pandas as pd

    from aegismatrix_engine import inference
    from aegismatrix_engine.artifacts.loader import load_models
    from aegismatrix_engine.cli.bars import BarsAsked
    from aegismatrix_engine.document import dump, write_atomically

    now = pd.Timestamp.now("UTC")
    asked = BarsAsked.by_options(market, source, data, as_of)
    model_set, manifest = load_models(models, market)
    history = asked.read(now, intraday=False)
    document = inference.infer(history, model_set, manifest, source, now)
    if source == "yahoo" and as_of is None:
        refuse_stale(document)
    written = dump(document).encode()
    write_atomically(output, written)
    if as_json:
        put_out(written)
    elif not quiet:
        from aegismatrix_engine.cli.terminal import summary

        put_out(summary(document, written_to=output))
    return ExitCode.DEGRADED if document.health.status == "degraded" else ExitCode.DONE


def refuse_stale(document: "Document") -> None:
    """A live source whose newest session is not the last one that closed has nothing to publish: SourceUnavailable."""
    from aegismatrix_engine.errors import SourceUnavailable

    if document.provenance.mode != "live":
        made_of = document.provenance
        raise SourceUnavailable(
            f"{made_of.source}: its newest session is {made_of.last_bar}, and another has closed by "
            f"{document.generated_at}; nothing was published, try again later or ask for the past with --as-of"
        )
