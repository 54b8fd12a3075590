"""The report on a record, and what is shown of it."""

from pathlib import Path

import pandas as pd

from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.cli.terminal import record_summary
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.report import report
from aegismatrix_engine.jobs.settings import PublishedPlace


def shown_report(
    market: str,
    record: Path,
    now: pd.Timestamp,
    published: PublishedPlace | None,
    html: Path | None,
    *,
    as_json: bool,
    quiet: bool,
) -> ExitCode:
    """Score the record of a market, and show the scores; the arguments are those of the job."""
    found = report(market, record, now, published, html)
    print_warnings(*found.faults)
    if as_json:
        print_output(found.json())
    elif not quiet:
        print_output(record_summary(found.content, found.live, found.replay))
    return ExitCode.DEGRADED if found.faults else ExitCode.DONE
