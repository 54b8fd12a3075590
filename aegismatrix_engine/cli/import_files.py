"""``aegis import``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aegismatrix_engine.cli.options import CONTEXT, import_options, market_option, verbosity_options
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import ImportSettings

if TYPE_CHECKING:
    from aegismatrix_engine.jobs.import_files import ImportedFiles


@click.command("import", epilog=EPILOG, context_settings=CONTEXT)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@market_option
@import_options
@verbosity_options
@reports_errors
def import_files(*, files: tuple[Path, ...], quiet: bool, verbose: bool, **options: Any) -> ExitCode:
    """Write the csv folder from files as exchanges, brokers and libraries export them.

    Prints what each file was understood to hold and what proves it. A file with two meanings is refused until an
    option tells which; then nothing is written. The files themselves are never changed.
    """
    from aegismatrix_engine.jobs.import_files import import_files as imported_into

    imported = imported_into(files, ImportSettings(**options))
    if not quiet:
        print_output(_account(imported))
    return ExitCode.DONE


def _account(imported: "ImportedFiles") -> str:
    """What was understood of each file, and what was written."""
    lines = []
    for file in imported.files:
        lines += [file.name, *(f"  {finding}" for finding in file.findings)]
    for series, path in imported.written:
        first, last = series.rows.index[0], series.rows.index[-1]
        lines += [*series.findings, f"{path}: {len(series.rows)} rows, {first:%Y-%m-%d} to {last:%Y-%m-%d}"]
    lines += [f"Note: {note}" for note in imported.notes]
    return "\n".join(lines) + "\n"
