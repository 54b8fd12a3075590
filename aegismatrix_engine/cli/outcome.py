"""How a command ends: its exit code, and errors as one line on standard error."""

import errno
import functools
import re
import traceback
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType

from aegismatrix_engine.cli.streams import print_error
from aegismatrix_engine.cli.termination import TERMINATED
from aegismatrix_engine.errors import AegisError, ExitCode, OutOfMemory

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells count it."""

_MEMORY_WORDS = re.compile(
    "cannot allocate memory|failed to map segment|cannot create shared object descriptor|can't start new thread",
    re.IGNORECASE,
)

MEANINGS: Mapping[int, str] = MappingProxyType(
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
        INTERRUPTED: "interrupted",
        TERMINATED: "terminated",
    }
)

# The line of \b keeps click from filling the table up as one paragraph.
EPILOG = "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())


def reports_errors(command: Callable[..., ExitCode]) -> Callable[..., int]:
    """A command whose errors are told in one line; ``--verbose`` adds the traceback and lets warnings through."""

    @functools.wraps(command)
    def run(*, verbose: bool, **options: object) -> int:
        # Warnings of libraries speak to whoever writes code, not to whoever runs it.
        warnings.simplefilter("default" if verbose else "ignore")
        try:
            return int(command(verbose=verbose, **options))
        except Exception as error:  # noqa: BLE001 - the last resort: what nobody foresaw is a bug, told as one
            if verbose:
                print_error("".join(traceback.format_exception(error)).rstrip())
            return failed(error)

    return run


def failed(error: Exception) -> int:
    """Tell an error in one line and give the exit code it ends with; what is none of ours is a bug."""
    if not isinstance(error, AegisError) and wants_memory(error):
        error = OutOfMemory("out of memory; end other processes, or give this one more (1 GB is plenty), and run again")
    text = " ".join(str(error).split())
    if isinstance(error, AegisError):
        print_error(f"aegis: error: {text}")
        return int(error.exit_code)
    kind = type(error).__name__
    print_error(
        f"aegis: error: a bug, {kind}: {text or 'no message'}; run again with --verbose and report what it prints"
    )
    return int(ExitCode.BUG)


def wants_memory(error: BaseException) -> bool:
    """Whether an error comes of memory that could not be had: for objects, a library, a process or a thread."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, MemoryError) or (isinstance(found, OSError) and found.errno == errno.ENOMEM):
            return True
        # The dynamic loader and the threads of the system have words alone.
        if isinstance(found, ImportError | RuntimeError) and _MEMORY_WORDS.search(str(found)):
            return True
        found = found.__cause__ or found.__context__
    return False
