"""The exit codes of every ``aegis`` command: the one table in the code; docs/operations.md has the other."""

from enum import IntEnum


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
