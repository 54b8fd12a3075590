"""``as_of``: up to when bars are known, the official close of a session or an instant."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import pandas as pd

from aegismatrix_engine.errors import AsOfError

if TYPE_CHECKING:
    from aegismatrix_engine.markets.market import Market

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)


@dataclass(frozen=True)
class AsOf:
    """Up to when bars are known; make one with ``of``.

    Attributes:
        moment: the naive date of a session for its official close, or the time with its zone for an instant.
    """

    moment: pd.Timestamp

    @classmethod
    def of(cls, moment: pd.Timestamp) -> Self:
        """A naive date as the official close of that session, a timestamp with a zone as an instant.

        Raises:
            AsOfError: a time of day without a zone.
        """
        if moment.tz is None and moment != moment.normalize():
            raise AsOfError(
                f"invalid as_of {moment}: expected a zone with the time, such as {moment.isoformat()}+05:30"
            )
        return cls(moment.as_unit("ns"))

    @property
    def is_instant(self) -> bool:
        """Whether it is an instant, within whose day a session may still be in progress."""
        return self.moment.tz is not None

    def day(self, market: "Market") -> pd.Timestamp:
        """Its naive date where the exchange is."""
        return exchange_day(self.moment, market) if self.is_instant else self.moment

    def __str__(self) -> str:
        return str(self.moment) if self.is_instant else f"{self.moment:%Y-%m-%d}"


def parse_as_of(text: str, market: "Market") -> AsOf:
    """A user's ``as_of``: 'YYYY-MM-DD' as that session's close, a timestamp as an instant.

    A timestamp without a zone is exchange time.

    Raises:
        AsOfError: anything else, or a time that the exchange's clocks skip or repeat.
    """
    written = text.strip()
    try:
        if _DATE.fullmatch(written):
            return AsOf.of(pd.Timestamp(written))
        if _TIMESTAMP.fullmatch(written):
            moment = pd.Timestamp(written).as_unit("ns")
            if moment.tz is not None:
                return AsOf(moment)
            local = moment.tz_localize(market.zone, ambiguous="NaT", nonexistent="NaT")
            if isinstance(local, pd.Timestamp):
                return AsOf(local)
    except ValueError:
        pass
    raise AsOfError(f"invalid --as-of {text[:40]!r}: expected YYYY-MM-DD or an ISO timestamp with a zone")


def exchange_day(instant: pd.Timestamp, market: "Market") -> pd.Timestamp:
    """The naive date of an instant, which has a zone, where the exchange is."""
    return instant.tz_convert(market.zone).tz_localize(None).normalize().as_unit("ns")
