"""What jobs are asked for: plain values, as a command line or a program has them; nothing is imported to hold them."""

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
        market: id of the market.
        source: one of yahoo, csv and sample.
        data: folder that the csv source reads.
        as_of: moment to speak from, a date or a timestamp; None for the last complete session.
        calendar: the operator's own calendar; None for calendar.toml in the working directory, if it is there.
        cache: folder in which the yahoo source keeps its last good bars; None for none.
        patience: seconds that a source over the network may take; None for its own default.
    """

    market: str
    source: str
    data: Path | None = None
    as_of: str | None = None
    calendar: Path | None = None
    cache: Path | None = None
    patience: float | None = None


@dataclass(frozen=True)
class InferSettings:
    """What a document is made with, and where it goes.

    Attributes:
        models: folder of the model set.
        output: the document; the last values and a rollback stand beside it.
        record: folder of the record; None where none is kept.
        max_vix_age: sessions over which a close of the volatility index is carried forward.
        allow_degraded: whether the climatology prior may stand in place of models that are not healthy.
        retrain_if_unhealthy: whether a new set is trained first where a model is not healthy.
        clock_source: whether the moment given as now is the machine's own clock; a document of any other is a replay.
        engine_commit: commit of the engine's source as a job states it; where it is none, git is asked.
    """

    models: Path
    output: Path
    record: Path | None = None
    max_vix_age: int = 2
    allow_degraded: bool = False
    retrain_if_unhealthy: bool = False
    clock_source: Literal["machine", "set"] = "set"
    engine_commit: str = ""


@dataclass(frozen=True)
class CheckSettings:
    """Which model set is checked.

    Attributes:
        market: id of the market that it must have been trained for.
        calendar: the operator's own calendar; None for calendar.toml in the working directory, if it is there.
        models: folder of the set.
        output: the document, beside which the last values and a rollback stand.
    """

    market: str
    calendar: Path | None
    models: Path
    output: Path


@dataclass(frozen=True)
class TrainSettings:
    """What a model set is trained on, and where it goes.

    Attributes:
        bars: the history.
        models: folder of the model set.
        output: the document, beside which a rollback may stand.
        force: whether a set that forecasts worse than climatology is accepted; its manifest says so.
    """

    bars: BarsSettings
    models: Path
    output: Path
    force: bool = False


@dataclass(frozen=True)
class ImportSettings:
    """What files are imported as, and where to; None where a file has to prove it.

    Attributes:
        market: id of the market whose series they are.
        output: the csv folder; it is made where it is not there.
        series: which series the file holds.
        date_order: the order of day, month and year.
        zone: IANA name of the zone of times without one.
        bar_stamp: whether intraday bars are stamped by their start or their end.
    """

    market: str
    output: Path
    series: "Series | None" = None
    date_order: "DateOrder | None" = None
    zone: str | None = None
    bar_stamp: "BarStamp | None" = None


@dataclass(frozen=True)
class PublishedPlace:
    """Where a record is published.

    Attributes:
        branch: name of the remote's branch.
        document: the document, as it stands in the work tree and on the branch.
        calendar: the operator's own calendar; None for calendar.toml in the working directory, if it is there.
    """

    branch: str
    document: Path
    calendar: Path | None = None


@dataclass(frozen=True)
class RunSettings:
    """What a scheduled run makes, of what, and where it is published.

    Attributes:
        bars: where bars come from; how long the published record was is kept in its cache, too.
        output: the document; the last values and a rollback stand beside it.
        record: folder of the record.
        models: folder of the model set.
        branch: what readers read.
        max_vix_age: sessions over which a close of the volatility index is carried forward.
        if_due: whether nothing is made unless a document is due.
        first: whether a branch that is not there may be begun, and a record that is shorter accepted.
        engine_commit: as in ``InferSettings``.
    """

    bars: BarsSettings
    output: Path = Path("aegismatrix.json")
    record: Path = Path("record")
    models: Path = Path("models")
    branch: str = "published"
    max_vix_age: int = 2
    if_due: bool = False
    first: bool = False
    engine_commit: str = ""
