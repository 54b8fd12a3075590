"""Several markets in one process: what each is made of, where its files lie, and how it ended."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, TypeAlias

import pandas as pd

from aegismatrix_engine.artifacts.manifest import REMEDY
from aegismatrix_engine.errors import (
    AegisError,
    AsOfError,
    ConfigurationError,
    DataError,
    ExitCode,
    MarketUnknown,
    SourceBusy,
    exit_code_of,
)
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.settings import BarsSettings
from aegismatrix_engine.sources.source import open_source
from aegismatrix_engine.state.market_index import INDEX_NAME


@dataclass(frozen=True)
class MarketFiles:
    """Where the document and the models of one market of several lie; the record of all is one folder."""

    market: str
    output: Path
    models: Path

    def with_options(self, text: str) -> str:
        """A text that asks for a training, with the options that train this market's set, and no other one's."""
        return text.replace(REMEDY, f"{REMEDY.removesuffix('`')} --market {self.market} --models {self.models}`")


@dataclass(frozen=True)
class MarketOutcome:
    """How one market of several ended.

    Attributes:
        code: the exit code that this market alone would have ended with.
        why: the reason of a failure, of a document that was not due, or of models that are not healthy; else empty.
        facts: what the command says of it, by the headings of its table.
        warnings: what went otherwise than it should, one line each.
        error: that it ended in; None where it did not fail.
    """

    market: str
    code: ExitCode
    why: str = ""
    facts: Mapping[str, str] | None = None
    warnings: tuple[str, ...] = ()
    error: Exception | None = None

    @classmethod
    def failed(cls, market: str, error: Exception) -> Self:
        """The outcome of a market that ended in an error."""
        return cls(market, exit_code_of(error), " ".join(str(error).split()), error=error)


Observer: TypeAlias = Callable[[MarketOutcome], None]
"""Who is informed of each outcome as soon as there is one."""


def batch_code(outcomes: Iterable[MarketOutcome]) -> ExitCode:
    """The exit code of all: 12 where a market failed, else the highest of 0, 10 and 11."""
    ended = list(outcomes)
    if any(outcome.error is not None for outcome in ended):
        return ExitCode.PARTLY_FAILED
    return max((outcome.code for outcome in ended), default=ExitCode.DONE)


def market_files(markets: Sequence[str], output: Path, models: Path, *others: Path) -> tuple[MarketFiles, ...]:
    """The files of each market: of the first as given, as of one market alone, of each other below a folder of its id.

    Args:
        markets: ids.
        output: the document of the first.
        models: folder of the first's models; those of the others are folders in it.
        others: further folders in which no document may lie, such as the record.

    Raises:
        ConfigurationError: the document has the name of the list of markets beside it, or the folder of a market is one
            of those that are named.
    """
    if output.name == INDEX_NAME:
        raise ConfigurationError(
            f"invalid --output {output}: the file of that name is the list of the markets; give the document another "
            "name"
        )
    first, *rest = markets
    for market in rest:
        place = (output.parent / market).resolve()
        taken = next((one for one in (models, *others) if one.resolve().is_relative_to(place)), None)
        if taken is not None:
            raise ConfigurationError(
                f"the document of {market} would be in {output.parent / market}, which holds {taken}; give --output, "
                "--models and --record places elsewhere"
            )
    return (
        MarketFiles(first, output, models),
        *(MarketFiles(market, output.parent / market / output.name, models / market) for market in rest),
    )


class BatchRequests(Mapping[str, "BarsRequest | AegisError"]):
    """The bars of each market, all from one source; an error for a market whose entry or calendar cannot be used.

    A request is made when it is looked up: calendars of many markets at once would be most of a process's memory.
    """

    def __init__(self, bars: BarsSettings, markets: Sequence[str], now: pd.Timestamp) -> None:
        self._bars, self._markets, self._now = bars, tuple(markets), now
        self._in_folders = bars.source == "csv"
        arguments = bars.source, bars.data, bars.cache, now, bars.patience
        self._source = None if self._in_folders else open_source(*arguments)

    def __getitem__(self, market: str) -> BarsRequest | AegisError:
        if market not in self._markets:
            raise KeyError(market)
        try:
            return self.made(market)
        except AegisError as error:
            return error

    def __iter__(self) -> Iterator[str]:
        return iter(self._markets)

    def __len__(self) -> int:
        return len(self._markets)

    def made(self, market: str) -> BarsRequest:
        """The request of a market; raises what ``BarsRequest.of`` raises, and DataError where it has no folder."""
        data = self._bars.data
        if self._in_folders and data is not None:
            data /= market
        request = BarsRequest.of(replace(self._bars, market=market, data=data), self._now, self._source)
        if data is not None and self._in_folders and not data.is_dir():
            raise DataError(
                f"there is no folder {data}; with several markets --data DIR holds one for each, DIR/{market} for "
                "this one"
            )
        return request


def batch_requests(bars: BarsSettings, markets: Sequence[str], now: pd.Timestamp) -> BatchRequests:
    """The bars of each market, all from one source, which for csv is a folder for each, DIR/ID.

    Raises:
        ConfigurationError, AsOfError, MarketUnknown: what was asked for cannot be of any market; nothing was done.
    """
    requests = BatchRequests(bars, markets, now)
    for market in markets:
        try:
            requests.made(market)
        except (ConfigurationError, AsOfError, MarketUnknown):
            raise
        except AegisError:
            continue  # of this market alone, whose turn will say so
    return requests


def options_of(options: str | None, market: str) -> str | None:
    """The chain of one market of several: a source is asked for each, a folder has one for each, DIR/ID.

    Raises:
        ConfigurationError: a file, which can be of one market only.
    """
    if options is None or not Path(options).exists():
        return options
    if not Path(options).is_dir():
        raise ConfigurationError(
            f"--options {options} is a file, of one market; with several give a folder that holds a folder for each, "
            "DIR/ID, or the name of a source"
        )
    return str(Path(options) / market) if (Path(options) / market).is_dir() else None


def usable(request: BarsRequest | AegisError) -> BarsRequest:
    """The request whose turn it is.

    Raises:
        AegisError: the entry or the calendar of the market cannot be used.
        SourceBusy: the source has used up its time for all markets.
    """
    if isinstance(request, AegisError):
        raise request
    if request.source.time_is_up:
        raise SourceBusy(
            "its turn did not come within the seconds of --patience, which are for all markets together, and what was "
            "there stays; give more seconds, or name this market first"
        )
    return request
