"""Every error the engine raises on purpose.

    AegisError                     70  (a bug when raised bare)
    +-- AsOfError                   2  as_of is not a date, or lies outside the history
    +-- MarketUnknown               2  no market of that name
    +-- ConfigurationError          2  options that do not fit together
    +-- DataError                  65  bars, or files to be published, cannot be used
    |   +-- HistoryTooShort        65  fewer sessions than a model needs
    +-- SourceUnavailable          69  the source cannot be reached, or has nothing (new)
    |   +-- SourceBusy             75  the source asks to come again later
    +-- ClusterUnreachable         69  no scheduler or worker answers, or they have gone
    +-- OutOfMemory                71  the process may have no more memory, or the machine has none
    |   +-- WorkersEnded           12  processes that shared the work were killed, again and again
    +-- OutputUnwritable           73  a file cannot be written; git, a repository or its remote refuses, and will again
    |   +-- BranchGone             73  the branch that was published to is missing
    +-- RemoteUnreachable          75  the repository to publish to does not answer
    +-- RaceLost                   75  others published first, at every attempt
    +-- ModelsUnusable             78  models are there but cannot be trusted or read
    |   +-- ModelsMissing          78  there are none
    |   +-- ModelsOfAnotherMarket  78  they were trained for another market
    |   +-- UntrustedModelFile     78  a file holds more than plain numbers
    |   +-- DeadModels             78  a new set predicts NaN or a constant
    |   +-- ModelsUnskilled        11  a new set forecasts worse than climatology
    +-- WorkersDiffer              78  a worker of a cluster has other versions
    +-- InvalidDocument            70  the engine made a document that breaks its own contract
        +-- OtherSchemaVersion     70  a document of a schema whose rules this engine does not know

Each message is one line: what happened, to which file or symbol, and what to do next. Four exit codes are not those
of one error: 0 done, 10 done with degraded parts, 11 done but unhealthy, 12 done but for a part that failed.
docs/operations.md says what each asks of an operator.
"""

import errno
import re
from enum import IntEnum
from typing import ClassVar, Self


class ExitCode(IntEnum):
    """What a command's exit code means. Values from 64 on follow BSD's sysexits.

    Attributes:
        meaning: in a few words, as help texts and the summary of a run show it.
    """

    meaning: str

    def __new__(cls, code: int, meaning: str = "") -> Self:
        """A code with its meaning."""
        member = int.__new__(cls, code)
        member._value_, member.meaning = code, meaning
        return member

    DONE = 0, "done"
    USAGE = 2, "usage; as_of not a date or outside the history"
    DEGRADED = 10, "published, but degraded"
    UNHEALTHY = 11, "a check found something unhealthy"
    PARTLY_FAILED = 12, "part of the work failed"
    DATA_UNUSABLE = 65, "data unusable"
    SOURCE_UNAVAILABLE = 69, "source unavailable"
    BUG = 70, "a bug"
    OUT_OF_MEMORY = 71, "out of memory"
    OUTPUT_UNWRITABLE = 73, "output cannot be written"
    TRY_AGAIN_LATER = 75, "try again later (rate limit, lost race)"
    MODELS_UNUSABLE = 78, "models missing, unusable or of another market"


class AegisError(Exception):
    """Root of the tree; ``exit_code`` is what the command line ends with."""

    exit_code: ClassVar[ExitCode] = ExitCode.BUG


class AsOfError(AegisError):
    """The ``as_of`` asked for is not a date or a timestamp, or the history does not hold it."""

    exit_code = ExitCode.USAGE


class MarketUnknown(AegisError):
    """No market of that name is known."""

    exit_code = ExitCode.USAGE


class ConfigurationError(AegisError):
    """Options that do not fit together, such as the csv source without a folder of data."""

    exit_code = ExitCode.USAGE


class DataError(AegisError):
    """Bars, or files to be published, that cannot be used; the message names file, row, column, value and rule."""

    exit_code = ExitCode.DATA_UNUSABLE


class HistoryTooShort(DataError):
    """Fewer sessions than a model needs; the message says how many are needed."""


class SourceUnavailable(AegisError):
    """A source of bars, or another address of the web, cannot be reached or answers with nothing usable."""

    exit_code = ExitCode.SOURCE_UNAVAILABLE


class SourceBusy(SourceUnavailable):
    """The source limits the rate of requests or timed out: the same call may succeed later."""

    exit_code = ExitCode.TRY_AGAIN_LATER


class ClusterUnreachable(AegisError):
    """The scheduler of a cluster does not answer, has no worker, or has gone; blocks that are done are kept."""

    exit_code = ExitCode.SOURCE_UNAVAILABLE


class OutOfMemory(AegisError):
    """The process needs more memory than it is given; ``own_error`` makes it of any MemoryError."""

    exit_code = ExitCode.OUT_OF_MEMORY


class WorkersEnded(OutOfMemory):
    """Processes that shared the work were killed, most often for want of memory; what is done is kept.

    ``may_go_on`` is whether new processes may do the rest; not where the same task has ended several of them.
    """

    exit_code = ExitCode.PARTLY_FAILED

    def __init__(self, message: str, *, may_go_on: bool = True) -> None:
        super().__init__(message)
        self.may_go_on = may_go_on


class OutputUnwritable(AegisError):
    """A file, folder or branch cannot be written; what was there before is unchanged.

    A branch cannot be written where git is missing, too old or does not read the repository, and where the remote
    refuses, cannot be found, or is pushed to at another address than it is fetched from. Waiting changes none of it.
    """

    exit_code = ExitCode.OUTPUT_UNWRITABLE


class BranchGone(OutputUnwritable):
    """The branch to publish to is missing, and the run was not started as the first one."""


class RemoteUnreachable(AegisError):
    """The repository to publish to does not answer, or is busy: the same call may succeed later."""

    exit_code = ExitCode.TRY_AGAIN_LATER


class RaceLost(AegisError):
    """Other publishers pushed first, at every attempt: the same call may succeed later."""

    exit_code = ExitCode.TRY_AGAIN_LATER


class ModelsUnusable(AegisError):
    """A model set that cannot be read or trusted; ``status`` is the status that each of its models gets."""

    exit_code = ExitCode.MODELS_UNUSABLE

    def __init__(self, message: str, status: str = "corrupt") -> None:
        super().__init__(message)
        self.status = status


class ModelsMissing(ModelsUnusable):
    """No model set where one was expected."""


class ModelsOfAnotherMarket(ModelsUnusable):
    """A model set that was trained for another market."""


class UntrustedModelFile(ModelsUnusable):
    """A model file that holds anything but plain numbers; none of it was executed."""


class DeadModels(ModelsUnusable):
    """A newly trained model whose predictions are not finite, or the same for every input."""


class ModelsUnskilled(ModelsUnusable):
    """A newly trained set whose walk-forward scores are worse than climatology's beyond their noise."""

    exit_code = ExitCode.UNHEALTHY


class WorkersDiffer(AegisError):
    """A worker of a cluster has another version of the engine, of Python or of a library; the message names both."""

    exit_code = ExitCode.MODELS_UNUSABLE


class InvalidDocument(AegisError):
    """A document that breaks the contract; never written."""


class OtherSchemaVersion(InvalidDocument):
    """A document of another major ``schema_version``, ``found``, which this engine's rules cannot check."""

    def __init__(self, message: str, found: str) -> None:
        super().__init__(message)
        self.found = found


_MEMORY_WORDS = re.compile(
    "cannot allocate memory|failed to map segment|cannot create shared object descriptor|can't start new thread",
    re.IGNORECASE,
)


def own_error(error: Exception) -> AegisError | None:
    """An error of this tree as it is, OutOfMemory for one caused by missing memory; None for any other, a bug."""
    if isinstance(error, AegisError):
        return error
    if wants_memory(error):
        return OutOfMemory("out of memory; end other processes, or give this one more (1 GB is plenty), and run again")
    return None


def exit_code_of(error: Exception) -> ExitCode:
    """The exit code of a command, or of a step of a run, that ends in an error."""
    found = own_error(error)
    return ExitCode.BUG if found is None else found.exit_code


def wants_memory(error: BaseException) -> bool:
    """Whether an error was caused by missing memory: for objects, a library, a process or a thread."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, MemoryError) or (isinstance(found, OSError) and found.errno == errno.ENOMEM):
            return True
        # The dynamic loader and threads give no error number, only a text.
        if isinstance(found, ImportError | RuntimeError) and _MEMORY_WORDS.search(str(found)):
            return True
        found = found.__cause__ or found.__context__
    return False
