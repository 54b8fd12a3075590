"""What jobs are asked for: plain values, as a command line or a program has them; nothing is imported to hold them.

docs/command-line.md explains each under the option of the same name.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from aegismatrix_engine.history.inputs import Series
    from aegismatrix_engine.sources.recognise.bar_stamp import BarStamp
    from aegismatrix_engine.sources.recognise.date_order import DateOrder


@dataclass(frozen=True)
class BarsSettings:
    """Where bars come from, and up to when.

    Attributes:
        source: one of yahoo, csv and sample.
        as_of: date or timestamp up to which bars are used; None for the last complete session.
        calendar: the operator's own calendar; None for calendar.toml in the working directory, if it is there.
        markets_dir: folder of entries of markets that do not ship with the engine.
        patience: seconds that a source over the network may take; None for its own default.
    """

    market: str
    source: str
    data: Path | None = None
    as_of: str | None = None
    calendar: Path | None = None
    cache: Path | None = None
    patience: float | None = None
    markets_dir: Path | None = None


@dataclass(frozen=True)
class InferSettings:
    """What a document is made with, and where it goes.

    Attributes:
        output: the document; the last values and a rollback are files beside it.
        record: folder of the record; None where none is kept.
        options: file or folder of an option chain, or the name of a source; None for a document without one.
        max_vix_age: sessions over which a close of the volatility index is carried forward.
        clock_source: whether ``now`` is the machine's own clock; a document of any other is a replay.
        engine_commit: commit of the engine's source as a job states it; git is asked where it is empty.
    """

    models: Path
    output: Path
    record: Path | None = None
    options: str | None = None
    max_vix_age: int = 2
    allow_degraded: bool = False
    retrain_if_unhealthy: bool = False
    clock_source: Literal["machine", "set"] = "set"
    engine_commit: str = ""


@dataclass(frozen=True)
class CheckSettings:
    """Which model set is checked, for which market; the last values and a rollback are beside ``output``."""

    market: str
    calendar: Path | None
    models: Path
    output: Path
    markets_dir: Path | None = None


@dataclass(frozen=True)
class TrainSettings:
    """What a model set is trained on, and where it goes; a rollback may be in force beside ``output``."""

    bars: BarsSettings
    models: Path
    output: Path
    force: bool = False


@dataclass(frozen=True)
class BacktestSettings:
    """What a backtest is made of, and where it goes.

    Attributes:
        bars: where bars come from.
        first: date of the first session forecast from, YYYY-MM-DD; None for the earliest possible.
        last: date of the last one; None for the last complete session.
        refit: sessions that models are used for before they are fitted anew.
        jobs: processes at work at once.
        engine_commit: as in ``InferSettings``.
        scheduler: address of a Dask scheduler whose workers make the blocks; None for this machine.
        shared_folder: that workers leave blocks in, and this process sees, too; None where they send them back.
        intraday: clock times inside sessions that are forecast from, too, as 10:15,12:30; empty for closes alone.
    """

    bars: BarsSettings
    first: str | None = None
    last: str | None = None
    refit: int = 63
    output: Path = Path("backtest")
    jobs: int = 1
    engine_commit: str = ""
    scheduler: str | None = None
    shared_folder: Path | None = None
    intraday: str = ""


@dataclass(frozen=True)
class ImportSettings:
    """What files are imported as, and into which folder; None where a file has to prove it."""

    market: str
    output: Path
    series: "Series | None" = None
    date_order: "DateOrder | None" = None
    zone: str | None = None
    bar_stamp: "BarStamp | None" = None
    markets_dir: Path | None = None


@dataclass(frozen=True)
class PublishedPlace:
    """The remote's branch that holds a record, and the path of the document there."""

    branch: str
    document: Path
    calendar: Path | None = None
    markets_dir: Path | None = None


@dataclass(frozen=True)
class ChainSettings:
    """Which chain is summarised.

    Attributes:
        chain: a file, a folder, or the name of a source.
        market: id of the market whose index the options are on.
        calendar: the operator's own calendar; None for calendar.toml in the working directory, if it is there.
        patience: seconds that a source over the network may take.
        markets_dir: folder of entries of markets that do not ship with the engine.
    """

    chain: str
    market: str = "nifty50"
    calendar: Path | None = None
    patience: float = 60.0
    markets_dir: Path | None = None


@dataclass(frozen=True)
class RunSettings:
    """What a scheduled run makes, of what, and where it is published; fields as in ``InferSettings``.

    Attributes:
        bars: where bars come from; the length of the published record is kept in its cache, too.
        if_due: whether nothing is made unless a document is due.
        first: whether a new branch may be begun, and a record that is shorter than it was accepted.
        site: folder into which the page is built, which is published with the document; None for no page.
        site_required: whether a run without the library of the page fails in part; else there is a note, and no page.
        site_branch: the remote's branch of the page.
        site_url: address under which readers find the page; None to derive it from ``repository``.
        repository: owner/name on GitHub; None outside of it.
        markets: where there are several, their ids, the first one's first; empty for that of ``bars`` alone.
    """

    bars: BarsSettings
    output: Path = Path("aegismatrix.json")
    record: Path = Path("record")
    models: Path = Path("models")
    branch: str = "published"
    options: str | None = None
    max_vix_age: int = 2
    if_due: bool = False
    first: bool = False
    engine_commit: str = ""
    site: Path | None = None
    site_required: bool = False
    site_branch: str = "site"
    site_url: str | None = None
    repository: str | None = None
    markets: tuple[str, ...] = ()
