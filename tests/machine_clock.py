"""The machine's own clock, set for a test: no option and no variable of the product is involved."""

import os
import subprocess
import sys
from contextlib import AbstractContextManager
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import time_machine

PROBE = "1672396200"


def machine_clock(now: str | pd.Timestamp) -> AbstractContextManager[Any]:
    """Inside this process every clock of the day stands at ``now``, for every library in it."""
    return time_machine.travel(pd.Timestamp(now).to_pydatetime(warn=False).astimezone(UTC), tick=False)


def process_clock(now: str | pd.Timestamp) -> dict[str, str]:
    """The environment in which processes, git among them, find the machine's clock standing at ``now``.

    The test is skipped where no process can be given one, and fails there if AEGIS_REQUIRE names faketime.
    """
    if not _works():
        if "faketime" in os.environ.get("AEGIS_REQUIRE", "").split():
            pytest.fail("libfaketime does not set the clock of a process on this machine")
        pytest.skip("sets the clock of real processes, which libfaketime does not do on this machine")
    return _environment(str(int(pd.Timestamp(now).timestamp())))


def _environment(seconds: str) -> dict[str, str]:
    """Seconds since 1970, so that no zone has a say."""
    import libfaketime

    vendored = Path(libfaketime.__file__).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    return {
        "LD_PRELOAD": str(vendored),
        "FAKETIME_FMT": "%s",
        "FAKETIME": seconds,
        # Limits of time go on running, and files keep the times that the file system gives them.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


@cache
def _works() -> bool:
    """Whether a process of Python reads the time it is given, and can wait."""
    code = "import time; time.sleep(0.01); print(int(time.time()))"
    environment = {**os.environ, **_environment(PROBE)}
    asked = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    return asked.stdout.strip() == PROBE
