"""The command line. What a command needs of the engine is imported when it runs, so that --help is quick."""

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from aegismatrix_engine import __version__
from aegismatrix_engine.cli.demo import demo
from aegismatrix_engine.cli.infer import infer
from aegismatrix_engine.cli.train import train
from aegismatrix_engine.exit_codes import ExitCode

INTERRUPTED = 130

EPILOG = (
    "Exit codes: 0 done; 2 usage; 10 published, but degraded; 65 data unusable; 69 source unavailable; 70 a bug; "
    "73 output cannot be written; 75 try again later; 78 models missing, unusable or of another market."
)


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="aegis")
def aegis() -> None:
    """Calibrated risk signals for an equity index from its spot and volatility index."""


for _command in (train, infer, demo):
    aegis.add_command(_command)


def main(arguments: Sequence[str] | None = None, command: click.Command = aegis, name: str = "aegis") -> NoReturn:
    """Run a command and end the process with its exit code; never with 1, and never with a traceback unasked."""
    try:
        code = command.main(args=arguments, prog_name=name, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"{name}: interrupted", err=True)
        code = INTERRUPTED
    sys.exit(int(code or 0))
