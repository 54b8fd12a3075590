"""``aegis dashboard``."""

import os
from pathlib import Path

import click

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.network.repository import pages_address


@command()
@options.file_option("--document", default=Path("aegismatrix.json"), help="The document that the page shows.")
@options.RECORD
@options.folder_option("--output", default=Path("site"), help="Folder of the site; its files are replaced.")
@options.MARKETS_DIR
@options.SITE_URL
@options.BRANCH
@options.flag("--serve", help="Serve the site on this machine alone until interrupted.")
@options.option(
    "--port", type=click.IntRange(0, 65535), default=8000, metavar="PORT", help="With --serve: 0 for any free one."
)
@options.VERBOSITY
def dashboard(
    *,
    document: Path,
    record: Path,
    output: Path,
    markets_dir: Path | None,
    site_url: str | None,
    branch: str,
    serve: bool,
    port: int,
    quiet: bool,
) -> ExitCode:
    """Build the page of a document and its record: a static site, for any web server.

    It shows what the market is, what is forecast for sellers, buyers and direction, how old that is and on what basis,
    and how such forecasts fared. A document that cannot be read gives a page that says so, and exit code 65. Needs the
    extra `dashboard`.
    """
    from aegismatrix_engine.cli.dashboard_display import served, shown_site

    repository = os.environ.get("GITHUB_REPOSITORY") or None
    address = site_url or (None if repository is None else pages_address(repository))
    ended = shown_site(document, record, output, address, repository, branch, markets_dir, quiet=quiet)
    if serve:
        served(output, port)
    return ended
