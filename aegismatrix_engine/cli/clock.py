"""What surrounds a command: the clock, which is read here alone, and the commit that a job states."""

import os
from typing import TYPE_CHECKING

from aegismatrix_engine.errors import ConfigurationError

if TYPE_CHECKING:
    import pandas as pd

    from aegismatrix_engine.document.schema.provenance import ClockSource

CLOCK_VARIABLE = "AEGIS_NOW"


def current_moment() -> "pd.Timestamp":
    """Now, with a zone; the moment in AEGIS_NOW where that is set, so that a run can be repeated.

    Raises:
        ConfigurationError: AEGIS_NOW is not a timestamp with a zone.
    """
    import pandas as pd

    written = os.environ.get(CLOCK_VARIABLE)
    if not written:
        return machine_moment()
    try:
        moment: object = pd.Timestamp(written)
    except ValueError:
        moment = None
    if not isinstance(moment, pd.Timestamp) or moment.tz is None:
        raise ConfigurationError(
            f"invalid {CLOCK_VARIABLE} {written[:40]!r}: expected a timestamp with a zone such as "
            "2022-12-30T16:00+05:30; write one, or unset it"
        )
    return moment


def machine_moment() -> "pd.Timestamp":
    """What the machine's own clock says, in UTC."""
    import pandas as pd

    return pd.Timestamp.now("UTC")


def clock_source() -> "ClockSource":
    """Whether ``current_moment`` is the machine's own clock or was set by hand: what is made then is a replay."""
    return "set" if os.environ.get(CLOCK_VARIABLE) else "machine"


def stated_commit() -> str:
    """The commit that the job of GitHub Actions runs at; empty outside of one."""
    return os.environ.get("GITHUB_SHA", "")


def refuse_set_clock(command: str) -> None:
    """Raise ConfigurationError where the clock is set by hand: what would be published then is a replay."""
    if clock_source() == "set":
        raise ConfigurationError(
            f"{CLOCK_VARIABLE} is set, so that all that {command} makes would be a replay, which it does not publish; "
            "unset it, or use `aegis infer` and `aegis publish --replay`"
        )


def refuse_set_date(command: str) -> None:
    """Raise ConfigurationError where the clock is set by hand, for a command whose date readers and runs rely on."""
    if clock_source() == "set":
        raise ConfigurationError(f"{CLOCK_VARIABLE} is set, and {command} uses the machine's own clock; unset it")
