"""The site of a document, built and served, and what is shown of it."""

from pathlib import Path

from aegismatrix_engine.cli.streams import print_output, print_warnings
from aegismatrix_engine.errors import ExitCode
from aegismatrix_engine.jobs.dashboard import SCORES, SiteSettings, build_site, write_site
from aegismatrix_engine.network.site_server import site_server


def shown_site(
    document: Path,
    record: Path,
    output: Path,
    site_url: str | None,
    repository: str | None,
    branch: str,
    markets_dir: Path | None,
    *,
    quiet: bool,
) -> ExitCode:
    """Build a site into the folder ``output``, and show its size; the other arguments as in ``SiteSettings``."""
    site = build_site(SiteSettings(document, record, site_url, repository, branch, output / SCORES, markets_dir))
    write_site(site, output)
    print_warnings(*site.faults)
    if not quiet:
        size = len(site.files["index.html"]) / 1000
        print_output(f"{output / 'index.html'}: {size:,.0f} kB, with {len(site.files) - 1} files beside it\n")
    return ExitCode.DATA_UNUSABLE if site.faults else ExitCode.DONE


def served(folder: Path, port: int) -> None:
    """Serve a site on this machine alone, and say where, until interrupted."""
    server = site_server(folder, port)
    host, found = server.server_address[:2]
    print_output(f"http://{host!s}:{found}/ (end with Ctrl-C)\n")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
