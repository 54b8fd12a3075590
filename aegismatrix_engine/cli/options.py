"""The options that commands share; each can also be set by an AEGIS_* environment variable."""

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.jobs.settings import BarsSettings
from aegismatrix_engine.publishing.own_paths import OwnPaths

# By the names of the files: reading them, or the room of markets, is more than a help text needs.
MARKETS = tuple(sorted(path.stem for path in (Path(__file__).parents[1] / "markets" / "entries").glob("*.toml")))
OWN_ID = r"[a-z][a-z0-9_-]{0,31}"
DEFAULT_MARKET = "nifty50"
SOURCES = ("yahoo", "csv", "sample")

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]


def option(*names: str, **settings: Any) -> Decorator:
    """An option that its environment variable sets, too; its default is shown in the help text."""
    variable = "AEGIS_" + names[0].partition("/")[0].lstrip("-").upper().replace("-", "_")
    settings.setdefault("show_default", "default" in settings)
    return click.option(*names, envvar=variable, show_envvar=True, **settings)


flag = functools.partial(option, is_flag=True)
file_option = functools.partial(option, type=click.Path(path_type=Path), metavar="FILE")
folder_option = functools.partial(option, type=click.Path(path_type=Path), metavar="DIR")


def in_order(*options: Decorator) -> Decorator:
    """Several options, shown in this order, as one decorator."""
    return lambda command: functools.reduce(lambda inner, one: one(inner), reversed(options), command)


def bars_together(command: Function) -> Function:
    """Give the command its options of bars as one argument, ``bars``."""

    @functools.wraps(command)
    def run(**options: Any) -> Any:
        names = [field.name for field in fields(BarsSettings) if field.name in options]
        return command(bars=BarsSettings(**{name: options.pop(name) for name in names}), **options)

    return run


def markets_chosen(command: Function) -> Function:
    """Give the command its first market as ``market``, and all of them as ``batch``; that is empty for one alone."""

    @functools.wraps(command)
    def run(*, market: tuple[str, ...], all_marked: bool, markets_dir: Path | None, **options: Any) -> Any:
        chosen = market
        if all_marked:
            from aegismatrix_engine.jobs.marked_markets import marked_markets

            chosen += tuple(one for one in marked_markets(markets_dir) if one not in market)
        twice = next((one for one in market if market.count(one) > 1), None)
        if twice is not None:
            raise ConfigurationError(f"--market {twice} was given twice; name each market once")
        batch = chosen if all_marked or len(chosen) > 1 else ()
        return command(market=(*chosen, DEFAULT_MARKET)[0], batch=batch, markets_dir=markets_dir, **options)

    return run


def paths_together(command: Function) -> Function:
    """Give the command the document, the record and the models as one argument, ``paths``."""

    @functools.wraps(command)
    def run(*, output: Path, record: Path, models: Path, **options: Any) -> Any:
        return command(paths=OwnPaths(output, record, models), **options)

    return run


if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    # Without types it is not generic before click 8.2.
    _Choice = click.Choice


class MarketChoice(_Choice):
    """A market of the engine, or one that has an entry in the folder of ``--markets-dir``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The id, where there is an entry of it; one in a file of options is looked for when a command runs."""
        folder = None if ctx is None else ctx.params.get("markets_dir")
        could_be = value not in self.choices and re.fullmatch(OWN_ID, str(value)) is not None
        if could_be and isinstance(folder, Path) and not (folder / f"{value}.toml").exists():
            listed = ", ".join(map(repr, self.choices))
            self.fail(f"{value!r} is not one of {listed}, and {folder / f'{value}.toml'} is not there", param, ctx)
        return (
            str(value) if could_be and (ctx is None or isinstance(folder, Path)) else super().convert(value, param, ctx)
        )


class SeveralTimes(click.Option):
    """An option that can be given several times; a file of options may hold one text for it, or a list."""

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> Any:
        """The value and where it comes from."""
        value, source = super().consume_value(ctx, opts)
        return (value,) if isinstance(value, str) else value, source


MARKETS_DIR = folder_option(
    "--markets-dir",
    is_eager=True,
    help="Folder of other markets' entries, ID.toml each, which --market then takes, too; see docs/markets.md.",
)
MARKET = in_order(
    option("--market", type=MarketChoice(MARKETS), default=DEFAULT_MARKET, help="The index."), MARKETS_DIR
)


def several_markets(files: str) -> Decorator:
    """The options of a command that takes several markets; ``files`` is the sentence that says where theirs are."""
    return in_order(
        option(
            "--market",
            cls=SeveralTimes,
            multiple=True,
            type=MarketChoice(MARKETS),
            show_default=DEFAULT_MARKET,
            help=f"The index; give it several times for several. {files}",
        ),
        flag("--all", "all_marked", help="Every market whose entry says publish = true, after those of --market."),
        MARKETS_DIR,
    )


SEVERAL_MARKETS = several_markets("The files of all but the first are in folders ID/.")
CALENDAR = file_option(
    "--calendar",
    help="Closures, special sessions and hours that go before the engine's own calendar; see docs/data.md. "
    "Default: calendar.toml in the working directory, if it is there.",
)
PATIENCE = option(
    "--patience",
    type=click.FloatRange(1, 600),
    default=60,
    metavar="SECONDS",
    help="How long a source over the network may take in all, waits and repeats included.",
)
BARS = in_order(
    option(
        "--source",
        type=click.Choice(SOURCES),
        default="yahoo",
        help="Where bars come from; sample is the S&P 500 history inside the arch package.",
    ),
    PATIENCE,
    folder_option(
        "--data",
        help="Folder of the csv source: spot_daily.csv and, if there are any, vix_daily.csv, spot_intraday.csv, "
        "vix_intraday.csv, us_vix_daily.csv, us_spot_daily.csv, inda_daily.csv, companion_daily.csv. Where several "
        "markets are asked for, a folder of these for each, DIR/ID.",
    ),
)
BARS_UP_TO = in_order(
    BARS,
    option(
        "--as-of",
        metavar="DATE|TIMESTAMP",
        help="Forecast from the official close of this date, or from the last bar before a timestamp; later bars are "
        "cut off. Default: the last complete session.",
    ),
)
MODELS = folder_option("--models", default=Path("models"), help="Folder of the model set.")
DOCUMENT = file_option("--output", default=Path("aegismatrix.json"), help="The document; replaced whole or not at all.")
CACHE = folder_option(
    "--cache",
    help="Folder where the yahoo source keeps the last good bars, for when Yahoo fails; without it none are kept.",
)
LIVE = in_order(
    option(
        "--if-due/--even-if-not-due",
        help="Do nothing and end with exit code 0 unless a document is due: shortly before the open, in session, and "
        "after the close until the document has the official close.",
    ),
    CACHE,
    option(
        "--max-vix-age",
        type=click.IntRange(0, 10),
        default=2,
        metavar="N",
        help="Sessions that the volatility index may lag behind in a live document.",
    ),
)
OPTIONS = option(
    "--options",
    metavar="FILE|DIR|SOURCE",
    help="Option chain that prices are read from: a file of NSE's chain or of a day's derivatives; a folder, of which "
    "the newest that counts is taken for each expiry; upstox, or an installed source. One that cannot be used is named "
    "in the document's health, exit code 10.",
)
RECORD = folder_option("--record", default=Path("record"), help="Folder of the record of forecasts.")
BRANCH = option(
    "--branch",
    default="published",
    metavar="NAME",
    help="The remote's branch with what is published; there is none before the first run.",
)
SITE_BRANCH = option(
    "--site-branch",
    default="site",
    metavar="NAME",
    help="The remote's branch of the page, which holds one commit and is replaced each time; made where there is none.",
)
SITE_URL = option(
    "--site-url",
    metavar="URL",
    help="Address at which the page is published, for its feed. Default: that of GitHub Pages for GITHUB_REPOSITORY; "
    "without either there is no feed.",
)
HEARTBEAT = option(
    "--heartbeat-url",
    metavar="URL",
    help="Called after a run that ended with 0, for a monitor that raises an alarm when runs stay away.",
)
JSON = flag("--json", "as_json", help="Print JSON instead of a summary.")
VERBOSITY = in_order(
    flag("--quiet", help="Print nothing but errors (and the document with --json)."),
    flag("--verbose", help="Print more, warnings and tracebacks included."),
)
