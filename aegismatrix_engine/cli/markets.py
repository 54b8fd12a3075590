"""``aegis markets``: which markets there are, what an entry says, and what is wrong with one."""

import json
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.outcome import CONTEXT, EPILOG, command
from aegismatrix_engine.cli.streams import print_error, print_output
from aegismatrix_engine.errors import ExitCode

if TYPE_CHECKING:
    from aegismatrix_engine.jobs.market_entries import ListedMarket


@click.group(epilog=EPILOG, context_settings=CONTEXT)
def markets() -> None:
    """The markets that can be forecast, and entries of one's own; docs/markets.md explains what an entry holds."""


@command("list", group=markets)
@options.MARKETS_DIR
@options.JSON
@options.VERBOSITY
def list_markets(*, markets_dir: Path | None, as_json: bool, quiet: bool) -> ExitCode:
    """List every market that --market takes: those of the engine, and those of --markets-dir.

    An entry that cannot be used is listed with the reason.
    """
    rows = [_row(one) for one in _entries().listed_markets(markets_dir)]
    if as_json:
        print_output(json.dumps(rows, indent=1) + "\n")
    elif not quiet:
        print_output("".join(f"{_line(row)}\n" for row in rows))
    return ExitCode.DONE


@command("show", group=markets)
@click.argument("market", metavar="ID")
@options.MARKETS_DIR
@options.VERBOSITY
def show(*, market: str, markets_dir: Path | None, quiet: bool) -> ExitCode:
    """Print the entry of a market, which can be the start of one's own."""
    text = _entries().entry_text(market, markets_dir)
    if not quiet:
        print_output(text)
    return ExitCode.DONE


@command("check", group=markets)
@click.argument("entry", metavar="FILE", type=click.Path(path_type=Path))
@options.folder_option("--data", help="A csv folder of the market's bars, which are compared with the entry.")
@options.VERBOSITY
def check(*, entry: Path, data: Path | None, quiet: bool) -> ExitCode:
    """Say what is wrong with an entry: file, key, rule and remedy, a line each; exit code 65 where anything is.

    Of an entry that is right, it says what that comes to: sessions, hours and the next expiries. With --data it says,
    too, whether bars and calendar agree. Nothing is written.
    """
    found = _entries().check_entry(entry, data)
    for fault in found.faults:
        print_error(f"aegis: error: {' '.join(fault.split())}")
    if not quiet:
        print_output("".join(f"{line}\n" for line in found.findings))
    return ExitCode.DATA_UNUSABLE if found.faults else ExitCode.DONE


def _entries() -> ModuleType:
    from aegismatrix_engine.jobs import market_entries

    return market_entries


def _row(one: "ListedMarket") -> dict[str, Any]:
    """A market as JSON."""
    entry = {} if one.entry is None else {"entry": str(one.entry)}
    if one.market is None:
        return {"id": one.id, **entry, "fault": one.fault}
    market, calendar = one.market, one.market.calendar
    return {
        "id": one.id,
        **entry,
        "name": market.name,
        "zone": market.zone,
        "volatility_index": None if market.volatility_index is None else market.volatility_index.name,
        "companion_index": None if market.companion is None else market.companion.index_name,
        "calendar": calendar.name,
        "calendar_valid_through": f"{calendar.valid_through:%Y-%m-%d}",
    }


def _line(row: dict[str, Any]) -> str:
    if "fault" in row:
        return f"{row['id']}: cannot be used: {row['fault']}"
    companion = f", companion index {row['companion_index']}" if row["companion_index"] else ""
    index = row["volatility_index"] or f"no volatility index{companion}"
    calendar = f"{row['calendar']} calendar announced through {row['calendar_valid_through']}"
    own = f"; {row['entry']}" if "entry" in row else ""
    return f"{row['id']}: {row['name']}, {index}, {row['zone']}, {calendar}{own}"
