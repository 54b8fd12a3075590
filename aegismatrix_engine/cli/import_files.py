"""``aegis import``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aegismatrix_engine.cli.options import CONTEXT, import_options, market_option, verbosity_options
from aegismatrix_engine.cli.outcome import EPILOG, reports_errors
from aegismatrix_engine.cli.streams import print_output
from aegismatrix_engine.errors import ExitCode

if TYPE_CHECKING:
    from aegismatrix_engine.history.inputs import Series
    from aegismatrix_engine.jobs.import_files import ImportedFiles
    from aegismatrix_engine.sources.recognise.bar_stamp import BarStamp
    from aegismatrix_engine.sources.recognise.date_order import DateOrder


@click.command("import", epilog=EPILOG, context_settings=CONTEXT)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@market_option
@import_options
@verbosity_options
@reports_errors
def import_files(
    *,
    files: tuple[Path, ...],
    market: str,
    output: Path,
    series: "Series | None",
    date_order: "DateOrder | None",
    zone: str | None,
    bar_stamp: "BarStamp | None",
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Write the csv folder from files as exchanges, brokers and libraries export them.

    Prints what each file was understood to hold and what proves it. A file with two meanings is refused until an
    option tells which; then nothing is written. The files themselves are never changed.
    """
    from aegismatrix_engine.errors import ConfigurationError
    from aegismatrix_engine.jobs.import_files import import_files as write_folder
    from aegismatrix_engine.markets import get_market
    from aegismatrix_engine.sources.recognise import Choices

    if zone is not None and not _is_zone(zone):
        raise ConfigurationError(f"invalid --zone {zone[:40]!r}: expected an IANA name such as UTC or Asia/Kolkata")
    imported = write_folder(files, output, get_market(market), Choices(series, date_order, zone, bar_stamp))
    if not quiet:
        print_output(_account(imported))
    return ExitCode.DONE


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


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
