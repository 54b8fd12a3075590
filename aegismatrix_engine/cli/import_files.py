"""``aegis import``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import ImportSettings

if TYPE_CHECKING:
    from aegismatrix_engine.jobs.import_files import ImportedFiles


SERIES = (
    "spot_daily",
    "vix_daily",
    "spot_intraday",
    "vix_intraday",
    "us_vix_daily",
    "us_spot_daily",
    "inda_daily",
)


@command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@options.MARKET
@options.folder_option(
    "--output",
    required=True,
    help="The csv folder to write; a file that exists with other content is not overwritten.",
)
@options.option(
    "--series",
    type=click.Choice(SERIES),
    help="Which series the file holds, where neither it nor its name says so; for one file.",
)
@options.option(
    "--date-order",
    type=click.Choice(("day-first", "month-first", "year-first")),
    help="Order of day and month in dates such as 04/01/2021, where no line and no calendar proves it.",
)
@options.option(
    "--zone",
    metavar="NAME",
    help="Zone of intraday times that carry none and do not fit the exchange's hours, such as UTC.",
)
@options.option(
    "--bar-stamp",
    type=click.Choice(("start", "end")),
    help="Whether intraday bars are stamped by their start or their end, where their hours do not prove it.",
)
@options.VERBOSITY
def import_files(*, files: tuple[Path, ...], quiet: bool, **settings: Any) -> ExitCode:
    """Write the csv folder from files as exchanges, brokers and libraries export them.

    Prints what each file was understood to hold and what proves it. A file with two meanings is refused until an
    option chooses one; then nothing is written. The files themselves are never changed.
    """
    from aegismatrix_engine.jobs.import_files import import_files as imported_into

    imported = imported_into(files, ImportSettings(**settings))
    if not quiet:
        print_output(_summary(imported))
    return ExitCode.DONE


def _summary(imported: "ImportedFiles") -> str:
    """What was understood of each file, and what was written."""
    lines = []
    for file in imported.files:
        lines += [file.name, *(f"  {finding}" for finding in file.findings)]
    for series, path in imported.written:
        first, last = series.rows.index[0], series.rows.index[-1]
        lines += [*series.findings, f"{path}: {len(series.rows)} rows, {first:%Y-%m-%d} to {last:%Y-%m-%d}"]
    lines += [f"Note: {note}" for note in imported.notes]
    return "\n".join(lines) + "\n"
