"""The clock: the one place that reads it."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

CLOCK_VARIABLE = "AEGIS_NOW"


def current_moment() -> "pd.Timestamp":
    """Now, with a zone; the moment in AEGIS_NOW where that is set, so that a run can be repeated.

    Raises ConfigurationError for an AEGIS_NOW that is no timestamp with a zone.
    """
    import pandas as pd

    from aegismatrix_engine.errors import ConfigurationError

    written = os.environ.get(CLOCK_VARIABLE)
    if not written:
        return pd.Timestamp.now("UTC")
    try:
        moment: object = pd.Timestamp(written)
    except ValueError:
        moment = None
    if not isinstance(moment, pd.Timestamp) or moment.tz is None:
        raise ConfigurationError(
            f"{CLOCK_VARIABLE} {written[:40]!r} is no timestamp with a zone; write 2022-12-30T16:00+05:30, or unset it"
        )
    return moment
