"""``aegis demo``."""

from aegismatrix_engine.cli import options
from aegismatrix_engine.cli.outcome import command
from aegismatrix_engine.errors import ExitCode


@command()
@options.JSON
@options.VERBOSITY
def demo(*, as_json: bool, quiet: bool) -> ExitCode:
    """The whole job without network or files of yours: train, infer, validate, print.

    On the real S&P 500 and VIX history that the arch package carries (1999 to 2018). Writes nothing outside a
    temporary folder.
    """
    from aegismatrix_engine.cli.demo_display import shown_demo

    return shown_demo(as_json=as_json, quiet=quiet)
