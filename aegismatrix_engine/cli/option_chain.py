"""``aegis options``."""

from pathlib import Path

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.settings import ChainSettings


@command("options")
@click.argument("chain", metavar="FILE|DIR|SOURCE")
@options.MARKET
@options.CALENDAR
@options.PATIENCE
@options.JSON
@options.VERBOSITY
def option_chain(
    *,
    chain: str,
    market: str,
    markets_dir: Path | None,
    calendar: Path | None,
    patience: float,
    as_json: bool,
    quiet: bool,
) -> ExitCode:
    """Show what an option chain says: per expiry what the market charges, and where open interest is.

    FILE is NSE's option chain as JSON, or its file of a day's derivatives (bhavcopy), plain, gzip or zip. Of the
    folder DIR the newest files are taken, each expiry from the newest that has it. SOURCE is `upstox`, with
    a token in UPSTOX_ANALYTICS_TOKEN, or one of an installed package. docs/options.md says what each number means.
    Nothing is written.
    """
    from aegismatrix_engine.cli.chain_tables import shown_chain

    shown_chain(ChainSettings(chain, market, calendar, patience, markets_dir), as_json=as_json, quiet=quiet)
    return ExitCode.DONE
