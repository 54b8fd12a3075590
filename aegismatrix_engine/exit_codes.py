"""The exit codes of every ``aegis`` command: the one table in the code; docs/operations.md has the other."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class ExitCode(IntEnum):
    """What a command's exit code means. Values from 64 on follow BSD's sysexits."""

    DONE = 0
    USAGE = 2
    DEGRADED = 10
    UNHEALTHY = 11
    BATCH_PARTLY_FAILED = 12
    DATA_UNUSABLE = 65
    SOURCE_UNAVAILABLE = 69
    BUG = 70
    OUT_OF_MEMORY = 71
    OUTPUT_UNWRITABLE = 73
    TRY_AGAIN_LATER = 75
    MODELS_UNUSABLE = 78


MEANINGS: Mapping[ExitCode, str] = MappingProxyType(
    {
        ExitCode.DONE: "done",
        ExitCode.USAGE: "usage; as_of not a date or outside the history",
        ExitCode.DEGRADED: "published, but degraded",
        ExitCode.UNHEALTHY: "a check found something unhealthy",
        ExitCode.BATCH_PARTLY_FAILED: "part of a batch failed",
        ExitCode.DATA_UNUSABLE: "data unusable",
        ExitCode.SOURCE_UNAVAILABLE: "source unavailable",
        ExitCode.BUG: "a bug",
        ExitCode.OUT_OF_MEMORY: "out of memory",
        ExitCode.OUTPUT_UNWRITABLE: "output cannot be written",
        ExitCode.TRY_AGAIN_LATER: "try again later (rate limit, lost race)",
        ExitCode.MODELS_UNUSABLE: "models missing, unusable or of another market",
    }
)
"""Each code in a few words, as help texts and the summary of a run show it."""
