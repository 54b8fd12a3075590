"""``as_of``: the date or moment up to which bars are known, as a user writes it and as an exchange dates it."""

import re
from typing import TYPE_CHECKING

import pandas as pd

from aegismatrix_engine.errors import AsOfError

if TYPE_CHECKING:
    from aegismatrix_engine.markets import Market

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)


def parse_as_of(text: str, market: "Market") -> pd.Timestamp:
    """A user's ``as_of``: 'YYYY-MM-DD' as a naive date, a timestamp as an instant.

    A timestamp without a zone is exchange time.

    Raises:
        AsOfError: anything else, or a time that the exchange's clocks skip or repeat.
    """
    written = text.strip()
    try:
        if _DATE.fullmatch(written):
            return pd.Timestamp(written).as_unit("ns")
        if _TIMESTAMP.fullmatch(written):
            moment = pd.Timestamp(written).as_unit("ns")
            if moment.tz is not None:
                return moment
            local = moment.tz_localize(market.zone, ambiguous="NaT", nonexistent="NaT")
            if isinstance(local, pd.Timestamp):
                return local
    except ValueError:
        pass
    raise AsOfError(
        f"as_of {text[:40]!r} is no usable date; write 2022-12-30, or a time such as 2022-12-30T11:00+05:30"
    )


def exchange_day(moment: pd.Timestamp, market: "Market") -> pd.Timestamp:
    """The naive date of ``moment`` where the exchange is; raises AsOfError for a naive time of day."""
    if moment.tz is None:
        if moment != moment.normalize():
            raise AsOfError(f"as_of {moment} is a time without a zone; write one, such as {moment.isoformat()}+05:30")
        return moment.as_unit("ns")
    return moment.tz_convert(market.zone).tz_localize(None).normalize().as_unit("ns")
